#include "daemon/asked.h"
#include "daemon/render.h"
#include "ingest/json.h"
#include "ingest/remedy.h"

#include <cstdio>
#include <map>

namespace bonewatch::daemon {

namespace {

using ingest::Json;

std::string number_in(const Json& json, std::string_view name) {
    const Json* number = json.find(name);
    return number == nullptr ? std::string("0") : std::string(number->text);
}

std::string in_quotes(std::string_view text) {
    return text.empty() ? std::string() : "'" + std::string(text) + "'";
}

/// On one line what it is, on the next why.
std::string as_quarantined(std::string_view body) {
    const auto parsed = ingest::parse_json(body, {.bytes_max = body.size() + 1});
    if (!parsed)
        return std::string(body) + "\n";
    const Json& json = parsed->root;
    const auto state = json.text_of("state");
    std::string out = number_in(json, "number");
    for (const std::string_view name : {"received_at", "publisher", "reason", "kind", "place"})
        out += "  " + std::string(json.text_of(name));
    if (state != "waiting")
        out += "  " + std::string(state) + (json.text_of("outcome").empty() ? "" : ": ") +
               std::string(json.text_of("outcome"));
    return plain(out) + "\n    " + plain(json.text_of("message")) + "\n";
}

std::string as_group(std::string_view body) {
    const auto parsed = ingest::parse_json(body);
    if (!parsed)
        return std::string(body) + "\n";
    const Json& json = parsed->root;
    std::string out = number_in(json, "waiting") + " waiting";
    for (const std::string_view name : {"publisher", "reason", "place"})
        out += "  " + std::string(json.text_of(name));
    out += "  " + std::string(json.text_of("oldest")) + " to " + std::string(json.text_of("newest"));
    for (const auto& [name, word] : {std::pair{"resolved", "resolved"}, std::pair{"dismissed", "dismissed"}})
        if (const std::string count = number_in(json, name); count != "0")
            out += "  " + count + " " + word;
    out = plain(out) + "\n";
    if (json.find("example") != nullptr)
        out += "    " + number_in(json, "example") + ": " +
               plain(in_quotes(json.text_of("text")) + (json.text_of("text").empty() ? "" : " ") +
                     std::string(json.text_of("message"))) +
               "\n";
    return out;
}

/// All of one: what is wrong with it first, what was tried, and what came last.
std::string as_whole(std::string_view body) {
    const auto parsed = ingest::parse_json(body, {.bytes_max = body.size() + 1});
    if (!parsed)
        return std::string(body) + "\n";
    const Json& json = parsed->root;
    std::string out;
    const auto line = [&](std::string_view name, std::string_view text) {
        constexpr std::size_t columns = 14;
        std::string label(name);
        label.resize(columns, ' ');
        if (!text.empty())
            out += label + plain(text) + "\n";
    };
    line("number", number_in(json, "number"));
    for (const std::string_view name : {"state", "outcome", "dismissed_at", "dismissed_by", "note", "received_at",
                                        "publisher", "format", "kind", "id", "reason", "place", "text", "message"})
        line(name, json.text_of(name));
    line("remedy", ingest::remedy_of(json.text_of("reason")));
    if (json.find("tried") != nullptr)
        line("tried", number_in(json, "tried") + " times");
    for (const auto& [none, one] : json.items_of("tries"))
        line("  " + std::string(one.text_of("at")), " " + std::string(one.text_of("outcome")) + " " +
                                                        std::string(one.text_of("reason")) + " " +
                                                        std::string(one.text_of("place")));
    out += "raw\n";
    // Segments end in CR; lines are lines here.
    std::string_view raw = json.text_of("raw");
    for (auto end = raw.find_first_of("\r\n"); end != std::string_view::npos; end = raw.find_first_of("\r\n")) {
        out += plain(raw.substr(0, end)) + "\n";
        raw.remove_prefix(end + 1);
    }
    return out + plain(raw) + "\n";
}

std::string as_tried(std::string_view body) {
    const auto parsed = ingest::parse_json(body);
    if (!parsed)
        return std::string(body) + "\n";
    const Json& json = parsed->root;
    std::string out = number_in(json, "number") + "  " + std::string(json.text_of("outcome"));
    for (const std::string_view name : {"reason", "place", "message"})
        if (!json.text_of(name).empty())
            out += "  " + std::string(json.text_of(name));
    return plain(out) + "\n";
}

model::Meta filter_of(const QuarantineOptions& options) {
    model::Meta args{{"state", options.state}};
    if (!options.reason.empty())
        args["reason"] = options.reason;
    if (!options.publisher.empty())
        args["publisher"] = options.publisher;
    return args;
}

/// One command, page after page where it has more; its bodies are printed and their outcomes counted.
int tell_each(const QuarantineOptions& options, model::Meta args, std::map<std::string, std::uint64_t>& counts) {
    for (;;) {
        const auto answer = command(connection(options.endpoint), "retry", args);
        if (!answer)
            return failed(answer.error());
        for (const std::string& body : answer->bodies) {
            std::fputs(options.output == Output::ndjson ? (body + "\n").c_str() : as_tried(body).c_str(), stdout);
            if (const auto parsed = ingest::parse_json(body))
                ++counts[std::string(parsed->root.text_of("outcome"))];
        }
        std::fflush(stdout);
        const auto next = model::text_in(model::read_meta(answer->meta).value_or(model::Meta{}), "next");
        if (!next)
            return 0;
        args["after"] = *next;
    }
}

} // namespace

int list_quarantine(const QuarantineOptions& options) {
    std::uint64_t count = 0;
    return print_list(options.endpoint, "quarantine", filter_of(options), options.limit, options.output, as_quarantined,
                      count);
}

int show_quarantine(const QuarantineOptions& options) {
    return print_bodies(
        query(connection(options.endpoint), "quarantine", {{"number", std::to_string(options.numbers.front())}}),
        options.output, as_whole);
}

int group_quarantine(const QuarantineOptions& options) {
    const auto answer = query(connection(options.endpoint), "quarantine_groups", filter_of(options));
    if (answer && answer->bodies.empty() && options.output == Output::table)
        std::puts(options.state == "waiting" ? "nothing waits in quarantine" : "nothing lies in quarantine");
    return print_bodies(answer, options.output, as_group);
}

int retry_quarantine(const QuarantineOptions& options) {
    const bool has_filter = !options.reason.empty() || !options.publisher.empty();
    if (options.numbers.empty() && !has_filter && !options.is_all) {
        std::fprintf(stderr, "bonewatch: say which: numbers, --reason, --publisher or --all\n");
        return exit_usage;
    }
    std::map<std::string, std::uint64_t> counts;
    int code = 0;
    if (options.numbers.empty())
        code = tell_each(options, filter_of(options), counts);
    for (const std::uint64_t number : options.numbers)
        if (code == 0)
            code = tell_each(options, {{"number", std::to_string(number)}}, counts);
    std::string summary;
    for (const auto& [outcome, count] : counts)
        summary += (summary.empty() ? "" : ", ") + std::to_string(count) + " " + outcome;
    std::fprintf(stderr, "%s\n", summary.empty() ? "nothing waits that could be tried" : summary.c_str());
    if (code == 0 && (counts.contains("quarantined") || counts.contains("rejected")))
        return exit_problems;
    return code;
}

int export_quarantine(const QuarantineOptions& options) {
    std::uint64_t count = 0;
    const int code =
        print_list(options.endpoint, "quarantine", filter_of(options), 0, Output::ndjson, as_quarantined, count);
    std::fflush(stdout);
    if (code == 0)
        std::fprintf(stderr, "%llu exported\n", static_cast<unsigned long long>(count));
    return code;
}

int dismiss_quarantine(const QuarantineOptions& options) {
    for (const std::uint64_t number : options.numbers) {
        const auto answer =
            command(connection(options.endpoint), "dismiss",
                    {{"number", std::to_string(number)}, {"actor", options.actor}, {"note", options.note}});
        if (!answer)
            return failed(answer.error());
        std::printf("%llu dismissed by %s\n", static_cast<unsigned long long>(number), plain(options.actor).c_str());
    }
    return 0;
}

} // namespace bonewatch::daemon
