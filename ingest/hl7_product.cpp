#include "ingest/hl7_product.h"

#include "ingest/codes.h"
#include "ingest/route_name.h"
#include "ingest/strength.h"

#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using config::CodeKind;
using model::Result;
using model::Route;

/// Components of a CWE that hold words: text, alternate text, original text.
constexpr std::array<std::size_t, 3> word_components{2, 5, 9};

/// The words in which an ingredient is known, the plainest first.
ProductName best_name(const config::Vocabulary& vocabulary, const Hl7Text& code) {
    ProductName best;
    for (const std::size_t part : word_components) {
        const std::string words = code.component(part).text();
        if (words.empty())
            continue;
        auto name = read_product_name(vocabulary, words);
        const bool is_plain = name.drug != nullptr && name.is_plain && !name.is_combination;
        if (is_plain)
            return name;
        if (best.drug == nullptr)
            best = std::move(name);
    }
    return best;
}

/// `5 mg`, `10 mg/5 ml` of its fields; empty where they say nothing.
std::string strength_text(const Hl7DrugField& field) {
    const Hl7Segment& segment = *field.segment;
    if (field.strength == 0 || !segment[field.strength].has_value())
        return {};
    const auto unit_of = [&](std::size_t unit) {
        const std::string code = segment[unit].component(1).text();
        return code.empty() ? segment[unit].component(2).text() : code;
    };
    const std::string unit = unit_of(field.strength_unit);
    if (unit.empty())
        return {};
    std::string text = segment[field.strength].text() + " " + unit;
    if (field.volume != 0 && segment[field.volume].has_value() && !unit_of(field.volume_unit).empty())
        text += "/" + segment[field.volume].text() + " " + unit_of(field.volume_unit);
    return text;
}

void take_strength(const Hl7DrugField& field, Product& product, Warnings& warnings) {
    const std::string text = strength_text(field);
    const Strength stated = text.empty() ? Strength{} : read_strength(text);
    if (!stated.amount)
        return;
    const bool is_of_item = stated.per == StrengthPer::item;
    auto& name = product.name;
    const bool contradicts = !name.strength.empty() && name.strength != stated.text;
    if (contradicts) {
        warnings.push_back("strength_contradicts: the fields say " + stated.text + ", the product's name " +
                           name.strength + "; neither is taken");
        name.item_dose.reset();
        name.strength.clear();
        return;
    }
    name.strength = stated.text;
    if (is_of_item)
        name.item_dose = stated.amount;
}

/// Codes of table 0162 that are not read as words already, or would be read wrongly.
std::optional<Route> route_of_code(std::string_view code) {
    static constexpr std::array<std::pair<std::string_view, Route>, 30> codes{
        {{"PO", Route::oral},          {"NG", Route::oral},
         {"GTT", Route::oral},         {"SC", Route::subcutaneous},
         {"SQ", Route::subcutaneous},  {"IV", Route::intravenous},
         {"IM", Route::intramuscular}, {"IS", Route::intra_articular},
         {"IH", Route::inhaled},       {"IN", Route::nasal},
         {"NS", Route::nasal},         {"TP", Route::topical},
         {"AP", Route::topical},       {"TD", Route::transdermal},
         {"PR", Route::rectal},        {"VG", Route::vaginal},
         {"OP", Route::ophthalmic},    {"OT", Route::otic},
         {"SL", Route::other},         {"B", Route::other},
         {"EP", Route::other},         {"IT", Route::other},
         {"ID", Route::other},         {"IA", Route::other},
         {"IB", Route::other},         {"IP", Route::other},
         {"IU", Route::other},         {"IO", Route::other},
         {"MM", Route::other},         {"MTH", Route::other}}};
    for (const auto& [each, route] : codes)
        if (each == code)
            return route;
    return std::nullopt;
}

std::optional<Route> route_of_field(const Hl7Text& field) {
    for (const std::size_t first : {1, 4}) {
        if (const auto route = route_of_code(field.component(first).text()))
            return route;
        for (const std::size_t part : {first + 1, first})
            if (const auto route = route_of_words(field.component(part).text()))
                return route;
    }
    return std::nullopt;
}

} // namespace

Result<Product> read_hl7_product(const Hl7Context& context, const Hl7DrugField& field, Warnings& warnings) {
    const Hl7Text code = (*field.segment)[field.code];
    const std::string place = hl7_place(context, *field.segment, field.code);
    if (!code.has_value())
        return hl7_unusable(place, "missing_medication", "it does not say which drug it is about");
    const auto& vocabulary = context.context.vocabulary;
    Product product;
    product.name = best_name(vocabulary, code);
    const Hl7Meaning known = hl7_meaning(context, code);
    if (known.is_contradictory)
        return hl7_unusable(place, "contradictory_codes", "its codes stand for different drugs");
    const auto unclear = [&](std::string reason, std::string message) {
        auto error = hl7_unusable(place, std::move(reason), std::move(message));
        error.error().unmapped = hl7_code_as_sent(code);
        return error;
    };
    if (known.meaning != nullptr && known.meaning->kind == CodeKind::drug) {
        product.drug = vocabulary.drug(known.meaning->id);
    } else if (product.name.drug != nullptr) {
        const std::string& id = product.name.drug->id.text;
        if (product.name.is_combination)
            return unclear("combination_product",
                           "a product of several ingredients, one of them " + id + "; only its code could tell which");
        if (!product.name.is_plain)
            return unclear("unclear_product",
                           "its name mentions " + id + " and something else; send a code of the drug");
        product.drug = product.name.drug;
    } else if (known.meaning == nullptr && known.is_slip) {
        return hl7_unusable(place, "bad_code", bad_code_text(code.component(1).text()));
    }
    if (product.drug != nullptr)
        take_strength(field, product, warnings);
    return product;
}

Result<std::optional<Route>> read_hl7_route(const Hl7Context& context, std::span<const Hl7Segment* const> rxr) {
    std::optional<Route> out;
    for (const Hl7Segment* segment : rxr) {
        const Hl7Text field = (*segment)[1];
        if (!field.has_value())
            continue;
        const std::string place = hl7_place(context, *segment, 1);
        const auto route = route_of_field(field);
        if (!route)
            return hl7_unusable(place, "unknown_route", "the route '" + hl7_code_as_sent(field) + "' is not known");
        if (out && *out != *route)
            return hl7_unusable(place, "unknown_route", "its RXR name different routes");
        out = route;
    }
    return out;
}

} // namespace bonewatch::ingest
