#pragma once

#include "store/model/clock.h"
#include "store/model/dose.h"
#include "store/model/interval.h"
#include "store/model/named.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bonewatch::model {

/// An identifier under which a publisher knows a patient: `nhs:9990000018`, `lab:H999999`.
struct PatientIdentifier {
    std::string system;
    std::string value;
    friend auto operator<=>(const PatientIdentifier&, const PatientIdentifier&) = default;
};

/// Orders the versions of one fact, part by part; a missing part is below every part. Arrival never breaks a tie.
struct Version {
    std::vector<std::int64_t> parts;
    friend auto operator<=>(const Version&, const Version&) = default;
};

/// Above every version that is not above `version`, as (1, 0) is above (1).
[[nodiscard]] Version just_above(const Version& version);

/// Names a fact: the publisher and its own id for it.
struct FactKey {
    PublisherId publisher;
    FactId id;
    friend auto operator<=>(const FactKey&, const FactKey&) = default;
};

enum class ResultStatus : unsigned char {
    final_,      ///< Also corrected and amended.
    preliminary, ///< Stored and shown, never counted.
    no_result,   ///< Cannot be done: neither normal nor abnormal, and not "was tested".
};

/// A measured value. `value` is in the analyte's canonical unit; without one the result is final but unreadable (a
/// text).
struct ResultEvent {
    CodeId analyte;
    ResultStatus status = ResultStatus::final_;
    std::optional<ValueInterval> value;
    std::string value_text;            ///< As published: `<0.01`.
    std::string unit_text;             ///< As published: `mIU/L`.
    std::optional<Rational> range_low; ///< The laboratory's own range, in the canonical unit.
    std::optional<Rational> range_high;
    friend bool operator==(const ResultEvent&, const ResultEvent&) = default;
};

/// How a supply's length or dose is known.
enum class Basis : unsigned char { stated, computed, assumed };

/// Tablets, or another product taken day by day: covers `days` days from the event's date.
struct SupplyEvent {
    CodeId drug;
    Route route = Route::unstated;
    std::string strength;           ///< Part of the product's identity: equal quantities have equal texts (`5 mg`).
    std::optional<Dose> daily_dose; ///< Nothing where the publisher states none.
    std::int32_t days = 0;          ///< 1 to 3660.
    Basis basis = Basis::stated;    ///< Of `days` and `daily_dose`: the weakest of the two.
    std::vector<FactId> fulfils{};  ///< The orders that it was handed over on, of the same publisher; sorted.
    friend bool operator==(const SupplyEvent&, const SupplyEvent&) = default;
};

/// A drug ended early; without a route, on all of its routes.
struct StopEvent {
    CodeId drug;
    std::optional<Route> route;
    friend bool operator==(const StopEvent&, const StopEvent&) = default;
};

/// A single dose given. How long it covers is the drug's rule (denosumab 60 mg: 183 days).
struct AdministrationEvent {
    CodeId drug;
    Route route = Route::unstated;
    std::optional<Dose> dose;
    std::vector<FactId> fulfils{}; ///< As of a supply.
    friend bool operator==(const AdministrationEvent&, const AdministrationEvent&) = default;
};

/// A diagnosis, finding or symptom; its onset is the event's time. Present through `until`, where it abated.
struct ConditionEvent {
    CodeId code;
    std::optional<ClinicalTime> until;
    friend bool operator==(const ConditionEvent&, const ConditionEvent&) = default;
};

/// Something done: DXA, fracture-risk assessment, medication review.
struct ProcedureEvent {
    CodeId code;
    friend bool operator==(const ProcedureEvent&, const ProcedureEvent&) = default;
};

enum class Sex : unsigned char { unknown, female, male, other };

/// A registration, [from, to); open-ended without `to`.
struct Registration {
    Date from{};
    std::optional<Date> to;
    friend auto operator<=>(const Registration&, const Registration&) = default;
};

/// What is known of the person. Nothing here is guessed: an unrecorded birth date stays unrecorded.
struct PatientEvent {
    Sex sex = Sex::unknown;
    std::optional<ClinicalTime> born;
    std::optional<ClinicalTime> died;
    std::string practice;
    std::vector<Registration> registered;       ///< Sorted; empty where the publisher states none.
    std::vector<PatientIdentifier> identifiers; ///< Further identifiers of the same person, sorted.
    friend bool operator==(const PatientEvent&, const PatientEvent&) = default;
};

/// Hides a fact of the same publisher: of version n it hides n and below; without a version it is final. It may name no
/// patient (an empty identifier): it reaches those whom the fact ever named.
struct RetractionEvent {
    FactId of;
    std::optional<Version> of_version;
    friend bool operator==(const RetractionEvent&, const RetractionEvent&) = default;
};

/// The patient named `from` is the event's patient: the one record goes on in the other. Takes effect while it stands;
/// retracted (an unmerge), all is as if it had never been.
struct MergeEvent {
    PatientIdentifier from;
    friend bool operator==(const MergeEvent&, const MergeEvent&) = default;
};

using EventBody = std::variant<ResultEvent, SupplyEvent, StopEvent, AdministrationEvent, ConditionEvent, ProcedureEvent,
                               PatientEvent, RetractionEvent, MergeEvent>;

/// One canonical event of one patient, as a door decoded it: units converted, codes mapped, times resolved.
struct Event {
    FactKey key; ///< Of a patient event: the identifier's text. Of a retraction: its own id.
    Version version{{1}};
    PatientIdentifier patient; ///< As published; kept so that a merge unites and an unmerge splits exactly.
    ClinicalTime at;
    std::map<std::string, std::string> attributes; ///< device, fasting, laterality, form, issued or administered.
    EventBody body;
    friend bool operator==(const Event&, const Event&) = default;
};

/// The fact whose versions this event belongs to: for a retraction the fact that it names.
[[nodiscard]] FactKey fact_of(const Event& event);

/// `result`, `supply`, …: the type's word in native events.
[[nodiscard]] std::string_view type_word(const Event& event);

/// The attribute of a retraction that is a *doubt*: of version n it hides nothing, but n is known and cannot be used,
/// so what stands below n is disputed. Its value says why.
inline constexpr const char* doubt_attribute = "doubt";
[[nodiscard]] bool is_doubt(const Event& event);

/// The vocabulary id that the event is about (analyte, drug, condition, procedure); nothing for patient and retraction.
[[nodiscard]] const CodeId* code_of(const Event& event);

/// The orders that a supply or a single dose fulfils; of all else none.
[[nodiscard]] const std::vector<FactId>& orders_of(const Event& event);

/// `nhs:9990000018`. For people and native lines; never in a key, a log line or a metric.
[[nodiscard]] std::string to_text(const PatientIdentifier& identifier);

/// What an event says, for a person: `0.05 mU/L`, `5 mg oral a day for 28 days`; empty where its code says it all.
[[nodiscard]] std::string content_text(const Event& event);
/// The whole event in a line: `result tsh 0.05 mU/L on 2026-03-01`.
[[nodiscard]] std::string event_text(const Event& event);

} // namespace bonewatch::model
