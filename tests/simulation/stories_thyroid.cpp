#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

const Choice suppressed{"<0.01", "<0.05", "<0.1", "0.02", "0.05", "0.09"};
const Choice low{"0.09", "0.1", "0.11", "0.2", "0.3", "0.39", "<0.5"};
const Choice normal{"0.39", "0.4", "0.41", "0.6", "1.2", "2.5", "4", "4.01", "8"};

void tell_reasons_for_low_tsh(Author& a) {
    for (const char* code : {"pituitary-disease", "thyroid-cancer", "high-dose-biotin"})
        if (a.dice.chance(6))
            a.condition(code, a.any_day());
    if (a.dice.chance(10))
        a.packs({.drug = "carbimazole", .doses = {"5 mg", "20 mg"}, .from = a.any_day(), .count = 4});
}

void tell_tsh(Author& a) {
    const bool is_deep = a.dice.chance(55);
    a.walk("tsh", is_deep ? suppressed : low, normal, {14, 45, 60, 89, 90, 91, 120, 200, 270, 271, 401},
           a.dice.below(200), a.days(), 75);
    if (a.dice.chance(20))
        a.condition("hyperthyroidism", a.any_day());
    tell_reasons_for_low_tsh(a);
}

void tell_levothyroxine(Author& a) {
    a.packs({.drug = "levothyroxine",
             .doses = {"100 ug", "112.5 ug", "125 ug", "75 ug"},
             .from = a.dice.between(-300, 300),
             .count = a.dice.between(3, 20),
             .days = {28, 56, 84, 100}});
    a.walk("tsh", a.dice.chance(40) ? suppressed : low, normal, {42, 59, 60, 61, 112, 200, 395, 396, 551},
           a.dice.below(300), a.days());
    tell_reasons_for_low_tsh(a);
}

void tell_changing_doses(Author& a) {
    a.packs({.drug = "levothyroxine",
             .doses = {"50 ug", "75 ug", "87.5 ug", "100 ug", "112 ug"},
             .from = a.dice.between(-100, 200),
             .count = a.dice.between(8, 16),
             .days = {56, 70, 84},
             .late_by_max = 12,
             .other_dose_percent = 80});
    if (a.dice.chance(25)) {
        const std::int64_t from = a.any_day();
        a.condition_until("pregnancy", from, from + 270);
    }
    a.walk("tsh", low, normal, {60, 112, 200}, a.dice.below(300), a.days(), 30);
}

void tell_symptoms(Author& a) {
    for (std::int64_t around = a.dice.between(250, 500); around < a.days(); around += a.dice.between(150, 400)) {
        a.walk("tsh", low, normal, {45, 60, 90, 178}, around - 60, around + 150, 85);
        a.result("weight", around - a.dice.one_of({89, 90, 200, 365}), {"80", "78"});
        a.result("weight", around + a.dice.between(-20, 20), {"76.1", "76", "75.9", "74", "79"});
        for (const char* code : {"palpitations", "bone-pain", "fatigue", "weight-loss"})
            if (a.dice.chance(50))
                a.condition_until(code, around + a.dice.between(-80, 60), around + a.dice.between(61, 120));
    }
}

void tell_fracture_on_hormone(Author& a) {
    const std::int64_t from = a.dice.between(0, 500);
    a.packs({.drug = a.dice.chance(80) ? "levothyroxine" : "carbimazole",
             .doses = {"100 ug", "125 ug"},
             .from = from,
             .count = a.dice.between(2, 8),
             .days = {56, 84},
             .other_dose_percent = 5});
    const std::int64_t fracture = from + a.dice.one_of({-10, 1, 60, 150, 300, 450, 700});
    a.condition(a.dice.one_of({"fragility-fracture", "hip-fracture", "wrist-fracture", "vertebral-fracture"}), fracture,
                false);
    a.walk("tsh", low, normal, {60, 150, 179, 181}, fracture - 200, fracture + 350, 30);
    if (a.dice.chance(70))
        a.procedure(a.dice.one_of({"dxa", "frax"}), fracture + a.dice.between(0, 350));
}

} // namespace

std::vector<Theme> thyroid_themes() {
    return {{"tsh", model::Sex::female, {17, 44, 58, 63, 64, 75}, tell_tsh},
            {"levothyroxine", model::Sex::female, {35, 58, 63, 64, 75}, tell_levothyroxine},
            {"changing doses", model::Sex::female, {35, 48, 62}, tell_changing_doses},
            {"symptoms", model::Sex::female, {35, 48, 62}, tell_symptoms},
            {"fracture on thyroid hormone", model::Sex::female, {48, 49, 58, 70}, tell_fracture_on_hormone}};
}

} // namespace bonewatch::simulation
