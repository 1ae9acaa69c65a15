#include "daemon/patient_answers.h"
#include "store/partition.h"
#include "tests/daemon/clinic.h"
#include "tests/simulation/histories.h"
#include "tests/simulation/stories.h"

#include <gmock/gmock.h>

#include <iostream>

namespace bonewatch::daemon {
namespace {

using simulation::History;

/// An answer without the line that says when it was known.
std::string without_heading(const std::string& text) {
    return text.substr(text.find('\n') + 1);
}

std::string reason_of(const model::Result<std::string>& answer) {
    return answer ? "" : answer.error().reason;
}

Instant instant(const std::string& text) {
    return *model::parse_instant(text);
}

constexpr const char* suppressed = R"({"type":"patient","patient":"nhs:9990000018","sex":"female","born":"1970-03-01"}
{"type":"result","id":"A","patient":"nhs:9990000018","code":"tsh","value":"0.05","unit":"mU/L","at":"2024-01-10"}
)";
constexpr const char* again =
    R"({"type":"result","id":"B","patient":"nhs:9990000018","code":"tsh","value":"0.05","unit":"mU/L","at":"2024-05-10"}
)";
constexpr const char* corrected = R"({"type":"result","id":"B","patient":"nhs:9990000018","code":"tsh","value":"1.2",)"
                                  R"("unit":"mU/L","at":"2024-05-10","version":2})";

PatientQuestion about_tsh(std::optional<std::string> at, std::optional<std::string> as_known_at) {
    return {"nhs:9990000018", "", "tsh-suppressed", std::move(at), std::move(as_known_at)};
}

TEST(KnownThen, a_corrected_result_was_still_low_when_the_alert_was_told) {
    Clinic clinic;
    clinic.admit_lines(suppressed, instant("2024-01-11"));
    clinic.admit_lines(again, instant("2024-05-11"));
    clinic.admit_lines(corrected, instant("2024-06-01"));
    const Instant now = instant("2024-07-01");
    const auto asked = [&](auto... times) { return explain(clinic.core(), about_tsh(times...), {now, now}).value(); };
    EXPECT_THAT(asked(std::nullopt, "2024-05-12"), testing::HasSubstr("at 2024-05-12T00:00:00Z: OPEN"));
    EXPECT_THAT(asked("2024-05-12", std::nullopt), testing::HasSubstr("at 2024-05-12T00:00:00Z: not open"));
    EXPECT_THAT(asked("2024-05-12", "2024-06-01"), testing::HasSubstr("at 2024-05-12T00:00:00Z: not open"));
    EXPECT_THAT(asked("2024-05-12", "2024-05-31T23:59:59Z"), testing::HasSubstr("at 2024-05-12T00:00:00Z: OPEN"));
    EXPECT_THAT(asked(std::nullopt, "2024-05-12"), testing::StartsWith("as known at 2024-05-12T00:00:00Z, by the"));
}

TEST(KnownThen, what_was_not_known_yet_and_what_cannot_be_known) {
    Clinic clinic;
    clinic.admit_lines(suppressed, instant("2024-01-11T10:00:00Z"));
    const Instant now = instant("2024-07-01");
    const auto refused = [&](auto... times) {
        return reason_of(explain(clinic.core(), about_tsh(times...), {now, now}));
    };
    EXPECT_EQ(refused(std::nullopt, "2024-01-11T09:59:59Z"), "not_known_then");
    EXPECT_EQ(refused(std::nullopt, "2024-01-11T10:00:00Z"), "");
    EXPECT_EQ(refused(std::nullopt, "2024-07-02"), "ahead");
    EXPECT_EQ(refused("2024-07-02", std::nullopt), "ahead");
    EXPECT_EQ(refused("2024-03-02", "2024-03-01"), "before_at");
    EXPECT_EQ(refused("2024-03-01", "2024-03-01"), "");
    EXPECT_EQ(refused(std::nullopt, "yesterday"),
              reason_of(explain(clinic.core(), about_tsh("yesterday", {}), {now, now})));
}

TEST(KnownThen, the_monitors_are_those_of_then) {
    Clinic clinic;
    clinic.admit_lines(suppressed, instant("2024-01-11"));
    clinic.admit_lines(again, instant("2024-05-11"));
    const auto stricter = shipped_revision({{"tsh-suppressed.low", "0.04 mU/L"}});
    ASSERT_TRUE(clinic.core().replay(store::partition_of(model::PatientNumber{1}),
                                     {instant("2024-06-01"), stricter->record()}));
    ASSERT_TRUE(clinic.core().commit());
    const Instant now = instant("2024-07-01");
    const auto then = [&](const char* known_at) {
        return explain(clinic.core(), about_tsh(std::nullopt, known_at), {now, now}).value();
    };
    EXPECT_THAT(then("2024-05-31"), testing::HasSubstr(": OPEN"));
    EXPECT_THAT(then("2024-05-31"), testing::HasSubstr("low = 0.1 mU/L"));
    EXPECT_THAT(then("2024-06-01"), testing::HasSubstr(": not open"));
    EXPECT_THAT(then("2024-06-01"), testing::HasSubstr("low = 0.04 mU/L"));
}

struct Compared {
    int answers = 0, refusals = 0;
};

void expect_same(const model::Result<std::string>& later, const model::Result<std::string>& then, Compared& compared) {
    ASSERT_EQ(later.has_value(), then.has_value());
    ++(then ? compared.answers : compared.refusals);
    if (then) {
        EXPECT_EQ(without_heading(*later), *then);
    }
}

/// Late, corrected, retracted, moved, repeated and disputed facts: what is said of then is what was said then.
TEST(KnownThen, equals_what_was_answered_at_that_time) {
    constexpr std::uint64_t seeds = 12;
    constexpr std::size_t cuts = 5;
    Compared compared;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulation::HistoryOptions options;
        options.days = 700;
        const History history = simulation::history(seed, options);
        Clinic later;
        for (const simulation::Published& one : history.published)
            later.admit({one.event}, one.recorded);
        Clinic then;
        std::size_t fed = 0;
        for (std::size_t cut = 1; cut <= cuts; ++cut) {
            for (; fed < history.published.size() * cut / (cuts + 1); ++fed)
                then.admit({history.published[fed].event}, history.published[fed].recorded);
            const Instant at = then.core().now();
            // Facts that arrive together are known together.
            for (; history.published[fed].recorded == at; ++fed)
                then.admit({history.published[fed].event}, at);
            SCOPED_TRACE("as known at " + model::to_text(at));
            for (const int patient : {0, 1}) {
                const std::string identifier = model::to_text(simulation::identifier_of(patient));
                std::vector<std::optional<std::string>> monitors{std::nullopt};
                for (const monitors::Monitor& monitor : shipped_revision()->catalogue->monitors())
                    monitors.emplace_back(monitor.id.text);
                for (const auto& monitor : monitors)
                    expect_same(explain(later.core(), {identifier, "", monitor, {}, model::to_text(at)},
                                        {history.now, history.now}),
                                explain(then.core(), {identifier, "", monitor, {}, {}}, {at, at}), compared);
                expect_same(
                    timeline(later.core(), {identifier, "", {}, {}, model::to_text(at)}, {history.now, history.now}),
                    timeline(then.core(), {identifier, "", {}, {}, {}}, {at, at}), compared);
                if (HasFailure())
                    return;
            }
        }
    }
    std::cout << compared.answers << " answers compared, " << compared.refusals << " of patients not known yet\n";
    EXPECT_GT(compared.answers, 5000);
}

} // namespace
} // namespace bonewatch::daemon
