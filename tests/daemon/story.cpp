#include "tests/daemon/story.h"

#include "daemon/replay.h"
#include "ingest/json.h"
#include "store/model/ensure.h"
#include "store/model/json_writer.h"
#include "tests/daemon/clinic.h"

#include <map>
#include <sstream>

namespace bonewatch::daemon {

namespace {

constexpr std::string_view patient = "nhs:9990000018";

/// The words of one line, with those set aside that any line may carry.
struct Line {
    std::vector<std::string> words;
    std::map<std::string, std::string> further;
};

Line read(const std::string& text) {
    Line line;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
        if (word == "arrives" || word == "version" || word == "strength" || word == "at" || word == "until" ||
            word == "fulfils")
            in >> line.further[word];
        else if (word == "assumed")
            line.further["basis"] = word;
        else
            line.words.push_back(word);
    }
    ENSURE(line.words.size() >= 3, "a story's line has a date, an id and a kind");
    return line;
}

void write_body(model::JsonWriter& json, const Line& line) {
    const auto& words = line.words;
    const std::string& kind = words[2];
    const auto word = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
    if (kind == "supply" || kind == "stop" || kind == "given") {
        json.text("type", kind == "given" ? "administration" : kind);
        json.text("drug", word(3));
        if (!word(4).empty())
            json.text("route", word(4));
        const bool has_dose = word(5) != "no-dose";
        if (kind == "supply") {
            if (has_dose)
                json.text("daily_dose", word(5) + " " + word(6));
            json.number("days", std::stoi(word(has_dose ? 7 : 6)));
        }
        if (kind == "given")
            json.text("dose", word(5) + " " + word(6));
        return;
    }
    if (kind == "condition" || kind == "procedure") {
        json.text("type", kind);
        json.text("code", word(3));
        return;
    }
    if (kind == "retract") {
        json.text("type", "retraction");
        json.text("of", word(3));
        return;
    }
    json.text("type", "result");
    json.text("code", kind);
    json.text("value", word(3));
    json.text("unit", shipped_revision()->vocabulary.analyte(model::CodeId(kind))->unit);
}

std::string native_line(const std::string& text) {
    const Line line = read(text);
    model::JsonWriter json;
    json.begin_object();
    write_body(json, line);
    json.text("id", line.words[1]);
    json.text("patient", patient);
    const auto clock = line.further.find("at");
    json.text("at", clock == line.further.end() ? line.words[0] : line.words[0] + "T" + clock->second + ":00Z");
    for (const auto& [name, value] : line.further) {
        if (name == "version")
            json.number(name, std::stoi(value));
        else if (name == "arrives")
            json.text("recorded", value + "T12:00:00Z");
        else if (name != "at")
            json.text(name, value);
    }
    json.end_object();
    return json.take() + "\n";
}

std::string day(std::string_view instant) {
    return std::string(instant.substr(0, 10));
}

std::string joined(const ingest::Json& entry, std::string_view name) {
    std::string out;
    for (const auto& item : entry.items_of(name))
        out += " " + std::string(item.value.text);
    return out;
}

} // namespace

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> out;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);)
        if (const auto from = line.find_first_not_of(' '); from != std::string::npos)
            out.push_back(line.substr(from));
    return out;
}

std::string native_lines(std::string_view story) {
    std::string person = R"({"sex":"female","born":"1970-07-14","registered":"1990-01-01"})";
    std::string out;
    for (const std::string& line : lines_of(story)) {
        if (line.starts_with("patient "))
            person = line.substr(8);
        else
            out += native_line(line);
    }
    return R"({"type":"patient","patient":")" + std::string(patient) + "\"," + person.substr(1) + "\n" + out;
}

std::vector<std::string> told(std::string_view story, std::string_view monitor, std::string_view until) {
    Replay replay(shipped_revision(), {});
    replay.add(native_lines(story), ingest::Format::native, {model::PublisherId("file")},
               [](const ingest::Decoded& trouble) {
                   ENSURE(false, (std::get<model::Error>(trouble.outcome).message + " in " + trouble.raw).c_str());
               });
    ENSURE(replay.run(*model::parse_instant(until)).has_value(), "a replay in memory runs");
    std::map<std::string, char> names;
    std::vector<std::string> out;
    const auto entries = replay.entries();
    for (const std::string& text : *entries) {
        const auto json = ingest::parse_json(text);
        const ingest::Json& entry = json->root;
        if (entry.text_of("monitor") != monitor)
            continue;
        const auto name = names.emplace(entry.text_of("alert"), static_cast<char>('A' + names.size())).first->second;
        const std::string transition(entry.text_of("transition"));
        std::string line = day(entry.text_of("recorded_at")) + " " + transition + " " +
                           std::string(entry.text_of("severity")) + " " + name + " since " + day(entry.text_of("at")) +
                           " by" + joined(entry, "evidence");
        if (transition == "resolved")
            line += ", " + std::string(entry.text_of("reason"));
        if (transition == "withdrawn")
            line += ", changed" + joined(entry, "changed");
        out.push_back(line);
    }
    return out;
}

} // namespace bonewatch::daemon
