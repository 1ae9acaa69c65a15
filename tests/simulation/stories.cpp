#include "tests/simulation/stories.h"

#include "tests/simulation/themes.h"
#include "tests/simulation/values.h"

namespace bonewatch::simulation {

namespace {

using model::Date;
using model::Days;
using model::Rational;

const std::vector<Theme>& themes() {
    static const std::vector<Theme> all = [] {
        std::vector<Theme> out;
        for (const auto chapter : {thyroid_themes, steroid_themes, malabsorption_themes, inflammation_themes,
                                   hormone_themes, treatment_themes, cancer_themes, red_flag_themes, screening_themes})
            for (Theme& theme : chapter())
                out.push_back(std::move(theme));
        return out;
    }();
    return all;
}

/// What anybody may have besides.
void tell_background(Author& a) {
    if (a.dice.chance(15))
        a.condition("osteoporosis", a.any_day());
    if (a.dice.chance(15))
        a.condition(a.dice.one_of({"fragility-fracture", "hip-fracture", "wrist-fracture"}), a.any_day(), false);
    if (a.dice.chance(8))
        a.condition("palliative-care", a.any_day());
    if (a.dice.chance(8))
        a.condition("inpatient-stay", a.any_day(), false);
    if (a.dice.chance(5)) {
        const std::int64_t from = a.any_day();
        a.condition_until("pregnancy", from, from + 270);
    }
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
        result->value = any_value(dice, result->analyte.text);
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
    Author author(dice, patient, options);
    const Theme* theme = &dice.one_of(themes());
    if (dice.chance(94))
        author.person(theme->sex, theme->ages);
    tell_background(author);
    theme->tell(author);
    // Two themes at least, and as many as make a history; those that suit the person come first.
    for (int told = 1; told < 2 || author.fact_count() * options.patients < facts_min; ++told) {
        const Theme* next = &dice.one_of(themes());
        for (int tries = 0; tries < 4 && next->sex != theme->sex; ++tries)
            next = &dice.one_of(themes());
        next->tell(author);
    }
    return author.taken();
}

} // namespace bonewatch::simulation
