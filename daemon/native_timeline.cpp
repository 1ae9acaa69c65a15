#include "daemon/native_timeline.h"

#include "config/nearest.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>

namespace bonewatch::daemon {

namespace {

using model::Date;
using model::Days;
using model::Result;

constexpr std::string_view patient = "test:1";
constexpr int registered_days_before = 20 * 365;
constexpr int days_after_last = 30;

/// What `expect` may list.
const std::vector<std::string> transitions{"raised", "escalated", "resolved", "withdrawn"};

monitors::Place line_after(const monitors::Place& place) {
    return {place.file, place.line + 1, 1};
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// One line of the notation, word by word.
class Line {
  public:
    Line(std::string_view text, monitors::Place place) : place_(std::move(place)), text_(text) {
        std::istringstream in{std::string(text)};
        for (std::string word; in >> word;)
            words_.push_back(word);
        take_attributes();
        take_pair("recorded", recorded);
    }

    std::optional<std::string> next() { return at_ < words_.size() ? std::optional(words_[at_++]) : std::nullopt; }
    std::optional<std::string> peek() const { return at_ < words_.size() ? std::optional(words_[at_]) : std::nullopt; }
    bool accept(std::string_view word) {
        if (peek() != word)
            return false;
        ++at_;
        return true;
    }
    /// `5 mg` of `5 mg 28 d`; nothing where a `?` stands for a dose that nobody stated.
    std::optional<std::string> take_dose() {
        const std::string number = next().value_or("");
        if (number == "?")
            return std::nullopt;
        return number + " " + next().value_or("");
    }
    /// The value of `NAME=…`, for the names that say something of the event itself.
    std::optional<std::string> own(std::string_view name) const {
        const auto at = std::ranges::find(own_, name, &Pair::first);
        return at == own_.end() ? std::nullopt : std::optional(at->second);
    }
    std::unexpected<model::Error> problem(const std::string& why) const {
        return model::fail(model::ErrorKind::config, "test_timeline", "'" + std::string(text_) + "': " + why,
                           to_text(place_));
    }
    bool at_end() const { return at_ >= words_.size(); }

    using Pair = std::pair<std::string, std::string>;
    std::optional<int> recorded;
    std::vector<Pair> attributes; ///< Those that the event carries as they are: fasting, device, …

  private:
    void take_attributes() {
        static constexpr std::array<std::string_view, 6> own_names{"id",     "version",    "route",
                                                                   "status", "normal_low", "normal_high"};
        std::erase_if(words_, [&](const std::string& word) {
            const auto sign = word.find('=');
            if (sign == std::string::npos || sign == 0)
                return false;
            Pair pair{word.substr(0, sign), word.substr(sign + 1)};
            const bool is_own = std::ranges::find(own_names, pair.first) != own_names.end();
            (is_own ? own_ : attributes).push_back(std::move(pair));
            return true;
        });
    }
    void take_pair(std::string_view name, std::optional<int>& value) {
        const auto at = std::ranges::find(words_, name);
        if (at == words_.end() || at + 1 == words_.end())
            return;
        value = whole(*(at + 1));
        if (value)
            words_.erase(at, at + 2);
    }

    monitors::Place place_;
    std::string_view text_;
    std::vector<std::string> words_;
    std::vector<Pair> own_;
    std::size_t at_ = 0;
};

/// Writes one timeline; keeps count of ids and of the last day that anything concerns.
class Writer {
  public:
    Writer(const config::Vocabulary& vocabulary, Date day0) : vocabulary_(vocabulary), day0_(day0) {}

    Result<void> add(std::string_view text, const monitors::Place& place) {
        Line line(text, place);
        const auto first = line.next();
        if (!first)
            return {};
        if (*first == "patient")
            return add_patient(line);
        const auto day = whole(*first);
        if (!day)
            return line.problem("a line begins with its day, or with 'patient'");
        last_day = std::max(last_day, line.recorded.value_or(*day));
        std::string clock;
        if (line.peek() && line.peek()->size() == 5 && (*line.peek())[2] == ':')
            clock = *line.next();
        const std::string word = line.next().value_or("");
        if (word == "supply")
            return add_supplies(line, *day);
        if (word == "given")
            return add_doses(line, *day);
        if (word == "condition" || word == "procedure")
            return add_condition(line, *day, word);
        if (word == "stop")
            return add_stop(line, *day);
        if (word == "retract")
            return add_retraction(line, *day);
        if (vocabulary_.analyte(model::CodeId(word)) != nullptr)
            return add_result(line, *day, clock, word);
        std::vector<std::string> known{"supply", "stop", "given", "condition", "procedure", "retract"};
        for (const auto& [id, analyte] : vocabulary_.analytes())
            known.push_back(id.text);
        return line.problem("'" + word + "' is no analyte, and not supply, stop, given, condition, procedure or " +
                            "retract" + config::did_you_mean(word, known));
    }

    std::string lines;
    int last_day = 0;
    bool has_patient = false;

  private:
    std::string date(int day) const { return model::to_text(day0_ + Days(day)); }

    model::JsonWriter begin(std::string_view type, const Line& line, const std::string& at) {
        model::JsonWriter json;
        json.begin_object();
        json.text("type", type);
        json.text("patient", patient);
        if (type != "patient") {
            const auto id = line.own("id");
            json.text("id", id.value_or("E" + std::to_string(++count_)));
            if (id)
                json.number("version",
                            line.own("version") ? whole(*line.own("version")).value_or(0) : ++versions_[*id]);
            json.text("at", at);
        }
        if (line.recorded)
            json.text("recorded", date(*line.recorded) + "T09:00:00Z");
        return json;
    }
    Result<void> end(model::JsonWriter& json, const Line& line) {
        if (!line.at_end())
            return line.problem("'" + *line.peek() + "' is not understood");
        json.end_object();
        lines += json.take() + "\n";
        return {};
    }

    Result<void> add_patient(Line& line) {
        has_patient = true;
        model::JsonWriter json = begin("patient", line, {});
        int registered = -registered_days_before;
        while (const auto word = line.next()) {
            if (*word == "female" || *word == "male")
                json.text("sex", *word);
            else if (*word == "born" || *word == "died")
                json.text(*word,
                          whole(line.peek().value_or("")) ? date(*whole(*line.next())) : line.next().value_or(""));
            else if (*word == "registered")
                registered = whole(line.next().value_or("")).value_or(registered);
            else
                return line.problem("'" + *word + "' is not understood");
        }
        json.text("registered", date(registered));
        return end(json, line);
    }

    Result<void> add_result(Line& line, int day, const std::string& clock, const std::string& analyte) {
        const std::string at = date(day) + "T" + (clock.empty() ? "09:00" : clock) + ":00Z";
        model::JsonWriter json = begin("result", line, at);
        json.text("code", analyte);
        if (line.accept("cancelled"))
            json.text("status", "cancelled");
        else
            json.text("value", line.next().value_or(""));
        if (const auto status = line.own("status"))
            json.text("status", *status);
        const auto unit = line.next();
        json.text("unit", unit ? *unit : vocabulary_.analyte(model::CodeId(analyte))->unit);
        if (line.own("normal_low") || line.own("normal_high")) {
            json.begin_object("range");
            for (const std::string_view end : {"low", "high"})
                if (const auto limit = line.own("normal_" + std::string(end)))
                    json.raw(end, *limit);
            json.end_object();
        }
        return end_with_attributes(json, line);
    }

    Result<void> end_with_attributes(model::JsonWriter& json, const Line& line) {
        bool any = false;
        for (const auto& [name, value] : line.attributes) {
            if (!any)
                json.begin_object("attributes");
            any = true;
            json.text(name, value);
        }
        if (any)
            json.end_object();
        return end(json, line);
    }

    Result<void> add_supplies(Line& line, int day) {
        const std::string drug = line.next().value_or("");
        const auto dose = line.take_dose();
        const auto days = whole(line.next().value_or(""));
        if (!days || !line.accept("d"))
            return line.problem("write supply DRUG DOSE DAYS d");
        int times = 1;
        if (line.peek() && line.peek()->starts_with("x"))
            times = whole(std::string_view(*line.next()).substr(1)).value_or(1);
        if (times > 1 && line.own("id"))
            return line.problem("one id for several supplies: write them line by line");
        for (int i = 0; i < times; ++i) {
            model::JsonWriter json = begin("supply", line, date(day + i * *days));
            json.text("drug", drug);
            json.text("route", line.own("route").value_or("oral"));
            if (dose)
                json.text("daily_dose", *dose);
            json.number("days", *days);
            if (auto ok = end_with_attributes(json, line); !ok)
                return ok;
        }
        last_day = std::max(last_day, day + times * *days - 1);
        return {};
    }

    Result<void> add_doses(Line& line, int day) {
        const std::string drug = line.next().value_or("");
        const auto dose = line.take_dose();
        int times = 1;
        int every = 0;
        if (line.peek() && line.peek()->starts_with("x"))
            times = whole(std::string_view(*line.next()).substr(1)).value_or(1);
        if (line.accept("every"))
            every = whole(line.next().value_or("")).value_or(0);
        if (times > 1 && line.own("id"))
            return line.problem("one id for several doses: write them line by line");
        for (int i = 0; i < times; ++i) {
            model::JsonWriter json = begin("administration", line, date(day + i * every));
            json.text("drug", drug);
            if (const auto route = line.own("route"))
                json.text("route", *route);
            if (dose)
                json.text("dose", *dose);
            if (auto ok = end_with_attributes(json, line); !ok)
                return ok;
        }
        last_day = std::max(last_day, day + (times - 1) * every);
        return {};
    }

    Result<void> add_condition(Line& line, int day, const std::string& type) {
        model::JsonWriter json = begin(type, line, date(day));
        json.text("code", line.next().value_or(""));
        if (line.accept("until")) {
            const auto until = whole(line.next().value_or(""));
            if (!until)
                return line.problem("'until' needs a day");
            json.text("until", date(*until));
        }
        return end_with_attributes(json, line);
    }

    Result<void> add_stop(Line& line, int day) {
        model::JsonWriter json = begin("stop", line, date(day));
        json.text("drug", line.next().value_or(""));
        return end(json, line);
    }

    Result<void> add_retraction(Line& line, int day) {
        model::JsonWriter json = begin("retraction", line, date(day) + "T09:00:00Z");
        json.text("of", line.next().value_or(""));
        return end(json, line);
    }

    const config::Vocabulary& vocabulary_;
    Date day0_;
    int count_ = 0;
    std::map<std::string, int> versions_; ///< Lines so far of each id that the author gave.
};

} // namespace

Result<NativeTimeline> read_timeline(const monitors::Definition::Test& test, const config::Vocabulary& vocabulary) {
    auto day0 = model::parse_date(test.day0);
    if (!day0)
        return std::unexpected(day0.error());
    NativeTimeline out;
    out.day0 = *day0;
    Writer writer(vocabulary, *day0);
    std::istringstream events(test.events);
    monitors::Place place = test.events_place;
    for (std::string line; std::getline(events, line); place = line_after(place))
        if (auto ok = writer.add(line, place); !ok)
            return std::unexpected(ok.error());
    if (!writer.has_patient)
        if (auto ok = writer.add("patient female born 1955-03-01", place); !ok)
            return std::unexpected(ok.error());
    out.lines = std::move(writer.lines);

    std::istringstream expect(test.expect);
    place = test.expect_place;
    for (std::string text; std::getline(expect, text); place = line_after(place)) {
        Line line(text, place);
        const auto first = line.next();
        if (!first)
            continue;
        const auto day = whole(*first);
        const auto transition = line.next();
        if (!day || !transition)
            return line.problem("write DAY TRANSITION [SEVERITY]");
        if (std::ranges::find(transitions, *transition) == transitions.end())
            return line.problem("'" + *transition + "' is no transition: raised, escalated, resolved or withdrawn" +
                                config::did_you_mean(*transition, transitions));
        const auto severity = line.next();
        if (severity && !monitors::parse_severity(*severity))
            return line.problem("'" + *severity + "' is not a level: info, warning or urgent");
        out.expect.push_back({*day, *transition, severity.value_or("")});
        if (!line.at_end())
            return line.problem("'" + *line.peek() + "' is not understood");
        writer.last_day = std::max(writer.last_day, *day);
    }
    out.until = test.until.value_or(writer.last_day + days_after_last);
    return out;
}

} // namespace bonewatch::daemon
