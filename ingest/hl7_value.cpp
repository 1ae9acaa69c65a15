#include "ingest/hl7_value.h"

#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Result;

/// Engines that pass messages through XML leave its entities behind.
std::string without_entities(std::string text, Warnings& warnings) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> entities{
        {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}};
    if (text.find('&') == std::string::npos)
        return text;
    std::string out;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto entity =
            std::ranges::find_if(entities, [&](const auto& each) { return rest.starts_with(each.first); });
        const bool is_entity = entity != entities.end();
        out += is_entity ? entity->second : rest.substr(0, 1);
        rest.remove_prefix(is_entity ? entity->first.size() : 1);
    }
    if (out.size() != text.size())
        warnings.emplace_back("value_entity: '&lt;' and its like are read as the signs that they stand for");
    return out;
}

bool is_number(std::string_view text) {
    return read_number(text).has_value();
}

bool has_digit(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Comparator, number, separator, number: `<^0.01`, `^100^-^200`. One that is whole in its first component is read too.
std::string structured_numeric(const Hl7Text& value) {
    std::array<std::string, 4> parts;
    for (std::size_t i = 0; i < parts.size(); ++i)
        parts[i] = value.component(i + 1).text();
    auto& [comparator, number, separator, other] = parts;
    // Two numbers that nothing divides are not one, and what stands behind nothing has no sign.
    const bool is_torn =
        (has_digit(comparator) && !number.empty()) || (!other.empty() && (number.empty() || separator.empty()));
    if (comparator == "=")
        comparator.clear();
    std::string out;
    for (const std::string& part : parts)
        out.append(out.empty() || !is_torn ? "" : "^").append(part);
    while (is_torn && out.ends_with('^'))
        out.pop_back();
    return out;
}

/// The words of a coded value: the original text, else a code's, else a code.
std::string coded_words(const Hl7Text& value) {
    for (const std::size_t part : {9, 2, 5, 1, 4})
        if (std::string text = value.component(part).text(); !text.empty())
            return text;
    return {};
}

std::string all_repetitions(const Hl7Text& field, std::string (*read)(const Hl7Text&)) {
    std::string out;
    for (const Hl7Text& each : field.repetitions())
        out.append(read(each)).append("\n");
    out.pop_back();
    return out;
}

/// A power of ten in a unit, which the component separator tore: `10^9/L` arrives as `10` and `9/L`.
bool is_torn_power(const std::string& before, const std::string& after) {
    return before.ends_with("10") && !after.empty() && after.front() >= '0' && after.front() <= '9';
}

std::vector<std::string> units_of(const Hl7Text& field) {
    std::vector<std::string> out;
    const auto add = [&](std::string unit) {
        if (!unit.empty() && std::ranges::find(out, unit) == out.end())
            out.push_back(std::move(unit));
    };
    const std::string first = field.component(1).text();
    if (const std::string second = field.component(2).text(); is_torn_power(first, second))
        add(first + "^" + second);
    // UCUM first, then codes, then words.
    const bool is_second_ucum = field.component(6).is("UCUM") && !field.component(3).is("UCUM");
    for (const std::size_t part :
         is_second_ucum ? std::array<std::size_t, 4>{4, 1, 5, 2} : std::array<std::size_t, 4>{1, 4, 2, 5})
        add(field.component(part).text());
    return out;
}

} // namespace

bool is_hl7_prose(const Hl7Segment& obx) {
    return obx[2].is("TX") || obx[2].is("FT");
}

bool is_hl7_numeric(const Hl7Segment& obx) {
    return obx[2].is("NM") || obx[2].is("SN");
}

Result<Hl7Value> read_hl7_value(const Hl7Context& context, const Hl7Segment& obx, std::size_t number) {
    Hl7Value out;
    const Hl7Text type = obx[2];
    const Hl7Text field = obx[5];
    if (type.is("SN")) {
        out.text = without_entities(structured_numeric(field.repetition(number)), out.warnings);
    } else if (type.is("NM")) {
        out.text = without_entities(field.repetition(number).text(), out.warnings);
        if (!out.text.empty() && !is_number(out.text))
            out.warnings.push_back("value_type_mismatch: OBX-2 says NM, and '" + out.text.substr(0, 40) +
                                   "' is no number; it is read as text");
    } else if (type.is("CE") || type.is("CWE") || type.is("CNE")) {
        out.text = all_repetitions(field, coded_words);
    } else if (is_hl7_prose(obx) || type.is("ST") || !type.has_value()) {
        out.text =
            without_entities(all_repetitions(field, [](const Hl7Text& each) { return each.text(); }), out.warnings);
    } else if (field.has_value()) {
        return hl7_unusable(hl7_place(context, obx, 2), "unusable_value",
                            "a value of type " + type.text().substr(0, 20) + " cannot be read as a measured value");
    }
    out.units = units_of(obx[6]);
    return out;
}

void read_hl7_range(const Hl7Text& field, PublishedResult& published, Warnings& warnings) {
    if (!field.has_value())
        return;
    Warnings ignored;
    const ValueText read = read_value(without_entities(field.repetition(1).text(), ignored));
    if (!read.value || read.value->is_exact()) {
        warnings.emplace_back("range_unusable: OBX-7 is no range; it is left out");
        return;
    }
    if (read.value->low)
        published.range_low = read.value->low->value;
    if (read.value->high)
        published.range_high = read.value->high->value;
    published.range_unit = read.unit;
}

} // namespace bonewatch::ingest
