#include "daemon/waiting.h"

#include "monitors/phrases.h"
#include "store/model/ensure.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace bonewatch::daemon {

namespace {

using model::Result;

/// So many rows of one patient are read; of a broken feed there may be any number.
constexpr std::size_t rows_read_max = 200;
/// So many are named to one monitor.
constexpr std::size_t facts_named_max = 3;

constexpr std::array<std::pair<std::string_view, std::string_view>, 39> words{{
    {"ambiguous_id", "two messages have its number"},
    {"bad_basis", "how its days are known is not understood"},
    {"bad_code", "its code is misspelt"},
    {"bad_comparator", "its value cannot be read"},
    {"bad_days", "how many days it lasts cannot be read"},
    {"bad_field", "something in it cannot be read"},
    {"bad_number", "its value cannot be read"},
    {"bad_sex", "the sex it states is not understood"},
    {"bad_status", "its status is not understood"},
    {"bad_time", "its date cannot be"},
    {"combination_product", "it is a combination of drugs"},
    {"contradictory_codes", "its codes contradict each other"},
    {"contradictory_units", "its units contradict each other"},
    {"id_reused", "its number was given to many patients"},
    {"identity_conflict", "its identifiers are those of two patients"},
    {"impossible_value", "its value is impossible"},
    {"missing_days", "how many days it lasts is missing"},
    {"missing_id", "its number is missing"},
    {"missing_medication", "its drug is missing"},
    {"missing_range", "its reference range is missing"},
    {"missing_stop_date", "when it was stopped is missing"},
    {"missing_time", "its date is missing"},
    {"missing_unit", "its unit is missing"},
    {"missing_value", "its value is missing"},
    {"modifier_extension", "something beside it may change its meaning"},
    {"not_supported_yet", "its kind of message is not supported yet"},
    {"status_unknown", "its status does not say whether it counts"},
    {"too_early", "its date is too long ago"},
    {"too_far_ahead", "its date lies too far ahead"},
    {"unclear_product", "its drug is not clear"},
    {"union_too_large", "it would make too many records one patient"},
    {"unknown_code", "its code is not known"},
    {"unknown_fact", "what it is said of is not known"},
    {"unknown_route", "its route is not known"},
    {"unknown_unit", "its unit is not known"},
    {"unknown_zone", "its time zone is not known"},
    {"unresolved_reference", "what it refers to is missing"},
    {"unusable_dose", "its dose cannot be read"},
    {"unusable_value", "its value cannot be read"},
}};

/// The identifiers that the patient's facts were published with, as the shelf keys them.
std::set<std::string> digests_of(const Core& core, const PatientState& patient) {
    std::set<std::string> digests;
    const auto add = [&](const model::FactPtr& fact) {
        const model::PublisherId& publisher = fact->event.key.publisher;
        digests.insert(core.directory().digest_of(publisher, fact->event.patient));
        if (const auto* person = std::get_if<model::PatientEvent>(&fact->event.body))
            for (const model::PatientIdentifier& identifier : person->identifiers)
                digests.insert(core.directory().digest_of(publisher, identifier));
    };
    std::ranges::for_each(patient.watch.timeline().patient(), add);
    std::ranges::for_each(patient.watch.timeline().all(), add);
    return digests;
}

/// `alendronic acid of 2026-02-01`.
std::string name_of(const WaitingFact& fact, const config::Vocabulary& vocabulary) {
    return monitors::title_of(vocabulary, fact.code) + (fact.date.empty() ? " without a date" : " of " + fact.date);
}

/// `its unit is missing`; of several reasons each with its number, the commonest first.
std::string reasons_text(const std::vector<const WaitingFact*>& facts) {
    std::vector<std::pair<std::string, int>> counted;
    for (const WaitingFact* fact : facts) {
        const std::string text = reason_in_words(fact->reason);
        auto at = std::ranges::find(counted, text, &std::pair<std::string, int>::first);
        if (at == counted.end())
            at = counted.insert(counted.end(), {text, 0});
        ++at->second;
    }
    if (counted.size() == 1)
        return counted.front().first;
    std::ranges::stable_sort(counted, std::greater{}, &std::pair<std::string, int>::second);
    std::string out;
    for (const auto& [text, count] : counted)
        out += (out.empty() ? "" : ", ") + text + ": " + std::to_string(count);
    return out;
}

} // namespace

Result<WaitingFacts> waiting_facts(const Core& core, const PatientState& patient) {
    std::set<std::uint64_t> numbers;
    for (const std::string& digest : digests_of(core, patient)) {
        const auto waiting = core.shelf().waiting_of_patient(digest);
        if (!waiting)
            return std::unexpected(waiting.error());
        numbers.insert(waiting->begin(), waiting->end());
    }
    WaitingFacts out;
    // The last that came tell most.
    if (numbers.size() > rows_read_max)
        out.more = numbers.size() - rows_read_max;
    for (auto number = std::next(numbers.begin(), static_cast<std::ptrdiff_t>(out.more)); number != numbers.end();
         ++number) {
        const auto row = core.shelf().row(*number);
        if (!row)
            return std::unexpected(row.error());
        ENSURE(row->has_value(), "what waits has a row");
        out.facts.push_back({*number, model::CodeId((*row)->code), (*row)->date, (*row)->reason});
    }
    return out;
}

std::string reason_in_words(std::string_view reason) {
    const auto* const found = std::ranges::find(words, reason, &std::pair<std::string_view, std::string_view>::first);
    if (found != words.end())
        return std::string(found->second);
    std::string out(reason);
    std::ranges::replace(out, '_', ' ');
    return out;
}

std::vector<std::string> waiting_texts(const WaitingFacts& waiting, const Revision& revision, std::size_t monitor) {
    std::vector<const WaitingFact*> named, nameless;
    for (const WaitingFact& fact : waiting.facts) {
        const auto& woken = revision.catalogue->woken_by(fact.code);
        if (fact.code.empty())
            nameless.push_back(&fact);
        else if (std::ranges::binary_search(woken, monitor))
            named.push_back(&fact);
    }
    std::ranges::stable_sort(named, std::greater{}, [](const WaitingFact* fact) { return fact->date; });
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(named.size(), facts_named_max); ++i)
        out.push_back(name_of(*named[i], revision.vocabulary) + " (" + reason_in_words(named[i]->reason) + ")");
    if (named.size() > facts_named_max) {
        named.erase(named.begin(), named.begin() + facts_named_max);
        out.push_back(std::to_string(named.size()) + " more (" + reasons_text(named) + ")");
    }
    if (!nameless.empty())
        out.push_back(std::to_string(nameless.size()) + " of which it is not known what " +
                      (nameless.size() == 1 ? "it is (" : "they are (") + reasons_text(nameless) + ")");
    if (waiting.more > 0)
        out.push_back(std::to_string(waiting.more) + " older ones that were not looked at");
    return out;
}

std::string with_waiting(std::string entry, const std::vector<std::string>& texts) {
    if (texts.empty() || !entry.ends_with('}'))
        return entry;
    model::JsonWriter json;
    json.begin_object();
    json.begin_array("waiting");
    for (const std::string& text : texts)
        json.text(text);
    json.end_array();
    json.end_object();
    entry.back() = ',';
    return entry + json.take().substr(1);
}

} // namespace bonewatch::daemon
