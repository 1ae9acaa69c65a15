#pragma once

#include "daemon/client.h"
#include "daemon/commands.h"

#include <string>
#include <string_view>

/// What the commands that ask a daemon have in common.
namespace bonewatch::daemon {

[[nodiscard]] ConnectionSettings connection(const std::string& endpoint);

/// A body as text for a table.
using Render = std::string (*)(std::string_view body);
/// A JSON object, a member a line.
[[nodiscard]] std::string as_members(std::string_view body);

/// Prints a list page by page: all of it, or the first `limit` rows and how many more there are. `count` is how many
/// were printed.
int print_list(const std::string& endpoint, const std::string& what, model::Meta args, std::uint64_t limit,
               Output output, Render render, std::uint64_t& count);
int print_bodies(const model::Result<Answer>& answer, Output output, Render render);

} // namespace bonewatch::daemon
