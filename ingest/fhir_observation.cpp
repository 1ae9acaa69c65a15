#include "ingest/fhir_observation.h"

#include "ingest/codes.h"
#include "ingest/fhir_modifier.h"
#include "ingest/fhir_origins.h"
#include "ingest/result_event.h"
#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace bonewatch::ingest {

namespace {

using config::CodeKind;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::Result;
using model::ResultStatus;
using model::ValueInterval;

/// What a status says of the fact.
enum class Standing : unsigned char { final_, preliminary, no_result, pending, in_error, unknown };

Standing standing_of(std::string_view status, const MessageContext& message) {
    if (status == "unknown" && message.publisher.settings->counts_unknown_status)
        return Standing::final_;
    if (status == "final" || status == "amended" || status == "corrected" || status == "appended")
        return Standing::final_;
    if (status == "preliminary" || status == "partial")
        return Standing::preliminary;
    if (status == "cancelled")
        return Standing::no_result;
    if (status == "registered")
        return Standing::pending;
    return status == "entered-in-error" ? Standing::in_error : Standing::unknown;
}

/// What the resource's status says; of a contained Observation, what its report's status makes of that.
Standing standing_of(const FhirResource& resource) {
    const Standing own = standing_of(resource.json.text_of("status"), resource.message);
    if (&resource.holder == &resource.json)
        return own;
    const Standing whole = standing_of(resource.holder.text_of("status"), resource.message);
    if (whole == Standing::in_error)
        return whole;
    const bool has_value = own == Standing::final_ || own == Standing::preliminary;
    return whole == Standing::no_result && has_value ? whole : own;
}

/// One thing observed: the Observation itself, or one of its components.
struct Observed {
    const Json& json;
    std::string element; ///< `component[0].`, or nothing for the Observation itself.
    std::string fact;    ///< Its id.
    ConceptMeaning code;
};

/// Why the value of a known analyte cannot be taken.
std::unexpected<Error> refuse(const FhirResource& resource, const Observed& observed, std::string_view element,
                              std::string reason, std::string message) {
    return unusable(resource, observed.element + std::string(element), std::move(reason), std::move(message));
}

/// Whether both are read for the analyte, and as two amounts: then nobody knows which of them was meant.
bool are_two_units(const FhirResource& resource, const Observed& observed, std::string_view one,
                   std::string_view other) {
    const auto& vocabulary = resource.message.vocabulary;
    const auto* analyte = one == other ? nullptr : vocabulary.analyte(observed.code.meaning->id);
    const auto* first = analyte == nullptr || one.empty() ? nullptr : vocabulary.conversion_of(*analyte, one);
    const auto* second = first == nullptr || other.empty() ? nullptr : vocabulary.conversion_of(*analyte, other);
    return second != nullptr && (first->factor != second->factor || first->offset != second->offset ||
                                 first->is_of_range != second->is_of_range);
}

std::unexpected<Error> two_units(const FhirResource& resource, const Observed& observed, std::string_view element,
                                 std::string_view one, std::string_view other) {
    return refuse(resource, observed, element, "contradictory_units",
                  "'" + std::string(one.substr(0, 40)) + "' and '" + std::string(other.substr(0, 40)) +
                      "' are two amounts; nobody can tell which was meant");
}

std::string_view unit_of(const FhirQuantity& quantity) {
    return quantity.code.empty() ? quantity.unit : quantity.code;
}

/// The ends of a range; nothing where there are none. Its unit is that of either end.
std::optional<ValueInterval> range_of(const Json& range, std::string& unit, std::string& other_unit, std::string& text,
                                      Warnings& warnings) {
    const auto low = read_quantity(range.find("low"), warnings);
    const auto high = read_quantity(range.find("high"), warnings);
    if (!low || !high || (!*low && !*high))
        return std::nullopt;
    ValueInterval value;
    for (const auto* end : {&*low, &*high}) {
        if (!*end)
            continue;
        (end == &*low ? value.low : value.high) = model::Bound{(*end)->value};
        if (const auto own = unit_of(**end); !own.empty()) {
            other_unit = unit;
            unit = own;
        }
    }
    if (value.low && value.high && value.high->value < value.low->value)
        return std::nullopt;
    text = model::to_text(value);
    return value;
}

/// Reads whichever value[x] there is into `published`; `unit_words` is the unit's text beside its code.
Result<void> read_value_element(const FhirResource& resource, const Observed& observed, PublishedResult& published,
                                std::string& unit_words, Warnings& warnings) {
    if (const Json* quantity = observed.json.find("valueQuantity")) {
        auto read = read_quantity(quantity, warnings);
        if (!read)
            return refuse(resource, observed, "valueQuantity" + read.error().place, read.error().reason,
                          read.error().message);
        if (!*read)
            return {};
        published.value = with_comparator((*read)->comparator, (*read)->value);
        if (!published.value)
            return refuse(resource, observed, "valueQuantity.comparator", "bad_comparator",
                          "a comparator is one of <, <=, >=, >");
        published.value_text = std::string((*read)->comparator) + std::string(quantity->find("value")->text);
        published.unit = unit_of(**read);
        unit_words = (*read)->unit;
        if (are_two_units(resource, observed, (*read)->code, (*read)->unit))
            return two_units(resource, observed, "valueQuantity", (*read)->code, (*read)->unit);
        return {};
    }
    if (const Json* range = observed.json.find("valueRange")) {
        std::string other_unit;
        published.value = range_of(*range, published.unit, other_unit, published.value_text, warnings);
        if (are_two_units(resource, observed, published.unit, other_unit))
            return two_units(resource, observed, "valueRange", other_unit, published.unit);
        if (!published.value)
            return refuse(resource, observed, "valueRange", "bad_number",
                          "a range has a low end that is not above its high end");
        return {};
    }
    if (const Json* text = observed.json.find("valueString"))
        published.value_text = text->text;
    else if (const Json* number = observed.json.find("valueInteger"))
        published.value_text = number->text;
    else if (const Json* words = observed.json.find("valueCodeableConcept");
             words != nullptr && masked_code(words).empty())
        published.value_text = concept_text(words).empty() ? concept_code(words) : concept_text(words);
    else
        for (const auto& [key, value] : observed.json.members)
            if (key.starts_with("value") && masked_code(&value).empty())
                return refuse(resource, observed, key, "unusable_value",
                              "a " + std::string(key.substr(5)) + " cannot be read as a measured value");
    return {};
}

/// The laboratory's own range, where there is one and only one of the usual kind.
void read_reference_range(const Observed& observed, PublishedResult& published, Warnings& warnings) {
    const Json* chosen = nullptr;
    for (const auto& [key, range] : observed.json.items_of("referenceRange")) {
        const auto type = concept_code(range.find("type"));
        if (!type.empty() && type != "normal")
            continue;
        if (chosen != nullptr) {
            warnings.emplace_back("range_unusable: there are several reference ranges");
            return;
        }
        chosen = &range;
    }
    if (chosen == nullptr)
        return;
    for (const std::string_view end : {"low", "high"}) {
        const auto read = read_quantity(chosen->find(end), warnings);
        if (!read)
            warnings.push_back("range_unusable: the range's '" + std::string(end) + "' is no number; it is left out");
        if (!read || !*read)
            continue;
        (end == "low" ? published.range_low : published.range_high) = (*read)->value;
        published.range_unit = unit_of(**read);
    }
}

/// A value[x], but for those that only say why there is none.
bool is_value(const Json::Member& member) {
    if (!member.key.starts_with("value"))
        return false;
    const bool is_number_absent =
        member.value.find("value") == nullptr && !absent_reason(member.value, "value").empty();
    const bool is_bare =
        member.value.is_object() && member.value.members.size() == 1 && member.value.find("extension") != nullptr;
    return !is_bare && !is_number_absent && masked_code(&member.value).empty();
}

bool has_value(const Json& observed) {
    return std::ranges::any_of(observed.members, is_value);
}

/// Whether it says why it has no value: beside it, in it, or beside the number of a quantity.
bool is_said_to_be_absent(const Json& observed) {
    return observed.find("dataAbsentReason") != nullptr ||
           std::ranges::any_of(observed.members, [&](const Json::Member& member) {
               const auto name = member.key.substr(member.key.starts_with('_') ? 1 : 0);
               return name.starts_with("value") &&
                      (!absent_reason(observed, name).empty() || !absent_reason(member.value, "value").empty());
           });
}

/// Where, in what is observed, a value that cannot be taken is wrong: its unit or its number.
std::string wrong_element(const Json& observed, std::string_view reason) {
    const auto value = std::ranges::find_if(observed.members, is_value);
    if (value == observed.members.end() || reason == "missing_value")
        return "value[x]";
    if (reason == "missing_range")
        return "referenceRange";
    std::string element(value->key);
    const Json* quantity = &value->value;
    if (element == "valueRange") {
        const char* const end = quantity->find("high") != nullptr ? "high" : "low";
        quantity = quantity->find(end);
        element.append(".").append(end);
    } else if (element != "valueQuantity") {
        return element; // A text holds both.
    }
    if (reason != "unknown_unit" && reason != "missing_unit")
        return element + ".value";
    for (const char* unit : {"code", "unit"})
        if (quantity != nullptr && !quantity->text_of(unit).empty())
            return element + "." + unit;
    return element;
}

Result<model::EventBody> read_result(const FhirResource& resource, const Observed& observed, ResultStatus status,
                                     Warnings& warnings) {
    const auto& analyte = *resource.message.vocabulary.analyte(observed.code.meaning->id);
    PublishedResult published;
    published.status = status;
    published.sent_as = observed.code.meaning;
    std::string unit_words;
    if (auto read = read_value_element(resource, observed, published, unit_words, warnings); !read)
        return std::unexpected(std::move(read.error()));
    if (std::ranges::count_if(observed.json.members, is_value) > 1)
        return refuse(resource, observed, "value[x]", "unusable_value", "it has several values; which is it?");
    const bool is_absent = is_said_to_be_absent(observed.json);
    if (is_absent && has_value(observed.json))
        return refuse(resource, observed, "dataAbsentReason", "unusable_value",
                      "it has a value, and a reason why it has none");
    if (is_absent)
        published.status = ResultStatus::no_result;
    read_reference_range(observed, published, warnings);
    auto result = make_result(resource.message, analyte, published, warnings);
    // Senders label their own spelling as UCUM; the words beside it may be the known ones.
    const bool may_be_words =
        !result && result.error().reason == "unknown_unit" && !unit_words.empty() && unit_words != published.unit;
    if (may_be_words) {
        published.unit = unit_words;
        auto again = make_result(resource.message, analyte, published, warnings);
        if (again)
            result = std::move(again);
    }
    if (!result)
        return refuse(resource, observed, wrong_element(observed.json, result.error().reason), result.error().reason,
                      result.error().message);
    return std::move(*result);
}

/// A diagnosis or finding written as an observation: said with nothing beside it, or with a plain yes.
Result<model::EventBody> read_finding(const FhirResource& resource, const Observed& observed) {
    const Json* yes = observed.json.find("valueBoolean");
    const bool is_said = !has_value(observed.json) && !is_said_to_be_absent(observed.json);
    if (is_said || (yes != nullptr && yes->text == "true"))
        return model::ConditionEvent{observed.code.meaning->id, std::nullopt};
    if (yes != nullptr)
        return model::fail(ErrorKind::not_used, "said_to_be_absent", "it is said not to be so",
                           resource.path + "." + observed.element + "valueBoolean");
    return refuse(resource, observed, "value[x]", "unusable_value",
                  "'" + observed.code.meaning->id.text + "' is there or not; its value is neither yes nor no");
}

Result<model::EventBody> read_body(const FhirResource& resource, const Observed& observed, Standing standing,
                                   Warnings& warnings) {
    const auto kind = observed.code.meaning->kind;
    if (kind == CodeKind::analyte) {
        const auto status = standing == Standing::final_        ? ResultStatus::final_
                            : standing == Standing::preliminary ? ResultStatus::preliminary
                                                                : ResultStatus::no_result;
        return read_result(resource, observed, status, warnings);
    }
    if (standing != Standing::final_)
        return model::fail(ErrorKind::not_used, "not_final", "only what is final counts as having been found or done",
                           resource.path + ".status");
    if (fits(kind, CodeSlot::condition))
        return read_finding(resource, observed);
    if (fits(kind, CodeSlot::procedure))
        return model::ProcedureEvent{observed.code.meaning->id};
    return refuse(resource, observed, "code", "wrong_kind",
                  "'" + observed.code.meaning->id.text + "' is nothing that is observed");
}

void read_attributes(const Json& observation, Event& event) {
    const Json* device = observation.find("device");
    if (device == nullptr)
        return;
    const auto name = device->text_of("display").empty() ? device->text_of("reference") : device->text_of("display");
    if (!name.empty())
        event.attributes.emplace("device", name.substr(0, 128));
}

/// When it was so. Of an `effectiveTiming` the only event that it lists.
Result<std::optional<model::ClinicalTime>> read_effective(const FhirResource& resource, Warnings& warnings) {
    auto at = read_element_time(resource, {"effectiveDateTime", "effectiveInstant", "effectivePeriod"}, warnings);
    const Json* timing = resource.json.find("effectiveTiming");
    if (!at || *at || timing == nullptr || timing->items_of("event").size() != 1)
        return at;
    return read_time_at(resource, "effectiveTiming.event[0]", timing->items_of("event").front().value, warnings);
}

/// What the resource says instead of a time, for a person.
std::string why_timeless(const FhirResource& resource) {
    for (const std::string_view element : {"effectiveDateTime", "effectivePeriod", "effectiveInstant"})
        if (const auto reason = absent_reason(resource.json, element); !reason.empty())
            return "it does not say when it was so: '" + std::string(reason) + "'";
    return "it does not say when it was so; 'issued' is not that time";
}

Result<Event> read_event(const FhirResource& resource, const Observed& observed, Standing standing,
                         Warnings& warnings) {
    if (observed.code.is_contradictory)
        return refuse(resource, observed, "code", "contradictory_codes", "its codings stand for different things");
    if (standing == Standing::unknown)
        return unusable(resource, "status", "status_unknown",
                        "status '" + std::string(resource.json.text_of("status")) + "' does not say whether it counts");
    auto event = event_of(resource);
    if (!event)
        return event;
    event->key.id = FactId(observed.fact);
    auto at = read_effective(resource, warnings);
    if (!at)
        return std::unexpected(std::move(at.error()));
    if (!*at)
        return unusable(resource, "effective[x]", "missing_time", why_timeless(resource));
    event->at = **at;
    read_attributes(resource.json, *event);
    auto body = read_body(resource, observed, standing, warnings);
    if (!body)
        return std::unexpected(std::move(body.error()));
    event->body = std::move(*body);
    return event;
}

Decoded decode_observed(const FhirResource& resource, const Observed& observed) {
    const auto standing = standing_of(resource);
    const std::string& what = observed.code.meaning->id.text;
    if (standing == Standing::in_error)
        return retraction_of(resource, what, observed.fact);
    if (standing == Standing::pending)
        return overtaking(
            resource, not_used(resource, what + " registered", "pending", "registered: there is nothing to know yet"),
            observed.fact, Says::not_yet);
    Warnings warnings;
    auto event = read_event(resource, observed, standing, warnings);
    if (event) {
        Decoded decoded = outcome(resource, what, std::move(*event), std::move(warnings));
        add_origins(resource, observed.element, decoded);
        return decoded;
    }
    const bool is_denied = event.error().kind == ErrorKind::not_used;
    const Says says = !is_denied                          ? Says::cannot_be_used
                      : standing == Standing::preliminary ? Says::not_yet
                                                          : Says::not_so;
    return overtaking(resource, outcome(resource, what, std::move(event.error()), std::move(warnings)), observed.fact,
                      says);
}

/// The whole resource was entered in error: what else it was before, its components too.
Decoded decode_in_error(const FhirResource& resource, const ConceptMeaning& own) {
    const Json* code = resource.json.find("code");
    const bool is_known = own.meaning != nullptr || code == nullptr;
    Decoded decoded = is_known
                          ? retraction_of(resource, own.meaning == nullptr ? "" : own.meaning->id.text, resource.id)
                          : retraction_of_unwatched(resource, unknown_code(resource, code));
    decoded.reaches_parts = true;
    return decoded;
}

} // namespace

namespace {

/// The components of a known code. Of two with one code (a left and a right hip) the second is another fact.
void decode_components(const FhirResource& resource, bool is_in_error, std::vector<Decoded>& out) {
    const auto& components = resource.json.items_of("component");
    std::map<std::string, int> seen;
    for (std::size_t i = 0; i < components.size(); ++i) {
        const Json& component = components[i].value;
        const auto meaning = meaning_of(resource.message, component.find("code"));
        const std::string element = "component[" + std::to_string(i) + "].";
        if (meaning.meaning == nullptr) {
            auto slip = is_in_error ? std::nullopt : slip_in(resource, component.find("code"), element + "code");
            if (slip)
                out.push_back(outcome(resource, concept_name(component.find("code")), std::move(*slip)));
            continue;
        }
        std::string fact =
            resource.id.empty() ? std::string() : resource.id + "#component-" + std::string(meaning.code);
        if (const int number = ++seen[fact]; number > 1 && !fact.empty())
            fact += "-" + std::to_string(number);
        out.push_back(decode_observed(resource, {component, element, fact, meaning}));
    }
}

/// The Observations that the resource contains: facts of its own, as far as their status and its own let them be.
void decode_contained(const FhirResource& resource, std::vector<Decoded>& out) {
    const auto& contained = resource.json.items_of("contained");
    for (std::size_t i = 0; i < contained.size(); ++i) {
        const Json& inside = contained[i].value;
        const auto id = inside.text_of("id");
        if (inside.text_of("resourceType") != "Observation" || id.empty() || resource.id.empty())
            continue;
        const FhirResource inner{inside,          resource.path + ".contained[" + std::to_string(i) + "]",
                                 "Observation",   resource.id + "#" + std::string(id),
                                 resource.json,   resource.index,
                                 resource.message};
        auto all = decode_observation(inner);
        refuse_modified(inner, {}, all);
        std::ranges::move(all, std::back_inserter(out));
    }
}

/// A panel of a known analyte that holds no value itself: the Observations that it names do.
bool is_grouping(const FhirResource& resource, const ConceptMeaning& own) {
    return own.meaning != nullptr && own.meaning->kind == CodeKind::analyte && !has_value(resource.json) &&
           !is_said_to_be_absent(resource.json) && !resource.json.items_of("hasMember").empty();
}

} // namespace

std::vector<Decoded> decode_observation(const FhirResource& resource) {
    const Json* code = resource.json.find("code");
    std::vector<Decoded> out;
    const bool has_components = !resource.json.items_of("component").empty();
    const auto own = meaning_of(resource.message, code);
    const bool is_in_error = standing_of(resource) == Standing::in_error;
    const bool is_panel = is_grouping(resource, own);
    if (is_in_error)
        out.push_back(decode_in_error(resource, own));
    // A panel of a known code says nothing by itself where its components or members hold the values.
    else if (own.meaning != nullptr && !is_panel && (!has_components || has_value(resource.json)))
        out.push_back(decode_observed(resource, {resource.json, {}, resource.id, own}));
    decode_components(resource, is_in_error, out);
    // What a contained resource contains belongs to the outer one, which looks for itself.
    if (&resource.holder == &resource.json)
        decode_contained(resource, out);
    if (out.empty() && is_panel)
        out.push_back(overtaking(resource,
                                 not_used(resource, own.meaning->id.text + " (panel)", "grouping",
                                          "a panel groups results; they count by themselves"),
                                 resource.id, Says::not_watched));
    if (out.empty() && own.meaning != nullptr)
        out.push_back(decode_observed(resource, {resource.json, {}, resource.id, own}));
    if (out.empty())
        out.push_back(unknown_code(resource, code));
    return out;
}

std::vector<Decoded> decode_report(const FhirResource& resource) {
    std::vector<Decoded> out;
    const Json* code = resource.json.find("code");
    const auto own = meaning_of(resource.message, code);
    const auto grouping = [&] {
        return overtaking(
            resource,
            not_used(resource, concept_name(code), "grouping", "a report groups results; they count by themselves"),
            resource.id, Says::not_watched);
    };
    const bool is_procedure = own.meaning != nullptr && fits(own.meaning->kind, CodeSlot::procedure);
    if (standing_of(resource) == Standing::in_error) {
        out.push_back(is_procedure || code == nullptr ? retraction_of(resource, concept_name(code), resource.id)
                                                      : retraction_of_unwatched(resource, grouping()));
        out.back().reaches_parts = true;
    } else if (is_procedure) {
        out.push_back(decode_observed(resource, {resource.json, {}, resource.id, own}));
    }
    decode_contained(resource, out);
    if (out.empty())
        out.push_back(grouping());
    return out;
}

} // namespace bonewatch::ingest
