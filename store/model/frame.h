#pragma once

#include "store/model/result.h"

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The frames that every door speaks. Grammar, limits and a worked example: ingest/README.md, "The door".
namespace bonewatch::model {

enum class Command : std::uint8_t {
    hello = 0x01,
    welcome = 0x02,
    bye = 0x03,
    publish = 0x10,
    result = 0x11,
    subscribe = 0x20,
    event = 0x21,
    commit = 0x22,
    credit = 0x23,
    ping = 0x30,
    pong = 0x31,
    error = 0x3f,
    query = 0x40,
    act = 0x41, ///< COMMAND on the wire: a person's command.
};

/// `HELLO`, `PUBLISH`, …: for messages to people.
[[nodiscard]] std::string_view name_of(Command command);

inline constexpr std::string_view protocol_version = "BWP1";
inline constexpr std::size_t request_id_bytes_max = 32;
inline constexpr std::size_t meta_bytes_max = 64u << 10;
/// The request id of what answers no request, or one whose id could not be read.
inline constexpr std::string_view no_request_id = "-";

/// What a message may hold; what lies beyond is refused.
struct FrameLimits {
    std::size_t bodies_max = 256;
    std::size_t bytes_max = 16u << 20;     ///< All parts of one message together.
    std::size_t meta_max = meta_bytes_max; ///< Of requests; the meta of an answer is as long as its results.
};

/// One multipart message as it came from a peer.
struct Envelope {
    std::string peer;               ///< Routing id: opaque, says where to answer and never who it is.
    std::vector<std::string> parts; ///< Without the routing id. Past the limits only the first few are kept.
    std::size_t part_count = 0;     ///< Of the message as sent.
    std::size_t byte_count = 0;     ///< Likewise.
};

struct Frame {
    bool has_delimiter = false; ///< An empty first part, as REQ sockets send; mirrored in what answers it.
    Command command = Command::ping;
    std::string request_id;
    std::string meta = "{}"; ///< A JSON object.
    std::vector<std::string> bodies;
};

/// Why a message is no frame, with as much of its address as could be read, so that the refusal finds its sender.
struct FrameFault {
    Error error;
    bool has_delimiter = false;
    std::string request_id{no_request_id};
};

/// Fails with `malformed`: `too_few_parts`, `not_bwp1`, `wrong_version`, `unknown_command`, `bad_request_id`,
/// `too_many_bodies`, `too_large`, `meta_too_large`. The meta is checked when it is read.
[[nodiscard]] std::expected<Frame, FrameFault> parse_frame(Envelope envelope, const FrameLimits& limits);

/// The parts to send, in order.
[[nodiscard]] std::vector<std::string> parts_of(Frame frame);

/// The members of a frame's meta: texts as they are, numbers, booleans, arrays and objects as their JSON text, null
/// as if it were absent.
using Meta = std::map<std::string, std::string, std::less<>>;

/// What a member of a request's meta must be, where it is there.
enum class MemberKind : std::uint8_t { text, flag, whole };
struct MemberRule {
    std::string_view key;
    MemberKind kind = MemberKind::text;
};

/// Members without a rule pass. Fails with `malformed`: `meta_not_object`, for what is not one JSON object in UTF-8
/// with each key once; `bad_member`, its place the key, for a member of another kind than its rule says: `"yes"` is no
/// flag.
[[nodiscard]] Result<Meta> read_meta(std::string_view text, std::span<const MemberRule> rules = {});

/// The member's text, or nothing where it is absent.
[[nodiscard]] std::optional<std::string> text_in(const Meta& meta, std::string_view key);
/// Nothing where it is absent or no whole number from 0 up.
[[nodiscard]] std::optional<std::uint64_t> number_in(const Meta& meta, std::string_view key);
/// True only for `true`.
[[nodiscard]] bool flag_in(const Meta& meta, std::string_view key);

} // namespace bonewatch::model
