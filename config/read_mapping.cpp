#include "config/read_publishers.h"

#include "config/nearest.h"
#include "config/unit.h"

#include <algorithm>
#include <set>

namespace bonewatch::config {

namespace {

/// Every unit that some analyte is read in, as `normalised_unit` has it.
std::set<std::string> units_of(const Vocabulary& vocabulary) {
    std::set<std::string> units;
    for (const auto& [id, analyte] : vocabulary.analytes())
        for (const UnitConversion& conversion : analyte.conversions)
            units.insert(conversion.unit);
    return units;
}

/// Units of enzyme activity and arbitrary ones, which laboratories write for one another.
bool is_of_units(const Unit& unit) {
    return unit.dimension.is_arbitrary() ||
           (unit.dimension.of(Base::mole) == 1 && unit.dimension.of(Base::second) == -1);
}

/// Whether UCUM reads both, and as different amounts: no file may make one of the other.
bool are_different(const std::string& one, const std::string& other) {
    const auto a = parse_unit(one);
    const auto b = parse_unit(other);
    if (!a || !b)
        return false;
    if (a->dimension == b->dimension)
        return ratio(*a, *b) != Rational(1);
    return !is_of_units(*a) || !is_of_units(*b);
}

/// Reads one mapping file.
class MappingReader {
  public:
    MappingReader(const Vocabulary& vocabulary, Problems& problems, PublisherSettings& publisher)
        : vocabulary_(vocabulary), problems_(problems), publisher_(publisher) {}

    void read(const Value& document) {
        Fields top(document, "the mapping", problems_);
        for (const Value& item : top.list("codes"))
            read_code(item);
        if (const Value* table = top.table("units"))
            read_units(*table);
        top.finish();
    }

  private:
    void read_code(const Value& item) {
        Fields fields(item, "a code", problems_);
        const std::string system = fields.text("system").value_or("");
        const std::string code = fields.required_text("code");
        const CodeId id(fields.required_text("means"));
        const auto unit = fields.text("unit");
        const auto route = fields.text("route");
        (void)fields.text("note");
        fields.finish();

        CodeMeaning meaning{.id = id, .property = {}};
        const bool is_known = id.empty() || find_kind(id, meaning.kind);
        if (id.empty() && fields.has("means"))
            fields.problem(fields.place("means"), "unknown_code",
                           "'means' is empty; it names what the code stands for");
        if (!is_known)
            fields.problem(fields.place("means"), "unknown_code",
                           "'" + id.text + "' is nothing of the vocabulary that a code can mean" +
                               did_you_mean(id.text, ids()));
        if (unit && is_known)
            read_unit(fields, *unit, meaning);
        if (route && is_known)
            read_route(fields, *route, meaning);
        const PublishedCode published = vocabulary_.comparable(system, code);
        if (published.code.empty()) {
            if (fields.has("code"))
                fields.problem(fields.place("code"), "bad_code", "'code' is empty");
            return;
        }
        if (!publisher_.codes.emplace(published, std::move(meaning)).second)
            fields.problem(item.place, "duplicate_code", "'" + system + "' '" + code + "' is listed twice");
    }

    void read_unit(Fields& fields, const std::string& unit, CodeMeaning& meaning) {
        const Analyte* analyte = vocabulary_.analyte(meaning.id);
        if (analyte == nullptr)
            return fields.problem(fields.place("unit"), "bad_unit",
                                  "'" + meaning.id.text + "' is nothing measured, and has no unit");
        if (const std::string refusal = refusal_of_unit(vocabulary_, *analyte, unit); !refusal.empty())
            fields.problem(fields.place("unit"), "unknown_unit", refusal);
        meaning.missing_unit = unit;
    }

    void read_route(Fields& fields, const std::string& word, CodeMeaning& meaning) {
        const auto route = model::parse_route(word);
        if (!route)
            return fields.problem(fields.place("route"), "unknown_route", "'" + word + "' is no route");
        if (meaning.kind != CodeKind::drug)
            return fields.problem(fields.place("route"), "bad_route",
                                  "'" + meaning.id.text + "' is no drug, and has no route");
        meaning.route = *route;
    }

    void read_units(const Value& table) {
        const std::set<std::string> known = units_of(vocabulary_);
        Fields fields(table, "'units'", problems_);
        for (const Entry& entry : std::get<Value::Table>(table.content)) {
            const auto unit = fields.text(entry.key);
            if (!unit)
                continue;
            const std::string spelling = normalised_unit(entry.key);
            if (spelling.empty())
                fields.problem(entry.place, "bad_unit",
                               "a spelling is not empty; what has no unit belongs under 'missing_units'");
            else if (!is_read(*unit))
                fields.problem(entry.value.place, "unknown_unit",
                               "nothing is read in '" + *unit + "'" +
                                   did_you_mean(*unit, std::vector<std::string>(known.begin(), known.end())));
            else if (are_different(spelling, normalised_unit(*unit)))
                fields.problem(entry.value.place, "other_unit",
                               "'" + entry.key + "' is a unit by itself, and another than '" + *unit + "'");
            else if (!publisher_.units.emplace(spelling, *unit).second)
                fields.problem(entry.place, "duplicate_unit", "'" + entry.key + "' is listed twice");
        }
    }

    [[nodiscard]] bool is_read(const std::string& unit) const {
        return !normalised_unit(unit).empty() && std::ranges::any_of(vocabulary_.analytes(), [&](const auto& each) {
            return vocabulary_.conversion_of(each.second, unit) != nullptr;
        });
    }

    bool find_kind(const CodeId& id, CodeKind& kind) const {
        if (vocabulary_.analyte(id) != nullptr)
            kind = CodeKind::analyte;
        else if (vocabulary_.drug(id) != nullptr)
            kind = CodeKind::drug;
        else if (const Condition* condition = vocabulary_.condition(id))
            kind = condition->kind;
        else
            return false;
        return true;
    }

    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> all;
        for (const auto& [id, analyte] : vocabulary_.analytes())
            all.push_back(id.text);
        for (const auto& [id, drug] : vocabulary_.drugs())
            all.push_back(id.text);
        for (const auto& [id, condition] : vocabulary_.conditions())
            all.push_back(id.text);
        return all;
    }

    const Vocabulary& vocabulary_;
    Problems& problems_;
    PublisherSettings& publisher_;
};

} // namespace

std::string refusal_of_unit(const Vocabulary& vocabulary, const Analyte& analyte, const std::string& unit) {
    if (!normalised_unit(unit).empty() && vocabulary.conversion_of(analyte, unit) != nullptr)
        return {};
    std::vector<std::string> known;
    for (const UnitConversion& conversion : analyte.conversions)
        known.push_back(conversion.unit);
    const std::string near = did_you_mean(unit, known);
    return "'" + analyte.id.text + "' is not read in '" + unit + "'" +
           (near.empty() ? "; its unit is '" + analyte.unit + "'" : near);
}

std::vector<model::Error> read_mapping(const std::string& file, std::string_view text, const Vocabulary& vocabulary,
                                       PublisherSettings& publisher) {
    const auto document = parse_document(file, text);
    if (!document)
        return {document.error()};
    Problems problems(file);
    MappingReader(vocabulary, problems, publisher).read(*document);
    return std::move(problems.found());
}

} // namespace bonewatch::config
