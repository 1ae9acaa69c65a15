#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

void tell_replacement(Author& a, std::int64_t from) {
    a.packs({.drug = a.dice.one_of({"estradiol", "tibolone", "combined-hormonal-contraceptive"}),
             .doses = {"1 mg", "2 mg"},
             .from = from,
             .count = a.dice.between(1, 4),
             .days = {28, 84},
             .late_by_max = 30});
}

void tell_menopause(Author& a) {
    switch (a.dice.below(3)) {
    case 0:
        a.condition("early-menopause", a.dice.between(-500, 400));
        break;
    case 1:
        a.condition("menopause", a.dice.between(-500, 400));
        break;
    default:
        a.procedure("oophorectomy", a.dice.between(-500, 400));
    }
    if (a.dice.chance(60))
        tell_replacement(a, a.any_day());
    if (a.dice.chance(30))
        a.condition(a.dice.one_of({"breast-cancer", "hrt-contraindicated", "hrt-declined"}), a.any_day());
}

void tell_ovaries(Author& a) {
    if (a.dice.chance(50)) {
        a.procedure("oophorectomy", a.any_day());
    } else {
        const std::int64_t from = a.dice.below(700);
        a.condition("pcos", from + a.dice.between(-300, 300));
        if (a.dice.chance(50))
            a.condition("amenorrhoea-ovulatory-dysfunction", from);
        else
            a.condition_until("amenorrhoea-ovulatory-dysfunction", from, from + a.dice.one_of({179, 180, 181, 400}));
    }
    for (std::int64_t left = a.dice.between(0, 3); left > 0; --left)
        a.condition("menses", a.any_day(), false);
    if (a.dice.chance(40))
        tell_replacement(a, a.any_day());
}

void tell_oestradiol(Author& a) {
    bool is_low = true;
    for (std::int64_t at = a.dice.below(500); at < a.days(); at += a.dice.one_of({27, 28, 29, 40, 90, 366})) {
        if (a.dice.chance(18))
            is_low = !is_low;
        a.result("oestradiol", at, is_low ? Choice{"<37", "<70", "60", "99"} : Choice{"100", "101", "<150", "400"});
        if (a.dice.chance(90))
            a.result("fsh", at + a.dice.one_of({-15, -14, 0, 0, 0, 14}),
                     is_low ? Choice{"30", "31", "45", "70", "31"} : Choice{"5", "12", ">25"});
    }
    if (a.dice.chance(8))
        tell_replacement(a, a.any_day());
    if (a.dice.chance(10))
        a.condition("breastfeeding", a.any_day());
}

void tell_testosterone(Author& a) {
    bool is_low = true;
    const Choice low =
        a.dice.chance(50) ? Choice{"4", "7.9", "7", "6"} : Choice{"7.9", "8", "8.1", "10", "11.9", "<10"};
    for (std::int64_t at = a.dice.below(500); at < a.days(); at += a.dice.one_of({27, 28, 29, 90, 200, 365, 366})) {
        if (a.dice.chance(18))
            is_low = !is_low;
        a.morning_result("testosterone", at, is_low ? low : Choice{"12", "12.1", "18"});
    }
    if (a.dice.chance(20))
        a.packs({.drug = "testosterone-treatment",
                 .doses = {"50 mg"},
                 .from = a.any_day(),
                 .count = 2,
                 .days = {28, 84},
                 .route = model::Route::transdermal});
    if (a.dice.chance(20))
        a.condition_until("inpatient-stay", a.days() / 2, a.days() / 2 + 5);
    if (a.dice.chance(12))
        a.dose("goserelin", {"3.6 mg", "10.8 mg"}, model::Route::subcutaneous, a.any_day());
}

} // namespace

std::vector<Theme> hormone_themes() {
    return {{"menopause", model::Sex::female, {17, 40, 43, 44, 47, 49}, tell_menopause},
            {"ovaries", model::Sex::female, {17, 30, 44, 47, 49}, tell_ovaries},
            {"oestradiol", model::Sex::female, {16, 17, 30, 41, 43}, tell_oestradiol},
            {"testosterone", model::Sex::male, {17, 45, 60}, tell_testosterone}};
}

} // namespace bonewatch::simulation
