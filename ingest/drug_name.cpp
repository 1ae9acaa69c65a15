#include "ingest/drug_name.h"

#include "ingest/route_name.h"
#include "ingest/strength.h"
#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace bonewatch::ingest {

namespace {

using config::Drug;
using config::Vocabulary;
using model::Dose;
using model::Rational;
using model::Route;

using Tokens = std::vector<std::string>;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '%' || static_cast<unsigned char>(c) >= 0x80;
}

/// Words, numbers, and `/`, `+`, `-` where they stand; `5mg` becomes two tokens, `50,000` one number.
Tokens tokens_of(std::string_view name) {
    Tokens out;
    std::size_t at = 0;
    while (at < name.size()) {
        const char c = name[at];
        if (c == '/' || c == '+' || c == '-' || c == '(' || c == ')') {
            out.emplace_back(1, c);
            ++at;
        } else if (is_digit(c)) {
            std::string number;
            for (; at < name.size(); ++at) {
                const bool is_group = name[at] == ',' && at + 3 < name.size() && is_digit(name[at + 1]) &&
                                      is_digit(name[at + 2]) && is_digit(name[at + 3]);
                if (is_group)
                    continue;
                if (!is_digit(name[at]) && name[at] != '.')
                    break;
                number += name[at];
            }
            out.push_back(std::move(number));
        } else if (is_word_char(c)) {
            const auto from = at;
            while (at < name.size() && is_word_char(name[at]) && !is_digit(name[at]))
                ++at;
            // A word keeps the digits inside of it (b12), a number its unit apart.
            while (at < name.size() && is_word_char(name[at]))
                ++at;
            std::string word(name.substr(from, at - from));
            while (!word.empty() && word.back() == '.')
                word.pop_back();
            if (!word.empty())
                out.push_back(std::move(word));
        } else {
            ++at;
        }
    }
    return out;
}

/// Position just after `name` where it stands at `at` of `tokens`; nothing otherwise.
std::optional<std::size_t> end_of_match(const Tokens& tokens, std::size_t at, const Tokens& name) {
    if (name.empty() || at + name.size() > tokens.size() ||
        !std::equal(name.begin(), name.end(), tokens.begin() + static_cast<std::ptrdiff_t>(at)))
        return std::nullopt;
    return at + name.size();
}

/// Every way in which a drug is named, as far as `plain` can hold it. The salt of an acid is the acid: alendronic acid,
/// alendronate.
std::vector<Tokens> names_of(const Drug& drug, std::string_view plain) {
    std::vector<Tokens> out;
    const auto add = [&](std::string_view name) {
        name = name.substr(0, name.find(" ("));
        // Of every name that the vocabulary has: find_first_of would call a function for each letter.
        const std::string_view first_word(name.begin(),
                                          std::ranges::find_if(name, [](char c) { return c == ' ' || c == '-'; }));
        constexpr std::string_view ending = "onic";
        const auto stem = first_word.ends_with(ending) ? first_word.substr(0, first_word.size() - 2) : first_word;
        if (plain.find(stem) == std::string_view::npos)
            return;
        Tokens tokens = tokens_of(name);
        std::erase(tokens, "-");
        if (tokens.size() == 2 && tokens[1] == "acid" && tokens[0].ends_with(ending))
            out.push_back({std::string(stem) + "ate"});
        out.push_back(std::move(tokens));
    };
    add(drug.title);
    add(drug.id.text);
    for (const auto& name : drug.names)
        add(name);
    return out;
}

struct Found {
    const Drug* drug = nullptr;
    std::size_t from = 0;
    std::size_t to = 0;
};

/// The drugs named in the tokens, the longest name at each place.
std::vector<Found> find_drugs(const Vocabulary& vocabulary, std::string_view plain, const Tokens& tokens) {
    std::vector<std::pair<const Drug*, Tokens>> names;
    for (const auto& [id, drug] : vocabulary.drugs())
        for (auto& name : names_of(drug, plain))
            names.emplace_back(&drug, std::move(name));
    std::vector<Found> out;
    if (names.empty())
        return out;
    for (std::size_t at = 0; at < tokens.size();) {
        Found best;
        for (const auto& [drug, name] : names)
            if (const auto end = end_of_match(tokens, at, name); end && *end > best.to)
                best = {drug, at, *end};
        if (best.drug != nullptr)
            out.push_back(best);
        at = best.drug == nullptr ? at + 1 : best.to;
    }
    return out;
}

bool has_word(const Tokens& tokens, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(tokens, [&](const std::string& token) {
        return std::ranges::find(words, std::string_view(token)) != words.end();
    });
}

bool is_number(std::string_view token) {
    return !token.empty() && is_digit(token.front());
}

/// How many tokens from `at` are a strength: `60 mg`, `60 mg / ml`, `5 mg / 5 ml`; none where it reads as none.
std::size_t length_of_strength(const Tokens& tokens, std::size_t at, Strength& strength) {
    constexpr std::size_t longest = 5;
    std::string text;
    std::size_t length = 0;
    for (std::size_t i = at; i < tokens.size() && i < at + longest; ++i) {
        // A form that follows the amount (5 mg tablet) is another word of the name.
        if (i == at + 2 && tokens[i] != "/")
            break;
        text += (text.empty() ? "" : " ") + tokens[i];
        if (auto read = read_strength(text); read.amount) {
            strength = std::move(read);
            length = i + 1 - at;
        }
    }
    return length;
}

/// What the name as a whole says of its numbers; looked for once, not at each of them.
struct Packing {
    bool is_weighed = false;   ///< A cream or an inhaler: nobody takes its grams.
    bool is_container = false; ///< A syringe or a vial, and not one to drink from.
};

Packing packing_of(const Tokens& tokens) {
    return {has_word(tokens, {"cream", "gel", "inhaler", "lotion", "nasal", "ointment", "spray", "topical", "tube"}),
            has_word(tokens, {"ampoule", "ampoules", "bag", "bags", "bottle", "bottles", "pen", "pens", "syringe",
                              "syringes", "vial", "vials"}) &&
                !has_word(tokens, {"oral"})};
}

/// Whether `12 g` at `at` is what the pack weighs.
bool is_pack_size(const Tokens& tokens, std::size_t at, const Packing& packing) {
    return packing.is_weighed && (tokens[at + 1] == "g" || tokens[at + 1] == "gm") &&
           !(at + 2 < tokens.size() && tokens[at + 2] == "/");
}

/// What a whole syringe holds where the name says it (`60 mg / 1 ml … syringes`): the amount of so many millilitres. Of
/// what is drunk they are a spoonful.
std::optional<Dose> content_as_stated(const Tokens& tokens, std::size_t at, std::size_t length,
                                      const Packing& packing) {
    constexpr std::size_t with_count = 5;
    if (length != with_count || !packing.is_container)
        return std::nullopt;
    return read_strength(tokens[at] + " " + tokens[at + 1]).amount;
}

/// Reads the strength where there is only one, and `1 ml` before or after it; marks the tokens that it understood.
void read_strengths(const Tokens& tokens, std::vector<bool>& is_known, ProductName& out) {
    std::optional<Rational> volume;
    std::optional<Dose> content;
    int strengths = 0;
    Strength strength;
    const Packing packing = packing_of(tokens);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (!is_number(tokens[i]))
            continue;
        std::size_t length = is_pack_size(tokens, i, packing) ? 0 : length_of_strength(tokens, i, strength);
        if (length > 0) {
            ++strengths;
            content = content_as_stated(tokens, i, length, packing);
        } else if (is_pack_size(tokens, i, packing)) {
            length = 2;
        } else {
            // An amount of substance is no strength that is kept, and names no other ingredient either.
            const std::string& unit = tokens[i + 1];
            const bool is_substance = unit == "meq" || unit == "mmol";
            const bool is_rate = i + 4 < tokens.size() && tokens[i + 2] == "/" && tokens[i + 4] == "ml";
            const auto number = unit == "ml" ? read_number(tokens[i]) : model::Result<NumberText>{};
            if (unit == "ml" && number && number->value.within_bounds())
                volume = number->value;
            else if (!is_substance && unit != "hr" && unit != "day" && unit != "actuat" && unit != "month" &&
                     unit != "%")
                continue;
            length = is_substance && is_rate ? 5 : 2;
        }
        for (const std::size_t end = i + length; i < end; ++i)
            is_known[i] = true;
        --i;
    }
    if (strengths != 1)
        return;
    out.strength = strength.text;
    if (strength.per == StrengthPer::item)
        out.item_dose = strength.amount;
    else if (strength.per == StrengthPer::millilitre && volume) {
        if (const auto amount = Rational::checked_product(strength.amount->amount, *volume))
            out.item_dose = Dose{*amount, strength.amount->unit};
    } else if (strength.per == StrengthPer::millilitre) {
        out.item_dose = content;
    }
}

/// Words of forms, salts and packs: none of them can be another ingredient that matters.
bool is_filler(std::string_view word) {
    static constexpr std::array<std::string_view, 179> sorted_words{"acetate",
                                                                    "acetonide",
                                                                    "acid",
                                                                    "actuat",
                                                                    "actuated",
                                                                    "actuation",
                                                                    "aerosol",
                                                                    "ampoule",
                                                                    "ampoules",
                                                                    "ampule",
                                                                    "and",
                                                                    "anhydrous",
                                                                    "as",
                                                                    "auto",
                                                                    "bag",
                                                                    "bags",
                                                                    "base",
                                                                    "besilate",
                                                                    "bottle",
                                                                    "bottles",
                                                                    "breath",
                                                                    "buccal",
                                                                    "calcium",
                                                                    "cap",
                                                                    "caplets",
                                                                    "capsule",
                                                                    "capsules",
                                                                    "cartridge",
                                                                    "cartridges",
                                                                    "cfc",
                                                                    "chewable",
                                                                    "citrate",
                                                                    "clinical",
                                                                    "coated",
                                                                    "concentrate",
                                                                    "cream",
                                                                    "cup",
                                                                    "delayed",
                                                                    "depot",
                                                                    "device",
                                                                    "devices",
                                                                    "dihydrate",
                                                                    "dipropionate",
                                                                    "disintegrating",
                                                                    "disodium",
                                                                    "dispersible",
                                                                    "disposable",
                                                                    "dose",
                                                                    "doses",
                                                                    "dr",
                                                                    "drops",
                                                                    "drug",
                                                                    "dry",
                                                                    "ear",
                                                                    "ec",
                                                                    "effervescent",
                                                                    "elixir",
                                                                    "enema",
                                                                    "enteric",
                                                                    "er",
                                                                    "extended",
                                                                    "eye",
                                                                    "filled",
                                                                    "film",
                                                                    "foam",
                                                                    "for",
                                                                    "free",
                                                                    "fumarate",
                                                                    "furoate",
                                                                    "gastro",
                                                                    "gel",
                                                                    "hcl",
                                                                    "hemihydrate",
                                                                    "hour",
                                                                    "hr",
                                                                    "hydrate",
                                                                    "hydrobromide",
                                                                    "hydrochloride",
                                                                    "implant",
                                                                    "in",
                                                                    "infusion",
                                                                    "inhal",
                                                                    "inhalant",
                                                                    "inhalation",
                                                                    "inhaler",
                                                                    "inj",
                                                                    "injectable",
                                                                    "injection",
                                                                    "injections",
                                                                    "injector",
                                                                    "intramuscular",
                                                                    "intravenous",
                                                                    "kit",
                                                                    "liquid",
                                                                    "lotion",
                                                                    "magnesium",
                                                                    "maleate",
                                                                    "medicinal",
                                                                    "mesilate",
                                                                    "metered",
                                                                    "modified",
                                                                    "monohydrate",
                                                                    "na",
                                                                    "nasal",
                                                                    "neb",
                                                                    "nebuliser",
                                                                    "nebulizer",
                                                                    "of",
                                                                    "ointment",
                                                                    "ophth",
                                                                    "ophthalmic",
                                                                    "oral",
                                                                    "orally",
                                                                    "orodispersible",
                                                                    "oxalate",
                                                                    "p.f",
                                                                    "pack",
                                                                    "patch",
                                                                    "patches",
                                                                    "pen",
                                                                    "pens",
                                                                    "phosphate",
                                                                    "pill",
                                                                    "potassium",
                                                                    "powder",
                                                                    "ppk",
                                                                    "pre",
                                                                    "prefilled",
                                                                    "premix",
                                                                    "product",
                                                                    "prolonged",
                                                                    "propionate",
                                                                    "puffs",
                                                                    "rectal",
                                                                    "release",
                                                                    "reservoir",
                                                                    "resistant",
                                                                    "sachet",
                                                                    "sachets",
                                                                    "sod",
                                                                    "sodium",
                                                                    "soln",
                                                                    "soluble",
                                                                    "solutab",
                                                                    "solution",
                                                                    "solvent",
                                                                    "spray",
                                                                    "sprinkles",
                                                                    "sr",
                                                                    "subcutaneous",
                                                                    "sublingual",
                                                                    "substance",
                                                                    "succ",
                                                                    "succinate",
                                                                    "sugar",
                                                                    "suppositories",
                                                                    "suppository",
                                                                    "susp",
                                                                    "suspension",
                                                                    "syringe",
                                                                    "syringes",
                                                                    "system",
                                                                    "tab",
                                                                    "tablet",
                                                                    "tablets",
                                                                    "tartrate",
                                                                    "topical",
                                                                    "transdermal",
                                                                    "trihydrate",
                                                                    "tube",
                                                                    "ud",
                                                                    "udcup",
                                                                    "unit",
                                                                    "usp",
                                                                    "vaginal",
                                                                    "valerate",
                                                                    "vial",
                                                                    "vials",
                                                                    "xr"};
    static_assert(std::ranges::is_sorted(sorted_words));
    return std::ranges::binary_search(sorted_words, word) || word == "(" || word == ")";
}

void read_form(const Tokens& tokens, ProductName& out) {
    struct Row {
        Route route;
        std::initializer_list<std::string_view> words;
    };
    // The narrow words first: an ophthalmic suspension is no oral one, a vaginal tablet no oral one.
    const std::array<Row, 12> rows{
        {{Route::ophthalmic, {"ophthalmic", "ophth", "eye"}},
         {Route::otic, {"otic", "ear"}},
         {Route::nasal, {"nasal"}},
         {Route::vaginal, {"vaginal"}},
         {Route::rectal, {"rectal", "suppository", "suppositories", "enema"}},
         {Route::inhaled, {"inhal", "inhaler", "inhalation", "inhalant", "nebuliser", "nebulizer", "neb"}},
         {Route::transdermal, {"transdermal", "patch", "patches"}},
         {Route::implant, {"implant"}},
         {Route::topical, {"topical", "cream", "ointment", "lotion", "gel"}},
         {Route::subcutaneous, {"subcutaneous"}},
         {Route::intravenous, {"intravenous"}},
         {Route::intramuscular, {"intramuscular"}}}};
    for (const Row& row : rows)
        if (has_word(tokens, row.words)) {
            out.route = row.route;
            return;
        }
    // An oral syringe is no injection.
    out.is_injection = !has_word(tokens, {"oral"}) &&
                       has_word(tokens, {"injection", "injectable", "inj", "injector", "infusion", "syringe",
                                         "syringes", "vial", "vials", "ampoule", "ampoules", "pen", "pens", "depot"});
    if (!out.is_injection && has_word(tokens, {"oral", "tablet", "tablets", "tab", "capsule", "capsules", "cap",
                                               "caplets", "chewable", "effervescent", "elixir", "orodispersible"}))
        out.route = Route::oral;
}

} // namespace

ProductName read_product_name(const Vocabulary& vocabulary, std::string_view name) {
    ProductName out;
    const std::string plain = plain_name(name);
    Tokens words = tokens_of(plain);
    std::erase(words, "-"); // Ids and titles are compared without their hyphens.
    const auto found = find_drugs(vocabulary, plain, words);
    if (found.empty())
        return out;
    out.drug = found.front().drug;

    std::vector<bool> is_known(words.size(), false);
    read_strengths(words, is_known, out);
    for (const Found& each : found)
        for (std::size_t i = each.from; i < each.to; ++i)
            is_known[i] = true;
    const bool is_several = std::ranges::any_of(found, [&](const Found& each) { return each.drug != out.drug; });
    bool has_stroke = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (is_known[i] || is_filler(words[i]))
            continue;
        const bool is_of_organs = i > 0 && i + 1 < words.size() && has_word({words[i - 1]}, {"ear", "eye", "nose"}) &&
                                  has_word({words[i + 1]}, {"ear", "eye", "nose"});
        if (words[i] == "/" || words[i] == "+")
            has_stroke = has_stroke || !is_of_organs;
        else
            out.is_plain = false;
    }
    out.is_combination = is_several || has_stroke;
    read_form(words, out);
    return out;
}

} // namespace bonewatch::ingest
