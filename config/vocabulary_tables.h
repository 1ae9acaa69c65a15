#pragma once

#include "config/fields.h"
#include "config/vocabulary.h"

#include <map>
#include <string>
#include <vector>

namespace bonewatch::config {

/// One code that a table row lists.
struct ListedCode {
    PublishedCode published; ///< System by our name for it.
    CodeMeaning meaning;
    std::vector<std::string> except; ///< Codes of its group that do not mean it.
    std::string file;
    Place place;
};

/// What a table file holds, as written: each row is sound in itself, references between rows and files are not yet
/// checked.
template <typename T>
struct Row {
    T value;
    std::string file;
    Place place;
};

struct AnalyteTable {
    std::vector<Row<Analyte>> analytes;
    std::vector<ListedCode> codes;
};

struct DrugTable {
    std::vector<Row<DrugClass>> classes;
    std::vector<Row<Drug>> drugs;
    std::vector<ListedCode> codes;
};

struct ConditionTable {
    std::vector<Row<Condition>> conditions;
    std::vector<ListedCode> codes;
};

/// Each reads one parsed file and reports what is wrong in it. `systems`: to know a code's system and form.
void read_systems(const Value& document, Problems& problems, PublishedCodes& systems);
[[nodiscard]] ByText<std::string> read_units(const Value& document, Problems& problems);
[[nodiscard]] AnalyteTable read_analytes(const Value& document, const PublishedCodes& systems, Problems& problems);
[[nodiscard]] DrugTable read_drugs(const Value& document, const PublishedCodes& systems, Problems& problems);
[[nodiscard]] ConditionTable read_conditions(const Value& document, const PublishedCodes& systems, Problems& problems);

/// The `codes` of one row, each with its system, form and tag checked.
[[nodiscard]] std::vector<ListedCode> read_codes(Fields& fields, const CodeId& id, CodeKind kind,
                                                 const PublishedCodes& systems, Problems& problems);

/// Whether `id` is written as ids are: lower-case words and digits, joined by single hyphens.
[[nodiscard]] bool is_id(std::string_view id);

/// Reports an id that is not written as ids are.
void check_id(const Entry& entry, Problems& problems);

} // namespace bonewatch::config
