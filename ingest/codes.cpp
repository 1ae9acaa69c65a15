#include "ingest/codes.h"

#include <algorithm>
#include <numeric>
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

std::size_t letters_changed(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

void offer_slot(const Vocabulary& vocabulary, CodeSlot slot, Nearest& nearest) {
    if (slot == CodeSlot::analyte)
        for (const auto& [id, analyte] : vocabulary.analytes())
            nearest.offer(id.text);
    if (slot == CodeSlot::drug)
        for (const auto& [id, drug] : vocabulary.drugs())
            nearest.offer(id.text);
    for (const auto& [id, condition] : vocabulary.conditions())
        if (fits(condition.kind, slot))
            nearest.offer(id.text);
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
    Nearest nearest(text);
    offer_slot(vocabulary, slot, nearest);
    return fail(ErrorKind::unusable, "unknown_code",
                "'" + id.text.substr(0, 80) + "' is no " + wanted + " of the vocabulary" + nearest.question());
}

void Nearest::offer(std::string_view candidate) {
    if (candidate.size() > word_.size() + distance_ || word_.size() > candidate.size() + distance_)
        return;
    const auto distance = letters_changed(word_, candidate);
    if (distance > distance_ || (distance == distance_ && !best_.empty()))
        return;
    distance_ = distance;
    best_ = candidate;
}

std::string Nearest::question() const {
    return best_.empty() ? std::string() : "; did you mean '" + std::string(best_) + "'?";
}

} // namespace bonewatch::ingest
