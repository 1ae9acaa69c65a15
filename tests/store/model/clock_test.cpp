#include "store/model/clock.h"

#include <gtest/gtest.h>

namespace bonewatch::model {
namespace {

Date date(const char* text) {
    return parse_date(text).value();
}

struct Step {
    const char* name;
    const char* from;
    int months;
    const char* to;
};

class Steps : public testing::TestWithParam<Step> {};

TEST_P(Steps, are_calendar_steps) {
    EXPECT_EQ(to_text(add_months(date(GetParam().from), GetParam().months)), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(Clock, Steps,
                         testing::Values(Step{"plain", "2026-03-01", 3, "2026-06-01"},
                                         Step{"no_such_day", "2026-01-31", 1, "2026-02-28"},
                                         Step{"leap_year", "2024-01-31", 1, "2024-02-29"},
                                         Step{"day_30_into_april", "2026-03-31", 1, "2026-04-30"},
                                         Step{"over_new_year", "2025-11-30", 3, "2026-02-28"},
                                         Step{"back", "2026-03-31", -1, "2026-02-28"},
                                         Step{"nothing", "2024-02-29", 0, "2024-02-29"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Clock, a_leap_day_and_a_year_is_28_february) {
    EXPECT_EQ(to_text(add_years(date("2024-02-29"), 1)), "2025-02-28");
    EXPECT_EQ(to_text(add_years(date("2024-02-29"), 4)), "2028-02-29");
}

struct InstantCase {
    const char* name;
    const char* text;
    const char* utc;
};

class Instants : public testing::TestWithParam<InstantCase> {};

TEST_P(Instants, are_read_as_utc) {
    EXPECT_EQ(to_text(parse_instant(GetParam().text).value()), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(
    Clock, Instants,
    testing::Values(InstantCase{"utc", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z"},
                    InstantCase{"east", "2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00Z"},
                    InstantCase{"west", "2026-02-28T23:30:00-05:00", "2026-03-01T04:30:00Z"},
                    InstantCase{"no_seconds", "2026-03-01T08:30Z", "2026-03-01T08:30:00Z"},
                    InstantCase{"milliseconds", "2026-03-01T08:30:00.25Z", "2026-03-01T08:30:00.250Z"},
                    InstantCase{"finer_is_cut", "2026-03-01T08:30:00.123999Z", "2026-03-01T08:30:00.123Z"},
                    InstantCase{"leap_second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
                    InstantCase{"date", "2026-03-01", "2026-03-01T00:00:00Z"},
                    InstantCase{"before_1970", "1958-07-14T12:00:00.001Z", "1958-07-14T12:00:00.001Z"},
                    InstantCase{"offset_14", "2026-03-01T14:00:00+14:00", "2026-03-01T00:00:00Z"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Clock, texts_that_are_no_instant_are_malformed) {
    for (const char* text : {"", "2026", "2026-03", "2026-02-29", "2026-13-01", "2026-00-10", "2026-03-00",
                             "2026-03-01T", "2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z", "2026-03-01T08:30:61Z",
                             "2026-03-01T08:30:00", "2026-03-01T08:30:00+15:00", "2026-03-01T08:30:00+01:60",
                             "2026-03-01T08:30:00.Z", "2026-03-01T08:30:00Zx", "26-03-01", " 2026-03-01"})
        EXPECT_FALSE(parse_instant(text).has_value()) << text;
    EXPECT_TRUE(parse_instant("2024-02-29").has_value());
    EXPECT_TRUE(parse_instant("2026-03-01T23:59:59Z").has_value());
}

TEST(Clock, a_date_is_nothing_but_a_date) {
    EXPECT_TRUE(parse_date("2026-03-01").has_value());
    EXPECT_FALSE(parse_date("2026-03-01T00:00:00Z").has_value());
    EXPECT_FALSE(parse_date("2026-3-1").has_value());
}

TEST(Clock, midnight_belongs_to_its_own_day) {
    const Instant midnight = date("2026-03-01");
    const std::chrono::milliseconds one(1);
    EXPECT_EQ(date_of(midnight), date("2026-03-01"));
    EXPECT_EQ(date_of(midnight - one), date("2026-02-28"));
    EXPECT_EQ(midnight_from(midnight), midnight);
    EXPECT_EQ(midnight_from(midnight + one), Instant(date("2026-03-02")));
    EXPECT_EQ(midnight_from(midnight - one), midnight);
}

TEST(Clock, a_bare_date_has_no_clock_and_an_instant_has_one) {
    EXPECT_FALSE(on_date(date("2026-03-01")).clock.has_value());
    EXPECT_EQ(at_utc(parse_instant("2026-03-01T08:30:59Z").value()).clock, std::chrono::minutes(510));
    EXPECT_FALSE(on_date(date("2026-03-01")).is_partial());
    ClinicalTime month = on_date(date("2026-03-01"));
    month.date_last = date("2026-03-31");
    EXPECT_TRUE(month.is_partial());
}

} // namespace
} // namespace bonewatch::model
