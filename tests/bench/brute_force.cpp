#include "tests/bench/brute_force.h"

#include <algorithm>

namespace bonewatch::bench {

using model::Date;
using model::Days;
using model::Event;

std::vector<Stretch> rule_a(const std::vector<Event>& facts) {
    std::vector<Stretch> out;
    std::optional<Date> run_from;
    for (const Event& fact : facts) {
        const bool is_open = !out.empty() && !out.back().closed;
        if (std::get<model::ResultEvent>(fact.body).value->low->value >= model::Rational(2, 5)) {
            if (is_open)
                out.back().closed = fact.at.instant;
            run_from.reset();
            continue;
        }
        if (!run_from)
            run_from = fact.at.date;
        if (!is_open && *run_from + Days(90) <= fact.at.date)
            out.push_back({fact.at.instant, {}});
    }
    return out;
}

namespace {

/// Whether the rule holds on `today`, by the supplies begun by then. Tablets left over push the next supply forward, at
/// most 30 days' worth.
bool holds(const std::vector<Event>& facts, Date today) {
    std::optional<Date> from, to;
    for (const Event& fact : facts) {
        const Date start = fact.at.date;
        if (start > today)
            break;
        const Days days(std::get<model::SupplyEvent>(fact.body).days);
        if (!to || start > *to + Days(30)) {
            from = start;
            to = start + days;
            continue;
        }
        const Days left = std::clamp(*to - start, Days(0), Days(30));
        to = std::max(*to, start + left + days);
    }
    // Current while a covered day lies within the last 30 days; the gap itself adds nothing to the length.
    return to && today < *to + Days(30) && std::min(today, *to) - *from >= Days(90);
}

} // namespace

std::vector<Stretch> rule_b(const std::vector<Event>& facts, model::Instant end) {
    std::vector<Stretch> out;
    if (facts.empty())
        return out;
    for (Date today = facts.front().at.date; today <= model::date_of(end); today += Days(1)) {
        const bool is_open = !out.empty() && !out.back().closed;
        if (holds(facts, today) == is_open)
            continue;
        if (is_open)
            out.back().closed = today;
        else
            out.push_back({today, {}});
    }
    return out;
}

} // namespace bonewatch::bench
