#include "store/model/rational.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

namespace bonewatch::model {

namespace {

__extension__ using Wide = __int128;

Wide gcd_wide(Wide a, Wide b) {
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

bool fits(Wide value) {
    return value >= -std::numeric_limits<std::int64_t>::max() && value <= std::numeric_limits<std::int64_t>::max();
}

std::optional<Rational> reduced(Wide numerator, Wide denominator) {
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    if (!fits(numerator) || !fits(denominator)) {
        const Wide common = gcd_wide(numerator, denominator);
        numerator /= common;
        denominator /= common;
        if (!fits(numerator) || !fits(denominator))
            return std::nullopt;
    }
    return Rational(static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator));
}

Rational exact(std::optional<Rational> value) {
    ENSURE(value.has_value(), "a number outgrew 64 bits: its bound was not checked at the door");
    return *value;
}

std::optional<Rational> sum(const Rational& a, const Rational& b) {
    if (a.denominator() == b.denominator())
        return reduced(static_cast<Wide>(a.numerator()) + b.numerator(), a.denominator());
    return reduced(static_cast<Wide>(a.numerator()) * b.denominator() +
                       static_cast<Wide>(b.numerator()) * a.denominator(),
                   static_cast<Wide>(a.denominator()) * b.denominator());
}

std::optional<Rational> product(const Rational& a, const Rational& b) {
    return reduced(static_cast<Wide>(a.numerator()) * b.numerator(),
                   static_cast<Wide>(a.denominator()) * b.denominator());
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t value = 1;
    for (int i = 0; i < exponent; ++i)
        value *= 10;
    return value;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

Rational::Rational(std::int64_t numerator, std::int64_t denominator)
    : numerator_(numerator), denominator_(denominator) {
    ENSURE(denominator != 0, "a fraction needs a denominator");
    if (denominator_ < 0) {
        numerator_ = -numerator_;
        denominator_ = -denominator_;
    }
    if (denominator_ == 1)
        return;
    const auto common = std::gcd(numerator_, denominator_);
    numerator_ /= common;
    denominator_ /= common;
}

bool Rational::within_bounds() const {
    constexpr std::int64_t bound = 1'000'000'000'000'000;
    return numerator_ >= -bound && numerator_ <= bound && denominator_ <= bound;
}

Rational operator+(const Rational& a, const Rational& b) {
    return exact(sum(a, b));
}
Rational operator-(const Rational& a, const Rational& b) {
    Rational negated = b;
    negated.numerator_ = -negated.numerator_;
    return exact(sum(a, negated));
}
Rational operator*(const Rational& a, const Rational& b) {
    return exact(product(a, b));
}
Rational operator/(const Rational& a, const Rational& b) {
    ENSURE(!b.is_zero(), "division by zero");
    return exact(product(a, Rational(b.denominator(), b.numerator())));
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    const Wide left = static_cast<Wide>(a.numerator_) * b.denominator_;
    const Wide right = static_cast<Wide>(b.numerator_) * a.denominator_;
    return left < right   ? std::strong_ordering::less
           : left > right ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
}

std::optional<Rational> Rational::checked_product(const Rational& a, const Rational& b) {
    return product(a, b);
}
std::optional<Rational> Rational::checked_sum(const Rational& a, const Rational& b) {
    return sum(a, b);
}

Result<Rational> parse_decimal(std::string_view text) {
    const auto malformed = [&](const char* why) {
        return fail(ErrorKind::malformed, "bad_number", "'" + std::string(text) + "' is not a decimal number: " + why);
    };
    std::size_t at = 0;
    bool negative = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
        negative = text[at++] == '-';

    std::int64_t digits = 0;
    int significant = 0;
    int places = 0;
    bool seen_point = false;
    bool seen_digit = false;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !seen_point)); ++at) {
        if (text[at] == '.') {
            seen_point = true;
            continue;
        }
        seen_digit = true;
        significant += digits != 0 || text[at] != '0' ? 1 : 0;
        if (significant > 15)
            return malformed("more than 15 significant digits");
        digits = digits * 10 + (text[at] - '0');
        places += seen_point ? 1 : 0;
        if (places > 24)
            return malformed("too many decimal places");
    }
    if (!seen_digit)
        return malformed("no digit");

    int exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::string_view rest = text.substr(at + 1);
        if (!rest.empty() && rest.front() == '+')
            rest.remove_prefix(1);
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
        if (error != std::errc() || end != rest.data() + rest.size() || exponent > 12 || exponent < -12)
            return malformed("its exponent is not between -12 and 12");
        at = text.size();
    }
    if (at != text.size())
        return malformed("unexpected text after it");

    if (negative)
        digits = -digits;
    int scale = exponent - places;
    while (scale < 0 && digits != 0 && digits % 10 == 0) {
        digits /= 10;
        ++scale;
    }
    if (digits == 0)
        return Rational(0);
    if (scale < -15 || scale > 15)
        return malformed("out of range");
    const auto value = scale < 0 ? Rational(digits, power_of_ten(-scale))
                                 : Rational::checked_product(Rational(digits), Rational(power_of_ten(scale)));
    if (!value || !value->within_bounds())
        return malformed("out of range");
    return *value;
}

Result<Rational> parse_rational(std::string_view text) {
    const auto stroke = text.find('/');
    if (stroke == std::string_view::npos)
        return parse_decimal(text);
    auto numerator = parse_decimal(text.substr(0, stroke));
    auto denominator = parse_decimal(text.substr(stroke + 1));
    if (!numerator || !denominator || denominator->is_zero())
        return fail(ErrorKind::malformed, "bad_number", "'" + std::string(text) + "' is not a fraction of two numbers");
    return *numerator / *denominator;
}

std::string to_text_rounded(const Rational& value, int places) {
    const Wide scale = power_of_ten(places);
    const bool negative = value.numerator() < 0;
    const Wide magnitude = negative ? -static_cast<Wide>(value.numerator()) : static_cast<Wide>(value.numerator());
    const Wide scaled = (magnitude * scale * 2 + value.denominator()) / (static_cast<Wide>(value.denominator()) * 2);
    std::string digits = std::to_string(static_cast<unsigned long long>(scaled % scale));
    digits.insert(0, static_cast<std::size_t>(places) - std::min(digits.size(), static_cast<std::size_t>(places)), '0');
    if (places == 0)
        digits.clear();
    while (!digits.empty() && digits.back() == '0')
        digits.pop_back();
    std::string text = std::to_string(static_cast<unsigned long long>(scaled / scale));
    if (!digits.empty())
        text += "." + digits;
    return negative && scaled != 0 ? "-" + text : text;
}

std::string to_text(const Rational& value) {
    std::int64_t rest = value.denominator();
    int twos = 0;
    int fives = 0;
    for (; rest % 2 == 0; rest /= 2)
        ++twos;
    for (; rest % 5 == 0; rest /= 5)
        ++fives;
    const int places = std::max(twos, fives);
    if (rest == 1 && places <= 15)
        return to_text_rounded(value, places);
    return "~" + to_text_rounded(value, 6);
}

} // namespace bonewatch::model
