#pragma once

#include "daemon/mutual_tls.h"
#include "store/model/result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

struct MllpReceiver {
    std::string host, port;
    std::optional<ClientTls> tls;
    std::chrono::milliseconds connect_timeout{10'000}; ///< The handshake of TLS included.
    std::chrono::milliseconds answer_timeout{30'000};  ///< For the whole of an answer.
};

/// `HOST:PORT`, `[::1]:2575`, `tcp://HOST:PORT`. Fails with `refused`, `bad_endpoint`.
[[nodiscard]] model::Result<MllpReceiver> mllp_receiver(std::string_view text);

/// A sender's connection to any MLLP receiver. It blocks; one thread.
///
/// Fails with `unavailable`: `not_reachable` (nobody listens), `no_answer` (not in time), `closed` (before an answer
/// was whole); with `refused`, `tls_refused`, where one side does not trust the other or does not speak TLS; with
/// `config`, `bad_certificate`; with `malformed`, `unexpected_answer`, for an answer above 1 MiB. After a failure the
/// connection is over.
class MllpClient {
  public:
    [[nodiscard]] static model::Result<MllpClient> open(const MllpReceiver& receiver);
    MllpClient(MllpClient&&) noexcept;
    MllpClient& operator=(MllpClient&&) noexcept;
    ~MllpClient();

    /// Sends a message as a block, and gives what the next block has. REQUIRES: it holds neither 0x0B nor 0x1C.
    [[nodiscard]] model::Result<std::string> ask(std::string_view message);
    /// What the next block has, which is another answer to the same message.
    [[nodiscard]] model::Result<std::string> next_answer();
    [[nodiscard]] bool was_answered() const;

  private:
    class Wire;
    explicit MllpClient(std::unique_ptr<Wire> wire);

    std::unique_ptr<Wire> wire_;
};

} // namespace bonewatch::daemon
