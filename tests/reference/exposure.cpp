#include "tests/reference/exposure.h"

#include "tests/reference/drug_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bonewatch::reference {

namespace {

constexpr Days stockpile_max{30};
constexpr std::size_t disputed_facts_max = 3;

/// [start, end) of one product at one daily dose.
struct Stretch {
    Date start{};
    Date end{};
    std::optional<model::Dose> dose;
};

using Product = std::tuple<std::string, model::Route, std::string>;

struct Dated {
    Date date{};
    const Fact* fact = nullptr;
};

bool stop_ends(const model::StopEvent& stop, const Product& product) {
    return stop.drug.text == std::get<0>(product) && (!stop.route || *stop.route == std::get<1>(product));
}

void cut(std::vector<Stretch>& stretches, Date from) {
    for (Stretch& one : stretches)
        one.end = std::min(one.end, std::max(from, one.start));
    std::erase_if(stretches, [](const Stretch& one) { return one.start >= one.end; });
}

void take(std::vector<Stretch>& stretches, Date start, const model::SupplyEvent& supply) {
    const Days days{supply.days};
    if (stretches.empty() || stretches.back().end <= start) {
        stretches.push_back({start, start + days, supply.daily_dose});
        return;
    }
    Stretch& now = stretches.back();
    if (now.dose == supply.daily_dose) {
        const Days left_over = now.end - start;
        now.end = std::max(now.end, start + std::min(left_over, stockpile_max) + days);
        return;
    }
    cut(stretches, start);
    stretches.push_back({start, start + days, supply.daily_dose});
}

/// The stretches of one product: stops before supplies of the same date, then in order of time and id.
std::vector<Stretch> stretches_of(const Product& product, std::vector<Dated> facts) {
    std::stable_sort(facts.begin(), facts.end(), [](const Dated& a, const Dated& b) {
        const auto rank = [](const Dated& one) {
            return std::tuple(one.date, std::holds_alternative<model::SupplyEvent>(one.fact->event.body) ? 1 : 0,
                              one.fact->event.at.instant, one.fact->event.key);
        };
        return rank(a) < rank(b);
    });
    std::vector<Stretch> stretches;
    for (const Dated& one : facts) {
        if (const auto* stop = std::get_if<model::StopEvent>(&one.fact->event.body)) {
            if (stop_ends(*stop, product))
                cut(stretches, one.date);
        } else if (const auto& supply = std::get<model::SupplyEvent>(one.fact->event.body);
                   Product{supply.drug.text, supply.route, supply.strength} == product) {
            take(stretches, one.date, supply);
        }
    }
    return stretches;
}

void cover(DrugDays& table, Date start, Date end, bool is_dose_known, Units dose) {
    for (Date day = std::max(start, table.first); day < end && day <= table.today(); day += Days(1)) {
        DrugDay& one = table.days[static_cast<std::size_t>((day - table.first).count())];
        one.is_covered = true;
        one.is_dose_known = one.is_dose_known && is_dose_known;
        one.dose += dose;
    }
}

bool is_replacement_drug(const std::string& drug) {
    return drug == "hydrocortisone";
}

struct Day {
    const DrugDays* table;
    Date date;
};

/// Every supply, stop and administration of one world, laid out day by day. `exempt_doubtful`: whether days on which
/// nobody can say if hydrocortisone only replaces are taken as replacement.
DrugDays lay_out(const View& view, const Codes& classes, const std::vector<const Fact*>& facts, Date first,
                 bool exempt_doubtful, bool& any_doubt) {
    DrugDays table{first, {}};
    table.days.resize(static_cast<std::size_t>(std::max((view.today() - first).count() + 1, Days::rep{1})));
    const bool has_replacement_drug =
        classes.contains("glucocorticoid-systemic") && std::any_of(facts.begin(), facts.end(), [](const Fact* fact) {
            const auto* code = model::code_of(fact->event);
            return code != nullptr && is_replacement_drug(code->text);
        });
    // Hydrocortisone as equivalents, to be added where it is no replacement, and in its own milligrams.
    DrugDays replacement = has_replacement_drug ? table : DrugDays{};
    std::vector<std::pair<bool, Units>> plain(replacement.days.size(), {true, 0});

    std::set<Product> products;
    std::vector<Dated> courses;
    for (const Fact* fact : facts) {
        if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body)) {
            products.insert({supply->drug.text, supply->route, supply->strength});
            courses.push_back({fact->event.at.date, fact});
        } else if (std::holds_alternative<model::StopEvent>(fact->event.body)) {
            courses.push_back({fact->event.at.date, fact});
        } else if (const auto* given = std::get_if<model::AdministrationEvent>(&fact->event.body)) {
            const Date start = fact->event.at.date;
            cover(table, start, start + days_covered_by(*given), false, 0);
        }
    }
    for (const Product& product : products) {
        if (!is_in_class(std::get<0>(product), std::get<1>(product), classes))
            continue;
        for (const Stretch& one : stretches_of(product, courses)) {
            const bool is_mass = one.dose && one.dose->unit == model::DoseUnit::milligram;
            const Units own = is_mass ? (one.dose->amount * model::Rational(units_per_mg)).numerator() : 0;
            const Units dose = is_mass ? equivalent_of(std::get<0>(product), one.dose->amount) : 0;
            const bool may_replace = has_replacement_drug && is_replacement_drug(std::get<0>(product));
            cover(may_replace ? replacement : table, one.start, one.end, is_mass, dose);
            if (!may_replace)
                continue;
            for (Date day = std::max(one.start, first); day < one.end && day <= table.today(); day += Days(1)) {
                auto& [is_known, amount] = plain[static_cast<std::size_t>((day - first).count())];
                is_known = is_known && is_mass;
                amount += own;
            }
        }
    }
    for (std::size_t i = 0; i < replacement.days.size(); ++i) {
        const DrugDay& extra = replacement.days[i];
        if (!extra.is_covered)
            continue;
        const Truth is_small = !plain[i].first && plain[i].second <= 30 * units_per_mg
                                   ? Truth::unknown
                                   : as_truth(plain[i].second <= 30 * units_per_mg);
        const Date day = first + Days(i);
        const Truth exempt = both(is_small, view.at(day).known({"adrenal-insufficiency", "pituitary-disease"}));
        any_doubt = any_doubt || exempt == Truth::unknown;
        if (exempt == Truth::yes || (exempt == Truth::unknown && exempt_doubtful))
            continue;
        cover(table, day, day + Days(1), extra.is_dose_known, extra.dose);
    }
    return table;
}

} // namespace

bool DrugDays::covers(Date date) const {
    return date >= first && date <= today() && on(date).is_covered;
}

Exposure::Exposure(const View& view, const Codes& classes) {
    for (const std::string& one : classes)
        gap_ = std::max(gap_, gap_of_class(one));

    std::vector<const Fact*> certain;
    std::map<model::FactKey, std::vector<const Fact*>> disputed;
    std::set<model::FactKey> disputed_courses;
    Date first = view.today();
    for (const Fact* fact : view.facts()) {
        if (!concerns_class(fact->event, classes) || view.counts(*fact) == Truth::no)
            continue;
        first = std::min(first, fact->event.at.date);
        if (view.counts(*fact) == Truth::yes) {
            certain.push_back(fact);
            continue;
        }
        disputed[fact->event.key].push_back(fact);
        if (!std::holds_alternative<model::AdministrationEvent>(fact->event.body))
            disputed_courses.insert(fact->event.key);
    }
    if (disputed_courses.size() > disputed_facts_max)
        return;

    std::vector<std::vector<const Fact*>> choices{certain};
    for (const auto& [key, contents] : disputed) {
        const std::vector<std::vector<const Fact*>> before = choices;
        for (const Fact* content : contents)
            for (std::vector<const Fact*> world : before) {
                world.push_back(content);
                choices.push_back(std::move(world));
            }
    }
    for (const auto& facts : choices) {
        bool any_doubt = false;
        worlds_.push_back(lay_out(view, classes, facts, first, false, any_doubt));
        if (any_doubt)
            worlds_.push_back(lay_out(view, classes, facts, first, true, any_doubt));
    }
}

Truth Exposure::in_every_world(const std::function<Truth(const DrugDays&)>& question) const {
    if (worlds_.empty())
        return Truth::unknown;
    const Truth answer = question(worlds_.front());
    for (const DrugDays& world : worlds_)
        if (question(world) != answer)
            return Truth::unknown;
    return answer;
}

Anchor Exposure::same_in_every_world(const std::function<Anchor(const DrugDays&)>& question) const {
    constexpr Anchor nobody_can_say{Truth::unknown, {}, {}};
    if (worlds_.empty())
        return nobody_can_say;
    const Anchor answer = question(worlds_.front());
    for (const DrugDays& world : worlds_)
        if (question(world) != answer)
            return nobody_can_say;
    return answer;
}

namespace {

std::optional<Date> last_covered(const DrugDays& table) {
    for (Date day = table.today(); day >= table.first; day -= Days(1))
        if (table.covers(day))
            return day;
    return std::nullopt;
}

/// The first day of the bridged exposure that `last` belongs to.
Date bridged_start(const DrugDays& table, Date last, Days gap) {
    Date start = last;
    for (Date day = last; day >= table.first && start - day <= gap + Days(1); day -= Days(1))
        if (table.covers(day))
            start = day;
    return start;
}

} // namespace

Truth Exposure::is_on(Days tail) const {
    return in_every_world([&](const DrugDays& table) {
        const auto last = last_covered(table);
        return as_truth(last && table.today() - *last <= tail);
    });
}

Truth Exposure::is_on_for(Days length, Days gap) const {
    return in_every_world([&](const DrugDays& table) {
        const auto last = last_covered(table);
        if (!last || table.today() - *last > gap)
            return Truth::no;
        const Date end = std::min(table.today(), *last + Days(1));
        return as_truth(end - bridged_start(table, *last, gap) >= length);
    });
}

namespace {

struct Sum {
    Units known = 0;
    bool any_unknown = false;
    std::int64_t covered = 0;
};

Sum sum_of(const DrugDays& table, Days window) {
    Sum sum;
    for (Date day = table.today() - window + Days(1); day <= table.today(); day += Days(1)) {
        if (!table.covers(day))
            continue;
        ++sum.covered;
        sum.known += table.on(day).dose;
        sum.any_unknown = sum.any_unknown || !table.on(day).is_dose_known;
    }
    return sum;
}

/// What is unknown can only add.
Truth at_least(const Sum& sum, Units bound) {
    if (sum.known >= bound)
        return Truth::yes;
    return sum.any_unknown ? Truth::unknown : Truth::no;
}

} // namespace

Truth Exposure::average_at_least(Days over, Units dose) const {
    return in_every_world([&](const DrugDays& table) {
        const Sum sum = sum_of(table, over);
        return sum.covered == 0 ? Truth::no : at_least(sum, dose * sum.covered);
    });
}

Truth Exposure::average_below(Days over, Units dose) const {
    return in_every_world([&](const DrugDays& table) {
        const Sum sum = sum_of(table, over);
        return sum.covered == 0 ? Truth::no : negated(at_least(sum, dose * sum.covered));
    });
}

Truth Exposure::total_at_least(Days within, Units dose) const {
    return in_every_world([&](const DrugDays& table) { return at_least(sum_of(table, within), dose); });
}

Anchor Exposure::last_started() const {
    return same_in_every_world([&](const DrugDays& table) -> Anchor {
        const auto last = last_covered(table);
        if (!last)
            return {};
        const Date start = bridged_start(table, *last, gap_);
        return {Truth::yes, start, start};
    });
}

Anchor Exposure::last_dose_change(Units by, std::optional<Date> from) const {
    return same_in_every_world([&](const DrugDays& table) {
        bool any_possible = false;
        std::optional<Date> next;
        for (Date day = table.today(); day >= table.first; day -= Days(1)) {
            if (!table.covers(day))
                continue;
            const auto after = std::exchange(next, day);
            if (!after || *after - day - Days(1) > gap_)
                continue;
            if (from && *after < *from)
                break;
            const DrugDay& a = table.on(day);
            const DrugDay& b = table.on(*after);
            const Units difference = a.dose > b.dose ? a.dose - b.dose : b.dose - a.dose;
            if (a.is_dose_known && b.is_dose_known && difference >= by)
                return Anchor{Truth::yes, *after, *after};
            any_possible = any_possible || a.is_dose_known != b.is_dose_known;
        }
        return Anchor{any_possible ? Truth::unknown : Truth::no, {}, {}};
    });
}

} // namespace bonewatch::reference
