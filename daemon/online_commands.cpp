#include "daemon/asked.h"
#include "daemon/client.h"
#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/file_messages.h"
#include "daemon/intake.h"
#include "daemon/progress.h"
#include "daemon/publishing.h"
#include "daemon/render.h"
#include "ingest/json.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>

namespace bonewatch::daemon {

namespace {

/// Of this run of the program, which has one identity.
std::optional<ClientKeys> client_keys;

} // namespace

ConnectionSettings connection(const std::string& endpoint) {
    ConnectionSettings settings;
    settings.endpoint = endpoint;
    settings.keys = client_keys;
    return settings;
}

namespace {

std::string outcome_line(const ingest::EventOutcome& outcome) {
    model::JsonWriter json;
    json.begin_object();
    json.text("type", outcome.type);
    json.text("id", outcome.id);
    json.text("outcome", outcome.outcome);
    json.text("reason", outcome.reason);
    json.text("place", outcome.place);
    json.text("message", outcome.message);
    json.end_object();
    return json.take();
}

void say_result(const ingest::MessageResult& result, Output output, IntakeCounts& counts) {
    ++counts.messages;
    if (!result.is_stored && result.outcomes.empty()) {
        counts.count("rejected");
        std::fprintf(stderr, "rejected: %s: %s\n", result.reason.c_str(), result.message.c_str());
    }
    for (const ingest::EventOutcome& outcome : result.outcomes) {
        counts.count(outcome.outcome);
        const bool is_kept = outcome.reason.empty();
        if (output == Output::ndjson)
            std::printf("%s\n", outcome_line(outcome).c_str());
        else if (outcome.outcome == "disputed")
            std::fprintf(stderr, "disputed: %s %s: its version has another content too\n", outcome.type.c_str(),
                         plain(outcome.id).c_str());
        else if (outcome.outcome == "superseded" && !outcome.message.empty())
            std::fprintf(stderr, "%s\n",
                         plain("superseded: " + outcome.type + " " + outcome.id +
                               (outcome.place.empty() ? "" : " at ") + outcome.place + ": " + outcome.message)
                             .c_str());
        else if (!is_kept && outcome.outcome != "not_used")
            std::fprintf(stderr, "%s\n",
                         plain(outcome.outcome + ": " + outcome.type + " " + outcome.id + ": " + outcome.reason +
                               (outcome.place.empty() ? "" : " at ") + outcome.place +
                               (outcome.message.empty() ? "" : ": ") + outcome.message)
                             .c_str());
    }
}

} // namespace

int print_list(const std::string& endpoint, const std::string& what, model::Meta args, std::uint64_t limit,
               Output output, Render render, std::uint64_t& count) {
    constexpr std::uint64_t rows_per_page = 1000;
    for (;;) {
        args["limit"] = std::to_string(limit == 0 ? rows_per_page : std::min(rows_per_page, limit - count));
        const auto answer = query(connection(endpoint), what, args);
        if (!answer)
            return failed(answer.error());
        for (const std::string& body : answer->bodies)
            std::fputs(output == Output::ndjson ? (body + "\n").c_str() : render(body).c_str(), stdout);
        count += answer->bodies.size();
        const auto meta = model::read_meta(answer->meta).value_or(model::Meta{});
        const auto next = model::text_in(meta, "next");
        if (!next)
            return 0;
        if (limit != 0 && count >= limit) {
            const std::uint64_t total = model::number_in(meta, "total").value_or(count);
            std::fflush(stdout);
            std::fprintf(stderr, "%llu of %llu; without --limit all\n", static_cast<unsigned long long>(count),
                         static_cast<unsigned long long>(total));
            return 0;
        }
        args["after"] = *next;
    }
}

int print_bodies(const model::Result<Answer>& answer, Output output, Render render) {
    if (!answer)
        return failed(answer.error());
    for (const std::string& body : answer->bodies)
        std::fputs(output == Output::ndjson ? (body + "\n").c_str() : render(body).c_str(), stdout);
    return 0;
}

namespace {

std::string as_it_is(std::string_view body) {
    return std::string(body);
}
std::string as_a_line(std::string_view body) {
    return std::string(body) + "\n";
}

/// A text of several lines, as a member that was kept whole, with `indent` before all but the first.
std::string plain_lines(std::string_view text, const std::string& indent) {
    std::string out;
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        out += plain(text.substr(0, end)) + "\n" + indent;
        text.remove_prefix(end + 1);
    }
    return out + plain(text);
}

void write_members(const ingest::Json& object, std::size_t depth, std::string& out) {
    constexpr std::size_t key_columns = 24;
    for (const ingest::Json::Member& member : object.members) {
        std::string line(4 * depth, ' ');
        line += member.key;
        if (member.value.is_object()) {
            out += line + "\n";
            write_members(member.value, depth + 1, out);
            continue;
        }
        line.resize(std::max(line.size() + 1, key_columns), ' ');
        out += line + plain_lines(member.value.text, std::string(key_columns, ' ')) + "\n";
    }
}

} // namespace

std::string as_members(std::string_view body) {
    const auto parsed = ingest::parse_json(body);
    if (!parsed)
        return as_a_line(body);
    std::string out;
    write_members(parsed->root, 0, out);
    return out;
}

namespace {

model::Meta args_of(const PatientQuestion& question) {
    model::Meta args{{"patient", question.patient}};
    if (!question.publisher.empty())
        args["publisher"] = question.publisher;
    for (const auto& [name, value] : {std::pair{"monitor", &question.monitor}, std::pair{"at", &question.at},
                                      std::pair{"as_known_at", &question.as_known_at}})
        if (*value)
            args[name] = **value;
    return args;
}

} // namespace

model::Result<void> publish_text(const PublishCommand& options, const std::string& path, std::string_view text,
                                 ResumeState* resumed, const OnResult& on_result) {
    auto format = format_of(options.input, path, text);
    if (!format)
        return std::unexpected(format.error());
    FileMessages cut = messages_of(text, *format);
    std::deque<std::string>& messages = cut.messages;
    const std::size_t total = messages.size();
    const auto begun = resumed == nullptr ? model::Result<std::uint64_t>(0) : resumed->begin(text, total);
    if (!begun)
        return std::unexpected(begun.error());
    const std::uint64_t first = *begun;
    messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(first));
    PublishOptions publishing;
    publishing.format = std::string(ingest::to_text(*format));
    publishing.is_backfill = options.is_backfill;
    ConnectionSettings settings = connection(options.endpoint);
    settings.publisher = options.publisher;
    const auto next = [&]() -> std::optional<std::string> {
        if (messages.empty())
            return std::nullopt;
        std::string message = std::move(messages.front());
        messages.pop_front();
        return message;
    };
    Progress progress("messages of " + path, total);
    std::uint64_t answered = first;
    model::Result<void> noted;
    auto published =
        publish(settings, publishing, next, [&](std::uint64_t number, const ingest::MessageResult& result) {
            progress.wipe();
            on_result(first + number, result);
            if (resumed != nullptr && noted)
                noted = resumed->answered(first + number, result.is_stored, result.retry);
            progress.at(++answered);
        });
    if (!published || !noted)
        return published ? noted : published;
    // What is whole has been sent; that the file is not is said in the end.
    progress.wipe();
    std::uint64_t number = total;
    for (const model::Error& problem : cut.problems) {
        ingest::MessageResult result;
        result.reason = problem.reason;
        result.message = problem.place + ": " + problem.message;
        on_result(number++, result);
    }
    return {};
}

int use_client_keys(const std::string& key, const std::string& server_key) {
    auto keys = load_client_keys(key, server_key);
    if (!keys)
        return failed(keys.error());
    client_keys = *std::move(keys);
    return 0;
}

int publish_files(const PublishCommand& options) {
    if (!options.resume.empty() && (options.input.files.size() != 1 || options.input.files.front() == "-")) {
        std::fprintf(stderr, "bonewatch: --resume is for one file, and not for standard input\n");
        return exit_usage;
    }
    std::error_code error;
    if (!options.resume.empty() && std::filesystem::equivalent(options.resume, options.input.files.front(), error)) {
        std::fprintf(stderr, "bonewatch: --resume writes its file and removes it in the end: name another than FILE\n");
        return exit_usage;
    }
    const Moment started = steady_now();
    IntakeCounts counts;
    ResumeState resumed(options.resume);
    for (const std::string& path : options.input.files) {
        auto text = read_input(path);
        if (!text)
            return failed(text.error());
        const auto published = publish_text(
            options, path, *text, options.resume.empty() ? nullptr : &resumed,
            [&](std::uint64_t, const ingest::MessageResult& result) { say_result(result, options.output, counts); });
        if (!published)
            return failed(published.error());
    }
    if (resumed.skipped() > 0)
        std::fprintf(stderr, "resumed behind message %llu\n", static_cast<unsigned long long>(resumed.skipped()));
    if (!options.resume.empty())
        resumed.finish();
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", counts.json(std::chrono::duration<double>(steady_now() - started).count()).c_str());
    return counts.rejected > 0 || resumed.rejected_before() > 0 ? exit_bad_data : 0;
}

int show_alerts(const AlertsOptions& options) {
    model::Meta args{{"state", options.state}};
    for (const auto& [name, value] :
         {std::pair{"patient", &options.patient}, std::pair{"publisher", &options.publisher},
          std::pair{"monitor", &options.monitor}, std::pair{"id", &options.id}})
        if (!value->empty())
            args[name] = *value;
    std::uint64_t count = 0;
    const int code =
        print_list(options.endpoint, "alerts", std::move(args), options.limit, options.output, entry_text, count);
    if (code == 0 && count == 0 && options.output == Output::table)
        std::puts("no alerts");
    return code;
}

int acknowledge(const std::string& endpoint, const std::string& id, const std::string& actor, const std::string& note) {
    const auto answer = command(connection(endpoint), "acknowledge", {{"alert", id}, {"actor", actor}, {"note", note}});
    if (!answer)
        return failed(answer.error());
    const auto meta = model::read_meta(answer->meta).value_or(model::Meta{});
    const auto before = model::text_in(meta, "actor_before");
    const auto note_before = model::text_in(meta, "note_before").value_or("");
    std::printf("acknowledged by %s%s%s%s\n", actor.c_str(), before ? "; until now by " : "",
                before.value_or("").c_str(), note_before.empty() ? "" : (": " + note_before).c_str());
    return 0;
}

int tail_feed(const FeedOptions& options) {
    auto subscription = Subscription::open(connection(options.endpoint), options.consumer, options.from);
    if (!subscription)
        return failed(subscription.error());
    const auto idle = std::chrono::seconds(options.until_idle_seconds);
    for (;;) {
        auto message = subscription->next(options.until_idle_seconds > 0 ? idle : std::chrono::seconds(3600));
        if (!message)
            return failed(message.error());
        if (!*message) {
            if (options.until_idle_seconds > 0)
                return 0;
            continue;
        }
        std::fputs(options.output == Output::ndjson ? ((*message)->body + "\n").c_str()
                                                    : entry_text((*message)->body).c_str(),
                   stdout);
        std::fflush(stdout);
        if (auto ok = subscription->commit((*message)->cursor); !ok)
            return failed(ok.error());
    }
}

int look_at_feed(const FeedOptions& options) {
    const auto looked =
        look_at_tail(connection(options.endpoint), options.monitor, std::chrono::seconds(options.until_idle_seconds),
                     [&](std::string_view entry) {
                         std::fputs(options.output == Output::ndjson ? (std::string(entry) + "\n").c_str()
                                                                     : entry_text(entry).c_str(),
                                    stdout);
                         std::fflush(stdout);
                     });
    return looked ? 0 : failed(looked.error());
}

int show_status(const std::string& endpoint, Output output) {
    return print_bodies(query(connection(endpoint), "status", {}), output, as_members);
}

int list_codes(const CodesOptions& options) {
    std::uint64_t count = 0;
    const int code = print_list(options.endpoint, "codes", {}, options.limit, options.output, unmapped_line, count);
    if (code == 0 && count == 0 && options.output == Output::table)
        std::puts("every code and unit that came is known");
    return code;
}

int monitor_status_online(const MonitorStatusOptions& options) {
    Survey survey;
    Progress progress("patients", 0);
    for (model::Meta args{{"limit", "1000"}};;) {
        const auto answer = query(connection(options.endpoint), "monitor_status", args);
        if (!answer)
            return failed(answer.error());
        for (const std::string& body : answer->bodies) {
            const auto standing = read_standing(body);
            if (!standing)
                return failed(standing.error());
            add(survey, standing->first, standing->second);
        }
        const auto next = model::text_in(model::read_meta(answer->meta).value_or(model::Meta{}), "next");
        if (!next)
            break;
        progress.at(model::number_in({{"next", *next}}, "next").value_or(0));
        args["after"] = *next;
    }
    progress.wipe();
    print_survey(survey, options.output);
    return 0;
}

int explain_online(const PatientOptions& options) {
    return print_bodies(query(connection(options.endpoint), "explain", args_of(options.question)), Output::table,
                        as_it_is);
}

int timeline_online(const PatientOptions& options) {
    return print_bodies(query(connection(options.endpoint), "timeline", args_of(options.question)), Output::table,
                        as_it_is);
}

} // namespace bonewatch::daemon
