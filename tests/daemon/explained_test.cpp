#include "daemon/event_fields.h"
#include "daemon/shelved_row.h"
#include "daemon/simulate.h"
#include "ingest/hl7_batch.h"
#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

namespace bonewatch::daemon {
namespace {

namespace fs = std::filesystem;
using ingest::Decoded;
using ingest::Format;
using ingest::Origin;

/// What was wrong with how events are explained, counted, each with where it was first.
struct Complaints {
    std::map<std::string, std::pair<std::size_t, std::string>> all;
    std::size_t events = 0;

    void add(const std::string& what, const std::string& where) {
        auto& [count, first] = all[what];
        first = count++ == 0 ? where : first;
    }
    void expect_none() const {
        for (const auto& [what, found] : all)
            ADD_FAILURE() << found.first << " × " << what << ", first in " << found.second;
    }
};

/// The segment that a place names, whatever its letters' case, split by the message's own separator; nothing where
/// there is none. Reads HL7 by itself, so that it cannot err as the decoder does.
std::vector<std::string> segment_at(const std::string& message, const std::string& name, std::size_t number) {
    std::string line;
    std::istringstream in(message);
    std::vector<std::string> lines;
    while (std::getline(in, line, '\r'))
        lines.push_back(line);
    for (const std::string& each : lines) {
        std::string its_name = each.substr(0, 3);
        std::ranges::transform(its_name, its_name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        if (its_name != name || --number > 0)
            continue;
        std::vector<std::string> fields;
        std::istringstream of_line(each);
        const char separator = message.at(message.find("MSH") + 3);
        for (std::string field; std::getline(of_line, field, separator);)
            fields.push_back(field);
        if (name == "MSH")
            fields.insert(fields.begin() + 1, std::string(1, separator));
        return fields;
    }
    return {};
}

/// The field that `OBX[2]-5[1].2` names, as it stands in the message.
std::string field_at(const std::string& message, const std::string& place) {
    const auto dash = place.find('-');
    if (place.size() < 3 || dash == std::string::npos)
        return {};
    const std::size_t number = place[3] == '[' ? std::stoul(place.substr(4)) : 1;
    const auto fields = segment_at(message, place.substr(0, 3), number);
    const std::size_t field = std::stoul(place.substr(dash + 1));
    return field < fields.size() ? fields[field] : std::string();
}

/// Whether what is said to stand there does. Of HL7 an unescaped word of it is looked for in the field.
bool stands_there(const std::string& message, const Decoded& decoded, const Origin& origin, Format format) {
    if (format == Format::hl7v2) {
        const std::string field = field_at(message, origin.place);
        const std::string word = origin.text.substr(0, origin.text.find_first_of("&<>\\\n "));
        return !field.empty() && field.find(word) != std::string::npos;
    }
    // Of a contained resource, and of an entry beside its resource, the raw text is not the message's.
    const std::string there = text_at_place(decoded.raw, origin.place);
    return there == origin.text || (!there.empty() && there.starts_with(origin.text.substr(0, 200)));
}

void check(const std::string& message, const Decoded& decoded, Format format, const std::string& where,
           Complaints& complaints) {
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    if (event == nullptr)
        return;
    ++complaints.events;
    const std::string what = std::string(ingest::to_text(format)) + " " +
                             decoded.kind.substr(0, decoded.kind.find(' ')) + " " +
                             std::string(model::type_word(*event)) + ": ";
    std::set<std::string> fields;
    for (const EventField& field : fields_of(*event)) {
        fields.insert(field.name);
        if (std::ranges::find(decoded.origins, field.name, &Origin::field) == decoded.origins.end())
            complaints.add(what + field.name + " has no origin", where);
    }
    for (const Origin& origin : decoded.origins) {
        if (origin.field.empty()) // Sent, and not read.
            continue;
        if (!fields.contains(origin.field) && origin.field != "status")
            complaints.add(what + origin.field + " is explained and is no field", where);
        if (origin.text.empty() && origin.made.empty())
            complaints.add(what + origin.field + " is explained by nothing", where);
        const bool is_in_message = format == Format::hl7v2 ? origin.place.find('-') != std::string::npos
                                                           : origin.place.find('$') != std::string::npos;
        if (origin.text.empty() && is_in_message)
            complaints.add(what + origin.field + " is said to stand where nothing stands", where + " " + origin.place);
        else if (is_in_message && !stands_there(message, decoded, origin, format))
            complaints.add(what + origin.field + " does not stand there",
                           where + " " + origin.place + " '" + origin.text + "'");
    }
}

void check_all(const std::string& text, Format format, const std::string& where, Complaints& complaints,
               const config::PublisherSettings& settings = {.takes_test_messages = true}) {
    const ingest::Publisher publisher{.id = model::PublisherId("lab"), .settings = &settings};
    std::vector<std::string> messages{text};
    if (format == Format::hl7v2) {
        const auto batch = ingest::split_hl7(text);
        messages.assign(batch.messages.begin(), batch.messages.end());
    }
    for (std::string& message : messages) {
        const auto all = ingest::decode(format, message, publisher, ingest::rules::vocabulary(), std::nullopt, true);
        if (format == Format::hl7v2)
            std::ranges::replace(message, '\n', '\r');
        for (const Decoded& decoded : all)
            check(message, decoded, format, where, complaints);
    }
}

struct DataSet {
    std::string name;
    Format format;
    std::vector<std::string> folders;
    std::vector<std::string> endings;
};

class ExplainedData : public testing::TestWithParam<DataSet> {};

TEST_P(ExplainedData, every_field_of_every_event_has_an_origin) {
    const auto& [name, format, folders, endings] = GetParam();
    const fs::path data = ingest::rules::data_folder();
    if (data.empty())
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    Complaints complaints;
    for (const std::string& folder : folders)
        for (const auto& file : fs::recursive_directory_iterator(data / folder)) {
            const std::string path = file.path().string();
            if (file.is_regular_file() && std::ranges::any_of(endings, [&](const std::string& ending) {
                    return path.ends_with(ending) || path.ends_with(ending + ".gz");
                }))
                check_all(ingest::rules::read_text(file.path()), format, file.path().filename(), complaints);
        }
    EXPECT_GT(complaints.events, 0U);
    std::cout << name << ": " << complaints.events << " events\n";
    complaints.expect_none();
}

INSTANTIATE_TEST_SUITE_P(
    Data, ExplainedData,
    testing::Values(DataSet{"vectors", Format::hl7v2, {"../interfaces/vectors"}, {".hl7"}},
                    DataSet{"hl7v2", Format::hl7v2, {"hl7v2"}, {".hl7"}},
                    DataSet{"fhir_examples", Format::fhir, {"fhir-r4-examples", "fhir-r4-au"}, {".json"}},
                    DataSet{"synthea", Format::fhir, {"fhir-r4-synthea/bundles"}, {".json"}},
                    DataSet{"mimic", Format::fhir, {"mimic3-demo"}, {".ndjson"}},
                    DataSet{"smart", Format::fhir, {"fhir-stu3-smart-patients/r4-derived-ndjson"}, {".ndjson"}},
                    DataSet{"converted", Format::fhir, {"hl7v2/ms-fhir-converter/expected-fhir"}, {".json"}}),
    [](const auto& tested) { return tested.param.name; });

class ExplainedClinic : public testing::TestWithParam<SimulateFormat> {};

TEST_P(ExplainedClinic, every_field_of_every_event_has_an_origin) {
    SimulateSettings settings{.patients = 60, .years = 6, .seed = 7, .until = *model::parse_date("2026-01-01")};
    settings.format = settings.within = GetParam();
    std::ostringstream out;
    simulate(settings, out);
    const Format format = GetParam() == SimulateFormat::native ? Format::native
                          : GetParam() == SimulateFormat::fhir ? Format::fhir
                                                               : Format::hl7v2;
    Complaints complaints;
    check_all(out.str(), format, "simulated", complaints);
    EXPECT_GT(complaints.events, 1000U);
    complaints.expect_none();
}

INSTANTIATE_TEST_SUITE_P(Simulated, ExplainedClinic,
                         testing::Values(SimulateFormat::native, SimulateFormat::fhir, SimulateFormat::hl7v2),
                         [](const auto& tested) {
                             return tested.param == SimulateFormat::native ? "native"
                                    : tested.param == SimulateFormat::fhir ? "fhir"
                                                                           : "hl7v2";
                         });

} // namespace
} // namespace bonewatch::daemon
