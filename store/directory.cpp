#include "store/directory.h"

#include "store/directory_rows.h"
#include "store/keys.h"

#include <algorithm>
#include <tuple>

namespace bonewatch::store {

using namespace model;
using namespace directory_rows;

namespace {

constexpr char identifier_row = 'i', fact_row = 'f', weak_row = 'w', number_row = 'n', parts_row = 'g',
               strong_row = 's';
constexpr std::size_t cached_rows_max = 50'000;

std::string digest_key(char row, const ByteWriter& text) {
    return row + key_digest(row, text.bytes());
}

std::string identifier_key(std::string_view publisher, const PatientIdentifier& identifier) {
    ByteWriter text;
    text.text(publisher);
    write(text, identifier);
    return digest_key(identifier_row, text);
}

std::string weak_key(const PatientIdentifier& identifier) {
    ByteWriter text;
    write(text, identifier);
    return digest_key(weak_row, text);
}

std::string fact_key(char row, const FactKey& fact) {
    ByteWriter text;
    text.text(fact.publisher.text);
    text.text(fact.id.text);
    return digest_key(row, text);
}

std::string patients_row(const FactKey& fact, const std::vector<PatientNumber>& patients) {
    ByteWriter row;
    row.byte(row_format);
    row.text(fact.publisher.text);
    row.text(fact.id.text);
    row.varint(patients.size());
    for (const PatientNumber patient : patients)
        row.varint(patient.value);
    return row.take();
}

std::string strong_key(PatientNumber patient, const std::string& system) {
    ByteWriter out;
    out.byte(static_cast<std::uint8_t>(strong_row));
    out.fixed64(patient.value);
    out.text(system);
    return out.take();
}

} // namespace

Directory::Directory(const KeyValue& store, IdentityRules rules) : store_(store), rules_(std::move(rules)) {}

std::string Directory::digest_of(const PublisherId& publisher, const PatientIdentifier& identifier) const {
    const Scoped one = scoped(publisher, identifier);
    return identifier_key(one.publisher, one.identifier).substr(1);
}

Directory::Scoped Directory::scoped(const PublisherId& publisher, const PatientIdentifier& identifier) const {
    return {rules_.strong_systems.contains(identifier.system) ? std::string() : publisher.text, identifier};
}

Result<Routing> Directory::route(const Event& event, WriteBatch& batch) {
    if (event.key.publisher.empty())
        return fail(ErrorKind::unusable, "no_publisher", "an event needs a publisher: its ids count within one alone");
    if (event.patient == PatientIdentifier{} && std::holds_alternative<RetractionEvent>(event.body))
        return route_nameless(event);
    Rows rows;
    const auto named = resolve(event, rows);
    if (!named)
        return std::unexpected(named.error());
    const FactKey fact = fact_of(event);
    auto patients = named_by(fact);
    if (!patients)
        return std::unexpected(patients.error());
    if (patients->size() >= patients_of_a_fact_max && !std::ranges::binary_search(*patients, *named))
        return fail(ErrorKind::unusable, "id_reused",
                    std::to_string(patients->size()) +
                        " patients have had the fact of this id, and this is one more: " +
                        "an id stands for one fact, and its later versions");
    std::vector<PatientNumber> meant{*named};
    if (const auto* merge = std::get_if<MergeEvent>(&event.body)) {
        keep(rows, batch); // The other one may be as new, and takes the next number.
        const auto other = resolve(std::vector{scoped(event.key.publisher, merge->from)}, rows);
        if (!other)
            return std::unexpected(other.error());
        meant.push_back(*other);
        if (auto small = refuse_large_union(*named, *other); !small)
            return std::unexpected(small.error());
    }
    const PatientNumber from = meant.size() > 1 ? meant.back() : PatientNumber{};

    Routing routing{*named, std::move(*patients), false, from, !rules_.strong_systems.contains(event.patient.system)};
    const std::size_t known_count = routing.concerned.size();
    for (const PatientNumber one : meant)
        if (const auto at = std::ranges::lower_bound(routing.concerned, one);
            at == routing.concerned.end() || *at != one)
            routing.concerned.insert(at, one);
    if (routing.concerned.size() > known_count) {
        routing.is_newly_named = known_count > 0;
        rows.emplace(fact_key(fact_row, fact), patients_row(fact, routing.concerned));
        if (auto listed = list_wholes(fact, meant, rows); !listed)
            return std::unexpected(listed.error());
    }
    keep(rows, batch);
    return routing;
}

Result<void> Directory::refuse_large_union(PatientNumber one, PatientNumber other) const {
    if (canonical_of(one) == canonical_of(other))
        return {};
    std::size_t members = 0;
    for (const PatientNumber patient : {one, other}) {
        const auto joined = union_of(patient);
        if (!joined)
            return std::unexpected(joined.error());
        members += joined->members.size();
    }
    return members <= members_of_a_union_max
               ? Result<void>()
               : fail(ErrorKind::unusable, "union_too_large",
                      "it would make " + std::to_string(members) + " records one patient: no person has so many");
}

void Directory::keep(Rows& rows, WriteBatch& batch) {
    for (auto& [key, value] : rows) {
        batch.put(Table::directory, key, value);
        pending_.insert_or_assign(key, std::move(value));
    }
    rows.clear();
}

Result<Routing> Directory::route_nameless(const Event& event) const {
    auto patients = named_by(fact_of(event));
    if (!patients)
        return std::unexpected(patients.error());
    if (patients->empty())
        return fail(ErrorKind::unusable, "unknown_fact",
                    "it names no patient, and nobody is known who has the fact that it retracts");
    return Routing{PatientNumber{0}, std::move(*patients), false};
}

Result<bool> Directory::is_known(const FactKey& fact) const {
    const auto patients = named_by(fact);
    if (!patients)
        return std::unexpected(patients.error());
    return !patients->empty();
}

Result<std::vector<PatientNumber>> Directory::concerned_by(const Event& event) const {
    auto patients = named_by(fact_of(event));
    if (!patients || event.patient == PatientIdentifier{})
        return patients;
    const auto named = patient_of(scoped(event.key.publisher, event.patient));
    if (!named)
        return std::unexpected(named.error());
    if (!*named)
        return patients;
    const auto at = std::ranges::lower_bound(*patients, **named);
    if (at == patients->end() || *at != **named)
        patients->insert(at, **named);
    return patients;
}

Result<PatientNumber> Directory::resolve(const Event& event, Rows& rows) const {
    std::vector<Scoped> identifiers{scoped(event.key.publisher, event.patient)};
    if (const auto* person = std::get_if<PatientEvent>(&event.body)) {
        for (const PatientIdentifier& identifier : person->identifiers)
            identifiers.push_back(scoped(event.key.publisher, identifier));
        std::sort(identifiers.begin() + 1, identifiers.end());
        identifiers.erase(std::unique(identifiers.begin() + 1, identifiers.end()), identifiers.end());
    }
    return resolve(std::move(identifiers), rows);
}

Result<PatientNumber> Directory::resolve(const std::vector<Scoped>& identifiers, Rows& rows) const {
    std::vector<const Scoped*> unseen;
    std::optional<PatientNumber> known;
    std::string known_system;
    for (const Scoped& identifier : identifiers) {
        const auto patient = patient_of(identifier);
        if (!patient)
            return std::unexpected(patient.error());
        if (!*patient) {
            unseen.push_back(&identifier);
            continue;
        }
        if (known && canonical_of(**patient) != canonical_of(*known))
            return fail(ErrorKind::unusable, "identity_conflict",
                        "the identifiers of this event, of the systems '" + known_system + "' and '" +
                            identifier.identifier.system + "', stand for two different known patients");
        if (!known) {
            known = **patient;
            known_system = identifier.identifier.system;
        }
    }
    const bool is_new = !known;
    if (!known) {
        const auto last = last_number();
        if (!last)
            return std::unexpected(last.error());
        known = PatientNumber{*last + 1};
        ByteWriter row = begin_row();
        row.varint(known->value);
        rows.emplace(std::string(1, number_row), row.take());
    }
    for (const Scoped* identifier : unseen) {
        if (is_strong(*identifier))
            if (auto listed = list_strong(*known, *identifier, is_new, identifiers, rows); !listed)
                return std::unexpected(listed.error());
        if (auto linked = link(*known, *identifier, rows); !linked)
            return std::unexpected(linked.error());
    }
    return *known;
}

Result<void> Directory::list_strong(PatientNumber patient, const Scoped& identifier, bool is_new,
                                    const std::vector<Scoped>& named, Rows& rows) const {
    const std::string& system = identifier.identifier.system;
    const std::string key = strong_key(patient, system);
    std::vector<std::string> values;
    const auto pending = rows.find(key);
    const auto row = pending != rows.end() ? Result<std::optional<std::string>>(pending->second)
                     : is_new              ? std::nullopt
                                           : read(key);
    if (!row)
        return std::unexpected(row.error());
    if (*row) {
        ByteReader in = open_row(**row);
        for (std::size_t left = in.count(); left > 0; --left)
            values.emplace_back(in.text());
        if (in.failed() || !in.at_end())
            return damaged();
    }
    const auto is_named = [&](const std::string& value) {
        return std::ranges::find(named, Scoped{"", {system, value}}) != named.end();
    };
    if (!values.empty() && std::ranges::none_of(values, is_named))
        return fail(ErrorKind::unusable, "identity_conflict",
                    "the record is of a patient with another number of the system '" + system +
                        "', which this event does not name; where both are one person's, merge them");
    values.push_back(identifier.identifier.value);
    ByteWriter out = begin_row();
    out.varint(values.size());
    for (const std::string& value : values)
        out.text(value);
    rows.insert_or_assign(key, out.take());
    return {};
}

Result<void> Directory::link(PatientNumber patient, const Scoped& identifier, Rows& rows) const {
    ByteWriter row = begin_row();
    row.varint(patient.value);
    row.text(identifier.publisher);
    write(row, identifier.identifier);
    rows.insert_or_assign(identifier_key(identifier.publisher, identifier.identifier), row.take());
    if (!is_strong(identifier))
        return list_publisher(identifier, rows);
    return {};
}

Result<void> Directory::list_publisher(const Scoped& identifier, Rows& rows) const {
    auto publishers = publishers_of(identifier.identifier);
    if (!publishers)
        return std::unexpected(publishers.error());
    publishers->insert(std::ranges::lower_bound(*publishers, identifier.publisher), identifier.publisher);
    ByteWriter row = begin_row();
    write(row, identifier.identifier);
    row.varint(publishers->size());
    for (const std::string& publisher : *publishers)
        row.text(publisher);
    rows.insert_or_assign(weak_key(identifier.identifier), row.take());
    return {};
}

void Directory::committed() {
    for (auto& [key, value] : pending_)
        if (key.front() == identifier_row)
            remember(key, std::move(value));
    pending_.clear();
}

Result<std::vector<Bearer>> Directory::bearers_of(const PatientIdentifier& identifier) const {
    Result<std::vector<std::string>> publishers = std::vector<std::string>{""};
    if (!rules_.strong_systems.contains(identifier.system))
        publishers = publishers_of(identifier);
    if (!publishers)
        return std::unexpected(publishers.error());
    std::vector<Bearer> out;
    for (std::string& publisher : *publishers) {
        const auto patient = patient_of({publisher, identifier});
        if (!patient)
            return std::unexpected(patient.error());
        if (*patient)
            out.push_back({PublisherId(std::move(publisher)), **patient});
    }
    return out;
}

Result<std::optional<PatientNumber>> Directory::patient_of(const Scoped& identifier) const {
    const auto row = read(identifier_key(identifier.publisher, identifier.identifier));
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return std::nullopt;
    ByteReader in = open_row(**row);
    const PatientNumber patient{in.varint()};
    const std::string_view publisher = in.text();
    const PatientIdentifier text = read_identifier(in);
    if (in.failed() || !in.at_end())
        return damaged();
    if (publisher != identifier.publisher || text != identifier.identifier)
        return collided();
    return patient;
}

Result<std::optional<PatientNumber>> Directory::patient_of_digest(std::string_view digest) const {
    const auto row = read(identifier_row + std::string(digest));
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return std::nullopt;
    ByteReader in = open_row(**row);
    const PatientNumber patient{in.varint()};
    return in.failed() ? Result<std::optional<PatientNumber>>(damaged()) : std::optional(patient);
}

Result<std::vector<std::string>> Directory::publishers_of(const PatientIdentifier& weak) const {
    const auto row = read(weak_key(weak));
    if (!row)
        return std::unexpected(row.error());
    std::vector<std::string> publishers;
    if (!*row)
        return publishers;
    ByteReader in = open_row(**row);
    const PatientIdentifier text = read_identifier(in);
    for (std::size_t left = in.count(); left > 0; --left)
        publishers.emplace_back(in.text());
    if (in.failed() || !in.at_end())
        return damaged();
    if (text != weak)
        return collided();
    return publishers;
}

Result<void> Directory::list_wholes(const FactKey& part, std::span<const PatientNumber> named, Rows& rows) const {
    for (auto at = part.id.text.find('#'); at != std::string::npos; at = part.id.text.find('#', at + 1)) {
        const FactKey whole{part.publisher, FactId(part.id.text.substr(0, at))};
        auto patients = named_by_parts_of(whole);
        if (!patients)
            return std::unexpected(patients.error());
        const std::size_t known_count = patients->size();
        for (const PatientNumber patient : named)
            if (const auto place = std::ranges::lower_bound(*patients, patient);
                place == patients->end() || *place != patient)
                patients->insert(place, patient);
        if (patients->size() > known_count)
            rows.insert_or_assign(fact_key(parts_row, whole), patients_row(whole, *patients));
    }
    return {};
}

Result<std::vector<PatientNumber>> Directory::named_by_parts_of(const FactKey& whole) const {
    return listed_at(fact_key(parts_row, whole), whole);
}

Result<std::vector<PatientNumber>> Directory::named_by(const FactKey& fact) const {
    return listed_at(fact_key(fact_row, fact), fact);
}

Result<std::vector<PatientNumber>> Directory::listed_at(const std::string& key, const FactKey& fact) const {
    const auto row = read(key);
    if (!row)
        return std::unexpected(row.error());
    std::vector<PatientNumber> patients;
    if (!*row)
        return patients;
    ByteReader in = open_row(**row);
    const std::string_view publisher = in.text();
    const std::string_view id = in.text();
    for (std::size_t left = in.count(); left > 0; --left)
        patients.push_back({in.varint()});
    if (in.failed() || !in.at_end() || !std::ranges::is_sorted(patients))
        return damaged();
    if (publisher != fact.publisher.text || id != fact.id.text)
        return collided();
    return patients;
}

Result<std::uint64_t> Directory::last_number() const {
    const auto row = read(std::string(1, number_row));
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return 0;
    ByteReader in = open_row(**row);
    const std::uint64_t number = in.varint();
    if (in.failed() || !in.at_end())
        return damaged();
    return number;
}

Result<std::optional<std::string>> Directory::read(const std::string& key) const {
    for (const Rows* rows : {&pending_, static_cast<const Rows*>(&recent_), static_cast<const Rows*>(&older_)})
        if (const auto at = rows->find(key); at != rows->end())
            return at->second;
    auto row = store_.get(Table::directory, key);
    if (row && *row && key.front() == identifier_row)
        remember(key, **row);
    return row;
}

void Directory::remember(std::string key, std::string value) const {
    if (recent_.size() >= cached_rows_max) {
        older_ = std::move(recent_);
        recent_.clear();
    }
    recent_.insert_or_assign(std::move(key), std::move(value));
}

} // namespace bonewatch::store
