#pragma once

#include "store/model/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace bonewatch::config {

/// Whether a text is a CURVE key as ZeroMQ writes it: 40 characters of Z85 that stand for 32 bytes.
[[nodiscard]] bool is_key(std::string_view text);

/// `9f3a-01bc-77e2-d410-5b6e`: of a public key, to be compared by telephone. 80 bits of BLAKE2b over its Z85 text.
[[nodiscard]] std::string fingerprint(std::string_view public_key);

/// A key pair, as its owner alone keeps it. Both are Z85 text. The secret stands in no log and no message.
struct SecretKey {
    std::string public_key;
    std::string secret_key;
};

/// Reads `public_key` and `secret_key` from a file of TOML. Fails with `config`: `unreadable_file`, `bad_key_file` with
/// line and column, and `secret_is_open` where anybody but the owner may read it.
[[nodiscard]] model::Result<SecretKey> load_secret_key(const std::filesystem::path& path);

/// The text of such a file.
[[nodiscard]] std::string to_text(const SecretKey& key);

/// A public key given as its 40 characters, or as the file that has it in `public_key`; a secret key's file will do.
[[nodiscard]] model::Result<std::string> public_key_of(const std::string& key_or_path);

} // namespace bonewatch::config
