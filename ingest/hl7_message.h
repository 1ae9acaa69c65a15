#pragma once

#include "ingest/hl7_text.h"
#include "store/model/result.h"

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// A segment of a message. Fields are counted as HL7 counts them: of MSH, field 1 is the separator itself.
class Hl7Segment {
  public:
    /// `PID`, in capitals.
    [[nodiscard]] std::string_view name() const { return {name_, 3}; }
    [[nodiscard]] bool is(std::string_view name) const { return this->name() == name; }
    /// Which of its message's segments of that name it is, from 1: `OBX[2]`. Where it is not `OBX-1`, which may lie.
    [[nodiscard]] std::size_t number() const { return number_; }
    /// Empty where there is no such field.
    [[nodiscard]] Hl7Text operator[](std::size_t field) const;
    /// As it came, before its characters were converted, without its end.
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

  private:
    friend class Hl7Message;
    char name_[3]{};
    std::size_t number_ = 0;
    std::span<const std::string_view> fields_; ///< Of the segment: [0] is the name.
    std::string_view bytes_;
    const Hl7Encoding* encoding_ = nullptr;
    bool* looked_at_ = nullptr; ///< By field; null where nobody asks.
};

/// One HL7 v2 message, split by position: views into the text that it was read from, which outlives it.
class Hl7Message {
  public:
    /// Segments end with CR, LF or CRLF; what stands after a line end and begins no segment belongs to the segment
    /// before it. Blank lines, and the octets 0B and 1C that frame a message on the wire, are passed over.
    ///
    /// `fallback`: the character set of bytes that are no UTF-8 and whose MSH-18 names none (as in a publisher's
    /// settings). Fails with `malformed`: `bad_msh` (no MSH to read by; MSH-9 missing), `bad_encoding` (a set that is
    /// not known, or of several octets a character, of which these bytes are no text).
    [[nodiscard]] static model::Result<Hl7Message> read(std::string_view text, std::string_view fallback);

    [[nodiscard]] std::span<const Hl7Segment> segments() const { return segments_; }
    [[nodiscard]] const Hl7Segment& msh() const { return segments_.front(); }
    /// The first segment of that name; null where there is none.
    [[nodiscard]] const Hl7Segment* find(std::string_view name) const;
    [[nodiscard]] const Hl7Encoding& encoding() const { return *encoding_; }

    /// MSH-9.1 and MSH-9.2, `ORU` and `R01`, in capitals; `ACK` may have no event.
    [[nodiscard]] const std::string& type() const { return type_; }
    [[nodiscard]] const std::string& event() const { return event_; }
    /// From now on it is noted which fields are looked at; those that tell how it is read and answered count as read.
    /// A message is one thread's.
    void note_fields();
    /// `OBX[2]-8`: fields that hold something and that nobody looked at; a segment's name alone where that is all of
    /// it. Nothing where it was not noted.
    [[nodiscard]] std::vector<std::string> fields_passed_over() const;

    /// `charset_assumed`, where the set it was read in is not its own word; `charset_mismatch`, where octets are of no
    /// character in that set.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    using Counts = std::map<std::string, std::size_t>; ///< Of segments so far, by name.

    Hl7Message() = default;
    void split(std::string_view text);
    [[nodiscard]] model::Result<void> convert(std::string_view text);
    void reserve(std::string_view text, std::size_t line_count);
    void add_segment(std::string_view text, std::string_view bytes, Counts& counts);

    std::unique_ptr<Hl7Encoding> encoding_;
    std::unique_ptr<const std::string> converted_; ///< Null where the text was UTF-8.
    std::vector<Hl7Segment> segments_;
    std::vector<std::string_view> fields_; ///< Of all segments, one after the other.
    std::unique_ptr<bool[]> looked_at_;    ///< By field; null where it is not noted.
    std::string type_, event_;
    std::vector<std::string> warnings_;
};

/// `OBX[2]-5.1`, `PID[1]-3[2].4`, `MSH-7`: a place in a message. A zero leaves that part out.
[[nodiscard]] std::string hl7_place(const Hl7Segment& segment, std::size_t field = 0, std::size_t repetition = 0,
                                    std::size_t component = 0);

} // namespace bonewatch::ingest
