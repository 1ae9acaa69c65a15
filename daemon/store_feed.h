#pragma once

#include "alerts/feed_door.h"
#include "daemon/core.h"

namespace bonewatch::daemon {

/// The feed as it stands in the store, for the feed door. Used on the core's thread, between commits; the core
/// outlives it.
class StoreFeed final : public alerts::FeedSource {
  public:
    StoreFeed(Core& core, std::uint64_t epoch) : core_(core), epoch_(epoch) {}

    [[nodiscard]] model::Result<std::vector<alerts::FeedEntry>> read(const store::Cursor& after,
                                                                     std::size_t entries_max) const override;
    [[nodiscard]] store::Cursor latest() const override;
    [[nodiscard]] model::Result<std::optional<store::Cursor>> load_cursor(std::string_view consumer) const override;
    [[nodiscard]] model::Result<void> save_cursor(std::string_view consumer, const store::Cursor& cursor) override;

  private:
    Core& core_;
    std::uint64_t epoch_;
};

} // namespace bonewatch::daemon
