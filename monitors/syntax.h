#pragma once

#include "store/model/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bonewatch::monitors {

/// Where an expression stands: for messages. `column` counts from 1 within the line of the file.
struct Place {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
};

[[nodiscard]] std::string to_text(const Place& place);

/// A node of the syntax tree, as written; meaning comes with compiling. Grammar: monitors/README.md.
struct Expr {
    enum class Kind : unsigned char {
        quantity,  ///< text: the number, unit: what follows it, perhaps nothing
        clock,     ///< text: hh:mm
        name,      ///< text
        call,      ///< text: the word; children: positional; named: `for: 90 d`
        set,       ///< children: members
        range,     ///< children: from, to (`3 d to 42 d`)
        not_,      ///< children: 1
        and_,      ///< children: 2 or more
        or_,       ///< children: 2 or more
        otherwise, ///< children: 2
        if_,       ///< children: condition, then, else
        compare,   ///< text: the operator; children: 2
        is,        ///< text: the choice; children: 1
        sum,       ///< text: + or -; children: 2
        product,   ///< text: * or /; children: 2
    };
    Kind kind;
    std::string text;
    std::string unit;
    std::vector<Expr> children;
    std::vector<std::pair<std::string, Expr>> named;
    Place place;
    std::string source; ///< The expression as the author wrote it.
};

/// Reads one expression; `start` is the place of its first character. Fails with `config`, place set to the column
/// where reading stopped.
[[nodiscard]] model::Result<Expr> parse(std::string_view text, const Place& start);

} // namespace bonewatch::monitors
