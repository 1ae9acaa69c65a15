#pragma once

#include "store/model/clock.h"
#include "store/model/result.h"

#include <array>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Who may connect, and as whom: the clients' public keys. A client's file is README.md, "Keys".
namespace bonewatch::config {

/// What the owner of a key may do. The table is README.md, "Keys".
enum class Role : std::uint8_t { publisher, subscriber, clinician, operations, admin };

inline constexpr std::array<std::pair<std::string_view, Role>, 5> role_words{{{"publisher", Role::publisher},
                                                                              {"subscriber", Role::subscriber},
                                                                              {"clinician", Role::clinician},
                                                                              {"operator", Role::operations},
                                                                              {"admin", Role::admin}}};
[[nodiscard]] std::string_view word_of(Role role);
[[nodiscard]] std::optional<Role> role_of(std::string_view word);

/// One client, as its file says.
struct ClientKey {
    std::string name; ///< Of the file, without `.pub`.
    std::string public_key{};
    std::set<Role> roles{};
    std::set<std::string> sources{};           ///< Publishers that it may speak for; `*` stands for any.
    std::set<std::string> consumers{};         ///< Names under which it may subscribe; likewise.
    std::optional<model::Instant> not_after{}; ///< From then on it is refused.
    std::optional<model::Instant> revoked{};   ///< When it was taken away.
    std::string note{};
    std::string previous_key{}; ///< Before a rotation; good until `previous_until`.
    std::optional<model::Instant> previous_until{};

    [[nodiscard]] bool has(Role role) const { return roles.contains(role); }
    [[nodiscard]] bool may_speak_for(std::string_view source) const;
    [[nodiscard]] bool may_subscribe_as(std::string_view consumer) const;
};

/// Whether `name` can be a client's: 1 to 64 of letters, digits, `.`, `-` and `_`, not beginning with a `.`.
[[nodiscard]] bool is_client_name(std::string_view name);

/// Reads a client's file. Every problem is reported with `file`, line and column.
[[nodiscard]] std::expected<ClientKey, std::vector<model::Error>>
parse_client_key(std::string_view file, std::string_view name, std::string_view text);

/// The text of such a file, whole.
[[nodiscard]] std::string to_text(const ClientKey& client);

/// A time in a client's file: a date means the end of that day, in UTC. Fails with `malformed`.
[[nodiscard]] model::Result<model::Instant> parse_until(std::string_view text);

enum class Standing : std::uint8_t { good, unknown, revoked, expired };
/// `unknown_key`, `key_revoked`, `key_expired`.
[[nodiscard]] std::string_view reason_of(Standing standing);

/// All keys that are known, as they stood at one time. Never changed: another state is another ring.
class KeyRing {
  public:
    /// One key of a client; of a client that rotates there are two.
    struct Key {
        const ClientKey* client = nullptr;
        std::optional<model::Instant> until{};
        std::string grant; ///< 16 bytes that change when what the key may do changes.

        [[nodiscard]] Standing standing(model::Instant now) const;
    };

    /// A key that two clients have is nobody's: `problems` says so (`same_key`), and the others stand.
    [[nodiscard]] static KeyRing of(std::map<std::string, ClientKey> clients, std::vector<model::Error>& problems);
    KeyRing() = default;
    KeyRing(KeyRing&&) = default; ///< Keys point into `clients_`, so a ring is moved and never copied.
    KeyRing& operator=(KeyRing&&) = default;

    /// Nothing for a key that nobody has.
    [[nodiscard]] const Key* find(std::string_view public_key) const;
    [[nodiscard]] Standing standing(std::string_view public_key, model::Instant now) const;
    /// Whether a key that is good now has this grant.
    [[nodiscard]] bool is_granted(std::string_view grant, model::Instant now) const;
    [[nodiscard]] const std::map<std::string, ClientKey>& clients() const { return clients_; }

  private:
    std::map<std::string, ClientKey> clients_;
    std::map<std::string, Key, std::less<>> keys_;
    std::map<std::string, const Key*, std::less<>> by_grant_;
};

} // namespace bonewatch::config
