#include "tests/simulation/themes.h"

namespace bonewatch::simulation {

namespace {

void tell_vitamin_d(Author& a) {
    a.walk("vitd25", {"12", "24", "25", "26", "38", "49", "<25", "<30"}, {"50", "51", "75", "<60", "100"},
           {27, 28, 29, 90, 100, 365, 541}, a.dice.below(400), a.days(), 70);
    if (a.dice.chance(40))
        a.condition(a.dice.one_of({"osteoporosis", "malabsorption", "coeliac", "wrist-fracture"}), a.any_day());
    if (a.dice.chance(30))
        a.packs({.drug = a.dice.one_of({"phenytoin", "raloxifene", "carbamazepine"}),
                 .doses = {"60 mg", "300 mg"},
                 .from = a.any_day(),
                 .count = 3,
                 .days = {84}});
}

void tell_minerals(Author& a) {
    a.walk("calcium-adj", {"1.7", "1.89", "1.9", "1.91", "2.1", "2.19"}, {"2.2", "2.21", "2.4"},
           {7, 13, 14, 15, 60, 180, 181}, a.dice.below(600), a.days(), 60);
    a.walk("magnesium", {"0.4", "0.49", "0.5", "0.51", "0.6", "0.69", "<0.8"}, {"0.7", "0.71", "0.8"},
           {13, 14, 15, 90, 364, 366}, a.dice.below(600), a.days(), 60);
}

void tell_pth(Author& a) {
    const std::int64_t from = a.dice.below(500);
    a.walk("pth", {"3", "5", "6.8", "6.9"}, {"6.9", "7", "9", "12", ">10"}, {59, 60, 61, 120, 400, 401}, from, a.days(),
           30);
    for (int i = 0; i < 3; ++i) {
        a.result("calcium-adj", from + a.any_day(), {"2.3", "2.59", "2.6", "2.61", "2.8"});
        if (a.dice.chance(60))
            a.result("vitd25", from + a.any_day(), {"20", "49", "50", "80"});
        if (a.dice.chance(50))
            a.result("egfr", from + a.any_day(), {"15", "29", "30", "60"});
    }
    if (a.dice.chance(30))
        a.packs({.drug = "lithium", .doses = {"400 mg"}, .from = from, .count = 4, .days = {84}});
}

void tell_coeliac(Author& a) {
    const std::int64_t from = a.dice.between(0, 500);
    if (a.dice.chance(50))
        a.condition(a.dice.one_of({"weight-loss", "osteoporosis", "t1dm", "hashimoto-thyroiditis"}),
                    from - a.dice.one_of({0, 119, 120, 121, 400}));
    for (std::int64_t at = from; at < a.days(); at += a.dice.one_of({30, 90, 91, 200, 365})) {
        if (a.dice.chance(50))
            a.result("iga-total", at + a.dice.one_of({-31, -30, 0, 0, 30}), {"<0.07", "0.05", "0.06", "0.07", "1.5"});
        a.result("ttg-iga", at, {"<0.5", "0.9", "1", "1.1", "3", "10", ">10"});
        if (a.dice.chance(25))
            a.result("ttg-igg", at + a.dice.between(10, 60), {"0.5", "1", "3"});
        if (a.dice.chance(12))
            a.procedure("coeliac-biopsy", at + a.dice.between(30, 200));
        if (a.dice.chance(40))
            break;
    }
    if (a.dice.chance(25))
        a.condition("coeliac", from + a.dice.between(60, 500));
}

void tell_gut(Author& a) {
    const std::int64_t from = a.dice.between(-500, 600);
    if (a.dice.chance(20))
        a.procedure("gastric-bypass", from);
    else
        a.condition(a.dice.one_of({"crohns", "coeliac", "malabsorption", "chronic-diarrhoea"}), from);
    if (a.dice.chance(30))
        a.condition_until("chronic-diarrhoea", from, from + a.dice.one_of({60, 89, 91, 400}));
    if (a.dice.chance(20))
        a.procedure("gastric-bypass", from + 100);
    for (std::int64_t at = a.dice.below(500); at < a.days(); at += a.dice.one_of({200, 394, 395, 396}))
        for (const char* analyte : {"vitd25", "calcium-adj", "pth", "magnesium"})
            if (a.dice.chance(80))
                a.result(analyte, at + a.dice.between(0, 30));
}

} // namespace

std::vector<Theme> malabsorption_themes() {
    return {{"vitamin D", model::Sex::female, {17, 50, 70}, tell_vitamin_d},
            {"calcium and magnesium", model::Sex::male, {17, 45, 70}, tell_minerals},
            {"PTH", model::Sex::female, {17, 55, 70}, tell_pth},
            {"coeliac", model::Sex::female, {17, 30, 50}, tell_coeliac},
            {"gut", model::Sex::male, {17, 30, 50}, tell_gut}};
}

} // namespace bonewatch::simulation
