#pragma once

#include "daemon/queries.h"
#include "daemon/retry.h"
#include "store/model/json_writer.h"

namespace bonewatch::daemon {

/// What of quarantine's shelf a question or command is about.
struct ShelfFilter {
    std::string state;             ///< `waiting`, `done` (resolved or dismissed) or `all`.
    std::string reason, publisher; ///< Empty: any.

    [[nodiscard]] bool holds(const ShelvedRow& row) const;
};

/// The rows by number, of a `number` or of a filter, a page of them. Fails as `answer_query` does.
[[nodiscard]] model::Result<QueryAnswer> list_shelf(const Shelf& shelf, const model::Meta& args);
/// A JSON object for each group, those where most wait first.
[[nodiscard]] model::Result<QueryAnswer> list_shelf_groups(const Shelf& shelf, const model::Meta& args);
/// For `status`: how many wait, and where.
[[nodiscard]] model::Result<void> write_waiting(model::JsonWriter& json, const Shelf& shelf);

/// The command `retry`: of one number, or of what waits and a filter holds, a page of it. Commits. Fails with
/// `malformed`, `not_found`, and `unavailable` when the store does.
[[nodiscard]] model::Result<QueryAnswer> retry_shelf(Core& core, Retry& retry, const model::Meta& args,
                                                     model::Instant now);
/// The command `dismiss`: somebody says that one of them is not to be tried again. It is kept all the same. Commits.
/// Fails with `malformed`, `not_found`, `refused` where it does not wait, and `unavailable`.
[[nodiscard]] model::Result<QueryAnswer> dismiss_shelved(Core& core, const model::Meta& args, model::Instant now);

} // namespace bonewatch::daemon
