#include "ingest/route_name.h"

#include <array>
#include <utility>

namespace bonewatch::ingest {

using model::Route;

std::string plain_name(std::string_view name) {
    std::string out;
    int depth = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == '[' || c == ']') {
            depth += c == '[' ? 1 : -1;
            out += ' ';
        } else if (name.substr(i).starts_with("\u200b") || name.substr(i).starts_with("\u00a0")) {
            i += name.substr(i).starts_with("\u200b") ? 2 : 1;
            out += ' ';
        } else if (depth <= 0) {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return out;
}

std::optional<Route> route_of_words(std::string_view words) {
    static constexpr std::array<std::pair<std::string_view, Route>, 52> known{{
        {"oral", Route::oral},
        {"orally", Route::oral},
        {"po", Route::oral},
        {"po/ng", Route::oral},
        {"by mouth", Route::oral},
        {"ng", Route::oral},
        {"og", Route::oral},
        {"subcutaneous", Route::subcutaneous},
        {"subcut", Route::subcutaneous},
        {"sc", Route::subcutaneous},
        {"sq", Route::subcutaneous},
        {"intravenous", Route::intravenous},
        {"iv", Route::intravenous},
        {"iv drip", Route::intravenous},
        {"iv bolus", Route::intravenous},
        {"ivpca", Route::intravenous},
        {"intramuscular", Route::intramuscular},
        {"im", Route::intramuscular},
        {"intra-articular", Route::intra_articular},
        {"intraarticular", Route::intra_articular},
        {"inhaled", Route::inhaled},
        {"inhalation", Route::inhaled},
        {"respiratory tract", Route::inhaled},
        {"ih", Route::inhaled},
        {"neb", Route::inhaled},
        {"nasal", Route::nasal},
        {"intranasal", Route::nasal},
        {"nu", Route::nasal},
        {"topical", Route::topical},
        {"cutaneous", Route::topical},
        {"tp", Route::topical},
        {"transdermal", Route::transdermal},
        {"td", Route::transdermal},
        {"rectal", Route::rectal},
        {"pr", Route::rectal},
        {"vaginal", Route::vaginal},
        {"pv", Route::vaginal},
        {"ophthalmic", Route::ophthalmic},
        {"both eyes", Route::ophthalmic},
        {"left eye", Route::ophthalmic},
        {"right eye", Route::ophthalmic},
        {"ou", Route::ophthalmic},
        {"otic", Route::otic},
        {"both ears", Route::otic},
        {"implant", Route::implant},
        {"sublingual", Route::other},
        {"sl", Route::other},
        {"buccal", Route::other},
        {"epidural", Route::other},
        {"intrathecal", Route::other},
        {"it", Route::other},
        {"dialys", Route::other},
    }};
    std::string plain = plain_name(words);
    for (const std::string_view ending : {" (qualifier value)", " route", " administration of treatment", " use"})
        if (const auto at = plain.find(ending); at != std::string::npos)
            plain.erase(at);
    for (const auto& [word, route] : known)
        if (word == plain)
            return route;
    return std::nullopt;
}

} // namespace bonewatch::ingest
