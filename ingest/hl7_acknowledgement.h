#pragma once

#include "ingest/door.h"
#include "ingest/hl7_text.h"
#include "store/model/clock.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// What an answer needs of the message that it answers: its MSH, with the bytes of each field as they came.
struct Hl7Header {
    Hl7Encoding encoding;
    std::string signs = "^~\\&"; ///< MSH-2.
    std::string sending_application, sending_facility, receiving_application, receiving_facility;
    std::string event; ///< MSH-9.2.
    std::string control_id;
    std::string processing_id = "P";
    std::string version = "2.5.1";
    /// MSH-15, MSH-16: AL, NE, ER, SU, or empty, as where any other word stands; both empty: the original mode.
    std::string accept_answer, application_answer;
    std::string charset; ///< MSH-18, with all its repetitions.

    /// First components of MSH-3 and MSH-4, unescaped, in UTF-8 where MSH-18 says what they are in.
    [[nodiscard]] std::string application() const;
    [[nodiscard]] std::string facility() const;

  private:
    [[nodiscard]] std::string first_component(const std::string& field) const;
};

/// Reads the MSH with which a message begins. Fails with `bad_msh` where there is none: such a message is answered by
/// the defaults of a header. What it says may be nonsense: whether the message can be read is for `decode`.
[[nodiscard]] model::Result<Hl7Header> read_hl7_header(std::string_view message);

/// The answers to one message, in the order in which they are sent: README.md, "Answers". One in the original mode; in
/// the enhanced mode none to two, as MSH-15 and MSH-16 ask. `control_id` has at most 18 bytes and was never used
/// before: it is the MSH-10 of the first. Pure; any thread.
[[nodiscard]] std::vector<std::string> acknowledgements(const Hl7Header& header, const MessageResult& result,
                                                        const std::string& control_id, model::Instant now);

} // namespace bonewatch::ingest
