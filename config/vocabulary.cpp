#include "config/vocabulary.h"

#include "config/nearest.h"
#include "config/vocabulary_tables.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace bonewatch::config {

namespace {

template <typename T>
const T* find_in(const std::map<CodeId, T>& table, const CodeId& id) {
    const auto found = table.find(id);
    return found == table.end() ? nullptr : &found->second;
}

/// Everything of the tables, joined: who refers to whom, and who claims what.
class Joiner {
  public:
    explicit Joiner(std::vector<model::Error>& errors) : errors_(errors) {}

    /// Reports an id that already names something; the first one stays.
    template <typename T>
    void take(std::vector<Row<T>>& rows, std::map<CodeId, T>& into, std::string_view what) {
        for (Row<T>& row : rows) {
            const auto [at, is_new] =
                owners_.emplace(row.value.id, std::string(what) + " at " + to_text(row.file, row.place));
            if (is_new)
                into.emplace(row.value.id, std::move(row.value));
            else
                add(row.file, row.place, "duplicate_id", "id '" + at->first.text + "' already names the " + at->second);
        }
    }

    void check_classes(const std::vector<Row<Drug>>& drugs, const std::vector<Row<DrugClass>>& classes) {
        std::vector<std::string> names;
        names.reserve(classes.size());
        for (const auto& row : classes)
            names.push_back(row.value.id.text);
        for (const auto& row : drugs)
            for (const auto& each : row.value.classes)
                if (std::ranges::find(names, each.drug_class.text) == names.end())
                    add(row.file, row.place, "unknown_reference",
                        "drug '" + row.value.id.text + "': no drug class is called '" + each.drug_class.text + "'" +
                            did_you_mean(each.drug_class.text, names));
    }

    void check_includes(const std::vector<Row<Condition>>& conditions) {
        std::vector<std::string> names;
        for (const auto& row : conditions) {
            names.push_back(row.value.id.text);
            includes_[row.value.id] = row.value.includes;
        }
        for (const auto& row : conditions) {
            for (const CodeId& narrower : row.value.includes)
                if (!includes_.contains(narrower))
                    add(row.file, row.place, "unknown_reference",
                        "condition '" + row.value.id.text + "': no condition is called '" + narrower.text + "'" +
                            did_you_mean(narrower.text, names));
            if (includes(row.value.id, row.value.id))
                add(row.file, row.place, "circular_reference",
                    "condition '" + row.value.id.text + "' includes itself, directly or through others");
        }
    }

    void claim(const std::vector<ListedCode>& codes, PublishedCodes& published) {
        for (const ListedCode& listed : codes) {
            const CodeSystem& system = *published.system(listed.published.system);
            const auto [at, is_new] = claims_.emplace(listed.published, listed);
            if (is_new)
                publish(listed, system, published);
            else
                settle(at->second, listed, system, published);
        }
    }

  private:
    void add(std::string_view file, Place place, std::string reason, std::string message) {
        errors_.push_back({model::ErrorKind::config, std::move(reason), std::move(message), to_text(file, place)});
    }

    static void publish(const ListedCode& listed, const CodeSystem& system, PublishedCodes& published) {
        published.add(system, listed.published.code, listed.meaning);
        for (const std::string& code : listed.except)
            published.add(system, code, {});
    }

    /// Two rows list one code. Allowed where one condition includes the other: the narrower is what the code means.
    void settle(ListedCode& held, const ListedCode& also, const CodeSystem& system, PublishedCodes& published) {
        if (includes(also.meaning.id, held.meaning.id))
            return;
        if (includes(held.meaning.id, also.meaning.id)) {
            held = also;
            return publish(also, system, published);
        }
        add(also.file, also.place, "code_claimed_twice",
            also.published.system + " " + also.published.code + " stands for '" + held.meaning.id.text + "' (" +
                to_text(held.file, held.place) + ") and for '" + also.meaning.id.text +
                "', and neither includes the other");
    }

    /// Whether `wide` includes `narrow` at any depth; a condition includes itself only in a circle.
    bool includes(const CodeId& wide, const CodeId& narrow) const {
        std::set<CodeId> seen;
        std::vector<CodeId> open{wide};
        while (!open.empty()) {
            const auto found = includes_.find(open.back());
            open.pop_back();
            if (found == includes_.end())
                continue;
            for (const CodeId& each : found->second) {
                if (each == narrow)
                    return true;
                if (seen.insert(each).second)
                    open.push_back(each);
            }
        }
        return false;
    }

    std::vector<model::Error>& errors_;
    std::map<CodeId, std::string> owners_;
    std::map<CodeId, std::vector<CodeId>> includes_;
    std::map<PublishedCode, ListedCode> claims_;
};

/// Parses one of the tables and hands it to `read`; a missing or broken file reads as an empty one.
template <typename Read>
auto read_table(const Files& files, const std::string& path, std::vector<model::Error>& errors, const Read& read) {
    Problems problems(path);
    Value document{Value::Table{}, {}};
    const auto file = files.find(path);
    if (file == files.end()) {
        problems.add({}, "missing_file", "the vocabulary needs " + path);
    } else if (auto parsed = parse_document(path, file->second)) {
        document = std::move(*parsed);
    } else {
        problems.found().push_back(std::move(parsed.error()));
    }
    auto table = read(document, problems);
    std::ranges::move(problems.found(), std::back_inserter(errors));
    return table;
}

} // namespace

std::expected<Vocabulary, std::vector<model::Error>> Vocabulary::load(const Files& files) {
    Vocabulary loaded;
    std::vector<model::Error> errors;
    PublishedCodes& systems = loaded.published_;

    read_table(files, "vocabulary/systems.toml", errors, [&](const Value& document, Problems& problems) {
        read_systems(document, problems, systems);
        return 0;
    });
    // Revisions that were journalled before there was such a table have none.
    if (files.contains("vocabulary/units.toml"))
        loaded.unit_spellings_ = read_table(files, "vocabulary/units.toml", errors, read_units);
    auto analytes =
        read_table(files, "vocabulary/analytes.toml", errors, [&](const Value& document, Problems& problems) {
            return read_analytes(document, systems, problems);
        });
    auto drugs = read_table(files, "vocabulary/drugs.toml", errors, [&](const Value& document, Problems& problems) {
        return read_drugs(document, systems, problems);
    });
    auto conditions =
        read_table(files, "vocabulary/conditions.toml", errors, [&](const Value& document, Problems& problems) {
            return read_conditions(document, systems, problems);
        });

    Joiner joiner(errors);
    joiner.check_classes(drugs.drugs, drugs.classes);
    joiner.check_includes(conditions.conditions);
    joiner.claim(analytes.codes, systems);
    joiner.claim(drugs.codes, systems);
    joiner.claim(conditions.codes, systems);
    joiner.take(analytes.analytes, loaded.analytes_, "analyte");
    joiner.take(drugs.classes, loaded.drug_classes_, "drug class");
    joiner.take(drugs.drugs, loaded.drugs_, "drug");
    joiner.take(conditions.conditions, loaded.conditions_, "condition");

    if (!errors.empty())
        return std::unexpected(std::move(errors));
    return loaded;
}

const Analyte* Vocabulary::analyte(const CodeId& id) const {
    return find_in(analytes_, id);
}
const Drug* Vocabulary::drug(const CodeId& id) const {
    return find_in(drugs_, id);
}
const DrugClass* Vocabulary::drug_class(const CodeId& id) const {
    return find_in(drug_classes_, id);
}
const Condition* Vocabulary::condition(const CodeId& id) const {
    return find_in(conditions_, id);
}

std::vector<const Drug*> Vocabulary::drugs_of(const CodeId& drug_class) const {
    std::vector<const Drug*> members;
    for (const auto& [id, drug] : drugs_)
        if (std::ranges::find(drug.classes, drug_class, &Drug::ClassRow::drug_class) != drug.classes.end())
            members.push_back(&drug);
    return members;
}

const CodeId* Vocabulary::class_of(const Drug& drug, Route route) const {
    if (drug.classes.empty())
        return nullptr;
    if (route == Route::unstated)
        return &drug.classes.front().drug_class;
    for (const auto& row : drug.classes)
        if (row.routes.empty() || std::ranges::find(row.routes, route) != row.routes.end())
            return &row.drug_class;
    return nullptr;
}

std::vector<CodeId> Vocabulary::with_included(const CodeId& condition) const {
    std::set<CodeId> all{condition};
    std::vector<CodeId> open{condition};
    while (!open.empty()) {
        const Condition* wide = this->condition(open.back());
        open.pop_back();
        if (wide == nullptr)
            continue;
        for (const CodeId& narrower : wide->includes)
            if (all.insert(narrower).second)
                open.push_back(narrower);
    }
    return {all.begin(), all.end()};
}

const CodeMeaning* Vocabulary::meaning(std::string_view system, std::string_view code) const {
    return published_.meaning(system, code);
}

PublishedCode Vocabulary::comparable(std::string_view system, std::string_view code) const {
    return published_.comparable(system, code);
}

bool Vocabulary::is_slip(std::string_view system, std::string_view code) const {
    return published_.is_slip(system, code);
}

} // namespace bonewatch::config
