#pragma once

#include "config/files.h"
#include "monitors/syntax.h"
#include "store/model/named.h"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// How soon somebody should look: a worklist, a clinician's inbox, the same day.
enum class Severity : unsigned char { info, warning, urgent };

[[nodiscard]] std::string_view to_text(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view text);

/// An expression as it stands in a file.
struct Written {
    std::string text;
    Place place;
};

/// A number that operations staff may tune within [min, max], or one of several `choices`. `basis` says how well the
/// default is founded: V read in the source, V2 in a secondary source, SEED, GK general knowledge, ENG an engineering
/// choice. `meaning` says in a sentence what it does.
struct Threshold {
    std::string name;
    Written value; ///< The default, unless a setting replaced it.
    std::string min, max, basis;
    std::string meaning;
    std::vector<std::string> choices; ///< Instead of min and max.
};

/// `when` decides for a level or a tag; absent in the last row of `severity`.
struct Row {
    std::string name;
    std::optional<Written> when;
};

/// A monitor as its file writes it: read and complete, not yet checked against the vocabulary.
struct Definition {
    model::MonitorId id;
    std::string family;  ///< Of a row of a family, `FAMILY/ROW`: the family's id; else empty.
    std::string chapter; ///< Of the catalogue: the folder that the file lies in.
    std::string title, advice, source;
    std::string note; ///< For clinicians: how a gap of the sources was decided.
    Written when;
    std::optional<Written> unless, clears;
    std::optional<Written> ends; ///< What ends an episode, in a sentence; `{name}` is a threshold's value.
    std::vector<Row> severity, tags;
    std::vector<Written> require;
    std::optional<Written> fresh;
    bool is_enabled = true;
    std::map<std::string, Written> lets;
    std::vector<Threshold> thresholds; ///< In the file's order.
    std::string file;

    /// A test timeline in the compact notation: see monitors/README.md.
    struct Test {
        std::string name, events, expect, note;
        std::map<std::string, std::string> set; ///< Thresholds that it runs with.
        std::optional<int> until;
        std::optional<std::vector<std::string>> tags; ///< Of the alert as last told; not looked at where it says none.
        std::string day0 = "2023-01-02";
        Place place;
        Place events_place, expect_place; ///< Of their first lines.
    };
    std::vector<Test> tests;
};

/// What all monitors share: `_common.toml`.
struct Common {
    std::optional<Written> fresh, unless;
    std::vector<Row> cap;
    std::map<std::string, std::vector<Written>> groups;
    std::map<std::string, Written> readable; ///< By analyte.
};

struct Definitions {
    Common common;
    std::vector<Definition> monitors; ///< Sorted by id.
};

/// Settings from outside the files: "steroid-5mg-90d.dose" -> "2.5 mg", "fatigue-unexplained.enabled" -> "true".
using ThresholdSettings = std::map<std::string, std::string>;

/// Reads the files below `monitors/`. A file with `[[row]]` is a family: every row, laid over the file, is a monitor.
/// Every problem is reported, with file, line and column: unknown keys with the nearest right word, missing keys, wrong
/// types, two monitors of one id, settings that name no threshold.
[[nodiscard]] std::expected<Definitions, std::vector<model::Error>> read_definitions(const config::Files& files,
                                                                                     const ThresholdSettings& settings);

} // namespace bonewatch::monitors
