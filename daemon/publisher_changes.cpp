#include "daemon/publisher_changes.h"

#include <algorithm>
#include <set>

namespace bonewatch::daemon {

namespace {

using config::CodeMeaning;
using config::PublisherSettings;

bool is_same(const CodeMeaning& a, const CodeMeaning& b) {
    return a.id == b.id && a.kind == b.kind && a.route == b.route && a.missing_unit == b.missing_unit &&
           a.property == b.property && a.vouched == b.vouched;
}

bool has_same_codes(const PublisherSettings& a, const PublisherSettings& b) {
    return std::ranges::equal(a.codes, b.codes, [](const auto& one, const auto& other) {
        return one.first == other.first && is_same(one.second, other.second);
    });
}

/// Names of what differs, as in the settings file.
std::string differences(const PublisherSettings& a, const PublisherSettings& b) {
    std::string out;
    const auto add = [&](bool is_changed, std::string_view name) {
        if (is_changed)
            out += (out.empty() ? "" : ",") + std::string(name);
    };
    add(a.zone != b.zone, "zone");
    add(a.charset != b.charset, "charset");
    add(a.midnight_is_date != b.midnight_is_date, "midnight_is_date");
    add(a.counts_unknown_status != b.counts_unknown_status, "unknown_status");
    add(a.takes_test_messages != b.takes_test_messages, "takes_test_messages");
    add(a.missing_units != b.missing_units, "missing_units");
    add(!has_same_codes(a, b), "codes");
    add(a.units != b.units, "units");
    return out;
}

} // namespace

std::vector<std::string> changes_between(const config::Publishers& before, const config::Publishers& after) {
    std::set<std::string> names;
    for (const auto* publishers : {&before, &after})
        for (const auto& [name, settings] : *publishers)
            names.insert(name);
    std::vector<std::string> out;
    for (const std::string& name : names) {
        const auto old = before.find(name);
        const auto now = after.find(name);
        const std::string what = old == before.end()  ? "added"
                                 : now == after.end() ? "removed"
                                                      : differences(old->second, now->second);
        if (!what.empty())
            out.push_back("publisher=" + name + " changed=" + what);
    }
    return out;
}

} // namespace bonewatch::daemon
