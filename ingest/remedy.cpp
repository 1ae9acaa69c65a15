#include "ingest/remedy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

constexpr std::string_view send_field = "send the field at that place in good order, under the same id";
constexpr std::string_view name_patient = "name the patient (or the medication) so that it can be found in the message";
constexpr std::string_view mend_time = "send the clinical time, and one that can be";
constexpr std::string_view map_unit =
    "send a unit that the vocabulary reads; or let it stand for one in the publisher's settings, and try it again";
constexpr std::string_view map_code =
    "send a code that is known; or say in the publisher's settings what it stands for, and try it again";
constexpr std::string_view send_days = "send for how many days the supply lasts, or when it was stopped";
constexpr std::string_view send_drug_code = "send a code of the drug";

constexpr std::array<std::pair<std::string_view, std::string_view>, 41> remedies{{
    {"bad_code", "the code fails its check digit: send the right one under the same id"},
    {"bad_encoding", "send UTF-8"},
    {"bad_field", send_field},
    {"bad_json", "send strict JSON"},
    {"bad_patient", name_patient},
    {"bad_status", send_field},
    {"bad_time", mend_time},
    {"bad_days", send_days},
    {"bad_publisher", "leave 'publisher' out"},
    {"combination_product", send_drug_code},
    {"contradictory_codes", map_code},
    {"contradictory_units", "send one unit, the same in code and words, under the same id"},
    {"empty_element", "leave out what says nothing"},
    {"identity_conflict", "find out whose record it is: its identifiers stand for two patients"},
    {"id_reused", "give each fact an id of its own; only its later versions repeat it"},
    {"impossible_value", "look whether unit and value belong together, and send them again under the same id"},
    {"missing_days", send_days},
    {"missing_field", send_field},
    {"missing_id", send_field},
    {"missing_medication", send_drug_code},
    {"missing_range", "send the reference range that the value is a multiple of"},
    {"missing_stop_date", send_days},
    {"missing_subject", name_patient},
    {"missing_time", mend_time},
    {"missing_unit", "send the unit; or name it in the publisher's settings for values without one, and try it again"},
    {"missing_value", send_field},
    {"modifier_extension", "look what the extension says; send the resource without it where it changes nothing"},
    {"not_a_patient", name_patient},
    {"not_r4", "send FHIR R4"},
    {"other_publisher", "publish it over a connection that greets so"},
    {"status_unknown", "send a status; or let 'unknown' count as final in the publisher's settings, and try it again"},
    {"too_early", mend_time},
    {"too_far_ahead", mend_time},
    {"unclear_product", send_drug_code},
    {"union_too_large", "look whether these merges are right: undo those that are not, and try it again"},
    {"unknown_code", map_code},
    {"unknown_fact", "publish the fact, then try it again"},
    {"unknown_route", send_field},
    {"unknown_unit", map_unit},
    {"unknown_zone", "mend the publisher's zone in the settings, and try it again"},
    {"unresolved_reference", name_patient},
}};

} // namespace

std::string_view remedy_of(std::string_view reason) {
    const auto* const found =
        std::ranges::find(remedies, reason, &std::pair<std::string_view, std::string_view>::first);
    return found == remedies.end() ? std::string_view() : found->second;
}

} // namespace bonewatch::ingest
