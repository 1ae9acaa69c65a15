#pragma once

#include "store/model/interval.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// A number as sent. Laboratories measure to a few digits: more than 12 are the noise of a binary number, rounded to 9.
struct NumberText {
    model::Rational value;
    bool is_rounded = false;
};

/// Reads a decimal exactly, at most 12 significant digits; longer ones rounded half away from zero.
/// Fails with `malformed` as model::parse_decimal.
[[nodiscard]] model::Result<NumberText> read_number(std::string_view text);

/// A laboratory's value as it stands in a text.
struct ValueText {
    /// Nothing: words. `<0.01` has no lower end here; that concentrations have one is the analyte's affair.
    std::optional<model::ValueInterval> value;
    std::string unit; ///< What follows the number: `mU/L` in `0.45 mU/L`. Flags (`L`, `H`, `*`) are dropped.
    bool is_rounded = false;
    bool is_out_of_bounds = false; ///< A number, but larger, smaller or longer than any measurement (`1e300`).
};

/// Number, comparator and number (`<0.01`, `≤ 5`, `>=90`, `less than 0.4`, `up to 3`), range (`100-200`, `100 to 200`),
/// else words. Full-width forms (`＜0.01`) are read as the plain ones.
[[nodiscard]] ValueText read_value(std::string_view text);

/// What a comparator of FHIR says of a number: `<`, `<=`, `>`, `>=`; empty: exactly. Nothing for any other.
[[nodiscard]] std::optional<model::ValueInterval> with_comparator(std::string_view comparator,
                                                                  const model::Rational& number);

} // namespace bonewatch::ingest
