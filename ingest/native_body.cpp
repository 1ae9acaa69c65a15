#include "ingest/native_body.h"

#include "config/nearest.h"
#include "ingest/codes.h"
#include "ingest/identity.h"
#include "ingest/native_fields.h"
#include "ingest/result_event.h"
#include "ingest/strength.h"
#include "ingest/value_text.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

namespace {

using model::ClinicalTime;
using model::CodeId;
using model::Error;
using model::ErrorKind;
using model::FactId;
using model::Result;
using model::ResultStatus;
using model::Route;

using Warnings = std::vector<std::string>;

/// Orders that one supply may fulfil.
constexpr std::size_t orders_max = 32;

template <typename T>
std::unexpected<Error> passed_on(Result<T>& failed) {
    return std::unexpected(std::move(failed.error()));
}

/// A code as the vocabulary's own id, or `{"system","code","display"}`; then `published` is its meaning.
Result<CodeId> read_code(const Json& line, std::string_view key, CodeSlot slot, const MessageContext& context,
                         const config::CodeMeaning** published = nullptr) {
    const Json* value = line.find(key);
    if (value == nullptr)
        return refuse_field(key, "missing_field", "'" + std::string(key) + "' is missing");
    if (value->is_string()) {
        auto id = own_code(context.vocabulary, value->text, slot);
        if (!id)
            return at_field(key, std::move(id.error()));
        return id;
    }
    const auto system = value->text_of("system");
    const auto code = value->text_of("code");
    if (system.empty() || code.empty())
        return refuse_field(key, "bad_field",
                            "'" + std::string(key) + "' must be a vocabulary id or {\"system\":…,\"code\":…}");
    const auto* meaning = context.meaning(system, code);
    if (meaning == nullptr && context.vocabulary.is_slip(system, code))
        return refuse_field(key, "bad_code", bad_code_text(code));
    if (meaning == nullptr)
        return std::unexpected(
            Error{ErrorKind::not_used, "unknown_code",
                  std::string(system) + "|" + std::string(code) + " concerns nothing that is watched",
                  "$." + std::string(key), code_as_sent(system, code, value->text_of("display"))});
    if (!fits(meaning->kind, slot))
        return refuse_field(key, "wrong_kind",
                            "it stands for '" + meaning->id.text + "', which is no " + std::string(to_text(slot)));
    if (published != nullptr)
        *published = meaning;
    return meaning->id;
}

Result<std::optional<Route>> optional_route(const Json& line) {
    const auto text = optional_text(line, "route");
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return std::nullopt;
    const auto route = model::parse_route(**text);
    if (route)
        return *route;
    std::vector<std::string> known;
    for (auto each = Route::unstated; each <= Route::other; each = static_cast<Route>(static_cast<int>(each) + 1))
        known.emplace_back(model::to_text(each));
    return refuse_field("route", "unknown_route",
                        "'" + std::string(**text) + "' is no route; as oral, subcutaneous, inhaled" +
                            config::did_you_mean(**text, known));
}

struct DrugByRoute {
    CodeId drug;
    std::optional<Route> route; ///< As stated, else as the drug's code implies.
};

Result<DrugByRoute> read_drug(const Json& line, const MessageContext& context) {
    const config::CodeMeaning* published = nullptr;
    auto drug = read_code(line, "drug", CodeSlot::drug, context, &published);
    if (!drug)
        return passed_on(drug);
    auto route = optional_route(line);
    if (!route)
        return passed_on(route);
    if (!*route && published != nullptr && published->route != Route::unstated)
        *route = published->route;
    return DrugByRoute{std::move(*drug), *route};
}

Result<std::optional<model::Dose>> optional_dose(const Json& line, std::string_view key) {
    const auto text = optional_text(line, key);
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return std::nullopt;
    auto dose = model::parse_dose(**text);
    if (!dose)
        return at_field(key, std::move(dose.error()));
    return *dose;
}

/// The orders that a supply or a dose fulfils: an id, or a list of them.
Result<std::vector<FactId>> read_orders(const Json& line) {
    std::vector<FactId> out;
    const Json* value = line.find("fulfils");
    if (value == nullptr)
        return out;
    const auto add = [&](const Json& id) {
        const bool is_id = id.is_string() && !id.text.empty() && id.text.size() <= 256 && out.size() < orders_max;
        if (is_id)
            out.emplace_back(std::string(id.text));
        return is_id;
    };
    const bool is_read =
        value->is_array() ? std::ranges::all_of(value->members, add, &Json::Member::value) : add(*value);
    if (!is_read)
        return refuse_field("fulfils", "bad_field", "'fulfils' is an order's id, or a list of at most 32");
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

template <typename Word, std::size_t N>
using WordTable = std::array<std::pair<std::string_view, Word>, N>;

template <typename Word, std::size_t N>
Result<Word> read_word(const Json& line, std::string_view key, const WordTable<Word, N>& table, Word otherwise) {
    const auto text = optional_text(line, key);
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return otherwise;
    std::string known;
    for (const auto& [word, value] : table) {
        if (word == **text)
            return value;
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    return refuse_field(key, "bad_" + std::string(key), "'" + std::string(**text) + "' is none of " + known);
}

constexpr WordTable<ResultStatus, 6> status_words{{{"final", ResultStatus::final_},
                                                   {"corrected", ResultStatus::final_},
                                                   {"amended", ResultStatus::final_},
                                                   {"preliminary", ResultStatus::preliminary},
                                                   {"no_result", ResultStatus::no_result},
                                                   {"cancelled", ResultStatus::no_result}}};
constexpr WordTable<model::Sex, 4> sex_words{{{"female", model::Sex::female},
                                              {"male", model::Sex::male},
                                              {"other", model::Sex::other},
                                              {"unknown", model::Sex::unknown}}};
constexpr WordTable<model::Basis, 3> basis_words{
    {{"stated", model::Basis::stated}, {"computed", model::Basis::computed}, {"assumed", model::Basis::assumed}}};

/// One end of a reference range. What cannot be read is left out: the value is good without it.
std::optional<model::Rational> range_end(const Json& range, std::string_view key, Warnings& warnings) {
    const Json* end = range.find(key);
    if (end == nullptr)
        return std::nullopt;
    const auto number =
        end->is_number() || end->is_string() ? read_number(end->text) : Result<NumberText>(std::unexpected(Error{}));
    if (!number) {
        warnings.push_back("range_unusable: the range's '" + std::string(key) + "' is no number; it is left out");
        return std::nullopt;
    }
    if (number->is_rounded)
        warnings.emplace_back("rounded: the range has more digits than anyone measures; 9 are kept");
    return number->value;
}

void read_range(const Json& line, PublishedResult& published, Warnings& warnings) {
    const Json* range = line.find("range");
    if (range == nullptr)
        return;
    if (!range->is_object()) {
        warnings.emplace_back("range_unusable: 'range' is {\"low\":…,\"high\":…}; it is left out");
        return;
    }
    published.range_low = range_end(*range, "low", warnings);
    published.range_high = range_end(*range, "high", warnings);
}

Result<model::EventBody> read_result(const Json& line, const MessageContext& context, Warnings& warnings) {
    PublishedResult published;
    auto code = read_code(line, "code", CodeSlot::analyte, context, &published.sent_as);
    if (!code)
        return passed_on(code);
    auto status = read_word(line, "status", status_words, ResultStatus::final_);
    if (!status)
        return passed_on(status);
    auto value = optional_value_text(line, "value");
    if (!value)
        return passed_on(value);
    auto unit = optional_text(line, "unit");
    if (!unit)
        return passed_on(unit);
    published.status = *status;
    published.value_text = value->value_or("");
    published.unit = unit->value_or("");
    read_range(line, published, warnings);
    auto result = make_result(context, *context.vocabulary.analyte(*code), published, warnings);
    if (!result) {
        const bool is_of_unit = result.error().reason.ends_with("_unit");
        return at_field(is_of_unit ? "unit" : "value", std::move(result.error()));
    }
    return std::move(*result);
}

/// The dose of a drug that is given as single doses: its strength; without one, what is stated for its one day.
void take_single_dose(model::SupplyEvent& supply, const config::Vocabulary& vocabulary) {
    const bool is_plain = supply.daily_dose && supply.daily_dose->unit != model::DoseUnit::item && supply.days == 1;
    if (supply.strength.empty() && is_plain && vocabulary.drug(supply.drug)->is_single_dose)
        supply.strength = read_strength(model::to_text(*supply.daily_dose)).text;
}

/// `1 tablet` of 5 mg is 5 mg a day. Items of an unknown content stay items: no dose can be taken from them.
void multiply_items(model::SupplyEvent& supply, const Strength& strength, Warnings& warnings) {
    if (!supply.daily_dose || supply.daily_dose->unit != model::DoseUnit::item)
        return;
    if (const auto content = content_of(*supply.daily_dose, strength)) {
        supply.daily_dose = content;
        supply.basis = std::max(supply.basis, model::Basis::computed);
        return;
    }
    warnings.emplace_back("dose_unit_unknown: the daily dose is counted in items, and no strength says how much one "
                          "holds; send 'strength', or the dose as mass");
}

Result<model::EventBody> read_supply(const Json& line, const MessageContext& context, Warnings& warnings) {
    auto taken = read_drug(line, context);
    if (!taken)
        return passed_on(taken);
    auto daily_dose = optional_dose(line, "daily_dose");
    if (!daily_dose)
        return passed_on(daily_dose);
    auto strength = optional_text(line, "strength");
    if (!strength)
        return passed_on(strength);
    auto basis = read_word(line, "basis", basis_words, model::Basis::stated);
    if (!basis)
        return passed_on(basis);
    const Json* days = line.find("days");
    if (days == nullptr)
        return refuse_field("days", "missing_days", "a supply needs the days that it covers");
    const auto count = whole_number(*days);
    if (!count || *count < 1 || *count > 3660)
        return refuse_field("days", "bad_days", "'days' must be a whole number from 1 to 3660");
    auto orders = read_orders(line);
    if (!orders)
        return passed_on(orders);
    const Strength of_one = read_strength(strength->value_or(""));
    model::SupplyEvent supply{.drug = std::move(taken->drug),
                              .route = taken->route.value_or(Route::unstated),
                              .strength = of_one.text,
                              .daily_dose = *daily_dose,
                              .days = static_cast<std::int32_t>(*count),
                              .basis = *basis,
                              .fulfils = std::move(*orders)};
    multiply_items(supply, of_one, warnings);
    take_single_dose(supply, context.vocabulary);
    return supply;
}

Result<model::EventBody> read_stop(const Json& line, const MessageContext& context) {
    auto taken = read_drug(line, context);
    if (!taken)
        return passed_on(taken);
    return model::StopEvent{std::move(taken->drug), taken->route};
}

Result<model::EventBody> read_administration(const Json& line, const MessageContext& context) {
    auto taken = read_drug(line, context);
    if (!taken)
        return passed_on(taken);
    auto dose = optional_dose(line, "dose");
    if (!dose)
        return passed_on(dose);
    auto orders = read_orders(line);
    if (!orders)
        return passed_on(orders);
    return model::AdministrationEvent{std::move(taken->drug), taken->route.value_or(Route::unstated), *dose,
                                      std::move(*orders)};
}

Result<model::EventBody> read_condition(const Json& line, const MessageContext& context, Warnings& warnings) {
    auto code = read_code(line, "code", CodeSlot::condition, context);
    if (!code)
        return passed_on(code);
    auto until = optional_time(line, "until", context, warnings);
    if (!until)
        return passed_on(until);
    return model::ConditionEvent{*code, *until};
}

Result<model::EventBody> read_procedure(const Json& line, const MessageContext& context) {
    auto code = read_code(line, "code", CodeSlot::procedure, context);
    if (!code)
        return passed_on(code);
    return model::ProcedureEvent{*code};
}

Result<model::EventBody> read_merge(const Json& line) {
    auto from = required_text(line, "from");
    if (!from)
        return passed_on(from);
    auto identifier = read_identifier(*from);
    if (!identifier)
        return at_field("from", std::move(identifier.error()));
    return model::MergeEvent{std::move(*identifier)};
}

Result<model::EventBody> read_retraction(const Json& line) {
    auto of = required_text(line, "of");
    if (!of)
        return passed_on(of);
    auto version = optional_version(line, "version");
    if (!version)
        return passed_on(version);
    return model::RetractionEvent{FactId(std::string(*of)), *version};
}

/// As `optional_time`, of a birth or a death.
Result<std::optional<ClinicalTime>> optional_life_time(const Json& line, std::string_view key,
                                                       const MessageContext& context, Warnings& warnings) {
    auto time = optional_time(line, key, context, warnings);
    if (time && *time)
        if (auto refused = refuse_life_time(**time, context.received))
            return at_field(key, std::move(*refused));
    return time;
}

/// One registration: a date, or `{"from","to"}`.
Result<model::Registration> read_registration(const Json& value) {
    const auto from_text = value.is_string() ? value.text : value.text_of("from");
    const auto from = model::parse_date(from_text);
    if (!from)
        return refuse_field("registered", "bad_time", "a registration is a date, or {\"from\":date,\"to\":date}");
    model::Registration registration{*from, std::nullopt};
    if (value.find("to") == nullptr)
        return registration;
    const auto to = model::parse_date(value.text_of("to"));
    if (!to || *to <= *from)
        return refuse_field("registered", "bad_time", "a registration's 'to' is a date after its 'from'");
    registration.to = *to;
    return registration;
}

Result<std::vector<model::Registration>> read_registrations(const Json& line) {
    std::vector<model::Registration> out;
    const Json* value = line.find("registered");
    if (value == nullptr)
        return out;
    if (!value->is_array()) {
        auto only = read_registration(*value);
        if (!only)
            return passed_on(only);
        out.push_back(*only);
        return out;
    }
    for (const auto& [none, each] : value->members) {
        auto registration = read_registration(each);
        if (!registration)
            return passed_on(registration);
        out.push_back(*registration);
    }
    std::ranges::sort(out);
    return out;
}

Result<model::EventBody> read_patient(const Json& line, const MessageContext& context, Warnings& warnings) {
    auto sex = read_word(line, "sex", sex_words, model::Sex::unknown);
    if (!sex)
        return passed_on(sex);
    auto born = optional_life_time(line, "born", context, warnings);
    if (!born)
        return passed_on(born);
    auto died = optional_life_time(line, "died", context, warnings);
    if (!died)
        return passed_on(died);
    if (*born && *died && is_before(**died, **born))
        return refuse_field("died", "bad_time", "'died' is before 'born'");
    auto practice = optional_text(line, "practice");
    if (!practice)
        return passed_on(practice);
    auto registered = read_registrations(line);
    if (!registered)
        return passed_on(registered);
    return model::PatientEvent{.sex = *sex,
                               .born = *born,
                               .died = *died,
                               .practice = std::string(practice->value_or("")),
                               .registered = std::move(*registered),
                               .identifiers = {}};
}

} // namespace

Result<std::optional<ClinicalTime>> optional_time(const Json& line, std::string_view key, const MessageContext& context,
                                                  Warnings& warnings) {
    const auto text = optional_text(line, key);
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return std::nullopt;
    if (!context.zone)
        return at_field(key, context.zone.error());
    auto time = read_time(**text, *context.zone, warnings);
    if (!time)
        return at_field(key, std::move(time.error()));
    if (auto refused = refuse_time(*time, context.received))
        return at_field(key, std::move(*refused));
    return *time;
}

Result<model::EventBody> read_body(const Json& line, LineType type, const MessageContext& context, Warnings& warnings) {
    switch (type) {
    case LineType::result:
        return read_result(line, context, warnings);
    case LineType::supply:
        return read_supply(line, context, warnings);
    case LineType::stop:
        return read_stop(line, context);
    case LineType::administration:
        return read_administration(line, context);
    case LineType::condition:
        return read_condition(line, context, warnings);
    case LineType::procedure:
        return read_procedure(line, context);
    case LineType::patient:
        return read_patient(line, context, warnings);
    case LineType::retraction:
        return read_retraction(line);
    case LineType::merge:
        return read_merge(line);
    }
    return read_retraction(line);
}

} // namespace bonewatch::ingest
