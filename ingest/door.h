#pragma once

#include "ingest/decode.h"
#include "store/model/wire.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bonewatch::ingest {

/// What a peer may ask of the door. Told to each in its WELCOME.
struct DoorLimits {
    model::FrameLimits frame;
    std::size_t inflated_bytes_max = 16u << 20; ///< Of one PUBLISH, all gzip bodies together.
    std::size_t events_max = 4096;              ///< Of one body. Told, and held to by who takes the submissions.
    std::size_t peers_max = 1024;
    std::size_t credit = 1024;                ///< Bodies that one peer may have unanswered.
    std::size_t queued_bodies_max = 10'000;   ///< Unanswered, of all peers; above it nothing is received.
    std::size_t queued_bytes_max = 64u << 20; ///< Likewise.
};

/// What became of one event, for its publisher.
struct EventOutcome {
    std::string type;    ///< `result`, `supply`, …, or the resource type where no event could be made.
    std::string id;      ///< The publisher's own id; empty where it has none.
    std::string outcome; ///< applied, duplicate, superseded, disputed, quarantined, not_used or rejected.
    std::string reason;  ///< A short stable word; for quarantined, not_used, rejected.
    std::string place;   ///< JSON path, `OBX[2]-5`; also of what is superseded or disputed.
    std::string
        message; ///< The reason for a person; of what is superseded, but for a patient's line: what is above it.
    std::vector<std::string> warnings;
};

/// What became of one body.
struct MessageResult {
    bool is_stored = false;             ///< On disk: its publisher may forget it.
    std::string position;               ///< Of its last record; opaque. Only when stored.
    std::vector<EventOutcome> outcomes; ///< In the message's order.
    bool retry = false;                 ///< Sending the same again may succeed. Only when rejected.
    std::string reason;                 ///< A short stable word. Only when rejected.
    std::string message;                ///< The same for a person.
};

/// One PUBLISH, to be decoded, journalled, and answered by `reply` or `refuse`. The loop owns it meanwhile.
struct Submission {
    std::string publisher; ///< As the greeting named it.
    Format format = Format::native;
    bool is_backfill = false;
    std::vector<std::string> bodies; ///< Inflated. Each is one message, and none sinks another.

    model::Address from;
    std::map<std::size_t, MessageResult> refused; ///< Bodies that are not in `bodies`, by place in the PUBLISH.
    std::size_t credit = 0;                       ///< Bodies of the PUBLISH.
    std::size_t bytes = 0;
};

/// A peer that said HELLO.
struct Greeting {
    std::string publisher;
    std::string client; ///< What its program calls itself: printable ASCII, cut to 64 characters.
};

struct DoorStats {
    std::uint64_t publishes = 0;
    std::uint64_t bodies = 0;
    std::uint64_t replies_lost = 0; ///< The peer was gone or did not read.
    std::size_t peers = 0;
    std::size_t queued_bodies = 0; ///< Unanswered.
    std::size_t queued_bytes = 0;
    std::map<std::string, std::uint64_t> refusals; ///< By reason.
};

/// Where publishers come in: greets them, holds them to their limits, and turns PUBLISH frames into submissions.
/// The protocol: README.md, "The door". Used on one thread; the wire outlives it. Never waits.
class Door {
  public:
    /// `server` and `epoch` (of the store) are told in the WELCOME.
    Door(model::Wire& wire, const DoorLimits& limits, std::string server, std::uint64_t epoch);

    /// Takes what has arrived, up to about `bodies_max` bodies (a PUBLISH is never split), and answers everything but
    /// PUBLISH itself.
    [[nodiscard]] std::vector<Submission> receive(std::size_t bodies_max);

    /// Answers a submission: one result for each of its `bodies`, in their order. Only after the commit.
    void reply(const Submission& submission, std::vector<MessageResult> results);
    /// Answers a submission as a whole: nothing of it was journalled.
    void refuse(const Submission& submission, const model::Error& error, bool retry);

    /// Who said HELLO since this was last asked; of very many the first 256.
    [[nodiscard]] std::vector<Greeting> take_greetings() { return std::exchange(greetings_, {}); }
    [[nodiscard]] DoorStats stats() const;

  private:
    struct Peer {
        std::string publisher;
        std::size_t unanswered = 0; ///< Bodies.
    };

    void serve(model::Envelope envelope, std::vector<Submission>& submissions);
    void greet(const model::Address& from, const model::Meta& meta);
    [[nodiscard]] model::Result<Submission> admit(const model::Address& from, model::Frame frame,
                                                  const model::Meta& meta);
    void send(const model::Address& to, model::Frame frame);
    void send_error(const model::Address& to, const model::Error& error, bool retry);
    void release(const Submission& submission);

    model::Wire& wire_;
    DoorLimits limits_;
    std::string server_;
    std::uint64_t epoch_;
    std::map<std::string, Peer> peers_;
    std::string probed_to_; ///< Where the search for a peer that is gone goes on.
    std::size_t queued_bodies_ = 0;
    std::size_t queued_bytes_ = 0;
    std::vector<Greeting> greetings_;
    DoorStats stats_;
};

} // namespace bonewatch::ingest
