#pragma once

#include "store/model/result.h"

#include <chrono>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// How a door, or whoever answers for the keys, met somebody whom it must not know.
enum class Met : std::uint8_t {
    refused, ///< As it must be.
    let_in,  ///< Anybody is let in.
    unclear, ///< Neither, in time: too busy, or nobody answers.
};

/// A key pair that nobody has.
struct StrangerKey {
    std::string public_key;
    std::string secret_key;
};
[[nodiscard]] StrangerKey make_stranger();

/// Knocks at a door of this machine with a stranger's key; `is_tail`: as one who only looks. Waits; any thread.
[[nodiscard]] Met knock(const std::string& endpoint, bool is_tail, const std::string& server_public_key,
                        const StrangerKey& stranger, std::chrono::milliseconds patience);

/// Asks the answerer in this context itself whether it would let the stranger in. Waits; any thread.
[[nodiscard]] Met ask_answerer(zmq::context_t& context, const StrangerKey& stranger,
                               std::chrono::milliseconds patience);

} // namespace bonewatch::daemon
