#include "tests/store/facts_sample.h"

#include "store/model/promotion.h"

namespace bonewatch::tests {

using namespace model;

Event lab_event(PatientNumber patient, Version version) {
    Event event;
    event.key = {PublisherId("lab"), FactId("L-1")};
    event.version = std::move(version);
    event.patient = {"nhs", patient == anna ? "anna" : "bert"};
    event.at = on_date(Date(Days(20'000)));
    return event;
}

Event said(PatientNumber patient, Version version, std::string value) {
    Event event = lab_event(patient, std::move(version));
    ResultEvent result;
    result.analyte = CodeId("tsh");
    result.status = value.ends_with('?') ? ResultStatus::preliminary : ResultStatus::final_;
    result.value_text = std::move(value);
    event.body = result;
    return event;
}

Event retracted(std::string id, std::optional<Version> of, PatientNumber patient) {
    Event event = lab_event(patient, {{1}});
    event.key.id = FactId(std::move(id));
    event.body = RetractionEvent{FactId("L-1"), std::move(of)};
    return event;
}

Event doubted(std::string id, Version of) {
    Event doubt = retracted(std::move(id), std::move(of));
    doubt.attributes.emplace(doubt_attribute, "unknown_unit");
    return doubt;
}

Event promoted(std::string id, Version to) {
    Event promotion = retracted(std::move(id), std::move(to));
    promotion.attributes.emplace(promotion_attribute, "final");
    return promotion;
}

PatientNumber named_in(const Event& event) {
    return event.patient.value == "anna" ? anna : bert;
}

Event wrong(std::string id, PatientNumber patient, Version to) {
    Event event = retracted(std::move(id), std::move(to), patient);
    event.attributes.emplace(store::wrong_patient_attribute, store::wrong_patient_reason);
    return event;
}

std::string shown(const ResultEvent& result) {
    const bool is_promoted = result.value_text.ends_with('?') && result.status == ResultStatus::final_;
    return result.value_text + (is_promoted ? "!" : "");
}

std::string values_of(const store::FactVersions& fact, PatientNumber patient) {
    std::string out;
    for (const Event& event : fact.standing(patient))
        out += (out.empty() ? "" : " ") + shown(std::get<ResultEvent>(event.body));
    return out;
}

} // namespace bonewatch::tests
