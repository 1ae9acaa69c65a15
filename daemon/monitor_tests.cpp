#include "daemon/monitor_tests.h"

#include "daemon/native_timeline.h"
#include "daemon/replay.h"
#include "ingest/json.h"

namespace bonewatch::daemon {

namespace {

std::string line_of(const ExpectedTransition& t) {
    return std::to_string(t.day) + " " + t.transition + (t.severity.empty() ? "" : " " + t.severity);
}

std::string tags_line(const std::vector<std::string>& tags) {
    std::string line = "tags";
    for (const std::string& tag : tags)
        line += (&tag == tags.data() ? ": " : ", ") + tag;
    return line;
}

/// What a replay told of a monitor, as `expect` writes it; `updated` is not listed. The tags come last, where asked
/// for.
model::Result<std::vector<std::string>> told(const Replay& replay, const model::MonitorId& monitor, model::Date day0,
                                             bool has_tags) {
    const auto entries = replay.entries();
    if (!entries)
        return std::unexpected(entries.error());
    std::vector<std::string> out;
    std::vector<std::string> tags;
    for (const std::string& text : *entries) {
        const auto json = ingest::parse_json(text);
        if (!json)
            return std::unexpected(json.error());
        if (json->root.text_of("monitor") != monitor.text)
            continue;
        tags.clear();
        for (const ingest::Json::Member& tag : json->root.items_of("tags"))
            tags.emplace_back(tag.value.text);
        if (json->root.text_of("transition") == "updated")
            continue;
        const auto at = model::parse_instant(json->root.text_of("at"));
        if (!at)
            return std::unexpected(at.error());
        ExpectedTransition transition{static_cast<int>((model::date_of(*at) - day0).count()),
                                      std::string(json->root.text_of("transition")), ""};
        if (transition.transition == "raised" || transition.transition == "escalated")
            transition.severity = json->root.text_of("severity");
        out.push_back(line_of(transition));
    }
    if (has_tags)
        out.push_back(tags_line(tags));
    return out;
}

} // namespace

model::Result<std::shared_ptr<const Revision>> MonitorTests::revision(const monitors::ThresholdSettings& settings) {
    auto& kept = revisions_[settings];
    if (kept == nullptr) {
        auto loaded = Revision::load(files_, settle_, settings);
        if (!loaded)
            return std::unexpected(loaded.error().front());
        kept = std::move(*loaded);
    }
    return kept;
}

model::Result<std::shared_ptr<const Revision>> MonitorTests::revision_of(const model::MonitorId& monitor,
                                                                         const monitors::Definition::Test& test) {
    monitors::ThresholdSettings settings = settings_;
    settings[monitor.text + ".enabled"] = "true";
    for (const auto& [name, value] : test.set)
        settings[monitor.text + "." + name] = value;
    return revision(settings);
}

bool MonitorTests::is_unknown_once(const model::MonitorId& monitor, const monitors::Definition::Test& test) {
    const auto loaded = revision_of(monitor, test);
    const auto timeline = loaded ? read_timeline(test, (*loaded)->vocabulary)
                                 : model::Result<NativeTimeline>(std::unexpected(loaded.error()));
    if (!timeline)
        return false;
    Replay replay(*loaded, {});
    replay.add(timeline->lines, ingest::Format::native, {model::PublisherId("file")}, [](const ingest::Decoded&) {});
    const auto index = (*loaded)->catalogue->find(monitor);
    if (!replay.run(Instant(timeline->day0 + model::Days(timeline->until))) || !index)
        return false;
    const auto patient = replay.core().patient(model::PatientNumber{1});
    if (!patient)
        return false;
    for (int day = 0; day <= timeline->until; ++day) {
        const Instant at(timeline->day0 + model::Days(day) + std::chrono::hours(12));
        if (at <= replay.core().now() && (*patient)->watch.explain(*index, at).when.value == monitors::Truth::unknown)
            return true;
    }
    return false;
}

MonitorTestOutcome MonitorTests::run(const model::MonitorId& monitor, const monitors::Definition::Test& test) {
    MonitorTestOutcome out{monitor, test.name, test.place, {}, {}, {}};
    const auto loaded = revision_of(monitor, test);
    const auto timeline = loaded ? read_timeline(test, (*loaded)->vocabulary)
                                 : model::Result<NativeTimeline>(std::unexpected(loaded.error()));
    if (!timeline) {
        const model::Error& error = timeline.error();
        out.trouble = (error.place.empty() ? "" : error.place + ": ") + error.message;
        return out;
    }
    for (const ExpectedTransition& transition : timeline->expect)
        out.expected.push_back(line_of(transition));
    if (test.tags)
        out.expected.push_back(tags_line(*test.tags));
    Replay replay(*loaded, {});
    replay.add(timeline->lines, ingest::Format::native, {model::PublisherId("file")}, [&](const ingest::Decoded& line) {
        if (const auto* error = std::get_if<model::Error>(&line.outcome))
            out.trouble += error->message + " in " + line.raw + "\n";
    });
    const auto ran = replay.run(Instant(timeline->day0 + model::Days(timeline->until)));
    auto lines = ran ? told(replay, monitor, timeline->day0, test.tags.has_value())
                     : model::Result<std::vector<std::string>>(std::unexpected(ran.error()));
    if (!lines)
        out.trouble = lines.error().message;
    else
        out.told = std::move(*lines);
    return out;
}

} // namespace bonewatch::daemon
