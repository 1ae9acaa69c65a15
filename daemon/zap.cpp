#include "daemon/zap.h"

#include "config/key_text.h"
#include "daemon/permit.h"
#include "store/model/ensure.h"

#include <array>
#include <zmq.hpp>

namespace bonewatch::daemon {

namespace {

constexpr std::size_t key_bytes = 32;
/// Version, request id, domain, address, routing id, mechanism, and of CURVE one part of credentials.
constexpr std::size_t question_parts = 7;

struct Verdict {
    std::string reason; ///< Empty: let in.
    std::string detail;
};

Verdict judge(const std::string& domain, const std::string& address, const std::string& key,
              const config::KeyRing& ring, model::Instant now) {
    const auto door = door_of(domain);
    if (!door)
        return {"unknown_door", {}};
    std::string detail = "fingerprint=" + config::fingerprint(key) + " from=" + address;
    const config::KeyRing::Key* known = ring.find(key);
    if (known != nullptr)
        detail += " key=" + known->client->name;
    if (const auto standing = ring.standing(key, now); standing != config::Standing::good)
        return {std::string(reason_of(standing)), std::move(detail)};
    if (*door == DoorName::tail && !permit(*door, *known->client, model::Command::subscribe, "{}"))
        return {"wrong_role", std::move(detail)};
    return {};
}

} // namespace

std::string z85_of(std::string_view bytes) {
    ENSURE(bytes.size() == key_bytes, "a CURVE key has 32 bytes");
    std::array<char, 41> text{};
    zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    return text.data();
}

std::vector<std::string> answer_zap(const std::vector<std::string>& question, const config::KeyRing& ring,
                                    model::Instant now, AccessLog& log, std::string_view probe) {
    const std::string request_id = question.size() > 1 ? question[1] : std::string();
    const auto reply = [&](const char* status, const char* text, const std::string& user) {
        return std::vector<std::string>{"1.0", request_id, status, text, user, ""};
    };
    const bool is_curve = question.size() == question_parts && question[0] == "1.0" && question[5] == "CURVE" &&
                          question[6].size() == key_bytes;
    if (!is_curve) {
        log.count("all", "bad_question");
        return reply("400", "Only CURVE", {});
    }
    const std::string key = z85_of(question[6]);
    const Verdict verdict = judge(question[2], question[3], key, ring, now);
    if (verdict.reason.empty())
        return reply("200", "OK", key);
    if (key != probe)
        log.count(door_of(question[2]) ? question[2] : "all", verdict.reason, verdict.detail);
    // Never 300, which makes a client wait; and not a word why, to somebody who is not known.
    return reply("400", "Refused", {});
}

} // namespace bonewatch::daemon
