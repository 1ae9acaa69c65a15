#pragma once

#include "config/published_codes.h"

#include <map>
#include <string>

namespace bonewatch::config {

/// What the daemon is told of one publisher: how to read what its messages leave unsaid. Nothing of it is read by the
/// fold.
struct PublisherSettings {
    std::string zone = "Europe/London"; ///< Of times that state none. A name of the IANA time zone database.
    /// Of HL7 v2 bytes that are no UTF-8 and whose MSH-18 names no set: a name as in MSH-18 (`8859/1`), or `CP1252`.
    std::string charset = "CP1252";
    bool midnight_is_date = true;       ///< HL7 v2: a time 0000 without a zone is a date that was padded.
    bool counts_unknown_status = false; ///< FHIR: status `unknown` counts as final. Else quarantined.
    bool takes_test_messages = false;   ///< HL7 v2: MSH-11 other than P is taken. Else refused.
    std::map<model::CodeId, std::string> missing_units{}; ///< By analyte: the unit of values that come without one.
    std::map<PublishedCode, CodeMeaning> codes{};         ///< Its own codes; looked up before the vocabulary's.
    std::map<std::string, std::string> units{}; ///< Its own spellings of units, each as one that the vocabulary reads.
};

} // namespace bonewatch::config
