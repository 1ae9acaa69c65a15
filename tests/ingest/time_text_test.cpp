#include "ingest/time_text.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest {
namespace {

struct TimeCase {
    const char* name;
    const char* text;
    const char* instant;
    const char* date;
    const char* date_last;
    int clock; ///< Minutes of the local day, -1 where there is none.
    const char* warning = "";
};

class TimeTextTest : public testing::TestWithParam<TimeCase> {};

TEST_P(TimeTextTest, resolves_as_stated) {
    std::vector<std::string> warnings;
    const auto time = read_time(GetParam().text, *Zone::named("Europe/London"), warnings);
    ASSERT_TRUE(time) << time.error().message;
    EXPECT_EQ(model::to_text(time->instant), GetParam().instant);
    EXPECT_EQ(model::to_text(time->date), GetParam().date);
    EXPECT_EQ(model::to_text(time->date_last), GetParam().date_last);
    EXPECT_EQ(time->clock ? time->clock->count() : -1, GetParam().clock);
    const std::string warning = warnings.empty() ? "" : warnings.front().substr(0, warnings.front().find(':'));
    EXPECT_EQ(warning, GetParam().warning);
}

INSTANTIATE_TEST_SUITE_P(
    times, TimeTextTest,
    testing::Values(
        TimeCase{"bare_date", "2026-03-02", "2026-03-02T00:00:00Z", "2026-03-02", "2026-03-02", -1},
        TimeCase{"month", "2020-02", "2020-02-01T00:00:00Z", "2020-02-01", "2020-02-29", -1},
        TimeCase{"year", "2020", "2020-01-01T00:00:00Z", "2020-01-01", "2020-12-31", -1},
        TimeCase{"winter_utc", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z", "2026-03-01", "2026-03-01", 510},
        TimeCase{"summer_utc_is_local_next_day", "2026-07-01T23:30:00Z", "2026-07-01T23:30:00Z", "2026-07-02",
                 "2026-07-02", 30},
        TimeCase{"offset_is_the_local_clock", "2026-07-01T23:30:00-05:00", "2026-07-02T04:30:00Z", "2026-07-01",
                 "2026-07-01", 1410},
        TimeCase{"without_zone_in_summer", "2026-07-01T08:30:00", "2026-07-01T07:30:00Z", "2026-07-01", "2026-07-01",
                 510},
        TimeCase{"without_seconds", "2026-07-01T08:30", "2026-07-01T07:30:00Z", "2026-07-01", "2026-07-01", 510},
        TimeCase{"fraction", "2026-03-01T08:30:00.250Z", "2026-03-01T08:30:00.250Z", "2026-03-01", "2026-03-01", 510},
        TimeCase{"before_the_clocks_go_back", "2026-10-25T00:59:59", "2026-10-24T23:59:59Z", "2026-10-25", "2026-10-25",
                 59},
        TimeCase{"twice_takes_the_earlier", "2026-10-25T01:30:00", "2026-10-25T00:30:00Z", "2026-10-25", "2026-10-25",
                 90, "tz_ambiguous"},
        TimeCase{"after_the_clocks_went_back", "2026-10-25T02:00:00", "2026-10-25T02:00:00Z", "2026-10-25",
                 "2026-10-25", 120},
        TimeCase{"skipped_moves_forward", "2026-03-29T01:30:00", "2026-03-29T01:30:00Z", "2026-03-29", "2026-03-29",
                 150, "tz_nonexistent"}),
    [](const auto& tested) { return tested.param.name; });

TEST(TimeText, reject_what_does_not_exist) {
    std::vector<std::string> warnings;
    const auto zone = Zone::named("Europe/London");
    for (const char* text : {"", "20", "2026-13", "2026-02-30", "2026-2-3", "01/02/2026", "2026-03-01T24:00:00Z",
                             "2026-03-01T08Z", "2026-03-01T08:30:00+25:00", "2026-03-01T08:61:00Z", "yesterday",
                             "20260301", "2026-03-01T08:30:00 Europe/London", "0000", "2026-00-01"}) {
        const auto time = read_time(text, *zone, warnings);
        if (std::string_view(text) == "0000") // A year that exists, long before any patient.
            EXPECT_TRUE(refuse_time(*time, std::nullopt));
        else
            EXPECT_FALSE(time) << text;
    }
}

TEST(TimeText, unknown_zone_is_named) {
    const auto zone = Zone::named("Europe/Londn");
    ASSERT_FALSE(zone);
    EXPECT_EQ(zone.error().reason, "unknown_zone");
}

TEST(TimeText, more_than_400_days_ahead_or_before_1880_is_refused) {
    const auto received = model::parse_instant("2026-01-01").value();
    const auto refused = [&](const char* date) {
        const auto error = refuse_time(model::on_date(model::parse_date(date).value()), received);
        return error ? error->reason : "";
    };
    EXPECT_EQ(refused("2027-02-05"), ""); // Day 400.
    EXPECT_EQ(refused("2027-02-06"), "too_far_ahead");
    EXPECT_EQ(refused("1880-01-01"), "");
    EXPECT_EQ(refused("1879-12-31"), "too_early");
    EXPECT_FALSE(refuse_time(model::on_date(model::parse_date("2150-01-01").value()), std::nullopt));
}

} // namespace
} // namespace bonewatch::ingest
