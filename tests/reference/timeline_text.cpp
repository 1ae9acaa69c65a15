#include "tests/reference/timeline_text.h"

#include "tests/reference/episodes.h"
#include "tests/reference/standing_facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

namespace bonewatch::reference {

namespace {

using model::Date;
using model::Days;
using model::ErrorKind;
using model::Rational;
using model::Result;

using Words = std::vector<std::string>;

Words words_of(std::string_view line) {
    std::istringstream in{std::string(line)};
    Words words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!words_of(line).empty())
            lines.push_back(line);
    return lines;
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Takes words from the front; the first failure sticks.
struct Reader {
    Words words;
    std::size_t next = 0;
    bool failed = false;

    [[nodiscard]] bool at_end() const { return next >= words.size(); }
    [[nodiscard]] bool is(std::string_view word) const { return !at_end() && words[next] == word; }
    bool take_if(std::string_view word) {
        if (!is(word))
            return false;
        ++next;
        return true;
    }
    std::string take() {
        if (at_end()) {
            failed = true;
            return {};
        }
        return words[next++];
    }
    /// `recorded 40`, wherever it stands.
    std::optional<int> take_pair(std::string_view name) {
        const auto at = std::find(words.begin(), words.end(), name);
        if (at == words.end() || at + 1 == words.end())
            return std::nullopt;
        const auto value = whole(*(at + 1));
        failed = failed || !value;
        words.erase(at, at + 2);
        return value;
    }
    int take_whole() {
        const auto value = whole(take());
        failed = failed || !value;
        return value.value_or(0);
    }
    /// `x4`; 1 where there is none.
    int take_times() {
        if (at_end() || words[next].front() != 'x')
            return 1;
        const auto value = whole(std::string_view(words[next]).substr(1));
        if (!value)
            return 1;
        ++next;
        return *value;
    }
    /// Nothing for `?`, a dose that nobody states.
    std::optional<model::Dose> take_dose() {
        const std::string amount = take();
        if (amount == "?")
            return std::nullopt;
        std::string unit = take();
        if (const auto stroke = unit.find("/day"); stroke != std::string::npos)
            unit.resize(stroke);
        if (unit == "{dose}")
            unit = "items";
        const auto dose = model::parse_dose(amount + " " + unit);
        failed = failed || !dose;
        return dose ? std::optional(*dose) : std::nullopt;
    }
};

/// As the door reads it: nothing below 0 where the analyte cannot be negative.
std::optional<model::ValueInterval> value_of(std::string_view text, bool may_be_negative) {
    const bool is_below = text.starts_with('<');
    const bool is_above = text.starts_with('>');
    const auto number = model::parse_decimal(is_below || is_above ? text.substr(1) : text);
    if (!number)
        return std::nullopt;
    if (is_below)
        return model::ValueInterval{may_be_negative ? std::nullopt : std::optional(model::Bound{Rational(0)}),
                                    model::Bound{*number, true}};
    if (is_above)
        return model::ValueInterval{model::Bound{*number, true}, std::nullopt};
    return model::ValueInterval::exactly(*number);
}

struct Author {
    TimelineText& timeline;
    int serial = 0;
    int last_day = 0;
    bool has_patient = false;
    std::map<std::string, std::int64_t> versions{}; ///< Lines so far of each id that the author gave.
    // Of the line being read:
    std::optional<int> recorded{};
    std::map<std::string, std::string> attributes{};

    [[nodiscard]] Date on(int day) const { return timeline.day0 + Days(day); }
    [[nodiscard]] std::optional<std::string> own(const std::string& name) {
        const auto found = attributes.extract(name);
        return found.empty() ? std::nullopt : std::optional(found.mapped());
    }

    void add(model::EventBody body, int day, std::optional<std::chrono::minutes> clock = {}) {
        model::Event event;
        const auto id = own("id");
        const auto version = own("version");
        event.key = {model::PublisherId("file"), model::FactId(id ? *id : "F-" + std::to_string(++serial))};
        if (id)
            event.version = {{version ? whole(*version).value_or(0) : ++versions[*id]}};
        event.patient = {"nhs", "9990000018"};
        event.at = clock ? model::at_utc(model::Instant(on(day)) + *clock) : model::on_date(on(day));
        event.attributes = attributes;
        event.body = std::move(body);
        const model::Instant known =
            recorded ? model::Instant(on(*recorded)) + std::chrono::hours(9) : event.at.instant;
        const bool is_retraction = std::holds_alternative<model::RetractionEvent>(event.body);
        timeline.events.push_back({std::move(event), known, is_retraction || id.has_value()});
        last_day = std::max({last_day, day, recorded.value_or(day)});
    }

    model::ClinicalTime take_date(Reader& line) const {
        const std::string word = line.take();
        if (const auto day = whole(word))
            return model::on_date(on(*day));
        const auto date = model::parse_date(word);
        line.failed = line.failed || !date;
        return model::on_date(date.value_or(timeline.day0));
    }

    void add_patient(Reader& line) {
        has_patient = true;
        model::PatientEvent person;
        Date from = on(-20 * 365);
        while (!line.at_end() && !line.failed) {
            const std::string word = line.take();
            if (word == "female" || word == "male")
                person.sex = word == "female" ? model::Sex::female : model::Sex::male;
            else if (word == "born" || word == "died")
                (word == "born" ? person.born : person.died) = take_date(line);
            else if (word == "registered")
                from = on(line.take_whole());
            else
                line.failed = true;
        }
        person.registered = {{from, std::nullopt}};
        model::Event event;
        event.key = {model::PublisherId("file"), model::FactId("nhs:9990000018")};
        event.patient = {"nhs", "9990000018"};
        event.body = person;
        timeline.events.push_back({event, model::Instant::min(), false});
    }

    void add_event(Reader& line);
    void add_result(Reader& line, const std::string& analyte, int day, std::chrono::minutes clock);
    /// Takes `name=value` words out of the line.
    static std::map<std::string, std::string> take_attributes(Reader& line) {
        std::map<std::string, std::string> found;
        std::erase_if(line.words, [&](const std::string& word) {
            const auto is = word.find('=');
            if (is != std::string::npos)
                found[word.substr(0, is)] = word.substr(is + 1);
            return is != std::string::npos;
        });
        return found;
    }
};

/// A value in the unit as sent, in the canonical one. Nothing where the door would not let it in.
void Author::add_result(Reader& line, const std::string& analyte, int day, std::chrono::minutes clock) {
    model::ResultEvent result;
    result.analyte = model::CodeId(analyte);
    const Analyte* row = shipped_vocabulary().analyte(analyte);
    const auto bound = [&](const char* name) -> std::optional<Rational> {
        const auto text = own(name);
        if (!text)
            return std::nullopt;
        const auto number = model::parse_decimal(*text);
        line.failed = line.failed || !number;
        return number ? std::optional(*number) : std::nullopt;
    };
    auto uln = bound("uln");
    result.range_low = bound("normal_low");
    result.range_high = bound("normal_high");
    uln = uln ? uln : result.range_high;
    const std::string text = line.take();
    if (text == "cancelled") {
        result.status = model::ResultStatus::no_result;
        return add(result, day, clock);
    }
    if (const auto status = own("status"))
        result.status = *status == "preliminary" ? model::ResultStatus::preliminary
                        : *status == "cancelled" ? model::ResultStatus::no_result
                                                 : model::ResultStatus::final_;
    result.value = row == nullptr ? std::nullopt : value_of(text, row->may_be_negative);
    line.failed = line.failed || !result.value;
    const std::string unit = line.at_end() ? (row == nullptr ? "" : row->unit) : line.take();
    if (line.failed)
        return;
    if (row->unit == "{xULN}" && unit != "xULN") {
        if (!uln)
            return;
        result.value = *result.value * (Rational(1) / *uln);
        for (auto* end : {&result.range_low, &result.range_high})
            if (*end)
                *end = **end / *uln;
        return add(result, day, clock);
    }
    const auto factor = row->units.find(unit);
    line.failed = factor == row->units.end();
    if (line.failed)
        return;
    result.value = *result.value * factor->second.factor + model::ValueInterval::exactly(factor->second.offset);
    add(result, day, clock);
}

void Author::add_event(Reader& line) {
    const int day = line.take_whole();
    std::chrono::minutes clock = std::chrono::hours(9);
    if (!line.at_end() && line.words[line.next].size() == 5 && line.words[line.next][2] == ':') {
        const std::string text = line.take();
        const auto hours = whole(std::string_view(text).substr(0, 2));
        const auto minutes = whole(std::string_view(text).substr(3));
        line.failed = line.failed || !hours || !minutes;
        clock = std::chrono::hours(hours.value_or(0)) + std::chrono::minutes(minutes.value_or(0));
    }
    const std::string kind = line.take();
    const auto route = [&](model::Route otherwise) {
        const auto word = own("route");
        const auto stated = word ? model::parse_route(*word) : std::optional(otherwise);
        line.failed = line.failed || !stated;
        return stated.value_or(otherwise);
    };
    if (kind == "supply") {
        model::SupplyEvent supply;
        supply.drug = model::CodeId(line.take());
        supply.route = route(model::Route::oral);
        supply.daily_dose = line.take_dose();
        supply.days = line.take_whole();
        line.failed = line.failed || !line.take_if("d");
        const int times = line.take_times();
        for (int i = 0; i < times; ++i)
            add(supply, day + i * supply.days);
        last_day = std::max(last_day, day + times * supply.days - 1);
    } else if (kind == "stop") {
        add(model::StopEvent{model::CodeId(line.take()), {}}, day);
    } else if (kind == "given") {
        model::AdministrationEvent given;
        given.drug = model::CodeId(line.take());
        given.route = route(model::Route::unstated);
        given.dose = line.take_dose();
        const int times = line.take_times();
        const int every = line.take_if("every") ? line.take_whole() : 0;
        for (int i = 0; i < times; ++i)
            add(given, day + i * every);
    } else if (kind == "condition") {
        model::ConditionEvent condition{model::CodeId(line.take()), {}};
        if (line.take_if("until"))
            condition.until = model::on_date(on(line.take_whole()));
        add(condition, day);
    } else if (kind == "procedure") {
        add(model::ProcedureEvent{model::CodeId(line.take())}, day);
    } else if (kind == "retract") {
        add(model::RetractionEvent{model::FactId(line.take()), {}}, day, std::chrono::hours(9));
    } else {
        add_result(line, kind, day, clock);
    }
}

} // namespace

Result<TimelineText> read_timeline(std::string_view events, std::string_view expect, std::optional<int> until,
                                   Date day0) {
    TimelineText timeline;
    timeline.day0 = day0;
    Author author{timeline};
    const auto wrong = [](const std::string& line) {
        return model::fail(ErrorKind::malformed, "bad_timeline", "cannot read the line '" + line + "'");
    };
    for (const std::string& text : lines_of(events)) {
        Reader line{words_of(text)};
        author.attributes = Author::take_attributes(line);
        author.recorded = line.take_pair("recorded");
        if (line.take_if("patient"))
            author.add_patient(line);
        else
            author.add_event(line);
        if (line.failed || !line.at_end())
            return wrong(text);
    }
    if (!author.has_patient) {
        Reader line{{"female", "born", "1955-03-01"}};
        author.add_patient(line);
    }
    for (const std::string& text : lines_of(expect)) {
        Reader line{words_of(text)};
        Transition one;
        one.day = line.take_whole();
        one.word = line.take();
        if (!line.at_end())
            one.severity = line.take();
        if (line.failed || !line.at_end())
            return wrong(text);
        author.last_day = std::max(author.last_day, one.day);
        timeline.expect.push_back(one);
    }
    timeline.end = until.value_or(author.last_day + 30);
    return timeline;
}

namespace {

int days_between(Date day0, model::Instant instant) {
    return static_cast<int>((model::date_of(instant) - day0).count());
}

bool overlap(const Spell& a, const Spell& b) {
    return (!a.closed || b.opened < *a.closed) && (!b.closed || a.opened < *b.closed);
}

/// What falls is told as an update, which timelines do not list.
std::ptrdiff_t rank(const std::string& severity) {
    constexpr std::array<std::string_view, 3> rising{"info", "warning", "urgent"};
    return std::find(rising.begin(), rising.end(), severity) - rising.begin();
}

std::string severity_at(const Spell& spell, model::Instant instant) {
    std::string severity = spell.severities.front().second;
    for (const auto& [since, now] : spell.severities)
        if (since <= instant)
            severity = now;
    return severity;
}

model::Instant end_of(const TimelineText& timeline) {
    return model::Instant(timeline.day0 + Days(timeline.end));
}

/// The monitor's episodes up to `until`, by what is known then.
std::vector<Spell> spells_at(const TimelineText& timeline, const std::string& monitor, const Catalogue& watched,
                             model::Instant until) {
    constexpr model::PatientNumber patient{1};
    std::vector<AdmittedEvent> known;
    for (const Told& one : timeline.events)
        if (one.recorded <= until)
            known.push_back({one.event, patient});
    return episodes(standing_facts(known, patient), until, watched).at(monitor);
}

} // namespace

std::vector<std::string> tags_at_end(const TimelineText& timeline, const std::string& monitor,
                                     const Catalogue& catalogue) {
    const auto spells = spells_at(timeline, monitor, catalogue.only({monitor}), end_of(timeline));
    return spells.empty() ? std::vector<std::string>() : spells.back().tags;
}

std::vector<Transition> transitions(const TimelineText& timeline, const std::string& monitor,
                                    const Catalogue& catalogue) {
    const Catalogue watched = catalogue.only({monitor});
    const model::Instant end = end_of(timeline);
    const auto day_of = [&](model::Instant instant) { return days_between(timeline.day0, instant); };
    // Only what became known later than it happened makes the past be told anew.
    std::set<model::Instant> late{end};
    for (const Told& one : timeline.events)
        if (one.changes_the_past || one.recorded > one.event.at.instant)
            late.insert(std::min(one.recorded, end));

    std::vector<Transition> told;
    std::vector<Spell> before;
    model::Instant from = model::Instant::min();
    for (const model::Instant next : late) {
        // Everything known before `next`, up to just before it; at the end everything.
        const auto spells =
            spells_at(timeline, monitor, watched, next == end ? end : next - std::chrono::milliseconds(1));
        for (const Spell& old : before)
            if (old.opened < from &&
                std::none_of(spells.begin(), spells.end(), [&](const Spell& one) { return overlap(old, one); }))
                told.push_back({day_of(from), "withdrawn", {}});
        for (const Spell& one : spells) {
            const bool is_old = std::any_of(before.begin(), before.end(),
                                            [&](const Spell& old) { return old.opened < from && overlap(old, one); });
            // First learnt while it is open: raised, with the severity that it has by then.
            if (one.opened < from && !is_old && (!one.closed || *one.closed >= from))
                told.push_back({day_of(one.opened), "raised", severity_at(one, from)});
            for (std::size_t i = 0; i < one.severities.size(); ++i) {
                const auto& [since, severity] = one.severities[i];
                if (since >= from && (i == 0 || rank(severity) > rank(one.severities[i - 1].second)))
                    told.push_back({day_of(since), i == 0 ? "raised" : "escalated", severity});
            }
            const bool was_told_open = std::any_of(before.begin(), before.end(), [&](const Spell& old) {
                return old.opened < from && !old.closed && overlap(old, one);
            });
            if (one.closed && (*one.closed >= from || was_told_open))
                told.push_back({day_of(*one.closed), "resolved", {}});
        }
        before = spells;
        from = next;
    }
    std::stable_sort(told.begin(), told.end(), [](const Transition& a, const Transition& b) { return a.day < b.day; });
    return told;
}

std::string to_text(const std::vector<Transition>& transitions) {
    std::string text;
    for (const Transition& one : transitions)
        text += std::to_string(one.day) + " " + one.word + (one.severity.empty() ? "" : " " + one.severity) + "\n";
    return text;
}

} // namespace bonewatch::reference
