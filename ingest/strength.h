#pragma once

#include "store/model/dose.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// What a strength counts its amount by: one tablet, puff or syringe; a millilitre; a milligram of a cream; a day of
/// wearing a patch.
enum class StrengthPer : unsigned char { item, millilitre, milligram, day };

/// The strength of a product, as on the box.
struct Strength {
    /// Part of the product's identity, so equal quantities have equal texts: `5mg`, `5.0 MG` and `5000 ug` are `5 mg`,
    /// `60 mg/2 ml` is `30 mg/ml`. What reads as no quantity is itself, in lower case and with single spaces.
    std::string text;
    std::optional<model::Dose> amount; ///< In one of what it is counted by; nothing where it reads as no quantity.
    StrengthPer per = StrengthPer::item;
};

/// Reads `5 mg`, `5 mg/tablet`, `0.5mg/ml`, `250 micrograms per 5 ml`, `20,000 units`, `25 ug/24 hours`, `1 %`.
[[nodiscard]] Strength read_strength(std::string_view text);

/// An amount as the store keeps it: at most 6 decimals, at most 10^6. Nothing above.
[[nodiscard]] std::optional<model::Dose> storable(const model::Dose& dose);

/// What that many items of such a strength hold. Nothing where `items` counts no items, or the strength says nothing of
/// one item.
[[nodiscard]] std::optional<model::Dose> content_of(const model::Dose& items, const Strength& strength);

} // namespace bonewatch::ingest
