#include "config/unit.h"

#include "config/unit_table.h"
#include "store/model/ensure.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace bonewatch::config {

namespace {

using model::Rational;

constexpr std::size_t bytes_max = 128;
constexpr int depth_max = 16;
constexpr int exponent_max = 99;

struct Atom {
    Unit unit;
    bool takes_prefix = false;
    bool is_function = false; ///< Then its unit says nothing.
};

using Atoms = std::map<std::string_view, Atom>;

struct Prefix {
    std::string_view symbol;
    int tens;
    std::int64_t number = 1;
};

constexpr std::array<Prefix, 24> prefixes{{
    {"Y", 24},
    {"Z", 21},
    {"E", 18},
    {"P", 15},
    {"T", 12},
    {"G", 9},
    {"M", 6},
    {"k", 3},
    {"h", 2},
    {"da", 1},
    {"d", -1},
    {"c", -2},
    {"m", -3},
    {"u", -6},
    {"n", -9},
    {"p", -12},
    {"f", -15},
    {"a", -18},
    {"z", -21},
    {"y", -24},
    {"Ki", 0, std::int64_t{1} << 10},
    {"Mi", 0, std::int64_t{1} << 20},
    {"Gi", 0, std::int64_t{1} << 30},
    {"Ti", 0, std::int64_t{1} << 40},
}};

constexpr std::array<std::pair<std::string_view, Base>, 10> bases{{
    {"m", Base::metre},
    {"s", Base::second},
    {"g", Base::gram},
    {"K", Base::kelvin},
    {"C", Base::coulomb},
    {"cd", Base::candela},
    {"rad", Base::radian},
    {"mol", Base::mole},
    {"eq", Base::equivalent},
    {"osm", Base::osmole},
}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whole tens are kept apart from the number, so that 64 bits hold what a prefix makes large or small.
void take_tens_out(Unit& unit) {
    std::int64_t numerator = unit.number.numerator();
    std::int64_t denominator = unit.number.denominator();
    for (; numerator % 10 == 0; numerator /= 10)
        ++unit.tens;
    for (; denominator % 10 == 0; denominator /= 10)
        --unit.tens;
    unit.number = Rational(numerator, denominator);
}

/// Nothing where it does not fit.
std::optional<Unit> product(const Unit& a, const Unit& b) {
    const auto number = Rational::checked_product(a.number, b.number);
    if (!number)
        return std::nullopt;
    Unit out{*number, a.tens + b.tens, {}};
    for (std::size_t i = 0; i < out.dimension.exponents.size(); ++i) {
        const int exponent = a.dimension.exponents[i] + b.dimension.exponents[i];
        if (exponent < -exponent_max || exponent > exponent_max)
            return std::nullopt;
        out.dimension.exponents[i] = static_cast<signed char>(exponent);
    }
    take_tens_out(out);
    return out;
}

Unit inverse(const Unit& unit) {
    Unit out{Rational(unit.number.denominator(), unit.number.numerator()), -unit.tens, unit.dimension};
    for (signed char& exponent : out.dimension.exponents)
        exponent = static_cast<signed char>(-exponent);
    return out;
}

std::optional<Unit> power(const Unit& unit, int exponent) {
    const Unit step = exponent < 0 ? inverse(unit) : unit;
    std::optional<Unit> result = Unit{};
    for (int i = 0; i < (exponent < 0 ? -exponent : exponent) && result; ++i)
        result = product(*result, step);
    return result;
}

/// Reads from the left; the first thing that does not fit is the failure.
class Reader {
  public:
    Reader(std::string_view text, const Atoms& atoms) : text_(text), atoms_(atoms) {}

    model::Result<Unit> whole() {
        if (text_.empty())
            return failed("it is empty");
        if (text_.size() > bytes_max)
            return failed("it is too long");
        auto unit = term(true);
        if (unit && at_ != text_.size())
            return failed("nothing is known of '" + std::string(text_.substr(at_)) + "'");
        return unit;
    }

  private:
    [[nodiscard]] bool sees(char c) const { return at_ < text_.size() && text_[at_] == c; }

    std::unexpected<model::Error> failed(const std::string& why, const char* reason = "bad_unit") const {
        return model::fail(model::ErrorKind::malformed, reason,
                           "'" + std::string(text_.substr(0, bytes_max)) + "' is no unit that we can read: " + why);
    }

    model::Result<Unit> term(bool is_outermost) {
        model::Result<Unit> result = Unit{};
        bool divides = is_outermost && sees('/');
        at_ += divides ? 1 : 0;
        for (;; ++at_) {
            auto part = component();
            if (!part)
                return part;
            const auto joined = product(*result, divides ? inverse(*part) : *part);
            if (!joined)
                return failed("its factor or its power is too large");
            result = *joined;
            if (!sees('.') && !sees('/'))
                return result;
            divides = sees('/');
        }
    }

    model::Result<Unit> component() {
        if (sees('('))
            return bracketed();
        if (sees('{'))
            return annotated(Unit{});
        if (at_ < text_.size() && is_digit(text_[at_]))
            return number();
        auto unit = symbol();
        return unit ? annotated(*unit) : unit;
    }

    model::Result<Unit> bracketed() {
        if (++depth_ > depth_max)
            return failed("its brackets are too deep");
        ++at_;
        auto inner = term(false);
        if (inner && !sees(')'))
            return failed("a bracket is not closed");
        ++at_;
        --depth_;
        return inner;
    }

    model::Result<Unit> number() {
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with("10*") || rest.starts_with("10^")) {
            at_ += 3;
            return annotated(Unit{1, exponent().value_or(1), {}});
        }
        constexpr std::size_t digits_max = 18;
        std::int64_t value = 0;
        std::size_t end = 0;
        for (; end < rest.size() && end < digits_max && is_digit(rest[end]); ++end)
            value = 10 * value + (rest[end] - '0');
        if (value == 0 || (end < rest.size() && is_digit(rest[end])))
            return failed("its number is 0 or too long");
        at_ += end;
        Unit unit{Rational(value), 0, {}};
        take_tens_out(unit);
        return annotated(unit);
    }

    model::Result<Unit> symbol() {
        std::size_t end = at_;
        bool in_brackets = false;
        while (end < text_.size() && (in_brackets || !is_end(text_[end]))) {
            in_brackets = text_[end] == '[' || (in_brackets && text_[end] != ']');
            ++end;
        }
        const std::string_view word = text_.substr(at_, end - at_);
        const auto [atom, prefix] = find(word);
        if (atom == nullptr)
            return failed("nothing is known of '" + std::string(word) + "'");
        if (atom->is_function)
            return failed("'" + std::string(word) + "' is a scale of its own, which no factor converts",
                          "special_unit");
        at_ = end;
        const auto with_prefix = product(prefix, atom->unit);
        const auto raised = with_prefix ? power(*with_prefix, exponent().value_or(1)) : std::nullopt;
        if (!raised)
            return failed("its factor or its power is too large");
        return *raised;
    }

    static bool is_end(char c) {
        return is_digit(c) || c == '.' || c == '/' || c == '{' || c == '(' || c == ')' || c == '+' || c == '-';
    }

    /// A unit and what stands before it. A symbol as a whole goes before one with a prefix: `cd` is no hundredth of a
    /// day.
    [[nodiscard]] std::pair<const Atom*, Unit> find(std::string_view word) const {
        if (const auto whole = atoms_.find(word); whole != atoms_.end())
            return {&whole->second, Unit{}};
        for (const Prefix& prefix : prefixes) {
            if (!word.starts_with(prefix.symbol))
                continue;
            const auto rest = atoms_.find(word.substr(prefix.symbol.size()));
            if (rest != atoms_.end() && rest->second.takes_prefix)
                return {&rest->second, Unit{Rational(prefix.number), prefix.tens, {}}};
        }
        return {nullptr, Unit{}};
    }

    std::optional<int> exponent() {
        std::size_t end = at_;
        const bool is_negative = sees('-');
        if (is_negative || sees('+'))
            ++end;
        const std::size_t digits = end;
        int value = 0;
        while (end < text_.size() && is_digit(text_[end]) && end - digits < 2)
            value = 10 * value + (text_[end++] - '0');
        if (end == digits)
            return std::nullopt;
        at_ = end;
        return is_negative ? -value : value;
    }

    /// An annotation, of what stands before it; in printable ASCII, as UCUM has it.
    model::Result<Unit> annotated(const Unit& unit) {
        if (!sees('{'))
            return unit;
        const auto end = text_.find_first_of("{}", at_ + 1);
        if (end == std::string_view::npos || text_[end] == '{')
            return failed("an annotation is not closed");
        const auto words = text_.substr(at_, end - at_);
        if (!std::ranges::all_of(words, [](char c) { return c > ' ' && c < 0x7f; }))
            return failed("an annotation is of printable ASCII without spaces");
        at_ = end + 1;
        return unit;
    }

    std::string_view text_;
    const Atoms& atoms_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

Unit of_base(std::size_t base) {
    Unit unit;
    unit.dimension.exponents[base] = 1;
    return unit;
}

Atoms read_table() {
    Atoms atoms;
    for (const auto& [symbol, base] : bases)
        atoms.emplace(symbol, Atom{of_base(static_cast<std::size_t>(base)), true});
    atoms.emplace("[pi]", Atom{of_base(static_cast<std::size_t>(Base::pi))});
    auto arbitrary = static_cast<std::size_t>(Base::arbitrary);
    constexpr std::string_view spaces = " \n";
    std::string_view rest = unit_table();
    for (auto at = rest.find_first_not_of(spaces); at != std::string_view::npos; at = rest.find_first_not_of(spaces)) {
        rest.remove_prefix(at);
        std::string_view entry = rest.substr(0, rest.find_first_of(spaces));
        rest.remove_prefix(entry.size());
        Atom atom;
        if ((atom.takes_prefix = entry.front() == '+'))
            entry.remove_prefix(1);
        const auto sign = entry.find('=');
        ENSURE(sign != std::string_view::npos, "an entry of the table of units has no definition");
        const std::string_view definition = entry.substr(sign + 1);
        atom.is_function = definition == "!";
        if (definition == "?") {
            ENSURE(arbitrary < Dimension{}.exponents.size(), "more arbitrary units than a dimension holds");
            atom.unit = of_base(arbitrary++);
        } else if (!atom.is_function) {
            const auto unit = Reader(definition, atoms).whole();
            ENSURE(unit.has_value(), "an entry of the table of units cannot be read");
            atom.unit = *unit;
        }
        const bool is_new = atoms.emplace(entry.substr(0, sign), atom).second;
        ENSURE(is_new, "the table of units has an entry twice");
    }
    return atoms;
}

} // namespace

bool Dimension::is_arbitrary() const {
    return std::ranges::any_of(exponents.begin() + static_cast<int>(Base::arbitrary), exponents.end(),
                               [](signed char exponent) { return exponent != 0; });
}

std::optional<Rational> ratio(const Unit& unit, const Unit& other) {
    if (unit.dimension != other.dimension)
        return std::nullopt;
    auto factor =
        Rational::checked_product(unit.number, Rational(other.number.denominator(), other.number.numerator()));
    const int tens = unit.tens - other.tens;
    for (int i = 0; factor && i < (tens < 0 ? -tens : tens); ++i)
        factor = Rational::checked_product(*factor, tens < 0 ? Rational(1, 10) : Rational(10));
    return factor;
}

model::Result<Unit> parse_unit(std::string_view text) {
    static const Atoms atoms = read_table();
    return Reader(text, atoms).whole();
}

} // namespace bonewatch::config
