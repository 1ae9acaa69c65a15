#include "daemon/simulate.h"

#include "daemon/simulated_life.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

namespace bonewatch::daemon {

namespace {

using model::Instant;
using std::chrono::minutes;

/// Lives of neighbouring serials share no draws.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t serial) {
    std::uint64_t mixed = seed + 0x9E3779B97F4A7C15 * (serial + 1);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

class Clerk {
  public:
    Clerk(const SimulateSettings& settings, SimulateCounts& counts) : settings_(settings), counts_(counts) {}

    std::vector<SimulatedReport> write(std::uint64_t serial);

  private:
    Instant end() const { return Instant(settings_.until + model::Days(1)); }
    minutes days(std::int64_t low, std::int64_t high) { return minutes(dice_.between(low * 1440, high * 1440)); }
    bool may_say(const SimulatedReport& report) const {
        return can_say(settings_.format, report) && can_say(settings_.within, report);
    }

    /// False where nobody would know of it before the end.
    bool add(SimulatedReport report);
    bool publish(const SimulatedFact& fact, const std::string& patient, int version, Instant known);
    /// A version that was stated at `stated`, and may have been sent then too.
    bool publish_late(const SimulatedFact& fact, const std::string& patient, Instant known, Instant stated,
                      bool is_again);
    bool retract(const SimulatedFact& fact, const std::string& patient, bool of_version, Instant known);
    void publish_person(const SimulatedLife& life, model::Date from);
    /// A fact with what goes wrong between the patient and us: at most one thing each.
    void report(const SimulatedFact& fact, const std::string& patient, const std::optional<std::string>& neighbour);
    SimulatedFact altered(SimulatedFact fact);

    const SimulateSettings& settings_;
    SimulateCounts& counts_;
    Dice dice_{0};
    std::vector<SimulatedReport> reports_;
};

bool Clerk::add(SimulatedReport report) {
    if (report.known >= end())
        return false;
    reports_.push_back(std::move(report));
    return true;
}

bool Clerk::publish(const SimulatedFact& fact, const std::string& patient, int version, Instant known) {
    return add({.kind = ReportKind::fact,
                .fact = fact,
                .patient = patient,
                .version = version,
                .known = known,
                .stated = known,
                .moved_from = {}});
}

bool Clerk::publish_late(const SimulatedFact& fact, const std::string& patient, Instant known, Instant stated,
                         bool is_again) {
    return add({.kind = ReportKind::fact,
                .fact = fact,
                .patient = patient,
                .known = known,
                .stated = stated,
                .is_again = is_again,
                .moved_from = {}});
}

bool Clerk::retract(const SimulatedFact& fact, const std::string& patient, bool of_version, Instant known) {
    return add({.kind = ReportKind::retraction,
                .fact = fact,
                .patient = patient,
                .version = 2,
                .is_final = !of_version,
                .known = known,
                .stated = known,
                .moved_from = {}});
}

void Clerk::publish_person(const SimulatedLife& life, model::Date from) {
    SimulatedFact person;
    person.type = "patient";
    std::optional<std::string> died;
    for (const auto& [key, json] : life.person) {
        if (key == "died")
            died = json;
        else if (!can_say_of_person(settings_.format, key) || !can_say_of_person(settings_.within, key))
            ++counts_.unsaid;
        else
            person.fields.emplace_back(key, json);
    }
    const auto say = [&](model::Date at) {
        person.at = model::to_text(at);
        person.instant = at;
        add({.kind = ReportKind::person,
             .fact = person,
             .patient = life.identifier,
             .known = at,
             .stated = at,
             .moved_from = {}});
    };
    say(from);
    if (!died)
        return;
    const auto date = model::parse_date(std::string_view(*died).substr(1, 10));
    if (!date || *date >= settings_.until)
        return;
    person.fields.emplace_back("died", *died);
    say(*date + model::Days(1));
}

/// What a correction may say instead: another number, length or date.
SimulatedFact Clerk::altered(SimulatedFact fact) {
    for (auto& [key, json] : fact.fields) {
        if (key == "value" && json.front() != '"' && json.front() != '-') {
            const auto dot = json.find('.');
            json = std::to_string(dice_.between(1, 9)) + (dot == std::string::npos ? "0" : json.substr(dot));
            return fact;
        }
        if (key == "days") {
            json = dice_.one_of({"14", "21", "35", "42"});
            return fact;
        }
    }
    fact.instant -= model::Days(dice_.between(1, 20));
    fact.at = model::to_text(fact.instant);
    return fact;
}

void Clerk::report(const SimulatedFact& fact, const std::string& patient, const std::optional<std::string>& neighbour) {
    const auto happens = [&](int per_thousand) { return dice_.per_thousand(per_thousand); };
    const bool is_bare = fact.at.find('T') == std::string::npos;
    Instant known = fact.instant + (is_bare ? minutes(dice_.between(480, 1080)) : minutes(dice_.between(20, 2000)));
    counts_.partly_dated += fact.at.size() < 10;
    if (happens(40)) {
        known += days(3, 150);
        counts_.late += known < end();
    } else if (fact.type == "supply" && happens(30)) {
        known = fact.instant - days(1, 10);
        ++counts_.post_dated;
    }

    const std::size_t before = reports_.size();
    if (happens(20)) {
        publish(altered(fact), patient, 1, known);
        counts_.corrected += publish(fact, patient, 2, known + days(1, 60));
    } else if (happens(6)) {
        publish(fact, patient, 1, known);
        counts_.retracted += retract(fact, patient, happens(500), known + days(1, 60));
    } else if (happens(6)) {
        // Stated before it was retracted, and longer on its way.
        counts_.retracted_first += publish_late(fact, patient, known + days(1, 20), known - minutes(1), false) &&
                                   retract(fact, patient, happens(500), known);
    } else if (neighbour && happens(7)) {
        publish(fact, *neighbour, 1, known);
        const bool is_known = publish(fact, patient, 2, known + days(1, 60));
        counts_.moved += is_known;
        if (is_known)
            reports_.back().moved_from = *neighbour;
    } else if (happens(4)) {
        publish(fact, patient, 1, known);
        const Instant later = known + days(1, 30);
        const bool is_known = publish_late(altered(fact), patient, later, known, true);
        counts_.disputed += is_known;
        if (is_known)
            reports_.back().contradicts = true;
        if (happens(500))
            publish(fact, patient, 2, later + days(1, 30));
    } else {
        publish(fact, patient, 1, known);
        if (happens(30))
            counts_.repeated += publish_late(fact, patient, known + days(0, 40), known, true);
    }
    const auto own = std::span(reports_).subspan(before);
    if (!std::ranges::all_of(own, [&](const SimulatedReport& each) { return may_say(each); })) {
        counts_.unsaid += own.size();
        reports_.resize(before);
    }
}

std::vector<SimulatedReport> Clerk::write(std::uint64_t serial) {
    reports_.clear();
    dice_ = Dice(seed_of(settings_.seed, serial));
    const model::Date from = model::add_years(settings_.until, -settings_.years);
    const SimulatedLife life = simulated_life(dice_, serial, from, settings_.until);
    counts_.patients_with_pattern += life.has_pattern;

    std::optional<std::string> neighbour;
    if ((serial ^ 1) < static_cast<std::uint64_t>(settings_.patients))
        neighbour = "nhs:" + test_nhs_number(serial ^ 1);
    publish_person(life, from);
    for (const SimulatedFact& fact : life.facts)
        report(fact, life.identifier, neighbour);
    std::ranges::stable_sort(reports_, {}, &SimulatedReport::known);
    return std::move(reports_);
}

std::string message_of(SimulateFormat format, const SimulatedReport& report) {
    switch (format) {
    case SimulateFormat::native:
        return native_message(report);
    case SimulateFormat::fhir:
        return fhir_message(report);
    case SimulateFormat::hl7v2:
        return hl7_message(report);
    }
    return {};
}

} // namespace

SimulateCounts simulate(const SimulateSettings& settings, const OnSimulated& out) {
    SimulateCounts counts;
    Clerk clerk(settings, counts);
    for (std::uint64_t serial = 0; serial < static_cast<std::uint64_t>(settings.patients); ++serial)
        for (const SimulatedReport& report : clerk.write(serial)) {
            ++counts.lines;
            if (!out(report.known, message_of(settings.format, report)))
                return counts;
        }
    return counts;
}

SimulateCounts simulate(const SimulateSettings& settings, std::ostream& out) {
    const bool has_lines = settings.format != SimulateFormat::hl7v2;
    return simulate(settings, [&](Instant, std::string_view message) {
        out << message;
        if (has_lines)
            out << '\n';
        return out.good();
    });
}

} // namespace bonewatch::daemon
