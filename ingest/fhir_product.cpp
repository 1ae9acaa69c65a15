#include "ingest/fhir_product.h"

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

/// The concept that names the product; of a Medication with a single ingredient and no code, that ingredient's.
Result<const Json*> product_concept(const FhirResource& resource) {
    if (const Json* concept_ = resource.json.find("medicationCodeableConcept"))
        return concept_;
    const Json* reference = resource.json.find("medicationReference");
    if (reference == nullptr)
        return unusable(resource, "medication[x]", "missing_medication", "it does not say which drug it is about");
    const auto target = reference->text_of("reference");
    const Json* medication = resource.index.find(target, resource.holder);
    if (medication == nullptr)
        return unusable(resource, "medicationReference", "unresolved_reference",
                        "the medication '" + std::string(target.substr(0, 80)) + "' is not in the message");
    if (const Json* code = medication->find("code"))
        return code;
    return ingredient_concept(resource, medication->items_of("ingredient"));
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

} // namespace

Result<Product> read_product(const FhirResource& resource) {
    const auto concept_ = product_concept(resource);
    if (!concept_)
        return std::unexpected(concept_.error());
    const auto& vocabulary = resource.message.vocabulary;
    Product product;
    product.name = best_name(vocabulary, **concept_);
    const auto known = meaning_of(resource.message, *concept_);
    if (known.is_contradictory)
        return unusable(resource, "medication[x]", "contradictory_codes", "its codings stand for different drugs");
    if (known.meaning != nullptr && known.meaning->kind == CodeKind::drug) {
        product.drug = vocabulary.drug(known.meaning->id);
        product.route = known.meaning->route;
        return product;
    }
    if (product.name.drug == nullptr) {
        if (auto slip = slip_in(resource, *concept_, "medication[x]"))
            return std::unexpected(std::move(*slip));
        return product;
    }
    const std::string& id = product.name.drug->id.text;
    const auto unclear = [&](std::string reason, std::string message) {
        auto error = unusable(resource, "medication[x]", std::move(reason), std::move(message));
        error.error().unmapped = concept_as_sent(*concept_);
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
    const auto concept_ = product_concept(resource);
    if (!concept_)
        return "without a drug";
    return concept_as_sent(*concept_);
}

} // namespace bonewatch::ingest
