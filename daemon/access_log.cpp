#include "daemon/access_log.h"

#include "store/model/json_writer.h"

#include <spdlog/spdlog.h>

namespace bonewatch::daemon {

void AccessLog::count(std::string_view door, std::string_view what, std::string_view detail) {
    const std::scoped_lock lock(mutex_);
    Count& count = counts_[std::string(door)][std::string(what)];
    ++count.count;
    count.last = detail;
}

void AccessLog::say_growth() {
    const std::scoped_lock lock(mutex_);
    for (auto& [door, counts] : counts_)
        for (auto& [what, count] : counts) {
            constexpr std::uint64_t flood = 100;
            const std::uint64_t growth = count.count - count.said;
            if (growth == 0)
                continue;
            if (what == accepted && growth < flood) {
                count.said = count.count;
                continue;
            }
            spdlog::warn("event=access door={} what={} count={} since_start={}{}{}", door, what, growth, count.count,
                         count.last.empty() ? "" : " last: ", count.last);
            count.said = count.count;
        }
}

std::string AccessLog::json() const {
    const std::scoped_lock lock(mutex_);
    model::JsonWriter json;
    json.begin_object();
    for (const auto& [door, counts] : counts_) {
        json.begin_object(door);
        for (const auto& [what, count] : counts)
            json.number(what, static_cast<std::int64_t>(count.count));
        json.end_object();
    }
    json.end_object();
    return json.take();
}

std::uint64_t AccessLog::count_of(std::string_view door, std::string_view what) const {
    const std::scoped_lock lock(mutex_);
    const auto of_door = counts_.find(door);
    if (of_door == counts_.end())
        return 0;
    const auto found = of_door->second.find(what);
    return found == of_door->second.end() ? 0 : found->second.count;
}

} // namespace bonewatch::daemon
