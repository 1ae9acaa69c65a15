#pragma once

#include "store/model/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// One thing that an answer tells of, from an ERR of any version. What is not said is empty.
struct Hl7AnswerError {
    std::string severity; ///< E, W or I.
    std::string place;    ///< With the message's delimiters: `OBX^2^5`.
    std::string code;     ///< Of table 0357, with its words: `103 Table value not found`.
    std::string reason;   ///< The receiver's own word.
    std::string text;     ///< For a person.

    friend bool operator==(const Hl7AnswerError&, const Hl7AnswerError&) = default;
};

/// An answer (ACK) of any receiver.
struct Hl7Answer {
    std::string code;       ///< MSA-1: AA, AE, AR, CA, CE or CR.
    std::string control_id; ///< MSA-2, as it stands there.
    std::string text;       ///< MSA-3.
    std::vector<Hl7AnswerError> errors;

    /// A receipt, not yet the application's answer.
    [[nodiscard]] bool is_receipt() const { return code.front() == 'C'; }
    [[nodiscard]] bool is_accepted() const { return code.back() == 'A'; }
    [[nodiscard]] bool is_refused() const { return code.back() == 'R'; }
};

/// Fails with `malformed`, `unexpected_answer`.
[[nodiscard]] model::Result<Hl7Answer> read_hl7_answer(std::string_view bytes);

} // namespace bonewatch::ingest
