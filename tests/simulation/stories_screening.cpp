#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

void tell_cortisol(Author& a) {
    for (std::int64_t at = a.dice.below(500); at < a.days(); at += a.dice.one_of({30, 90, 200, 400})) {
        a.morning_result("cortisol-9am", at, {"<50", "60", "99", "100", "101", "200", "349", "350", "351", "450"});
        if (a.dice.chance(12))
            a.condition("synacthen-normal", at + a.dice.between(5, 60), false);
    }
    if (a.dice.chance(50))
        a.packs({.drug = a.dice.one_of({"prednisolone", "hydrocortisone"}),
                 .doses = {"5 mg", "20 mg"},
                 .from = a.any_day(),
                 .count = a.dice.between(1, 4),
                 .days = {28, 56}});
    if (a.dice.chance(20))
        a.packs({.drug = "estradiol", .doses = {"1 mg"}, .from = a.any_day(), .count = 1, .days = {84}});
}

void tell_several_causes(Author& a) {
    for (std::int64_t left = a.dice.between(2, 5); left > 0; --left) {
        const char* cause = a.dice.one_of({"rheumatoid-arthritis", "t1dm", "coeliac", "crohns", "hyperthyroidism",
                                           "graves-disease", "early-menopause", "hypogonadism", "autoimmune-disease"});
        if (a.dice.chance(30))
            a.condition_until(cause, a.any_day(), a.days() + a.dice.between(-300, 300));
        else
            a.condition(cause, a.any_day());
    }
    if (a.dice.chance(50))
        a.packs({.drug = "prednisolone",
                 .doses = {"5 mg", "7.5 mg"},
                 .from = a.any_day(),
                 .count = a.dice.between(3, 5),
                 .days = {28, 56},
                 .late_by_max = 10});
}

void tell_screen(Author& a) {
    const std::int64_t found = a.dice.between(0, 500);
    switch (a.dice.below(3)) {
    case 0:
        a.condition("osteoporosis", found, false);
        break;
    case 1:
        a.condition("fragility-fracture", found, false);
        break;
    default:
        a.result(a.dice.one_of({"zscore-spine", "zscore-hip"}), found, {"-2.5", "-2.1", "-2", "-1.9"});
    }
    for (const char* analyte :
         {"tscore-hip", "vitd25", "calcium-adj", "pth", "tsh", "crp", "hba1c", "ttg-iga", "ctx", "cortisol-9am"})
        if (a.dice.chance(95))
            a.result(analyte, found + a.dice.one_of({-366, -365, -300, -30, 60, 119, 200, 400, 40, 41, 42, 43}));
    if (a.dice.chance(60))
        a.result(a.dice.one_of({"testosterone", "oestradiol"}), found + a.dice.one_of({-365, -30, 60, 200}));
    if (a.dice.chance(20))
        a.condition("screen-not-indicated", found + a.dice.between(100, 500));
}

} // namespace

std::vector<Theme> screening_themes() {
    return {{"cortisol", model::Sex::male, {17, 45, 60}, tell_cortisol},
            {"several causes", model::Sex::female, {17, 40, 60}, tell_several_causes},
            {"screen", model::Sex::female, {17, 43, 44, 60}, tell_screen},
            {"screen of a man", model::Sex::male, {30, 60}, tell_screen}};
}

} // namespace bonewatch::simulation
