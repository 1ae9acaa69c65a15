#include "config/unit.h"

#include <optional>
#include <string>
#include <utility>

namespace bonewatch::config {

namespace {

using model::Rational;

struct Atom {
    std::string_view symbol;
    Rational factor;
    Dimension dimension;
    bool takes_prefix;
};

constexpr Dimension length{.metre = 1};
constexpr Dimension volume{.metre = 3};
constexpr Dimension time{.second = 1};
constexpr Dimension mass{.gram = 1};
constexpr Dimension substance{.mole = 1};
constexpr Dimension activity{.second = -1, .mole = 1};
constexpr Dimension arbitrary{.international_unit = 1};

const std::array<Atom, 22> atoms{{
    {"m", 1, length, true},
    {"g", 1, mass, true},
    {"s", 1, time, true},
    {"mol", 1, substance, true},
    {"eq", 1, substance, true},
    {"L", {1, 1000}, volume, true},
    {"l", {1, 1000}, volume, true},
    {"U", {1, 60'000'000}, activity, true},
    {"kat", 1, activity, true},
    {"[IU]", 1, arbitrary, true},
    {"[iU]", 1, arbitrary, true},
    {"min", 60, time, false},
    {"h", 3600, time, false},
    {"d", 86400, time, false},
    {"wk", 604800, time, false},
    {"%", {1, 100}, {}, false},
    {"[ppm]", {1, 1'000'000}, {}, false},
    {"[in_i]", {254, 10'000}, length, false},
    {"[ft_i]", {3048, 10'000}, length, false},
    {"[lb_av]", {45'359'237, 100'000}, mass, false},
    {"[stone_av]", {635'029'318, 100'000}, mass, false},
    {"[oz_av]", {45'359'237, 1'600'000}, mass, false},
}};

struct Prefix {
    std::string_view symbol;
    Rational factor;
};

const std::array<Prefix, 13> prefixes{{
    {"da", 10},
    {"T", 1'000'000'000'000},
    {"G", 1'000'000'000},
    {"M", 1'000'000},
    {"k", 1000},
    {"h", 100},
    {"d", {1, 10}},
    {"c", {1, 100}},
    {"m", {1, 1000}},
    {"u", {1, 1'000'000}},
    {"n", {1, 1'000'000'000}},
    {"p", {1, 1'000'000'000'000}},
    {"f", {1, 1'000'000'000'000'000}},
}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<Unit> product(const Unit& a, const Unit& b) {
    const auto factor = Rational::checked_product(a.factor, b.factor);
    if (!factor)
        return std::nullopt;
    const Dimension& x = a.dimension;
    const Dimension& y = b.dimension;
    return Unit{*factor,
                {x.metre + y.metre, x.second + y.second, x.gram + y.gram, x.mole + y.mole,
                 x.international_unit + y.international_unit}};
}

Unit inverse(const Unit& unit) {
    const Dimension& of = unit.dimension;
    return {Rational(unit.factor.denominator(), unit.factor.numerator()),
            {-of.metre, -of.second, -of.gram, -of.mole, -of.international_unit}};
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
    explicit Reader(std::string_view text) : text_(text) {}

    model::Result<Unit> whole() {
        if (text_.empty())
            return failed("it is empty");
        auto unit = term();
        if (unit && at_ != text_.size())
            return failed("nothing is known of '" + std::string(text_.substr(at_)) + "'");
        return unit;
    }

  private:
    [[nodiscard]] bool sees(char c) const { return at_ < text_.size() && text_[at_] == c; }

    std::unexpected<model::Error> failed(const std::string& why) const {
        return model::fail(model::ErrorKind::malformed, "bad_unit",
                           "'" + std::string(text_) + "' is no unit that we can read: " + why);
    }

    model::Result<Unit> term() {
        model::Result<Unit> result = Unit{};
        bool divides = sees('/');
        at_ += divides ? 1 : 0;
        for (;; ++at_) {
            auto part = component();
            if (!part)
                return part;
            const auto joined = product(*result, divides ? inverse(*part) : *part);
            if (!joined)
                return failed("its factor is too large");
            result = *joined;
            if (!sees('.') && !sees('/'))
                return result;
            divides = sees('/');
        }
    }

    model::Result<Unit> component() {
        if (sees('(')) {
            ++at_;
            auto inner = term();
            if (inner && !sees(')'))
                return failed("a bracket is not closed");
            ++at_;
            return inner;
        }
        if (sees('{'))
            return annotated(Unit{});
        if (at_ < text_.size() && is_digit(text_[at_]))
            return number();
        auto unit = symbol();
        return unit ? annotated(*unit) : unit;
    }

    model::Result<Unit> number() {
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with("10*") || rest.starts_with("10^")) {
            at_ += 3;
            return raised(Unit{10, {}}, exponent().value_or(1));
        }
        std::size_t end = 0;
        while (end < rest.size() && is_digit(rest[end]))
            ++end;
        const auto value = model::parse_decimal(rest.substr(0, end));
        if (!value || value->is_zero())
            return failed("its number is 0 or too long");
        at_ += end;
        return annotated(Unit{*value, {}});
    }

    model::Result<Unit> symbol() {
        std::size_t end = at_;
        bool in_brackets = false;
        while (end < text_.size() && (in_brackets || !is_end(text_[end]))) {
            in_brackets = text_[end] == '[' || (in_brackets && text_[end] != ']');
            ++end;
        }
        const std::string_view word = text_.substr(at_, end - at_);
        const auto unit = unit_of(word);
        if (!unit)
            return failed("nothing is known of '" + std::string(word) + "'");
        at_ = end;
        return raised(*unit, exponent().value_or(1));
    }

    static bool is_end(char c) {
        return is_digit(c) || c == '.' || c == '/' || c == '{' || c == '(' || c == ')' || c == '+' || c == '-';
    }

    static std::optional<Unit> unit_of(std::string_view word) {
        for (const Atom& atom : atoms)
            if (word == atom.symbol)
                return Unit{atom.factor, atom.dimension};
        for (const Prefix& prefix : prefixes)
            for (const Atom& atom : atoms)
                if (atom.takes_prefix && word.starts_with(prefix.symbol) &&
                    word.substr(prefix.symbol.size()) == atom.symbol)
                    return product(Unit{prefix.factor, {}}, Unit{atom.factor, atom.dimension});
        return std::nullopt;
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

    model::Result<Unit> raised(const Unit& unit, int exponent) const {
        const auto result = power(unit, exponent);
        if (!result)
            return failed("its factor is too large");
        return *result;
    }

    model::Result<Unit> annotated(const Unit& unit) {
        if (!sees('{'))
            return unit;
        const auto end = text_.find('}', at_);
        if (end == std::string_view::npos)
            return failed("an annotation is not closed");
        at_ = end + 1;
        return unit;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

model::Result<Unit> parse_unit(std::string_view text) {
    return Reader(text).whole();
}

} // namespace bonewatch::config
