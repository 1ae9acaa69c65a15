#pragma once

#include "ingest/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// One resource found in a message, or what a Bundle's entry asks for instead. Views point into the parsed text.
struct FhirEntry {
    const Json* resource = nullptr; ///< Nothing for an entry that only asks for something.
    std::string_view source;        ///< Of the whole entry.
    std::string_view full_url;
    std::string_view method;        ///< Of its request.
    std::string_view url;           ///< The same.
    std::string_view if_none_exist; ///< The same: the search that finds the resource where it exists already.
    std::string_view modified;      ///< When the server did what a history's entry says: `response.lastModified`.
    std::string_view said;          ///< The Bundle's own time.
    std::string_view mode;          ///< `search.mode`: `match`, `include`, `outcome`.
    std::string path;
    std::string modifier; ///< Path of a modifier in the entry around the resource; empty where there is none.
};

/// The entries of a Bundle, and of the Bundles in it to a depth of 3, in their order; of another resource itself.
/// Answers without a resource are left out.
[[nodiscard]] std::vector<FhirEntry> entries_of(const Json& document);

/// The fact that an entry is: `Type/id` of its resource, else as its request says (`PUT Type/id`; a conditional one is
/// `Type?identifier=SYSTEM|VALUE`), else its fullUrl, else `Type?identifier=…` of its first identifier. Empty where it
/// has none of these.
[[nodiscard]] std::string fact_of(const FhirEntry& entry);

} // namespace bonewatch::ingest
