#include "daemon/patient_name.h"

#include "ingest/identity.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;
using store::Bearer;

constexpr const char* how_to_write =
    "write a patient as SYSTEM:VALUE, as in nhs:9990000018, or as PUBLISHER/SYSTEM:VALUE";

/// Adds whom the text stands for; with a publisher only whom it stands for there.
Result<void> add_bearers(const store::Directory& directory, const model::PatientIdentifier& identifier,
                         std::string_view publisher, std::vector<Bearer>& out) {
    auto bearers = directory.bearers_of(identifier);
    if (!bearers)
        return std::unexpected(bearers.error());
    for (Bearer& bearer : *bearers)
        if (publisher.empty() || bearer.publisher.text == publisher)
            out.push_back(std::move(bearer));
    return {};
}

std::string names_of(const std::vector<Bearer>& bearers, std::string_view text) {
    constexpr std::size_t names_max = 8;
    std::string out;
    for (std::size_t i = 0; i < std::min(bearers.size(), names_max); ++i)
        out += (i == 0 ? "" : ", ") + bearers[i].publisher.text + "/" + std::string(text);
    return out + (bearers.size() > names_max ? " …" : "");
}

} // namespace

model::PatientIdentifier shown_identifier(const model::Event& event, bool is_own) {
    if (!is_own)
        return event.patient;
    return {event.key.publisher.text + "/" + event.patient.system, event.patient.value};
}

Result<model::PatientNumber> find_patient(const store::Directory& directory, std::string_view text,
                                          std::string_view publisher) {
    const auto whole = ingest::read_identifier(text);
    std::vector<Bearer> found;
    if (whole)
        if (auto added = add_bearers(directory, *whole, {}, found); !added)
            return std::unexpected(added.error());
    if (!publisher.empty())
        std::erase_if(found, [&](const Bearer& bearer) {
            return !bearer.publisher.empty() && bearer.publisher.text != publisher;
        });
    // A publisher's name and a system may hold slashes themselves: every reading counts that names somebody.
    bool is_readable = whole.has_value();
    for (auto slash = text.find('/'); slash != std::string_view::npos; slash = text.find('/', slash + 1)) {
        const auto rest = ingest::read_identifier(text.substr(slash + 1));
        if (slash == 0 || !rest)
            continue;
        is_readable = true;
        if (auto added = add_bearers(directory, *rest, text.substr(0, slash), found); !added)
            return std::unexpected(added.error());
    }
    if (!is_readable)
        return fail(ErrorKind::malformed, "bad_identifier",
                    whole.error().reason == "bad_patient" ? how_to_write : whole.error().message);
    if (found.empty())
        return fail(ErrorKind::not_found, "no_patient",
                    std::string("no patient is known by this identifier; ") + how_to_write);
    const auto goes_on_in = [&](const Bearer& one) { return directory.canonical_of(one.patient); };
    if (std::ranges::any_of(found, [&](const Bearer& one) { return goes_on_in(one) != goes_on_in(found.front()); }))
        return fail(ErrorKind::refused, "several_patients",
                    "several publishers have a patient of their own by this identifier; say which: " +
                        names_of(found, text));
    return found.front().patient;
}

} // namespace bonewatch::daemon
