#include "daemon/simulate.h"

#include "daemon/simulated_life.h"

#include <algorithm>
#include <optional>
#include <string>

namespace bonewatch::daemon {

namespace {

using model::Instant;
using std::chrono::minutes;

/// A line, and when it became known.
struct Line {
    Instant recorded;
    std::string text;
};

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

    std::vector<Line> write(std::uint64_t serial);

  private:
    Instant end() const { return Instant(settings_.until + model::Days(1)); }
    minutes days(std::int64_t low, std::int64_t high) { return minutes(dice_.between(low * 1440, high * 1440)); }

    bool publish(const SimulatedFact& fact, const std::string& patient, int version, Instant recorded);
    bool retract(const SimulatedFact& fact, const std::string& patient, bool of_version, Instant recorded);
    void publish_person(const SimulatedLife& life, model::Date from);
    /// A fact with what goes wrong between the patient and us: at most one thing each.
    void report(const SimulatedFact& fact, const std::string& patient, const std::optional<std::string>& neighbour);
    SimulatedFact altered(SimulatedFact fact);

    const SimulateSettings& settings_;
    SimulateCounts& counts_;
    Dice dice_{0};
    std::vector<Line> lines_;
};

std::string head_of(std::string_view type, std::string_view id, std::string_view patient) {
    return "{\"type\":" + quoted(type) + ",\"id\":" + quoted(id) + ",\"patient\":" + quoted(patient);
}

std::string tail_of(std::string_view at, Instant recorded) {
    return ",\"at\":" + quoted(at) + ",\"recorded\":" + quoted(model::to_text(recorded)) + "}";
}

bool Clerk::publish(const SimulatedFact& fact, const std::string& patient, int version, Instant recorded) {
    if (recorded >= end())
        return false;
    std::string text = head_of(fact.type, fact.id, patient);
    if (version != 1)
        text += ",\"version\":" + std::to_string(version);
    for (const auto& [key, json] : fact.fields)
        text += "," + quoted(key) + ":" + json;
    lines_.push_back({recorded, text + tail_of(fact.at, recorded)});
    return true;
}

bool Clerk::retract(const SimulatedFact& fact, const std::string& patient, bool of_version, Instant recorded) {
    if (recorded >= end())
        return false;
    std::string text = head_of("retraction", "R-" + fact.id, patient) + ",\"of\":" + quoted(fact.id);
    if (of_version)
        text += ",\"version\":1";
    lines_.push_back({recorded, text + tail_of(model::to_text(recorded), recorded)});
    return true;
}

void Clerk::publish_person(const SimulatedLife& life, model::Date from) {
    std::string text = "{\"type\":\"patient\",\"patient\":" + quoted(life.identifier);
    for (const auto& [key, json] : life.person)
        if (key != "died")
            text += "," + quoted(key) + ":" + json;
    const auto line = [&](const std::string& more, model::Date at) {
        lines_.push_back({Instant(at), text + more + tail_of(model::to_text(at), Instant(at))});
    };
    line("", from);
    for (const auto& [key, json] : life.person)
        if (key == "died") {
            const auto died = model::parse_date(std::string_view(json).substr(1, 10));
            if (died && *died < settings_.until)
                line(",\"died\":" + json, *died + model::Days(1));
        }
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

    if (happens(20)) {
        publish(altered(fact), patient, 1, known);
        counts_.corrected += publish(fact, patient, 2, known + days(1, 60));
    } else if (happens(6)) {
        publish(fact, patient, 1, known);
        counts_.retracted += retract(fact, patient, happens(500), known + days(1, 60));
    } else if (happens(6)) {
        counts_.retracted_first +=
            publish(fact, patient, 1, known + days(1, 20)) && retract(fact, patient, happens(500), known);
    } else if (neighbour && happens(7)) {
        publish(fact, *neighbour, 1, known);
        counts_.moved += publish(fact, patient, 2, known + days(1, 60));
    } else if (happens(4)) {
        publish(fact, patient, 1, known);
        const Instant later = known + days(1, 30);
        counts_.disputed += publish(altered(fact), patient, 1, later);
        if (happens(500))
            publish(fact, patient, 2, later + days(1, 30));
    } else {
        publish(fact, patient, 1, known);
        if (happens(30))
            counts_.repeated += publish(fact, patient, 1, known + days(0, 40));
    }
}

std::vector<Line> Clerk::write(std::uint64_t serial) {
    lines_.clear();
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
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const Line& a, const Line& b) { return a.recorded < b.recorded; });
    return std::move(lines_);
}

} // namespace

SimulateCounts simulate(const SimulateSettings& settings, std::ostream& out) {
    SimulateCounts counts;
    Clerk clerk(settings, counts);
    for (std::uint64_t serial = 0; serial < static_cast<std::uint64_t>(settings.patients) && out; ++serial)
        for (const Line& line : clerk.write(serial)) {
            out << line.text << '\n';
            ++counts.lines;
        }
    return counts;
}

} // namespace bonewatch::daemon
