#include "daemon/alert_list.h"

#include "config/nearest.h"
#include "daemon/patient_name.h"
#include "daemon/waiting.h"
#include "store/keys.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <queue>
#include <set>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;
using store::Table;

/// Where an alert stands in the list.
struct Place {
    int rank = 0; ///< 0 is the most urgent.
    std::int64_t opened_ms = 0;
    std::uint8_t partition = 0;
    std::uint64_t patient = 0;
    std::string monitor;
    std::uint32_t ordinal = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

struct Row {
    Place place;
    std::uint64_t entry = 0;  ///< Position in the feed,
    store::Partition said_in; ///< of this partition: another one than the patient's, where a merge has moved the alert.
    bool is_open = false;
    friend bool operator<(const Row& a, const Row& b) { return a.place < b.place; }
};

Place place_of(const store::AlertKey& key, const alerts::Alert& alert) {
    return {static_cast<int>(alerts::Severity::urgent) - static_cast<int>(alert.severity),
            alert.opened.time_since_epoch().count(),
            key.partition.index,
            key.patient.value,
            key.monitor.text,
            key.ordinal};
}

/// `RANK.OPENED.PARTITION.PATIENT.ORDINAL.MONITOR`.
std::string to_text(const Place& place) {
    std::string out = std::to_string(place.rank);
    for (const auto& number : {std::to_string(place.opened_ms), std::to_string(place.partition),
                               std::to_string(place.patient), std::to_string(place.ordinal)})
        out += "." + number;
    return out + "." + place.monitor;
}

template <typename Number>
bool take_number(std::string_view& text, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc() || end == text.data() + text.size() || *end != '.')
        return false;
    text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
    return true;
}

Result<std::optional<Place>> place_in(const model::Meta& args) {
    const auto given = model::text_in(args, "after");
    if (!given)
        return std::nullopt;
    Place place;
    std::string_view text = *given;
    if (!take_number(text, place.rank) || !take_number(text, place.opened_ms) || !take_number(text, place.partition) ||
        !take_number(text, place.patient) || !take_number(text, place.ordinal))
        return fail(ErrorKind::malformed, "bad_after", "'after' is the 'next' of an earlier answer", "after");
    place.monitor = text;
    return place;
}

/// Which alerts are meant, and in which part of the table they stand.
struct Wanted {
    std::optional<std::string> id, monitor;
    bool is_all = false;
    std::string from, to;

    [[nodiscard]] bool is_met(const store::AlertKey& key, const alerts::Alert& alert) const {
        return alert.entry != 0 && (!id || alert.id == *id) && (!monitor || key.monitor.text == *monitor) &&
               (is_all || alert.state == alerts::AlertState::open);
    }
    void only(model::PatientNumber patient) {
        from = store::patient_key(store::partition_of(patient), patient);
        to = store::after_prefix(from);
    }
};

Result<void> check_monitor(const Core& core, const std::string& id) {
    std::vector<std::string> known;
    for (const monitors::Monitor& monitor : core.revision().catalogue->monitors())
        known.push_back(monitor.id.text);
    if (std::ranges::find(known, id) != known.end())
        return {};
    return fail(ErrorKind::malformed, "unknown_monitor", "no monitor '" + id + "'" + config::did_you_mean(id, known),
                "monitor");
}

Result<Wanted> wanted_in(const Core& core, const model::Meta& args) {
    Wanted wanted{model::text_in(args, "id"), model::text_in(args, "monitor"), false, {}, {}};
    const std::string state = model::text_in(args, "state").value_or("open");
    if (state != "open" && state != "all")
        return fail(ErrorKind::malformed, "bad_state", "'state' is open or all", "state");
    wanted.is_all = wanted.id || state == "all";
    if (wanted.monitor)
        if (auto known = check_monitor(core, *wanted.monitor); !known)
            return std::unexpected(known.error());
    if (wanted.id) {
        const auto owner = core.owner_of_alert(*wanted.id);
        if (!owner)
            return std::unexpected(owner.error());
        wanted.only(*owner);
    }
    if (const auto text = model::text_in(args, "patient")) {
        const auto patient = find_patient(core.directory(), *text, model::text_in(args, "publisher").value_or(""));
        if (!patient)
            return std::unexpected(patient.error());
        wanted.only(core.directory().canonical_of(*patient));
    }
    return wanted;
}

/// The first rows of the list behind `after`; one more than a page holds, so that it is seen whether any follow.
Result<std::vector<Row>> first_rows(const Core& core, const Wanted& wanted, const std::optional<Place>& after,
                                    std::size_t rows_max, std::uint64_t& total) {
    std::priority_queue<Row> rows;
    auto scanned =
        core.store().scan(Table::alerts, wanted.from, wanted.to, [&](std::string_view key, std::string_view value) {
            const auto parsed = store::parse_alert_key(key);
            const auto alert = alerts::decode_alert(value);
            if (!parsed || !alert || !wanted.is_met(*parsed, *alert))
                return true;
            ++total;
            Row row{place_of(*parsed, *alert), alert->entry,
                    alert->told_of.value == 0 ? parsed->partition : store::partition_of(alert->told_of),
                    alert->state == alerts::AlertState::open};
            if (after && row.place <= *after)
                return true;
            rows.push(std::move(row));
            if (rows.size() > rows_max)
                rows.pop();
            return true;
        });
    if (!scanned)
        return std::unexpected(scanned.error());
    std::vector<Row> out;
    for (; !rows.empty(); rows.pop())
        out.push_back(rows.top());
    std::ranges::reverse(out);
    return out;
}

} // namespace

namespace {

/// So many rows of quarantine are looked at to find whose they are, before patients are read for it.
constexpr std::size_t waiting_rows_max = 5000;

/// What waits in quarantine of the patients of a page, read once for each of them.
class Waiting {
  public:
    explicit Waiting(const Core& core) : core_(core) {}

    /// Call once, first.
    Result<void> open() {
        const auto digests = core_.shelf().patients_waiting(waiting_rows_max);
        if (!digests)
            return std::unexpected(digests.error());
        if (!*digests)
            return {};
        patients_.emplace();
        for (const std::string& digest : **digests) {
            const auto patient = core_.directory().patient_of_digest(digest);
            if (!patient)
                return std::unexpected(patient.error());
            if (*patient)
                patients_->insert(core_.directory().canonical_of(**patient).value);
        }
        return {};
    }

    /// What of it could concern the alert's monitor. As the shelf is now: newer than what the feed says.
    Result<std::vector<std::string>> texts_of(const Place& alert) {
        if (patients_ && !patients_->contains(alert.patient))
            return std::vector<std::string>();
        auto at = by_patient_.find(alert.patient);
        if (at == by_patient_.end()) {
            const auto patient = core_.read_patient(model::PatientNumber{alert.patient});
            if (!patient)
                return std::unexpected(patient.error());
            auto facts = *patient == nullptr ? Result<WaitingFacts>() : waiting_facts(core_, **patient);
            if (!facts)
                return std::unexpected(facts.error());
            at = by_patient_.emplace(alert.patient, std::move(*facts)).first;
        }
        const Revision& revision = core_.revision();
        const auto monitor = revision.catalogue->find(model::MonitorId(alert.monitor));
        return monitor ? waiting_texts(at->second, revision, *monitor) : std::vector<std::string>();
    }

  private:
    const Core& core_;
    std::optional<std::set<std::uint64_t>> patients_; ///< Of whom something waits; nothing where too much does.
    std::map<std::uint64_t, WaitingFacts> by_patient_;
};

} // namespace

Result<QueryAnswer> list_alerts(Core& core, const model::Meta& args) {
    const auto page = page_in(args);
    const auto after = place_in(args);
    const auto wanted = wanted_in(core, args);
    if (!page || !after || !wanted)
        return std::unexpected(!page ? page.error() : !after ? after.error() : wanted.error());
    std::uint64_t total = 0;
    const auto rows = first_rows(core, *wanted, *after, page->rows_max + 1, total);
    if (!rows)
        return std::unexpected(rows.error());
    if (wanted->id && rows->empty())
        return fail(ErrorKind::not_found, "no_alert", "no such alert has the id " + *wanted->id);

    QueryAnswer out;
    Waiting waiting(core);
    if (auto ok = waiting.open(); !ok)
        return std::unexpected(ok.error());
    std::size_t bytes = 0;
    std::size_t given = 0;
    for (; given < std::min(rows->size(), page->rows_max) && bytes < page->bytes_max; ++given) {
        const Row& row = (*rows)[given];
        // The feed entry that last said something of an alert is the alert as it now stands.
        auto entry = core.store().get(Table::feed, store::position_key(row.said_in, row.entry));
        if (!entry)
            return std::unexpected(entry.error());
        out.bodies.push_back(entry->value_or("{}"));
        if (row.is_open) {
            const auto texts = waiting.texts_of(row.place);
            if (!texts)
                return std::unexpected(texts.error());
            out.bodies.back() = with_waiting(std::move(out.bodies.back()), *texts);
        }
        bytes += out.bodies.back().size();
    }
    model::JsonWriter meta;
    meta.begin_object();
    meta.number("total", static_cast<std::int64_t>(total));
    if (given < rows->size())
        meta.text("next", to_text((*rows)[given - 1].place));
    meta.end_object();
    out.meta = meta.take();
    return out;
}

} // namespace bonewatch::daemon
