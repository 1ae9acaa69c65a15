#include "daemon/service_log.h"

#include "ingest/json.h"

#include <spdlog/spdlog.h>

namespace bonewatch::daemon {

namespace {

constexpr auto interval = std::chrono::seconds(1);
constexpr auto slow = std::chrono::milliseconds(1'000);
constexpr auto retry_patience = std::chrono::seconds(30);
constexpr std::size_t lines_max = 64; ///< A second; what is left over is said in the next.

/// Text of a person, in quotes and on one line.
std::string in_quotes(std::string_view text) {
    constexpr std::size_t bytes_max = 128;
    std::string out = "\"";
    for (const char c : text.substr(0, bytes_max))
        out += c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '_' : c;
    return out + "\"";
}

} // namespace

void ServiceLog::greeted(const ingest::Greeting& greeting, std::size_t peers) const {
    spdlog::info("event=hello door=ingest publisher={} client={} peers={}", greeting.publisher,
                 in_quotes(greeting.client), peers);
}

void ServiceLog::connected(const MllpConnected& connected) const {
    spdlog::info("event=connected door=mllp.{} client={} connections={}", connected.door, in_quotes(connected.client),
                 connected.connections);
}

void ServiceLog::acknowledged(std::string_view alert, std::string_view actor, std::string_view actor_before) const {
    spdlog::info("event=acknowledged alert={} actor={} before={}", alert, in_quotes(actor), in_quotes(actor_before));
}

void ServiceLog::retried(const std::string& which, const std::vector<std::string>& outcomes, bool has_more) {
    Retrying& all = retrying_[which];
    for (const std::string& one : outcomes)
        if (const auto parsed = ingest::parse_json(one))
            ++all.outcomes[std::string(parsed->root.text_of("outcome"))];
    all.page_at = steady_now();
    if (has_more)
        return;
    say(all);
    retrying_.erase(which);
}

void ServiceLog::say(const Retrying& retried) {
    std::uint64_t total = 0;
    std::string text;
    for (const auto& [outcome, count] : retried.outcomes) {
        total += count;
        text += " " + outcome + "=" + std::to_string(count);
    }
    if (total > 0)
        spdlog::info("event=retried count={}{}", total, text);
}

void ServiceLog::say_abandoned() {
    std::erase_if(retrying_, [&](const auto& one) {
        const bool is_over = due_ - one.second.page_at > retry_patience;
        if (is_over)
            say(one.second);
        return is_over;
    });
}

void ServiceLog::dismissed(std::string_view number, std::string_view actor) const {
    spdlog::info("event=dismissed number={} actor={}", in_quotes(number), in_quotes(actor));
}

void ServiceLog::took(std::string_view part, std::chrono::milliseconds time) const {
    if (time >= slow)
        spdlog::warn("event=slow part={} ms={}", part, time.count());
}

bool ServiceLog::is_due() {
    const Moment now = steady_now();
    if (now < due_)
        return false;
    due_ = now + interval;
    say_abandoned();
    return true;
}

void ServiceLog::say_growth(const Counts& counts) {
    std::size_t lines = 0;
    for (const auto& [what, count] : counts) {
        std::uint64_t& said = said_[what];
        if (count <= said)
            continue;
        if (++lines > lines_max)
            return;
        spdlog::warn("{} count={} since_start={}", what, count - said, count);
        said = count;
    }
}

ServiceLog::Counts mllp_counts(const std::map<std::string, MllpReport>& reports) {
    ServiceLog::Counts counts;
    for (const auto& [door, report] : reports) {
        for (const auto& [reason, count] : report.refused)
            counts["event=refused door=mllp." + door + " reason=" + reason] = count;
        const ingest::MllpCounts& framing = report.sockets.framing;
        for (const auto& [what, count] :
             {std::pair{"discarded_bytes", framing.discarded_bytes}, std::pair{"resyncs", framing.resyncs},
              std::pair{"ends_without_return", framing.ends_without_return},
              std::pair{"answers_lost", report.sockets.answers_lost}})
            counts["event=mllp door=mllp." + door + " what=" + what] = count;
    }
    return counts;
}

} // namespace bonewatch::daemon
