#include "config/key_text.h"
#include "config/keys.h"
#include "tests/store/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>

namespace bonewatch::config {
namespace {

/// Z85 of 32 bytes: five characters a word.
const std::string key_a = "HelloWorldHelloWorldHelloWorldHelloWorld";
const std::string key_b = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"; // ZeroMQ RFC 26 prints it.

struct KeyText {
    std::string name;
    std::string text;
    bool is_key;
    friend std::ostream& operator<<(std::ostream& out, const KeyText& sample) { return out << sample.name; }
};
class KeyTexts : public testing::TestWithParam<KeyText> {};
TEST_P(KeyTexts, is_a_key_or_not) {
    EXPECT_EQ(is_key(GetParam().text), GetParam().is_key);
}
INSTANTIATE_TEST_SUITE_P(
    keys, KeyTexts,
    testing::Values(KeyText{"valid_of_the_standard", key_b, true}, KeyText{"valid_zero", std::string(40, '0'), true},
                    KeyText{"valid_greatest_word", std::string(35, '0') + "%nSc0", true},
                    KeyText{"reject_beyond_the_greatest_word", std::string(35, '0') + "%nSc1", false},
                    KeyText{"reject_short", std::string(39, '0'), false},
                    KeyText{"reject_long", std::string(41, '0'), false}, KeyText{"reject_empty", "", false},
                    KeyText{"reject_other_character", std::string(39, '0') + "_", false},
                    KeyText{"reject_quote", std::string(39, '0') + "\"", false}),
    [](const auto& each) { return each.param.name; });

TEST(Fingerprint, is_short_and_of_the_whole_key) {
    std::string other = key_a;
    other.back() = 'e';
    EXPECT_EQ(fingerprint(key_a).size(), 24U);
    EXPECT_NE(fingerprint(key_a), fingerprint(other));
}

struct Sample {
    std::string name;
    std::string text;
    std::string place;   ///< Empty: the sample is sound.
    std::string message; ///< A part of it.
    friend std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.name; }
};
class KeyFile : public testing::TestWithParam<Sample> {};
TEST_P(KeyFile, loads_or_names_the_place) {
    const Sample& sample = GetParam();
    const auto client = parse_client_key("lab.pub", "lab", sample.text);
    if (sample.place.empty()) {
        EXPECT_TRUE(client.has_value()) << client.error().front().message;
        return;
    }
    ASSERT_FALSE(client.has_value());
    EXPECT_EQ(client.error().front().place, "lab.pub:" + sample.place) << client.error().front().message;
    EXPECT_NE(client.error().front().message.find(sample.message), std::string::npos) << client.error().front().message;
}
const std::string sound = "public_key = \"" + key_a + "\"\nroles = [\"publisher\"]\n";
INSTANTIATE_TEST_SUITE_P(
    keys, KeyFile,
    testing::Values(
        Sample{"valid_shortest", sound, "", ""},
        Sample{"valid_dates", sound + "not_after = \"2027-11-28\"\nrevoked = \"2026-11-28T10:00:00Z\"\n", "", ""},
        Sample{"valid_no_role", "public_key = \"" + key_a + "\"\nroles = []\n", "", ""},
        Sample{"reject_no_roles", "public_key = \"" + key_a + "\"\n", "1:1", "'roles' is missing"},
        Sample{"reject_no_key", "roles = [\"publisher\"]\n", "1:1", "'public_key' is missing"},
        Sample{"reject_empty", "", "1:1", "missing"},
        Sample{"reject_cut_in_the_key", "public_key = \"" + key_a.substr(0, 20), "1:35", ""},
        Sample{"reject_cut_in_the_roles", sound.substr(0, sound.size() - 4), "2:19", ""},
        Sample{"reject_short_key", "public_key = \"abc\"\nroles = []\n", "1:14", "40 characters"},
        Sample{"reject_misspelt_role", "public_key = \"" + key_a + "\"\nroles = [\"publisers\"]\n", "2:9",
               "did you mean 'publisher'?"},
        Sample{"reject_misspelt_member", sound + "not_afer = \"2027-11-28\"\n", "3:1", "did you mean 'not_after'?"},
        Sample{"reject_bad_date", sound + "not_after = \"2027-02-30\"\n", "3:13", "is a date"},
        Sample{"reject_source_with_space", sound + "sources = [\"north lab\"]\n", "3:11", "without spaces"},
        Sample{"reject_a_secret", sound + "secret_key = \"" + key_b + "\"\n", "3:14", "stays with its owner"},
        Sample{"reject_half_rotated", sound + "previous_key = \"" + key_b + "\"\n", "1:1", "stand together"}),
    [](const auto& each) { return each.param.name; });

TEST(ClientKey, is_read_as_it_was_written) {
    ClientKey client{.name = "lab", .public_key = key_a};
    client.roles = {Role::publisher, Role::operations};
    client.sources = {"north-lab", "*"};
    client.consumers = {"ward-7"};
    client.not_after = parse_until("2027-11-28").value();
    client.revoked = parse_until("2026-11-28T10:00:00Z").value();
    client.note = "Jo \"North\" \\ ext. 12\n";
    client.previous_key = key_b;
    client.previous_until = parse_until("2026-12-01").value();
    const auto read = parse_client_key("lab.pub", "lab", to_text(client));
    ASSERT_TRUE(read.has_value()) << read.error().front().message;
    EXPECT_EQ(read->roles, client.roles);
    EXPECT_EQ(read->sources, client.sources);
    EXPECT_EQ(read->consumers, client.consumers);
    EXPECT_EQ(read->not_after, client.not_after);
    EXPECT_EQ(read->revoked, client.revoked);
    EXPECT_EQ(read->previous_key, client.previous_key);
    EXPECT_EQ(read->previous_until, client.previous_until);
    EXPECT_EQ(read->note, "Jo \"North\" \\ ext. 12 ");
}

TEST(ClientKey, a_file_that_was_cut_anywhere_lets_nobody_in) {
    ClientKey client{.name = "lab", .public_key = key_a, .roles = {Role::publisher}, .sources = {"lab"}};
    client.not_after = parse_until("2020-01-01").value();
    const std::string text = to_text(client);
    for (std::size_t length = 0; length < text.size() - 1; ++length)
        EXPECT_FALSE(parse_client_key("lab.pub", "lab", text.substr(0, length)).has_value()) << text.substr(0, length);
}

TEST(ClientKey, speaks_for_its_own_name_where_nothing_is_said) {
    const auto client = parse_client_key("lab.pub", "lab", sound).value();
    EXPECT_TRUE(client.may_speak_for("lab"));
    EXPECT_FALSE(client.may_speak_for("other-lab"));
    EXPECT_TRUE(client.may_subscribe_as("lab"));
    EXPECT_FALSE(client.may_subscribe_as("ward-7"));
}

ClientKey client_of(const std::string& name, const std::string& key) {
    return {.name = name, .public_key = key, .roles = {Role::publisher}, .sources = {name}};
}

TEST(KeyRing, a_key_is_good_until_its_last_day_is_over) {
    auto client = client_of("lab", key_a);
    client.not_after = parse_until("2027-11-28").value();
    std::vector<model::Error> problems;
    const auto ring = KeyRing::of({{"lab", client}}, problems);
    const auto end = model::parse_instant("2027-11-29T00:00:00Z").value();
    EXPECT_EQ(ring.standing(key_a, end - std::chrono::milliseconds(1)), Standing::good);
    EXPECT_EQ(ring.standing(key_a, end), Standing::expired);
    EXPECT_EQ(ring.standing(key_b, end), Standing::unknown);
}

TEST(KeyRing, both_keys_are_good_while_a_client_rotates) {
    auto client = client_of("lab", key_a);
    client.previous_key = key_b;
    client.previous_until = parse_until("2027-11-28T00:00:00Z").value();
    std::vector<model::Error> problems;
    const auto ring = KeyRing::of({{"lab", client}}, problems);
    const auto end = *client.previous_until;
    EXPECT_EQ(ring.standing(key_b, end - std::chrono::milliseconds(1)), Standing::good);
    EXPECT_EQ(ring.standing(key_b, end), Standing::expired);
    EXPECT_EQ(ring.standing(key_a, end), Standing::good);
    EXPECT_NE(ring.find(key_a)->grant, ring.find(key_b)->grant);
}

TEST(KeyRing, a_revoked_client_has_no_good_key) {
    auto client = client_of("lab", key_a);
    client.previous_key = key_b;
    client.previous_until = parse_until("2099-01-01").value();
    client.revoked = model::Instant{};
    std::vector<model::Error> problems;
    const auto ring = KeyRing::of({{"lab", client}}, problems);
    EXPECT_EQ(ring.standing(key_a, {}), Standing::revoked);
    EXPECT_EQ(ring.standing(key_b, {}), Standing::revoked);
    EXPECT_FALSE(ring.is_granted(ring.find(key_a)->grant, {}));
}

TEST(KeyRing, a_key_of_two_clients_is_nobodys) {
    std::vector<model::Error> problems;
    const auto ring = KeyRing::of(
        {{"a", client_of("a", key_a)}, {"b", client_of("b", key_a)}, {"c", client_of("c", key_b)}}, problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems.front().reason, "same_key");
    EXPECT_EQ(ring.standing(key_a, {}), Standing::unknown);
    EXPECT_EQ(ring.standing(key_b, {}), Standing::good);
}

TEST(KeyRing, a_grant_changes_with_what_the_key_may_do_and_with_nothing_else) {
    std::vector<model::Error> problems;
    const auto grant = [&](const ClientKey& client) {
        return KeyRing::of({{"lab", client}}, problems).find(key_a)->grant;
    };
    const auto lab = client_of("lab", key_a);
    auto noted = lab;
    noted.note = "x";
    auto dated = lab;
    dated.not_after = parse_until("2099-01-01").value();
    EXPECT_EQ(grant(lab), grant(noted));
    EXPECT_EQ(grant(lab), grant(dated));
    auto more_roles = lab;
    more_roles.roles.insert(Role::admin);
    auto more_sources = lab;
    more_sources.sources.insert("south-lab");
    auto more_consumers = lab;
    more_consumers.consumers.insert("south-lab");
    EXPECT_NE(grant(lab), grant(more_roles));
    EXPECT_NE(grant(lab), grant(more_sources));
    EXPECT_NE(grant(lab), grant(more_consumers));
    EXPECT_NE(grant(more_sources), grant(more_consumers));
}

class SecretFile : public testing::Test {
  protected:
    tests::ScratchFolder folder_;
    std::filesystem::path path_ = folder_.path() / "lab.secret";

    void write(const std::string& text, std::filesystem::perms perms) {
        std::ofstream(path_) << text;
        std::filesystem::permissions(path_, perms);
    }
};

TEST_F(SecretFile, is_read_where_its_owner_alone_can) {
    using std::filesystem::perms;
    write(to_text(SecretKey{key_a, key_b}), perms::owner_read | perms::owner_write);
    const auto key = load_secret_key(path_);
    ASSERT_TRUE(key.has_value()) << key.error().message;
    EXPECT_EQ(key->public_key, key_a);
    EXPECT_EQ(key->secret_key, key_b);
    EXPECT_EQ(public_key_of(path_.string()).value(), key_a);
    EXPECT_EQ(public_key_of(key_b).value(), key_b);
    for (const perms open : {perms::group_read, perms::others_read, perms::group_write, perms::others_write}) {
        std::filesystem::permissions(path_, perms::owner_read | perms::owner_write | open);
        EXPECT_EQ(load_secret_key(path_).error().reason, "secret_is_open");
    }
}

TEST_F(SecretFile, names_the_place_and_never_the_key) {
    write("public_key = \"" + key_a + "\"\nsecret_key = \"" + key_b.substr(1) + "\"\n",
          std::filesystem::perms::owner_all);
    const auto key = load_secret_key(path_);
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().place, path_.string() + ":2:14");
    EXPECT_EQ(key.error().message.find(key_b.substr(1, 8)), std::string::npos);
}

} // namespace
} // namespace bonewatch::config
