#include "tests/oracles/measure_cases.h"

#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace bonewatch::oracles {

namespace {

using ingest::Json;

constexpr std::size_t block_bytes = 512;

/// A field of a tar header: text up to the first NUL.
std::string_view field(std::string_view header, std::size_t from, std::size_t length) {
    const auto whole = header.substr(from, length);
    return whole.substr(0, whole.find('\0'));
}

std::size_t size_in(std::string_view header) {
    const auto octal = field(header, 124, 12);
    std::size_t bytes = 0;
    std::from_chars(octal.data(), octal.data() + octal.size(), bytes, 8);
    return bytes;
}

/// The regular files of a tar archive (ustar, names of up to 100 bytes) by name.
std::map<std::string, std::string> untar(std::string_view archive) {
    std::map<std::string, std::string> out;
    for (std::size_t at = 0; at + block_bytes <= archive.size();) {
        const auto header = archive.substr(at, block_bytes);
        const auto name = field(header, 0, 100);
        if (name.empty())
            break;
        const std::size_t bytes = size_in(header);
        const char type = header[156];
        EXPECT_TRUE(type == '0' || type == '\0' || type == '5') << name << ": an entry of type " << type;
        if (type != '5')
            out.emplace(name, archive.substr(at + block_bytes, bytes));
        at += block_bytes + (bytes + block_bytes - 1) / block_bytes * block_bytes;
    }
    return out;
}

std::vector<Counts> counts_of(const Json& report) {
    std::vector<Counts> out;
    for (const auto& [key, group] : report.items_of("group")) {
        Counts counts;
        for (const auto& [index, population] : group.items_of("population")) {
            const Json* code = population.find("code");
            const Json* count = population.find("count");
            if (code == nullptr || count == nullptr || code->items_of("coding").empty())
                continue;
            counts.emplace(code->items_of("coding").front().value.text_of("code"), count->text == "0" ? 0 : 1);
        }
        out.push_back(std::move(counts));
    }
    return out;
}

std::vector<Counts> expected_in(const Json& bundle, const std::string& name) {
    std::vector<Counts> expected;
    for (const auto& [key, entry] : bundle.items_of("entry")) {
        const Json* resource = entry.find("resource");
        if (resource == nullptr || resource->text_of("resourceType") != "MeasureReport")
            continue;
        auto counts = counts_of(*resource);
        EXPECT_TRUE(expected.empty() || expected == counts) << name << ": two reports that differ";
        expected = std::move(counts);
    }
    EXPECT_FALSE(expected.empty()) << name << ": no MeasureReport";
    return expected;
}

/// `NUMERPass-…` of `./CMS645FHIR/CMS645FHIR-v1.0.000-NUMERPass-….json`.
std::string case_name(const std::string& path) {
    constexpr std::string_view mark = "-v1.0.000-";
    const auto from = path.find(mark) + mark.size();
    return path.substr(from, path.rfind('.') - from);
}

} // namespace

std::vector<MeasureCase> read_cases(const std::filesystem::path& archive, const std::string& measure) {
    std::vector<MeasureCase> out;
    for (auto& [path, text] : untar(ingest::rules::read_text(archive))) {
        if (path.find("/" + measure + "FHIR-v") == std::string::npos)
            continue;
        auto json = ingest::parse_json(text);
        EXPECT_TRUE(json) << path;
        if (!json)
            continue;
        auto expected = expected_in(json->root, path);
        out.push_back({case_name(path), std::move(text), std::move(*json), std::move(expected)});
    }
    std::ranges::sort(out, {}, &MeasureCase::name);
    return out;
}

} // namespace bonewatch::oracles
