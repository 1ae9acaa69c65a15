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

/// Nothing where it is unrecorded, disputed, or two records disagree.
std::optional<model::ClinicalTime> birth(const Look& look) {
    std::optional<model::ClinicalTime> born;
    for (const Fact* fact : look.view->persons()) {
        if (fact->disputed || (person(fact).born && born && *person(fact).born != *born))
            return std::nullopt;
        if (person(fact).born)
            born = person(fact).born;
    }
    return born;
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
    model::Sex sex = model::Sex::unknown;
    for (const Fact* fact : look.view->persons()) {
        const model::Sex stated = person(fact).sex;
        if (fact->disputed || (stated != model::Sex::unknown && sex != model::Sex::unknown && stated != sex))
            return Truth::unknown;
        if (stated != model::Sex::unknown)
            sex = stated;
    }
    if (word != "female" && word != "male" && word != "other")
        throw Unreadable("no sex '" + word + "'");
    if (sex == model::Sex::unknown)
        return Truth::unknown;
    return as_truth(word == (sex == model::Sex::female ? "female" : sex == model::Sex::male ? "male" : "other"));
}

Truth dead(const Look& look) {
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
