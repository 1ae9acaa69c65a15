#include "daemon/file_messages.h"

#include "ingest/hl7_batch.h"
#include "ingest/json.h"
#include "ingest/lines.h"

namespace bonewatch::daemon {

namespace {

/// Lines that make up one message of a file published line by line.
constexpr std::size_t lines_per_message = 100;
constexpr std::size_t message_bytes_max = 1u << 20;

std::deque<std::string> bunches_of_lines(std::string_view text) {
    std::deque<std::string> out;
    std::size_t lines = lines_per_message;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        if (lines == lines_per_message || out.back().size() + line.size() > message_bytes_max) {
            out.emplace_back();
            lines = 0;
        }
        out.back().append(line).push_back('\n');
        ++lines;
    }
    return out;
}

} // namespace

FileMessages messages_of(std::string_view text, ingest::Format format) {
    if (!ingest::Lines(text).next())
        return {};
    if (format == ingest::Format::hl7v2) {
        const ingest::Hl7Batch batch = ingest::split_hl7(text);
        FileMessages out;
        for (const std::string_view message : batch.messages)
            out.messages.emplace_back(message);
        for (const ingest::Hl7Problem& problem : batch.problems)
            out.problems.push_back(problem.error);
        return out;
    }
    const auto first_line = text.substr(0, text.find('\n'));
    if (!ingest::parse_json(first_line, {.bytes_max = text.size() + 1}))
        return {{std::string(text)}, {}};
    return {bunches_of_lines(text), {}};
}

} // namespace bonewatch::daemon
