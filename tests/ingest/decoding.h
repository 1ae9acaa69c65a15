#pragma once

#include "ingest/decode.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest::rules {

/// The shipped vocabulary, loaded once.
[[nodiscard]] const config::Vocabulary& vocabulary();

/// Decodes as the publisher `lab` in London, received on 1 June 2026.
[[nodiscard]] std::vector<Decoded> decode_all(Format format, std::string_view message);
/// The only outcome of a message; the test fails where there are more.
[[nodiscard]] Decoded decode_one(Format format, std::string_view message);

/// `applied`, or reason of the error (`unknown_unit`).
[[nodiscard]] std::string outcome_word(const Decoded& decoded);
/// What became of it: `applied`, `quarantined`, `not_used`, `rejected`.
[[nodiscard]] std::string_view outcome_of(const Decoded& decoded);

/// The event; the test fails and an empty one is returned where there is none.
[[nodiscard]] model::Event event_of(const Decoded& decoded);
[[nodiscard]] model::Error error_of(const Decoded& decoded);

template <typename Body>
[[nodiscard]] Body body_of(const Decoded& decoded) {
    const auto event = event_of(decoded);
    const auto* body = std::get_if<Body>(&event.body);
    return body == nullptr ? Body{} : *body;
}

} // namespace bonewatch::ingest::rules
