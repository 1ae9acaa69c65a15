#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

using model::Route;

void tell_prostate(Author& a) {
    const std::int64_t from = a.dice.between(0, 600);
    switch (a.dice.below(3)) {
    case 0:
        a.packs(
            {.drug = "relugolix", .doses = {"120 mg"}, .from = from, .count = a.dice.between(2, 6), .days = {28, 56}});
        break;
    case 1:
        for (std::int64_t at = from, left = a.dice.between(1, 5); left > 0;
             --left, at += a.dice.one_of({84, 85, 112, 113}))
            a.dose("goserelin", {"10.8 mg", "10.8 mg", "3.6 mg"}, Route::subcutaneous, at);
        break;
    default:
        a.dose(a.dice.one_of({"triptorelin", "histrelin"}), {"22.5 mg"}, Route::intramuscular, from);
    }
    if (a.dice.chance(60))
        a.procedure(a.dice.one_of({"dxa", "frax", "qfracture"}), from + a.dice.one_of({-366, -365, -100, 89, 95, 200}));
}

void tell_breast(Author& a) {
    const std::int64_t from = a.dice.between(0, 600);
    a.condition("breast-cancer", from - a.dice.between(0, 100));
    a.packs({.drug = a.dice.one_of({"anastrozole", "letrozole", "exemestane"}),
             .doses = {"1 mg", "2.5 mg"},
             .from = from,
             .count = a.dice.between(2, 8),
             .days = {28, 56, 84},
             .late_by_max = 18});
    if (a.dice.chance(60))
        a.procedure("dxa", from + a.dice.one_of({-366, -365, -100, 30, 95, 150, 300}));
    if (a.dice.chance(30))
        a.result("tscore-hip", from + a.dice.between(0, 400));
}

void tell_harmful_drugs(Author& a) {
    for (std::int64_t left = a.dice.between(3, 5); left > 0; --left) {
        const std::int64_t from = a.dice.between(-200, 300);
        const std::int64_t count = a.dice.between(5, 9);
        switch (a.dice.one_of({0, 0, 1, 1, 2, 2, 3, 4, 4, 5})) {
        case 0:
            a.packs({.drug = a.dice.one_of({"omeprazole", "lansoprazole"}),
                     .doses = {"20 mg", "30 mg"},
                     .from = from,
                     .count = count,
                     .days = {84, 100},
                     .late_by_max = 16});
            break;
        case 1:
            a.packs({.drug = a.dice.one_of({"phenytoin", "carbamazepine", "valproate"}),
                     .doses = {"300 mg"},
                     .from = from,
                     .count = count,
                     .days = {84, 100},
                     .late_by_max = 16});
            break;
        case 2:
            a.packs({.drug = "pioglitazone", .doses = {"30 mg"}, .from = from, .count = count, .days = {84, 100}});
            break;
        case 3:
            for (std::int64_t at = from, doses = count + 3; doses > 0;
                 --doses, at += a.dice.one_of({84, 90, 91, 91, 100}))
                a.dose("medroxyprogesterone-depot", {"150 mg", "104 mg"}, Route::intramuscular, at);
            break;
        case 4:
            a.packs({.drug = a.dice.one_of({"sertraline", "citalopram"}),
                     .doses = {"50 mg"},
                     .from = from,
                     .count = count,
                     .days = {84, 100},
                     .late_by_max = 16});
            break;
        default:
            a.packs({.drug = a.dice.one_of({"beclometasone", "fluticasone-propionate", "fluticasone-furoate"}),
                     .doses = {"800 ug", "1000 ug", "500 ug", "1200 ug"},
                     .from = from,
                     .count = count,
                     .days = {84, 100},
                     .late_by_max = 16,
                     .other_dose_percent = 30,
                     .route = Route::inhaled});
        }
        if (a.dice.chance(40))
            a.procedure(a.dice.one_of({"dxa", "medication-review"}), from + a.dice.between(200, 900));
        if (a.dice.chance(40))
            a.result("vitd25", from + a.dice.between(0, 800));
    }
}

} // namespace

std::vector<Theme> cancer_themes() {
    return {{"prostate", model::Sex::male, {17, 60, 75}, tell_prostate},
            {"breast", model::Sex::female, {17, 50, 70}, tell_breast},
            {"drugs that harm bone", model::Sex::female, {62, 64, 64, 70, 70}, tell_harmful_drugs}};
}

} // namespace bonewatch::simulation
