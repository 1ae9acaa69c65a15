#pragma once

#include "config/keys.h"
#include "daemon/access_log.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// The one place where libzmq asks who may connect: ZeroMQ RFC 27.
inline constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";

/// The answer to one question of libzmq, part by part: 200 with the key as user id for a key that is known and good,
/// else 400. At the tail, where nobody can be answered in words, the key's role is asked for too. Refusals are counted,
/// except of `probe`, the key with which the daemon tries its own doors.
[[nodiscard]] std::vector<std::string> answer_zap(const std::vector<std::string>& question, const config::KeyRing& ring,
                                                  model::Instant now, AccessLog& log, std::string_view probe);

/// The 32 bytes of a key as Z85 text.
[[nodiscard]] std::string z85_of(std::string_view bytes);

} // namespace bonewatch::daemon
