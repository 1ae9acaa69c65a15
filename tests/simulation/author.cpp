#include "tests/simulation/author.h"

#include "store/model/ensure.h"
#include "tests/simulation/stories.h"
#include "tests/simulation/values.h"

namespace bonewatch::simulation {

using model::CodeId;
using model::Date;
using model::Days;
using model::Event;
using model::Rational;
using model::Route;

namespace {

model::Dose readable_dose(const char* text) {
    const auto dose = model::parse_dose(text);
    ENSURE(dose.has_value(), "a story's dose must be readable");
    return *dose;
}

} // namespace

model::ClinicalTime Author::at_clock(Date date, int minutes_of_day) {
    const auto offset = options_.zones ? dice.one_of({0, 0, 1, 1, -8, 11}) : 0;
    return local_time(date, std::chrono::minutes(minutes_of_day), std::chrono::hours(offset));
}

model::ClinicalTime Author::time_on(Date date) {
    if (dice.chance(35))
        return model::on_date(date);
    const bool is_at_night = options_.zones && dice.chance(15);
    return at_clock(date, is_at_night ? dice.one_of({5, 25, 1410, 1435}) : static_cast<int>(dice.between(480, 1080)));
}

model::ClinicalTime Author::partial_time(Date date, bool is_year) {
    const std::chrono::year_month_day parts(date);
    const Date first = is_year ? Date(parts.year() / 1 / 1) : Date(parts.year() / parts.month() / 1);
    const Date last = model::add_months(first, is_year ? 12 : 1) - Days(1);
    return {.instant = first, .date = first, .date_last = last, .clock = std::nullopt};
}

Event& Author::add(model::EventBody body, Date date, const char* publisher) {
    Event event;
    event.key = {model::PublisherId(publisher),
                 model::FactId(std::to_string(patient_) + "-" + std::to_string(++serial_))};
    event.patient = identifier_of(patient_);
    event.at = time_on(date);
    event.body = std::move(body);
    return events_.emplace_back(std::move(event));
}

Event& Author::result(const char* analyte, std::int64_t day, const Choice& values) {
    model::ResultEvent result;
    result.analyte = CodeId(analyte);
    result.value = value_of(dice.one_of(values));
    if (dice.chance(4))
        result.status = dice.one_of({model::ResultStatus::preliminary, model::ResultStatus::no_result});
    if (dice.chance(3))
        result.value.reset();
    add_range(dice, result);
    Event& event = add(result, date(day), "lab");
    add_attributes(dice, event);
    return event;
}

Event& Author::result(const char* analyte, std::int64_t day) {
    Event& event = result(analyte, day, {"1"});
    if (auto& value = std::get<model::ResultEvent>(event.body).value)
        value = any_value(dice, analyte);
    return event;
}

void Author::morning_result(const char* analyte, std::int64_t day, const Choice& values) {
    Event& event = result(analyte, day, values);
    if (dice.chance(85))
        event.at = at_clock(date(day), dice.one_of({419, 420, 450, 480, 500, 540, 570, 599, 600, 601, 660, 661}));
}

void Author::walk(const char* analyte, const Choice& low, const Choice& high, const std::vector<int>& gaps,
                  std::int64_t from, std::int64_t to, int low_percent) {
    bool is_low = dice.chance(low_percent);
    for (std::int64_t day = from; day < to; day += dice.one_of(gaps)) {
        if (dice.chance(18))
            is_low = !is_low;
        result(analyte, day, is_low ? low : high);
        if (dice.chance(6))
            result(analyte, day, is_low ? high : low);
    }
}

void Author::condition(const char* code, std::int64_t day, bool may_be_partial) {
    model::ConditionEvent condition{CodeId(code), {}};
    if (dice.chance(15))
        condition.until = model::on_date(date(day) + Days(dice.between(10, 700)));
    Event& event = add(condition, date(day), "practice");
    if (may_be_partial && options_.partial_dates && dice.chance(20))
        event.at = partial_time(date(day), dice.chance(30));
}

void Author::condition_until(const char* code, std::int64_t day, std::int64_t until) {
    add(model::ConditionEvent{CodeId(code), model::on_date(date(until))}, date(day), "practice");
}

Event& Author::procedure(const char* code, std::int64_t day) {
    Event& event = add(model::ProcedureEvent{CodeId(code)}, date(day), "practice");
    if (options_.partial_dates && dice.chance(12))
        event.at = partial_time(date(day), dice.chance(30));
    if (event.at.is_partial())
        return event;
    add_attributes(dice, event);
    return event;
}

/// What was handed over or given; now and then the order too, a message of its own, from some days before or after.
Event& Author::add_dispense(model::EventBody body, std::int64_t day, const char* publisher) {
    std::vector<model::FactId> orders;
    if (options_.ordered && dice.chance(20)) {
        model::EventBody order = body;
        if (auto* supply = std::get_if<model::SupplyEvent>(&order); supply != nullptr && dice.chance(30))
            supply->days = std::min(supply->days * 3, 3660);
        if (auto* supply = std::get_if<model::SupplyEvent>(&order); supply != nullptr && dice.chance(10))
            supply->drug = CodeId("levothyroxine");
        orders.push_back(add(order, date(day - dice.one_of({0, 0, 1, 3, 20, 95, -2})), publisher).key.id);
    }
    Event& event = add(body, date(day), publisher);
    if (auto* supply = std::get_if<model::SupplyEvent>(&event.body))
        supply->fulfils = orders;
    else
        std::get<model::AdministrationEvent>(event.body).fulfils = orders;
    return event;
}

void Author::packs(const Packs& packs) {
    const char* dose = dice.one_of(packs.doses);
    std::int64_t day = packs.from;
    for (std::int64_t i = 0; i < packs.count && day < options_.days; ++i) {
        if (dice.chance(packs.other_dose_percent))
            dose = dice.one_of(packs.doses);
        model::SupplyEvent supply;
        supply.drug = CodeId(packs.drug);
        supply.route = packs.route;
        supply.days = dice.one_of(packs.days);
        supply.daily_dose = readable_dose(dose);
        if (options_.unstated_doses && dice.chance(5))
            supply.daily_dose.reset();
        add_dispense(supply, day, "pharmacy");
        if (dice.chance(6))
            stop(packs.drug, day + dice.between(0, supply.days));
        day += supply.days + (dice.chance(50) ? 0 : dice.between(-10, packs.late_by_max));
    }
}

Event& Author::dose(const char* drug, const Choice& doses, Route route, std::int64_t day) {
    return add_dispense(model::AdministrationEvent{CodeId(drug), route, readable_dose(dice.one_of(doses)), {}}, day,
                        "practice");
}

void Author::stop(const char* drug, std::int64_t day) {
    model::StopEvent stop{CodeId(drug), {}};
    if (dice.chance(30))
        stop.route = Route::oral;
    add(stop, date(day), "pharmacy");
}

void Author::person(model::Sex usual, const std::vector<int>& ages) {
    model::PatientEvent person;
    person.sex = dice.chance(85) ? usual : dice.one_of({model::Sex::male, model::Sex::female, model::Sex::unknown});
    if (dice.chance(93))
        person.born = model::on_date(model::add_years(options_.start, -dice.one_of(ages)) - Days(dice.below(365)));
    if (dice.chance(25))
        person.registered.push_back({options_.start - Days(dice.between(3000, 6000)), {}});
    else if (dice.chance(40))
        person.registered.push_back({options_.start - Days(dice.between(0, 900)), {}});
    else if (dice.chance(75)) {
        const Date left = date(any_day());
        person.registered.push_back({options_.start - Days(dice.between(400, 4000)), left});
        if (dice.chance(60))
            person.registered.push_back({left + Days(dice.one_of({0, 1, 40, 200})), {}});
    }
    Event event;
    event.key = {model::PublisherId("practice"), model::FactId(to_text(identifier_of(patient_)))};
    event.patient = identifier_of(patient_);
    event.body = person;
    events_.push_back(event);
    if (dice.chance(14)) {
        person.died = model::on_date(date(options_.days / 4 + dice.below(options_.days * 3 / 4)));
        event.version = {{2}};
        event.body = person;
        events_.push_back(event);
    }
    if (dice.chance(12)) {
        model::PatientEvent as_others_say;
        as_others_say.sex = dice.chance(80) ? person.sex : model::Sex::male;
        as_others_say.born = person.born;
        event.key.publisher = model::PublisherId("lab");
        event.version = {{1}};
        event.body = as_others_say;
        events_.push_back(event);
    }
}

} // namespace bonewatch::simulation
