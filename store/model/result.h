#pragma once

#include <expected>
#include <string>
#include <utility>

namespace bonewatch::model {

/// Why an operation on outside data, or on the world, failed. The kind decides the exit code and the reply.
enum class ErrorKind {
    malformed,   ///< Cannot be read at all: broken JSON, bad frame, bad syntax.
    unusable,    ///< Read, but not usable as a fact: unknown unit, no time. Quarantine's reason.
    not_used,    ///< Well formed, and concerns nothing that is watched.
    config,      ///< A configuration, vocabulary or monitor file is wrong.
    not_found,   ///< No such patient, monitor, alert, file.
    refused,     ///< Not allowed, over a limit, wrong state.
    unavailable, ///< The world failed: disk, socket. Trying again may help.
};

/// A failure with the text that a person reads: what, where (`place`: file:line:column or a JSON path) and the remedy.
struct Error {
    ErrorKind kind = ErrorKind::malformed;
    std::string reason;  ///< A short stable word, `unknown_unit`; counted and grouped by.
    std::string message; ///< One sentence for a person.
    std::string place;   ///< Where; empty when there is no narrower place than the message itself.
    /// A code or unit as it was sent, that no table knows: `http://loinc.org|718-7 'Hemoglobin'`, `tsh in 'furlong'`.
    std::string unmapped{};
};

template <typename T>
using Result = std::expected<T, Error>;

/// Shorthand for `return fail(ErrorKind::malformed, "bad_json", "…", "$.id")`.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string reason, std::string message,
                                                 std::string place = {}) {
    return std::unexpected(Error{kind, std::move(reason), std::move(message), std::move(place), {}});
}

} // namespace bonewatch::model
