#include "config/vocabulary_tables.h"

#include "config/nearest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::config {

namespace {

constexpr std::array<std::pair<std::string_view, CodeForm>, 6> form_words{{
    {"any", CodeForm::any},
    {"loinc", CodeForm::loinc},
    {"snomed", CodeForm::snomed},
    {"rxnorm", CodeForm::rxnorm},
    {"atc", CodeForm::atc},
    {"icd10", CodeForm::icd10},
}};

/// V code and name seen, C code seen, W hand-made dictionaries only, X not verified, GK general knowledge.
constexpr std::array<std::pair<std::string_view, Vouched>, 5> tag_words{{
    {"V", Vouched::name_seen},
    {"C", Vouched::code_seen},
    {"W", Vouched::hand_made},
    {"X", Vouched::not_verified},
    {"GK", Vouched::not_verified},
}};

std::string_view form_remedy(CodeForm form) {
    switch (form) {
    case CodeForm::loinc:
        return "its mod-10 check digit does not fit";
    case CodeForm::snomed:
        return "its Verhoeff check digit does not fit";
    case CodeForm::rxnorm:
        return "an RxCUI is digits only";
    case CodeForm::atc:
        return "an ATC code is like A02BC01, or the beginning of one";
    case CodeForm::icd10:
        return "an ICD-10 code is like M05 or S72.0";
    case CodeForm::any:
        break;
    }
    return "it is empty";
}

void read_tag(Fields& fields, CodeMeaning& meaning) {
    const std::string tag = fields.required_text("tag");
    for (const auto& [word, vouched] : tag_words) {
        if (tag == word) {
            meaning.vouched = vouched;
            return;
        }
    }
    if (!tag.empty())
        fields.problem(fields.place("tag"), "unknown_tag", "tag '" + tag + "' is none of V, C, W, X, GK");
}

void read_implied_route(Fields& fields, CodeMeaning& meaning) {
    const auto word = fields.text("route");
    if (!word)
        return;
    if (const auto route = model::parse_route(*word))
        meaning.route = *route;
    else
        fields.problem(fields.place("route"), "unknown_route", "'" + *word + "' is no route");
}

} // namespace

bool is_id(std::string_view id) {
    const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (id.empty() || !is_word(id.front()) || !is_word(id.back()) || id.find("--") != std::string_view::npos)
        return false;
    return std::ranges::all_of(id, [&](char c) { return is_word(c) || c == '-'; });
}

void check_id(const Entry& entry, Problems& problems) {
    if (!is_id(entry.key))
        problems.add(entry.place, "bad_id", "id '" + entry.key + "' must be lower-case words joined by hyphens");
}

void read_systems(const Value& document, Problems& problems, PublishedCodes& systems) {
    for (const Entry& entry : std::get<Value::Table>(document.content)) {
        check_id(entry, problems);
        Fields fields(entry.value, "system '" + entry.key + "'", problems);
        CodeSystem system{entry.key, CodeForm::any, fields.texts("spellings")};
        (void)fields.text("title");
        const std::string form = fields.required_text("form");
        const auto* const known = std::ranges::find(form_words, form, &decltype(form_words)::value_type::first);
        if (known != form_words.end())
            system.form = known->second;
        else if (!form.empty())
            fields.problem(fields.place("form"), "unknown_form", "nothing is known of the form '" + form + "'");
        fields.finish();
        system.spellings.push_back(system.name);
        if (!systems.add_system(std::move(system)))
            fields.problem(fields.place("spellings"), "duplicate_spelling", "one of its spellings is another system's");
    }
}

std::vector<ListedCode> read_codes(Fields& row, const CodeId& id, CodeKind kind, const PublishedCodes& systems,
                                   Problems& problems) {
    std::vector<ListedCode> codes;
    for (const Value& item : row.list("codes")) {
        Fields fields(item, "a code of '" + id.text + "'", problems);
        ListedCode listed{{}, {id, kind, {}, {}, {}}, {}, problems.file(), item.place};
        const std::string spelling = fields.required_text("system");
        listed.published.code = fields.required_text("code");
        listed.except = fields.texts("except");
        listed.meaning.property = fields.text("property").value_or("");
        (void)fields.text("note");
        read_tag(fields, listed.meaning);
        read_implied_route(fields, listed.meaning);
        fields.finish();
        if (spelling.empty() || listed.published.code.empty())
            continue;

        const CodeSystem* system = systems.system(spelling);
        if (system == nullptr) {
            const auto names = systems.system_names();
            fields.problem(fields.place("system"), "unknown_system",
                           "no code system is called '" + spelling + "'" + did_you_mean(spelling, names));
            continue;
        }
        listed.published.system = system->name;
        for (const std::string& code : listed.except)
            if (!system->has_groups() || !is_well_formed(system->form, code))
                fields.problem(fields.place("except"), "bad_code",
                               "'" + code + "' is no code of a group in " + system->name);
        if (!is_well_formed(system->form, listed.published.code)) {
            fields.problem(fields.place("code"), "bad_code",
                           "'" + listed.published.code + "' is no " + system->name +
                               " code: " + std::string(form_remedy(system->form)));
            continue;
        }
        codes.push_back(std::move(listed));
    }
    return codes;
}

} // namespace bonewatch::config
