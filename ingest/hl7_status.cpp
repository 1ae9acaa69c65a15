#include "ingest/hl7_status.h"

namespace bonewatch::ingest {

namespace {

char letter_of(std::string_view status) {
    if (status.size() != 1)
        return '\0';
    const char c = status.front();
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

std::optional<Hl7Standing> hl7_standing(std::string_view status) {
    switch (letter_of(status)) {
    case 'F':
    case 'V':
        return Hl7Standing::final_;
    case 'C':
    case 'A':
        return Hl7Standing::corrected;
    case 'B':
        return Hl7Standing::appended;
    case 'P':
    case 'R':
    case 'S':
        return Hl7Standing::preliminary;
    case 'U':
        return Hl7Standing::promoted;
    case 'D':
        return Hl7Standing::deleted;
    case 'W':
        return Hl7Standing::wrong_patient;
    case 'X':
        return Hl7Standing::no_result;
    case 'I':
        return Hl7Standing::pending;
    case 'N':
    case 'O':
        return Hl7Standing::not_asked;
    default:
        return std::nullopt;
    }
}

std::optional<Hl7Standing> hl7_report_standing(std::string_view status) {
    switch (letter_of(status)) {
    case 'F':
        return Hl7Standing::final_;
    case 'C':
        return Hl7Standing::corrected;
    case 'P':
    case 'R':
        return Hl7Standing::preliminary;
    case 'X':
        return Hl7Standing::no_result;
    case 'I':
    case 'S':
    case 'O':
        return Hl7Standing::pending;
    default:
        return std::nullopt;
    }
}

std::int64_t rank_of(Hl7Standing standing) {
    switch (standing) {
    case Hl7Standing::pending:
    case Hl7Standing::not_asked:
        return 0;
    case Hl7Standing::preliminary:
        return 1;
    case Hl7Standing::final_:
    case Hl7Standing::promoted:
    case Hl7Standing::no_result:
        return 2;
    case Hl7Standing::corrected:
    case Hl7Standing::appended:
        return 3;
    case Hl7Standing::deleted:
    case Hl7Standing::wrong_patient:
        return 4;
    }
    return 0;
}

} // namespace bonewatch::ingest
