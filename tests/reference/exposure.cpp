#include "tests/reference/exposure.h"

#include <algorithm>
#include <tuple>

namespace bonewatch::reference {

namespace {

constexpr Days stockpile_max{30};
constexpr std::size_t disputed_facts_max = 3;
constexpr Units replacement_max = 30 * units_per_mg;

/// [start, end) of one product at one daily dose.
struct Stretch {
    Date start{};
    Date end{};
    std::optional<model::Dose> dose;
    bool is_stopped = false; ///< It ends where it does because of a stop.
};

struct Product {
    std::string drug;
    model::Route route{};
    std::string strength;
    friend auto operator<=>(const Product&, const Product&) = default;
};

using Products = std::map<Product, std::vector<Stretch>>;

void cut(std::vector<Stretch>& stretches, Date from, bool by_stop) {
    for (Stretch& one : stretches)
        if (one.end > from) {
            one.end = std::max(from, one.start);
            one.is_stopped = by_stop;
        }
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
    cut(stretches, start, false);
    stretches.push_back({start, start + days, supply.daily_dose});
}

/// Stops before supplies of the same date, then in order of time and id.
Products products_of(std::vector<const Fact*> facts) {
    std::stable_sort(facts.begin(), facts.end(), [](const Fact* a, const Fact* b) {
        const auto rank = [](const Fact* one) {
            return std::tuple(one->event.at.date, std::holds_alternative<model::SupplyEvent>(one->event.body) ? 1 : 0,
                              one->event.at.instant, one->event.key);
        };
        return rank(a) < rank(b);
    });
    Products products;
    for (const Fact* fact : facts) {
        const Date date = fact->event.at.date;
        if (const auto* stop = std::get_if<model::StopEvent>(&fact->event.body)) {
            for (auto& [product, stretches] : products)
                if (stop->drug.text == product.drug && (!stop->route || *stop->route == product.route))
                    cut(stretches, date, true);
        } else if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body)) {
            take(products[{supply->drug.text, supply->route, supply->strength}], date, *supply);
        }
    }
    return products;
}

/// Each product goes on at its dose through a gap after which it is supplied again in time, and through one that is
/// still open today, unless another product took over.
Products bridged(const Products& products, Days gap, Date today) {
    std::vector<std::pair<const Product*, Date>> begun;
    Products out;
    for (const auto& [product, stretches] : products) {
        auto& filled = out[product];
        for (std::size_t i = 0; i < stretches.size(); ++i) {
            const bool goes_on = i > 0 && !stretches[i - 1].is_stopped && stretches[i].start <= filled.back().end + gap;
            if (goes_on)
                filled.back().end = stretches[i].start;
            if (i == 0 || (stretches[i].start > filled.back().end))
                begun.emplace_back(&product, stretches[i].start);
            filled.push_back(stretches[i]);
        }
    }
    for (auto& [product, stretches] : out) {
        if (stretches.empty() || stretches.back().is_stopped)
            continue;
        Stretch& last = stretches.back();
        const bool is_open = last.end <= today && today < last.end + gap;
        const bool is_taken_over = std::any_of(begun.begin(), begun.end(), [&](const auto& one) {
            return *one.first != product && last.end <= one.second && one.second <= today;
        });
        if (is_open && !is_taken_over)
            last.end = today + Days(1);
    }
    return out;
}

struct Layout {
    const View& view;
    const DrugSet& set;
    Date first{};
    bool doubtful_is_replacement = false;
    bool any_doubt = false; ///< Some day could come out otherwise if what is doubtful were replacement.

    [[nodiscard]] DrugDays empty() const {
        DrugDays table;
        table.first = first;
        table.days.resize(static_cast<std::size_t>(std::max((view.today() - first).count() + 1, Days::rep{1})));
        return table;
    }
    static void cover(DrugDays& table, Date start, Date end, std::optional<Units> dose) {
        for (Date day = std::max(start, table.first); day < end && day <= table.today(); day += Days(1)) {
            DrugDay& one = table.days[static_cast<std::size_t>((day - table.first).count())];
            one.is_covered = true;
            one.is_dose_known = one.is_dose_known && dose.has_value();
            one.dose += dose.value_or(0);
        }
    }
    [[nodiscard]] std::optional<Units> counted(const std::string& drug, const std::optional<model::Dose>& dose) const {
        if (!dose || dose->unit != model::DoseUnit::milligram)
            return std::nullopt;
        const auto amount = view.vocabulary().counted(set, drug, dose->amount);
        if (!amount)
            return std::nullopt;
        const model::Rational units = *amount * model::Rational(units_per_mg);
        if (units.denominator() != 1)
            throw Unreadable("a dose of " + drug + " is no whole number of units");
        return units.numerator();
    }
    [[nodiscard]] Truth is_known_on(Date day) const {
        static const Codes conditions = view.vocabulary().with_included(replaced_in());
        const View& then = view.at(day);
        Truth answer = Truth::no;
        for (const Fact* fact : then.conditions(conditions))
            answer = either(answer, is_present(then, *fact, day));
        return answer;
    }
    /// Hydrocortisone counts only on days on which it is more than replacement.
    void add_replaced(DrugDays& table, const DrugDays& as_counted, const DrugDays& own) {
        for (Date day = table.first; day <= table.today(); day += Days(1)) {
            if (!as_counted.covers(day))
                continue;
            const bool is_below = own.on(day).dose <= replacement_max;
            const Truth is_small = !own.on(day).is_dose_known && is_below ? Truth::unknown : as_truth(is_below);
            const Truth exempt = both(is_small, is_known_on(day));
            any_doubt = any_doubt || exempt == Truth::unknown;
            if (exempt == Truth::yes || (exempt == Truth::unknown && doubtful_is_replacement))
                continue;
            const DrugDay& one = as_counted.on(day);
            cover(table, day, day + Days(1), one.is_dose_known ? std::optional<Units>(one.dose) : std::nullopt);
        }
    }
    [[nodiscard]] DrugDays of(const Products& products, const std::vector<const Fact*>& given) {
        DrugDays table = empty();
        std::optional<DrugDays> replacing, own;
        for (const Fact* fact : given) {
            const auto& dose = std::get<model::AdministrationEvent>(fact->event.body);
            const Date start = fact->event.at.date;
            cover(table, start, start + view.vocabulary().days_covered_by(dose), std::nullopt);
        }
        for (const auto& [product, stretches] : products) {
            const bool may_replace =
                product.drug == "hydrocortisone" && set.classes.contains("glucocorticoid-systemic");
            if (may_replace && !replacing)
                replacing = own = empty();
            for (const Stretch& one : stretches) {
                cover(may_replace ? *replacing : table, one.start, one.end, counted(product.drug, one.dose));
                const bool is_mass = one.dose && one.dose->unit == model::DoseUnit::milligram;
                if (may_replace)
                    cover(*own, one.start, one.end,
                          is_mass ? std::optional((one.dose->amount * model::Rational(units_per_mg)).numerator())
                                  : std::nullopt);
            }
        }
        if (replacing)
            add_replaced(table, *replacing, *own);
        return table;
    }
};

} // namespace

const Codes& replaced_in() {
    static const Codes codes{"adrenal-insufficiency", "pituitary-disease"};
    return codes;
}

bool concerns(const Vocabulary& vocabulary, const DrugSet& set, std::optional<model::Route> route,
              const model::Event& event) {
    if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body))
        return (!route || supply->route == *route) && vocabulary.is_member(set, supply->drug.text, supply->route);
    if (const auto* stop = std::get_if<model::StopEvent>(&event.body))
        return (!route || !stop->route || *stop->route == *route) && vocabulary.may_be_member(set, stop->drug.text);
    if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body))
        return (!route || given->route == *route) && vocabulary.is_member(set, given->drug.text, given->route);
    return false;
}

bool DrugDays::covers(Date date) const {
    return date >= first && date <= today() && on(date).is_covered;
}

std::optional<Date> DrugDays::last_covered() const {
    if (last_)
        return *last_;
    last_.emplace();
    for (Date day = today(); day >= first && !*last_; day -= Days(1))
        if (covers(day))
            *last_ = day;
    return *last_;
}

std::optional<Bridged> DrugDays::last_bridged(Days gap) const {
    const auto last = last_covered();
    if (!last)
        return std::nullopt;
    const auto [found, is_new] = last_bridged_.try_emplace(gap, Bridged{*last, *last});
    Bridged& out = found->second;
    for (Date day = *last; is_new && day >= first && out.first - day <= gap + Days(1); day -= Days(1))
        if (covers(day))
            out.first = day;
    return out;
}

std::vector<Bridged> DrugDays::bridged(Days gap) const {
    std::vector<Bridged> out;
    for (Date day = first; day <= today(); day += Days(1)) {
        if (!covers(day))
            continue;
        if (!out.empty() && day - out.back().last - Days(1) <= gap)
            out.back().last = day;
        else
            out.push_back({day, day});
    }
    return out;
}

bool World::agrees_with(const World& other) const {
    for (const auto& [key, content] : choice)
        if (const auto found = other.choice.find(key); found != other.choice.end() && found->second != content)
            return false;
    return !doubtful_is_replacement || !other.doubtful_is_replacement ||
           *doubtful_is_replacement == *other.doubtful_is_replacement;
}

Exposure::Exposure(const View& view, const DrugSet& set, const std::vector<const Fact*>& facts, Reading reading)
    : gap_(set.gap) {
    std::vector<const Fact*> certain;
    std::map<model::FactKey, std::vector<const Fact*>> disputed;
    std::set<model::FactKey> disputed_courses;
    Date first = view.today();
    for (const Fact* fact : facts) {
        first = std::min(first, fact->event.at.date);
        if (!is_doubtful(*fact)) {
            certain.push_back(fact);
            continue;
        }
        disputed[fact->event.key].push_back(fact);
        if (!std::holds_alternative<model::AdministrationEvent>(fact->event.body))
            disputed_courses.insert(fact->event.key);
    }
    if (disputed_courses.size() > disputed_facts_max)
        return;

    std::vector<std::map<model::FactKey, const Fact*>> choices{{}};
    for (const auto& [key, contents] : disputed) {
        const auto before = choices;
        choices.clear();
        for (const auto& one : before) {
            choices.push_back(one);
            choices.back()[key] = nullptr;
            for (const Fact* content : contents) {
                choices.push_back(one);
                choices.back()[key] = content;
            }
        }
    }
    for (const auto& choice : choices) {
        std::vector<const Fact*> so = certain;
        for (const auto& [key, content] : choice)
            if (content != nullptr)
                so.push_back(content);
        std::vector<const Fact*> given;
        World world{choice, {}, {}, {}};
        for (const Fact* fact : so)
            if (const auto* dose = std::get_if<model::AdministrationEvent>(&fact->event.body)) {
                given.push_back(fact);
                if (view.vocabulary().days_covered_by(*dose) == Days(0))
                    world.uncounted_doses.push_back(fact->event.at.date);
            }
        Products products = products_of(so);
        if (reading == Reading::each_product_bridged)
            products = bridged(products, gap_, view.today());
        Layout layout{view, set, first};
        world.days = layout.of(products, given);
        worlds_.push_back(world);
        if (layout.any_doubt) {
            worlds_.back().doubtful_is_replacement = false;
            layout.doubtful_is_replacement = true;
            world.doubtful_is_replacement = true;
            world.days = layout.of(products, given);
            worlds_.push_back(world);
        }
    }
}

Truth Exposure::in_every_world(const std::function<Truth(const World&)>& question) const {
    if (worlds_.empty())
        return Truth::unknown;
    const Truth answer = question(worlds_.front());
    for (const World& world : worlds_)
        if (question(world) != answer)
            return Truth::unknown;
    return answer;
}

DoseChanges dose_changes(const DrugDays& days, Units by, Days gap) {
    DoseChanges changes;
    std::optional<Date> before;
    for (Date day = days.first; day <= days.today(); day += Days(1)) {
        if (!days.covers(day))
            continue;
        const auto previous = std::exchange(before, day);
        if (!previous || day - *previous - Days(1) > gap)
            continue;
        const DrugDay& a = days.on(*previous);
        const DrugDay& b = days.on(day);
        const bool goes_on = day - *previous == Days(1) && a.dose == b.dose && a.is_dose_known == b.is_dose_known;
        const Units difference = a.dose > b.dose ? a.dose - b.dose : b.dose - a.dose;
        if (a.is_dose_known && b.is_dose_known) {
            if (difference >= by)
                changes.certain.push_back(day);
        } else if (!goes_on) {
            changes.possible.push_back(day);
        }
    }
    return changes;
}

} // namespace bonewatch::reference
