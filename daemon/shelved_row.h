#pragma once

#include "ingest/decode.h"
#include "store/model/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::daemon {

/// Somebody tried what lies in quarantine again.
struct ShelvedTry {
    std::string at;
    std::string outcome; ///< `applied`, …, `quarantined`, `rejected`; `replaced`.
    std::string reason, place, message;
};

/// Words of ShelvedRow::state.
inline constexpr std::string_view waiting_state = "waiting", resolved_state = "resolved", dismissed_state = "dismissed";

/// One thing that could not be used, as it lies on quarantine's shelf: never removed.
struct ShelvedRow {
    std::string received_at;
    std::string publisher;
    std::string format; ///< `native`, `fhir`, `hl7v2`; empty in a row of before.
    bool is_backfill = false;
    std::string kind;
    std::string id;                     ///< The publisher's own, where it says one.
    std::string code, date;             ///< Of what it was to be, as far as known: the vocabulary's id; `2026-02-01`.
    std::string reason, place, message; ///< Why, when it was last tried.
    std::string text;                   ///< What stands at the place, as far as that can be told.
    std::string state{waiting_state};
    std::string outcome; ///< Of what was resolved: as of a message that arrives, or `replaced`.
    std::string dismissed_by, dismissed_at, note;
    std::uint64_t tried = 0;       ///< How often.
    std::vector<ShelvedTry> tries; ///< The last twenty of them, in order.
    std::string within;            ///< Hex: the message kept apart that it is read from; empty where `raw` is enough.
    std::string patient;           ///< Hex: digest of whose it is, where that is known.
    std::string raw;               ///< The line, resource or segments.

    void add_try(ShelvedTry one);
    [[nodiscard]] bool is_waiting() const { return state == waiting_state; }
};

/// The JSON object of daemon/README.md, "What the fold keeps".
[[nodiscard]] std::string encode(const ShelvedRow& row);
/// Reads rows of before too. Fails with `malformed`.
[[nodiscard]] model::Result<ShelvedRow> decode_shelved_row(std::string_view json);

/// Why it cannot be used, for the row: its reason, place, what stands there, and the message.
void note_why(ShelvedRow& row, std::string_view raw, const model::Error& error);

/// What it was to be, as far as that was read. Says nothing of whose it is.
void note_meant(ShelvedRow& row, const ingest::Meant& meant);

/// Behind `line 3, `, and as of the resource where it is one of a Bundle: `$.entry[2].resource.code` is `$.code`.
[[nodiscard]] std::string place_in_resource(std::string_view place);
/// A place without what tells one message from another: `line 3, $.entry[2].resource.component[0].code` is
/// `$.component.code`, `OBX[2]-5` is `OBX-5`.
[[nodiscard]] std::string place_without_indices(std::string_view place);
/// What stands at a JSON path of a line or resource, cut to some hundred bytes; empty where nothing does.
[[nodiscard]] std::string text_at_place(std::string_view raw, std::string_view place);

} // namespace bonewatch::daemon
