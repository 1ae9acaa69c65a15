#pragma once

#include "config/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// What sort of code a field takes.
enum class CodeSlot : unsigned char { analyte, drug, condition, procedure };

/// `analyte`, `drug`, `condition`, `procedure`.
[[nodiscard]] std::string_view to_text(CodeSlot slot);

/// Whether a code of that kind stands in that slot: a condition is a disorder, a finding or a clinical event.
[[nodiscard]] bool fits(config::CodeKind kind, CodeSlot slot);

/// What the vocabulary's own id stands for; nothing where it has none of that name.
[[nodiscard]] std::optional<config::CodeKind> kind_of(const config::Vocabulary& vocabulary, const model::CodeId& id);

/// Checks an own id against its slot. Fails with `unusable`: `unknown_code` (a typing error: the message names the
/// nearest id of that slot), `wrong_kind` (known, but a drug where an analyte should be).
[[nodiscard]] model::Result<model::CodeId> own_code(const config::Vocabulary& vocabulary, std::string_view text,
                                                    CodeSlot slot);

/// Why a code that fails its check digit cannot be used, for `bad_code`.
[[nodiscard]] std::string bad_code_text(std::string_view code);
/// A published code for a person: `http://loinc.org|718-7 'Hemoglobin'`, cut where it is long.
[[nodiscard]] std::string code_as_sent(std::string_view system, std::string_view code, std::string_view display);

} // namespace bonewatch::ingest
