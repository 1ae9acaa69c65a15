#include "store/model/timeline.h"

#include <algorithm>
#include <functional>
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
    } const pick{*this};
    return std::visit(pick, event.body);
}

void Timeline::add(const FactPtr& fact) {
    Series* series = series_of(fact->event);
    if (series == nullptr)
        return;
    seen_.insert(hash_of(fact->event.key));
    if (series == &patient_) {
        insert_sorted(patient_, fact, earlier_by_key);
        return;
    }
    insert_sorted(*series, fact, earlier_by_date);
    insert_sorted(all_, fact, earlier_by_instant);
}

Timeline::Series Timeline::remove(const FactKey& key) {
    Series removed;
    if (!seen_.contains(hash_of(key)))
        return removed;
    const auto is_it = [&](const FactPtr& fact) { return fact->event.key == key; };
    for (Series* series : {&all_, &patient_}) {
        std::copy_if(series->begin(), series->end(), std::back_inserter(removed), is_it);
        std::erase_if(*series, is_it);
    }
    for (const FactPtr& fact : removed)
        if (Series* series = series_of(fact->event); series != &patient_)
            std::erase_if(*series, is_it);
    return removed;
}

} // namespace bonewatch::model
