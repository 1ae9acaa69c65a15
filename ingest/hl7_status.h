#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// What OBX-11 (table 0085) says is to be done.
enum class Hl7Standing : unsigned char {
    final_,        ///< F final, V verified: counts.
    corrected,     ///< C, A: counts, and stands above what was final.
    appended,      ///< B: a comment was added; the value, where it is sent, is the same.
    preliminary,   ///< P, R not verified, S partial: shown, not counted.
    promoted,      ///< U: what was preliminary is final, and is not sent again.
    deleted,       ///< D: retracts.
    wrong_patient, ///< W: posted wrongly, as to the wrong patient: retracts, and says so.
    no_result,     ///< X: cannot be obtained.
    pending,       ///< I: the specimen is there, the result is not.
    not_asked,     ///< N not asked for, O order detail: says nothing of a value.
};

/// By the letter, whatever its case. Nothing of one that the table lacks.
[[nodiscard]] std::optional<Hl7Standing> hl7_standing(std::string_view status);

/// What OBR-25 (table 0123) says of a result without OBX-11. Nothing of one that says too little.
[[nodiscard]] std::optional<Hl7Standing> hl7_report_standing(std::string_view status);

/// Orders two versions of one time: pending < preliminary < final < corrected < retracted.
[[nodiscard]] std::int64_t rank_of(Hl7Standing standing);

} // namespace bonewatch::ingest
