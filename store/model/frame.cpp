#include "store/model/frame.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace bonewatch::model {

namespace {

constexpr std::array commands{
    std::pair{Command::hello, "HELLO"},   std::pair{Command::welcome, "WELCOME"},
    std::pair{Command::bye, "BYE"},       std::pair{Command::publish, "PUBLISH"},
    std::pair{Command::result, "RESULT"}, std::pair{Command::subscribe, "SUBSCRIBE"},
    std::pair{Command::event, "EVENT"},   std::pair{Command::commit, "COMMIT"},
    std::pair{Command::credit, "CREDIT"}, std::pair{Command::ping, "PING"},
    std::pair{Command::pong, "PONG"},     std::pair{Command::error, "ERROR"},
    std::pair{Command::query, "QUERY"},   std::pair{Command::act, "COMMAND"},
};

constexpr std::size_t head_parts = 4; // version, command, request id, meta

std::optional<Command> command_in(std::string_view part) {
    if (part.size() != 1)
        return std::nullopt;
    const auto octet = static_cast<std::uint8_t>(part.front());
    for (const auto& [command, name] : commands)
        if (static_cast<std::uint8_t>(command) == octet)
            return command;
    return std::nullopt;
}

std::string hex(std::string_view bytes, std::size_t bytes_shown) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes.substr(0, bytes_shown)) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return bytes.size() > bytes_shown ? text + "…" : text;
}

bool is_of_kind(const simdjson::dom::element& value, MemberKind kind) {
    switch (kind) {
    case MemberKind::text:
        return value.is_string();
    case MemberKind::flag:
        return value.is_bool();
    case MemberKind::whole:
        return value.is_uint64();
    }
    return false;
}

const char* wanted(MemberKind kind) {
    switch (kind) {
    case MemberKind::text:
        return "a text";
    case MemberKind::flag:
        return "true or false";
    case MemberKind::whole:
        return "a whole number from 0 up";
    }
    return "";
}

} // namespace

std::string_view name_of(Command command) {
    for (const auto& [known, name] : commands)
        if (known == command)
            return name;
    return "?";
}

std::expected<Frame, FrameFault> parse_frame(Envelope envelope, const FrameLimits& limits) {
    auto& parts = envelope.parts;
    FrameFault fault;
    const auto refuse = [&](std::string reason, std::string message) {
        fault.error = Error{ErrorKind::malformed, std::move(reason), std::move(message), {}};
        return std::unexpected(std::move(fault));
    };

    const std::size_t first = !parts.empty() && parts.front().empty() ? 1 : 0;
    fault.has_delimiter = first == 1;
    const bool has_request_id =
        parts.size() > first + 2 && !parts[first + 2].empty() && parts[first + 2].size() <= request_id_bytes_max;
    if (has_request_id && parts[first] == protocol_version)
        fault.request_id = parts[first + 2];

    const auto refuse_size = [&] {
        return refuse("too_large", "The message has " + std::to_string(envelope.byte_count) + " bytes; at most " +
                                       std::to_string(limits.bytes_max) + " are taken. Send several messages.");
    };
    const bool is_too_large = envelope.byte_count > limits.bytes_max;
    if (parts.size() <= first && !is_too_large)
        return refuse("too_few_parts", "An empty message: expected BWP1, command, request id, meta, bodies.");
    if (parts.size() <= first)
        return refuse_size();
    if (parts[first] != protocol_version) {
        if (parts[first].starts_with("BWP"))
            return refuse("wrong_version", "This door speaks BWP1 only.");
        return refuse("not_bwp1", "The message begins with 0x" + hex(parts[first], 8) + ", expected the version BWP1.");
    }
    if (parts.size() < first + head_parts && is_too_large)
        return refuse_size();
    if (parts.size() < first + head_parts)
        return refuse("too_few_parts", "A message has at least four parts: BWP1, command, request id, meta.");
    const auto command = command_in(parts[first + 1]);
    if (!command)
        return refuse("unknown_command", "There is no command 0x" + hex(parts[first + 1], 4) + ".");
    if (!has_request_id)
        return refuse("bad_request_id", "A request id has 1 to 32 bytes.");
    if (const auto bodies = envelope.part_count - first - head_parts; bodies > limits.bodies_max)
        return refuse("too_many_bodies", "The message has " + std::to_string(bodies) + " bodies; at most " +
                                             std::to_string(limits.bodies_max) + " are taken. Send several messages.");
    if (is_too_large)
        return refuse_size();
    if (parts[first + 3].size() > limits.meta_max)
        return refuse("meta_too_large", "The meta has " + std::to_string(parts[first + 3].size()) + " bytes; at most " +
                                            std::to_string(limits.meta_max) + " are taken.");

    const auto bodies = parts.begin() + static_cast<std::ptrdiff_t>(first + head_parts);
    return Frame{.has_delimiter = first == 1,
                 .command = *command,
                 .request_id = std::move(parts[first + 2]),
                 .meta = std::move(parts[first + 3]),
                 .bodies = {std::make_move_iterator(bodies), std::make_move_iterator(parts.end())}};
}

std::vector<std::string> parts_of(Frame frame) {
    std::vector<std::string> parts;
    parts.reserve(head_parts + 1 + frame.bodies.size());
    if (frame.has_delimiter)
        parts.emplace_back();
    parts.emplace_back(protocol_version);
    parts.emplace_back(1, static_cast<char>(frame.command));
    parts.push_back(std::move(frame.request_id));
    parts.push_back(std::move(frame.meta));
    std::ranges::move(frame.bodies, std::back_inserter(parts));
    return parts;
}

Result<Meta> read_meta(std::string_view text, std::span<const MemberRule> rules) {
    const auto refuse = [](const char* why) {
        return fail(ErrorKind::malformed, "meta_not_object",
                    std::string("The meta is not one JSON object: ") + why + ".");
    };
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(text.data(), text.size()).get(root); error)
        return refuse(simdjson::error_message(error));
    simdjson::dom::object object;
    if (root.get(object))
        return refuse("it is another kind of value");
    Meta meta;
    for (const auto& [key, value] : object) {
        if (meta.contains(key))
            return refuse("a key stands twice");
        if (value.is_null())
            continue;
        const auto rule = std::ranges::find(rules, key, &MemberRule::key);
        if (rule != rules.end() && !is_of_kind(value, rule->kind))
            return fail(ErrorKind::malformed, "bad_member",
                        "The member " + std::string(key) + " of the meta must be " + wanted(rule->kind) + ".",
                        std::string(key));
        std::string_view content;
        meta.emplace(key, value.get(content) ? simdjson::minify(value) : std::string(content));
    }
    return meta;
}

std::optional<std::string> text_in(const Meta& meta, std::string_view key) {
    const auto found = meta.find(key);
    return found == meta.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint64_t> number_in(const Meta& meta, std::string_view key) {
    const auto found = meta.find(key);
    if (found == meta.end())
        return std::nullopt;
    std::uint64_t value = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

bool flag_in(const Meta& meta, std::string_view key) {
    const auto found = meta.find(key);
    return found != meta.end() && found->second == "true";
}

} // namespace bonewatch::model
