#include "config/files.h"

#include "store/model/ensure.h"

#include <sodium.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>

namespace bonewatch::config {

namespace {

constexpr std::size_t revision_bytes = 16;

void add_counted(crypto_generichash_state& state, const std::string& text) {
    std::array<unsigned char, 8> length{};
    auto rest = static_cast<std::uint64_t>(text.size());
    for (auto& byte : length) {
        byte = static_cast<unsigned char>(rest & 0xff);
        rest >>= 8;
    }
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

} // namespace

model::Result<std::string> read_text(const std::filesystem::path& path) {
    const auto cannot = [&](int why) {
        return model::fail(model::ErrorKind::config, "unreadable_file",
                           "cannot be read: " + std::generic_category().message(why), path.string());
    };
    // Reading a folder as if it were a file throws.
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        return cannot(EISDIR);
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in.is_open())
        return cannot(errno != 0 ? errno : EIO);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad())
        return cannot(EIO);
    return text;
}

model::Result<Files> read_files(const std::filesystem::path& folder) {
    const auto cannot = [&](const std::filesystem::path& path, const std::error_code& why) {
        return model::fail(model::ErrorKind::config, "unreadable_folder", "cannot be read: " + why.message(),
                           path.string());
    };
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(folder, error);
    if (error)
        return cannot(folder, error);

    Files files;
    for (const std::filesystem::recursive_directory_iterator end; at != end; at.increment(error)) {
        const bool is_table = at->path().extension() == ".toml" && at->is_regular_file(error);
        if (error)
            return cannot(at->path(), error);
        if (!is_table)
            continue;
        auto text = read_text(at->path());
        if (!text)
            return std::unexpected(std::move(text.error()));
        files.emplace(at->path().lexically_relative(folder).generic_string(), std::move(*text));
    }
    if (error)
        return cannot(folder, error);
    return files;
}

std::string revision_of(const Files& files) {
    ENSURE(sodium_init() >= 0, "libsodium must start before anything is hashed");
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, revision_bytes);
    for (const auto& [path, text] : files) {
        add_counted(state, path);
        add_counted(state, text);
    }
    std::array<unsigned char, revision_bytes> digest{};
    crypto_generichash_final(&state, digest.data(), digest.size());

    std::array<char, 2 * revision_bytes + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return hex.data();
}

} // namespace bonewatch::config
