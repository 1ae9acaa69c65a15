#include "store/directory.h"
#include "store/directory_rows.h"
#include "store/keys.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bonewatch::store {

using namespace model;
using namespace directory_rows;

namespace {

constexpr char merges_row = 'm';

std::string merges_key(PatientNumber patient) {
    ByteWriter out;
    out.byte(static_cast<std::uint8_t>(merges_row));
    out.fixed64(patient.value);
    return out.take();
}

std::string row_of(PatientNumber canonical, const std::vector<StandingMerge>& merges) {
    ByteWriter row = begin_row();
    row.varint(canonical.value);
    row.varint(merges.size());
    for (const StandingMerge& merge : merges) {
        row.text(merge.key.publisher.text);
        row.text(merge.key.id.text);
        row.varint(merge.version.parts.size());
        for (const std::int64_t part : merge.version.parts)
            row.signed_varint(part);
        row.varint(merge.survivor.value);
        row.varint(merge.from.value);
        write(row, merge.survivor_as);
        write(row, merge.from_as);
    }
    return row.take();
}

StandingMerge read_merge(ByteReader& in) {
    StandingMerge merge;
    merge.key.publisher = PublisherId(std::string(in.text()));
    merge.key.id = FactId(std::string(in.text()));
    for (std::size_t left = in.count(); left > 0; --left)
        merge.version.parts.push_back(in.signed_varint());
    merge.survivor.value = in.varint();
    merge.from.value = in.varint();
    merge.survivor_as = read_identifier(in);
    merge.from_as = read_identifier(in);
    return merge;
}

} // namespace

Result<void> Directory::open() {
    const std::string own(1, merges_row);
    bool is_good = true;
    const auto scanned =
        store_.scan(Table::directory, own, after_prefix(own), [&](std::string_view key, std::string_view value) {
            ByteReader number(key.substr(1));
            ByteReader row = open_row(value);
            const std::uint64_t patient = number.fixed64();
            const std::uint64_t canonical = row.varint();
            is_good = !number.failed() && number.at_end();
            if (row.count() > 0)
                goes_on_in_[patient] = canonical;
            is_good = is_good && !row.failed();
            return is_good;
        });
    if (!scanned)
        return scanned;
    return is_good ? Result<void>() : damaged();
}

PatientNumber Directory::canonical_of(PatientNumber patient) const {
    const auto at = goes_on_in_.find(patient.value);
    return at == goes_on_in_.end() ? patient : PatientNumber{at->second};
}

std::uint64_t Directory::alias_count() const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(goes_on_in_, [](const auto& one) { return one.first != one.second; }));
}

Result<std::vector<StandingMerge>> Directory::merges_of(PatientNumber patient) const {
    std::vector<StandingMerge> merges;
    if (!is_merged(patient))
        return merges;
    const auto row = read(merges_key(patient));
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return merges;
    ByteReader in = open_row(**row);
    (void)in.varint();
    for (std::size_t left = in.count(); left > 0; --left)
        merges.push_back(read_merge(in));
    if (in.failed() || !in.at_end())
        return damaged();
    return merges;
}

Result<Union> Directory::union_of(PatientNumber patient) const {
    Union joined;
    std::map<FactKey, StandingMerge> merges;
    std::set<PatientNumber> members{patient};
    std::vector<PatientNumber> unasked{patient};
    while (!unasked.empty()) {
        const PatientNumber next = unasked.back();
        unasked.pop_back();
        auto found = merges_of(next);
        if (!found)
            return std::unexpected(found.error());
        for (StandingMerge& merge : *found) {
            for (const PatientNumber other : {merge.survivor, merge.from})
                if (members.insert(other).second)
                    unasked.push_back(other);
            merges.emplace(merge.key, std::move(merge));
        }
    }
    joined.members.assign(members.begin(), members.end());
    for (auto& [key, merge] : merges)
        joined.merges.push_back(std::move(merge));
    joined.canonical = canonical_in(joined);
    return joined;
}

/// Whom no merge merges away; of several, and in a circle, whose least name is least: numbers depend on who came first.
PatientNumber Directory::canonical_in(const Union& joined) const {
    std::set<PatientNumber> merged_away;
    std::map<PatientNumber, Scoped> names;
    const auto name = [&](PatientNumber patient, Scoped identifier) {
        const auto [at, is_new] = names.emplace(patient, identifier);
        if (!is_new)
            at->second = std::min(at->second, std::move(identifier));
    };
    for (const StandingMerge& merge : joined.merges) {
        merged_away.insert(merge.from);
        name(merge.survivor, scoped(merge.key.publisher, merge.survivor_as));
        name(merge.from, scoped(merge.key.publisher, merge.from_as));
    }
    return *std::ranges::min_element(joined.members, {}, [&](PatientNumber patient) {
        const auto named = names.find(patient);
        return std::pair(merged_away.contains(patient), named == names.end() ? Scoped{} : named->second);
    });
}

Result<std::vector<Union>> Directory::unions_of(const std::set<PatientNumber>& patients) const {
    std::vector<Union> out;
    std::set<PatientNumber> seen;
    for (const PatientNumber patient : patients) {
        if (seen.contains(patient))
            continue;
        auto joined = union_of(patient);
        if (!joined)
            return std::unexpected(joined.error());
        seen.insert(joined->members.begin(), joined->members.end());
        out.push_back(std::move(*joined));
    }
    return out;
}

Result<std::optional<StandingMerge>> Directory::merge_of(const FactKey& key) const {
    if (goes_on_in_.empty())
        return std::nullopt;
    const auto concerned = named_by(key);
    if (!concerned)
        return std::unexpected(concerned.error());
    for (const PatientNumber patient : *concerned) {
        const auto merges = merges_of(patient);
        if (!merges)
            return std::unexpected(merges.error());
        if (const auto at = std::ranges::find(*merges, key, &StandingMerge::key); at != merges->end())
            return *at;
    }
    return std::nullopt;
}

Result<std::vector<Union>> Directory::set_merge(const FactKey& key, const Event* standing, WriteBatch& batch) {
    const auto before = merge_of(key);
    if (!before)
        return std::unexpected(before.error());
    std::optional<StandingMerge> after;
    if (standing != nullptr) {
        const PatientIdentifier& from_as = std::get<MergeEvent>(standing->body).from;
        const auto survivor = patient_of(scoped(key.publisher, standing->patient));
        const auto from = patient_of(scoped(key.publisher, from_as));
        if (!survivor || !from)
            return std::unexpected(!survivor ? survivor.error() : from.error());
        if (*survivor && *from && **survivor != **from)
            after = StandingMerge{key, standing->version, **survivor, **from, standing->patient, from_as};
    }
    if (*before == after)
        return std::vector<Union>{};

    std::set<PatientNumber> ends;
    for (const auto& merge : {*before, after})
        if (merge)
            ends.insert({merge->survivor, merge->from});
    auto unions = unions_of(ends);
    if (!unions)
        return std::unexpected(unions.error());
    std::set<PatientNumber> members;
    for (const Union& joined : *unions)
        members.insert(joined.members.begin(), joined.members.end());

    std::map<PatientNumber, std::vector<StandingMerge>> merges;
    for (const PatientNumber member : members) {
        auto known = merges_of(member);
        if (!known)
            return std::unexpected(known.error());
        std::erase_if(*known, [&](const StandingMerge& merge) { return merge.key == key; });
        if (after && (after->survivor == member || after->from == member))
            known->insert(std::ranges::lower_bound(*known, key, {}, &StandingMerge::key), *after);
        merges.emplace(member, std::move(*known));
    }
    // Written twice: who goes on in whom follows from what was written.
    Rows rows;
    for (const auto& [member, known] : merges) {
        goes_on_in_[member.value] = member.value;
        rows.emplace(merges_key(member), row_of(member, known));
    }
    keep(rows, batch);
    const auto joined = unions_of(members);
    if (!joined)
        return std::unexpected(joined.error());
    for (const Union& one : *joined)
        for (const PatientNumber member : one.members) {
            rows.emplace(merges_key(member), row_of(one.canonical, merges.at(member)));
            if (one.merges.empty())
                goes_on_in_.erase(member.value);
            else
                goes_on_in_[member.value] = one.canonical.value;
        }
    keep(rows, batch);
    return unions;
}

} // namespace bonewatch::store
