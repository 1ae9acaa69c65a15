#pragma once

#include "daemon/mllp_listener.h"
#include "ingest/door.h"
#include "ingest/hl7_acknowledgement.h"
#include "store/model/clock.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

struct MllpReport {
    MllpDoorStats sockets;
    std::map<std::string, std::uint64_t> answered; ///< Messages `accepted`, `put_off`, `refused`.
    std::map<std::string, std::uint64_t> refused;  ///< Connections and messages, by reason.
};

/// Where senders of HL7 v2 come in over MLLP: says whose a message is, turns it into a submission, and answers it with
/// MSA and ERR. ingest/README.md, "HL7 v2 over MLLP". One thread, the loop's. Never waits.
class MllpDoor {
  public:
    /// `doors` outlives this; `now` makes its answers' ids its own. Fails as MllpListener does.
    [[nodiscard]] static model::Result<std::unique_ptr<MllpDoor>>
    open(const std::map<std::string, config::MllpSettings>& doors, model::Instant now);

    /// The messages that have arrived, each a submission of one body; `from.peer` is opaque. What is nobody's, or not
    /// the sender's to send, is answered here.
    [[nodiscard]] std::vector<ingest::Submission> receive(model::Instant now);
    /// Answers a submission. Only after the commit.
    void reply(const ingest::Submission& submission, const ingest::MessageResult& result, model::Instant now);

    [[nodiscard]] std::vector<MllpConnected> take_connected() { return listener_->take_connected(); }
    [[nodiscard]] int wakeup() const { return listener_->wakeup(); }
    [[nodiscard]] std::string endpoints() const { return listener_->endpoints(); }
    /// By door.
    [[nodiscard]] std::map<std::string, MllpReport> reports() const;

  private:
    MllpDoor(const std::map<std::string, config::MllpSettings>& doors, std::unique_ptr<MllpListener> listener,
             model::Instant now);

    /// Whose message it is; or why it is not taken, as its sender is told.
    [[nodiscard]] model::Result<std::string> publisher_of(const MllpArrival& arrival,
                                                          const model::Result<ingest::Hl7Header>& header) const;
    void answer(std::uint64_t connection, const std::string& door, const ingest::Hl7Header& header,
                const ingest::MessageResult& result, model::Instant now);

    /// A message on its way, by its submission's peer.
    struct Pending {
        std::uint64_t connection = 0;
        const std::string* door = nullptr;
        ingest::Hl7Header header;
    };

    const std::map<std::string, config::MllpSettings>& doors_;
    std::unique_ptr<MllpListener> listener_;
    std::map<std::string, Pending> pending_;
    std::string id_stem_; ///< Of the ids of this daemon's answers since it started.
    std::uint64_t answers_ = 0;
    std::map<std::string, MllpReport> reports_; ///< Without what the sockets know.
};

} // namespace bonewatch::daemon
