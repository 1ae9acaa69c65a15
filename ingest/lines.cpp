#include "ingest/lines.h"

namespace bonewatch::ingest {

namespace {

/// What of a rejected text is shown back: it was never journalled, and may be anything.
constexpr std::size_t shown_bytes_max = 4096;

} // namespace

Lines::Lines(std::string_view message) : rest_(message) {
    if (rest_.starts_with("\xEF\xBB\xBF"))
        rest_.remove_prefix(3);
}

std::optional<Line> Lines::next() {
    while (!rest_.empty()) {
        const auto end = rest_.find('\n');
        std::string_view text = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        ++number_;
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        if (text.find_first_not_of(" \t\r") != std::string_view::npos)
            return Line{text, number_};
    }
    return std::nullopt;
}

Decoded rejected(model::Error error, std::string kind, std::string_view raw) {
    return {std::move(error), {}, std::move(kind), std::string(raw.substr(0, shown_bytes_max)), std::nullopt};
}

std::string place_in_line(std::size_t number, std::string_view place) {
    std::string out = "line " + std::to_string(number);
    if (!place.empty())
        out.append(", ").append(place);
    return out;
}

} // namespace bonewatch::ingest
