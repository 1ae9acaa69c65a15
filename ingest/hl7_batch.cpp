#include "ingest/hl7_batch.h"

#include "ingest/hl7_lines.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;

/// The number in field 1 of a trailer; nothing where it states none.
std::optional<std::size_t> count_in(std::string_view trailer) {
    if (trailer.size() < 5)
        return std::nullopt;
    auto field = trailer.substr(4, trailer.find(trailer[3], 4) - 4);
    while (!field.empty() && field.front() == ' ')
        field.remove_prefix(1);
    while (!field.empty() && field.back() == ' ')
        field.remove_suffix(1);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), count);
    return error == std::errc{} && end == field.data() + field.size() ? std::optional(count) : std::nullopt;
}

/// Walks a body's segments; knows which message and which batch they stand in.
class Splitter {
  public:
    Hl7Batch split(std::string_view body) {
        Hl7Lines lines(body);
        while (const auto line = lines.next())
            take(*line);
        // What was cut in the middle of a line has lost a part of its last message: who knows what its value was.
        const bool is_cut = (has_open_batch_ || has_open_file_) && !body.ends_with('\r') && !body.ends_with('\n');
        if (is_cut && is_message_)
            cut_message();
        end_part();
        if (has_open_batch_)
            incomplete("it has no BTS", {});
        if (has_open_file_)
            incomplete("it has no FTS", {});
        return std::move(out_);
    }

  private:
    void take(std::string_view line) {
        const auto name = line.substr(0, 3);
        if (name == "MSH") {
            end_part();
            is_message_ = true;
            part_ = line;
            ++in_batch_;
        } else if (name == "FHS" || name == "BHS") {
            end_part();
            if (has_open_batch_)
                incomplete("it has no BTS", {});
            if (name == "FHS" && has_open_file_)
                incomplete("it has no FTS", {});
            has_open_batch_ = name == "BHS";
            has_open_file_ = has_open_file_ || name == "FHS";
            in_batch_ = 0;
            if (name == "FHS")
                batches_ = 0;
        } else if (name == "BTS") {
            end_part();
            check(line, "messages", in_batch_);
            has_open_batch_ = false;
            in_batch_ = 0;
            ++batches_;
        } else if (name == "FTS") {
            end_part();
            // Messages that stand in the file without a batch around them are one.
            const bool is_bare = !has_open_batch_ && in_batch_ > 0;
            if (!is_bare || count_in(line) != 1)
                check(line, "batches", batches_);
            has_open_file_ = false;
            in_batch_ = 0;
        } else {
            const char* const begin = part_.empty() ? line.data() : part_.data();
            part_ = {begin, static_cast<std::size_t>(line.data() + line.size() - begin)};
        }
    }

    /// What has been gathered is a message, or text outside of all.
    void end_part() {
        if (is_message_)
            out_.messages.push_back(part_);
        else if (!part_.empty())
            out_.problems.push_back(
                {{ErrorKind::malformed, "not_hl7", "this stands in no message: a message begins with MSH",
                  "before message " + std::to_string(out_.messages.size() + 1)},
                 part_});
        part_ = {};
        is_message_ = false;
    }

    void check(std::string_view trailer, const char* what, std::size_t came) {
        const auto stated = count_in(trailer);
        if (stated && *stated != came)
            incomplete("it is said to hold " + std::to_string(*stated) + " " + what + ", and holds " +
                           std::to_string(came),
                       trailer);
    }

    void incomplete(const std::string& why, std::string_view text) {
        const std::string place = text.empty() ? std::string("the end") : std::string(text.substr(0, 3)) + "-1";
        add("the batch is incomplete: " + why + "; what is whole is taken, and the batch has to be sent again", place,
            text);
    }

    void cut_message() {
        add("the last message of the batch is cut off in the middle of a segment; it is not taken, and the batch has "
            "to "
            "be sent again",
            "message " + std::to_string(out_.messages.size() + 1), part_);
        part_ = {};
        is_message_ = false;
    }

    void add(std::string why, std::string place, std::string_view text) {
        out_.problems.push_back({{ErrorKind::malformed, "batch_incomplete", std::move(why), std::move(place)}, text});
    }

    Hl7Batch out_;
    std::string_view part_;
    bool is_message_ = false;
    std::size_t in_batch_ = 0, batches_ = 0;
    bool has_open_batch_ = false, has_open_file_ = false;
};

} // namespace

Hl7Batch split_hl7(std::string_view body) {
    return Splitter().split(body);
}

bool is_hl7(std::string_view text) {
    const auto first = Hl7Lines(text).next();
    return first && is_hl7_header(*first);
}

} // namespace bonewatch::ingest
