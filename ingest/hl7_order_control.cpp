#include "ingest/hl7_order_control.h"

#include <algorithm>
#include <array>
#include <string>

namespace bonewatch::ingest {

namespace {

struct Row {
    std::string_view code;
    Hl7ControlMeaning meaning;
};

constexpr Hl7ControlMeaning counts{Hl7Control::counts}, stopped{Hl7Control::stopped}, asks{Hl7Control::asks},
    cancelled{Hl7Control::cancelled}, held{Hl7Control::held}, asked_to_stop{Hl7Control::stopped, true};

/// Table 0119. RP, RU and RQ stand with the order that is replaced; the one in its place comes under RO.
constexpr std::array<Row, 52> controls{
    {{"NW", counts},    {"OK", counts},    {"RE", counts},    {"XO", counts},        {"XX", counts},
     {"XR", counts},    {"RO", counts},    {"RF", asks},      {"OF", counts},        {"AF", counts},
     {"FU", counts},    {"SN", counts},    {"NA", counts},    {"SC", counts},        {"SR", counts},
     {"RL", counts},    {"OE", counts},    {"OR", counts},    {"PA", counts},        {"CH", counts},
     {"CN", counts},    {"OP", counts},    {"PY", counts},    {"PR", counts},        {"OD", stopped},
     {"DR", stopped},   {"RU", stopped},   {"RQ", stopped},   {"DC", asked_to_stop}, {"RP", asked_to_stop},
     {"OC", cancelled}, {"CR", cancelled}, {"UA", cancelled}, {"OH", held},          {"HR", held},
     {"CA", asks},      {"HD", asks},      {"DE", asks},      {"DF", asks},          {"LI", asks},
     {"UN", asks},      {"NR", asks},      {"RR", asks},      {"SS", asks},          {"RC", asks},
     {"UC", asks},      {"UD", asks},      {"UF", asks},      {"UH", asks},          {"UM", asks},
     {"UR", asks},      {"UX", asks}}};

/// Table 0038. The others (A, CM, ER, IP, SC) leave an order as ORC-1 says.
constexpr std::array<Row, 4> statuses{{{"CA", cancelled}, {"DC", stopped}, {"HD", held}, {"RP", stopped}}};

template <std::size_t N>
const Row* find(const std::array<Row, N>& rows, std::string_view code) {
    std::string capitals(code);
    for (char& c : capitals)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto row = std::ranges::find(rows, capitals, &Row::code);
    return row == rows.end() ? nullptr : &*row;
}

} // namespace

std::optional<Hl7ControlMeaning> hl7_control(std::string_view order_control, std::string_view order_status) {
    // Without ORC-1 what is told stands.
    const Row* row = order_control.empty() ? &controls.front() : find(controls, order_control);
    if (row == nullptr)
        return std::nullopt;
    const Row* status = find(statuses, order_status);
    return row->meaning.control == Hl7Control::counts && status != nullptr ? status->meaning : row->meaning;
}

} // namespace bonewatch::ingest
