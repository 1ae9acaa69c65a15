#pragma once

#include "daemon/client.h"
#include "daemon/commands.h"
#include "daemon/resume_state.h"

namespace bonewatch::daemon {

/// Publishes the messages of a file's text, each until it is stored, and shows how far it has come; those that
/// `resumed` (null: none) knows to be answered are left out. Messages are numbered from 0. Fails as `publish` does,
/// with `unknown_format`, and where the state cannot be written.
[[nodiscard]] model::Result<void> publish_text(const PublishCommand& options, const std::string& path,
                                               std::string_view text, ResumeState* resumed, const OnResult& on_result);

} // namespace bonewatch::daemon
