#include "ingest/hl7_origins.h"

#include "store/model/promotion.h"

#include <algorithm>

namespace bonewatch::ingest {

using model::Event;

void hl7_origin_of(const Hl7Context& context, const Hl7Segment& pid, const model::PatientIdentifier& identifier,
                   std::string field, std::vector<Origin>& origins) {
    if (!context.context.is_explained)
        return;
    Warnings unused;
    for (const std::size_t number : {3, 2, 4, 19}) {
        const Hl7Identifiers all = hl7_identifiers(pid[number], unused);
        const auto found = std::ranges::find(all.all, identifier);
        if (found == all.all.end())
            continue;
        const std::size_t repetition = all.repetitions[static_cast<std::size_t>(found - all.all.begin())];
        const bool has_several = pid[number].repetition_count() > 1;
        origins.push_back({std::move(field), hl7_place(context, pid, number, has_several ? repetition : 0, 1),
                           std::string(pid[number].repetition(repetition).raw()), model::to_text(identifier)});
        return;
    }
}

void hl7_version_origins(const Hl7Context& context, const Hl7Segment* segment, std::size_t field,
                         std::vector<Origin>& origins) {
    const auto before = origins.size();
    if (segment != nullptr)
        hl7_origin(context, origins, "version", hl7_place(context, *segment, field), (*segment)[field]);
    hl7_origin(context, origins, "version", context.place_prefix + "MSH-7", context.message.msh()[7]);
    if (context.context.is_explained && origins.size() == before)
        origins.push_back({"version", {}, {}, "nothing says when it was said"});
}

void hl7_retraction_origins(const Hl7Context& context, const Hl7Person& person, const Event& event,
                            const Hl7Segment* segment, std::size_t field, std::vector<Origin>& origins) {
    if (person.pid != nullptr)
        hl7_origin_of(context, *person.pid, event.patient, "patient", origins);
    hl7_version_origins(context, segment, field, origins);
    if (event.at != model::ClinicalTime{})
        hl7_origin(context, origins, "at", context.place_prefix + "MSH-7", context.message.msh()[7],
                   "when it was said");
}

void hl7_person_origins(const Hl7Context& context, const Hl7Segment& pid, const Hl7Segment* said, bool is_mentioned,
                        Decoded& decoded) {
    const auto* event = std::get_if<Event>(&decoded.outcome);
    if (!context.context.is_explained || event == nullptr)
        return;
    auto& origins = decoded.origins;
    hl7_origin_of(context, pid, event->patient, "patient", origins);
    const auto* person = std::get_if<model::PatientEvent>(&event->body);
    if (person == nullptr)
        return;
    for (const auto& identifier : person->identifiers)
        hl7_origin_of(context, pid, identifier, "identifier", origins);
    if (is_mentioned) {
        hl7_origin(context, origins, "version", context.place_prefix + "MSH-7", context.message.msh()[7],
                   "only its month, below all that ADT says");
        if (!context.sent)
            origins.push_back({"version", {}, {}, "below all that ADT says"});
    } else {
        hl7_version_origins(context, said, 2, origins);
    }
}

void hl7_attribute_origins(const Hl7Context& context, std::span<const Hl7Segment> segments, const Event& event,
                           std::vector<Origin>& origins) {
    if (!context.context.is_explained)
        return;
    const Hl7Segment& obx = segments.front();
    const auto tell = [&](const char* name, const Hl7Segment& segment, std::size_t field) {
        if (event.attributes.contains(name))
            hl7_origin(context, origins, std::string("attributes.") + name, hl7_place(context, segment, field),
                       segment[field]);
    };
    tell("device", obx, 18);
    tell("method", obx, 17);
    tell("laboratory", obx, obx[23].has_value() ? 23 : 15);
    tell("reason", obx, 11);
    tell(model::promotion_attribute, obx, 11);
    for (const Hl7Segment& segment : segments)
        if (segment.is("NTE") && segment[3].has_value())
            tell("note", segment, 3);
}

} // namespace bonewatch::ingest
