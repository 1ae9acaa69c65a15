#include "tests/simulation/stories.h"

#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::simulation {

namespace {

using model::CodeId;
using model::Date;
using model::Days;
using model::Rational;
using model::Route;

model::ValueInterval exactly(std::int64_t hundredths) {
    return model::ValueInterval::exactly(Rational(hundredths, 100));
}
model::ValueInterval below(std::int64_t hundredths) {
    return {model::Bound{Rational(0)}, model::Bound{Rational(hundredths, 100), true}};
}

/// Around every bound that the monitors use, and some that decide nothing.
model::ValueInterval tsh_value(Dice& dice, bool is_low) {
    if (dice.chance(8))
        return below(50);
    if (is_low)
        return dice.chance(25) ? below(dice.one_of({1, 5, 10})) : exactly(dice.one_of({2, 5, 9, 10, 11, 20, 30, 39}));
    return exactly(dice.one_of({39, 40, 41, 60, 120, 250, 400, 401, 800}));
}

model::ValueInterval vitamin_d_value(Dice& dice) {
    if (dice.chance(8))
        return below(dice.one_of({1000, 2500, 3000, 6000}));
    return exactly(100 * dice.one_of({12, 24, 25, 26, 38, 49, 50, 51, 75, 100}));
}

class Author {
  public:
    Author(Dice& dice, int patient, const HistoryOptions& options)
        : dice_(dice), patient_(patient), options_(options) {}

    std::vector<model::Event> write();

  private:
    Date day(std::int64_t offset) const { return options_.start + Days(offset); }
    std::int64_t any_day() { return dice_.below(options_.days); }

    model::ClinicalTime time_on(Date date) {
        if (dice_.chance(35))
            return model::on_date(date);
        const auto offset = options_.zones ? dice_.one_of({0, 0, 1, 1, -8, 11}) : 0;
        const auto clock =
            options_.zones && dice_.chance(15) ? dice_.one_of({5, 25, 1410, 1435}) : dice_.between(480, 1080);
        return local_time(date, std::chrono::minutes(clock), std::chrono::hours(offset));
    }
    model::ClinicalTime partial_time(Date date) {
        const std::chrono::year_month_day parts(date);
        const bool is_year = dice_.chance(30);
        const Date first = is_year ? Date(parts.year() / 1 / 1) : Date(parts.year() / parts.month() / 1);
        const Date last = model::add_months(first, is_year ? 12 : 1) - Days(1);
        return {.instant = first, .date = first, .date_last = last, .clock = std::nullopt};
    }

    model::Event& add(model::EventBody body, Date date, const char* publisher) {
        model::Event event;
        event.key = {model::PublisherId(publisher),
                     model::FactId(std::to_string(patient_) + "-" + std::to_string(++serial_))};
        event.patient = identifier_of(patient_);
        event.at = time_on(date);
        event.body = std::move(body);
        return events_.emplace_back(std::move(event));
    }
    void add_result(const char* analyte, model::ValueInterval value, Date date) {
        model::ResultEvent result;
        result.analyte = CodeId(analyte);
        result.value = value;
        if (dice_.chance(4))
            result.status = dice_.one_of({model::ResultStatus::preliminary, model::ResultStatus::no_result});
        if (dice_.chance(3))
            result.value.reset();
        if (result.analyte.text == "tsh" && dice_.chance(20)) {
            result.range_low = Rational(dice_.one_of({27, 35, 50}), 100);
            result.range_high = Rational(dice_.one_of({42, 50}), 10);
        }
        add(result, date, "lab");
    }
    void add_condition(const char* code, Date date, bool may_be_partial = true) {
        model::ConditionEvent condition{CodeId(code), {}};
        if (dice_.chance(15))
            condition.until = model::on_date(date + Days(dice_.between(10, 700)));
        model::Event& event = add(condition, date, "practice");
        if (may_be_partial && options_.partial_dates && dice_.chance(30))
            event.at = partial_time(date);
    }
    void add_procedure(const char* code, Date date) {
        model::Event& event = add(model::ProcedureEvent{CodeId(code)}, date, "practice");
        if (options_.partial_dates && dice_.chance(15))
            event.at = partial_time(date);
    }
    /// What was handed over or given; now and then the order too, a message of its own, from some days before or after.
    void add_dispense(model::EventBody body, std::int64_t offset, const char* publisher) {
        std::vector<model::FactId> orders;
        if (options_.ordered && dice_.chance(25)) {
            model::EventBody order = body;
            if (auto* supply = std::get_if<model::SupplyEvent>(&order); supply != nullptr && dice_.chance(30))
                supply->days *= 3;
            if (auto* supply = std::get_if<model::SupplyEvent>(&order); supply != nullptr && dice_.chance(10))
                supply->drug = CodeId("levothyroxine");
            orders.push_back(add(order, day(offset - dice_.one_of({0, 0, 1, 3, 20, 95, -2})), publisher).key.id);
        }
        model::Event& event = add(body, day(offset), publisher);
        if (auto* supply = std::get_if<model::SupplyEvent>(&event.body))
            supply->fulfils = orders;
        else
            std::get<model::AdministrationEvent>(event.body).fulfils = orders;
    }
    void add_stop(const char* drug, Date date) {
        model::StopEvent stop{CodeId(drug), {}};
        if (dice_.chance(30))
            stop.route = Route::oral;
        add(stop, date, "pharmacy");
    }

    /// Packs one after another, a little early or late, sometimes at another dose, sometimes stopped.
    void add_packs(const char* drug, std::vector<const char*> doses, std::int64_t from, std::int64_t count,
                   int late_by_max);
    void add_person();
    void add_thyroid();
    void add_vitamin_d();
    void add_steroids();
    void add_bone_drugs();
    void add_arthritis();
    void add_fractures_and_scans();
    void add_background();

    Dice& dice_;
    int patient_;
    const HistoryOptions& options_;
    int serial_ = 0;
    std::vector<model::Event> events_;
};

void Author::add_packs(const char* drug, std::vector<const char*> doses, std::int64_t from, std::int64_t count,
                       int late_by_max) {
    std::size_t dose = static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(doses.size())));
    std::int64_t at = from;
    for (std::int64_t i = 0; i < count && at < options_.days; ++i) {
        if (dice_.chance(18))
            dose = static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(doses.size())));
        const auto parsed = model::parse_dose(doses[dose]);
        ENSURE(parsed.has_value(), "a story's dose must be readable");
        model::SupplyEvent supply;
        supply.drug = CodeId(drug);
        supply.route = Route::oral;
        supply.days = static_cast<std::int32_t>(dice_.one_of({7, 28, 28, 28, 56, 30}));
        supply.daily_dose = *parsed;
        if (options_.unstated_doses && dice_.chance(5))
            supply.daily_dose.reset();
        add_dispense(supply, at, "pharmacy");
        if (dice_.chance(6))
            add_stop(drug, day(at + dice_.between(0, supply.days)));
        const bool is_exact = dice_.chance(50);
        at += supply.days + (is_exact ? 0 : dice_.between(-10, late_by_max));
    }
}

void Author::add_person() {
    model::PatientEvent person;
    person.sex = dice_.chance(75) ? model::Sex::female : dice_.one_of({model::Sex::male, model::Sex::unknown});
    const Date today = options_.start;
    if (dice_.chance(92))
        person.born =
            model::on_date(model::add_years(today, -static_cast<int>(dice_.one_of({17, 35, 48, 49, 58, 63, 64, 75}))) -
                           Days(dice_.below(365)));
    if (dice_.chance(35))
        person.registered.push_back({today - Days(dice_.between(3000, 6000)), {}});
    else if (dice_.chance(40))
        person.registered.push_back({today - Days(dice_.between(0, 900)), {}});
    else if (dice_.chance(40)) {
        const Date left = day(any_day());
        person.registered.push_back({today - Days(dice_.between(400, 4000)), left});
        if (dice_.chance(70))
            person.registered.push_back({left + Days(dice_.one_of({0, 0, 1, 40})), {}});
    }
    model::Event event;
    event.key = {model::PublisherId("practice"), model::FactId(to_text(identifier_of(patient_)))};
    event.patient = identifier_of(patient_);
    event.body = person;
    events_.push_back(event);
    if (dice_.chance(8)) {
        person.died = model::on_date(day(options_.days / 2 + dice_.below(options_.days / 2)));
        event.version = {{2}};
        event.body = person;
        events_.push_back(event);
    }
    if (dice_.chance(12)) {
        model::PatientEvent as_others_say;
        as_others_say.sex = dice_.chance(80) ? person.sex : model::Sex::male;
        as_others_say.born = person.born;
        event.key.publisher = model::PublisherId("lab");
        event.version = {{1}};
        event.body = as_others_say;
        events_.push_back(event);
    }
}

void Author::add_thyroid() {
    bool is_low = dice_.chance(60);
    for (std::int64_t at = dice_.below(120); at < options_.days;
         at += dice_.one_of({14, 45, 60, 89, 90, 91, 120, 200, 410})) {
        if (dice_.chance(15))
            is_low = !is_low;
        add_result("tsh", tsh_value(dice_, is_low), day(at));
        if (dice_.chance(8))
            add_result("tsh", tsh_value(dice_, !is_low), day(at));
    }
    if (dice_.chance(55))
        add_packs("levothyroxine", {"100 ug", "112.5 ug", "125 ug", "75 ug"}, dice_.below(300), dice_.between(3, 45),
                  20);
    if (dice_.chance(10))
        add_packs("carbimazole", {"5 mg", "20 mg"}, any_day(), 4, 10);
    for (const char* code : {"pituitary-disease", "thyroid-cancer", "high-dose-biotin"})
        if (dice_.chance(5))
            add_condition(code, day(any_day()));
}

void Author::add_vitamin_d() {
    if (dice_.chance(30))
        return;
    for (std::int64_t at = dice_.below(400); at < options_.days; at += dice_.one_of({27, 28, 29, 90, 100, 365, 541}))
        add_result("vitd25", vitamin_d_value(dice_), day(at));
}

void Author::add_steroids() {
    const std::int64_t spells = dice_.between(0, 2);
    for (std::int64_t i = 0; i < spells; ++i) {
        const std::int64_t from = any_day();
        switch (dice_.below(6)) {
        case 0:
            add_packs("hydrocortisone", {"20 mg", "30 mg", "40 mg"}, from, dice_.between(2, 8), 12);
            if (dice_.chance(50))
                add_condition("adrenal-insufficiency", day(from + dice_.between(-200, 100)));
            break;
        case 1:
            add_packs("dexamethasone", {"0.75 mg", "2 mg", "8 mg"}, from, dice_.between(1, 5), 20);
            break;
        case 2:
            add_packs("methylprednisolone", {"2 mg", "4 mg", "16 mg"}, from, dice_.between(2, 8), 18);
            [[fallthrough]];
        default:
            add_packs("prednisolone", {"5 mg", "5 mg", "7.5 mg", "4 mg", "10 mg", "40 mg"}, from, dice_.between(2, 14),
                      20);
        }
    }
    if (dice_.chance(10)) {
        model::SupplyEvent cream;
        cream.drug = CodeId("hydrocortisone");
        cream.route = Route::topical;
        cream.daily_dose = model::Dose{Rational(50)};
        cream.days = 200;
        add(cream, day(any_day()), "pharmacy");
    }
}

void Author::add_bone_drugs() {
    if (dice_.chance(35))
        add_packs("alendronic-acid", {"10 mg"}, any_day(), dice_.between(1, 10), 80);
    if (dice_.chance(8))
        add_dispense(
            model::AdministrationEvent{CodeId("zoledronic-acid"), Route::intravenous, model::Dose{Rational(5)}, {}},
            any_day(), "practice");
    if (!dice_.chance(45))
        return;
    for (std::int64_t at = dice_.below(500); at < options_.days;
         at += dice_.one_of({170, 182, 183, 184, 212, 213, 230, 280, 600})) {
        const Rational dose = dice_.chance(6) ? Rational(120) : Rational(60);
        add_dispense(model::AdministrationEvent{CodeId("denosumab"), Route::subcutaneous, model::Dose{dose}, {}}, at,
                     "practice");
        if (dice_.chance(20))
            break;
    }
}

void Author::add_arthritis() {
    if (!dice_.chance(45))
        return;
    add_condition("rheumatoid-arthritis", day(dice_.between(-500, options_.days - 1)));
    if (dice_.chance(6))
        add_condition("juvenile-arthritis", day(dice_.between(-500, options_.days - 1)));
    if (dice_.chance(20))
        add_condition("menopause", day(dice_.between(-500, options_.days - 1)));
}

void Author::add_fractures_and_scans() {
    if (dice_.chance(45))
        add_condition(dice_.one_of({"fragility-fracture", "hip-fracture", "wrist-fracture", "vertebral-fracture"}),
                      day(any_day()), false);
    if (dice_.chance(15))
        add_condition("hip-fracture", day(any_day()), false);
    const std::int64_t scans = dice_.between(0, 2);
    for (std::int64_t i = 0; i < scans; ++i)
        add_procedure(dice_.one_of({"dxa", "frax"}), day(dice_.between(-900, options_.days - 1)));
    if (dice_.chance(20))
        add_result("tscore-hip", exactly(-dice_.between(50, 350)), day(any_day()));
}

void Author::add_background() {
    if (dice_.chance(20))
        add_condition("osteoporosis", day(any_day()));
    if (dice_.chance(10))
        add_condition("coeliac", day(any_day()));
    if (dice_.chance(6))
        add_condition("palliative-care", day(any_day()));
    if (dice_.chance(8))
        add_condition("inpatient-stay", day(any_day()), false);
    if (dice_.chance(6)) {
        const Date from = day(any_day());
        add(model::ConditionEvent{CodeId("pregnancy"), model::on_date(from + Days(270))}, from, "practice");
    }
}

std::vector<model::Event> Author::write() {
    if (dice_.chance(94))
        add_person();
    add_thyroid();
    add_vitamin_d();
    add_steroids();
    add_bone_drugs();
    add_arthritis();
    add_fractures_and_scans();
    add_background();
    while (serial_ * options_.patients < facts_min) { // Of whom little is known, more is asked.
        add_thyroid();
        add_steroids();
    }
    return std::move(events_);
}

} // namespace

model::PatientIdentifier identifier_of(int patient) {
    return {"nhs", patient == 0 ? "9990000018" : "9990000026"};
}

model::ClinicalTime local_time(Date date, std::chrono::minutes clock, std::chrono::hours offset) {
    return {.instant = model::Instant(date) + clock - offset, .date = date, .date_last = date, .clock = clock};
}

model::Event altered(Dice& dice, model::Event event) {
    if (auto* result = std::get_if<model::ResultEvent>(&event.body); result != nullptr && dice.chance(70)) {
        result->value = result->analyte.text == "tsh" ? tsh_value(dice, dice.chance(50)) : vitamin_d_value(dice);
        return event;
    }
    if (auto* supply = std::get_if<model::SupplyEvent>(&event.body); supply != nullptr && dice.chance(60)) {
        if (dice.chance(50) && supply->daily_dose)
            supply->daily_dose->amount = supply->daily_dose->amount * Rational(2);
        else
            supply->days += static_cast<std::int32_t>(dice.between(1, 60));
        return event;
    }
    const Days moved{dice.one_of({-40, -7, -1, 1, 7, 40})};
    event.at.instant += moved;
    event.at.date += moved;
    event.at.date_last += moved;
    return event;
}

std::vector<model::Event> story(Dice& dice, int patient, const HistoryOptions& options) {
    return Author(dice, patient, options).write();
}

} // namespace bonewatch::simulation
