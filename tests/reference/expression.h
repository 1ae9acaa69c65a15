#pragma once

#include "store/model/rational.h"

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::reference {

using Codes = std::set<std::string, std::less<>>;

/// A monitor that the reference cannot read: an unknown word, name, argument or unit. The message says where.
struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Kind {
    number,    ///< `0.1 mU/L`: `number`, and the unit in `text`.
    range,     ///< `A to B`: two numbers.
    clock,     ///< `08:00`: `clock`.
    name,      ///< `text`.
    call,      ///< `text`, `arguments`.
    set,       ///< `{a, b}`
    choice,    ///< if, then, else
    otherwise, ///< left, right
    any,       ///< or
    all,       ///< and
    negation,  ///< not
    compare,   ///< left, right; the operator in `text`.
    is,        ///< left; the word compared with in `text`.
    plus,
    minus,
    times,
    divide,
};

struct Expr;
struct DrugSet;
using ExprPtr = std::shared_ptr<const Expr>;

struct Argument {
    std::string name; ///< Empty: by position.
    ExprPtr value;
};

struct Expr {
    Kind kind{};
    std::string text;
    std::string source; ///< As it was written: of what `and`, `or` and `not` join.
    model::Rational number;
    std::chrono::minutes clock{0};
    std::vector<Argument> arguments;
    std::vector<ExprPtr> parts;
    /// Of a name or a set of names, once resolved: vocabulary ids, groups spelt out. Empty for anything else.
    Codes ids;
    Codes conditions;                     ///< `ids`, and every narrower condition.
    std::shared_ptr<const DrugSet> drugs; ///< The classes and drugs among `ids`.

    /// The positional argument; nothing where there are fewer.
    [[nodiscard]] ExprPtr argument(std::size_t index) const;
    [[nodiscard]] ExprPtr argument(std::string_view name) const;
};

/// Reads the grammar of monitors/README.md. Throws Unreadable, naming `place` and what was found.
[[nodiscard]] ExprPtr parse_expression(std::string_view text, const std::string& place);

} // namespace bonewatch::reference
