#include "ingest/hl7_acknowledgement.h"

#include "ingest/hl7_charset.h"
#include "ingest/hl7_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace bonewatch::ingest {

namespace {

constexpr std::size_t rows_max = 50;
constexpr std::size_t summary_bytes_max = 80; ///< Of MSA-3.
constexpr std::size_t text_bytes_max = 250;   ///< Of ERR-7 and ERR-8.

/// Table 0357.
enum class Code : unsigned char {
    sequence = 100,
    missing = 101,
    data_type = 102,
    table_value = 103,
    message_type = 200,
    event = 201,
    processing_id = 202,
    version = 203,
    unknown_key = 204,
    duplicate_key = 205,
    internal = 207
};

std::string_view text_of(Code code) {
    switch (code) {
    case Code::sequence:
        return "Segment sequence error";
    case Code::missing:
        return "Required field missing";
    case Code::data_type:
        return "Data type error";
    case Code::table_value:
        return "Table value not found";
    case Code::message_type:
        return "Unsupported message type";
    case Code::event:
        return "Unsupported event code";
    case Code::processing_id:
        return "Unsupported processing id";
    case Code::version:
        return "Unsupported version id";
    case Code::unknown_key:
        return "Unknown key identifier";
    case Code::duplicate_key:
        return "Duplicate key identifier";
    case Code::internal:
        return "Application internal error";
    }
    return "";
}

/// What our reasons are in the table; what fits no row of it is `internal`, its word for all others.
Code code_of(std::string_view reason) {
    constexpr std::array<std::pair<std::string_view, Code>, 27> codes{{
        {"bad_msh", Code::sequence},
        {"not_hl7", Code::sequence},
        {"batch_incomplete", Code::sequence},
        {"unknown_message", Code::message_type},
        {"test_message", Code::processing_id},
        {"unknown_version", Code::version},
        {"unknown_sender", Code::unknown_key},
        {"not_allowed", Code::unknown_key},
        {"other_publisher", Code::unknown_key},
        {"identity_conflict", Code::unknown_key},
        {"unknown_fact", Code::unknown_key},
        {"correction_unmatched", Code::unknown_key},
        {"unresolved_reference", Code::unknown_key},
        {"disputed", Code::duplicate_key},
        {"unknown_code", Code::table_value},
        {"unknown_unit", Code::table_value},
        {"unknown_route", Code::table_value},
        {"unclear_product", Code::table_value},
        {"status_unknown", Code::table_value},
        {"bad_status", Code::table_value},
        {"bad_sex", Code::table_value},
        {"unusable_value", Code::data_type},
        {"unusable_dose", Code::data_type},
        {"impossible_value", Code::data_type},
        {"value_unreadable", Code::data_type},
        {"too_early", Code::data_type},
        {"too_far_ahead", Code::data_type},
    }};
    const auto found = std::ranges::find(codes, reason, &std::pair<std::string_view, Code>::first);
    if (found != codes.end())
        return found->second;
    if (reason.starts_with("missing_"))
        return Code::missing;
    return reason.starts_with("bad_") ? Code::data_type : Code::internal;
}

/// Whether the message is of a version before `major.minor`. A version that cannot be read is a new one.
bool is_before(std::string_view version, int major, int minor) {
    std::pair<int, int> stated{};
    const char* end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, stated.first);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.' ||
        std::from_chars(first.ptr + 1, end, stated.second).ec != std::errc())
        return false;
    return stated < std::pair(major, minor);
}

/// Where something stands: `OBX[3]-5[2].1`.
struct Location {
    std::string segment;
    unsigned sequence = 1, field = 0, repetition = 0, component = 0;
};

std::optional<unsigned> take_number(std::string_view& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<unsigned> take_bracket(std::string_view& text) {
    if (!text.starts_with('['))
        return std::nullopt;
    text.remove_prefix(1);
    const auto number = take_number(text);
    if (text.starts_with(']'))
        text.remove_prefix(1);
    return number;
}

std::optional<Location> location_in(std::string_view place) {
    constexpr std::size_t name_size = 3;
    if (const std::size_t comma = place.rfind(", "); comma != std::string_view::npos)
        place.remove_prefix(comma + 2);
    Location location;
    location.segment = place.substr(0, name_size);
    if (location.segment.size() < name_size ||
        !std::ranges::all_of(location.segment, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }))
        return std::nullopt;
    place.remove_prefix(name_size);
    location.sequence = take_bracket(place).value_or(1);
    if (place.starts_with('-')) {
        place.remove_prefix(1);
        location.field = take_number(place).value_or(0);
        location.repetition = take_bracket(place).value_or(0);
    }
    if (place.starts_with('.')) {
        place.remove_prefix(1);
        location.component = take_number(place).value_or(0);
        location.repetition = std::max(location.repetition, 1U);
    }
    return place.empty() ? std::optional(location) : std::nullopt;
}

/// One thing that the sender is told.
struct Row {
    char severity = 'E';
    std::string reason;
    std::string outcome;
    std::string place;
    std::string message;
};

const std::string* warning_of(const EventOutcome& event, std::string_view word) {
    const auto found =
        std::ranges::find_if(event.warnings, [&](const std::string& warning) { return warning.starts_with(word); });
    return found == event.warnings.end() ? nullptr : &*found;
}

/// A correction that may have missed its result; and a number of which only the words could be kept.
void add_warnings(const EventOutcome& event, std::vector<Row>& rows) {
    const auto tell = [&](const std::string* warning) {
        if (warning != nullptr)
            rows.push_back({'W', warning->substr(0, warning->find(':')), event.outcome, event.place,
                            warning->substr(warning->find(' ') + 1)});
    };
    tell(warning_of(event, "correction_unmatched"));
    if (warning_of(event, "value_type_mismatch") != nullptr)
        tell(warning_of(event, "value_unreadable"));
}

std::vector<Row> rows_of(const MessageResult& result) {
    std::vector<Row> rows;
    if (!result.is_stored)
        rows.push_back({'E', result.reason, result.retry ? "not stored" : "refused", "", result.message});
    for (const EventOutcome& event : result.outcomes) {
        if (event.outcome == "quarantined")
            rows.push_back({'W', event.reason, event.outcome, event.place, event.message});
        else if (event.outcome == "rejected")
            rows.push_back({'E', event.reason, event.outcome, event.place, event.message});
        else if (event.reason == "unknown_message")
            rows.push_back({'I', event.reason, "not used", event.place, "nothing in messages of this kind is watched"});
        else if (event.outcome == "disputed")
            rows.push_back({'W', "disputed", event.outcome, event.place,
                            event.type + " " + event.id +
                                " came before with the same version and another content; until a greater version "
                                "comes it counts as unknown"});
        else if (event.outcome == "superseded" && event.type != "patient")
            rows.push_back({'I', event.outcome, event.outcome, event.place, event.message});
        add_warnings(event, rows);
    }
    // A message that is refused for what is wrong with its only part says so once, and where.
    if (!result.is_stored && rows.size() > 1)
        rows.erase(rows.begin());
    return rows;
}

/// Writes segments with the delimiters of the message that is answered.
class Writer {
  public:
    explicit Writer(const Hl7Header& header) : header_(header) {}

    void begin(std::string_view segment) { text_ += segment; }
    void field(std::string_view raw = {}) {
        text_ += header_.encoding.field;
        text_ += raw;
    }
    void end() {
        while (text_.back() == header_.encoding.field)
            text_.pop_back();
        text_ += '\r';
    }
    [[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts, char by) const {
        std::string text;
        for (const std::string_view part : parts) {
            text += part;
            text += by;
        }
        while (!text.empty() && text.back() == by)
            text.pop_back();
        return text;
    }
    [[nodiscard]] std::string components(std::initializer_list<std::string_view> parts) const {
        return joined(parts, header_.encoding.component);
    }
    /// Our own words: ASCII, which every character set of HL7 holds, and delimiters escaped.
    [[nodiscard]] std::string escaped(std::string_view words, std::size_t bytes_max = text_bytes_max) const;
    [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

  private:
    const Hl7Header& header_;
    std::string text_;
};

std::string Writer::escaped(std::string_view words, std::size_t bytes_max) const {
    const Hl7Encoding& encoding = header_.encoding;
    const std::array<std::pair<char, char>, 5> delimiters{{{encoding.field, 'F'},
                                                           {encoding.component, 'S'},
                                                           {encoding.repetition, 'R'},
                                                           {encoding.subcomponent, 'T'},
                                                           {encoding.escape, 'E'}}};
    std::string text;
    for (const char c : words) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
                text += '?';
            continue;
        }
        const auto delimiter = std::ranges::find(delimiters, c, &std::pair<char, char>::first);
        if (c < ' ' || c == 0x7f)
            text += ' ';
        else if (delimiter != delimiters.end())
            text += {encoding.escape, delimiter->second, encoding.escape};
        else
            text += c;
        if (text.size() >= bytes_max)
            break;
    }
    return text;
}

void write_header(Writer& writer, const Hl7Header& header, const std::string& control_id, model::Instant now) {
    std::string time = model::to_text(now); // 2026-03-02T10:15:00Z, perhaps with milliseconds.
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == 'T'; });
    constexpr std::size_t seconds_size = 14;
    writer.begin("MSH");
    writer.field(header.signs);
    writer.field(header.receiving_application);
    writer.field(header.receiving_facility);
    writer.field(header.sending_application);
    writer.field(header.sending_facility);
    writer.field(time.substr(0, seconds_size) + "+0000");
    writer.field();
    writer.field(header.event.empty() ? "ACK" : writer.components({"ACK", header.event, "ACK"}));
    writer.field(control_id);
    writer.field(header.processing_id);
    writer.field(header.version);
    for (int field = 13; field < 18; ++field)
        writer.field();
    writer.field(header.charset);
    writer.end();
}

/// From 2.5 on a segment for each row.
void write_rows(Writer& writer, const std::vector<Row>& rows) {
    for (std::size_t i = 0; i < std::min(rows.size(), rows_max); ++i) {
        const Row& row = rows[i];
        const Code code = code_of(row.reason);
        std::string location;
        if (const auto at = location_in(row.place)) {
            const auto number = [](unsigned value) { return value == 0 ? std::string() : std::to_string(value); };
            location = writer.components(
                {at->segment, number(at->sequence), number(at->field), number(at->repetition), number(at->component)});
        }
        writer.begin("ERR");
        writer.field();
        writer.field(location);
        writer.field(writer.components({std::to_string(std::to_underlying(code)), text_of(code), "HL70357"}));
        writer.field(std::string_view(&row.severity, 1));
        writer.field(writer.components({writer.escaped(row.reason), "", "L"}));
        writer.field();
        writer.field(writer.escaped(row.outcome + (row.place.empty() ? "" : " " + row.place)));
        writer.field(writer.escaped(row.message));
        writer.end();
    }
}

/// Before 2.5 one segment, that repeats its only field.
void write_old_rows(Writer& writer, const Hl7Header& header, const std::vector<Row>& rows) {
    std::string all;
    for (std::size_t i = 0; i < std::min(rows.size(), rows_max); ++i) {
        const Code code = code_of(rows[i].reason);
        const auto at = location_in(rows[i].place).value_or(Location{"", 0});
        const auto number = [](unsigned value) { return value == 0 ? std::string() : std::to_string(value); };
        const std::string coded = writer.joined({std::to_string(std::to_underlying(code)), text_of(code), "HL70357"},
                                                header.encoding.subcomponent);
        if (i > 0)
            all += header.encoding.repetition;
        all += writer.components({at.segment, number(at.sequence), number(at.field), coded});
    }
    if (all.empty())
        return;
    writer.begin("ERR");
    writer.field(all);
    writer.end();
}

/// A sentence for who only sees MSA-3.
std::string summary_of(const std::vector<Row>& rows, std::size_t outcomes) {
    if (rows.empty())
        return {};
    if (rows.size() == 1 && outcomes <= 1)
        return rows.front().message;
    return std::to_string(rows.size()) + " of " + std::to_string(outcomes) + ": " + rows.front().message;
}

bool are_distinct_delimiters(std::string signs) {
    std::ranges::sort(signs);
    return std::ranges::all_of(signs, is_hl7_delimiter) && std::ranges::adjacent_find(signs) == signs.end();
}

/// When an answer is asked for (table 0155). Any other word says nothing of it, so that its sender is answered.
std::string condition_in(const Hl7Text& text) {
    for (const char* each : {"AL", "NE", "ER", "SU"})
        if (text.is(each))
            return each;
    return {};
}

} // namespace

std::string Hl7Header::first_component(const std::string& field) const {
    const auto named = charset_of_names(charset, encoding.repetition);
    const bool is_converted = named && *named != "UTF-8" && (!is_utf8(field) || has_japanese_escapes(field));
    return Hl7Text(is_converted ? to_utf8(field, *named).text : field, encoding).component(1).text();
}

std::string Hl7Header::application() const {
    return first_component(sending_application);
}

std::string Hl7Header::facility() const {
    return first_component(sending_facility);
}

model::Result<Hl7Header> read_hl7_header(std::string_view message) {
    if (is_utf16_hl7(message))
        return std::unexpected(utf16_refusal());
    const auto line = Hl7Lines(message).next();
    constexpr std::size_t name_size = 3;
    if (!line || !line->starts_with("MSH") || line->size() == name_size || !is_hl7_delimiter((*line)[name_size]))
        return model::fail(model::ErrorKind::malformed, "bad_msh",
                           "a message begins with MSH and a delimiter, and each is sent in a block of its own", "MSH");
    Hl7Header header;
    header.encoding.field = (*line)[name_size];
    const std::vector<std::string_view> fields = msh_fields(*line);
    const auto field = [&](std::size_t number) {
        return number <= fields.size() ? std::string(fields[number - 1]) : std::string();
    };
    // An answer has all delimiters, also where the message does without some, or names what can be none.
    constexpr std::size_t signs_min = 4;
    if (const std::string signs = field(2); signs.size() >= signs_min && are_distinct_delimiters(signs))
        header.signs = signs;
    header.encoding.component = header.signs[0];
    header.encoding.repetition = header.signs[1];
    header.encoding.escape = header.signs[2];
    header.encoding.subcomponent = header.signs[3];
    header.sending_application = field(3);
    header.sending_facility = field(4);
    header.receiving_application = field(5);
    header.receiving_facility = field(6);
    header.event = Hl7Text(field(9), header.encoding).component(2).text();
    header.control_id = field(10);
    header.processing_id = field(11);
    header.version = field(12);
    header.accept_answer = condition_in(Hl7Text(field(15), header.encoding));
    header.application_answer = condition_in(Hl7Text(field(16), header.encoding));
    header.charset = field(18);
    return header;
}

std::vector<std::string> acknowledgements(const Hl7Header& header, const MessageResult& result,
                                          const std::string& control_id, model::Instant now) {
    const std::vector<Row> rows = rows_of(result);
    const auto answer = [&](char first, bool has_rows, const std::string& its_control_id) {
        Writer writer(header);
        write_header(writer, header, its_control_id, now);
        const char second = result.is_stored ? 'A' : result.retry ? 'E' : 'R';
        writer.begin("MSA");
        writer.field(std::string{first, second});
        writer.field(header.control_id);
        // Withdrawn in 2.7.
        if (has_rows && is_before(header.version, 2, 7))
            writer.field(writer.escaped(summary_of(rows, result.outcomes.size()), summary_bytes_max));
        writer.end();
        if (has_rows && is_before(header.version, 2, 5))
            write_old_rows(writer, header, rows);
        else if (has_rows)
            write_rows(writer, rows);
        return writer.take();
    };
    const auto is_asked = [&](std::string_view when) {
        return when == "AL" || when == (result.is_stored ? "SU" : "ER");
    };
    if (header.accept_answer.empty() && header.application_answer.empty())
        return {answer('A', true, control_id)};
    // What was not taken has no application's answer besides.
    const bool has_accept = is_asked(header.accept_answer);
    const bool has_application = is_asked(header.application_answer) && (result.is_stored || !has_accept);
    std::vector<std::string> answers;
    if (has_accept)
        answers.push_back(answer('C', !has_application, control_id));
    if (has_application)
        answers.push_back(answer('A', true, has_accept ? control_id + ".2" : control_id));
    return answers;
}

} // namespace bonewatch::ingest
