#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/file_messages.h"
#include "daemon/mllp_client.h"
#include "daemon/render.h"
#include "ingest/hl7_acknowledgement.h"
#include "ingest/hl7_answer.h"
#include "ingest/hl7_lines.h"
#include "ingest/lines.h"
#include "store/model/json_writer.h"

#include <cstdio>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::Result;

/// What became of the messages so far.
struct Counts {
    std::uint64_t messages = 0, stored = 0, put_off = 0, rejected = 0;

    void count(const ingest::Hl7Answer& answer) {
        ++(answer.is_accepted() ? stored : answer.is_refused() ? rejected : put_off);
    }
    [[nodiscard]] std::string json(double seconds) const {
        model::JsonWriter json;
        json.begin_object();
        json.number("messages", static_cast<std::int64_t>(messages));
        json.number("stored", static_cast<std::int64_t>(stored));
        json.number("put_off", static_cast<std::int64_t>(put_off));
        json.number("rejected", static_cast<std::int64_t>(rejected));
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", seconds);
        json.raw("seconds", text);
        json.end_object();
        return json.take();
    }
};

std::string line_of(const ingest::Hl7Answer& answer) {
    model::JsonWriter json;
    json.begin_object();
    json.text("control_id", answer.control_id);
    json.text("answer", answer.code);
    json.text("text", answer.text);
    json.begin_array("errors");
    for (const ingest::Hl7AnswerError& error : answer.errors) {
        json.begin_object();
        json.text("severity", error.severity);
        json.text("place", error.place);
        json.text("code", error.code);
        json.text("reason", error.reason);
        json.text("text", error.text);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take() + "\n";
}

std::string table_of(const ingest::Hl7Answer& answer) {
    const auto words = [](std::initializer_list<std::string_view> parts) {
        std::string text;
        for (const std::string_view part : parts)
            if (!part.empty())
                text.append(text.empty() ? "" : "  ").append(part);
        return text;
    };
    std::string out =
        plain(words({answer.code, answer.control_id, answer.errors.empty() ? answer.text : std::string()})) + "\n";
    for (const ingest::Hl7AnswerError& error : answer.errors)
        out +=
            "    " +
            plain(words({error.severity, error.place, error.reason.empty() ? error.code : error.reason, error.text})) +
            "\n";
    return out;
}

/// A message of a file as it stands in a block: each segment ends with CR.
Result<std::string> block_content(std::string_view message, const std::string& place) {
    std::string out;
    ingest::Hl7Lines lines(message);
    while (const auto line = lines.next())
        out.append(*line).push_back('\r');
    if (out.find_first_of("\x0B\x1C") != std::string::npos)
        return model::fail(ErrorKind::malformed, "framing",
                           "it holds an octet 0B or 1C, which frames messages in MLLP: such a message cannot be sent",
                           place);
    return out;
}

/// One run of `publish --mllp`.
class Sender {
  public:
    Sender(const MllpReceiver& receiver, Output output) : receiver_(receiver), output_(output) {}

    /// Fails where a message has no answer.
    Result<void> send(const std::string& message, const std::string& place) {
        ++counts_.messages;
        const auto header = ingest::read_hl7_header(message);
        if (!header)
            return model::fail(ErrorKind::malformed, "bad_msh", header.error().message, place);
        auto answer = answer_to(message, *header);
        if (!answer) {
            model::Error error = std::move(answer.error());
            if (error.place.empty())
                error.place = place + (header->control_id.empty() ? "" : " (" + plain(header->control_id) + ")");
            return std::unexpected(std::move(error));
        }
        counts_.count(*answer);
        return {};
    }
    void reject() { ++counts_.rejected; }
    [[nodiscard]] const Counts& counts() const { return counts_; }

  private:
    /// The last of its answers.
    Result<ingest::Hl7Answer> answer_to(const std::string& message, const ingest::Hl7Header& header) {
        const bool is_enhanced = !header.accept_answer.empty() || !header.application_answer.empty();
        const auto is_sure = [](const std::string& when) { return when.empty() || when == "AL" || when == "NE"; };
        const bool has_application = header.application_answer == "AL";
        if (is_enhanced && (!is_sure(header.accept_answer) || !is_sure(header.application_answer) ||
                            (header.accept_answer != "AL" && !has_application)))
            return model::fail(
                ErrorKind::malformed, "no_answer_asked",
                "its MSH-15 and MSH-16 do not ask for an answer in every case (AL), so that nobody would "
                "know what became of it: it is not sent");
        auto answer = understood(asked(message), header);
        // What is not taken has a receipt alone.
        if (answer && answer->is_receipt() && answer->is_accepted() && has_application)
            answer = understood(client_->next_answer(), header);
        return answer;
    }

    /// A receiver may close its connection after each answer: then, and then only, the message is sent again.
    Result<std::string> asked(const std::string& message) {
        const bool is_used = client_ && client_->was_answered();
        if (!client_)
            if (auto opened = open(); !opened)
                return std::unexpected(std::move(opened.error()));
        auto answer = client_->ask(message);
        if (answer || answer.error().reason != "closed" || !is_used)
            return answer;
        if (auto opened = open(); !opened)
            return std::unexpected(std::move(opened.error()));
        return client_->ask(message);
    }

    Result<void> open() {
        client_.reset();
        auto client = MllpClient::open(receiver_);
        if (!client)
            return std::unexpected(std::move(client.error()));
        client_.emplace(*std::move(client));
        return {};
    }

    Result<ingest::Hl7Answer> understood(const Result<std::string>& bytes, const ingest::Hl7Header& header) {
        if (!bytes)
            return std::unexpected(bytes.error());
        auto answer = ingest::read_hl7_answer(*bytes);
        if (!answer)
            return answer;
        if (answer->control_id != header.control_id)
            return model::fail(ErrorKind::malformed, "unexpected_answer",
                               "what came answers another message, '" + plain(answer->control_id.substr(0, 40)) + "'");
        std::fputs(output_ == Output::ndjson ? line_of(*answer).c_str() : table_of(*answer).c_str(), stdout);
        std::fflush(stdout);
        return answer;
    }

    const MllpReceiver& receiver_;
    Output output_;
    std::optional<MllpClient> client_;
    Counts counts_;
};

Result<void> send_file(Sender& sender, const FileOptions& input, const std::string& path) {
    const auto text = read_input(path);
    if (!text)
        return std::unexpected(text.error());
    const auto format = format_of(input, path, *text);
    if (!format)
        return std::unexpected(format.error());
    const bool is_blank = !ingest::Lines(*text).next();
    if (*format != ingest::Format::hl7v2 && !is_blank)
        return model::fail(ErrorKind::malformed, "not_hl7", "it is no HL7 v2, which alone is sent by MLLP", path);
    const FileMessages cut = messages_of(*text, ingest::Format::hl7v2);
    std::size_t number = 0;
    for (const std::string& message : cut.messages) {
        const std::string place = path + ", message " + std::to_string(++number);
        const auto content = block_content(message, place);
        if (!content)
            return std::unexpected(content.error());
        if (auto sent = sender.send(*content, place); !sent)
            return sent;
    }
    for (const model::Error& problem : cut.problems) {
        sender.reject();
        std::fprintf(stderr, "rejected: %s: %s, %s: %s\n", problem.reason.c_str(), path.c_str(), problem.place.c_str(),
                     plain(problem.message).c_str());
    }
    return {};
}

} // namespace

int publish_by_mllp(const MllpCommand& options) {
    auto receiver = mllp_receiver(options.receiver);
    if (!receiver)
        return failed(receiver.error());
    receiver->answer_timeout = std::chrono::seconds(options.wait_seconds);
    if (!options.authority.empty())
        receiver->tls = ClientTls{options.certificate, options.private_key, options.authority,
                                  options.server_name.empty() ? receiver->host : options.server_name};
    const Moment started = steady_now();
    Sender sender(*receiver, options.output);
    Result<void> sent;
    for (auto path = options.input.files.begin(); sent && path != options.input.files.end(); ++path)
        sent = send_file(sender, options.input, *path);
    const int code = sent ? 0 : failed(sent.error());
    const Counts& counts = sender.counts();
    std::fprintf(stderr, "%s\n", counts.json(std::chrono::duration<double>(steady_now() - started).count()).c_str());
    if (code != 0)
        return code;
    return counts.put_off > 0 ? exit_try_again : counts.rejected > 0 ? exit_bad_data : 0;
}

} // namespace bonewatch::daemon
