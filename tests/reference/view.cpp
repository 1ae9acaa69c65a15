#include "tests/reference/view.h"

#include "tests/reference/exposure.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

const Codes event_types{"fragility-fracture", "hip-fracture", "vertebral-fracture", "wrist-fracture", "fall"};

bool is_counted(const Fact& fact) {
    const auto* result = std::get_if<model::ResultEvent>(&fact.event.body);
    return result == nullptr || result->status == model::ResultStatus::final_;
}

const model::PatientEvent* person_of(const Fact& fact) {
    return std::get_if<model::PatientEvent>(&fact.event.body);
}

} // namespace

Truth is_in_window(const Occurrence& occurrence, Date from, Date to) {
    if (occurrence.date_last < from || occurrence.date > to)
        return Truth::no;
    return from <= occurrence.date && occurrence.date_last <= to && occurrence.is_certain ? Truth::yes : Truth::unknown;
}

View::View(const std::vector<Fact>& facts, Instant instant, Date today)
    : facts_(facts), instant_(instant), today_(today) {
    for (const Fact& fact : facts_)
        if (person_of(fact) == nullptr && fact.event.at.instant <= instant_ && date_of(fact) <= today_)
            visible_.push_back(&fact);
    for (const Fact& fact : facts_)
        if (!model::orders_of(fact.event).empty())
            dispenses_.push_back(&fact);
}

View::View(View&&) noexcept = default;
View::~View() = default;

Date View::date_of(const Fact& fact) const {
    return std::min(fact.event.at.date, model::date_of(instant_));
}

Occurrence View::occurrence_of(const Fact& fact) const {
    const Date date = date_of(fact);
    return {date, fact.event.at.is_partial() ? fact.event.at.date_last : date, counts(fact) == Truth::yes};
}

Truth View::counts(const Fact& fact) const {
    Truth answer = fact.disputed ? Truth::unknown : Truth::yes;
    for (const Fact* other : dispenses_) {
        const auto& orders = model::orders_of(other->event);
        const bool names_it = other->event.key.publisher == fact.event.key.publisher &&
                              std::find(orders.begin(), orders.end(), fact.event.key.id) != orders.end();
        const bool is_same_kind = other->event.body.index() == fact.event.body.index();
        if (names_it && is_same_kind && other->event.key != fact.event.key)
            answer = both(answer, other->disputed ? Truth::unknown : Truth::no);
    }
    return answer;
}

std::vector<Occurrence> View::occurrences(const Codes& codes) const {
    std::vector<Occurrence> found;
    for (const Fact* fact : visible_)
        if (const auto* code = model::code_of(fact->event);
            code != nullptr && codes.contains(code->text) && is_counted(*fact) &&
            !std::holds_alternative<model::StopEvent>(fact->event.body) && counts(*fact) != Truth::no)
            found.push_back(occurrence_of(*fact));
    return found;
}

bool View::is_readable(const std::string& analyte, Date date) const {
    const Codes disturbing{"pregnancy", "high-dose-biotin", "inpatient-stay"};
    if (analyte != "tsh" || std::none_of(facts_.begin(), facts_.end(), [&](const Fact& fact) {
            const auto* code = model::code_of(fact.event);
            return code != nullptr && disturbing.contains(code->text);
        }))
        return true;
    const View then = at(date);
    if (then.known_within("pregnancy", Days(84)) != Truth::no || then.known({"high-dose-biotin"}) != Truth::no)
        return false;
    const View real(facts_, instant_);
    for (const Occurrence& stay : real.occurrences({"inpatient-stay"}))
        if (is_in_window(stay, date - Days(42), date + Days(42)) != Truth::no)
            return false;
    return true;
}

const std::vector<Sample>& View::samples(const std::string& analyte) const {
    if (const auto known = samples_.find(analyte); known != samples_.end())
        return known->second;
    std::vector<Sample> found;
    for (const Fact* fact : visible_) {
        const auto* result = std::get_if<model::ResultEvent>(&fact->event.body);
        if (result == nullptr || result->analyte.text != analyte || !is_counted(*fact))
            continue;
        Sample sample{date_of(*fact), result->value, result->range_low, result->range_high};
        if (fact->disputed || !is_readable(analyte, sample.date))
            sample.value.reset();
        found.push_back(sample);
    }
    std::stable_sort(found.begin(), found.end(), [](const Sample& a, const Sample& b) { return a.date < b.date; });
    return samples_.emplace(analyte, std::move(found)).first->second;
}

Truth View::is_present(const Fact& fact) const {
    const Occurrence onset = occurrence_of(fact);
    Truth present = onset.date_last <= today_ ? Truth::yes : Truth::unknown;
    const auto* condition = std::get_if<model::ConditionEvent>(&fact.event.body);
    if (condition != nullptr && condition->until && !event_types.contains(condition->code.text))
        present = both(present, condition->until->date >= today_       ? Truth::yes
                                : condition->until->date_last < today_ ? Truth::no
                                                                       : Truth::unknown);
    return fact.disputed ? at_most_unknown(present) : present;
}

namespace {

bool is_condition_or_procedure(const Fact& fact, const Codes& codes) {
    const bool right_kind = std::holds_alternative<model::ConditionEvent>(fact.event.body) ||
                            std::holds_alternative<model::ProcedureEvent>(fact.event.body);
    return right_kind && codes.contains(model::code_of(fact.event)->text);
}

} // namespace

Truth View::known(const Codes& codes) const {
    Truth answer = Truth::no;
    for (const Fact* fact : visible_)
        if (is_condition_or_procedure(*fact, codes))
            answer = either(answer, is_present(*fact));
    return answer;
}

Truth View::known_for_years(const std::string& code, int years) const {
    Truth answer = Truth::no;
    for (const Fact* fact : visible_) {
        if (!is_condition_or_procedure(*fact, {code}))
            continue;
        const Occurrence onset = occurrence_of(*fact);
        const Truth long_enough = model::add_years(onset.date_last, years) <= today_ ? Truth::yes
                                  : model::add_years(onset.date, years) > today_     ? Truth::no
                                                                                     : Truth::unknown;
        answer = either(answer, both(is_present(*fact), long_enough));
    }
    return answer;
}

Truth View::known_within(const std::string& code, Days days) const {
    Truth answer = Truth::no;
    for (const Fact* fact : visible_) {
        if (!is_condition_or_procedure(*fact, {code}))
            continue;
        const Occurrence onset = occurrence_of(*fact);
        Truth present = onset.date_last <= today_ ? Truth::yes : Truth::unknown;
        const auto* condition = std::get_if<model::ConditionEvent>(&fact->event.body);
        if (condition != nullptr && condition->until)
            present = both(present, condition->until->date >= today_ - days       ? Truth::yes
                                    : condition->until->date_last < today_ - days ? Truth::no
                                                                                  : Truth::unknown);
        answer = either(answer, fact->disputed ? at_most_unknown(present) : present);
    }
    return answer;
}

Truth View::happened(const Codes& codes, Date from) const {
    Truth answer = Truth::no;
    for (const Occurrence& one : occurrences(codes))
        answer = either(answer, is_in_window(one, from, today_));
    return answer;
}

Truth View::missing(const Codes& codes, Date from) const {
    if (from > today_)
        return Truth::no;
    const Truth found = happened(codes, from);
    if (found != Truth::no)
        return negated(found);
    return is_observable_from(from) ? Truth::yes : Truth::unknown;
}

namespace {

/// The newest certain one; where none is certain and one is possible, nobody can say.
Anchor newest(const std::vector<Occurrence>& occurrences, Date from, Date to) {
    Anchor answer;
    for (const Occurrence& one : occurrences) {
        const Truth inside = is_in_window(one, from, to);
        if (inside == Truth::yes && (answer.exists != Truth::yes || one.date >= answer.date))
            answer = {Truth::yes, one.date, one.date_last};
        else if (inside == Truth::unknown && answer.exists == Truth::no)
            answer.exists = Truth::unknown;
    }
    return answer;
}

} // namespace

Anchor View::last(const Codes& codes, Days within) const {
    return newest(occurrences(codes), today_ - within, today_);
}

Anchor View::last_given(const std::string& drug, const model::Dose& dose, Days within) const {
    std::vector<Occurrence> given;
    for (const Fact* fact : visible_)
        if (const auto* one = std::get_if<model::AdministrationEvent>(&fact->event.body);
            one != nullptr && one->drug.text == drug && one->dose == dose && counts(*fact) != Truth::no)
            given.push_back(occurrence_of(*fact));
    return newest(given, today_ - within, today_);
}

Truth View::age_at_least(int years) const {
    std::optional<model::ClinicalTime> born;
    for (const Fact& fact : facts_) {
        const auto* person = person_of(fact);
        if (person == nullptr)
            continue;
        if (fact.disputed || (person->born && born && *person->born != *born))
            return Truth::unknown;
        if (person->born)
            born = person->born;
    }
    if (!born)
        return Truth::unknown;
    if (model::add_years(born->date_last, years) <= today_)
        return Truth::yes;
    return model::add_years(born->date, years) > today_ ? Truth::no : Truth::unknown;
}

Truth View::is_female() const {
    model::Sex sex = model::Sex::unknown;
    for (const Fact& fact : facts_) {
        const auto* person = person_of(fact);
        if (person == nullptr)
            continue;
        if (fact.disputed || (person->sex != model::Sex::unknown && sex != model::Sex::unknown && person->sex != sex))
            return Truth::unknown;
        if (person->sex != model::Sex::unknown)
            sex = person->sex;
    }
    return sex == model::Sex::unknown ? Truth::unknown : as_truth(sex == model::Sex::female);
}

Truth View::is_dead() const {
    Truth answer = Truth::no;
    for (const Fact& fact : facts_) {
        const auto* person = person_of(fact);
        if (person == nullptr || !person->died || person->died->date > today_)
            continue;
        const Truth dead = person->died->date_last <= today_ ? Truth::yes : Truth::unknown;
        answer = either(answer, fact.disputed ? at_most_unknown(dead) : dead);
    }
    return answer;
}

Truth View::is_registered() const {
    bool any_stated = false;
    Truth answer = Truth::no;
    for (const Fact& fact : facts_) {
        const auto* person = person_of(fact);
        if (person == nullptr)
            continue;
        for (const model::Registration& one : person->registered) {
            any_stated = true;
            if (one.from <= today_ && (!one.to || today_ < *one.to))
                answer = either(answer, fact.disputed ? Truth::unknown : Truth::yes);
        }
    }
    return any_stated ? answer : Truth::unknown;
}

bool View::is_observable_from(Date from) const {
    std::vector<model::Registration> sure;
    bool any_stated = false;
    for (const Fact& fact : facts_) {
        const auto* person = person_of(fact);
        if (person == nullptr || person->registered.empty())
            continue;
        any_stated = true;
        if (!fact.disputed)
            sure.insert(sure.end(), person->registered.begin(), person->registered.end());
    }
    if (!any_stated)
        return std::any_of(visible_.begin(), visible_.end(), [&](const Fact* fact) { return date_of(*fact) <= from; });
    std::sort(sure.begin(), sure.end());
    Date covered_to = from; // exclusive
    for (const model::Registration& one : sure)
        if (one.from <= covered_to && (!one.to || *one.to > covered_to))
            covered_to = one.to ? *one.to : today_ + Days(1);
    return covered_to > today_;
}

const Exposure& View::exposure(const Codes& classes) const {
    if (const auto known = exposures_.find(classes); known != exposures_.end())
        return known->second;
    return exposures_.emplace(classes, Exposure(*this, classes)).first->second;
}

} // namespace bonewatch::reference
