#pragma once

#include "store/key_value.h"
#include "store/model/clock.h"
#include "store/model/named.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A code or unit as a publisher sent it, that no table knows.
struct UnmappedRow {
    std::string publisher;
    std::string reason; ///< `unknown_code`, `unknown_unit`, `unclear_product`, …
    std::string words;  ///< `http://loinc.org|718-7 'Hemoglobin'`, `tsh in 'furlong'`.
    std::uint64_t count = 0;
    model::Instant first{}, last{}; ///< When it was met.
};

/// Codes and units that were met and that no table knows: what the vocabulary lacks, or what a feed misspells. Counted
/// since the store was made; what was not yet saved when the process dies is not counted. One thread.
class Unmapped {
  public:
    /// Reads what was saved. Fails with `unavailable`, or `malformed` where a row is not ours.
    [[nodiscard]] model::Result<void> load(const store::KeyValue& store);

    /// Counts what the error names as unmapped; of any other error nothing. Beyond some thousand different ones those
    /// that are new are counted together, as `(others)`.
    void note(const model::PublisherId& publisher, const model::Error& error, model::Instant now);

    /// Writes the rows that have changed since they were last saved.
    void save(store::WriteBatch& batch);

    /// The commonest first.
    [[nodiscard]] std::vector<UnmappedRow> rows() const;

  private:
    std::map<std::string, UnmappedRow> rows_; ///< By key.
    std::set<std::string> changed_;
};

/// One JSON object: publisher, reason, words, count, first, last.
[[nodiscard]] std::string unmapped_json(const UnmappedRow& row);

} // namespace bonewatch::daemon
