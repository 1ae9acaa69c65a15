#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

const model::PatientEvent& person(const Fact* fact) {
    return std::get<model::PatientEvent>(fact->event.body);
}

int completed_years(Date born, Date day) {
    int years = static_cast<int>((day - born).count() / 366); // Never too many.
    while (model::add_years(born, years + 1) <= day)
        ++years;
    while (model::add_years(born, years) > day)
        --years;
    return years;
}

/// Of a disputed fact that is certain what all its contents say; of one whose later version cannot be used, nothing.
template <typename Field>
bool is_certain(const Look& look, const Fact* fact, Field field) {
    if (!fact->disputed)
        return true;
    int contents = 0;
    for (const Fact* other : look.view->persons()) {
        if (other->event.key != fact->event.key)
            continue;
        ++contents;
        if (field(person(other)) != field(person(fact)))
            return false;
    }
    return contents > 1 || !field(person(fact));
}

/// Nothing where it is unrecorded, disputed, or two records disagree.
template <typename Field>
auto stated(const Look& look, Field field) -> decltype(field(model::PatientEvent{})) {
    decltype(field(model::PatientEvent{})) found;
    for (const Fact* fact : look.view->persons()) {
        const auto said = field(person(fact));
        if (!is_certain(look, fact, field) || (said && found && *said != *found))
            return std::nullopt;
        if (said)
            found = said;
    }
    return found;
}

std::optional<model::ClinicalTime> said_birth(const model::PatientEvent& said) {
    return said.born;
}
std::optional<model::ClinicalTime> said_death(const model::PatientEvent& said) {
    return said.died;
}
std::optional<model::Sex> said_sex(const model::PatientEvent& said) {
    return said.sex == model::Sex::unknown ? std::nullopt : std::optional(said.sex);
}

/// Somebody who died before being born: one of the two is wrong, and nobody knows which.
bool is_impossible(const Look& look) {
    const auto born = stated(look, said_birth);
    const auto died = stated(look, said_death);
    return born && died && died->date_last < born->date;
}

std::optional<model::ClinicalTime> birth(const Look& look) {
    return is_impossible(look) ? std::nullopt : stated(look, said_birth);
}

} // namespace

Truth known(const Look& look, const Expr& call) {
    const ExprPtr named = call.argument(0);
    if (!named || named->ids.empty())
        throw Unreadable("'known' takes conditions and procedures");
    const Date today = look.today();
    const auto facts = look.view->conditions(named->conditions);
    return agreed(durations(look, call.argument("for"), {}), [&](const Duration& at_least) {
        return agreed(durations(look, call.argument("within"), {}), [&](const Duration& within) {
            Truth answer = Truth::no;
            for (const Fact* fact : facts) {
                const Occurrence onset = look.view->occurrence_of(*fact);
                Truth so = is_present(*look.view, *fact, before(today, within));
                if (call.argument("within") && !std::holds_alternative<model::ConditionEvent>(fact->event.body))
                    so = both(so, is_in_window(onset, before(today, within), today));
                if (call.argument("within") && look.view->vocabulary().is_event_type(model::code_of(fact->event)->text))
                    so = both(so, is_in_window(onset, before(today, within), today));
                if (call.argument("for"))
                    so = both(so, after(onset.date_last, at_least) <= today ? Truth::yes
                                  : after(onset.date, at_least) > today     ? Truth::no
                                                                            : Truth::unknown);
                answer = either(answer, so);
            }
            return answer;
        });
    });
}

Quantity age(const Look& look) {
    const auto born = birth(look);
    if (!born)
        return single({unbounded(), false, nullptr}, "y");
    const auto years = [&](Date day) { return model::Bound{model::Rational(completed_years(day, look.today()))}; };
    return single({model::ValueInterval{years(born->date_last), years(born->date)}, false, nullptr}, "y");
}

Anchor born(const Look& look) {
    const auto born = birth(look);
    return born ? Anchor{Truth::yes, born->date, born->date_last, nullptr} : Anchor{Truth::unknown, {}, {}, nullptr};
}

Truth sex_is(const Look& look, const std::string& word) {
    const model::Sex sex = stated(look, said_sex).value_or(model::Sex::unknown);
    if (word != "female" && word != "male" && word != "other")
        throw Unreadable("no sex '" + word + "'");
    if (sex == model::Sex::unknown)
        return Truth::unknown;
    return as_truth(word == (sex == model::Sex::female ? "female" : sex == model::Sex::male ? "male" : "other"));
}

Truth dead(const Look& look) {
    if (is_impossible(look))
        return Truth::no;
    Truth answer = Truth::no;
    for (const Fact* fact : look.view->persons()) {
        const auto& died = person(fact).died;
        if (!died || died->date > look.today())
            continue;
        const Truth so = died->date_last <= look.today() ? Truth::yes : Truth::unknown;
        answer = either(answer, fact->disputed ? at_most_unknown(so) : so);
    }
    return answer;
}

Truth registered(const Look& look) {
    bool any_stated = false;
    Truth answer = Truth::no;
    for (const Fact* fact : look.view->persons())
        for (const model::Registration& one : person(fact).registered) {
            any_stated = true;
            if (one.from <= look.today() && (!one.to || look.today() < *one.to))
                answer = either(answer, fact->disputed ? Truth::unknown : Truth::yes);
        }
    return any_stated ? answer : Truth::unknown;
}

Truth taken_between(const Look& look, const Expr& call) {
    const ExprPtr from = call.argument(0);
    const ExprPtr to = call.argument(1);
    if (look.sample == nullptr || !from || !to || from->kind != Kind::clock || to->kind != Kind::clock)
        throw Unreadable("'taken_between' takes two times of day, of a sample");
    const auto& clock = look.sample->fact->event.at.clock;
    if (!clock || look.sample->fact->disputed)
        return Truth::unknown;
    return as_truth(from->clock <= *clock && *clock <= to->clock);
}

Truth attribute_is(const Look& look, const std::string& name, const std::string& word) {
    if (look.event == nullptr)
        throw Unreadable("'" + name + "' is asked of no sample or event");
    const model::Event& event = look.event->event;
    if (look.event->disputed)
        return Truth::unknown;
    if (name == "route") {
        model::Route route = model::Route::unstated;
        if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body))
            route = supply->route;
        if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body))
            route = given->route;
        return route == model::Route::unstated ? Truth::unknown : as_truth(model::to_text(route) == word);
    }
    const auto found = event.attributes.find(name);
    return found == event.attributes.end() ? Truth::unknown : as_truth(found->second == word);
}

} // namespace bonewatch::reference
