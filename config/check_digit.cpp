#include "config/check_digit.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bonewatch::config {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
std::size_t digit_of(char c) {
    return static_cast<std::size_t>(c - '0');
}
bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::size_t mod10_check_digit(std::string_view digits) {
    std::size_t sum = 0;
    bool is_doubled = true;
    for (std::size_t i = digits.size(); i-- > 0; is_doubled = !is_doubled) {
        const std::size_t digit = digit_of(digits[i]) * (is_doubled ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return (10 - sum % 10) % 10;
}

/// The dihedral group of ten: 0 to 4 turn a pentagon, 5 to 9 turn it over.
std::size_t dihedral(std::size_t a, std::size_t b) {
    if (a < 5)
        return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5;
    return b < 5 ? 5 + (a + 10 - b) % 5 : (a + 10 - b) % 5;
}

bool passes_verhoeff(std::string_view digits) {
    std::array<std::size_t, 10> permuted{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    constexpr std::array<std::size_t, 10> step{1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    std::size_t state = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
        state = dihedral(state, permuted[digit_of(digits[i])]);
        for (auto& position : permuted)
            position = step[position];
    }
    return state == 0;
}

} // namespace

bool is_loinc(std::string_view code) {
    if (code.size() < 3 || code.size() > 8 || code[code.size() - 2] != '-' || !is_digit(code.back()))
        return false;
    const auto digits = code.substr(0, code.size() - 2);
    return all_digits(digits) && mod10_check_digit(digits) == digit_of(code.back());
}

bool is_snomed(std::string_view code) {
    return code.size() >= 6 && code.size() <= 18 && code.front() != '0' && all_digits(code) && passes_verhoeff(code);
}

bool is_rxnorm(std::string_view code) {
    return code.size() <= 8 && all_digits(code) && code.front() != '0';
}

bool is_atc(std::string_view code) {
    constexpr std::array<bool, 7> is_letter{true, false, false, true, true, false, false};
    if (code.size() != 3 && code.size() != 4 && code.size() != 5 && code.size() != 7)
        return false;
    for (std::size_t i = 0; i < code.size(); ++i)
        if (is_letter[i] ? !is_upper(code[i]) : !is_digit(code[i]))
            return false;
    return true;
}

bool is_icd10(std::string_view code) {
    const auto is_word = [](char c) { return is_digit(c) || is_upper(c); };
    if (code.size() < 3 || !is_upper(code[0]) || !is_digit(code[1]) || !is_word(code[2]))
        return false;
    if (code.size() == 3)
        return true;
    const auto rest = code.substr(4);
    return code[3] == '.' && !rest.empty() && rest.size() <= 4 && std::ranges::all_of(rest, is_word);
}

} // namespace bonewatch::config
