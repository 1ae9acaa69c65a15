#include "config/key_text.h"

#include "config/document.h"
#include "config/files.h"
#include "store/model/ensure.h"

#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <variant>

namespace bonewatch::config {

namespace {

constexpr std::size_t key_characters = 40;
constexpr std::size_t characters_per_word = 5;
/// The digits of Z85 in their order: ZeroMQ RFC 32.
constexpr std::string_view z85_digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// The key that the file has under `name`.
model::Result<std::string> key_in(const Value& document, const std::string& file, const std::string& name) {
    for (const Entry& entry : std::get<Value::Table>(document.content)) {
        if (entry.key != name)
            continue;
        const auto* text = std::get_if<std::string>(&entry.value.content);
        if (text == nullptr || !is_key(*text))
            return model::fail(model::ErrorKind::config, "bad_key_file",
                               "'" + name + "' is not a key: 40 characters as `bonewatch key generate` writes them",
                               to_text(file, entry.value.place));
        return *text;
    }
    return model::fail(model::ErrorKind::config, "bad_key_file", "'" + name + "' is missing", to_text(file, {}));
}

} // namespace

bool is_key(std::string_view text) {
    if (text.size() != key_characters)
        return false;
    for (; !text.empty(); text.remove_prefix(characters_per_word)) {
        std::uint64_t word = 0;
        for (const char c : text.substr(0, characters_per_word)) {
            const auto digit = z85_digits.find(c);
            if (digit == std::string_view::npos)
                return false;
            word = word * z85_digits.size() + digit;
        }
        if (word > UINT32_MAX)
            return false;
    }
    return true;
}

std::string fingerprint(std::string_view public_key) {
    constexpr std::size_t shown_bytes = 10;
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
    const int status =
        crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(public_key.data()),
                           public_key.size(), nullptr, 0);
    ENSURE(status == 0, "BLAKE2b takes any text");
    std::string out;
    for (std::size_t i = 0; i < shown_bytes; ++i) {
        if (i > 0 && i % 2 == 0)
            out += '-';
        out += digits[hash[i] >> 4];
        out += digits[hash[i] & 0xf];
    }
    return out;
}

model::Result<SecretKey> load_secret_key(const std::filesystem::path& path) {
    const auto text = read_text(path);
    if (!text)
        return std::unexpected(text.error());
    struct stat status{};
    if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return model::fail(model::ErrorKind::config, "secret_is_open",
                           "others than its owner may read or write this secret key: take it as known to them and make "
                           "a new one, or `chmod 600` it if you are sure",
                           path.string());
    const auto document = parse_document(path.string(), *text);
    if (!document)
        return std::unexpected(document.error());
    auto public_key = key_in(*document, path.string(), "public_key");
    auto secret_key = key_in(*document, path.string(), "secret_key");
    if (!public_key || !secret_key)
        return std::unexpected(!public_key ? public_key.error() : secret_key.error());
    return SecretKey{*std::move(public_key), *std::move(secret_key)};
}

std::string to_text(const SecretKey& key) {
    return "# A secret key of bonewatch. Whoever can read this file can speak as its owner: keep it to yourself.\n"
           "public_key = \"" +
           key.public_key + "\"\nsecret_key = \"" + key.secret_key + "\"\n";
}

model::Result<std::string> public_key_of(const std::string& key_or_path) {
    if (is_key(key_or_path))
        return key_or_path;
    const auto text = read_text(key_or_path);
    if (!text)
        return model::fail(model::ErrorKind::config, "bad_key",
                           "is neither a public key of 40 characters nor a file that has one", key_or_path);
    const auto document = parse_document(key_or_path, *text);
    if (!document)
        return std::unexpected(document.error());
    return key_in(*document, key_or_path, "public_key");
}

} // namespace bonewatch::config
