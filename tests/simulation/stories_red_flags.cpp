#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

void tell_back_pain(Author& a) {
    const std::int64_t from = a.dice.below(600);
    a.packs({.drug = "prednisolone",
             .doses = {"5 mg", "7.5 mg"},
             .from = from,
             .count = a.dice.between(2, 6),
             .days = {28, 56}});
    for (std::int64_t at = from; at < a.days(); at += a.dice.one_of({60, 89, 90, 91, 364, 365, 366}))
        a.condition("back-pain", at, false);
    if (a.dice.chance(60))
        a.procedure("spine-imaging", from + a.dice.between(-60, 500));
}

void tell_falls(Author& a) {
    for (std::int64_t at = a.dice.below(300); at < a.days(); at += a.dice.one_of({30, 180, 200, 364, 365, 366, 500})) {
        a.condition("fall", at, false);
        if (a.dice.chance(30))
            a.procedure("falls-assessment", at + a.dice.one_of({-20, 10, 100, 179, 181}));
        if (a.dice.chance(20))
            a.condition("wrist-fracture", at + a.dice.one_of({-300, 0, 30}), false);
    }
    if (a.dice.chance(50))
        a.condition("osteoporosis", a.any_day());
}

void tell_fatigue(Author& a) {
    for (std::int64_t at = a.dice.below(300); at < a.days(); at += a.dice.one_of({60, 179, 180, 181, 300})) {
        a.condition("fatigue", at, false);
        if (a.dice.chance(60))
            for (const char* analyte : {"tsh", "ttg-iga", "vitd25"})
                if (a.dice.chance(85))
                    a.result(analyte, at + a.dice.between(0, 20));
    }
}

void tell_fractures(Author& a) {
    const std::int64_t first = a.dice.between(-100, 600);
    a.condition(a.dice.one_of({"fragility-fracture", "hip-fracture", "wrist-fracture", "osteoporosis-with-fracture"}),
                first, false);
    if (a.dice.chance(45))
        a.condition(a.dice.one_of({"vertebral-fracture", "hip-fracture"}),
                    first + a.dice.one_of({119, 121, 200, 400, 730}), false);
    if (a.dice.chance(40))
        a.procedure(a.dice.one_of({"dxa", "frax"}), first + a.dice.one_of({-10, 60, 119, 120, 121, 300, 600}));
    if (a.dice.chance(30))
        a.packs({.drug = "alendronic-acid",
                 .doses = {"10 mg"},
                 .from = first + a.dice.one_of({60, 119, 121, 300}),
                 .count = 2,
                 .days = {28, 84}});
}

void tell_height(Author& a) {
    const bool is_sudden = a.dice.chance(60);
    std::int64_t millimetres = a.dice.one_of({1650, 1700, 1750});
    for (std::int64_t at = a.dice.between(-400, 200); at < a.days();
         at += a.dice.one_of({60, 89, 90, 91, 200, 365, 1095})) {
        millimetres -= is_sudden ? a.dice.one_of({0, 0, 1, 19, 20, 21, 25}) : a.dice.one_of({0, 5, 8, 10, 14});
        const std::int64_t shown = millimetres + (a.dice.chance(4) ? a.dice.one_of({-90, 90, 100}) : 0);
        const std::string text = std::to_string(shown / 10) + "." + std::to_string(shown % 10);
        a.result("height", at, {text.c_str()});
    }
    if (a.dice.chance(50))
        a.procedure("spine-imaging", a.dice.between(a.days() / 2, a.days()));
}

void tell_weight(Author& a) {
    std::int64_t weight = a.dice.one_of({60, 80, 85});
    for (std::int64_t at = a.dice.below(200); at < a.days(); at += a.dice.one_of({60, 89, 90, 91, 200, 365, 366})) {
        weight += a.dice.one_of({-5, -4, -4, -2, 0, 0, 1, 3});
        a.result("weight", at, {std::to_string(weight).c_str()});
        if (a.dice.chance(30))
            a.result("bmi", at, {"17", "18.4", "18.5", "18.6", "22", "22"});
    }
    if (a.dice.chance(30))
        a.condition_until("weight-loss-intended", a.days() / 2, a.days() / 2 + a.dice.between(10, 200));
    if (a.dice.chance(40))
        a.procedure(a.dice.one_of({"gastric-bypass", "bariatric-surgery"}), a.any_day());
    if (a.dice.chance(50))
        a.walk("tsh", {"0.05", "0.2", "0.39"}, {"0.4", "1.2"}, {100, 180, 181}, a.dice.below(500), a.days());
}

} // namespace

std::vector<Theme> red_flag_themes() {
    return {{"back pain", model::Sex::female, {17, 48, 49, 60}, tell_back_pain},
            {"falls", model::Sex::female, {17, 62, 64, 70}, tell_falls},
            {"fatigue", model::Sex::female, {17, 40}, tell_fatigue},
            {"fractures", model::Sex::female, {17, 48, 49, 60}, tell_fractures},
            {"height", model::Sex::female, {47, 49, 60}, tell_height},
            {"weight", model::Sex::female, {17, 30, 60}, tell_weight}};
}

} // namespace bonewatch::simulation
