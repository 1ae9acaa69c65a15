#pragma once

#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// Whether a sign may be a delimiter of HL7 v2: printable ASCII, neither letter nor digit.
[[nodiscard]] bool is_hl7_delimiter(char c);

/// Walks the segments of a text, messages and batch headers alike. They end with CR, LF or CRLF. A line that begins no
/// segment belongs to the one before it, with its line end: senders leave line ends in long texts. Blank lines, a byte
/// order mark, blanks before a segment, the octets 0B and 1C that frame messages on the wire, and 00 and 1A behind a
/// text are passed over.
class Hl7Lines {
  public:
    explicit Hl7Lines(std::string_view text);
    /// Nothing after the last.
    [[nodiscard]] std::optional<std::string_view> next();

  private:
    /// Takes the next line that is not blank, without its end.
    [[nodiscard]] std::string_view take_line();
    /// Whether a segment begins so; a header tells the field separator of what follows.
    [[nodiscard]] bool begins_segment(std::string_view line) const;
    /// The segment that a line begins, without blanks before it; empty where it begins none.
    [[nodiscard]] std::string_view segment_in(std::string_view line) const;

    std::string_view rest_;
    std::string_view ahead_; ///< A line already taken, which begins the next segment; empty where there is none.
    char field_ = '|';
    char batch_field_ = '|'; ///< Of FHS or BHS: what ends a batch is written as what began it.
};

/// Whether a line begins a segment by whose fourth sign the separator is known: MSH, FHS, BHS.
[[nodiscard]] bool is_hl7_header(std::string_view line);

} // namespace bonewatch::ingest
