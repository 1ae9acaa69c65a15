#include "store/model/timeline.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <tuple>

namespace bonewatch::model {

namespace {

bool earlier_by_date(const FactPtr& a, const FactPtr& b) {
    return std::tie(a->event.at.date, a->event.at.instant, a->event.key) <
           std::tie(b->event.at.date, b->event.at.instant, b->event.key);
}

bool earlier_by_instant(const FactPtr& a, const FactPtr& b) {
    return std::tie(a->event.at.instant, a->event.at.date, a->event.key) <
           std::tie(b->event.at.instant, b->event.at.date, b->event.key);
}

bool earlier_by_key(const FactPtr& a, const FactPtr& b) {
    return a->event.key < b->event.key;
}

std::size_t hash_of(const FactKey& key) {
    const std::hash<std::string_view> hash;
    return hash(key.publisher.text) * 31 + hash(key.id.text);
}

using Order = bool (*)(const FactPtr&, const FactPtr&);

void insert_sorted(Timeline::Series& series, const FactPtr& fact, Order order) {
    if (series.empty() || !order(fact, series.back()))
        series.push_back(fact);
    else
        series.insert(std::upper_bound(series.begin(), series.end(), fact, order), fact);
}

} // namespace

const Timeline::Series& Timeline::find(const SeriesByCode& by_code, const CodeId& code) {
    static const Series none;
    const auto at = by_code.find(code);
    return at == by_code.end() ? none : at->second;
}

Timeline::Series* Timeline::series_of(const Event& event) {
    struct {
        Timeline& line;
        Series* operator()(const ResultEvent& e) const { return &line.results_[e.analyte]; }
        Series* operator()(const SupplyEvent& e) const { return &line.supplies_[e.drug]; }
        Series* operator()(const StopEvent& e) const { return &line.stops_[e.drug]; }
        Series* operator()(const AdministrationEvent& e) const { return &line.administrations_[e.drug]; }
        Series* operator()(const ConditionEvent& e) const { return &line.conditions_[e.code]; }
        Series* operator()(const ProcedureEvent& e) const { return &line.procedures_[e.code]; }
        Series* operator()(const PatientEvent&) const { return &line.patient_; }
        Series* operator()(const RetractionEvent&) const { return nullptr; }
        Series* operator()(const MergeEvent&) const { return nullptr; }
    } const pick{*this};
    return std::visit(pick, event.body);
}

Timeline::Weight Timeline::weight_of(const Fact& order, const Series& fulfilling) {
    Weight weight = Weight::whole;
    for (const FactPtr& by : fulfilling)
        if (by->event.body.index() == order.event.body.index())
            weight = std::max(weight, by->disputed ? Weight::disputed : Weight::nothing);
    return weight;
}

Timeline::Series Timeline::add(const FactPtr& fact) {
    Series changed;
    if (series_of(fact->event) == nullptr)
        return changed;
    seen_.insert(hash_of(fact->event.key));
    const auto order = orders_.find(fact->event.key);
    if (order != orders_.end())
        order->second.published.push_back(fact);
    place(fact, order == orders_.end() ? Weight::whole : weight_of(*fact, order->second.fulfilling));
    for (const FactId& id : orders_of(fact->event))
        fulfil({fact->event.key.publisher, id}, fact, true, changed);
    return changed;
}

Timeline::Series Timeline::remove(const FactKey& key) {
    if (!seen_.contains(hash_of(key)))
        return {};
    Series removed = displace(key);
    if (const auto order = orders_.find(key); order != orders_.end())
        order->second.published.clear();
    Series changed;
    for (const FactPtr& fact : removed)
        for (const FactId& id : orders_of(fact->event))
            fulfil({key.publisher, id}, fact, false, changed);
    removed.insert(removed.end(), changed.begin(), changed.end());
    return removed;
}

const Timeline::Series& Timeline::fulfilling(const FactKey& order) const {
    static const Series none;
    const auto at = orders_.find(order);
    return at == orders_.end() ? none : at->second.fulfilling;
}

void Timeline::fulfil(const FactKey& key, const FactPtr& by, bool is_added, Series& changed) {
    if (key == by->event.key)
        return;
    const auto [at, is_new] = orders_.try_emplace(key);
    Order& order = at->second;
    if (is_new && seen_.contains(hash_of(key)))
        std::ranges::copy_if(all_, std::back_inserter(order.published),
                             [&](const FactPtr& fact) { return fact->event.key == key; });
    const Series before = order.fulfilling;
    if (is_added)
        order.fulfilling.push_back(by);
    else
        std::erase_if(order.fulfilling, [&](const FactPtr& fact) { return fact->event.key == by->event.key; });
    const auto counts_as_before = [&](const FactPtr& fact) {
        return weight_of(*fact, before) == weight_of(*fact, order.fulfilling);
    };
    if (!std::ranges::all_of(order.published, counts_as_before)) {
        const Series displaced = displace(key);
        changed.insert(changed.end(), displaced.begin(), displaced.end());
        for (const FactPtr& fact : order.published)
            place(fact, weight_of(*fact, order.fulfilling));
    }
    if (order.fulfilling.empty())
        orders_.erase(at);
}

void Timeline::place(const FactPtr& fact, Weight weight) {
    Series* series = series_of(fact->event);
    if (series == &patient_) {
        insert_sorted(patient_, fact, earlier_by_key);
        return;
    }
    const bool is_doubtful = weight == Weight::disputed && !fact->disputed;
    const FactPtr placed = is_doubtful ? std::make_shared<const Fact>(Fact{fact->event, true}) : fact;
    insert_sorted(all_, placed, earlier_by_instant);
    partial_dates_ += placed->event.at.is_partial() ? 1 : 0;
    if (weight == Weight::nothing)
        insert_sorted(set_aside_, placed, earlier_by_instant);
    else
        insert_sorted(*series, placed, earlier_by_date);
}

Timeline::Series Timeline::displace(const FactKey& key) {
    Series removed;
    const auto is_it = [&](const FactPtr& fact) { return fact->event.key == key; };
    for (Series* series : {&all_, &patient_}) {
        std::copy_if(series->begin(), series->end(), std::back_inserter(removed), is_it);
        std::erase_if(*series, is_it);
    }
    for (const FactPtr& fact : removed)
        if (Series* series = series_of(fact->event); series != &patient_) {
            std::erase_if(*series, is_it);
            partial_dates_ -= fact->event.at.is_partial() ? 1 : 0;
        }
    std::erase_if(set_aside_, is_it);
    return removed;
}

} // namespace bonewatch::model
