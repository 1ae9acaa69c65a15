#include "store/keys.h"

#include "store/key_value.h"

#include <gtest/gtest.h>

namespace bonewatch::store {
namespace {

using namespace model;
using namespace std::string_view_literals;

constexpr Partition third{3};
const Instant noon = *parse_instant("2026-03-01T12:00:00Z");

TEST(Keys, the_readmes_examples_are_what_is_written) {
    const Partition partition = partition_of({1});
    const FactKey fact{PublisherId("lab"), FactId("L-1")};
    EXPECT_EQ(fact_key(partition, {1}, fact), "\x2f\x00\x00\x00\x00\x00\x00\x00\x01"
                                              "\x48\xec\x64\x9d\x44\xbb\x2b\x15\x22\xa0\xc9\x6d\xaf\x7a\x77\x58"sv);
    EXPECT_EQ(timer_key(partition, *parse_instant("2026-03-02"), {1}),
              "\x2f\x80\x00\x01\x9c\xab\xd8\x38\x00\x00\x00\x00\x00\x00\x00\x00\x01"sv);
}

TEST(Keys, are_read_back) {
    const auto position = parse_position_key(position_key(third, 300));
    EXPECT_EQ(position.value().partition, third);
    EXPECT_EQ(position.value().position, 300u);

    EXPECT_EQ(parse_patient_key(patient_key(third, {42})).value().patient.value, 42u);

    const auto alert = parse_alert_key(alert_key(third, {42}, MonitorId("tsh-low"), 7));
    EXPECT_EQ(alert.value().patient.value, 42u);
    EXPECT_EQ(alert.value().monitor, MonitorId("tsh-low"));
    EXPECT_EQ(alert.value().ordinal, 7u);

    const auto timer = parse_timer_key(timer_key(third, noon, {42}));
    EXPECT_EQ(timer.value().partition, third);
    EXPECT_EQ(timer.value().due, noon);
    EXPECT_EQ(timer.value().patient.value, 42u);

    EXPECT_EQ(parse_quarantine_key(quarantine_key(9)), 9u);
    const std::string group = quarantine_group_key(PublisherId("lab"), "unknown_unit", "$.unit");
    EXPECT_EQ(parse_quarantine_index_key(quarantine_waiting_key(group, 9)), 9u);
    EXPECT_EQ(parse_quarantine_index_key(quarantine_patient_key(std::string(16, 'd'), 9)), 9u);
    EXPECT_FALSE(parse_quarantine_key(quarantine_waiting_key(group, 9)));
}

TEST(Keys, other_bytes_are_no_key) {
    const std::string key = position_key(third, 300);
    EXPECT_FALSE(parse_position_key(key.substr(1)));
    EXPECT_FALSE(parse_position_key(key + "x"));
    EXPECT_FALSE(parse_position_key("\x40" + key.substr(1)));
    EXPECT_TRUE(parse_position_key("\x3f" + key.substr(1)));
    EXPECT_FALSE(parse_timer_key(key));
    EXPECT_FALSE(parse_alert_key(key));
    EXPECT_FALSE(parse_quarantine_key(key));
}

TEST(Keys, timers_sort_by_time_also_before_1970) {
    const Instant before_epoch = *parse_instant("1969-12-31T23:59:59Z");
    const Instant epoch{};
    EXPECT_LT(timer_key(third, before_epoch, {9}), timer_key(third, epoch, {1}));
    EXPECT_LT(timer_key(third, epoch, {1}), timer_key(third, epoch, {2}));
    EXPECT_LT(timer_key(third, epoch, {2}), timer_key(third, noon, {1}));
    EXPECT_EQ(parse_timer_key(timer_key(third, before_epoch, {9})).value().due, before_epoch);
}

TEST(Keys, positions_sort_as_numbers_within_their_partition) {
    EXPECT_LT(position_key(third, 255), position_key(third, 256));
    EXPECT_LT(position_key(third, ~0ull), position_key({4}, 0));
}

TEST(Keys, alerts_of_one_monitor_are_neighbours_in_order) {
    const MonitorId low("tsh-low");
    const MonitorId lower("tsh-low-2");
    const std::string prefix = alert_prefix(third, {1}, low);
    EXPECT_TRUE(alert_key(third, {1}, low, 0).starts_with(prefix));
    EXPECT_FALSE(alert_key(third, {1}, lower, 0).starts_with(prefix));
    EXPECT_LT(alert_key(third, {1}, low, 255), alert_key(third, {1}, low, 256));
    EXPECT_LT(alert_key(third, {1}, low, ~0u), alert_key(third, {1}, lower, 0));
    EXPECT_TRUE(prefix.starts_with(patient_key(third, {1})));
}

TEST(Keys, a_facts_key_shows_neither_publisher_nor_id) {
    const FactKey fact{PublisherId("north-lab"), FactId("nhs:9990000018")};
    const std::string key = fact_key(third, {1}, fact);
    EXPECT_EQ(key.find("9990000018"), std::string::npos);
    EXPECT_EQ(key.find("north-lab"), std::string::npos);
    EXPECT_NE(key, fact_key(third, {1}, {PublisherId("north-la"), FactId("bnhs:9990000018")}));
}

TEST(Keys, domains_keep_equal_texts_apart) {
    EXPECT_NE(key_digest('a', "x"), key_digest('b', "x"));
}

struct PrefixCase {
    const char* name;
    std::string_view prefix;
    std::string_view after;
};

class Prefixes : public testing::TestWithParam<PrefixCase> {};

TEST_P(Prefixes, end_before_the_next) {
    EXPECT_EQ(after_prefix(GetParam().prefix), GetParam().after);
}

INSTANTIATE_TEST_SUITE_P(Keys, Prefixes,
                         testing::Values(PrefixCase{"plain", "ab", "ac"}, PrefixCase{"carry", "a\xff", "b"},
                                         PrefixCase{"sign", "\x7f", "\x80"}, PrefixCase{"last", "\xff\xff", ""},
                                         PrefixCase{"empty", "", ""}),
                         [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace bonewatch::store
