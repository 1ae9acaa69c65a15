#include "config/read_publishers.h"
#include "tests/config/settings_sample.h"
#include "tests/config/shipped.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace bonewatch::config {
namespace {

class PublisherSample : public testing::TestWithParam<Sample> {};

TEST_P(PublisherSample, loads_or_names_the_place) {
    const auto settings =
        parse_settings("b.toml", "[publishers.lab]\n" + GetParam().text, "/etc/bonewatch", &shipped_vocabulary());
    expect_only(settings ? std::vector<model::Error>{} : settings.error(), "b.toml", GetParam());
}

const std::vector<Sample> publishers{
    {"valid_empty", "", "", ""},
    {"valid_charset", "charset = \"8859/15\"\n", "", ""},
    {"valid_charset_of_japan", "charset = \"ISO IR87\"\n", "", ""},
    {"valid_charset_of_china", "charset = \"GB 18030-2000\"\n", "", ""},
    {"reject_charset_of_files", "charset = \"UNICODE UTF-16\"\n", "2:11", "did you mean 'UNICODE UTF-8'?"},
    {"reject_charset", "charset = \"8859-1\"\n", "2:11", "did you mean '8859/1'?"},
    {"reject_charset_as_number", "charset = 8859\n", "2:11", "must be text, found a whole number"},
    {"valid_midnight", "midnight_is_date = false\n", "", ""},
    {"reject_midnight_as_text", "midnight_is_date = \"no\"\n", "2:20", "must be true or false"},
    {"valid_unknown_status", "unknown_status = \"final\"\n", "", ""},
    {"reject_unknown_status", "unknown_status = \"quarantined\"\n", "2:18", "did you mean 'quarantine'?"},
    {"reject_unknown_status_as_switch", "unknown_status = true\n", "2:18", "must be text"},
    {"valid_test_messages", "takes_test_messages = true\n", "", ""},
    {"reject_misspelt_key", "take_test_messages = true\n", "2:1", "did you mean 'takes_test_messages'?"},
    {"valid_missing_units", "missing_units = { tsh = \"mU/L\", hba1c = \"mmol/mol\" }\n", "", ""},
    {"valid_missing_units_as_table", "[publishers.lab.missing_units]\ntsh = \"mU/L\"\n", "", ""},
    {"reject_missing_units_as_text", "missing_units = \"mU/L\"\n", "2:17", "must be a table"},
    {"reject_missing_unit_of_nothing", "missing_units = { tsch = \"mU/L\" }\n", "2:19",
     "'tsch' is no analyte of the vocabulary; did you mean 'tsh'?"},
    {"reject_missing_unit_of_a_drug", "missing_units = { prednisolone = \"mg\" }\n", "2:19", "is no analyte"},
    {"reject_missing_unit_misspelt", "missing_units = { vitd25 = \"nmol/LL\" }\n", "2:28",
     "'vitd25' is not read in 'nmol/LL'; did you mean 'nmol/L'?"},
    {"reject_missing_unit_of_another_dimension", "missing_units = { tsh = \"kg\" }\n", "2:25", "its unit is 'm[IU]/L'"},
    {"reject_missing_unit_empty", "missing_units = { tsh = \"\" }\n", "2:25", "its unit is 'm[IU]/L'"},
    {"reject_missing_unit_as_number", "missing_units = { tsh = 5 }\n", "2:25", "must be text"},
    {"reject_mapping_empty", "mapping = \"\"\n", "2:11", "it names a file"},
    {"reject_mapping_absent", "mapping = \"nowhere.toml\"\n", "2:11",
     "the mapping file /etc/bonewatch/nowhere.toml cannot be read: No such file"},
    {"reject_mapping_that_never_ends", "mapping = \"/dev/zero\"\n", "2:11", "/dev/zero is no plain file"},
};
INSTANTIATE_TEST_SUITE_P(settings, PublisherSample, testing::ValuesIn(publishers),
                         [](const auto& each) { return each.param.name; });

class MappingSample : public testing::TestWithParam<Sample> {};

TEST_P(MappingSample, loads_or_names_the_place) {
    PublisherSettings publisher;
    expect_only(read_mapping("m.toml", GetParam().text, shipped_vocabulary(), publisher), "m.toml", GetParam());
}

const std::vector<Sample> mappings{
    {"valid_empty", "", "", ""},
    {"valid_code", "codes = [{ system = \"99LAB\", code = \"TSH3\", means = \"tsh\", unit = \"mU/L\" }]\n", "", ""},
    {"valid_code_without_system", "codes = [{ code = \"TSH3\", means = \"tsh\", note = \"third generation\" }]\n", "",
     ""},
    {"valid_drug_with_route", "codes = [{ code = \"FLUT\", means = \"budesonide\", route = \"inhaled\" }]\n", "", ""},
    {"valid_condition", "codes = [{ code = \"RA\", means = \"rheumatoid-arthritis\" }]\n", "", ""},
    {"valid_procedure", "[[codes]]\ncode = \"DEXA\"\nmeans = \"dxa\"\n", "", ""},
    {"valid_one_code_in_two_systems",
     "codes = [{ system = \"A\", code = \"1\", means = \"tsh\" }, { system = \"B\", code = \"1\", means = \"ft4\" }]\n",
     "", ""},
    {"valid_own_meaning_of_a_public_code", "codes = [{ system = \"LN\", code = \"3016-3\", means = \"ft4\" }]\n", "",
     ""},
    {"reject_code_that_means_nothing", "codes = [{ code = \"T\", means = \"\" }]\n", "1:32", "'means' is empty"},
    {"reject_misspelt_id", "codes = [{ code = \"T\", means = \"thsh\" }]\n", "1:32", "did you mean 'tsh'?"},
    {"reject_drug_class", "codes = [{ code = \"T\", means = \"glucocorticoids\" }]\n", "1:32",
     "nothing of the vocabulary"},
    {"reject_no_meaning", "codes = [{ code = \"T\" }]\n", "1:10", "'means' is missing"},
    {"reject_no_code", "codes = [{ means = \"tsh\" }]\n", "1:10", "'code' is missing"},
    {"reject_empty_code", "codes = [{ code = \" \", means = \"tsh\" }]\n", "1:19", "'code' is empty"},
    {"reject_unit", "codes = [{ code = \"T\", means = \"tsh\", unit = \"mmol/L\" }]\n", "1:46",
     "is not read in 'mmol/L'"},
    {"reject_unit_of_a_drug", "codes = [{ code = \"P\", means = \"prednisolone\", unit = \"mg\" }]\n", "1:55",
     "is nothing measured"},
    {"reject_route", "codes = [{ code = \"F\", means = \"budesonide\", route = \"inhalled\" }]\n", "1:54",
     "is no route"},
    {"reject_route_of_an_analyte", "codes = [{ code = \"T\", means = \"tsh\", route = \"oral\" }]\n", "1:47",
     "is no drug"},
    {"reject_code_twice", "codes = [{ code = \"T\", means = \"tsh\" }, { code = \" T\", means = \"tsh\" }]\n", "1:41",
     "listed twice"},
    {"reject_code_twice_under_two_spellings",
     "codes = [{ system = \"LN\", code = \"3016-3\", means = \"tsh\" },\n"
     "  { system = \"http://loinc.org\", code = \"3016-3\", means = \"tsh\" }]\n",
     "2:3", "listed twice"},
    {"reject_unknown_key", "codes = [{ code = \"T\", means = \"tsh\", units = \"mU/L\" }]\n", "1:39",
     "did you mean 'unit'?"},
    {"reject_unknown_section", "[unit]\n\"mE/l\" = \"mU/L\"\n", "1:2", "did you mean 'units'?"},
    {"valid_unit", "[units]\n\"mE/l\" = \"mU/L\"\n", "", ""},
    {"valid_units_for_arbitrary_ones", "[units]\n\"[arb'U]/L\" = \"U/L\"\n", "", ""},
    {"reject_unknown_target", "[units]\n\"mE/l\" = \"mU/LL\"\n", "2:10", "did you mean 'mU/L'?"},
    {"reject_other_magnitude", "[units]\n\"mg/L\" = \"mg/dL\"\n", "2:10",
     "is a unit by itself, and another than 'mg/dL'"},
    {"reject_mass_for_substance", "[units]\n\"mg/dL\" = \"mmol/L\"\n", "2:11", "another than 'mmol/L'"},
    {"reject_empty_spelling", "[units]\n\" \" = \"mU/L\"\n", "2:1", "'missing_units'"},
    {"reject_spelling_twice", "[units]\n\"mE/l\" = \"mU/L\"\n\" mE/l\" = \"mU/L\"\n", "3:1", "listed twice"},
    {"reject_unit_as_number", "[units]\n\"mE/l\" = 5\n", "2:10", "must be text"},
    {"reject_toml", "codes = [\n", "1:11", ""},
};
INSTANTIATE_TEST_SUITE_P(mappings, MappingSample, testing::ValuesIn(mappings),
                         [](const auto& each) { return each.param.name; });

TEST(Publishers, each_key_is_read) {
    const auto settings = parse_settings("b.toml",
                                         "[publishers.lab]\nzone = \"Europe/Paris\"\ncharset = \"8859/1\"\n"
                                         "midnight_is_date = false\nunknown_status = \"final\"\n"
                                         "takes_test_messages = true\nmissing_units = { tsh = \"mU/L\" }\n",
                                         "", &shipped_vocabulary());
    ASSERT_TRUE(settings.has_value()) << settings.error().front().message;
    const PublisherSettings& lab = settings->publisher("lab");
    EXPECT_EQ(lab.zone, "Europe/Paris");
    EXPECT_EQ(lab.charset, "8859/1");
    EXPECT_FALSE(lab.midnight_is_date);
    EXPECT_TRUE(lab.counts_unknown_status);
    EXPECT_TRUE(lab.takes_test_messages);
    EXPECT_EQ(lab.missing_units, (std::map<CodeId, std::string>{{CodeId("tsh"), "mU/L"}}));
}

TEST(Publishers, unknown_status_is_quarantined_where_it_says_so) {
    const auto settings = parse_settings("b.toml", "[publishers.lab]\nunknown_status = \"quarantine\"\n", "");
    ASSERT_TRUE(settings.has_value());
    EXPECT_FALSE(settings->publisher("lab").counts_unknown_status);
}

TEST(Publishers, codes_are_kept_as_codes_are_compared) {
    PublisherSettings lab;
    const auto problems =
        read_mapping("m.toml",
                     "codes = [\n"
                     "  { system = \" 99LAB\", code = \"TSH3 \", means = \"tsh\", unit = \"mU/L\" },\n"
                     "  { system = \"I10\", code = \"m05.9\", means = \"rheumatoid-arthritis\" },\n"
                     "  { code = \"Flut\", means = \"budesonide\", route = \"inhaled\" },\n"
                     "]\n[units]\n\" \u00b5E/ml\" = \"uU/mL\"\n",
                     shipped_vocabulary(), lab);
    ASSERT_TRUE(problems.empty()) << problems.front().message;
    ASSERT_EQ(lab.codes.size(), 3U);
    const CodeMeaning& tsh = lab.codes.at({"99lab", "TSH3"});
    EXPECT_EQ(tsh.id, CodeId("tsh"));
    EXPECT_EQ(tsh.kind, CodeKind::analyte);
    EXPECT_EQ(tsh.missing_unit, "mU/L");
    EXPECT_EQ(lab.codes.at({"icd10", "M059"}).kind, CodeKind::disorder);
    EXPECT_EQ(lab.codes.at({"", "Flut"}).kind, CodeKind::drug);
    EXPECT_EQ(lab.codes.at({"", "Flut"}).route, model::Route::inhaled);
    EXPECT_EQ(lab.units, (std::map<std::string, std::string>{{"uE/ml", "uU/mL"}}));
}

/// A folder with settings and a mapping file beside them.
class PublisherFiles : public testing::Test {
  protected:
    PublisherFiles()
        : folder_(std::filesystem::temp_directory_path() / ("publishers_test." + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
        write("b.toml", "[publishers.lab]\nmapping = \"lab-codes.toml\"\n");
    }
    ~PublisherFiles() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

    const std::filesystem::path folder_;
};

TEST_F(PublisherFiles, are_read_anew_when_asked) {
    write("lab-codes.toml", "codes = [{ system = \"L\", code = \"TSH\", means = \"tsh\" }]\n");
    const auto settings = load_settings(folder_ / "b.toml");
    ASSERT_TRUE(settings.has_value());
    EXPECT_TRUE(settings->publisher("lab").codes.empty()) << "nothing could check them yet";

    const auto first = load_publishers(*settings, shipped_vocabulary());
    ASSERT_TRUE(first.has_value()) << first.error().front().message;
    EXPECT_EQ(first->at("lab").codes.at({"l", "TSH"}).id, CodeId("tsh"));

    write("lab-codes.toml", "codes = [{ system = \"L\", code = \"TSH\", means = \"ft4\" }]\n");
    const auto second = load_publishers(*settings, shipped_vocabulary());
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->at("lab").codes.at({"l", "TSH"}).id, CodeId("ft4"));
}

TEST_F(PublisherFiles, name_every_problem_with_its_own_file) {
    write("b.toml", "[publishers.lab]\nzone = \"Europe/Londn\"\nmapping = \"lab-codes.toml\"\n");
    write("lab-codes.toml", "codes = [{ code = \"T\", means = \"tsch\" }]\n[units]\n\"x\" = \"y\"\n");
    const auto settings = parse_settings("b.toml", "", "");
    ASSERT_TRUE(settings.has_value());
    auto of_file = *settings;
    of_file.file = folder_ / "b.toml";
    const auto loaded = load_publishers(of_file, shipped_vocabulary());
    ASSERT_FALSE(loaded.has_value());
    std::vector<std::string> places;
    for (const auto& error : loaded.error())
        places.push_back(std::filesystem::path(error.place).filename().string());
    EXPECT_EQ(places, (std::vector<std::string>{"b.toml:2:8", "lab-codes.toml:1:32", "lab-codes.toml:3:7"}));
}

TEST(Publishers, settings_of_no_file_keep_theirs) {
    Settings settings;
    settings.publishers["lab"].zone = "Europe/Paris";
    const auto loaded = load_publishers(settings, shipped_vocabulary());
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->at("lab").zone, "Europe/Paris");
}

} // namespace
} // namespace bonewatch::config
