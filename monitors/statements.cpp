#include "monitors/statements.h"

#include "config/fields.h"
#include "config/nearest.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

constexpr const char* common_name = "_common";

const std::vector<std::string> bases{"V", "V2", "SEED", "GK", "ENG"};

bool has(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

/// A table of texts: `[lines]`.
std::map<std::string, std::string> read_texts(config::Fields& root, const std::string& key,
                                              config::Problems& problems) {
    std::map<std::string, std::string> out;
    const config::Value* table = root.table(key);
    if (table == nullptr)
        return out;
    config::Fields fields(*table, key, problems);
    for (const config::Entry& entry : std::get<config::Value::Table>(table->content))
        out[entry.key] = fields.required_text(entry.key);
    return out;
}

Statement read_statement(const config::Entry& entry, config::Problems& problems) {
    config::Fields fields(entry.value, "statement '" + entry.key + "'", problems);
    Statement out;
    out.id = entry.key;
    out.place = config::to_text(problems.file(), entry.place);
    out.says = fields.required_text("says");
    out.basis = fields.required_text("basis");
    if (!out.basis.empty() && !has(bases, out.basis))
        fields.problem(fields.place("basis"), "unknown_basis", "'" + out.basis + "' is none of V, V2, SEED, GK, ENG");
    const bool is_read = out.basis == "V" || out.basis == "V2";
    out.source = is_read ? fields.required_text("source") : fields.text("source").value_or("");
    out.lines = fields.texts("lines");
    if (const config::Value* carried = fields.table("carried")) {
        config::Fields parts(*carried, "carried", problems);
        for (const config::Entry& monitor : std::get<config::Value::Table>(carried->content))
            out.carried[monitor.key] = parts.texts(monitor.key);
    }
    fields.finish();
    return out;
}

Unnoticed read_unnoticed(const config::Value& value, config::Problems& problems) {
    config::Fields fields(value, "unnoticed", problems);
    Unnoticed out;
    out.monitor = fields.required_text("monitor");
    out.part = fields.required_text("part");
    out.change = fields.required_text("change");
    out.why = fields.required_text("why");
    out.place = config::to_text(problems.file(), value.place);
    fields.finish();
    return out;
}

std::vector<std::string> keys_of(const Common& common) {
    std::vector<std::string> out;
    if (common.unless)
        out.emplace_back("unless");
    if (!common.cap.empty())
        out.emplace_back("cap");
    for (const auto& [analyte, rule] : common.readable)
        out.push_back("readable " + analyte);
    return out;
}

/// A monitor, or what all of them share, as statements may name its parts.
struct Part {
    std::string monitor, name;
    std::string basis; ///< Of a threshold.
};

std::vector<Part> parts_of(const Definition& definition) {
    std::vector<Part> out;
    for (const std::string& key : keys_of(definition))
        out.push_back({definition.id.text, key, ""});
    for (const Threshold& threshold : definition.thresholds)
        out.push_back({definition.id.text, threshold.name, threshold.basis});
    return out;
}

void check_carried(const Statement& statement, const Definitions& definitions, std::vector<std::string>& out) {
    if (statement.carried.empty())
        out.push_back(statement.place + ": statement '" + statement.id + "' has no monitor");
    for (const auto& [name, parts] : statement.carried) {
        std::vector<std::string> known;
        std::vector<std::string> ids{common_name};
        if (name == common_name)
            known = keys_of(definitions.common);
        for (const Definition& definition : definitions.monitors) {
            ids.push_back(definition.id.text);
            if (names(name, definition))
                for (const Part& part : parts_of(definition))
                    known.push_back(part.name);
        }
        if (known.empty())
            out.push_back(statement.place + ": no monitor '" + name + "'" + config::did_you_mean(name, ids));
        if (parts.empty())
            out.push_back(statement.place + ": say which parts of " + name + " carry '" + statement.id + "'");
        for (const std::string& part : parts)
            if (!known.empty() && !has(known, part))
                out.push_back(statement.place + ": " + name + " has no '" + part + "'" +
                              config::did_you_mean(part, known));
    }
}

void check_lines(const Statements& statements, std::vector<std::string>& out) {
    for (const auto& [line, text] : statements.lines) {
        const bool is_taken_up =
            std::ranges::any_of(statements.statements, [&](const Statement& s) { return has(s.lines, line); });
        if (is_taken_up == statements.elsewhere.contains(line))
            out.push_back("line '" + line + "' " +
                          (is_taken_up ? "is taken up by a statement, and also elsewhere" : "has no monitor"));
    }
    for (const auto& [line, where] : statements.elsewhere)
        if (!statements.lines.contains(line))
            out.push_back("elsewhere: no line '" + line + "'");
    for (const Statement& statement : statements.statements)
        for (const std::string& line : statement.lines)
            if (!statements.lines.contains(line))
                out.push_back(statement.place + ": no line '" + line + "'");
}

} // namespace

std::expected<Statements, std::vector<model::Error>> read_statements(const std::string& file, const std::string& text) {
    const auto document = config::parse_document(file, text);
    if (!document)
        return std::unexpected(std::vector{document.error()});
    config::Problems problems(file);
    config::Fields root(*document, "statements", problems);
    Statements out;
    out.lines = read_texts(root, "lines", problems);
    out.elsewhere = read_texts(root, "elsewhere", problems);
    if (const config::Value* table = root.table("statements"))
        for (const config::Entry& entry : std::get<config::Value::Table>(table->content))
            out.statements.push_back(read_statement(entry, problems));
    for (const config::Value& value : root.list("unnoticed"))
        out.unnoticed.push_back(read_unnoticed(value, problems));
    root.finish();
    if (!problems.empty())
        return std::unexpected(std::move(problems.found()));
    return out;
}

std::vector<std::string> keys_of(const Definition& definition) {
    std::vector<std::string> out{"when"};
    if (definition.unless)
        out.emplace_back("unless");
    if (definition.clears)
        out.emplace_back("clears");
    if (definition.severity.size() > 1)
        out.emplace_back("severity");
    if (!definition.tags.empty())
        out.emplace_back("tags");
    return out;
}

bool names(const std::string& name, const Definition& definition) {
    return name == definition.id.text || (!definition.family.empty() && name == definition.family);
}

std::vector<std::string> mismatches(const Statements& statements, const Definitions& definitions) {
    std::vector<std::string> out;
    check_lines(statements, out);
    for (const Statement& statement : statements.statements)
        check_carried(statement, definitions, out);
    const auto check = [&](const Part& part, const auto& is_meant) {
        bool is_carried = false;
        bool is_founded = part.basis.empty();
        for (const Statement& statement : statements.statements)
            for (const auto& [name, parts] : statement.carried)
                if (is_meant(name) && has(parts, part.name)) {
                    is_carried = true;
                    is_founded = is_founded || statement.basis == part.basis;
                }
        if (!is_carried)
            out.push_back(part.monitor + ": '" + part.name + "' comes from no statement");
        else if (!is_founded)
            out.push_back(part.monitor + ": '" + part.name + "' has the basis " + part.basis +
                          ", and no statement of that basis carries it");
    };
    for (const Definition& definition : definitions.monitors)
        for (const Part& part : parts_of(definition))
            check(part, [&](const std::string& name) { return names(name, definition); });
    for (const std::string& key : keys_of(definitions.common))
        check(Part{common_name, key, ""}, [](const std::string& name) { return name == common_name; });
    return out;
}

} // namespace bonewatch::monitors
