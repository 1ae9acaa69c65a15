#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

using model::Route;

void tell_spell(Author& a, std::int64_t from) {
    switch (a.dice.below(7)) {
    case 0:
        a.packs({.drug = "hydrocortisone",
                 .doses = {"20 mg", "30 mg", "40 mg"},
                 .from = from,
                 .count = a.dice.between(2, 8),
                 .late_by_max = 12});
        if (a.dice.chance(50))
            a.condition("adrenal-insufficiency", from + a.dice.between(-200, 100));
        break;
    case 1:
        a.packs({.drug = "dexamethasone",
                 .doses = {"0.75 mg", "2 mg", "8 mg"},
                 .from = from,
                 .count = a.dice.between(1, 5)});
        break;
    case 2:
        a.packs({.drug = "methylprednisolone",
                 .doses = {"2 mg", "4 mg", "16 mg"},
                 .from = from,
                 .count = a.dice.between(2, 8),
                 .late_by_max = 18});
        [[fallthrough]];
    default:
        a.packs({.drug = "prednisolone",
                 .doses = {"5 mg", "5 mg", "7.5 mg", "4 mg", "10 mg", "40 mg"},
                 .from = from,
                 .count = a.dice.between(2, 9),
                 .days = {7, 28, 28, 56, 84, 30}});
    }
}

void tell_steroids(Author& a) {
    for (std::int64_t spells = a.dice.between(1, 2); spells > 0; --spells) {
        const std::int64_t from = a.any_day();
        tell_spell(a, from);
        if (a.dice.chance(35))
            a.procedure(a.dice.one_of({"dxa", "frax", "qfracture"}), from + a.dice.between(-400, 400));
        if (a.dice.chance(35))
            a.procedure(a.dice.one_of({"medication-review", "steroid-review"}), from + a.dice.between(0, 400));
    }
    if (a.dice.chance(25))
        a.packs({.drug = "alendronic-acid",
                 .doses = {"10 mg"},
                 .from = a.any_day(),
                 .count = a.dice.between(1, 5),
                 .days = {84},
                 .late_by_max = 80});
    if (a.dice.chance(10))
        a.packs({.drug = "hydrocortisone",
                 .doses = {"50 mg"},
                 .from = a.any_day(),
                 .count = 1,
                 .days = {200},
                 .route = Route::topical});
}

void tell_steady_steroids(Author& a) {
    const std::int64_t from = a.dice.between(-60, 500);
    a.packs({.drug = "prednisolone",
             .doses = {"5 mg", "7.5 mg", "15 mg"},
             .from = from,
             .count = a.dice.between(3, 10),
             .days = {56, 84, 90},
             .late_by_max = 5,
             .other_dose_percent = 6});
    if (a.dice.chance(50))
        a.procedure(a.dice.one_of({"medication-review", "steroid-review"}), from + a.dice.between(90, 700));
    if (a.dice.chance(40))
        a.procedure("dxa", from + a.dice.between(100, 700));
    if (a.dice.chance(25))
        a.dose("zoledronic-acid", {"5 mg", "4 mg"}, Route::intravenous, from + a.dice.between(0, 500));
}

void tell_courses(Author& a) {
    std::int64_t at = a.dice.below(300);
    for (std::int64_t left = a.dice.between(4, 9); left > 0 && at < a.days(); --left) {
        if (a.dice.chance(20)) {
            a.dose(a.dice.one_of({"triamcinolone", "methylprednisolone"}), {"40 mg", "80 mg"},
                   a.dice.one_of({Route::intra_articular, Route::intramuscular}), at);
            at += a.dice.one_of({20, 42, 60});
            continue;
        }
        const int length = a.dice.one_of({2, 3, 5, 7, 7, 14, 42, 43});
        a.packs({.drug = "prednisolone", .doses = {"30 mg", "40 mg"}, .from = at, .count = 1, .days = {length}});
        at += length + a.dice.one_of({13, 14, 15, 30, 60, 90});
    }
}

} // namespace

std::vector<Theme> steroid_themes() {
    return {{"steroids", model::Sex::female, {17, 48, 49, 64, 75}, tell_steroids},
            {"steady steroids", model::Sex::female, {47, 49, 62}, tell_steady_steroids},
            {"courses", model::Sex::male, {35, 55, 70}, tell_courses}};
}

} // namespace bonewatch::simulation
