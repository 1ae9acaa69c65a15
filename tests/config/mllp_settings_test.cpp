#include "config/settings.h"
#include "tests/config/settings_sample.h"

#include <gtest/gtest.h>

namespace bonewatch::config {
namespace {

const std::string tls = "[mllp.lab.tls]\ncertificate = \"d.pem\"\nkey = \"/k.pem\"\nca = \"ca.pem\"\n"
                        "clients = [ { name = \"lis.example.org\", publishers = [\"lab\", \"gp\"] } ]\n";

class MllpSample : public testing::TestWithParam<Sample> {};

TEST_P(MllpSample, loads_or_names_the_place) {
    const auto settings = parse_settings("b.toml", GetParam().text, "/etc/bonewatch");
    expect_only(settings ? std::vector<model::Error>{} : settings.error(), "b.toml", GetParam());
}

std::string door(const std::string& lines) {
    return "[mllp.lab]\npublisher = \"lab\"\n" + lines;
}

const std::vector<Sample> samples{
    {"valid_publisher_alone", door(""), "", ""},
    {"valid_free_port", door("endpoint = \"tcp://127.0.0.1:0\"\n"), "", ""},
    {"valid_ipv6", door("endpoint = \"tcp://[::1]:2575\"\n"), "", ""},
    {"valid_two", "[mllp.a]\npublisher = \"a\"\n[mllp.b]\npublisher = \"b\"\nendpoint = \"tcp://127.0.0.1:1\"\n", "",
     ""},
    {"reject_two_at_one_place", "[mllp.a]\npublisher = \"a\"\n[mllp.b]\npublisher = \"b\"\n", "1:1", "same endpoint"},
    {"reject_nobodys", "[mllp.lab]\n", "1:1", "say whose messages come here"},
    {"reject_sender_without_publisher", "[mllp.lab]\nsenders = [ { facility = \"RX1\" } ]\n", "2:13", "'publisher'"},
    {"reject_publisher_with_space", "[mllp.lab]\npublisher = \"the lab\"\n", "2:13", "without spaces"},
    {"reject_open_to_all", door("endpoint = \"tcp://0.0.0.0:2575\"\n"), "3:12", "set up [mllp.lab.tls]"},
    {"reject_open_to_all_ipv6", door("endpoint = \"tcp://[::]:2575\"\n"), "3:12", "set up [mllp.lab.tls]"},
    {"valid_open_with_tls", door("endpoint = \"tcp://0.0.0.0:2575\"\n" + tls), "", ""},
    {"valid_tls_on_loopback", door(tls), "", ""},
    {"reject_host_name", door("endpoint = \"tcp://localhost:2575\"\n"), "3:12", "is no endpoint"},
    {"reject_lookalike", door("endpoint = \"tcp://127.0.0.1.example.org:2575\"\n"), "3:12", "is no endpoint"},
    {"reject_large_port", door("endpoint = \"tcp://127.0.0.1:65536\"\n"), "3:12", "is no endpoint"},
    {"reject_no_port", door("endpoint = \"tcp://127.0.0.1\"\n"), "3:12", "is no endpoint"},
    {"reject_ipv6_without_brackets", door("endpoint = \"tcp://::1:2575\"\n"), "3:12", "is no endpoint"},
    {"reject_misspelt", door("idle_second = 5\n"), "3:1", "did you mean 'idle_seconds'?"},
    {"reject_no_connections", door("connections_max = 0\n"), "3:19", "from 1 to 1000"},
    {"reject_tiny_messages", door("max_message_bytes = 1023\n"), "3:21", "from 1024 to 67108864"},
    {"reject_tls_without_ca",
     door(
         "[mllp.lab.tls]\ncertificate = \"d.pem\"\nkey = \"k.pem\"\nclients = [ { name = \"a\", publishers = [\"b\"] } "
         "]\n"),
     "3:1", "'ca' is missing"},
    {"reject_tls_for_nobody", door("[mllp.lab.tls]\ncertificate = \"d.pem\"\nkey = \"k.pem\"\nca = \"c.pem\"\n"), "3:1",
     "whose certificates are let in"},
    {"reject_client_who_speaks_for_nobody",
     door("[mllp.lab.tls]\ncertificate = \"d.pem\"\nkey = \"k.pem\"\nca = \"c.pem\"\nclients = [ { name = \"a\" } ]\n"),
     "7:13", "for whom the client may speak"},
};
INSTANTIATE_TEST_SUITE_P(mllp, MllpSample, testing::ValuesIn(samples),
                         [](const auto& each) { return each.param.name; });

TEST(MllpSettings, files_are_relative_to_the_settings) {
    const auto settings = parse_settings("b.toml", door(tls), "/etc/bonewatch");
    ASSERT_TRUE(settings.has_value());
    const auto& lab = settings->mllp.at("lab");
    ASSERT_TRUE(lab.tls.has_value());
    EXPECT_EQ(lab.tls->certificate, "/etc/bonewatch/d.pem");
    EXPECT_EQ(lab.tls->key, "/k.pem");
    EXPECT_EQ(lab.tls->clients.front().publishers, (std::set<std::string>{"gp", "lab"}));
}

TEST(MllpSettings, the_first_sender_that_fits_says_whose_messages_they_are) {
    const auto settings = parse_settings("b.toml", R"([mllp.lab]
senders = [ { application = "LABSYS", facility = "RX1", publisher = "north" },
            { application = "LABSYS", publisher = "lab" },
            { facility = "GP7", publisher = "gp" } ]
)",
                                         "");
    ASSERT_TRUE(settings.has_value()) << settings.error().front().message;
    const auto& door = settings->mllp.at("lab");
    EXPECT_EQ(door.publisher_of("LABSYS", "RX1"), "north");
    EXPECT_EQ(door.publisher_of("LABSYS", "RX2"), "lab");
    EXPECT_EQ(door.publisher_of("LABSYS", ""), "lab");
    EXPECT_EQ(door.publisher_of("EMIS", "GP7"), "gp");
    EXPECT_EQ(door.publisher_of("EMIS", "GP8"), "") << "a sender whom nobody has set up";
    EXPECT_EQ(door.publisher_of("", ""), "");
}

TEST(MllpSettings, without_a_section_there_is_no_door) {
    EXPECT_TRUE(parse_settings("b.toml", "", "")->mllp.empty());
}

} // namespace
} // namespace bonewatch::config
