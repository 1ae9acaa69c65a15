#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

Events one_world(std::vector<Occurrence> found) {
    return {{EventWorld{{}, std::move(found)}}, false};
}

/// Both kinds of event, in every way in which both can be so.
Events together(const Events& a, const Events& b) {
    Events out{{}, a.anything_else || b.anything_else};
    for (const EventWorld& left : a.worlds)
        for (const EventWorld& right : b.worlds) {
            if (!left.choice.agrees_with(right.choice))
                continue;
            EventWorld joined = left;
            joined.choice.choice.insert(right.choice.choice.begin(), right.choice.choice.end());
            if (!joined.choice.doubtful_is_replacement)
                joined.choice.doubtful_is_replacement = right.choice.doubtful_is_replacement;
            joined.events.insert(joined.events.end(), right.events.begin(), right.events.end());
            out.worlds.push_back(std::move(joined));
        }
    return out;
}

/// What an exposure's worlds each hold; where there are too many to tell, anything.
template <typename Of>
Events in_each_world(const Exposure& exposure, const Of& of) {
    Events out{{}, exposure.worlds().empty()};
    if (out.anything_else)
        out.worlds.push_back({});
    for (const World& world : exposure.worlds())
        out.worlds.push_back({{world.choice, world.doubtful_is_replacement, {}, {}}, of(world)});
    return out;
}

Occurrence on_day(Date day, bool is_certain = true) {
    return {day, day, is_certain, nullptr};
}

bool is_given_as_doses(const Look& look, const Fact& fact) {
    const Drug* drug = look.catalogue.vocabulary->drug(model::code_of(fact.event)->text);
    return drug != nullptr && drug->is_single_dose;
}

/// Administrations, and issues of drugs that are given as single doses.
std::vector<Occurrence> doses_of(const Look& look, const DrugSet& set, std::optional<model::Route> route,
                                 const std::optional<model::Dose>& dose) {
    std::vector<Occurrence> found;
    for (const Fact* fact : look.view->visible_drug_facts(set, route)) {
        if (const auto* given = std::get_if<model::AdministrationEvent>(&fact->event.body);
            given != nullptr && (!dose || given->dose == dose))
            found.push_back(look.view->occurrence_of(*fact));
        if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body);
            supply != nullptr && !dose && is_given_as_doses(look, *fact))
            found.push_back(look.view->occurrence_of(*fact));
    }
    return found;
}

/// A code, a class, a group: onsets, procedures, final results, doses, and the days covered by a drug that
/// is taken day by day, or by a class that has one.
Events named(const Look& look, const Expr& expr) {
    std::vector<Occurrence> found;
    for (const Fact* fact : look.view->conditions(expr.conditions))
        found.push_back(look.view->occurrence_of(*fact));
    for (const std::string& id : expr.ids)
        if (look.catalogue.vocabulary->analyte(id) != nullptr)
            for (const Fact* fact : look.view->visible(id))
                if (std::holds_alternative<model::ResultEvent>(fact->event.body))
                    found.push_back(look.view->occurrence_of(*fact));
    const DrugSet& set = *expr.drugs;
    if (!set.empty())
        for (const Occurrence& dose : doses_of(look, set, {}, {}))
            if (is_given_as_doses(look, *dose.fact))
                found.push_back(dose);
    Events all = one_world(std::move(found));
    for (const DrugSet& member : set.with_daily_drugs)
        all = together(all, in_each_world(look.view->exposure(member), [](const World& world) {
                           std::vector<Occurrence> days;
                           for (Date day = world.days.first; day <= world.days.today(); day += Days(1))
                               if (world.days.covers(day))
                                   days.push_back(on_day(day));
                           return days;
                       }));
    return all;
}

/// In `clears` all results of a date must meet the condition.
Events results(const Look& look, const Expr& call) {
    const ConditionDays condition = by_day(look, call);
    std::vector<Occurrence> found;
    for (const auto& [sample, by_day_met] : condition.results) {
        // Wherever a disputed one is, or is not: what does not meet the condition is no event.
        const Truth met =
            sample->fact->disputed ? at_most_unknown(truth(look.about(*sample), *call.argument(0))) : by_day_met;
        const Truth so = look.rule() == Rule::all ? both(met, condition.days.at(sample->date)) : met;
        Occurrence event = look.view->occurrence_of(*sample->fact);
        event.is_certain = event.is_certain && so == Truth::yes;
        if (so != Truth::no)
            found.push_back(event);
    }
    return one_world(std::move(found));
}

Events run(const Look& look, const Expr& call) {
    const ConditionDays condition = by_day(look, call);
    std::optional<Duration> gap;
    if (call.argument("gap"))
        gap = durations(look, *call.argument("gap")).front();
    const std::vector<Date> certain = run_of(condition, gap, false);
    std::vector<Occurrence> found;
    for (const Date day : certain)
        found.push_back({day, day, true, condition.facts.at(day)});
    for (const Date day : run_of(condition, gap, true))
        if (std::find(certain.begin(), certain.end(), day) == certain.end())
            found.push_back({day, day, false, condition.facts.at(day)});
    return one_world(std::move(found));
}

Events started_or_stopped(const Look& look, const Expr& call) {
    const DrugSet& set = drugs_of(*call.argument(0));
    Days gap = set.gap;
    if (call.argument("gap"))
        gap = Days(durations(look, *call.argument("gap")).front().days);
    return in_each_world(look.view->exposure(set), [&](const World& world) {
        std::vector<Occurrence> days;
        for (const Bridged& one : world.days.bridged(gap)) {
            const Date end = one.last + Days(1);
            if (call.text == "started")
                days.push_back(on_day(one.first));
            else if (look.today() >= end + gap)
                days.push_back(on_day(end));
        }
        return days;
    });
}

Events given(const Look& look, const Expr& call) {
    std::optional<model::Dose> dose;
    if (call.argument("dose"))
        dose = model::Dose{model::Rational(units_of(look, *call.argument("dose"))) * model::Rational(1, units_per_mg),
                           model::DoseUnit::milligram};
    std::optional<model::Route> route;
    if (const ExprPtr word = call.argument("route"))
        route = model::parse_route(word->text == "iv" ? "intravenous" : word->text);
    return one_world(doses_of(look, drugs_of(*call.argument(0)), route, dose));
}

Events changes_of_dose(const Look& look, const Expr& call) {
    if (!call.argument("by"))
        throw Unreadable("'dose_change' needs 'by:'");
    const Units by = units_of(look, *call.argument("by"));
    const Exposure& exposure =
        look.view->exposure(drugs_of(*call.argument(0)), std::nullopt, Reading::each_product_bridged);
    return in_each_world(exposure, [&](const World& world) {
        const DoseChanges changes = dose_changes(world.days, by, exposure.gap());
        std::vector<Occurrence> days;
        for (const Date day : changes.certain)
            days.push_back(on_day(day));
        for (const Date day : changes.possible)
            days.push_back(on_day(day, false));
        return days;
    });
}

/// [from, to) with its breaks of fewer than `apart` free days.
struct Course {
    Date from{};
    Date to{};
    bool holds_single_dose = false;
};

std::vector<Course> courses_of(const World& world, Date today, Days apart) {
    std::set<Date> doses;
    for (const Date dose : world.uncounted_doses)
        doses.insert(std::min(dose, today));
    std::set<Date> days = doses;
    for (Date day = world.days.first; day <= world.days.today(); day += Days(1))
        if (world.days.covers(day))
            days.insert(day);
    std::vector<Course> courses;
    for (const Date day : days) {
        if (courses.empty() || (day > courses.back().to && day - courses.back().to >= apart))
            courses.push_back({day, day, false});
        courses.back().to = day + Days(1);
        courses.back().holds_single_dose = courses.back().holds_single_dose || doses.contains(day);
    }
    return courses;
}

Events courses(const Look& look, const Expr& call) {
    const ExprPtr length = call.argument("length");
    if (!length || length->kind != Kind::range || !call.argument("apart"))
        throw Unreadable("'course' needs 'length: A to B' and 'apart:'");
    const Duration least = durations(look, *length->parts[0]).front();
    const Duration most = durations(look, *length->parts[1]).front();
    const Days apart(durations(look, *call.argument("apart")).front().days);
    return in_each_world(look.view->exposure(drugs_of(*call.argument(0))), [&](const World& world) {
        std::vector<Occurrence> found;
        for (const Course& one : courses_of(world, look.today(), apart)) {
            const Date end = std::min(look.today(), one.to);
            const bool is_long_enough = one.holds_single_dose || after(one.from, least) <= end;
            if (is_long_enough && end <= after(one.from, most))
                found.push_back(on_day(one.from));
        }
        return found;
    });
}

Events made(const Look& look, const Expr& expr) {
    if (!expr.ids.empty())
        return named(look, expr);
    if (expr.kind == Kind::set) {
        Events all = one_world({});
        for (const ExprPtr& part : expr.parts)
            all = together(all, events(look, *part));
        return all;
    }
    if (expr.kind == Kind::call) {
        if (expr.text == "result")
            return results(look, expr);
        if (expr.text == "run")
            return run(look, expr);
        if (expr.text == "started" || expr.text == "stopped")
            return started_or_stopped(look, expr);
        if (expr.text == "given")
            return given(look, expr);
        if (expr.text == "course")
            return courses(look, expr);
        if (expr.text == "dose_change")
            return changes_of_dose(look, expr);
    }
    throw Unreadable("'" + expr.text + "' is no event");
}

} // namespace

Events events(const Look& look, const Expr& expr) {
    return made(look, expr);
}

} // namespace bonewatch::reference
