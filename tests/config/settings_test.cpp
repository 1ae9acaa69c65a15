#include "config/settings.h"
#include "tests/config/settings_sample.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

class SettingsSample : public testing::TestWithParam<Sample> {};

TEST_P(SettingsSample, loads_or_names_the_place) {
    const auto settings = parse_settings("b.toml", GetParam().text, "/etc/bonewatch");
    expect_only(settings ? std::vector<model::Error>{} : settings.error(), "b.toml", GetParam());
}

const std::vector<Sample> samples{
    {"valid_empty", "", "", ""},
    {"valid_ipc_doors", "[doors]\ningest = \"ipc:///run/b/ingest\"\nfeed = \"ipc:///run/b/feed\"\n", "", ""},
    {"valid_two_free_ports", "[doors]\ningest = \"tcp://127.0.0.1:0\"\nfeed = \"tcp://127.0.0.1:0\"\n", "", ""},
    {"valid_ipv6_loopback", "[doors]\nfeed = \"tcp://[::1]:7000\"\n", "", ""},
    {"valid_settle_at_most_a_day", "[backfill]\nsettle_minutes = 1440\n", "", ""},
    {"reject_settle_over_a_day", "[backfill]\nsettle_minutes = 1441\n", "2:18", "from 0 to 1440, found 1441"},
    {"reject_every_interface", "[doors]\ningest = \"tcp://*:7701\"\n", "2:10", "can be reached from other machines"},
    {"reject_zero_address", "[doors]\ningest = \"tcp://0.0.0.0:7701\"\n", "2:10", "write tcp://127.0.0.1:PORT"},
    {"reject_lookalike_host", "[doors]\nfeed = \"tcp://127.0.0.1.example.org:7701\"\n", "2:8", "asks nobody for a key"},
    {"reject_localhost_by_name", "[doors]\nfeed = \"tcp://localhost:7701\"\n", "2:8", "write tcp://127.0.0.1:PORT"},
    {"reject_other_transport", "[doors]\nfeed = \"pgm://127.0.0.1:7701\"\n", "2:8", "asks nobody for a key"},
    {"reject_port_too_large", "[doors]\nfeed = \"tcp://127.0.0.1:65536\"\n", "2:8", "a port from 0 to 65535"},
    {"reject_port_missing", "[doors]\nfeed = \"tcp://127.0.0.1:\"\n", "2:8", "a port from 0 to 65535"},
    {"reject_ipc_without_path", "[doors]\nfeed = \"ipc://\"\n", "2:8", "needs a path"},
    {"reject_ipc_path_too_long", "[doors]\nfeed = \"ipc://" + std::string(108, 'x') + "\"\n", "2:8", "107 bytes"},
    {"valid_ipc_path_just_fits", "[doors]\nfeed = \"ipc://" + std::string(107, 'x') + "\"\n", "", ""},
    {"reject_two_doors_at_one_place", "[doors]\ningest = \"ipc:///a\"\nfeed = \"ipc:///a\"\n", "1:1", "same endpoint"},
    {"valid_tail", "[doors]\ntail = \"tcp://127.0.0.1:7704\"\n", "", ""},
    {"reject_tail_for_everybody", "[doors]\ntail = \"tcp://*:7704\"\n", "2:8", "can be reached from other machines"},
    {"reject_tail_at_a_door", "[doors]\nfeed = \"ipc:///a\"\ntail = \"ipc:///a\"\n", "1:1", "same endpoint"},
    {"valid_every_interface_with_keys", "[curve]\n[doors]\ningest = \"tcp://*:7701\"\n", "", ""},
    {"valid_addresses_with_keys",
     "[doors]\ningest = \"tcp://192.0.2.7:7701\"\nfeed = \"tcp://[2001:db8::7]:7702\"\n[curve]\n", "", ""},
    {"reject_a_door_left_out",
     "[curve]\ndoors = [\"feed\"]\n[doors]\nfeed = \"tcp://*:7702\"\ningest = \"tcp://*:7701\"\n", "5:10",
     "asks nobody for a key"},
    {"reject_other_transport_with_keys", "[curve]\n[doors]\nfeed = \"pgm://127.0.0.1:7701\"\n", "3:8",
     "is no endpoint"},
    {"reject_no_host_with_keys", "[curve]\n[doors]\nfeed = \"tcp://:7701\"\n", "3:8", "is no endpoint"},
    {"reject_no_port_with_keys", "[curve]\n[doors]\nfeed = \"tcp://*:\"\n", "3:8", "a port from 0 to 65535"},
    {"reject_misspelt_door", "[curve]\ndoors = [\"comand\"]\n", "2:9", "did you mean 'command'?"},
    {"reject_empty_key_folder", "[curve]\nkeys = \"\"\n", "2:8", "'keys' is empty"},
    {"reject_unknown_section", "[door]\ningest = \"ipc:///a\"\n", "1:2", "unknown key 'door'; did you mean 'doors'?"},
    {"reject_unknown_key", "[store]\ncache_mb = 5\n", "2:1", "unknown key 'cache_mb'; did you mean 'cache_mib'?"},
    {"reject_misspelt_identity", "[identity]\nstrong_system = []\n", "2:1", "did you mean 'strong_systems'?"},
    {"valid_no_strong_system", "[identity]\nstrong_systems = []\n", "", ""},
    {"reject_text_for_number", "[limits]\npeers_max = \"many\"\n", "2:13", "must be a whole number, found text"},
    {"reject_no_peers", "[limits]\npeers_max = 0\n", "2:13", "from 1 to 100000"},
    {"reject_batch_over_a_commit", "[limits]\nbatch_max = 4097\n", "2:13", "from 1 to 4096"},
    {"reject_section_as_value", "store = 1\n", "1:9", "must be a table"},
    {"valid_zone", "[publishers.lab]\nzone = \"America/New_York\"\n", "", ""},
    {"valid_zone_by_another_name", "[publishers.lab]\nzone = \"GB\"\n", "", ""},
    {"reject_misspelt_zone", "[publishers.lab]\nzone = \"Europe/Londn\"\n", "2:8", "did you mean 'Europe/London'?"},
    {"reject_unknown_zone", "[publishers.lab]\nzone = \"Mars/Olympus\"\n", "2:8", "no time zone of the database"},
    {"reject_zone_with_space", "[publishers.lab]\nzone = \"Europe / London\"\n", "2:8", "no time zone of the"},
    {"reject_zone_outside_the_database", "[publishers.lab]\nzone = \"../../etc/passwd\"\n", "2:8", "no time zone of"},
    {"reject_empty_zone", "[publishers.lab]\nzone = \"\"\n", "2:8", "no time zone of"},
    {"reject_empty_folder", "[store]\nfolder = \"\"\n", "2:10", "'folder' is empty"},
    {"reject_empty_system", "[identity]\nstrong_systems = [\"\"]\n", "2:18", "needs a name"},
    {"reject_toml", "[store\n", "1:7", ""},
};
INSTANTIATE_TEST_SUITE_P(settings, SettingsSample, testing::ValuesIn(samples),
                         [](const auto& each) { return each.param.name; });

TEST(Settings, the_example_says_every_default) {
    const auto example = load_settings(std::filesystem::path(BONEWATCH_CONFIG_FOLDER) / "bonewatchd.toml");
    ASSERT_TRUE(example.has_value()) << example.error().front().message;
    const auto defaults = parse_settings("", "", BONEWATCH_CONFIG_FOLDER);
    ASSERT_TRUE(defaults.has_value());
    EXPECT_EQ(example->store_folder, defaults->store_folder);
    EXPECT_EQ(example->cache_mib, defaults->cache_mib);
    EXPECT_EQ(example->patients_mib, defaults->patients_mib);
    EXPECT_EQ(example->doors.ingest, defaults->doors.ingest);
    EXPECT_EQ(example->doors.feed, defaults->doors.feed);
    EXPECT_EQ(example->doors.command, defaults->doors.command);
    EXPECT_EQ(example->doors.tail, defaults->doors.tail);
    EXPECT_EQ(example->limits.max_message_bytes, defaults->limits.max_message_bytes);
    EXPECT_EQ(example->limits.peers_max, defaults->limits.peers_max);
    EXPECT_EQ(example->limits.batch_max, defaults->limits.batch_max);
    EXPECT_EQ(example->limits.queue_max, defaults->limits.queue_max);
    EXPECT_EQ(example->strong_systems, defaults->strong_systems);
    EXPECT_EQ(example->settle, defaults->settle);
    EXPECT_EQ(example->vocabulary, defaults->vocabulary);
    EXPECT_EQ(example->monitors, defaults->monitors);
    const PublisherSettings of_nobody;
    EXPECT_EQ(example->publisher("lab").zone, of_nobody.zone);
    EXPECT_EQ(example->publisher("lab").charset, of_nobody.charset);
    EXPECT_EQ(example->publisher("lab").midnight_is_date, of_nobody.midnight_is_date);
    EXPECT_EQ(example->publisher("lab").counts_unknown_status, of_nobody.counts_unknown_status);
    EXPECT_EQ(example->publisher("lab").takes_test_messages, of_nobody.takes_test_messages);
}

TEST(Settings, folders_are_relative_to_the_file) {
    const auto settings =
        parse_settings("b.toml", "[store]\nfolder = \"../data\"\n[tables]\nmonitors = \"/srv/m\"\n", "/etc/bonewatch");
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->store_folder, "/etc/data");
    EXPECT_EQ(settings->vocabulary, "/etc/bonewatch/vocabulary");
    EXPECT_EQ(settings->monitors, "/srv/m");
}

TEST(Settings, no_door_asks_for_a_key_unless_told_to) {
    const auto plain = parse_settings("b.toml", "", "/etc/bonewatch").value();
    EXPECT_FALSE(plain.needs_key("ingest"));
    const auto all = parse_settings("b.toml", "[curve]\n", "/etc/bonewatch").value();
    for (const char* door : {"ingest", "feed", "command", "tail"})
        EXPECT_TRUE(all.needs_key(door));
    EXPECT_EQ(all.curve->server_key, "/etc/bonewatch/server.secret");
    EXPECT_EQ(all.curve->keys, "/etc/bonewatch/keys");
    const auto some = parse_settings("b.toml", "[curve]\ndoors = [\"feed\"]\n", "/etc/bonewatch").value();
    EXPECT_TRUE(some.needs_key("feed"));
    EXPECT_FALSE(some.needs_key("ingest"));
}

TEST(Settings, an_unlisted_publisher_has_the_defaults) {
    const auto settings = parse_settings("b.toml", "[publishers.lab]\nzone = \"Europe/Paris\"\n", "");
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->publisher("lab").zone, "Europe/Paris");
    EXPECT_EQ(settings->publisher("pharmacy").zone, "Europe/London");
}

TEST(Settings, identifier_systems_are_compared_in_lower_case) {
    const auto settings = parse_settings("b.toml", "[identity]\nstrong_systems = [\"NHS\", \"chi\"]\n", "");
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->strong_systems, (std::set<std::string>{"chi", "nhs"}));
}

TEST(Settings, a_missing_file_is_named) {
    const auto settings = load_settings("/nowhere/bonewatchd.toml");
    ASSERT_FALSE(settings.has_value());
    EXPECT_EQ(settings.error().front().place, "/nowhere/bonewatchd.toml");
}

} // namespace
} // namespace bonewatch::config
