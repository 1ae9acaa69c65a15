#pragma once

#include "config/fields.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::config {

/// Whose messages those of one sender are. An empty text fits all.
struct MllpSender {
    std::string application; ///< MSH-3, its first component.
    std::string facility;    ///< MSH-4, likewise.
    std::string publisher;
};

/// Whom a client's certificate lets in.
struct MllpClient {
    std::string name;                 ///< A DNS name of its certificate; where that has none, its common name.
    std::set<std::string> publishers; ///< For whom it may speak.
};

/// Mutual TLS: whoever has no certificate of `ca` whose name is among `clients` is not let in.
struct MllpTls {
    std::filesystem::path certificate; ///< Of the daemon, with what lies between it and its authority; PEM.
    std::filesystem::path key;
    std::filesystem::path ca; ///< Who vouches for clients, and for nobody else.
    std::vector<MllpClient> clients;
};

/// A door for HL7 v2 over MLLP.
struct MllpSettings {
    std::string address = "127.0.0.1"; ///< Of an interface, as a number. Other than loopback only with `tls`.
    std::uint16_t port = 2575;         ///< 0 takes a free one.
    std::vector<MllpSender> senders;   ///< The first that fits.
    std::string publisher;             ///< Of all other senders; empty: they are refused.
    std::int64_t max_message_bytes = 4'194'304;
    std::int64_t connections_max = 16;
    std::chrono::seconds idle{3600};  ///< After which a connection that sends nothing is closed.
    std::chrono::seconds message{60}; ///< In which a message that has begun must have arrived, and its answer be taken.
    std::optional<MllpTls> tls;

    /// Empty where nobody has set the sender up.
    [[nodiscard]] std::string publisher_of(std::string_view application, std::string_view facility) const;
};

/// Reads the sections `[mllp.NAME]`, by name. Paths are as written.
[[nodiscard]] std::map<std::string, MllpSettings> read_mllp(Fields& top, Problems& problems);

} // namespace bonewatch::config
