#include "tests/reference/view.h"

#include "tests/reference/exposure.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

bool is_counted(const Fact& fact) {
    const auto* result = std::get_if<model::ResultEvent>(&fact.event.body);
    return result == nullptr || result->status == model::ResultStatus::final_;
}

} // namespace

Truth is_in_window(const Occurrence& occurrence, Date from, Date to) {
    if (occurrence.date_last < from || occurrence.date > to)
        return Truth::no;
    return from <= occurrence.date && occurrence.date_last <= to && occurrence.is_certain ? Truth::yes : Truth::unknown;
}

namespace {

/// Whether a fact counts: an order that was dispensed does not.
Truth stands(const Fact& fact, const std::vector<Fact>& facts) {
    Truth answer = fact.disputed ? Truth::unknown : Truth::yes;
    for (const Fact& other : facts) {
        const auto& orders = model::orders_of(other.event);
        const bool names_it = other.event.key.publisher == fact.event.key.publisher &&
                              other.event.body.index() == fact.event.body.index() &&
                              other.event.key != fact.event.key &&
                              std::find(orders.begin(), orders.end(), fact.event.key.id) != orders.end();
        if (names_it)
            answer = both(answer, other.disputed ? Truth::unknown : Truth::no);
    }
    return answer;
}

} // namespace

bool is_doubtful(const Fact& fact) {
    return fact.disputed || fact.event.at.is_partial();
}

Patient::Patient(const std::vector<Fact>& facts, const Vocabulary& vocabulary, Readable is_readable)
    : vocabulary_(vocabulary), is_readable_(std::move(is_readable)) {
    for (const Fact& fact : facts) {
        if (std::holds_alternative<model::PatientEvent>(fact.event.body)) {
            persons_.push_back(&fact);
            continue;
        }
        visible_.push_back(&fact);
        const Truth so = stands(fact, facts);
        if (so == Truth::no)
            continue;
        const Fact* counted = &fact;
        if (so == Truth::unknown && !fact.disputed) {
            doubtful_.push_back(fact);
            doubtful_.back().disputed = true;
            counted = &doubtful_.back();
        }
        others_.push_back(counted);
        if (const auto* code = model::code_of(fact.event); code != nullptr && is_counted(fact))
            by_code_[code->text].push_back(counted);
    }
}

Patient::~Patient() = default;

const std::vector<const Fact*>& Patient::facts_of(const std::string& code) const {
    static const std::vector<const Fact*> none;
    const auto found = by_code_.find(code);
    return found == by_code_.end() ? none : found->second;
}

const std::vector<const Fact*>& Patient::drug_facts(const DrugSet& set, std::optional<model::Route> route) const {
    const auto [facts, is_new] = drug_facts_.try_emplace({set.name, route});
    if (is_new)
        for (const Fact* fact : others_)
            if (concerns(vocabulary_, set, route, fact->event))
                facts->second.push_back(fact);
    return facts->second;
}

View::View(const Patient& patient, Instant instant, Date today, const View* root)
    : patient_(patient), instant_(instant), today_(today), root_(root) {}

View::~View() = default;

const View& View::at(Date date) const {
    if (date == today_)
        return *this;
    const View& root = real();
    if (date == root.today_)
        return root;
    auto& view = root.others_[date];
    if (!view)
        view.reset(new View(patient_, instant_, date, &root));
    return *view;
}

bool View::is_visible(const Fact& fact) const {
    return fact.event.at.instant <= instant_ && date_of(fact) <= today_;
}

std::vector<const Fact*> View::visible(const std::string& code) const {
    std::vector<const Fact*> found;
    for (const Fact* fact : patient_.facts_of(code))
        if (is_visible(*fact))
            found.push_back(fact);
    return found;
}

std::vector<const Fact*> View::visible_drug_facts(const DrugSet& set, std::optional<model::Route> route) const {
    std::vector<const Fact*> found;
    for (const Fact* fact : patient_.drug_facts(set, route))
        if (is_visible(*fact))
            found.push_back(fact);
    return found;
}

Date View::date_of(const Fact& fact) const {
    return std::min(fact.event.at.date, model::date_of(instant_));
}

Occurrence View::occurrence_of(const Fact& fact) const {
    const Date date = date_of(fact);
    return {date, fact.event.at.is_partial() ? fact.event.at.date_last : date, !fact.disputed, &fact};
}

const std::vector<Sample>& View::samples(const std::string& analyte) const {
    if (const auto found = samples_.find(analyte); found != samples_.end())
        return found->second;
    std::vector<Sample> found;
    for (const Fact* fact : visible(analyte)) {
        const auto* result = std::get_if<model::ResultEvent>(&fact->event.body);
        if (result == nullptr)
            continue;
        Sample sample{date_of(*fact), result->value, fact};
        if (is_doubtful(*fact) || (patient_.is_readable_ && !patient_.is_readable_(*this, sample)))
            sample.value.reset();
        found.push_back(sample);
    }
    std::stable_sort(found.begin(), found.end(), [](const Sample& a, const Sample& b) { return a.date < b.date; });
    return samples_.emplace(analyte, std::move(found)).first->second;
}

std::vector<const Fact*> View::conditions(const Codes& ids) const {
    std::vector<const Fact*> found;
    for (const std::string& id : ids)
        for (const Fact* fact : visible(id))
            if (std::holds_alternative<model::ConditionEvent>(fact->event.body) ||
                std::holds_alternative<model::ProcedureEvent>(fact->event.body))
                found.push_back(fact);
    return found;
}

Truth is_present(const View& view, const Fact& fact, Date since) {
    const Occurrence onset = view.occurrence_of(fact);
    Truth present = onset.date_last <= view.today() ? Truth::yes : Truth::unknown;
    const auto* condition = std::get_if<model::ConditionEvent>(&fact.event.body);
    if (condition != nullptr && condition->until && !view.vocabulary().is_event_type(condition->code.text))
        present = both(present, condition->until->date >= since       ? Truth::yes
                                : condition->until->date_last < since ? Truth::no
                                                                      : Truth::unknown);
    return fact.disputed ? at_most_unknown(present) : present;
}

bool View::is_observable(Date from, Date to) const {
    std::vector<model::Registration> sure;
    bool any_stated = false;
    for (const Fact* fact : persons()) {
        const auto& person = std::get<model::PatientEvent>(fact->event.body);
        any_stated = any_stated || !person.registered.empty();
        if (!fact->disputed)
            sure.insert(sure.end(), person.registered.begin(), person.registered.end());
    }
    if (!any_stated)
        return std::any_of(patient_.visible_.begin(), patient_.visible_.end(),
                           [&](const Fact* fact) { return is_visible(*fact) && date_of(*fact) <= from; });
    std::sort(sure.begin(), sure.end());
    Date covered_to = from; // exclusive
    for (const model::Registration& one : sure)
        if (one.from <= covered_to && (!one.to || *one.to > covered_to))
            covered_to = one.to ? *one.to : to + Days(1);
    return covered_to > to;
}

const Exposure& View::exposure(const DrugSet& set, std::optional<model::Route> route) const {
    return exposure(set, route, Reading::as_supplied);
}

const Exposure& View::exposure(const DrugSet& set, std::optional<model::Route> route, Reading reading) const {
    auto& here = exposures_[{set.name, route, reading}];
    if (here)
        return *here;
    const std::vector<const Fact*> facts = visible_drug_facts(set, route);
    if (today_ >= real().today()) // Never asked again on another day.
        return *(here = std::make_shared<Exposure>(*this, set, facts, reading));
    // Whether hydrocortisone replaces is part of what an exposure is worked out of.
    std::vector<const Fact*> key = facts;
    key.push_back(nullptr);
    for (const Fact* fact : conditions(vocabulary().with_included(replaced_in())))
        key.push_back(fact);
    auto& known = patient_.exposures_[{set.name, reading, today_, std::move(key)}];
    if (!known)
        known = std::make_shared<Exposure>(*this, set, facts, reading);
    return *(here = known);
}

} // namespace bonewatch::reference
