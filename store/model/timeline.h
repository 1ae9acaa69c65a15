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
    bool disputed = false; ///< Two contents claim the same greatest version: this one may or may not be so.
};

using FactPtr = std::shared_ptr<const Fact>;

/// A patient's facts, by kind and code, each series sorted by (date, instant, key). Not by arrival: two timelines of
/// the same facts are equal. Disputed facts stand in it once for each content, marked.
class Timeline {
  public:
    using Series = std::vector<FactPtr>;
    using SeriesByCode = std::map<CodeId, Series>;

    void add(const FactPtr& fact);
    /// Removes every fact of that key; returns what was removed.
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

    [[nodiscard]] bool empty() const { return all_.empty() && patient_.empty(); }

  private:
    static const Series& find(const SeriesByCode& by_code, const CodeId& code);
    Series* series_of(const Event& event);

    SeriesByCode results_, supplies_, stops_, administrations_, conditions_, procedures_;
    Series patient_;
    Series all_;
    /// Hashes of every key ever added: a key that is new, as most are, is not looked for fact by fact.
    std::unordered_set<std::size_t> seen_;
};

} // namespace bonewatch::model
