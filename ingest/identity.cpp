#include "ingest/identity.h"

namespace bonewatch::ingest {

namespace {

using model::ErrorKind;
using model::fail;
using model::PatientIdentifier;
using model::Result;

constexpr std::size_t part_bytes_max = 128;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

/// Systems are words of ours, whatever their letter case: `NHS` must not become a system of the publisher's own.
std::string system_of(std::string_view text) {
    std::string folded(text);
    for (char& c : folded)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return folded == "patient" ? std::string(resource_system) : folded;
}

} // namespace

bool is_nhs_number(std::string_view digits) {
    // Ten times the same digit passes the check, and stands where nobody knew the number.
    if (digits.size() != 10 || digits.find_first_not_of(digits.front()) == std::string_view::npos)
        return false;
    int sum = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        if (i < 9)
            sum += (digits[i] - '0') * (10 - static_cast<int>(i));
    }
    const int check = (11 - sum % 11) % 11;
    return check != 10 && check == digits[9] - '0';
}

std::string plain_nhs_number(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != ' ' && c != '-')
            out += c;
    return out;
}

Result<PatientIdentifier> identify(std::string_view system, std::string_view value) {
    system = trimmed(system);
    value = trimmed(value);
    if (system.empty() || value.empty() || system.size() > part_bytes_max || value.size() > part_bytes_max)
        return fail(ErrorKind::unusable, "bad_patient",
                    "a patient is named by a system and a value of 1 to 128 bytes, as in nhs:9990000018");
    PatientIdentifier identifier{system_of(system), std::string(value)};
    if (identifier.system != nhs_system)
        return identifier;
    identifier.value = plain_nhs_number(value);
    if (!is_nhs_number(identifier.value))
        return fail(ErrorKind::unusable, "bad_patient",
                    "no such NHS number was ever issued: it has ten digits, the last of which checks the others; "
                    "send the right one, or the publisher's own number of the patient under a system of its own");
    return identifier;
}

Result<PatientIdentifier> read_identifier(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return identify({}, {});
    return identify(text.substr(0, colon), text.substr(colon + 1));
}

} // namespace bonewatch::ingest
