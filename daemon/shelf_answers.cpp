#include "daemon/shelf_answers.h"

#include <algorithm>
#include <array>
#include <ranges>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;

/// Everybody else waits while a page is made: so many rows are looked at, so many tried again, and so much decoded.
constexpr std::uint64_t rows_seen_max = 5'000;
constexpr std::uint64_t retries_max = 256;
constexpr std::size_t retried_bytes_max = 4u << 20;
/// Groups that `status` tells of.
constexpr std::size_t groups_in_status = 20;

Result<ShelfFilter> filter_in(const model::Meta& args) {
    ShelfFilter filter{model::text_in(args, "state").value_or("waiting"), model::text_in(args, "reason").value_or(""),
                       model::text_in(args, "publisher").value_or("")};
    constexpr std::array<std::string_view, 3> words{"waiting", "done", "all"};
    if (std::ranges::find(words, filter.state) == words.end())
        return fail(ErrorKind::malformed, "bad_state", "'state' is waiting, done or all", "state");
    return filter;
}

std::uint64_t count_in(const ShelfGroup& group, const ShelfFilter& filter) {
    if ((!filter.reason.empty() && filter.reason != group.reason) ||
        (!filter.publisher.empty() && filter.publisher != group.publisher))
        return 0;
    const std::uint64_t done = group.resolved + group.dismissed;
    return filter.state == "waiting" ? group.waiting : filter.state == "done" ? done : group.waiting + done;
}

std::string numbered(std::uint64_t number, const ShelvedRow& row) {
    return "{\"number\":" + std::to_string(number) + "," + encode(row).substr(1);
}

/// The row, which must be there.
Result<ShelvedRow> row_of(const Shelf& shelf, std::uint64_t number) {
    auto row = shelf.row(number);
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return fail(ErrorKind::not_found, "no_such_number", "nothing in quarantine has that number");
    return std::move(**row);
}

std::string retried_json(const Retried& one) {
    model::JsonWriter json;
    json.begin_object();
    json.number("number", static_cast<std::int64_t>(one.number));
    json.text("outcome", one.outcome);
    for (const auto& [name, text] :
         {std::pair{"reason", &one.reason}, std::pair{"place", &one.place}, std::pair{"message", &one.message}})
        if (!text->empty())
            json.text(name, *text);
    json.end_object();
    return json.take();
}

std::string page_meta(std::optional<std::uint64_t> total, std::optional<std::uint64_t> next) {
    model::JsonWriter meta;
    meta.begin_object();
    if (total)
        meta.number("total", static_cast<std::int64_t>(*total));
    if (next)
        meta.text("next", std::to_string(*next));
    meta.end_object();
    return meta.take();
}

} // namespace

bool ShelfFilter::holds(const ShelvedRow& row) const {
    return (state == "all" || (state == "waiting") == row.is_waiting()) && (reason.empty() || reason == row.reason) &&
           (publisher.empty() || publisher == row.publisher);
}

Result<QueryAnswer> list_shelf(const Shelf& shelf, const model::Meta& args) {
    const auto wanted = number_from_1(args, "number");
    const auto after = number_from_1(args, "after");
    const auto page = page_in(args);
    const auto filter = filter_in(args);
    if (!wanted || !after)
        return std::unexpected(!wanted ? wanted.error() : after.error());
    if (!page || !filter)
        return std::unexpected(!page ? page.error() : filter.error());
    if (*wanted) {
        const auto row = row_of(shelf, **wanted);
        if (!row)
            return std::unexpected(row.error());
        return QueryAnswer{page_meta(1, {}), {numbered(**wanted, *row)}};
    }
    const auto groups = shelf.groups();
    if (!groups)
        return std::unexpected(groups.error());
    std::uint64_t total = 0;
    for (const ShelfGroup& group : *groups)
        total += count_in(group, *filter);
    QueryAnswer out;
    std::size_t bytes = 0;
    std::uint64_t number = after->value_or(0);
    const std::uint64_t last = std::min(shelf.count(), number + rows_seen_max);
    while (number < last && out.bodies.size() < page->rows_max && bytes < page->bytes_max) {
        const auto row = shelf.row(++number);
        if (!row)
            return std::unexpected(row.error());
        if (!*row || !filter->holds(**row))
            continue;
        out.bodies.push_back(numbered(number, **row));
        bytes += out.bodies.back().size();
    }
    out.meta = page_meta(total, number < shelf.count() ? std::optional(number) : std::nullopt);
    return out;
}

Result<QueryAnswer> list_shelf_groups(const Shelf& shelf, const model::Meta& args) {
    const auto filter = filter_in(args);
    if (!filter)
        return std::unexpected(filter.error());
    auto groups = shelf.groups();
    if (!groups)
        return std::unexpected(groups.error());
    std::ranges::stable_sort(*groups, std::greater{}, &ShelfGroup::waiting);
    QueryAnswer out;
    for (const ShelfGroup& group : *groups) {
        if (count_in(group, *filter) == 0)
            continue;
        const auto example = shelf.first_waiting(group);
        if (!example)
            return std::unexpected(example.error());
        const auto row = shelf.row(*example);
        if (!row)
            return std::unexpected(row.error());
        model::JsonWriter json;
        json.begin_object();
        json.text("publisher", group.publisher);
        json.text("reason", group.reason);
        json.text("place", group.place);
        json.number("waiting", static_cast<std::int64_t>(group.waiting));
        json.number("resolved", static_cast<std::int64_t>(group.resolved));
        json.number("dismissed", static_cast<std::int64_t>(group.dismissed));
        json.text("oldest", model::to_text(group.first));
        json.text("newest", model::to_text(group.last));
        if (*row) {
            json.number("example", static_cast<std::int64_t>(*example));
            json.text("text", (*row)->text);
            json.text("message", (*row)->message);
        }
        json.end_object();
        out.bodies.push_back(json.take());
    }
    out.meta = page_meta(out.bodies.size(), {});
    return out;
}

Result<void> write_waiting(model::JsonWriter& json, const Shelf& shelf) {
    auto groups = shelf.groups();
    if (!groups)
        return std::unexpected(groups.error());
    std::ranges::stable_sort(*groups, std::greater{}, &ShelfGroup::waiting);
    std::uint64_t waiting = 0;
    for (const ShelfGroup& group : *groups)
        waiting += group.waiting;
    json.number("quarantine_waiting", static_cast<std::int64_t>(waiting));
    json.begin_object("quarantine_by_group");
    for (const ShelfGroup& group : *groups | std::views::take(groups_in_status))
        if (group.waiting > 0)
            json.number(group.publisher + " " + group.reason + " " + group.place,
                        static_cast<std::int64_t>(group.waiting));
    json.end_object();
    return {};
}

Result<QueryAnswer> retry_shelf(Core& core, Retry& retry, const model::Meta& args, model::Instant now) {
    const auto wanted = number_from_1(args, "number");
    const auto after = number_from_1(args, "after");
    const auto filter = filter_in(args);
    if (!wanted || !after || !filter)
        return std::unexpected(!wanted ? wanted.error() : !after ? after.error() : filter.error());
    QueryAnswer out;
    std::uint64_t number = *wanted ? **wanted - 1 : after->value_or(0);
    const std::uint64_t last = *wanted ? **wanted : std::min(core.shelf().count(), number + rows_seen_max);
    while (number < last && out.bodies.size() < retries_max && retry.decoded_bytes() < retried_bytes_max) {
        const auto row = core.shelf().row(++number);
        if (!row)
            return std::unexpected(row.error());
        if (!*wanted && (!*row || !(*row)->is_waiting() || !filter->holds(**row)))
            continue;
        const auto tried = retry.again(number, now);
        if (!tried)
            return std::unexpected(tried.error());
        out.bodies.push_back(retried_json(*tried));
    }
    if (auto ok = core.commit(); !ok)
        return std::unexpected(ok.error());
    const bool is_more = !*wanted && number < core.shelf().count();
    out.meta = page_meta({}, is_more ? std::optional(number) : std::nullopt);
    return out;
}

Result<QueryAnswer> dismiss_shelved(Core& core, const model::Meta& args, model::Instant now) {
    const auto number = number_from_1(args, "number");
    const std::string actor = model::text_in(args, "actor").value_or("");
    if (!number)
        return std::unexpected(number.error());
    if (!*number)
        return fail(ErrorKind::malformed, "bad_number", "say which: 'number'", "number");
    if (actor.empty())
        return fail(ErrorKind::malformed, "no_actor", "say who dismisses: 'actor'", "actor");
    const auto before = row_of(core.shelf(), **number);
    if (!before)
        return std::unexpected(before.error());
    if (before->state == dismissed_state)
        return QueryAnswer{}; // Sent again; whoever was first stays.
    if (!before->is_waiting())
        return fail(ErrorKind::refused, "not_waiting",
                    std::to_string(**number) + " waits no longer: " + before->outcome);
    ShelvedRow after = *before;
    after.state = dismissed_state;
    after.dismissed_by = actor;
    after.dismissed_at = model::to_text(now);
    after.note = model::text_in(args, "note").value_or("");
    if (auto ok = core.reshelve(**number, *before, after); !ok)
        return std::unexpected(ok.error());
    if (auto ok = core.commit(); !ok)
        return std::unexpected(ok.error());
    return QueryAnswer{};
}

} // namespace bonewatch::daemon
