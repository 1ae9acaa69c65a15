#pragma once

#include "daemon/patient.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// How one monitor stands over many patients: whether it watches anybody, and why it says nothing.
struct MonitorStanding {
    std::uint64_t eligible = 0; ///< Patients of whom a fact is known that `when` asks for, and whom nothing excludes.
    std::uint64_t open = 0;     ///< Of these, those with an open episode.
    std::uint64_t indeterminate = 0; ///< Those without one, `when` being unknown.
    std::map<std::string, std::uint64_t, std::less<>>
        causes{};                             ///< Of the indeterminate ones, by the clause that is unknown.
    std::optional<Instant> last_raised{};     ///< When an alert was last told first.
    std::optional<model::Date> newest_fact{}; ///< Of all that `when` asks for: a feed may have stopped.
};

/// By monitor's id; enabled monitors only.
using Survey = std::map<std::string, MonitorStanding, std::less<>>;

/// A survey of nobody yet: every enabled monitor of the revision.
[[nodiscard]] Survey empty_survey(const monitors::Catalogue& catalogue);
/// Adds one patient as it stands at `now`. Steps the patient's watch on.
void add_patient(Survey& survey, PatientState& patient, Instant now);
/// Adds up surveys of different patients.
void add(Survey& survey, std::string_view monitor, const MonitorStanding& standing);

/// One JSON object: monitor, eligible, open, indeterminate, causes, last_raised, newest_fact.
[[nodiscard]] std::string standing_json(std::string_view monitor, const MonitorStanding& standing);
/// What `standing_json` wrote.
[[nodiscard]] model::Result<std::pair<std::string, MonitorStanding>> read_standing(std::string_view json);

} // namespace bonewatch::daemon
