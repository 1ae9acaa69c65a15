#pragma once

#include "store/model/event.h"

#include <map>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

namespace bonewatch::model {

/// One fact of a patient as it stands today: the content of its greatest version.
struct Fact {
    Event event;
    /// Two contents claim the same greatest version: this one may or may not be so. Or an order that only such facts
    /// fulfil.
    bool disputed = false;
};

using FactPtr = std::shared_ptr<const Fact>;

/// A patient's facts, by kind and code, each series sorted by (date, instant, key). Not by arrival: two timelines of
/// the same facts are equal. Disputed facts stand in it once for each content, marked.
///
/// An order counts nothing while another fact of its kind and publisher fulfils it, whatever their dates: it stands in
/// `all` and `set_aside`, not in its own series. Where only disputed facts fulfil it, it is disputed.
class Timeline {
  public:
    using Series = std::vector<FactPtr>;
    using SeriesByCode = std::map<CodeId, Series>;

    /// Adds a fact. Returns the orders that count otherwise now, as they counted before.
    Series add(const FactPtr& fact);
    /// Removes every fact of that key. Returns what was removed, and the orders that count otherwise now.
    Series remove(const FactKey& key);

    [[nodiscard]] const Series& results(const CodeId& analyte) const { return find(results_, analyte); }
    [[nodiscard]] const Series& supplies(const CodeId& drug) const { return find(supplies_, drug); }
    [[nodiscard]] const Series& stops(const CodeId& drug) const { return find(stops_, drug); }
    [[nodiscard]] const Series& administrations(const CodeId& drug) const { return find(administrations_, drug); }
    [[nodiscard]] const Series& conditions(const CodeId& code) const { return find(conditions_, code); }
    [[nodiscard]] const Series& procedures(const CodeId& code) const { return find(procedures_, code); }
    /// What is said of the person: one for each publisher's identifier, sorted by key.
    [[nodiscard]] const Series& patient() const { return patient_; }
    /// Every fact, sorted by (instant, date, key): the order in which clinical time meets them.
    [[nodiscard]] const Series& all() const { return all_; }
    /// The orders that count nothing, sorted as `all`.
    [[nodiscard]] const Series& set_aside() const { return set_aside_; }
    /// What fulfils the order of that key, disputed or not; empty where nothing does.
    [[nodiscard]] const Series& fulfilling(const FactKey& order) const;

    /// Whether the date of any fact is known only in part.
    [[nodiscard]] bool has_partial_dates() const { return partial_dates_ > 0; }
    [[nodiscard]] bool empty() const { return all_.empty() && patient_.empty(); }

  private:
    enum class Weight : unsigned char { whole, disputed, nothing };
    /// An order that some fact here names; the order itself may not be here.
    struct Order {
        Series published; ///< As added.
        Series fulfilling;
    };

    static Weight weight_of(const Fact& order, const Series& fulfilling);
    void place(const FactPtr& fact, Weight weight);
    Series displace(const FactKey& key);
    /// Gives an order what fulfils it now, and places it anew where it counts otherwise; appends how it counted.
    void fulfil(const FactKey& key, const FactPtr& by, bool is_added, Series& changed);

    static const Series& find(const SeriesByCode& by_code, const CodeId& code);
    Series* series_of(const Event& event);

    SeriesByCode results_, supplies_, stops_, administrations_, conditions_, procedures_;
    Series patient_;
    Series all_;
    Series set_aside_;
    std::size_t partial_dates_ = 0; ///< In `all_`.
    std::map<FactKey, Order> orders_;
    /// Hashes of every key ever added: a key that is new, as most are, is not looked for fact by fact.
    std::unordered_set<std::size_t> seen_;
};

} // namespace bonewatch::model
