#pragma once

#include "config/vocabulary.h"
#include "monitors/questions.h"

#include <span>
#include <string>
#include <string_view>

namespace bonewatch::monitors {

// The half sentences of which reasoning is made, for a clinician: titles and numbers, no ids and no code.

/// What a vocabulary id is called: its title, else the id without hyphens.
[[nodiscard]] std::string title_of(const config::Vocabulary& vocabulary, const CodeId& code);

/// `mL/min/{1.73_m2}` is mL/min/1.73 m2, `m[IU]/L` mIU/L.
[[nodiscard]] std::string unit_for_people(std::string_view unit);

/// `0.05 mU/L`.
[[nodiscard]] std::string value_text(const model::Fact& result);
/// `0.05 mU/L on 2024-01-10`, `0.05 on 2024-01-10, <0.01 on 2024-04-15 (mU/L)`: in the order given; each with its own
/// unit where they differ.
[[nodiscard]] std::string dated_values(std::span<const FactPtr> results);

/// `Thyrotropin (TSH) 0.05 mU/L on 2024-01-10`: a whole event.
[[nodiscard]] std::string told_text(const config::Vocabulary& vocabulary, const model::Event& event);

/// `1 day`, `90 days`.
[[nodiscard]] std::string days_text(std::int64_t days);
/// `90 days`, `6 months`, `2 years`.
[[nodiscard]] std::string in_words(Span span);

/// `no bone assessment`; of any fracture `no fracture`.
[[nodiscard]] std::string none_of(const std::string& title);
/// ` in the last 365 days`, ` from 2024-01-10`; empty for all time.
[[nodiscard]] std::string window_text(const View& view, const WindowNodes& window);
/// `Hip fracture on 2024-01-10`: what happened by its own name; what is derived by that of its maker, `title`.
[[nodiscard]] std::string occurrence_text(const View& view, const Occurrence& occurrence, const std::string& title);
/// Several: `Hip fracture on 2024-01-10, Fall: 2 (2024-02-01, 2024-03-01)`; results with their values.
[[nodiscard]] std::string occurrences_text(const View& view, std::vector<Occurrence> occurrences,
                                           const std::string& title);

} // namespace bonewatch::monitors
