#include "daemon/resume_state.h"

#include "config/files.h"
#include "ingest/json.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sodium.h>

namespace bonewatch::daemon {

namespace {

constexpr auto interval = std::chrono::seconds(1);

std::string digest_of(std::string_view text) {
    std::array<unsigned char, crypto_generichash_BYTES> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                       nullptr, 0);
    std::array<char, 2 * crypto_generichash_BYTES + 1> hex{};
    return sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
}

bool is_state(const ingest::Json& json) {
    const auto is_there = [&](std::string_view name) { return json.find(name) != nullptr; };
    return json.text_of("digest").size() == 2 * crypto_generichash_BYTES && is_there("messages") &&
           is_there("answered") && is_there("rejected");
}

} // namespace

model::Result<std::uint64_t> ResumeState::begin(std::string_view text, std::size_t message_count) {
    digest_ = digest_of(text);
    messages_ = message_count;
    std::error_code error;
    const auto status = std::filesystem::symlink_status(path_, error);
    if (status.type() == std::filesystem::file_type::not_found)
        return 0;
    const auto kept = status.type() == std::filesystem::file_type::regular
                          ? config::read_text(path_)
                          : model::fail(model::ErrorKind::config, "no_state", "no file");
    if (kept && kept->empty())
        return 0;
    const auto parsed = kept ? ingest::parse_json(*kept) : std::unexpected(kept.error());
    if (!parsed || !is_state(parsed->root))
        return model::fail(model::ErrorKind::config, "no_state",
                           "it is there, and does not say how far a file has been published; it would be removed in "
                           "the end: name another, or remove it",
                           path_);
    if (parsed->root.text_of("digest") != digest_ || parsed->root.number_of("messages") != messages_)
        return 0;
    skipped_ = answered_ = std::min<std::uint64_t>(parsed->root.number_of("answered"), messages_);
    rejected_before_ = rejected_ = parsed->root.number_of("rejected");
    return skipped_;
}

model::Result<void> ResumeState::answered(std::uint64_t number, bool is_stored, bool may_retry) {
    is_stuck_ = is_stuck_ || (!is_stored && may_retry);
    if (is_stuck_)
        return {};
    rejected_ += is_stored ? 0 : 1;
    ahead_.insert(number);
    while (ahead_.erase(answered_) > 0)
        ++answered_;
    if (steady_now() - written_ < interval)
        return {};
    written_ = steady_now();
    return write();
}

model::Result<void> ResumeState::write() const {
    model::JsonWriter json;
    json.begin_object();
    json.text("digest", digest_);
    json.number("messages", static_cast<std::int64_t>(messages_));
    json.number("answered", static_cast<std::int64_t>(answered_));
    json.number("rejected", static_cast<std::int64_t>(rejected_));
    json.end_object();
    const std::string beside = path_ + ".new";
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << json.take() << "\n";
    out.close();
    std::error_code error;
    if (out)
        std::filesystem::rename(beside, path_, error);
    if (!out || error)
        return model::fail(model::ErrorKind::config, "state_not_written",
                           "how far it has come cannot be written: " + (error ? error.message() : "write failed"),
                           path_);
    return {};
}

void ResumeState::finish() {
    std::error_code error;
    if (!is_stuck_)
        std::filesystem::remove(path_, error);
}

} // namespace bonewatch::daemon
