#include "ingest/hl7_person.h"

#include "ingest/hl7_origins.h"
#include "ingest/time_text.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::PatientEvent;
using model::PatientIdentifier;
using model::Result;
using model::Sex;
using model::Version;

constexpr std::size_t birth_field = 7, sex_field = 8, death_field = 29, is_dead_field = 30;

/// What one field of a PID says, or why that cannot be used. Each is a fact of its own, so that a message that leaves
/// the field empty takes nothing back.
struct Stated {
    const char* word;          ///< `sex`: its fact is `sex nhs:9990000018`.
    std::size_t field;         ///< That says it.
    Result<PatientEvent> said; ///< With nothing in it: it is not known.
    const char* deceased = ""; ///< The event's attribute; empty: none.
    Warnings warnings = {};
};

/// Whether anything stands there, `""` too.
bool is_said(const Hl7Text& field) {
    return field.is_null() || !field.component(1).text().empty();
}

/// Table 0001: `O` other, `A` ambiguous; `U` unknown and `N` not applicable say that it is not known.
std::optional<Sex> sex_of(const Hl7Text& letter) {
    if (letter.is("F"))
        return Sex::female;
    if (letter.is("M"))
        return Sex::male;
    if (letter.is("O") || letter.is("A"))
        return Sex::other;
    return letter.is("U") || letter.is("N") ? std::optional(Sex::unknown) : std::nullopt;
}

Stated sex_in(const Hl7Context& context, const Hl7Segment& pid) {
    Stated out{"sex", sex_field, PatientEvent{}};
    if (pid[sex_field].is_null())
        return out;
    if (const auto sex = sex_of(pid[sex_field].component(1)))
        out.said->sex = *sex;
    else
        out.said =
            hl7_unusable(hl7_place(context, pid, sex_field), "bad_sex",
                         "'" + pid[sex_field].text().substr(0, 20) + "' is none of the letters F, M, O, A, U and N");
    return out;
}

/// `field`: birth or death, with a date in it.
Result<model::ClinicalTime> life_time(const Hl7Context& context, const Hl7Segment& pid, std::size_t field,
                                      Warnings& warnings) {
    const std::string place = hl7_place(context, pid, field);
    auto time = hl7_clinical_time(context, pid[field], place, warnings);
    if (time)
        if (const auto refused = refuse_life_time(*time, context.context.received))
            return hl7_unusable(place, refused->reason, refused->message);
    return time;
}

Stated birth_in(const Hl7Context& context, const Hl7Segment& pid) {
    Stated out{"born", birth_field, PatientEvent{}};
    if (pid[birth_field].is_null())
        return out;
    if (auto born = life_time(context, pid, birth_field, out.warnings))
        out.said->born = *born;
    else
        out.said = std::unexpected(std::move(born.error()));
    return out;
}

/// Death: PID-29 says when, PID-30 whether. `N` takes a date back, and a date says `Y`.
class Death {
  public:
    Death(const Hl7Context& context, const Hl7Segment& pid)
        : context_(context), pid_(pid), is_null_(pid[death_field].is_null()),
          has_date_(!is_null_ && is_said(pid[death_field])), is_flagged_(is_said(pid[is_dead_field])),
          is_yes_(pid[is_dead_field].component(1).is("Y")), is_no_(pid[is_dead_field].component(1).is("N")) {}

    void add_to(std::vector<Stated>& out) const {
        bool is_dated = false;
        if (has_date_ || is_null_ || is_no_) {
            Stated died{"died", has_date_ || is_null_ ? death_field : is_dead_field, PatientEvent{}};
            if (has_date_)
                read_date(died);
            refuse_before_birth(out, died);
            is_dated = died.said && died.said->died;
            out.push_back(std::move(died));
        }
        // What contradicts itself says nothing.
        if ((has_date_ && is_no_) || (!is_flagged_ && !is_dated))
            return;
        Stated deceased{"deceased", is_flagged_ ? is_dead_field : death_field, PatientEvent{}};
        if (is_yes_ || is_no_ || !is_flagged_)
            deceased.deceased = is_no_ ? "false" : "true";
        else if (!pid_[is_dead_field].is_null())
            deceased.said = hl7_unusable(hl7_place(context_, pid_, is_dead_field), "bad_field",
                                         "PID-30 says with Y or N whether the patient has died");
        if (is_yes_ && !has_date_)
            deceased.warnings.emplace_back("death_date_unknown: the patient is said to have died, but not when");
        out.push_back(std::move(deceased));
    }

  private:
    void read_date(Stated& died) const {
        if (is_no_)
            died.said = hl7_unusable(hl7_place(context_, pid_, is_dead_field), "bad_field",
                                     "PID-29 says when the patient died, and PID-30 that it is not so");
        else if (auto time = life_time(context_, pid_, death_field, died.warnings))
            died.said->died = *time;
        else
            died.said = std::unexpected(std::move(time.error()));
    }

    /// Nobody knows which of the two is wrong.
    void refuse_before_birth(std::vector<Stated>& out, Stated& died) const {
        for (Stated& each : out)
            if (each.said && each.said->born && died.said && died.said->died &&
                is_before(*died.said->died, *each.said->born)) {
                each.said = hl7_unusable(hl7_place(context_, pid_, birth_field), "bad_time",
                                         "the patient was born after having died");
                died.said = hl7_unusable(hl7_place(context_, pid_, death_field), "bad_time",
                                         "the patient died before being born");
            }
    }

    const Hl7Context& context_;
    const Hl7Segment& pid_;
    bool is_null_;    ///< PID-29.
    bool has_date_;   ///< PID-29.
    bool is_flagged_; ///< PID-30.
    bool is_yes_, is_no_;
};

Event event_about(const Hl7Context& context, FactId id, const PatientIdentifier& patient, const Version& version,
                  PatientEvent said) {
    Event event;
    event.key = {context.context.publisher.id, std::move(id)};
    event.version = version;
    event.patient = patient;
    event.body = std::move(said);
    return event;
}

FactId fact_of(const Stated& stated, const PatientIdentifier& patient) {
    return FactId(std::string(stated.word) + " " + model::to_text(patient));
}

/// `event`: EVN; null of a mention. `stated`: none where it says only that numbers are one person's.
void explain(const Hl7Context& context, const Hl7Segment& pid, const Hl7Segment* event, bool is_mentioned,
             const Stated* stated, Decoded& decoded) {
    if (!context.context.is_explained)
        return;
    hl7_person_origins(context, pid, event, is_mentioned, decoded);
    if (stated == nullptr)
        return;
    const bool is_null = pid[stated->field].is_null();
    const bool is_of_flag = *stated->deceased != '\0';
    // What has no field in the event is in its fact's name alone.
    const auto& event_said = std::get<PatientEvent>(std::get<Event>(decoded.outcome).body);
    const bool says_nothing = !is_of_flag && event_said.sex == Sex::unknown && !event_said.born && !event_said.died;
    decoded.origins.push_back({says_nothing ? "id"
                               : is_of_flag ? "attributes.deceased"
                                            : stated->word,
                               hl7_place(context, pid, stated->field), is_null ? "\"\"" : pid[stated->field].text(),
                               says_nothing ? std::string(stated->word) + " is not known any more" : ""});
}

/// Below all that ADT says. The word of a later month counts, and what is kept of a person stays bounded.
Version mention_version(const Hl7Context& context) {
    Version version{{0}};
    if (!context.sent)
        return version;
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(*context.sent))));
    version.parts.push_back((static_cast<int>(day.year()) - 1970) * 12 +
                            static_cast<int>(static_cast<unsigned>(day.month())) - 1);
    return version;
}

/// That its other numbers are the person's too: a fact of each pair, so that a message with other numbers disputes
/// none.
void add_numbers(const Hl7Context& context, const Hl7Person& person, const Version& version,
                 std::vector<Decoded>& out) {
    for (const PatientIdentifier& other : person.others) {
        PatientEvent same;
        same.identifiers = {*person.named};
        Event event = event_about(context, FactId(model::to_text(other) + " is " + model::to_text(*person.named)),
                                  other, version, std::move(same));
        out.push_back(hl7_outcome(context, {person.pid}, "PID", std::move(event)));
        explain(context, *person.pid, nullptr, true, nullptr, out.back());
    }
}

} // namespace

std::vector<Decoded> hl7_person_stated(const Hl7Context& context, const Hl7Person& person, const Hl7Segment* event,
                                       const Version& version) {
    const Hl7Segment& pid = *person.pid;
    std::vector<Stated> all;
    if (is_said(pid[birth_field]))
        all.push_back(birth_in(context, pid));
    if (is_said(pid[sex_field]))
        all.push_back(sex_in(context, pid));
    Death(context, pid).add_to(all);

    std::vector<Decoded> out;
    const std::string kind = "ADT " + context.message.event();
    Warnings warnings = person.warnings;
    for (Stated& stated : all) {
        std::ranges::move(stated.warnings, std::back_inserter(warnings));
        FactId fact = fact_of(stated, *person.named);
        if (!stated.said) {
            out.push_back(
                hl7_outcome(context, {event, &pid}, kind, std::move(stated.said.error()), std::exchange(warnings, {})));
            hl7_overtake(context, out.back(), fact.text, person, version, Hl7Says::cannot_be_used);
            continue;
        }
        stated.said->identifiers = person.others;
        Event said = event_about(context, std::move(fact), *person.named, version, std::move(*stated.said));
        if (*stated.deceased != '\0')
            said.attributes.emplace("deceased", stated.deceased);
        out.push_back(hl7_outcome(context, {event, &pid}, kind, std::move(said), std::exchange(warnings, {})));
        explain(context, pid, event, false, &stated, out.back());
    }
    // An event says itself which numbers are one person's.
    if (std::ranges::none_of(all, [](const Stated& stated) { return stated.said.has_value(); }))
        add_numbers(context, person, mention_version(context), out);
    if (!out.empty())
        std::ranges::move(warnings, std::back_inserter(out.front().warnings));
    return out;
}

std::vector<Decoded> hl7_person_mentioned(const Hl7Context& context, const Hl7Person& person) {
    std::vector<Decoded> out;
    if (!person.named)
        return out;
    const Hl7Segment& pid = *person.pid;
    const Version version = mention_version(context);
    out.reserve(2 + person.others.size());
    // Before what is said under a number that nobody may know yet: the person may be known by another.
    add_numbers(context, person, version, out);
    Warnings left_out;
    const auto add = [&](Stated stated) {
        if (!stated.said) {
            left_out.push_back(stated.said.error().reason + ": " + stated.said.error().message + "; it is left out");
            return;
        }
        if (!stated.said->born && stated.said->sex == Sex::unknown)
            return;
        Event said =
            event_about(context, fact_of(stated, *person.named), *person.named, version, std::move(*stated.said));
        std::ranges::move(stated.warnings, std::back_inserter(left_out));
        out.push_back(hl7_outcome(context, {&pid}, "PID", std::move(said), std::exchange(left_out, {})));
        explain(context, pid, nullptr, true, &stated, out.back());
    };
    // What cannot be read of a person is no reason to lose a result: it is warned of, and left out.
    if (pid[birth_field].has_value() && is_said(pid[birth_field]))
        add(birth_in(context, pid));
    if (pid[sex_field].has_value() && is_said(pid[sex_field]))
        add(sex_in(context, pid));
    if (!left_out.empty() && out.empty())
        out.push_back(hl7_outcome(context, {&pid}, "PID",
                                  Error{ErrorKind::not_used, "nothing_said",
                                        "it says nothing of the person that can be kept", hl7_place(context, pid)}));
    if (!left_out.empty())
        std::ranges::move(left_out, std::back_inserter(out.back().warnings));
    return out;
}

} // namespace bonewatch::ingest
