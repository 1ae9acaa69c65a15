#include "ingest/drug_name.h"
#include "ingest/json.h"
#include "ingest/lines.h"
#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

namespace bonewatch::ingest::rules {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

void add_concept(const Json& concept_, Names& names) {
    names.emplace(concept_.text_of("text"));
    for (const auto& [key, coding] : concept_.items_of("coding"))
        names.emplace(coding.text_of("display"));
}

/// Every way in which a resource of any depth names a drug.
void add_names(const Json& value, Names& names) {
    const bool is_medication = value.text_of("resourceType") == "Medication";
    for (const auto& [key, inner] : value.members) {
        const bool names_it = key == "medicationCodeableConcept" || key == "itemCodeableConcept";
        if (names_it || (is_medication && key == "code"))
            add_concept(inner, names);
        if (key == "medicationReference")
            names.emplace(inner.text_of("display"));
        add_names(inner, names);
    }
}

constexpr JsonLimits limits{.bytes_max = std::size_t{1} << 28, .depth_max = 64, .values_max = std::size_t{1} << 24};

void add_json(std::string_view text, Names& names) {
    if (const auto whole = parse_json(text, limits)) {
        add_names(whole->root, names);
        return;
    }
    Lines lines(text);
    while (const auto line = lines.next())
        if (const auto json = parse_json(line->text, limits))
            add_names(json->root, names);
}

/// The files of a tar archive (ustar): a header of 512 bytes, the size in octal at 124, the content in blocks of 512.
void add_archive(std::string_view bytes, Names& names) {
    constexpr std::size_t block = 512;
    while (bytes.size() >= block && bytes.front() != '\0') {
        const auto size = static_cast<std::size_t>(std::stoull(std::string(bytes.substr(124, 11)), nullptr, 8));
        if (bytes.substr(0, 100).find("json") != std::string_view::npos)
            add_json(bytes.substr(block, size), names);
        bytes.remove_prefix(std::min(bytes.size(), block + (size + block - 1) / block * block));
    }
}

std::vector<std::string> csv_fields(std::string_view line) {
    std::vector<std::string> out(1);
    bool is_quoted = false;
    for (const char c : line) {
        if (c == '"')
            is_quoted = !is_quoted;
        else if (c == ',' && !is_quoted)
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

/// MIMIC's prescriptions: each of the three names, and the name with the product's strength.
void add_prescriptions(std::string_view text, Names& names) {
    Lines lines(text);
    std::map<std::string, std::size_t> column;
    while (const auto line = lines.next()) {
        const auto fields = csv_fields(line->text);
        if (column.empty()) {
            for (std::size_t i = 0; i < fields.size(); ++i)
                column.emplace(fields[i], i);
            continue;
        }
        const auto field = [&](const char* name) {
            const std::string& value = fields.at(column.at(name));
            return value == "NA" ? std::string() : value;
        };
        for (const char* name : {"drug", "drug_name_poe", "drug_name_generic"})
            names.insert(field(name));
        if (!field("drug").empty() && !field("prod_strength").empty())
            names.insert(field("drug") + " " + field("prod_strength"));
    }
}

Names names_in_all_data() {
    Names names;
    static constexpr std::array<std::string_view, 3> derived{"series.json.gz", "manifest.json", "index.json"};
    for (const auto& file : fs::recursive_directory_iterator(data_folder())) {
        const std::string path = file.path().string();
        const std::string name = file.path().filename().string();
        const bool is_derived = std::ranges::find(derived, std::string_view(name)) != derived.end();
        if (!file.is_regular_file() || is_derived || path.find("primitives") != std::string::npos)
            continue;
        if (name.ends_with(".tar.gz"))
            add_archive(read_text(file.path()), names);
        else if (name == "prescriptions.csv.gz")
            add_prescriptions(read_text(file.path()), names);
        else if (name.find("json") != std::string::npos || path.find("stu3-original") != std::string::npos)
            add_json(read_text(file.path()), names);
    }
    names.erase("");
    return names;
}

/// Every distinct name of a drug in all of the data was looked at once by eye: a name that is read otherwise than then
/// changes a count.
TEST(OutsideNames, as_many_are_read_as_were_looked_at) {
    if (data_folder().empty())
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    std::map<std::string, std::size_t> counts;
    for (const std::string& name : names_in_all_data()) {
        const auto read = read_product_name(vocabulary(), name);
        const char* what = read.drug == nullptr    ? "not watched"
                           : read.is_combination   ? "combination"
                           : !read.is_plain        ? "unclear"
                           : read.strength.empty() ? "read, no strength"
                                                   : "read with strength";
        ++counts[what];
    }
    const std::map<std::string, std::size_t> looked_at{{"not watched", 1711},
                                                       {"combination", 11},
                                                       {"unclear", 8},
                                                       {"read, no strength", 56},
                                                       {"read with strength", 143}};
    EXPECT_EQ(counts, looked_at);
}

} // namespace
} // namespace bonewatch::ingest::rules
