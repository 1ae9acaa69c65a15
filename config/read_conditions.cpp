#include "config/vocabulary_tables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace bonewatch::config {

namespace {

constexpr std::array<std::pair<std::string_view, CodeKind>, 4> kind_words{{
    {"disorder", CodeKind::disorder},
    {"finding", CodeKind::finding},
    {"event", CodeKind::clinical_event},
    {"procedure", CodeKind::procedure},
}};

CodeKind read_kind(Fields& fields) {
    const std::string word = fields.required_text("kind");
    const auto* const known = std::ranges::find(kind_words, word, &decltype(kind_words)::value_type::first);
    if (known != kind_words.end())
        return known->second;
    if (!word.empty())
        fields.problem(fields.place("kind"), "unknown_kind",
                       "'" + word + "' is none of disorder, finding, event, procedure");
    return CodeKind::disorder;
}

} // namespace

ConditionTable read_conditions(const Value& document, const PublishedCodes& systems, Problems& problems) {
    ConditionTable table;
    for (const Entry& entry : std::get<Value::Table>(document.content)) {
        check_id(entry, problems);
        Fields fields(entry.value, "condition '" + entry.key + "'", problems);
        Condition condition{CodeId(entry.key), fields.required_text("title"), read_kind(fields), {}};
        for (const std::string& narrower : fields.texts("includes"))
            condition.includes.emplace_back(narrower);
        (void)fields.text("note");
        auto codes = read_codes(fields, condition.id, condition.kind, systems, problems);
        fields.finish();
        table.conditions.push_back({std::move(condition), problems.file(), entry.place});
        std::ranges::move(codes, std::back_inserter(table.codes));
    }
    return table;
}

} // namespace bonewatch::config
