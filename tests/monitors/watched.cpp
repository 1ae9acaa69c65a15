#include "tests/monitors/watched.h"

namespace bonewatch::monitors {

namespace {

std::string short_line(const Episode& episode) {
    std::string line = model::to_text(episode.opened) + " to ";
    line += episode.closed ? model::to_text(*episode.closed) : std::string("now");
    line += episode.is_excluded ? " excluded" : "";
    for (const SeverityChange& change : episode.severities)
        line += " " + std::string(to_text(change.severity)) + "@" + model::to_text(change.at);
    for (const std::string& tag : episode.tags)
        line += " #" + tag;
    return line;
}

} // namespace

std::string told_in_short(const Watch& watch, std::size_t monitor) {
    std::string out;
    for (const EpisodePtr& episode : watch.episodes(monitor))
        out += short_line(*episode) + "\n";
    return out;
}

std::string told_in_full(const Watch& watch, const Catalogue& catalogue, std::size_t monitor) {
    std::string out;
    for (const EpisodePtr& episode : watch.episodes(monitor)) {
        out += catalogue.monitors()[monitor].id.text + " " + short_line(*episode);
        out += " supported@" + model::to_text(episode->supported_at) + " by";
        for (const FactPtr& fact : episode->support->evidence) {
            out += " " + fact->event.key.publisher.text + "/" + fact->event.key.id.text;
            for (const std::int64_t part : fact->event.version.parts)
                out += "." + std::to_string(part);
        }
        if (episode->support->newest_result)
            out += " newest " + model::to_text(*episode->support->newest_result);
        out += " tagged@" + model::to_text(episode->tagged_at);
        out += " because " + episode->support->reasoning.detail + " not known: " + episode->support->not_known + "\n";
    }
    return out;
}

} // namespace bonewatch::monitors
