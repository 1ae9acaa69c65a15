#pragma once

#include "monitors/watch.h"
#include "store/model/named.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::alerts {

using model::Instant;
using monitors::Severity;

/// What stands of an alert today.
enum class AlertState : unsigned char {
    open,      ///< Told, and the pattern is there.
    resolved,  ///< Told, and the pattern is over.
    withdrawn, ///< Told, and never should have been: the facts behind it changed.
    historic,  ///< Not told: the episode was over when first learnt.
    stale,     ///< Not told: its newest supporting result was already old when first learnt.
};

[[nodiscard]] std::string_view to_text(AlertState state);

/// A fact of the evidence as it was last told.
struct ToldFact {
    model::FactKey key;
    model::Version version;
    model::CodeId code;
    model::Date date{}; ///< Local date: repeated evidence of one date is one update.
    friend bool operator==(const ToldFact&, const ToldFact&) = default;
};

/// A stretch of clinical time, [opened, closed).
struct Stretch {
    Instant opened{};
    std::optional<Instant> closed;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// What was said, or deliberately not said, of one episode. A function of the journal: never recomputed.
struct Alert {
    std::string id; ///< Computed when first told; nothing changes it. Empty while nothing was told.
    AlertState state = AlertState::open;
    Instant opened{}; ///< The episode as last told, [opened, closed).
    std::optional<Instant> closed;
    Severity severity = Severity::info; ///< As last told.
    std::vector<std::string> tags;
    std::vector<ToldFact> evidence;
    std::string said;            ///< Digest of the headline as last told. Empty in a row of before there was one.
    model::FactKey anchor;       ///< Newest fact of the evidence when first told: part of the id.
    Instant first_told{};        ///< Time of recording.
    std::string acknowledged_by; ///< Owner; empty until somebody acknowledges.
    std::string note;
    std::uint64_t entry = 0; ///< Position in its partition's feed of what was last said of it; 0: nothing.
    /// Where records were merged: whose it was when first told, to whom it goes when they part, and of whom it was last
    /// said, in whose partition the entry stands. 0: the patient whose alert it is now.
    model::PatientNumber home, told_of;
    std::optional<Stretch> alone; ///< Among merged records: the episode as it was before; by it they part again.
    bool is_suspended = false;    ///< Withdrawn among merged records: may have been so after all once they part.
    friend bool operator==(const Alert&, const Alert&) = default;
};

[[nodiscard]] bool is_told(AlertState state);

[[nodiscard]] std::string encode(const Alert& alert);
[[nodiscard]] model::Result<Alert> decode_alert(std::string_view bytes);

enum class Transition : unsigned char { raised, updated, escalated, acknowledged, resolved, withdrawn };

[[nodiscard]] std::string_view to_text(Transition transition);

/// One thing to say about one alert.
struct Step {
    Transition transition = Transition::raised;
    std::size_t alert = 0;        ///< Index into the alerts returned beside it.
    Instant at{};                 ///< Clinical time: when it opened, changed or closed. Of a withdrawal: the recording.
    bool is_excluded = false;     ///< Of resolved: no longer applies, rather than over.
    std::string goes_on_as;       ///< Of resolved: the alert that tells the same of the merged records from here on.
    monitors::EpisodePtr episode; ///< None for withdrawn and acknowledged.
};

struct Reconciled {
    std::vector<Alert> alerts; ///< All of them, in order of first learning; new ones last.
    std::vector<Step> steps;
    bool is_changed = false; ///< Something of `alerts` differs from what was given.
};

/// What decides between telling and recording, and names new alerts.
struct ReconcileContext {
    model::PatientNumber patient;
    const monitors::Monitor& monitor;
    Instant now{}; ///< Time of recording.
    /// The patient is several identities by merges that stand: what was told of each is kept until they part.
    bool is_merged = false;
    /// Of several: the one whose fact it is today; 0 where it is nobody's alone. Asked of merged records only.
    std::function<model::PatientNumber(const model::FactKey&)> member_of;
    /// Such an alert was open before the patient's members parted: an open episode is told, however old it is.
    bool was_told_openly = false;
};

/// Brings what was told in line with today's episodes of one patient and monitor: one step for every cause, late,
/// corrected or by the clock. Pure. The rules are the table in alerts/README.md.
[[nodiscard]] Reconciled reconcile(std::vector<Alert> told, const std::vector<monitors::EpisodePtr>& episodes,
                                   const ReconcileContext& context);

} // namespace bonewatch::alerts
