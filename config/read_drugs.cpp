#include "config/vocabulary_tables.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace bonewatch::config {

namespace {

constexpr std::int64_t gap_days_max = 366;
constexpr std::int64_t cover_days_max = 1826;

std::optional<Route> read_route(Fields& fields, const std::string& key, const std::string& word) {
    const auto route = model::parse_route(word);
    if (!route)
        fields.problem(fields.place(key), "unknown_route", "'" + word + "' is no route");
    return route;
}

DrugClass read_class(const Entry& entry, Problems& problems) {
    Fields fields(entry.value, "drug class '" + entry.key + "'", problems);
    DrugClass found{CodeId(entry.key), fields.required_text("title"), Days(14), {}, {}};
    found.gap = Days(fields.whole("gap", 0, gap_days_max).value_or(14));
    found.equivalents = fields.text("equivalents").value_or("");
    found.source = fields.text("source").value_or("");
    (void)fields.text("note");
    fields.finish();
    return found;
}

Drug::ClassRow read_class_row(const Value& item, const CodeId& drug, Problems& problems) {
    Fields fields(item, "a class of '" + drug.text + "'", problems);
    Drug::ClassRow row{CodeId(fields.required_text("class")), {}};
    for (const std::string& word : fields.texts("routes"))
        if (const auto route = read_route(fields, "routes", word))
            row.routes.push_back(*route);
    fields.finish();
    return row;
}

std::optional<DoseCover> read_cover(const Value& item, const CodeId& drug, Problems& problems) {
    Fields fields(item, "a cover of '" + drug.text + "'", problems);
    DoseCover cover;
    if (const auto written = fields.text("dose")) {
        const auto dose = model::parse_dose(*written);
        if (dose)
            cover.dose = *dose;
        else
            fields.problem(fields.place("dose"), "bad_dose", dose.error().message);
    }
    if (const auto word = fields.text("route"))
        cover.route = read_route(fields, "route", *word);
    (void)fields.text("note");
    const auto days = fields.whole("days", 1, cover_days_max);
    if (!days && !fields.has("days"))
        fields.problem(fields.place(), "missing_key", "'days' is missing");
    fields.finish();
    if (!days)
        return std::nullopt;
    cover.days = Days(*days);
    return cover;
}

void read_covers(Fields& fields, Drug& drug, Problems& problems) {
    const auto rank = [](const DoseCover& cover) {
        return std::tuple(cover.dose.unit, cover.dose.amount, cover.route);
    };
    for (const Value& item : fields.list("covers"))
        if (auto cover = read_cover(item, drug.id, problems))
            drug.covers.push_back(*cover);
    std::ranges::sort(drug.covers, {}, rank);
    if (std::ranges::adjacent_find(drug.covers, {}, rank) != drug.covers.end())
        fields.problem(fields.place("covers"), "duplicate_cover", "one dose by one route has two covers");
    if (drug.is_single_dose && drug.covers.empty())
        fields.problem(fields.place("single_dose"), "missing_cover", "a drug given as single doses needs 'covers'");
}

Drug read_drug(Fields& fields, const std::string& id, Problems& problems) {
    Drug drug;
    drug.id = CodeId(id);
    drug.title = fields.required_text("title");
    drug.names = fields.texts("names");
    for (const Value& item : fields.list("classes"))
        drug.classes.push_back(read_class_row(item, drug.id, problems));
    drug.equivalence = fields.number("equivalence");
    if (drug.equivalence && *drug.equivalence <= Rational(0))
        fields.problem(fields.place("equivalence"), "bad_number", "an equivalence is more than 0");
    if (fields.text("no_equivalence") && drug.equivalence)
        fields.problem(fields.place("no_equivalence"), "contradiction", "it has an equivalence");
    drug.is_single_dose = fields.flag("single_dose");
    if (const auto gap = fields.whole("gap", 0, gap_days_max))
        drug.gap = Days(*gap);
    read_covers(fields, drug, problems);
    (void)fields.text("note");
    return drug;
}

/// A drug of a class whose doses are summed must say how much it counts, or why it has no equivalence.
void check_equivalence(Fields& fields, const Drug& drug, const DrugTable& table) {
    if (drug.equivalence || fields.has("no_equivalence"))
        return;
    for (const auto& row : drug.classes)
        for (const auto& known : table.classes)
            if (known.value.id == row.drug_class && !known.value.equivalents.empty())
                return fields.problem(fields.place(), "missing_key",
                                      "class '" + row.drug_class.text +
                                          "' sums equivalents: 'equivalence' or 'no_equivalence' is missing");
}

} // namespace

DrugTable read_drugs(const Value& document, const PublishedCodes& systems, Problems& problems) {
    DrugTable table;
    Fields top(document, "the drugs", problems);
    const Value* classes = top.table("classes");
    const Value* drugs = top.table("drugs");
    top.finish();
    if (classes != nullptr)
        for (const Entry& entry : std::get<Value::Table>(classes->content)) {
            check_id(entry, problems);
            table.classes.push_back({read_class(entry, problems), problems.file(), entry.place});
        }
    if (drugs != nullptr)
        for (const Entry& entry : std::get<Value::Table>(drugs->content)) {
            check_id(entry, problems);
            Fields fields(entry.value, "drug '" + entry.key + "'", problems);
            Drug drug = read_drug(fields, entry.key, problems);
            check_equivalence(fields, drug, table);
            auto codes = read_codes(fields, drug.id, CodeKind::drug, systems, problems);
            fields.finish();
            table.drugs.push_back({std::move(drug), problems.file(), entry.place});
            std::ranges::move(codes, std::back_inserter(table.codes));
        }
    return table;
}

} // namespace bonewatch::config
