#include "daemon/intake.h"
#include "daemon/replay.h"
#include "daemon/simulate.h"
#include "monitors/view.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <sstream>

namespace bonewatch::daemon {
namespace {

using ingest::Format;

/// One clinic, its messages through the door in the order in which they become known.
struct Watched {
    std::map<std::string, std::string> timelines; ///< By patient: a line a fact, in a form that no format shows in.
    std::map<std::string, std::string> alerts;    ///< By patient: a line an alert, as it stands in the end.
    std::map<std::string, std::string> feed;      ///< By patient: a line an entry.
    SimulateCounts counts;
    IntakeCounts taken;
};

std::string time_text(const model::ClinicalTime& time) {
    return model::to_text(time.instant) + " " + model::to_text(time) +
           (time.clock ? " " + std::to_string(time.clock->count()) : "");
}

/// What a fact says, without id, version, patient, and what names the format: its attributes `form` and `source`.
std::string content_of(const model::Event& event) {
    std::ostringstream out;
    out << model::type_word(event) << " ";
    if (const auto* code = model::code_of(event))
        out << code->text << " ";
    if (const auto* result = std::get_if<model::ResultEvent>(&event.body)) {
        out << "status " << static_cast<int>(result->status);
        // What cannot be had has no value, whatever some formats say beside it.
        if (result->value && result->status != model::ResultStatus::no_result)
            out << " " << model::to_text(*result->value) << " as " << result->value_text;
        for (const auto* end : {&result->range_low, &result->range_high})
            if (*end && result->status != model::ResultStatus::no_result)
                out << " range " << model::to_text(**end);
    } else if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body)) {
        out << model::to_text(supply->route) << " " << supply->days << " d "
            << (supply->daily_dose ? model::to_text(*supply->daily_dose) : "no dose") << " " << supply->strength;
    } else if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body)) {
        out << model::to_text(given->route) << " " << (given->dose ? model::to_text(*given->dose) : "no dose");
    }
    out << " at " << time_text(event.at);
    for (const auto& [name, value] : event.attributes)
        if (name != "form" && name != "source")
            out << " " << name << "=" << value;
    return out.str();
}

/// What is known of the person. Facts of persons are not compared one by one: native lines and FHIR state all of it in
/// one fact, HL7 v2 each field in its own.
std::string person_text(const model::Timeline& timeline) {
    const monitors::Person person = monitors::person_of(timeline);
    std::set<std::string> practices;
    for (const model::FactPtr& fact : timeline.patient())
        practices.insert(std::get<model::PatientEvent>(fact->event.body).practice);
    return "person " + std::to_string(static_cast<int>(person.sex)) + " born " +
           (person.born ? time_text(*person.born) : "") + " died " + (person.died ? time_text(*person.died) : "") +
           " practice " + (practices.empty() ? "" : *practices.rbegin()) + " registered " +
           std::to_string(person.registered.size());
}

std::string sorted_lines(std::multiset<std::string> lines) {
    std::string out;
    for (const std::string& line : lines)
        out += line + "\n";
    return out;
}

void read_patient(const PatientState& patient, const Revision& revision, Watched& out) {
    std::multiset<std::string> facts;
    for (const model::FactPtr& fact : patient.watch.timeline().all())
        facts.insert(content_of(fact->event) + (fact->disputed ? " DISPUTED" : ""));
    facts.insert(person_text(patient.watch.timeline()));
    std::multiset<std::string> alerts;
    for (const auto& [monitor, told] : patient.told)
        for (const alerts::Alert& alert : told)
            alerts.insert(revision.catalogue->monitors()[monitor].id.text + " " +
                          std::string(alerts::to_text(alert.state)) + " opened " + model::to_text(alert.opened) +
                          (alert.closed ? " closed " + model::to_text(*alert.closed) : "") + " severity " +
                          std::to_string(static_cast<int>(alert.severity)) + " told " +
                          model::to_text(alert.first_told));
    out.timelines[patient.row.identifier.value] = sorted_lines(std::move(facts));
    out.alerts[patient.row.identifier.value] = sorted_lines(std::move(alerts));
}

/// Feed entries without ids, in the order of telling.
std::map<std::string, std::string> by_patient(const std::vector<std::string>& entries) {
    std::map<std::string, std::string> out;
    for (const std::string& entry : entries) {
        std::string patient = member_of(entry, "patient");
        patient.erase(0, patient.find_last_of(":/") + 1);
        std::string line;
        for (const char* name : {"recorded_at", "at", "monitor", "transition", "severity"})
            line += member_of(entry, name) + " ";
        out[patient] += line + "\n";
    }
    return out;
}

Format format_of(SimulateFormat format) {
    if (format == SimulateFormat::native)
        return Format::native;
    return format == SimulateFormat::fhir ? Format::fhir : Format::hl7v2;
}

Watched watch(SimulateSettings settings, SimulateFormat format, SimulateFormat within) {
    settings.format = format;
    settings.within = within;
    struct Arrival {
        Instant known;
        std::string message;
    };
    std::vector<Arrival> arrivals;
    Watched out;
    out.counts = simulate(settings, [&](Instant known, std::string_view message) {
        arrivals.push_back({known, std::string(message)});
        return true;
    });
    std::ranges::stable_sort(arrivals, {}, &Arrival::known);

    Clinic clinic;
    Intake intake(clinic.core());
    const ingest::Publisher publisher{model::PublisherId("clinic")};
    for (const Arrival& arrival : arrivals) {
        clinic.pass_to(arrival.known - std::chrono::milliseconds(1));
        const auto taken = intake.take(arrival.message, format_of(format), publisher, false, arrival.known);
        EXPECT_TRUE(taken && clinic.core().commit());
    }
    clinic.pass_to(Instant(settings.until + model::Days(1)));
    out.taken = intake.counts();
    Core& core = clinic.core();
    for (std::uint64_t number = 1; number <= core.directory().patient_count().value(); ++number)
        if (const auto patient = core.read_patient(model::PatientNumber{number}).value())
            read_patient(*patient, core.revision(), out);
    out.feed = by_patient(clinic.feed());
    return out;
}

/// What `replay` tells of the clinic's file.
std::map<std::string, std::string> replayed(SimulateSettings settings, SimulateFormat format, SimulateFormat within) {
    settings.format = format;
    settings.within = within;
    std::ostringstream file;
    simulate(settings, file);
    Replay replay(shipped_revision(), {});
    replay.add(file.str(), format_of(format), {model::PublisherId("file")}, [](const ingest::Decoded&) {});
    EXPECT_TRUE(replay.run(Instant(settings.until + model::Days(1))));
    return by_patient(replay.entries().value());
}

/// The first difference of two clinics, for a person.
std::string difference(const std::map<std::string, std::string>& one, const std::map<std::string, std::string>& other) {
    if (one.size() != other.size())
        return std::to_string(one.size()) + " patients and " + std::to_string(other.size());
    for (const auto& [patient, text] : one) {
        const auto found = other.find(patient);
        if (found == other.end())
            return "only one has " + patient;
        std::istringstream mine(text);
        std::istringstream theirs(found->second);
        std::set<std::string> seen;
        for (std::string line; std::getline(theirs, line);)
            seen.insert(line);
        std::string out;
        for (std::string line; std::getline(mine, line);)
            if (seen.erase(line) == 0)
                out += "  only one has   " + line + "\n";
        for (const std::string& line : seen)
            out += "  only the other " + line + "\n";
        if (!out.empty() || text != found->second)
            return patient + "\n" + out;
    }
    return {};
}

class TheSameClinic : public testing::TestWithParam<std::tuple<SimulateFormat, std::uint64_t>> {};

TEST_P(TheSameClinic, ends_in_the_same_timelines_and_alerts) {
    const auto [format, seed] = GetParam();
    const SimulateSettings settings{
        .patients = 150, .years = 5, .seed = seed, .until = std::chrono::year(2026) / 3 / 1};
    const Watched native = watch(settings, SimulateFormat::native, format);
    const Watched other = watch(settings, format, format);
    EXPECT_EQ(difference(native.timelines, other.timelines), "");
    EXPECT_EQ(difference(native.alerts, other.alerts), "");
    EXPECT_EQ(difference(native.feed, other.feed), "");
    EXPECT_EQ(other.taken.rejected, 0u);
    EXPECT_EQ(native.taken.quarantined, other.taken.quarantined);
    EXPECT_EQ(native.counts.unsaid, other.counts.unsaid);

    const auto lines = [](const std::map<std::string, std::string>& texts) {
        std::size_t count = 0;
        for (const auto& [patient, text] : texts)
            count += static_cast<std::size_t>(std::ranges::count(text, '\n'));
        return count;
    };
    EXPECT_GT(lines(native.timelines), 3000u);
    EXPECT_GT(lines(native.alerts), 100u);
    for (const std::uint64_t count : {native.counts.corrected, native.counts.retracted, native.counts.moved,
                                      native.counts.disputed, native.counts.late, native.counts.repeated})
        EXPECT_GT(count, 0u);
    std::cout << "facts " << lines(native.timelines) << ", alerts " << lines(native.alerts) << ", entries "
              << lines(native.feed) << ", corrected " << native.counts.corrected << ", retracted "
              << native.counts.retracted << ", moved " << native.counts.moved << ", disputed " << native.counts.disputed
              << ", left out for want of words " << other.counts.unsaid << "\n";
}

/// Patients of whom one version was sent with two contents. In HL7 v2 both have the same MSH-7, or the later one would
/// be the greater: from a file both become known at once.
std::set<std::string> contradicted(SimulateSettings settings) {
    settings.format = SimulateFormat::hl7v2;
    std::set<std::string> out;
    simulate(settings, [&](Instant, std::string_view message) {
        if (message.find("B|P|2.5.1") != std::string_view::npos)
            out.emplace(message.substr(message.find("PID|1||") + 7, 10));
        return true;
    });
    return out;
}

TEST_P(TheSameClinic, is_told_of_in_the_same_way_from_a_file) {
    const auto [format, seed] = GetParam();
    const SimulateSettings settings{
        .patients = 60, .years = 5, .seed = seed + 100, .until = std::chrono::year(2026) / 3 / 1};
    auto native = replayed(settings, SimulateFormat::native, format);
    auto other = replayed(settings, format, format);
    if (format == SimulateFormat::hl7v2)
        for (const std::string& patient : contradicted(settings)) {
            native.erase(patient);
            other.erase(patient);
        }
    EXPECT_GT(native.size(), 10u);
    EXPECT_EQ(difference(native, other), "");
}

TEST(PublishedCodes, stand_for_what_the_clinic_means_and_were_seen_with_their_names) {
    const auto& vocabulary = shipped_revision()->vocabulary;
    for (const SimulatedCode& code : published_codes())
        for (const std::string_view system : {code.url, code.table}) {
            const auto* meaning = vocabulary.meaning(system, code.code);
            ASSERT_NE(meaning, nullptr) << code.id;
            EXPECT_EQ(meaning->id.text, code.id);
            EXPECT_EQ(meaning->vouched, config::Vouched::name_seen) << code.id;
        }
}

std::string name_of(const testing::TestParamInfo<TheSameClinic::ParamType>& info) {
    const auto [format, seed] = info.param;
    return (format == SimulateFormat::fhir ? "fhir_" : "hl7v2_") + std::to_string(seed);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TheSameClinic,
                         testing::Combine(testing::Values(SimulateFormat::fhir, SimulateFormat::hl7v2),
                                          testing::Range<std::uint64_t>(1, 5)),
                         name_of);

} // namespace
} // namespace bonewatch::daemon
