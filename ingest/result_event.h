#pragma once

#include "ingest/message_context.h"
#include "store/model/event.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// A result as a publisher states it, in whichever format, before the vocabulary has been asked.
struct PublishedResult {
    model::ResultStatus status = model::ResultStatus::final_;
    std::string value_text;                    ///< As published: `<0.01`; empty where there is none.
    std::optional<model::ValueInterval> value; ///< Already read; otherwise `value_text` is.
    std::string unit;
    std::optional<model::Rational> range_low, range_high;
    std::string range_unit;                       ///< Of the range; empty: the value's.
    const config::CodeMeaning* sent_as = nullptr; ///< Of the code it came under, where that was not our own.
};

/// Reads the value and brings it and the range to the analyte's unit. Words stay text: final, but without a value, and
/// with the warning `value_unreadable`. A range that cannot be used is left out (`range_unusable`). A value without a
/// unit is in the one that the publisher's settings state, if they do (`unit_assumed`). Fails with `unusable`:
/// `missing_value`, `missing_unit`, `unknown_unit`, `impossible_value`, `missing_range`.
[[nodiscard]] model::Result<model::ResultEvent> make_result(const MessageContext& context,
                                                            const config::Analyte& analyte,
                                                            const PublishedResult& published,
                                                            std::vector<std::string>& warnings);

} // namespace bonewatch::ingest
