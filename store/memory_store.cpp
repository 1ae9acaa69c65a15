#include "store/key_value.h"

#include <array>
#include <map>
#include <mutex>

namespace bonewatch::store {

namespace {

/// Each table is a map that a visitor may hold on to: a commit during a visit writes to a copy.
class MemoryStore final : public KeyValue {
  public:
    model::Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
        const std::lock_guard lock(mutex_);
        const Rows& rows = *tables_[static_cast<std::size_t>(table)];
        const auto at = rows.find(key);
        return at == rows.end() ? std::nullopt : std::optional(at->second);
    }

    model::Result<void> scan(Table table, std::string_view from, std::string_view to,
                             const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        std::unique_lock lock(mutex_);
        std::shared_ptr<const Rows> rows = tables_[static_cast<std::size_t>(table)];
        lock.unlock();
        for (auto at = rows->lower_bound(from); at != rows->end() && (to.empty() || at->first < to); ++at)
            if (!visit(at->first, at->second))
                break;
        lock.lock(); // The writer must see that the visit is over before it writes in place again.
        rows.reset();
        return {};
    }

    model::Result<void> commit(const WriteBatch& batch) override {
        const std::lock_guard lock(mutex_);
        for (const WriteBatch::Write& write : batch.writes()) {
            auto& rows = tables_[static_cast<std::size_t>(write.table)];
            if (rows.use_count() > 1)
                rows = std::make_shared<Rows>(*rows);
            if (write.value)
                rows->insert_or_assign(write.key, *write.value);
            else
                rows->erase(write.key);
        }
        return {};
    }

  private:
    using Rows = std::map<std::string, std::string, std::less<>>;

    mutable std::mutex mutex_;
    std::array<std::shared_ptr<Rows>, table_count> tables_ = [] {
        std::array<std::shared_ptr<Rows>, table_count> tables;
        for (auto& rows : tables)
            rows = std::make_shared<Rows>();
        return tables;
    }();
};

} // namespace

std::unique_ptr<KeyValue> memory_store() {
    return std::make_unique<MemoryStore>();
}

} // namespace bonewatch::store
