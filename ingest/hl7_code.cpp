#include "ingest/hl7_code.h"

#include <algorithm>
#include <vector>

namespace bonewatch::ingest {

namespace {

struct System {
    std::string_view name;
    std::string_view spelling; ///< In capitals, without spaces.
};

/// Whose codes are taken first. What is in none of them belongs to a laboratory.
constexpr std::array<std::string_view, 4> preference{"LN", "SCT", "I10", "I10C"};

/// Facts are called by these: a row that is added or changed gives new ids to what comes under it.
constexpr auto systems = std::to_array<System>({
    {"LN", "LN"},
    {"LN", "LOINC"},
    {"LN", "2.16.840.1.113883.6.1"},
    {"LN", "URN:OID:2.16.840.1.113883.6.1"},
    {"LN", "HTTP://LOINC.ORG"},
    {"LN", "HTTPS://LOINC.ORG"},
    {"LN", "HTTP://WWW.LOINC.ORG"},
    {"SCT", "SCT"},
    {"SCT", "SNM"},
    {"SCT", "SNOMED"},
    {"SCT", "SNOMEDCT"},
    {"SCT", "SNOMED-CT"},
    {"SCT", "2.16.840.1.113883.6.96"},
    {"SCT", "URN:OID:2.16.840.1.113883.6.96"},
    {"SCT", "HTTP://SNOMED.INFO"},
    {"SCT", "HTTP://SNOMED.INFO/SCT"},
    {"SCT", "HTTPS://SNOMED.INFO/SCT"},
    {"SCT", "DMD"},
    {"SCT", "DM+D"},
    {"SCT", "HTTP://DMD.NHS.UK"},
    {"SCT", "HTTPS://DMD.NHS.UK"},
    {"SCT", "HTTPS://DMD.NHS.UK/"},
    {"I10", "I10"},
    {"I10", "ICD10"},
    {"I10", "ICD-10"},
    {"I10", "2.16.840.1.113883.6.3"},
    {"I10", "URN:OID:2.16.840.1.113883.6.3"},
    {"I10", "HTTP://HL7.ORG/FHIR/SID/ICD-10"},
    {"I10C", "I10C"},
    {"I10C", "ICD10CM"},
    {"I10C", "ICD-10-CM"},
    {"I10C", "2.16.840.1.113883.6.90"},
    {"I10C", "URN:OID:2.16.840.1.113883.6.90"},
    {"I10C", "HTTP://HL7.ORG/FHIR/SID/ICD-10-CM"},
});

std::string comparable(std::string_view name) {
    std::string out;
    for (const char c : name)
        if (c != ' ')
            out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

} // namespace

std::string hl7_system(std::string_view name) {
    std::string spelling = comparable(name);
    const auto known = std::ranges::find(systems, spelling, &System::spelling);
    return known == systems.end() ? spelling : std::string(known->name);
}

std::string hl7_code_identity(const Hl7Text& code) {
    const std::vector<Hl7Text> components = code.components();
    const auto text = [&](std::size_t component) {
        return component <= components.size() ? components[component - 1].text() : std::string();
    };
    std::string best, best_system;
    std::ptrdiff_t best_rank = 0;
    for (const std::size_t first : hl7_triplets) {
        std::string own = text(first);
        if (own.empty())
            continue;
        std::string system = hl7_system(text(first + 2));
        const auto rank = std::ranges::find(preference, system) - preference.begin();
        if (!best.empty() && rank >= best_rank)
            continue;
        best = std::move(own);
        best_system = std::move(system);
        best_rank = rank;
    }
    return best_system.empty() ? best : best + "^" + best_system;
}

} // namespace bonewatch::ingest
