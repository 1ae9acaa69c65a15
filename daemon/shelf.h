#pragma once

#include "daemon/shelved_row.h"
#include "store/key_value.h"
#include "store/model/clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// Bytes as a text of hex digits.
[[nodiscard]] std::string hex_of(std::string_view bytes);

/// What lies in quarantine of one publisher, for one reason, at one place.
struct ShelfGroup {
    std::string key; ///< Of the store.
    std::string publisher, reason, place;
    std::uint64_t waiting = 0, resolved = 0, dismissed = 0;
    model::Instant first{}, last{}; ///< When the first and the last of them came.
};

/// Quarantine's shelf: what could not be used, by number, and how many there are of a kind. Nothing is ever removed
/// from it. Writes go to the caller's batch and are seen by `row` at once, by all else once they are committed: call
/// `committed` then; after a failed commit throw the object away. One thread.
class Shelf {
  public:
    explicit Shelf(const store::KeyValue& store) : store_(store) {}

    /// Reads how many there are; a store of before has rows without groups, which go to `batch`. Call once, first.
    [[nodiscard]] model::Result<void> open(store::WriteBatch& batch);
    /// Ever put there.
    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// Keeps a row, once for each `raw` of a publisher, and gives its number. What was resolved, or waited for another
    /// reason, waits anew. `message`: what the row was read from; it is kept too where the row cannot be read without.
    [[nodiscard]] model::Result<std::uint64_t> keep(ShelvedRow row, std::string_view message, store::WriteBatch& batch);
    /// Puts `after` in the place of `before`.
    [[nodiscard]] model::Result<void> change(std::uint64_t number, const ShelvedRow& before, const ShelvedRow& after,
                                             store::WriteBatch& batch);

    /// Nothing where no row has the number.
    [[nodiscard]] model::Result<std::optional<ShelvedRow>> row(std::uint64_t number) const;
    /// The text that decodes to the row again.
    [[nodiscard]] model::Result<std::string> message_of(const ShelvedRow& row) const;
    /// In order of publisher, reason and place.
    [[nodiscard]] model::Result<std::vector<ShelfGroup>> groups() const;
    /// The one of a group that has waited longest; 0 where none waits.
    [[nodiscard]] model::Result<std::uint64_t> first_waiting(const ShelfGroup& group) const;
    /// Those that wait and are about the patient of an identifier, by `Directory::digest_of`; sorted.
    [[nodiscard]] model::Result<std::vector<std::uint64_t>> waiting_of_patient(std::string_view digest) const;
    /// The digests of all whose it is that waits, where it is known whose; nothing where more than `rows_max` wait.
    [[nodiscard]] model::Result<std::optional<std::set<std::string>>> patients_waiting(std::size_t rows_max) const;

    void committed() { pending_.clear(); }

  private:
    [[nodiscard]] model::Result<std::optional<std::string>> read(const std::string& key) const;
    void write(std::string key, std::string value, store::WriteBatch& batch);
    model::Result<void> count_in(std::uint64_t number, const ShelvedRow& row, store::WriteBatch& batch);
    model::Result<void> count_out(std::uint64_t number, const ShelvedRow& row, store::WriteBatch& batch);
    [[nodiscard]] model::Result<ShelfGroup> group_of(const ShelvedRow& row) const;
    void write_group(const ShelfGroup& group, store::WriteBatch& batch);

    const store::KeyValue& store_; ///< Outlives this.
    std::uint64_t count_ = 0;
    std::map<std::string, std::string> pending_; ///< Since the last commit.
};

} // namespace bonewatch::daemon
