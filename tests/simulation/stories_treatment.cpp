#include "tests/simulation/themes.h"

#include <string>

namespace bonewatch::simulation {

namespace {

using model::Route;

void tell_denosumab(Author& a) {
    for (std::int64_t at = a.dice.below(500); at < a.days();
         at += a.dice.one_of({170, 182, 183, 184, 212, 213, 230, 280, 600})) {
        model::Event& given =
            a.dose("denosumab", {"60 mg", "60 mg", "60 mg", "60 mg", "60 mg", "120 mg"}, Route::subcutaneous, at);
        if (a.dice.chance(40))
            given.attributes["form"] = a.dice.one_of({"issue", "administered"});
        if (a.dice.chance(60))
            a.result("calcium-adj", at + a.dice.one_of({-31, -30, -15, -14, -13, 5, 27, 28, 29, 160}),
                     {"2.1", "2.19", "2.2", "2.21", "2.4"});
        if (a.dice.chance(50))
            a.result("vitd25", at + a.dice.one_of({-181, -180, -30, 0, 10, 100}), {"30", "49", "50", "51", "75"});
        if (a.dice.chance(18))
            break;
    }
    for (std::int64_t left = a.dice.between(0, 3); left > 0; --left)
        a.result("egfr", a.any_day(), {"15", "29", "30", "31", ">60"});
    if (a.dice.chance(20))
        a.packs({.drug = "alendronic-acid", .doses = {"10 mg"}, .from = a.any_day(), .count = 2, .days = {84}});
}

void tell_bisphosphonate(Author& a) {
    if (a.dice.chance(60)) {
        a.packs({.drug = a.dice.one_of({"alendronic-acid", "risedronic-acid"}),
                 .doses = {"10 mg", "5 mg"},
                 .from = a.dice.between(-1600, -900),
                 .count = a.dice.between(9, 14),
                 .days = {168, 180, 250},
                 .late_by_max = 40,
                 .other_dose_percent = 3});
    } else {
        const std::int64_t first = a.dice.between(-800, 0);
        for (std::int64_t at = first; at < first + 1500; at += a.dice.one_of({364, 365, 400, 546}))
            a.dose("zoledronic-acid", {"5 mg", "5 mg", "5 mg", "4 mg"}, Route::intravenous, at);
    }
    for (std::int64_t left = a.dice.between(0, 2); left > 0; --left)
        a.procedure(a.dice.one_of({"dxa", "medication-review", "frax"}), a.any_day());
    if (a.dice.chance(40))
        a.packs({.drug = "prednisolone", .doses = {"7.5 mg", "5 mg"}, .from = a.any_day(), .count = 3});
    if (a.dice.chance(30))
        a.result("vitd25", a.any_day());
}

void tell_turnover(Author& a) {
    const std::int64_t from = a.dice.below(400);
    if (a.dice.chance(70))
        a.packs({.drug = "alendronic-acid",
                 .doses = {"10 mg"},
                 .from = from,
                 .count = a.dice.between(3, 8),
                 .days = {84, 90},
                 .late_by_max = 70});
    else
        a.dose("denosumab", {"60 mg"}, Route::subcutaneous, from);
    for (std::int64_t at = from + a.dice.one_of({100, 179, 180, 181}); at < a.days(); at += a.dice.between(60, 200)) {
        a.morning_result("ctx", at, {"100", "279", "280", "281", "450", "<300"});
        if (a.dice.chance(60))
            a.result("p1np", at, {"20", "59", "60", "61", "90"});
    }
    if (a.dice.chance(25))
        a.condition("wrist-fracture", a.any_day(), false);
}

void tell_anabolic(Author& a) {
    if (a.dice.chance(50)) {
        a.packs({.drug = "teriparatide",
                 .doses = {"20 ug"},
                 .from = a.dice.between(-100, 400),
                 .count = a.dice.between(7, 9),
                 .days = {84, 90, 100},
                 .late_by_max = 6,
                 .other_dose_percent = 0,
                 .route = Route::subcutaneous});
    } else {
        std::int64_t at = a.dice.below(400);
        for (std::int64_t left = a.dice.between(9, 13); left > 0; --left, at += a.dice.one_of({28, 30, 31, 45}))
            a.dose("romosozumab", {"210 mg"}, Route::subcutaneous, at);
    }
    if (a.dice.chance(60))
        a.packs({.drug = a.dice.one_of({"alendronic-acid", "raloxifene"}),
                 .doses = {"10 mg"},
                 .from = a.dice.between(600, 1300),
                 .count = 2,
                 .days = {28, 84}});
    if (a.dice.chance(50))
        a.condition("planned-antiresorptive", a.dice.between(500, 1300));
}

void tell_low_density(Author& a) {
    const std::string site = a.dice.one_of({"tscore-spine", "tscore-hip", "tscore-femneck"});
    const std::int64_t found = a.dice.below(700);
    a.result(site.c_str(), found, {"-3.5", "-2.6", "-2.5", "-2.4", "-1.6", "-1.5"});
    if (a.dice.chance(25))
        a.condition(a.dice.one_of({"hip-fracture", "vertebral-fracture"}), found + a.dice.between(-100, 300), false);
    if (a.dice.chance(40))
        a.condition(a.dice.one_of({"menopause", "early-menopause"}), found + a.dice.between(-600, 300));
    if (a.dice.chance(35))
        a.packs({.drug = "prednisolone",
                 .doses = {"5 mg"},
                 .from = found - a.dice.between(0, 200),
                 .count = 3,
                 .days = {56}});
    if (a.dice.chance(70))
        a.packs({.drug = a.dice.one_of({"alendronic-acid", "raloxifene"}),
                 .doses = {"10 mg"},
                 .from = found + a.dice.one_of({60, 119, 121, 300}),
                 .count = a.dice.between(1, 3),
                 .days = {28, 84}});
    if (a.dice.chance(25))
        a.condition(a.dice.one_of({"treatment-declined", "treatment-contraindicated"}),
                    found + a.dice.between(60, 500));
}

void tell_scans(Author& a) {
    const bool is_score = a.dice.chance(40);
    const std::string site = a.dice.one_of({"spine", "hip", "femneck", "femneck"});
    const std::string analyte = (is_score ? "tscore-" : "bmd-") + site;
    const Choice values =
        is_score ? Choice{"-1", "-1.4", "-1.5", "-1.6", "-2", "-0.5"}
                 : Choice{"1", "1", "0.96", "0.95", "0.948", "0.947", "0.946", "0.932", "0.931", "0.93", "0.9"};
    for (std::int64_t at = a.dice.between(-700, 200); at < a.days();
         at += a.dice.one_of({200, 329, 330, 331, 400, 700}))
        a.result(analyte.c_str(), at, values);
    if (a.dice.chance(50))
        a.packs({.drug = "alendronic-acid", .doses = {"10 mg"}, .from = a.any_day(), .count = 2, .days = {84}});
    if (a.dice.chance(12))
        a.packs({.drug = "strontium-ranelate", .doses = {"2 g"}, .from = a.any_day(), .count = 2, .days = {84}});
}

} // namespace

std::vector<Theme> treatment_themes() {
    return {{"denosumab", model::Sex::female, {17, 60, 75}, tell_denosumab},
            {"bisphosphonate", model::Sex::female, {60, 72, 74}, tell_bisphosphonate},
            {"turnover", model::Sex::female, {60, 75}, tell_turnover},
            {"anabolic", model::Sex::female, {60, 75}, tell_anabolic},
            {"low density", model::Sex::female, {17, 40, 48, 49, 60}, tell_low_density},
            {"scans", model::Sex::male, {45, 60}, tell_scans}};
}

} // namespace bonewatch::simulation
