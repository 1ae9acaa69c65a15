#include "tests/oracles/qi_core.h"

#include "ingest/codes.h"
#include "store/model/ensure.h"

#include <string_view>

namespace bonewatch::oracles {

namespace {

using ingest::Json;

constexpr std::string_view yes_code = "373066001"; // "Yes (qualifier value)", as the cases write it.

struct Span {
    std::string_view from, to; ///< FHIR times, as they stand in the resource.
};

/// Writes the Conditions of one bundle.
class Lines {
  public:
    explicit Lines(const config::Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

    void add(const Json& resource, const Json* concept_, Span when);
    [[nodiscard]] const config::CodeMeaning* meaning(const Json* concept_) const;
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    const config::Vocabulary& vocabulary_;
    std::string text_;
    int count_ = 0;
};

const Json* first_coding(const Json* concept_) {
    const bool is_coded = concept_ != nullptr && !concept_->items_of("coding").empty();
    return is_coded ? &concept_->items_of("coding").front().value : nullptr;
}

std::string json_string(std::string_view text) {
    ENSURE(text.find_first_of("\"\\") == std::string_view::npos, "codes, references and times need no escapes");
    return '"' + std::string(text) + '"';
}

void Lines::add(const Json& resource, const Json* concept_, Span when) {
    const Json* coding = first_coding(concept_);
    const Json* subject = resource.find("subject");
    if (coding == nullptr || subject == nullptr || when.from.empty())
        return;
    const std::string id = std::string(resource.text_of("id")) + "." + std::to_string(++count_);
    text_ += R"({"resourceType":"Condition","id":)" + json_string(id);
    text_ += R"(,"subject":{"reference":)" + json_string(subject->text_of("reference"));
    text_ += R"(},"code":{"coding":[{"system":)" + json_string(coding->text_of("system"));
    text_ += R"(,"code":)" + json_string(coding->text_of("code")) + "}]}";
    text_ += R"(,"onsetDateTime":)" + json_string(when.from);
    if (!when.to.empty())
        text_ += R"(,"abatementDateTime":)" + json_string(when.to);
    text_ += "}\n";
}

const config::CodeMeaning* Lines::meaning(const Json* concept_) const {
    const Json* coding = first_coding(concept_);
    return coding == nullptr ? nullptr : vocabulary_.meaning(coding->text_of("system"), coding->text_of("code"));
}

Span period_of(const Json& resource, std::string_view element) {
    const Json* period = resource.find(element);
    return period == nullptr ? Span{} : Span{period->text_of("start"), period->text_of("end")};
}

void add_encounter(const Json& encounter, Lines& lines) {
    if (encounter.text_of("status") != "finished")
        return;
    const Span period = period_of(encounter, "period");
    for (const auto& [key, type] : encounter.items_of("type"))
        lines.add(encounter, &type, period);
    if (const Json* stay = encounter.find("hospitalization"))
        lines.add(encounter, stay->find("dischargeDisposition"), {period.to, period.to});
}

/// Whether it says that it orders nothing; a DeviceRequest of R4 says so in an extension.
bool is_prohibition(const Json& request) {
    if (const Json* said = request.find("doNotPerform"))
        return said->text == "true";
    for (const auto& [key, extension] : request.items_of("modifierExtension"))
        if (extension.text_of("url").ends_with("doNotPerform"))
            if (const Json* said = extension.find("valueBoolean"))
                return said->text == "true";
    return false;
}

const Json* reason_in(const Json& request) {
    for (const auto& [key, extension] : request.items_of("extension"))
        if (extension.text_of("url").ends_with("doNotPerformReason"))
            return extension.find("valueCodeableConcept");
    return nullptr;
}

void add_request(const Json& request, std::string_view element, Lines& lines) {
    const auto status = request.text_of("status");
    if ((status != "active" && status != "completed") || request.text_of("intent") != "order")
        return;
    const auto written = request.text_of("authoredOn");
    lines.add(request, is_prohibition(request) ? reason_in(request) : request.find(element), {written, written});
}

void add_answer(const Json& observation, Lines& lines) {
    const auto status = observation.text_of("status");
    const Json* answer = observation.find("valueCodeableConcept");
    if (answer == nullptr || (status != "final" && status != "amended" && status != "corrected"))
        return;
    const Json* coding = first_coding(answer);
    const bool is_yes = coding != nullptr && coding->text_of("code") == yes_code;
    const Json* said = is_yes ? observation.find("code") : answer;
    const auto* meaning = lines.meaning(said);
    if (meaning != nullptr && fits(meaning->kind, ingest::CodeSlot::condition))
        lines.add(observation, said, period_of(observation, "effectivePeriod"));
}

} // namespace

std::string conditions_in(const Json& bundle, const config::Vocabulary& vocabulary) {
    Lines lines(vocabulary);
    for (const auto& [key, entry] : bundle.items_of("entry")) {
        const Json* resource = entry.find("resource");
        const auto type = resource == nullptr ? std::string_view{} : resource->text_of("resourceType");
        if (type == "Encounter")
            add_encounter(*resource, lines);
        else if (type == "ServiceRequest")
            add_request(*resource, "code", lines);
        else if (type == "DeviceRequest")
            add_request(*resource, "codeCodeableConcept", lines);
        else if (type == "Observation")
            add_answer(*resource, lines);
    }
    return lines.text();
}

} // namespace bonewatch::oracles
