#include "config/read_publishers.h"

#include "config/files.h"
#include "config/nearest.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>

namespace bonewatch::config {

namespace {

/// All that a message may name in MSH-18 and that is read there.
constexpr std::array<std::string_view, 20> charsets{
    "ASCII",     "8859/1",   "8859/2",        "8859/3",  "8859/4",        "8859/5",        "8859/6",
    "8859/7",    "8859/8",   "8859/9",        "8859/15", "UNICODE UTF-8", "CP1252",        "ISO IR87",
    "ISO IR159", "ISO IR14", "GB 18030-2000", "BIG-5",   "KS X 1001",     "CNS 11643-1992"};

/// Why the zone cannot be used; nothing where it can. Times without one are read in it, so a slip costs every event.
std::string refusal_of_zone(const std::string& name) {
    std::vector<std::string> known;
    try {
        for (const auto& zone : date::get_tzdb().zones)
            known.push_back(zone.name());
        static_cast<void>(date::locate_zone(name));
        return {};
    } catch (const std::exception&) {
        if (known.empty())
            return "the time zone database cannot be read; install tzdata";
    }
    return "'" + name + "' is no time zone of the database; name one like Europe/London" + did_you_mean(name, known);
}

void read_zone(Fields& fields, PublisherSettings& publisher) {
    const auto zone = fields.text("zone");
    if (!zone)
        return;
    publisher.zone = *zone;
    if (const std::string refusal = refusal_of_zone(*zone); !refusal.empty())
        fields.problem(fields.place("zone"), "bad_zone", refusal);
}

/// One of a few words; nothing where it is missing or none of them, which is a problem.
template <std::size_t count>
std::optional<std::string> read_word(Fields& fields, const std::string& key,
                                     const std::array<std::string_view, count>& words) {
    auto word = fields.text(key);
    if (!word || std::ranges::find(words, *word) != words.end())
        return word;
    std::string listed;
    for (const std::string_view each : words)
        listed.append(listed.empty() ? "" : ", ").append(each);
    const std::vector<std::string> candidates(words.begin(), words.end());
    fields.problem(fields.place(key), "unknown_word",
                   "'" + key + "' is one of " + listed + ", not '" + *word + "'" + did_you_mean(*word, candidates));
    return std::nullopt;
}

void read_switch(Fields& fields, const std::string& key, bool& into) {
    const bool is_set = fields.flag(key);
    if (fields.has(key))
        into = is_set;
}

std::vector<std::string> analyte_ids(const Vocabulary& vocabulary) {
    std::vector<std::string> ids;
    for (const auto& [id, analyte] : vocabulary.analytes())
        ids.push_back(id.text);
    return ids;
}

void read_missing_units(Fields& fields, Problems& problems, const Vocabulary* vocabulary,
                        PublisherSettings& publisher) {
    const Value* table = fields.table("missing_units");
    if (table == nullptr || vocabulary == nullptr)
        return;
    Fields units(*table, "'missing_units'", problems);
    for (const Entry& entry : std::get<Value::Table>(table->content)) {
        const auto unit = units.text(entry.key);
        const Analyte* analyte = vocabulary->analyte(CodeId(entry.key));
        if (analyte == nullptr) {
            units.problem(entry.place, "unknown_analyte",
                          "'" + entry.key + "' is no analyte of the vocabulary" +
                              did_you_mean(entry.key, analyte_ids(*vocabulary)));
            continue;
        }
        if (!unit)
            continue;
        if (const std::string refusal = refusal_of_unit(*vocabulary, *analyte, *unit); !refusal.empty())
            units.problem(entry.value.place, "unknown_unit", refusal);
        publisher.missing_units.emplace(analyte->id, *unit);
    }
}

void read_mapping_file(Fields& fields, Problems& problems, const std::filesystem::path& folder,
                       const Vocabulary* vocabulary, PublisherSettings& publisher) {
    const auto name = fields.text("mapping");
    if (!name)
        return;
    if (name->empty())
        return fields.problem(fields.place("mapping"), "bad_file", "'mapping' is empty; it names a file");
    if (vocabulary == nullptr)
        return;
    const std::filesystem::path path = (folder / *name).lexically_normal();
    // A pipe or a device may never end: nothing else of the daemon would be done while it is read.
    std::error_code none;
    if (std::filesystem::is_other(path, none))
        return fields.problem(fields.place("mapping"), "bad_file",
                              "the mapping file " + path.string() + " is no plain file");
    const auto text = read_text(path);
    if (!text)
        return fields.problem(fields.place("mapping"), text.error().reason,
                              "the mapping file " + path.string() + " " + text.error().message);
    std::ranges::move(read_mapping(path.string(), *text, *vocabulary, publisher), std::back_inserter(problems.found()));
}

PublisherSettings read_publisher(Fields& fields, Problems& problems, const std::filesystem::path& folder,
                                 const Vocabulary* vocabulary) {
    PublisherSettings publisher;
    read_zone(fields, publisher);
    publisher.charset = read_word(fields, "charset", charsets).value_or(publisher.charset);
    read_switch(fields, "midnight_is_date", publisher.midnight_is_date);
    read_switch(fields, "takes_test_messages", publisher.takes_test_messages);
    const std::array<std::string_view, 2> unknown_words{"quarantine", "final"};
    publisher.counts_unknown_status = read_word(fields, "unknown_status", unknown_words) == "final";
    read_missing_units(fields, problems, vocabulary, publisher);
    read_mapping_file(fields, problems, folder, vocabulary, publisher);
    return publisher;
}

} // namespace

Publishers read_publishers(Fields& top, Problems& problems, const std::filesystem::path& folder,
                           const Vocabulary* vocabulary) {
    Publishers publishers;
    const Value* table = top.table("publishers");
    if (table == nullptr)
        return publishers;
    for (const Entry& entry : std::get<Value::Table>(table->content)) {
        Fields fields(entry.value, "publisher '" + entry.key + "'", problems);
        publishers.emplace(entry.key, read_publisher(fields, problems, folder, vocabulary));
        fields.finish();
        if (entry.key.empty())
            fields.problem(entry.place, "bad_publisher", "a publisher needs a name");
    }
    return publishers;
}

} // namespace bonewatch::config
