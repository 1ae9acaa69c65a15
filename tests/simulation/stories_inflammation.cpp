#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

void tell_arthritis(Author& a) {
    a.condition("rheumatoid-arthritis", a.dice.between(-500, a.days() - 400));
    if (a.dice.chance(20))
        a.condition("juvenile-arthritis", a.dice.between(-500, a.days() - 1));
    if (a.dice.chance(25))
        a.condition(a.dice.one_of({"menopause", "early-menopause"}), a.dice.between(-500, a.days() - 1));
    if (a.dice.chance(50))
        a.procedure(a.dice.one_of({"dxa", "frax"}), a.any_day());
    if (a.dice.chance(30))
        a.packs({.drug = "prednisolone", .doses = {"5 mg"}, .from = a.any_day(), .count = 3});
}

void tell_markers(Author& a) {
    a.walk("crp", {"<1", "<5", "3", "4.9", "5", "9", "9.9"}, {"10", "10.1", "25", "60"}, {30, 45, 60, 119, 120, 121},
           a.dice.below(400), a.days(), 30);
    a.walk("esr", {"5", "12", "24", "25", "30"}, {"31", "35", "37", "40", "60", "61", "90"}, {30, 45, 75, 150, 151},
           a.dice.below(400), a.days(), 30);
    if (a.dice.chance(45))
        a.condition(a.dice.one_of({"rheumatoid-arthritis", "crohns", "ulcerative-colitis", "ibd"}), a.any_day());
    if (a.dice.chance(40))
        a.condition("back-pain", a.any_day());
    if (a.dice.chance(20))
        a.dose("tocilizumab", {"162 mg", "600 mg"},
               a.dice.one_of({model::Route::subcutaneous, model::Route::intravenous}), a.any_day());
}

void tell_rising_hba1c(Author& a) {
    a.condition(a.dice.chance(30) ? "t1dm" : "t2dm", a.dice.between(-400, 200));
    std::int64_t hba1c = a.dice.between(46, 60);
    for (std::int64_t at = a.dice.below(300); at < a.days(); at += a.dice.one_of({80, 90, 91, 120, 180, 399, 401})) {
        hba1c += a.dice.one_of({-12, 0, 3, 5, 6, 9, 11});
        a.result("hba1c", at, {std::to_string(hba1c).c_str()});
    }
    if (a.dice.chance(10))
        a.condition("haemoglobinopathy", a.any_day());
    if (a.dice.chance(20))
        a.procedure("transfusion", a.any_day());
}

void tell_type_1(Author& a) {
    a.condition("t1dm", a.dice.one_of({-1825, -1400, -1000, -500, 100}));
    a.walk("hba1c", {"48", "57", "58"}, {"63", "64", "65", "86"}, {89, 90, 91, 180}, a.dice.below(400), a.days(), 40);
    if (a.dice.chance(40))
        a.condition(a.dice.one_of({"coeliac", "early-menopause", "wrist-fracture"}), a.any_day());
    if (a.dice.chance(40))
        a.result("bmi", a.any_day(), {"17", "18.4", "18.5", "22"});
    if (a.dice.chance(20))
        a.packs({.drug = "prednisolone", .doses = {"3 mg"}, .from = a.any_day(), .count = 2, .days = {56}});
    if (a.dice.chance(60))
        a.procedure("dxa", a.any_day());
}

} // namespace

std::vector<Theme> inflammation_themes() {
    return {{"arthritis", model::Sex::female, {17, 47, 49, 60}, tell_arthritis},
            {"CRP and ESR", model::Sex::female, {17, 40, 49, 65}, tell_markers},
            {"rising HbA1c", model::Sex::male, {17, 45, 60}, tell_rising_hba1c},
            {"type 1 diabetes", model::Sex::female, {17, 30, 47, 49}, tell_type_1}};
}

} // namespace bonewatch::simulation
