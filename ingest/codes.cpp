#include "ingest/codes.h"

#include "config/nearest.h"

#include <string>
#include <vector>

namespace bonewatch::ingest {

namespace {

using config::CodeKind;
using config::Vocabulary;
using model::CodeId;
using model::ErrorKind;
using model::fail;
using model::Result;

std::vector<std::string> ids_of(const Vocabulary& vocabulary, CodeSlot slot) {
    std::vector<std::string> ids;
    if (slot == CodeSlot::analyte)
        for (const auto& [id, analyte] : vocabulary.analytes())
            ids.push_back(id.text);
    if (slot == CodeSlot::drug)
        for (const auto& [id, drug] : vocabulary.drugs())
            ids.push_back(id.text);
    for (const auto& [id, condition] : vocabulary.conditions())
        if (fits(condition.kind, slot))
            ids.push_back(id.text);
    return ids;
}

} // namespace

std::string_view to_text(CodeSlot slot) {
    switch (slot) {
    case CodeSlot::analyte:
        return "analyte";
    case CodeSlot::drug:
        return "drug";
    case CodeSlot::condition:
        return "condition";
    case CodeSlot::procedure:
        return "procedure";
    }
    return {};
}

bool fits(CodeKind kind, CodeSlot slot) {
    switch (kind) {
    case CodeKind::analyte:
        return slot == CodeSlot::analyte;
    case CodeKind::drug:
        return slot == CodeSlot::drug;
    case CodeKind::drug_class:
        return false;
    case CodeKind::disorder:
    case CodeKind::finding:
    case CodeKind::clinical_event:
        return slot == CodeSlot::condition;
    case CodeKind::procedure:
        return slot == CodeSlot::procedure;
    }
    return false;
}

std::optional<CodeKind> kind_of(const Vocabulary& vocabulary, const CodeId& id) {
    if (vocabulary.analyte(id) != nullptr)
        return CodeKind::analyte;
    if (vocabulary.drug(id) != nullptr)
        return CodeKind::drug;
    if (const auto* condition = vocabulary.condition(id))
        return condition->kind;
    if (vocabulary.drug_class(id) != nullptr)
        return CodeKind::drug_class;
    return std::nullopt;
}

Result<CodeId> own_code(const Vocabulary& vocabulary, std::string_view text, CodeSlot slot) {
    CodeId id{std::string(text)};
    const auto kind = kind_of(vocabulary, id);
    if (kind && fits(*kind, slot))
        return id;
    const std::string wanted(to_text(slot));
    if (kind)
        return fail(ErrorKind::unusable, "wrong_kind", "'" + id.text + "' is known, but not as a " + wanted);
    return std::unexpected(model::Error{ErrorKind::unusable,
                                        "unknown_code",
                                        "'" + id.text.substr(0, 80) + "' is no " + wanted + " of the vocabulary" +
                                            config::did_you_mean(text, ids_of(vocabulary, slot)),
                                        {},
                                        wanted + " '" + id.text.substr(0, 80) + "'"});
}

std::string code_as_sent(std::string_view system, std::string_view code, std::string_view display) {
    std::string out(system.substr(0, 120));
    out.append("|").append(code.substr(0, 60));
    return display.empty() ? out : out + " '" + std::string(display.substr(0, 80)) + "'";
}

std::string bad_code_text(std::string_view code) {
    return "'" + std::string(code.substr(0, 40)) +
           "' fails its check digit: it is no code, and nobody can tell which was meant; send it again under the same "
           "id";
}

} // namespace bonewatch::ingest
