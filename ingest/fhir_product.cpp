#include "ingest/fhir_product.h"

#include "ingest/fhir_modifier.h"
#include "ingest/strength.h"

namespace bonewatch::ingest {

using config::CodeKind;
using config::Vocabulary;
using model::Result;

namespace {

/// The only ingredient's concept. Of several, one that is not known either: the product concerns nothing then.
Result<const Json*> ingredient_concept(const FhirResource& resource, const std::vector<Json::Member>& ingredients) {
    const auto& vocabulary = resource.message.vocabulary;
    const Json* named = nullptr;
    for (const auto& [key, ingredient] : ingredients) {
        const Json* concept_ = ingredient.find("itemCodeableConcept");
        if (concept_ == nullptr)
            continue;
        named = concept_;
        const bool is_known = meaning_of(resource.message, concept_).meaning != nullptr ||
                              read_product_name(vocabulary, concept_text(concept_)).drug != nullptr;
        if (is_known && ingredients.size() > 1)
            return unusable(resource, "medicationReference", "combination_product",
                            "a medication of several ingredients, one of them known; only its code could tell which");
    }
    if (named == nullptr)
        return unusable(resource, "medicationReference", "missing_medication",
                        "the medication has neither a code nor an ingredient that is named");
    return named;
}

/// The words of the concept in which an ingredient is known, the plainest first.
ProductName best_name(const Vocabulary& vocabulary, const Json& concept_) {
    ProductName best;
    const auto consider = [&](std::string_view words) {
        if (words.empty() || (best.drug != nullptr && best.is_plain && !best.is_combination))
            return;
        auto name = read_product_name(vocabulary, words);
        const bool is_better = best.drug == nullptr || (name.is_plain && !name.is_combination && name.drug != nullptr);
        if (is_better)
            best = std::move(name);
    };
    consider(concept_.text_of("text"));
    for (const auto& [key, coding] : concept_.items_of("coding"))
        consider(coding.text_of("display"));
    return best;
}

/// What names a product: a concept, else words alone; and what one ingredient's strength is, where only that is said.
struct Naming {
    const Json* concept_ = nullptr;
    std::string_view words;
    const Json* strength = nullptr; ///< A Ratio.
};

bool is_known_drug(const FhirResource& resource, const Json& concept_) {
    return meaning_of(resource.message, &concept_).meaning != nullptr ||
           best_name(resource.message.vocabulary, concept_).drug != nullptr;
}

/// The concept that names the product; of a Medication without a code, or with one that nobody knows (a brand's), that
/// of its single ingredient. A Medication that is not in the message goes by the words beside the reference.
Result<Naming> naming_of(const FhirResource& resource) {
    if (const Json* concept_ = resource.json.find("medicationCodeableConcept"))
        return Naming{concept_, {}, nullptr};
    const Json* reference = resource.json.find("medicationReference");
    if (reference == nullptr)
        return unusable(resource, "medication[x]", "missing_medication", "it does not say which drug it is about");
    const auto target = reference->text_of("reference");
    const Json* medication = target.empty() ? nullptr : resource.index.find(target, resource.holder);
    if (medication == nullptr) {
        if (const auto display = reference->text_of("display"); !display.empty())
            return Naming{nullptr, display, nullptr};
        if (const auto reason = absent_reason(*reference, "reference"); !reason.empty())
            return unusable(resource, "medicationReference", "missing_medication",
                            "it does not say which drug it is about: '" + std::string(reason) + "'");
        return unusable(resource, "medicationReference", "unresolved_reference",
                        "the medication '" + std::string(target.substr(0, 80)) + "' is not in the message");
    }
    if (find_modifier(*medication, {}))
        return unusable(resource, "medicationReference", "modifier_extension",
                        "the Medication has an extension that is not understood and may change what it is");
    const auto& ingredients = medication->items_of("ingredient");
    const Json* code = medication->find("code");
    const bool has_code = code != nullptr && masked_code(code).empty();
    if (has_code && (ingredients.empty() || is_known_drug(resource, *code) || slip_in(resource, code, "code")))
        return Naming{code, {}, nullptr};
    const auto concept_ = ingredient_concept(resource, ingredients);
    if (has_code && (concept_ ? !is_known_drug(resource, **concept_) : concept_.error().reason == "missing_medication"))
        return Naming{code, {}, nullptr};
    if (!concept_)
        return std::unexpected(concept_.error());
    return Naming{*concept_, {}, ingredients.size() == 1 ? ingredients.front().value.find("strength") : nullptr};
}

/// A Ratio as on the box: `5 mg/1 tablet`, `60 mg/1 ml`; empty where it is none.
std::string ratio_text(const Json& ratio) {
    std::string out;
    for (const std::string_view part : {"numerator", "denominator"}) {
        const Json* quantity = ratio.find(part);
        const Json* value = quantity == nullptr ? nullptr : quantity->find("value");
        if (value == nullptr || !value->is_number())
            return out;
        const auto code = quantity->text_of("code");
        const auto unit = code.empty() || code.starts_with('{') ? quantity->text_of("unit") : code;
        const bool is_one = part == "denominator" && value->text == "1";
        if (part == "denominator" && (unit.empty() || unit == "1"))
            return out;
        out.append(out.empty() ? "" : "/");
        if (!is_one)
            out.append(value->text).append(" ");
        out.append(unit);
    }
    return out;
}

/// The strength that the only ingredient states, where the name states none.
void add_strength(const Json* ratio, ProductName& name) {
    if (ratio == nullptr || !name.strength.empty())
        return;
    const auto strength = read_strength(ratio_text(*ratio));
    if (!strength.amount)
        return;
    name.strength = strength.text;
    if (strength.per == StrengthPer::item)
        name.item_dose = strength.amount;
}

} // namespace

Result<Product> read_product(const FhirResource& resource) {
    const auto naming = naming_of(resource);
    if (!naming)
        return std::unexpected(naming.error());
    const auto& vocabulary = resource.message.vocabulary;
    const Json* concept_ = naming->concept_;
    Product product;
    product.name =
        concept_ == nullptr ? read_product_name(vocabulary, naming->words) : best_name(vocabulary, *concept_);
    add_strength(naming->strength, product.name);
    const auto known = meaning_of(resource.message, concept_);
    if (known.is_contradictory)
        return unusable(resource, "medication[x]", "contradictory_codes", "its codings stand for different drugs");
    if (known.meaning != nullptr && known.meaning->kind == CodeKind::drug) {
        product.drug = vocabulary.drug(known.meaning->id);
        product.route = known.meaning->route;
        return product;
    }
    if (product.name.drug == nullptr) {
        if (auto slip = slip_in(resource, concept_, "medication[x]"))
            return std::unexpected(std::move(*slip));
        return product;
    }
    const std::string& id = product.name.drug->id.text;
    const auto unclear = [&](std::string reason, std::string message) {
        auto error = unusable(resource, "medication[x]", std::move(reason), std::move(message));
        error.error().unmapped = product_name(resource);
        return error;
    };
    if (product.name.is_combination)
        return unclear("combination_product",
                       "a product of several ingredients, one of them " + id + "; only its code could tell which");
    if (!product.name.is_plain)
        return unclear("unclear_product", "its name mentions " + id + " and something else; send a code of the drug");
    product.drug = product.name.drug;
    return product;
}

std::string product_name(const FhirResource& resource) {
    const auto naming = naming_of(resource);
    if (!naming)
        return "without a drug";
    return naming->concept_ == nullptr ? "'" + std::string(naming->words.substr(0, 80)) + "'"
                                       : concept_as_sent(naming->concept_);
}

} // namespace bonewatch::ingest
