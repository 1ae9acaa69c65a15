#include "config/unit.h"
#include "config/vocabulary_tables.h"

namespace bonewatch::config {

namespace {

/// Whether UCUM itself reads the spelling as another amount of the same: nobody could tell which was meant.
bool is_other_amount(const std::string& spelling, const Unit& unit) {
    const auto itself = parse_unit(spelling);
    return itself && itself->dimension == unit.dimension && ratio(*itself, unit) != Rational(1);
}

} // namespace

ByText<std::string> read_units(const Value& document, Problems& problems) {
    ByText<std::string> spellings;
    for (const Entry& entry : std::get<Value::Table>(document.content)) {
        Fields fields(entry.value, "unit '" + entry.key + "'", problems);
        const auto spelt = fields.texts("spelt");
        fields.finish();
        const auto unit = parse_unit(entry.key);
        if (!unit) {
            fields.problem(entry.place, "bad_unit", unit.error().message);
            continue;
        }
        for (const std::string& each : spelt) {
            const std::string spelling = normalised_unit(each);
            if (spelling.empty())
                fields.problem(fields.place("spelt"), "bad_unit", "a spelling is empty");
            else if (is_other_amount(spelling, *unit))
                fields.problem(fields.place("spelt"), "other_unit", "'" + each + "' is another unit by itself");
            else if (!spellings.emplace(spelling, entry.key).second)
                fields.problem(fields.place("spelt"), "duplicate_unit", "'" + each + "' is listed twice");
        }
    }
    return spellings;
}

} // namespace bonewatch::config
