#include "tests/simulation/values.h"

#include "store/model/ensure.h"

#include <map>
#include <string>
#include <vector>

namespace bonewatch::simulation {

namespace {

using model::Bound;
using model::Rational;

const std::vector<const char*>& values_around_bounds(std::string_view analyte) {
    static const std::vector<const char*> others{"1", "5", "20", "50", "100"};
    static const std::map<std::string_view, std::vector<const char*>> values{
        {"tsh", {"<0.01", "<0.05", "<0.1", "<0.5", "0.02", "0.05", "0.09", "0.1", "0.11", "0.2",
                 "0.3",   "0.39",  "0.4",  "0.41", "0.6",  "1.2",  "2.5",  "4",   "4.01", "8"}},
        {"vitd25", {"<10", "<25", "<30", "<60", "12", "24", "25", "26", "38", "49", "50", "51", "75", "100"}},
        {"calcium-adj", {"1.7", "1.89", "1.9", "1.91", "2.1", "2.19", "2.2", "2.21", "2.4", "2.6", "2.61", "2.8"}},
        {"magnesium", {"0.4", "0.49", "0.5", "0.51", "0.6", "0.69", "0.7", "0.71", "0.8", "<0.8"}},
        {"pth", {"3", "5", "6.8", "6.9", "7", "9", "12", ">10"}},
        {"egfr", {"15", "29", "30", "31", "45", "60", ">60", "90"}},
        {"ttg-iga", {"<0.5", "0.5", "0.9", "1", "1.1", "3", "10", ">10"}},
        {"iga-total", {"<0.07", "0.05", "0.06", "0.07", "0.08", "1.5"}},
        {"crp", {"<1", "<5", "3", "4.9", "5", "9", "9.9", "10", "10.1", "25", "60"}},
        {"esr", {"5", "12", "24", "25", "30", "31", "35", "37", "40", "60", "61", "90"}},
        {"hba1c", {"40", "48", "55", "57", "58", "59", "63", "64", "65", "75", "86"}},
        {"oestradiol", {"<37", "<70", "<150", "60", "99", "100", "101", "200", "400"}},
        {"fsh", {"5", "12", "29", "30", "31", "45", "70", ">25"}},
        {"testosterone", {"4", "7.9", "8", "8.1", "10", "11.9", "12", "12.1", "18", "<10"}},
        {"cortisol-9am", {"<50", "60", "99", "100", "101", "200", "349", "350", "351", "450"}},
        {"ctx", {"100", "279", "280", "281", "450", "<300"}},
        {"p1np", {"20", "59", "60", "61", "90"}},
        {"tscore-spine", {"-3.5", "-2.6", "-2.5", "-2.4", "-1.6", "-1.5", "-1.4", "-0.5"}},
        {"tscore-hip", {"-3.5", "-2.6", "-2.5", "-2.4", "-1.6", "-1.5", "-1.4", "-0.5"}},
        {"tscore-femneck", {"-3.5", "-2.6", "-2.5", "-2.4", "-1.6", "-1.5", "-1.4", "-0.5"}},
        {"zscore-spine", {"-2.5", "-2.1", "-2", "-1.9", "0"}},
        {"zscore-hip", {"-2.5", "-2.1", "-2", "-1.9", "0"}},
        {"bmd-spine", {"1", "0.96", "0.948", "0.947", "0.946", "0.9", "0.85"}},
        {"bmd-hip", {"1", "0.96", "0.951", "0.95", "0.949", "0.9", "0.85"}},
        {"bmd-femneck", {"1", "0.96", "0.932", "0.931", "0.93", "0.9", "0.85"}},
        {"height", {"170", "168.1", "168", "167.9", "166.1", "166", "165.9", "164"}},
        {"weight", {"85", "80", "78", "76.1", "76", "75.9", "70"}},
        {"bmi", {"17", "18.4", "18.5", "18.6", "22", "28"}},
    };
    const auto found = values.find(analyte);
    return found == values.end() ? others : found->second;
}

} // namespace

model::ValueInterval value_of(std::string_view text) {
    const bool is_below = text.starts_with('<');
    const bool is_above = text.starts_with('>');
    const auto number = model::parse_decimal(text.substr(is_below || is_above ? 1 : 0));
    ENSURE(number.has_value(), "a story's value must be readable");
    if (is_below)
        return {Bound{Rational(0)}, Bound{*number, true}};
    return is_above ? model::ValueInterval{Bound{*number, true}, {}} : model::ValueInterval::exactly(*number);
}

model::ValueInterval any_value(Dice& dice, std::string_view analyte) {
    return value_of(dice.one_of(values_around_bounds(analyte)));
}

void add_range(Dice& dice, model::ResultEvent& result) {
    const std::string& analyte = result.analyte.text;
    if (analyte == "tsh" && dice.chance(20)) {
        result.range_low = Rational(dice.one_of({27, 35, 50}), 100);
        result.range_high = Rational(dice.one_of({42, 50}), 10);
    }
    if (analyte == "pth" && dice.chance(60))
        result.range_high = Rational(dice.one_of({65, 69, 72, 95}), 10);
    if (analyte == "p1np" && dice.chance(85))
        result.range_high = Rational(dice.one_of({59, 60, 76}));
}

void add_attributes(Dice& dice, model::Event& event) {
    const model::CodeId* code = model::code_of(event);
    const std::string analyte = code == nullptr ? "" : code->text;
    if ((analyte.starts_with("bmd-") || analyte.starts_with("tscore-")) && dice.chance(85))
        event.attributes["device"] = dice.one_of({"A", "A", "A", "A", "B"});
    if (analyte == "ctx" && dice.chance(70))
        event.attributes["fasting"] = dice.one_of({"yes", "yes", "yes", "no"});
    if (analyte == "oophorectomy" && dice.chance(85))
        event.attributes["laterality"] = dice.one_of({"bilateral", "unilateral"});
}

} // namespace bonewatch::simulation
