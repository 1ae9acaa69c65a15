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

} // namespace

bool is_nhs_number(std::string_view digits) {
    if (digits.size() != 10)
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

Result<PatientIdentifier> identify(std::string_view system, std::string_view value,
                                   std::vector<std::string>& warnings) {
    system = trimmed(system);
    value = trimmed(value);
    if (system.empty() || value.empty() || system.size() > part_bytes_max || value.size() > part_bytes_max)
        return fail(ErrorKind::unusable, "bad_patient",
                    "a patient is named by a system and a value of 1 to 128 bytes, as in nhs:9990000018");
    if (system != nhs_system)
        return PatientIdentifier{std::string(system), std::string(value)};
    std::string plain = plain_nhs_number(value);
    if (!is_nhs_number(plain))
        warnings.emplace_back("bad_check_digit: the patient's NHS number is not one that was ever issued");
    return PatientIdentifier{std::string(system), std::move(plain)};
}

Result<PatientIdentifier> read_identifier(std::string_view text, std::vector<std::string>& warnings) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return identify({}, {}, warnings);
    return identify(text.substr(0, colon), text.substr(colon + 1), warnings);
}

} // namespace bonewatch::ingest
