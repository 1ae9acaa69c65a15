#include "config/published_codes.h"

#include "config/check_digit.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::config {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string in_lower_case(std::string_view text) {
    std::string folded(text);
    std::ranges::transform(folded, folded.begin(), lower);
    return folded;
}

/// M05.3, m053 and M05.3 with spaces around are one code; its groups are its beginnings without the point.
std::string without_point(std::string_view code) {
    std::string plain;
    for (const char c : code)
        if (c != '.' && c != ' ')
            plain += upper(c);
    return plain;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

} // namespace

bool is_well_formed(CodeForm form, std::string_view code) {
    switch (form) {
    case CodeForm::loinc:
        return is_loinc(code);
    case CodeForm::snomed:
        return is_snomed(code);
    case CodeForm::rxnorm:
        return is_rxnorm(code);
    case CodeForm::atc:
        return is_atc(code);
    case CodeForm::icd10:
        return is_icd10(code);
    case CodeForm::any:
        break;
    }
    return !code.empty();
}

bool PublishedCodes::add_system(CodeSystem system) {
    for (const std::string& spelling : system.spellings)
        if (by_spelling_.contains(in_lower_case(spelling)))
            return false;
    for (const std::string& spelling : system.spellings)
        by_spelling_.emplace(in_lower_case(spelling), spaces_.size());
    spaces_.push_back({std::move(system), {}});
    return true;
}

const PublishedCodes::Space* PublishedCodes::space(std::string_view spelling) const {
    auto found = by_spelling_.find(spelling);
    if (found == by_spelling_.end())
        found = by_spelling_.find(in_lower_case(trimmed(spelling)));
    return found == by_spelling_.end() ? nullptr : &spaces_[found->second];
}

const CodeSystem* PublishedCodes::system(std::string_view spelling) const {
    const Space* found = space(spelling);
    return found == nullptr ? nullptr : &found->system;
}

std::vector<std::string> PublishedCodes::system_names() const {
    std::vector<std::string> names;
    names.reserve(spaces_.size());
    for (const Space& each : spaces_)
        names.push_back(each.system.name);
    return names;
}

void PublishedCodes::add(const CodeSystem& system, const std::string& code, CodeMeaning meaning) {
    const auto space = std::ranges::find(spaces_, system.name, [](const Space& each) { return each.system.name; });
    ENSURE(space != spaces_.end(), "a code of a system that was never added");
    space->meanings.insert_or_assign(system.has_groups() ? without_point(code) : code, std::move(meaning));
}

PublishedCode PublishedCodes::comparable(std::string_view spelling, std::string_view code) const {
    const CodeSystem* known = system(spelling);
    if (known == nullptr)
        return {in_lower_case(trimmed(spelling)), std::string(trimmed(code))};
    return {known->name, known->has_groups() ? without_point(code) : std::string(trimmed(code))};
}

const CodeMeaning* PublishedCodes::meaning(std::string_view spelling, std::string_view code) const {
    const Space* in = space(spelling);
    if (in == nullptr)
        return nullptr;
    if (!in->system.has_groups()) {
        const auto found = in->meanings.find(trimmed(code));
        return found == in->meanings.end() ? nullptr : &found->second;
    }
    constexpr std::size_t group_size_min = 3;
    for (std::string group = without_point(code); group.size() >= group_size_min; group.pop_back())
        if (const auto found = in->meanings.find(group); found != in->meanings.end())
            return found->second.id.empty() ? nullptr : &found->second;
    return nullptr;
}

bool PublishedCodes::is_slip(std::string_view spelling, std::string_view code) const {
    const Space* in = space(spelling);
    const bool has_check_digits =
        in != nullptr && (in->system.form == CodeForm::loinc || in->system.form == CodeForm::snomed);
    code = trimmed(code);
    // Parts, answers and groups of LOINC begin with letters; they are nothing that is measured, and no slip.
    const bool is_number = !code.empty() && code.find_first_not_of("0123456789-") == std::string_view::npos;
    return has_check_digits && is_number && !is_well_formed(in->system.form, code);
}

} // namespace bonewatch::config
