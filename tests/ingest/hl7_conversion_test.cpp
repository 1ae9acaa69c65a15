#include "ingest/hl7_batch.h"
#include "ingest/hl7_element.h"
#include "ingest/hl7_observation.h"
#include "ingest/hl7_person.h"
#include "ingest/hl7_status.h"
#include "ingest/hl7_value.h"
#include "ingest/json.h"
#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace bonewatch::ingest::rules {
namespace {

namespace fs = std::filesystem;

/// Agreement with another project's conversion to FHIR, of what is read here: a line for each field that differs.
struct Agreement {
    std::map<std::string, std::pair<std::size_t, std::size_t>> fields; ///< By name: the same, and all.
    std::vector<std::string> differences;

    void compare(const std::string& field, const std::string& where, const std::string& ours,
                 const std::string& theirs) {
        auto& [same, all] = fields[field];
        ++all;
        if (ours == theirs)
            ++same;
        else
            differences.push_back(where + " " + field + ": '" + ours + "', there '" + theirs + "'");
    }
};

std::string value_of(const Json& observation) {
    if (const Json* quantity = observation.find("valueQuantity"))
        return std::string(quantity->find("value")->text);
    if (const Json* concept_ = observation.find("valueCodeableConcept")) {
        if (const auto text = concept_->text_of("text"); !text.empty())
            return std::string(text);
        return std::string(concept_->items_of("coding").front().value.text_of("display"));
    }
    return std::string(observation.text_of("valueString"));
}

std::string unit_of(const Json& observation) {
    const Json* quantity = observation.find("valueQuantity");
    if (quantity == nullptr)
        return {};
    const auto code = quantity->text_of("code");
    return std::string(code.empty() ? quantity->text_of("unit") : code);
}

std::string status_word(Hl7Standing standing) {
    switch (standing) {
    case Hl7Standing::final_:
    case Hl7Standing::promoted:
        return "final";
    case Hl7Standing::corrected:
    case Hl7Standing::appended:
        return "amended";
    case Hl7Standing::preliminary:
        return "preliminary";
    case Hl7Standing::no_result:
        return "cancelled";
    case Hl7Standing::deleted:
    case Hl7Standing::wrong_patient:
        return "entered-in-error";
    case Hl7Standing::pending:
    case Hl7Standing::not_asked:
        return "unknown"; // As the other project has it: HL7's own map leaves these open.
    }
    return {};
}

/// `2012-03-01` of a date, else the instant.
std::string time_text(const model::ClinicalTime& time) {
    return time.clock ? model::to_text(time.instant) : model::to_text(time);
}

class Compared {
  public:
    Compared(const Hl7Context& context, const std::string& name, const Json& bundle, Agreement& agreement)
        : context_(context), name_(name), agreement_(agreement), person_(hl7_person(context, nullptr)) {
        for (const auto& [key, entry] : bundle.items_of("entry"))
            if (const Json* resource = entry.find("resource"))
                (resource->text_of("resourceType") == "Observation" ? observations_ : patients_).push_back(resource);
    }

    void run() {
        const Hl7Segment* obr = nullptr;
        for (const Hl7Segment& segment : context_.message.segments()) {
            if (segment.is("OBR"))
                obr = &segment;
            else if (segment.is("OBX") && !segment[2].is("ED") && !segment[2].is("RP")) // Documents there.
                compare_observation(segment, {person_, nullptr, obr, nullptr});
            else if (segment.is("PID"))
                compare_patient(segment);
        }
        for (const Json* resource : patients_)
            if (resource->text_of("resourceType") == "Linkage")
                compare_merge(*resource);
    }

  private:
    void compare_observation(const Hl7Segment& obx, const Hl7Order& order) {
        const std::string code = obx[3].component(1).text();
        const auto at = std::ranges::find_if(observations_, [&](const Json* each) {
            const auto& codings = each->find("code")->items_of("coding");
            return !codings.empty() && codings.front().value.text_of("code") == code;
        });
        if (code.empty() || at == observations_.end())
            return;
        const Json& theirs = **at;
        const std::string where = name_ + " " + hl7_place(obx) + " " + code;
        observations_.erase(at);
        const auto standing = hl7_standing(obx[11].text());
        agreement_.compare("status", where, standing ? status_word(*standing) : "",
                           std::string(theirs.text_of("status")));
        const auto& components = theirs.items_of("component");
        for (std::size_t i = 0; i < std::max<std::size_t>(1, components.size()); ++i) {
            const auto value = read_hl7_value(context_, obx, i + 1);
            const Json& holder = components.empty() ? theirs : components[i].value;
            agreement_.compare("value", where, value ? value->text : value.error().reason, value_of(holder));
            const bool is_measured = holder.find("valueQuantity") != nullptr;
            agreement_.compare("unit", where, value && is_measured && !value->units.empty() ? value->units.front() : "",
                               unit_of(holder));
        }
        const Hl7TimePlace when = hl7_time_place(order, &obx);
        Warnings warnings;
        const auto time = when.segment == nullptr
                              ? model::Result<model::ClinicalTime>{}
                              : read_hl7_time((*when.segment)[when.field], context_.clock, warnings);
        const auto their_time = read_time(theirs.text_of("effectiveDateTime"), *context_.clock.zone, warnings);
        agreement_.compare("time", where, when.segment != nullptr && time ? time_text(*time) : "",
                           their_time ? time_text(*their_time) : "");
    }

    void compare_patient(const Hl7Segment& pid) {
        const auto patient = std::ranges::find_if(
            patients_, [](const Json* each) { return each->text_of("resourceType") == "Patient"; });
        if (patient == patients_.end())
            return;
        const std::string where = name_ + " " + hl7_place(pid);
        const std::string sex = pid[8].is("F") ? "female" : pid[8].is("M") ? "male" : "";
        agreement_.compare("sex", where, sex, std::string((*patient)->text_of("gender")));
        Warnings warnings;
        const auto born = read_hl7_time(pid[7], context_.clock, warnings);
        agreement_.compare("birth", where, born ? model::to_text(born->date) : "",
                           std::string((*patient)->text_of("birthDate")));
        // Theirs has the other numbers of the PID beside these.
        for (std::size_t i = 1; i <= pid[3].repetition_count(); ++i) {
            const std::string ours = pid[3].repetition(i).component(1).text();
            const auto& theirs = (*patient)->items_of("identifier");
            const bool is_there = std::ranges::any_of(
                theirs, [&](const auto& identifier) { return identifier.value.text_of("value") == ours; });
            agreement_.compare("PID-3", where, ours, is_there ? ours : "");
        }
    }

    /// Their Linkage names the record that goes on, then the one that goes away; of accounts it is none of ours.
    void compare_merge(const Json& linkage) {
        std::string theirs;
        for (const auto& [key, item] : linkage.items_of("item"))
            if (const Json* record = item.find("resource"); record->text_of("type") == "Patient")
                theirs += std::string(record->find("identifier")->text_of("value")) + " ";
        std::string ours;
        for (const Decoded& decoded : decode_hl7_person(context_))
            if (const auto* event = std::get_if<model::Event>(&decoded.outcome))
                if (const auto* merge = std::get_if<model::MergeEvent>(&event->body))
                    ours += event->patient.value + " " + merge->from.value + " ";
        agreement_.compare("merge", name_, ours, theirs);
    }

    const Hl7Context& context_;
    const std::string& name_;
    Agreement& agreement_;
    Hl7Person person_;
    std::vector<const Json*> observations_, patients_;
};

TEST(Hl7ConversionTest, agrees_with_another_projects_conversion_to_fhir) {
    const fs::path folder = data_folder() / "hl7v2" / "ms-fhir-converter";
    if (data_folder().empty() || !fs::is_directory(folder))
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    const Publisher publisher{.id = model::PublisherId("lab")};
    const auto zone = Zone::named("UTC");
    const std::optional<model::Instant> received;
    const MessageContext outer{publisher, zone, vocabulary(), received, false};
    Agreement agreement;
    std::size_t files = 0;
    for (const auto& file : fs::directory_iterator(folder / "expected-fhir")) {
        std::string name = file.path().filename();
        name.resize(name.find("-expected"));
        const std::string text = read_text(folder / (name + ".hl7"));
        const auto json = parse_json(read_text(file.path()), {.bytes_max = std::size_t{64} << 20, .depth_max = 64});
        ASSERT_TRUE(json) << name << ": " << json.error().message;
        const auto batch = split_hl7(text);
        ASSERT_EQ(batch.messages.size(), 1U) << name;
        const auto message = Hl7Message::read(batch.messages.front(), "CP1252");
        ASSERT_TRUE(message) << name;
        const Hl7Context context{outer, *message, hl7_clock(zone, message->msh()[7], true), {}, std::nullopt};
        Compared(context, name, json->root, agreement).run();
        ++files;
    }
    EXPECT_GT(files, 0U);
    for (const char* field : {"PID-3", "birth", "merge", "sex", "unit"})
        EXPECT_EQ(agreement.fields[field].first, agreement.fields[field].second) << field;
    for (const auto& [field, counts] : agreement.fields)
        std::cout << field << ": " << counts.first << " of " << counts.second << " agree\n";
    for (const auto& difference : agreement.differences)
        std::cout << "  " << difference << "\n";
}

} // namespace
} // namespace bonewatch::ingest::rules
