#pragma once

#include "config/mllp_settings.h"
#include "ingest/mllp.h"
#include "store/model/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A whole block. Its connection reads nothing more until it has its answer.
struct MllpArrival {
    std::uint64_t connection = 0; ///< Never the same one twice.
    const std::string* door = nullptr;
    ingest::MllpBlock block;
    /// The name of its certificate that is set up, else the first it has; empty where the door has no TLS.
    std::string client;
};

struct MllpConnected {
    std::string door;
    std::string client; ///< As in MllpArrival.
    std::size_t connections = 0;
};

struct MllpDoorStats {
    std::size_t connections = 0; ///< Now.
    std::uint64_t connected = 0;
    ingest::MllpCounts framing;
    std::uint64_t answers = 0;                    ///< Written, or where none was asked for passed over.
    std::uint64_t answers_lost = 0;               ///< The connection was gone, or did not read.
    std::map<std::string, std::uint64_t> refused; ///< Connections not taken or given up, by reason.
};

/// The sockets of the MLLP doors, and the thread that serves them: slow peers, half messages and handshakes of TLS cost
/// the loop nothing. What arrives is taken, and answered, by the one thread that made this.
class MllpListener {
  public:
    /// Binds the doors and begins to listen; `doors` outlives this. Fails with `config` for certificates that cannot be
    /// used and with `unavailable`, `cannot_bind`.
    [[nodiscard]] static model::Result<std::unique_ptr<MllpListener>>
    open(const std::map<std::string, config::MllpSettings>& doors);
    /// Answers that are being written are given a second; unanswered messages are dropped, and their senders see the
    /// connection closed.
    ~MllpListener();

    /// A file descriptor that is readable where something waits to be taken.
    [[nodiscard]] int wakeup() const;
    [[nodiscard]] std::vector<MllpArrival> take();
    /// Who connected since this was last asked; of very many the first 256.
    [[nodiscard]] std::vector<MllpConnected> take_connected();
    /// Bytes to be written as they are, which may be none; then the connection goes on.
    void answer(std::uint64_t connection, std::string bytes);

    /// ` mllp.NAME=tcp://ADDRESS:PORT` for each door, with the ports that the system chose.
    [[nodiscard]] std::string endpoints() const;
    /// By door.
    [[nodiscard]] std::map<std::string, MllpDoorStats> stats() const;

  private:
    class Sockets;
    explicit MllpListener(std::unique_ptr<Sockets> sockets);

    std::unique_ptr<Sockets> sockets_;
};

} // namespace bonewatch::daemon
