#include "ingest/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace bonewatch::ingest {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;
namespace ondemand = simdjson::ondemand;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// The grammar of RFC 8259: simdjson checks a number only where it converts it.
bool is_json_number(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const auto from = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at - from;
    };
    if (at < text.size() && text[at] == '-')
        ++at;
    const bool leading_zero = at < text.size() && text[at] == '0';
    const auto whole = digits();
    if (whole == 0 || (leading_zero && whole > 1))
        return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0)
            return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (digits() == 0)
            return false;
    }
    return at == text.size();
}

/// What simdjson's unescaping can still let through: NUL, and halves of surrogate pairs.
bool is_clean(std::string_view text) {
    if (std::memchr(text.data(), '\0', text.size()) != nullptr)
        return false;
    for (std::size_t at = text.find('\xED'); at != std::string_view::npos; at = text.find('\xED', at + 1))
        if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0)
            return false;
    return true;
}

struct Failure {
    const char* reason = nullptr;
    std::string message;
    std::string path;
};

/// Fills a tree from one on-demand document. Everything is visited, hence everything is checked.
class Filler {
  public:
    Filler(const JsonLimits& limits, char* strings, const char* source_end)
        : limits_(limits), strings_(strings), source_end_(source_end) {}

    Failure failure;

    template <typename Value>
    bool fill(Value& value, Json& out, std::size_t depth) {
        if (++values_ > limits_.values_max)
            return refuse("too_large", "more than " + std::to_string(limits_.values_max) + " values in one text");
        ondemand::json_type type{};
        if (const auto error = value.type().get(type); error != simdjson::SUCCESS)
            return refuse(error);
        switch (type) {
        case ondemand::json_type::object:
            return fill_object(value, out, depth);
        case ondemand::json_type::array:
            return fill_array(value, out, depth);
        case ondemand::json_type::string:
            return fill_string(value, out);
        case ondemand::json_type::number:
            out.kind = JsonKind::number;
            break;
        case ondemand::json_type::boolean:
            out.kind = JsonKind::boolean;
            break;
        case ondemand::json_type::null:
            out.kind = JsonKind::null;
            break;
        }
        return fill_token(value, out);
    }

    bool refuse(simdjson::error_code error) {
        const bool encoding = error == simdjson::UTF8_ERROR;
        return refuse(encoding ? "bad_encoding" : "bad_json",
                      encoding ? "not valid UTF-8; send UTF-8" : std::string("not valid JSON: ") + explain(error));
    }

  private:
    static const char* explain(simdjson::error_code error) {
        switch (error) {
        case simdjson::EMPTY:
            return "there is nothing";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::UNESCAPED_CHARS:
            return "a control character stands in a string";
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            return "it ends in the middle of an object or array";
        case simdjson::STRING_ERROR:
            return "a string has a bad escape";
        default:
            return "a comma, colon, bracket or value is not where it should be";
        }
    }

    bool refuse(const char* reason, std::string message) {
        if (failure.reason == nullptr)
            failure = {reason, std::move(message), {}};
        return false;
    }

    /// The text of an object or array: it began at `begin`, and everything before the next token belongs to it.
    template <typename Value>
    std::string_view source_from(const char* begin, Value& value, char closing) {
        const char* end = source_end_;
        const char* next = nullptr;
        if (value.current_location().get(next) == simdjson::SUCCESS && next < end)
            end = next;
        while (end > begin && end[-1] != closing)
            --end;
        return {begin, static_cast<std::size_t>(end - begin)};
    }

    template <typename Value>
    const char* location(Value& value) {
        const char* at = source_end_;
        return value.current_location().get(at) == simdjson::SUCCESS ? at : source_end_;
    }

    template <typename Value>
    bool fill_object(Value& value, Json& out, std::size_t depth) {
        if (depth >= limits_.depth_max)
            return refuse("too_deep", "nested more than " + std::to_string(limits_.depth_max) + " deep");
        out.kind = JsonKind::object;
        const char* begin = location(value);
        ondemand::object object;
        if (const auto error = value.get_object().get(object); error != simdjson::SUCCESS)
            return refuse(error);
        out.members.reserve(depth == 0 ? 12 : 4);
        for (auto field : object) {
            if (field.error() != simdjson::SUCCESS)
                return refuse(field.error());
            std::string_view key;
            if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS)
                return refuse(error);
            auto& member = out.members.emplace_back(Json::Member{keep(key), {}});
            if (!is_clean(member.key))
                return refuse("bad_encoding", "a key holds NUL or half a surrogate pair");
            ondemand::value inner = field.value();
            if (!fill(inner, member.value, depth + 1)) {
                failure.path = "." + std::string(member.key.substr(0, 64)) + failure.path;
                return false;
            }
        }
        out.text = source_from(begin, value, '}');
        return has_distinct_keys(out);
    }

    template <typename Value>
    bool fill_array(Value& value, Json& out, std::size_t depth) {
        if (depth >= limits_.depth_max)
            return refuse("too_deep", "nested more than " + std::to_string(limits_.depth_max) + " deep");
        out.kind = JsonKind::array;
        const char* begin = location(value);
        ondemand::array array;
        if (const auto error = value.get_array().get(array); error != simdjson::SUCCESS)
            return refuse(error);
        for (auto element : array) {
            if (element.error() != simdjson::SUCCESS)
                return refuse(element.error());
            out.members.emplace_back();
            ondemand::value inner = element.value_unsafe();
            if (!fill(inner, out.members.back().value, depth + 1)) {
                failure.path = "[" + std::to_string(out.members.size() - 1) + "]" + failure.path;
                return false;
            }
        }
        out.text = source_from(begin, value, ']');
        return true;
    }

    template <typename Value>
    bool fill_string(Value& value, Json& out) {
        std::string_view text;
        if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS)
            return refuse(error);
        out.kind = JsonKind::string;
        out.text = keep(text);
        return is_clean(text) || refuse("bad_encoding", "a string holds NUL or half a surrogate pair");
    }

    template <typename Value>
    bool fill_token(Value& value, Json& out) {
        std::string_view token;
        if constexpr (requires { value.raw_json_token().get(token); }) {
            if (const auto error = value.raw_json_token().get(token); error != simdjson::SUCCESS)
                return refuse(error);
        } else {
            token = value.raw_json_token();
        }
        out.text = trimmed(token);
        const bool is_right = out.kind == JsonKind::number    ? is_json_number(out.text)
                              : out.kind == JsonKind::boolean ? out.text == "true" || out.text == "false"
                                                              : out.text == "null";
        if (!is_right)
            return refuse("bad_json", "'" + std::string(out.text.substr(0, 40)) + "' is not a JSON value");
        return true;
    }

    bool has_distinct_keys(const Json& object) {
        const auto& members = object.members;
        if (members.size() <= 24) {
            for (std::size_t i = 1; i < members.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (members[i].key == members[j].key)
                        return refuse("duplicate_key", "the key '" + std::string(members[i].key) + "' stands twice");
            return true;
        }
        std::vector<std::string_view> keys;
        keys.reserve(members.size());
        for (const auto& member : members)
            keys.push_back(member.key);
        std::ranges::sort(keys);
        const auto found = std::ranges::adjacent_find(keys);
        return found == keys.end() || refuse("duplicate_key", "the key '" + std::string(*found) + "' stands twice");
    }

    std::string_view keep(std::string_view text) {
        if (!text.empty())
            std::memcpy(strings_ + used_, text.data(), text.size());
        const std::string_view kept(strings_ + used_, text.size());
        used_ += text.size();
        return kept;
    }

    const JsonLimits& limits_;
    char* strings_;
    const char* source_end_;
    std::size_t used_ = 0;
    std::size_t values_ = 0;
};

} // namespace

const Json* Json::find(std::string_view key) const {
    if (kind != JsonKind::object)
        return nullptr;
    for (const Member& member : members)
        if (member.key == key)
            return &member.value;
    return nullptr;
}

std::string_view Json::text_of(std::string_view key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_string() ? value->text : std::string_view{};
}

std::uint64_t Json::number_of(std::string_view key) const {
    std::uint64_t number = 0;
    if (const Json* value = find(key))
        std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
    return number;
}

const std::vector<Json::Member>& Json::items_of(std::string_view key) const {
    static const std::vector<Member> none;
    const Json* value = find(key);
    return value != nullptr && value->is_array() ? value->members : none;
}

Result<JsonText> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes_max)
        return fail(ErrorKind::malformed, "too_large",
                    "larger than " + std::to_string(limits.bytes_max) + " bytes; send it in smaller parts", "$");
    JsonText out;
    const std::size_t padded_bytes = text.size() + simdjson::SIMDJSON_PADDING;
    out.texts = std::make_unique_for_overwrite<char[]>(padded_bytes + text.size());
    char* source = out.texts.get();
    if (!text.empty())
        std::memcpy(source, text.data(), text.size());
    std::memset(source + text.size(), ' ', simdjson::SIMDJSON_PADDING);

    thread_local ondemand::parser parser; // Its buffers are reused; nothing of it outlives this call.
    Filler filler(limits, source + padded_bytes, source + text.size());
    ondemand::document document;
    auto error = parser.iterate(source, text.size(), padded_bytes).get(document);
    bool is_read = false;
    if (error != simdjson::SUCCESS) {
        filler.refuse(error);
    } else {
        is_read = filler.fill(document, out.root, 0);
        if (is_read && !out.root.is_object() && !out.root.is_array()) {
            filler.failure = {"bad_json", "neither an object nor an array", {}};
            is_read = false;
        } else if (is_read && document.current_location().error() == simdjson::SUCCESS) {
            filler.failure = {"bad_json", "not valid JSON: text follows the end of the value", {}};
            is_read = false;
        }
    }
    if (!is_read)
        return fail(ErrorKind::malformed, filler.failure.reason, std::move(filler.failure.message),
                    "$" + filler.failure.path);
    return out;
}

namespace {

/// Its path from `value` on: written on the way back, so that nothing is written where nothing is found.
std::optional<std::string> find_empty_within(const Json& value) {
    const bool is_empty = value.kind == JsonKind::null || (value.is_string() && value.text.empty()) ||
                          ((value.is_array() || value.is_object()) && value.members.empty());
    if (is_empty)
        return std::string();
    for (std::size_t i = 0; i < value.members.size(); ++i) {
        const Json& inner = value.members[i].value;
        if (value.is_array() && inner.kind == JsonKind::null)
            continue;
        const bool has_more = !inner.members.empty() || inner.text.empty() || inner.kind == JsonKind::null ||
                              inner.is_array() || inner.is_object();
        if (!has_more)
            continue;
        if (const auto found = find_empty_within(inner))
            return path_step(value, i) + *found;
    }
    return std::nullopt;
}

} // namespace

std::string path_step(const Json& value, std::size_t index) {
    return value.is_array() ? "[" + std::to_string(index) + "]" : "." + std::string(value.members[index].key);
}

std::optional<std::string> find_empty(const Json& value, const std::string& path) {
    auto found = find_empty_within(value);
    return found ? std::optional(path + *found) : std::nullopt;
}

} // namespace bonewatch::ingest
