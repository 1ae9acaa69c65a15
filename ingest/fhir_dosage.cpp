#include "ingest/fhir_dosage.h"

#include "ingest/route_name.h"
#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Dose;
using model::Rational;
using model::Result;
using model::Route;

/// HL7's short codes for a rhythm (TimingAbbreviation).
std::optional<Rational> per_day_of_code(std::string_view code) {
    static const std::array<std::pair<std::string_view, Rational>, 11> known{{{"QD", 1},
                                                                              {"BID", 2},
                                                                              {"TID", 3},
                                                                              {"QID", 4},
                                                                              {"QOD", {1, 2}},
                                                                              {"AM", 1},
                                                                              {"PM", 1},
                                                                              {"BED", 1},
                                                                              {"WK", {1, 7}},
                                                                              {"Q4H", 6},
                                                                              {"Q6H", 4}}};
    for (const auto& [each, rhythm] : known)
        if (each == code)
            return rhythm;
    return std::nullopt;
}

/// A positive number of the repeat; nothing where there is none.
std::optional<Rational> number_in(const Json& repeat, std::string_view key) {
    const Json* value = repeat.find(key);
    if (value == nullptr || !value->is_number())
        return std::nullopt;
    const auto read = read_number(value->text);
    return read && read->value > Rational(0) ? std::optional(read->value) : std::nullopt;
}

/// The same every `span` days: `times` of them, or as often as times of the day are named. Days of the week say on
/// which days of a span of one day, and which days a span of weeks means.
std::optional<Rational> per_day_of_period(const Json& repeat, const Rational& span, Warnings& warnings) {
    const auto differs = [&] {
        warnings.emplace_back("dose_varies: how often, and when, do not agree");
        return std::nullopt;
    };
    const auto at_times =
        static_cast<std::int64_t>(repeat.items_of("when").size() + repeat.items_of("timeOfDay").size());
    const auto on_days = static_cast<std::int64_t>(repeat.items_of("dayOfWeek").size());
    const auto frequency = number_in(repeat, "frequency");
    if (repeat.find("frequency") != nullptr && !frequency)
        return std::nullopt;
    const bool is_within_days = span <= Rational(1);
    const bool is_other_times = frequency && at_times > 1 && span == Rational(1) && *frequency != Rational(at_times);
    const bool is_other_days = frequency && on_days > 0 && !is_within_days && *frequency != Rational(on_days);
    if (is_other_times || is_other_days)
        return differs();
    const auto named = std::max<std::int64_t>(1, at_times) * (is_within_days ? 1 : std::max<std::int64_t>(1, on_days));
    const auto times = frequency.value_or(Rational(named));
    if (!span.within_bounds() || !times.within_bounds())
        return std::nullopt;
    auto rhythm = Rational::checked_product(times, Rational(span.denominator(), span.numerator()));
    if (rhythm && on_days > 0 && is_within_days)
        rhythm = Rational::checked_product(*rhythm, Rational(on_days, 7));
    return rhythm && rhythm->within_bounds() ? rhythm : std::nullopt;
}

/// How often a day the repeat of a timing says; nothing where it does not.
std::optional<Rational> per_day_of_repeat(const Json& repeat, Warnings& warnings) {
    const auto at_times = repeat.items_of("when").size() + repeat.items_of("timeOfDay").size();
    const auto on_days = repeat.items_of("dayOfWeek").size();
    if (const auto period = number_in(repeat, "period")) {
        const auto unit = days_in(repeat.text_of("periodUnit"));
        const auto span = unit ? Rational::checked_product(*period, *unit) : std::nullopt;
        return span ? per_day_of_period(repeat, *span, warnings) : std::nullopt;
    }
    if (repeat.find("frequency") != nullptr)
        return std::nullopt;
    if (on_days > 0)
        return Rational(static_cast<std::int64_t>(on_days * std::max<std::size_t>(at_times, 1)), 7);
    return at_times > 0 ? std::optional(Rational(static_cast<std::int64_t>(at_times))) : std::nullopt;
}

/// How often a day a timing says; nothing where it does not. Its code and its repeat are each a complete statement:
/// where they differ, neither is taken.
std::optional<Rational> per_day_of(const Json& timing, Warnings& warnings) {
    const auto by_code = per_day_of_code(concept_code(timing.find("code")));
    const Json* repeat = timing.find("repeat");
    if (repeat == nullptr)
        return by_code;
    if (repeat->find("frequencyMax") != nullptr || repeat->find("periodMax") != nullptr) {
        warnings.emplace_back("dose_varies: how often is stated as a range");
        return std::nullopt;
    }
    const auto warned = warnings.size();
    const auto by_repeat = per_day_of_repeat(*repeat, warnings);
    if (by_code && by_repeat && *by_code != *by_repeat) {
        warnings.emplace_back("dose_varies: how often is stated in two ways that do not agree");
        return std::nullopt;
    }
    return by_repeat || warnings.size() > warned ? by_repeat : by_code;
}

Result<std::optional<Dose>> single_dose_of(const FhirResource& resource, const Json& dosage, std::string_view element,
                                           Warnings& warnings) {
    const auto& amounts = dosage.items_of("doseAndRate");
    if (amounts.size() != 1)
        return std::nullopt;
    if (amounts.front().value.find("doseRange") != nullptr)
        warnings.emplace_back("dose_varies: the dose is stated as a range");
    auto quantity = read_quantity(amounts.front().value.find("doseQuantity"), warnings);
    if (!quantity)
        return unusable(resource, std::string(element) + "[0].doseAndRate[0].doseQuantity" + quantity.error().place,
                        "bad_number", quantity.error().message);
    if (!*quantity)
        return std::nullopt;
    const auto dose = dose_of(**quantity);
    if (!dose)
        warnings.emplace_back("dose_unit_unknown: the dose is counted in '" +
                              std::string((*quantity)->unit.substr(0, 40)) + "', which no strength is stated in");
    return dose;
}

} // namespace

std::optional<Dose> dose_of(const FhirQuantity& quantity) {
    return dose_in(quantity.value, quantity.code.empty() ? quantity.unit : quantity.code, quantity.unit);
}

Result<std::optional<Route>> read_route(const FhirResource& resource, const Json* concept_, std::string_view element) {
    if (concept_ == nullptr)
        return std::nullopt;
    // SNOMED CT codes of routes that were seen with their names in HL7's R4 examples.
    static constexpr std::array<std::pair<std::string_view, Route>, 7> codes{{{"26643006", Route::oral},
                                                                              {"260548002", Route::oral},
                                                                              {"47625008", Route::intravenous},
                                                                              {"255560000", Route::intravenous},
                                                                              {"263887005", Route::subcutaneous},
                                                                              {"359540000", Route::topical},
                                                                              {"54485002", Route::ophthalmic}}};
    for (const auto& [key, coding] : concept_->items_of("coding"))
        if (coding.text_of("system") == "http://snomed.info/sct")
            for (const auto& [code, route] : codes)
                if (code == coding.text_of("code"))
                    return route;
    if (const auto route = route_of_words(concept_->text_of("text")))
        return *route;
    for (const auto& [key, coding] : concept_->items_of("coding"))
        for (const std::string_view part : {"display", "code"})
            if (const auto route = route_of_words(coding.text_of(part)))
                return *route;
    return unusable(resource, element, "unknown_route", "the route '" + concept_name(concept_) + "' is not known");
}

Result<Dosage> read_dosage(const FhirResource& resource, std::string_view element, Warnings& warnings) {
    Dosage out;
    const auto& entries = resource.json.items_of(element);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string place = std::string(element) + "[" + std::to_string(i) + "].route";
        auto route = read_route(resource, entries[i].value.find("route"), place);
        if (!route)
            return std::unexpected(std::move(route.error()));
        if (*route && out.route && **route != *out.route)
            return unusable(resource, place, "unknown_route", "its dosages name different routes");
        if (*route)
            out.route = *route;
    }
    if (entries.size() > 1)
        warnings.emplace_back("several_dosages: the dose changes or is split; no daily dose is taken from it");
    if (entries.size() != 1)
        return out;
    const Json& dosage = entries.front().value;
    const Json* needed = dosage.find("asNeededBoolean");
    out.is_as_needed =
        (needed != nullptr && needed->text == "true") || dosage.find("asNeededCodeableConcept") != nullptr;
    auto single = single_dose_of(resource, dosage, element, warnings);
    if (!single)
        return std::unexpected(std::move(single.error()));
    out.single = *single;
    if (const Json* timing = dosage.find("timing"))
        out.per_day = per_day_of(*timing, warnings);
    return out;
}

Result<std::optional<std::int32_t>> read_days(const FhirResource& resource, const Json* duration,
                                              std::string_view element, Warnings& warnings) {
    const auto quantity = read_quantity(duration, warnings);
    if (!quantity)
        return unusable(resource, std::string(element) + quantity.error().place, "bad_days", quantity.error().message);
    if (!*quantity)
        return std::nullopt;
    const auto& [value, comparator, words, code] = **quantity;
    auto unit_days = code.empty() && words.empty() ? std::optional(Rational(1)) : days_in(code);
    // Its code may be another system's; the words beside it are known all the same.
    if (!unit_days)
        unit_days = days_in(words.starts_with('{') && words.ends_with('}') ? words.substr(1, words.size() - 2) : words);
    const auto days = unit_days ? Rational::checked_product(value, *unit_days) : std::nullopt;
    if (!days || *days <= Rational(0) || *days > Rational(3660))
        return unusable(resource, element, "bad_days", "it must be a duration of 1 to 3660 days");
    return static_cast<std::int32_t>(std::max<std::int64_t>(1, days->numerator() / days->denominator()));
}

Result<Bounds> read_bounds(const FhirResource& resource, std::string_view element, Warnings& warnings) {
    Bounds out;
    const auto& entries = resource.json.items_of(element);
    const Json* timing = entries.size() == 1 ? entries.front().value.find("timing") : nullptr;
    const Json* repeat = timing == nullptr ? nullptr : timing->find("repeat");
    if (repeat == nullptr)
        return out;
    const std::string place = std::string(element) + "[0].timing.repeat.";
    auto days = read_days(resource, repeat->find("boundsDuration"), place + "boundsDuration", warnings);
    if (!days)
        return std::unexpected(std::move(days.error()));
    out.days = *days;
    const Json* period = repeat->find("boundsPeriod");
    if (period == nullptr)
        return out;
    const FhirResource inner{*period,         resource.path + "." + place + "boundsPeriod",
                             resource.type,   resource.id,
                             *period,         resource.index,
                             resource.message};
    auto start = read_element_time(inner, {"start"}, warnings);
    auto end = read_element_time(inner, {"end"}, warnings);
    if (!start || !end)
        return std::unexpected(!start ? start.error() : end.error());
    out.start = *start;
    if (!*start || !*end)
        return out;
    // The last day is a day of the period; a last instant ends it.
    const auto span = ((*end)->date_last - (*start)->date).count() + ((*end)->clock ? 0 : 1);
    if (span < 0)
        return unusable(resource, place + "boundsPeriod", "bad_days", "the period ends before it starts");
    if (span > 3660)
        return unusable(resource, place + "boundsPeriod", "bad_days", "it must be a period of at most 3660 days");
    out.days = std::max<std::int32_t>(1, static_cast<std::int32_t>(span));
    return out;
}

} // namespace bonewatch::ingest
