#include "daemon/standing_above.h"

#include "store/model/promotion.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::Event;
using model::Result;
using model::Version;

/// A version for a person, above `below`: `that of 2026-03-02T10:10:00Z`, `version 3`.
std::string words_of(const Version& version, const Version& below) {
    constexpr std::int64_t first_year = 631'152'000'000, last_year = 4'102'444'800'000; // 1990, 2100.
    const auto& parts = version.parts;
    const auto is_time = [](std::int64_t part) { return part >= first_year && part < last_year; };
    const auto differs = static_cast<std::size_t>(std::ranges::mismatch(parts, below.parts).in1 - parts.begin());
    const auto time = std::ranges::find_if(parts, is_time);
    if (time != parts.end() && differs < parts.size()) {
        const bool is_by_time = is_time(parts[differs]);
        const std::string number =
            is_by_time || differs >= below.parts.size()
                ? std::string()
                : ", " + std::to_string(parts[differs]) + " rather than " + std::to_string(below.parts[differs]);
        return "that of " +
               model::to_text(model::Instant(std::chrono::milliseconds(is_by_time ? parts[differs] : *time))) + number;
    }
    std::string out;
    for (const std::int64_t part : parts)
        out += (out.empty() ? "version " : ".") + std::to_string(part);
    return out;
}

/// What hides a content of that version; nothing where nothing does.
std::optional<Event> hiding(const std::vector<store::FactContent>& retractions, const Version& version,
                            const Event& but) {
    for (const store::FactContent& each : retractions) {
        const auto* retraction = std::get_if<model::RetractionEvent>(&each.event.body);
        const bool is_one = retraction != nullptr && each.event != but && !model::is_promotion(each.event) &&
                            !each.event.attributes.contains(model::doubt_attribute);
        if (is_one && (!retraction->of_version || version <= *retraction->of_version))
            return each.event;
    }
    return std::nullopt;
}

std::string sentence(const store::FactVersions& versions, const Event& event, const std::string& fact) {
    constexpr const char* ending = "; this one is kept, and changes nothing";
    const auto contents = versions.contents();
    const auto greatest = std::ranges::max_element(
        contents, [](const auto& a, const auto& b) { return a.event.version < b.event.version; });
    if (greatest != contents.end() && event.version < greatest->event.version)
        return "a later version of " + fact + " came before, " + words_of(greatest->event.version, event.version) +
               ending;
    if (store::is_of_wrong_patient(event))
        return "what stands under " + fact + " is another patient's, and stays" + ending;
    const auto by = hiding(versions.retractions(), event.version, event);
    if (!by)
        return fact + " stands as something above it says" + ending;
    const auto& of_version = std::get<model::RetractionEvent>(by->body).of_version;
    return fact + " is retracted, " +
           (of_version ? "up to " + words_of(*of_version, event.version) : std::string("for good")) + ending;
}

} // namespace

Result<std::string> why_superseded(Core& core, const Event& event) {
    const model::FactKey fact = model::fact_of(event);
    const auto concerned = core.directory().concerned_by(event);
    if (!concerned)
        return std::unexpected(concerned.error());
    for (const model::PatientNumber number : *concerned) {
        const auto state = core.patient(number);
        if (!state)
            return std::unexpected(state.error());
        if (const auto known = (*state)->facts.find(fact); known != (*state)->facts.end())
            return sentence(known->second.unpacked(), event, "'" + fact.id.text + "'");
    }
    return std::string();
}

} // namespace bonewatch::daemon
