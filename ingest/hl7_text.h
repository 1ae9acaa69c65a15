#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// How one HL7 v2 message is written: its delimiters, as its MSH-1 and MSH-2 say, and its character set. A delimiter
/// that MSH-2 leaves out is NUL: the message does without it.
struct Hl7Encoding {
    char field = '|';
    char component = '^';
    char repetition = '~';
    char escape = '\\';
    char subcomponent = '&';
    char truncation = '\0'; ///< From 2.7 on, where it is stated.
    std::string charset{};  ///< What `\Xhh\` stands in, as iconv calls it; empty: UTF-8.
};

/// A field of a message, or a part of one, as it stands there: not yet unescaped. A view: the message outlives it.
///
/// Parts are counted from 1, and one that is not there is empty. What is finer than asked for is left alone, what is
/// coarser is its first part: `component(2)` of a field is that of its first repetition.
class Hl7Text {
  public:
    Hl7Text() = default;
    Hl7Text(std::string_view raw, const Hl7Encoding& encoding) : raw_(raw), encoding_(&encoding) {}

    [[nodiscard]] std::string_view raw() const { return raw_; }
    /// Nothing stands there: nothing is said.
    [[nodiscard]] bool is_empty() const { return raw_.empty(); }
    /// `""` stands there: what was known is to be forgotten.
    [[nodiscard]] bool is_null() const;
    /// Something other than blanks, with which some fill their fields.
    [[nodiscard]] bool has_value() const;

    [[nodiscard]] Hl7Text repetition(std::size_t number) const;
    [[nodiscard]] Hl7Text component(std::size_t number) const;
    [[nodiscard]] Hl7Text subcomponent(std::size_t number) const;
    /// All of them in one pass, at least one.
    [[nodiscard]] std::vector<Hl7Text> repetitions() const;
    /// Those of the first repetition, in one pass, at least one.
    [[nodiscard]] std::vector<Hl7Text> components() const;
    /// Of a field: at least 1.
    [[nodiscard]] std::size_t repetition_count() const;
    /// Of a repetition (the field's first): at least 1.
    [[nodiscard]] std::size_t component_count() const;

    /// Unescaped, without outer spaces and line ends; nothing of `""`. Layout (`\.br\`) becomes line ends and spaces,
    /// highlighting is dropped; what is no known escape, and a lone escape character, stays as it is.
    [[nodiscard]] std::string text() const;
    /// Whether it is that word, whatever its letters' case, outer spaces apart.
    [[nodiscard]] bool is(std::string_view word) const;

  private:
    [[nodiscard]] std::vector<Hl7Text> parts(std::string_view raw, char delimiter) const;

    std::string_view raw_;
    const Hl7Encoding* encoding_ = nullptr; ///< Null only where `raw_` is empty.
};

/// Whether two texts are equal but for the case of ASCII letters.
[[nodiscard]] bool is_same_word(std::string_view one, std::string_view other);

} // namespace bonewatch::ingest
