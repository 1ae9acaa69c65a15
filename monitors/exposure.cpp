#include "monitors/exposure.h"

#include <algorithm>
#include <tuple>

namespace bonewatch::monitors {

namespace {

using model::AdministrationEvent;
using model::StopEvent;
using model::SupplyEvent;

/// Tablets left over are carried into the next supply for at most this long (design, exposure; ENG).
constexpr Days carry_max{30};

/// Hydrocortisone up to this many mg a day replaces what the adrenals do not make (catalogue, steroid-5mg-90d).
const Rational replacement_mg_max{30};
const CodeId replacement_drug{"hydrocortisone"};
const CodeId replacement_conditions[] = {CodeId("adrenal-insufficiency"), CodeId("pituitary-disease")};
const CodeId replaced_class{"glucocorticoid-systemic"};

/// Clinical order of one date: a stop comes before a supply or a dose.
int rank(const FactPtr& fact) {
    return std::holds_alternative<StopEvent>(fact->event.body) ? 0 : 1;
}

bool in_clinical_order(const FactPtr& a, const FactPtr& b) {
    return std::tuple(a->event.at.date, rank(a), a->event.at.instant, a->event.key) <
           std::tuple(b->event.at.date, rank(b), b->event.at.instant, b->event.key);
}

const Rational& amount_or_zero(const std::optional<Rational>& dose) {
    static const Rational zero{0};
    return dose ? *dose : zero;
}

} // namespace

Exposure::Exposure(const ExposureSet& set, const config::Vocabulary& vocabulary) : set_(set), vocabulary_(vocabulary) {}

bool Exposure::is_member(const CodeId& drug, model::Route route) const {
    if (set_.route && *set_.route != route)
        return false;
    const config::Drug* known = vocabulary_.drug(drug);
    if (known == nullptr)
        return false;
    const CodeId* drug_class = vocabulary_.class_of(*known, route);
    if (drug_class != nullptr && std::ranges::find(set_.classes, *drug_class) != set_.classes.end())
        return true;
    return (drug_class != nullptr || known->classes.empty()) && std::ranges::find(set_.drugs, drug) != set_.drugs.end();
}

bool Exposure::concerns(const ExposureSet& set, const config::Vocabulary& vocabulary, const CodeId& code) {
    if (const config::Drug* drug = vocabulary.drug(code)) {
        if (std::ranges::find(set.drugs, code) != set.drugs.end())
            return true;
        return std::ranges::any_of(drug->classes, [&](const auto& row) {
            return std::ranges::find(set.classes, row.drug_class) != set.classes.end();
        });
    }
    return std::ranges::find(set.classes, replaced_class) != set.classes.end() &&
           std::ranges::find(replacement_conditions, code) != std::end(replacement_conditions);
}

void Exposure::rebuild(const Timeline& timeline, const std::function<bool(const FactPtr&)>& keep, Exempting exempting) {
    exempting_ = exempting;
    products_.clear();
    segments_.clear();
    uncovering_doses_.clear();
    newest_.reset();
    newest_is_supply_ = false;
    find_exempt_periods(timeline, keep);

    std::vector<FactPtr> facts;
    const auto gather = [&](const CodeId& drug) {
        for (const auto* series : {&timeline.supplies(drug), &timeline.stops(drug), &timeline.administrations(drug)})
            std::ranges::copy_if(*series, std::back_inserter(facts), keep);
    };
    std::set<CodeId> drugs(set_.drugs.begin(), set_.drugs.end());
    for (const CodeId& drug_class : set_.classes)
        for (const config::Drug* drug : vocabulary_.drugs_of(drug_class))
            drugs.insert(drug->id);
    std::ranges::for_each(drugs, gather);
    std::ranges::sort(facts, in_clinical_order);

    for (const FactPtr& fact : facts)
        take(fact);
    join_from(Date::min());
}

bool Exposure::append(const FactPtr& fact) {
    const model::EventBody& body = fact->event.body;
    if (!std::holds_alternative<SupplyEvent>(body) && !std::holds_alternative<StopEvent>(body) &&
        !std::holds_alternative<AdministrationEvent>(body))
        return false;
    const Date date = fact->event.at.date;
    if (newest_ && (date < *newest_ || (date == *newest_ && newest_is_supply_)))
        return false;
    take(fact);
    join_from(date);
    return true;
}

std::size_t Exposure::byte_estimate() const {
    std::size_t bytes = sizeof(*this) + products_.capacity() * sizeof(Product) +
                        segments_.capacity() * sizeof(DoseSegment) + uncovering_doses_.size() * sizeof(FactPtr);
    for (const Product& taken : products_)
        bytes += taken.covers.capacity() * sizeof(Cover);
    return bytes;
}

void Exposure::take(const FactPtr& fact) {
    newest_ = fact->event.at.date;
    newest_is_supply_ = rank(fact) == 1;
    if (std::holds_alternative<SupplyEvent>(fact->event.body))
        take_supply(fact);
    else if (std::holds_alternative<StopEvent>(fact->event.body))
        take_stop(fact);
    else
        take_dose(fact);
}

Exposure::Product& Exposure::product(const CodeId& drug, model::Route route, const std::string& strength) {
    for (Product& known : products_)
        if (known.drug == drug && known.route == route && known.strength == strength)
            return known;
    const bool is_exemptible =
        drug == replacement_drug && std::ranges::find(set_.classes, replaced_class) != set_.classes.end();
    products_.push_back({drug, route, strength, is_exemptible, false, {}});
    return products_.back();
}

std::optional<Rational> Exposure::class_dose(const CodeId& drug, const std::optional<model::Dose>& daily) const {
    if (!daily || daily->unit != model::DoseUnit::milligram)
        return std::nullopt;
    if (set_.equivalents.empty())
        return daily->amount;
    const config::Drug* known = vocabulary_.drug(drug);
    if (known == nullptr || !known->equivalence)
        return std::nullopt;
    return Rational::checked_product(daily->amount, *known->equivalence);
}

void Exposure::take_supply(const FactPtr& fact) {
    const auto& supply = std::get<SupplyEvent>(fact->event.body);
    if (!is_member(supply.drug, supply.route))
        return;
    auto& covers = product(supply.drug, supply.route, supply.strength).covers;
    const Date date = fact->event.at.date;
    const Days days(supply.days);
    const auto dose = class_dose(supply.drug, supply.daily_dose);

    const Date in_hand_to = covers.empty() ? date : std::max(date, covers.back().to);
    const bool is_same_dose = !covers.empty() && covers.back().dose == dose;
    if (in_hand_to > date && is_same_dose) {
        const Date to = std::max(in_hand_to, date + std::min(in_hand_to - date, carry_max) + days);
        if (to > in_hand_to)
            covers.push_back({in_hand_to, to, dose, fact});
        return;
    }
    while (!covers.empty() && covers.back().to > date) {
        covers.back().to = std::max(covers.back().from, date);
        if (covers.back().from < covers.back().to)
            break;
        covers.pop_back();
    }
    covers.push_back({date, date + days, dose, fact});
}

void Exposure::take_stop(const FactPtr& fact) {
    const auto& stop = std::get<StopEvent>(fact->event.body);
    const Date date = fact->event.at.date;
    for (Product& stopped : products_) {
        if (stopped.is_given || stopped.drug != stop.drug || (stop.route && *stop.route != stopped.route))
            continue;
        auto& covers = stopped.covers;
        while (!covers.empty() && covers.back().from >= date)
            covers.pop_back();
        if (!covers.empty() && covers.back().to > date)
            covers.back().to = date;
        if (!covers.empty())
            covers.back().is_stopped = true;
    }
}

void Exposure::take_dose(const FactPtr& fact) {
    const auto& given = std::get<AdministrationEvent>(fact->event.body);
    const config::Drug* drug = vocabulary_.drug(given.drug);
    if (drug == nullptr || !is_member(given.drug, given.route))
        return;
    const config::DoseCover* best = nullptr;
    for (const config::DoseCover& row : drug->covers)
        if (given.dose && row.dose.unit == given.dose->unit && row.dose.amount <= given.dose->amount &&
            (!row.route || *row.route == given.route) && (best == nullptr || best->dose.amount < row.dose.amount))
            best = &row;
    if (best == nullptr) {
        uncovering_doses_.push_back(fact);
        return;
    }
    // Each dose is a product of its own: doses neither add up nor push one another forward.
    Product& dose =
        product(given.drug, given.route, "dose " + fact->event.key.publisher.text + " " + fact->event.key.id.text);
    dose.is_given = true;
    dose.covers.push_back({fact->event.at.date, fact->event.at.date + best->days, std::nullopt, fact});
}

void Exposure::find_exempt_periods(const Timeline& timeline, const std::function<bool(const FactPtr&)>& keep) {
    surely_exempt_.clear();
    maybe_exempt_.clear();
    if (std::ranges::find(set_.classes, replaced_class) == set_.classes.end())
        return;
    for (const CodeId& code : replacement_conditions)
        for (const FactPtr& fact : timeline.conditions(code)) {
            if (!keep(fact))
                continue;
            const auto& until = std::get<model::ConditionEvent>(fact->event.body).until;
            const model::ClinicalTime& onset = fact->event.at;
            if (!until || onset.date_last <= until->date)
                surely_exempt_.push_back({onset.date_last, until ? until->date + Days(1) : Date::max()});
            maybe_exempt_.push_back({onset.date, until ? until->date_last + Days(1) : Date::max()});
        }
    surely_exempt_ = joined(std::move(surely_exempt_));
    maybe_exempt_ = joined(std::move(maybe_exempt_));
}

std::vector<Exposure::Period> Exposure::joined(std::vector<Period> periods) {
    std::ranges::sort(periods, {}, &Period::from);
    std::vector<Period> out;
    for (const Period& period : periods) {
        if (!out.empty() && period.from <= out.back().to)
            out.back().to = std::max(out.back().to, period.to);
        else
            out.push_back(period);
    }
    return out;
}

bool Exposure::is_exemption_doubtful() const {
    if (maybe_exempt_.empty())
        return false;
    return std::ranges::any_of(products_, [&](const Product& taken) {
        const auto is_unstated = [](const Cover& cover) { return !cover.dose; };
        return taken.is_exemptible &&
               (surely_exempt_ != maybe_exempt_ || std::ranges::any_of(taken.covers, is_unstated));
    });
}

void Exposure::join_from(Date from) {
    while (!segments_.empty() && segments_.back().from >= from)
        segments_.pop_back();
    if (!segments_.empty() && segments_.back().to > from)
        segments_.back().to = from;
    std::vector<Part> parts;
    for (const Product& taken : products_)
        for (auto cover = taken.covers.rbegin(); cover != taken.covers.rend() && cover->to > from; ++cover)
            parts.push_back({std::max(cover->from, from), cover->to, &*cover, taken.is_exemptible});
    lay_over(std::move(parts), from, segments_);
}

void Exposure::lay_over(std::vector<Part> parts, Date from, std::vector<DoseSegment>& out) const {
    std::vector<Date> edges;
    for (const Part& part : parts) {
        edges.push_back(part.from);
        edges.push_back(part.to);
    }
    for (const Period& period : exempt())
        for (const Date edge : {period.from, period.to})
            if (edge > from)
                edges.push_back(edge);
    std::ranges::sort(edges);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::ranges::sort(parts, {}, &Part::from);

    std::vector<const Part*> active;
    std::size_t next = 0;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        const Date begin = edges[i];
        std::erase_if(active, [&](const Part* part) { return part->to <= begin; });
        for (; next < parts.size() && parts[next].from <= begin; ++next)
            active.push_back(&parts[next]);
        const bool exempts = is_replacement(active, begin);

        bool is_covered = false;
        DoseSegment day{begin, edges[i + 1], {}, true};
        for (const Part* part : active) {
            if (part->is_exemptible && exempts)
                continue;
            is_covered = true;
            const auto sum = Rational::checked_sum(day.dose, amount_or_zero(part->cover->dose));
            day.is_dose_known = day.is_dose_known && sum && part->cover->dose;
            day.dose = sum.value_or(day.dose);
        }
        if (!is_covered)
            continue;
        if (!out.empty() && out.back().to == begin && out.back().dose == day.dose &&
            out.back().is_dose_known == day.is_dose_known)
            out.back().to = day.to;
        else
            out.push_back(day);
    }
}

/// Whether what can be replacement is replacement on a date: exempt by the patient's conditions, and small enough.
bool Exposure::is_replacement(const std::vector<const Part*>& active, Date date) const {
    if (std::ranges::none_of(exempt(), [&](const Period& p) { return p.from <= date && date < p.to; }))
        return false;
    Rational sum{0};
    for (const Part* part : active) {
        if (!part->is_exemptible)
            continue;
        if (exempting_ == Exempting::certain && !part->cover->dose)
            return false;
        const auto more = Rational::checked_sum(sum, amount_or_zero(part->cover->dose));
        if (!more)
            return false;
        sum = *more;
    }
    const config::Drug* drug = vocabulary_.drug(replacement_drug);
    const Rational factor = drug != nullptr && drug->equivalence ? *drug->equivalence : Rational(1);
    return sum <= replacement_mg_max * factor;
}

std::pair<Date, const Cover*> Exposure::latest_run(const Product& taken, Date today, Days gap) {
    const auto& covers = taken.covers;
    auto last = std::ranges::upper_bound(covers, today, {}, &Cover::from);
    if (last == covers.begin())
        return {Date::min(), nullptr};
    const Cover* const newest = &*--last;
    for (; last != covers.begin(); --last) {
        const Cover& before = *std::prev(last);
        if (before.to < last->from && (before.is_stopped || before.to + gap < last->from))
            break;
    }
    return {last->from, newest};
}

std::vector<DoseSegment> Exposure::bridged(Date from, Date today, Days gap) const {
    std::vector<std::pair<Date, const Cover*>> runs;
    for (const Product& taken : products_)
        runs.push_back(latest_run(taken, today, gap));

    std::vector<Part> parts;
    for (std::size_t i = 0; i < products_.size(); ++i) {
        const Product& taken = products_[i];
        const Cover* after = nullptr;
        for (auto cover = taken.covers.rbegin(); cover != taken.covers.rend(); ++cover) {
            if (cover->from > today)
                continue;
            Date to = std::min(cover->to, today + Days(1));
            if (after != nullptr && !cover->is_stopped && cover->to + gap >= after->from)
                to = after->from;
            if (after == nullptr && !cover->is_stopped && cover->to <= today && today < cover->to + gap) {
                bool is_replaced = false;
                for (std::size_t other = 0; other < runs.size(); ++other)
                    is_replaced =
                        is_replaced || (other != i && runs[other].second != nullptr && runs[other].first >= cover->to);
                to = is_replaced ? to : today + Days(1);
            }
            if (to <= from)
                break;
            parts.push_back({std::max(cover->from, from), to, &*cover, taken.is_exemptible});
            after = &*cover;
        }
    }
    std::vector<DoseSegment> out;
    lay_over(std::move(parts), from, out);
    return out;
}

std::optional<Date> Exposure::next_edge(Date today, Days gap) const {
    std::optional<Date> next;
    const auto consider = [&](Date date) {
        if (date > today && date != Date::max() && (!next || date < *next))
            next = date;
    };
    for (const Product& taken : products_) {
        for (auto cover = taken.covers.rbegin(); cover != taken.covers.rend() && cover->to + gap > today; ++cover) {
            consider(cover->from);
            consider(cover->to);
            consider(cover->to + gap);
        }
        if (taken.is_exemptible)
            for (const Period& period : maybe_exempt_)
                for (const Date edge : {period.from, period.to})
                    consider(edge);
    }
    return next;
}

std::vector<FactPtr> Exposure::facts_between(Date from, Date to) const {
    std::vector<FactPtr> facts;
    for (const Product& taken : products_)
        for (auto cover = taken.covers.rbegin(); cover != taken.covers.rend() && cover->to > from; ++cover)
            if (cover->from < to)
                facts.push_back(cover->fact);
    std::ranges::sort(facts, in_clinical_order);
    return facts;
}

} // namespace bonewatch::monitors
