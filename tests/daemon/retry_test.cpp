#include "daemon/retry.h"
#include "store/keys.h"
#include "tests/daemon/clinic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace bonewatch::daemon {
namespace {

using ingest::Format;

const Instant then = *model::parse_instant("2026-06-01T09:00:00Z");
const Instant now = *model::parse_instant("2026-06-08T09:00:00Z");

std::string tsh(const std::string& id, const std::string& value, const std::string& unit, const std::string& at,
                const std::string& more = "") {
    return R"({"type":"result","id":")" + id + R"(","patient":"nhs:9990000018","code":"tsh","value":)" + value +
           R"(,"unit":")" + unit + R"(","at":")" + at + "\"" + more + "}\n";
}

/// A daemon's way in over a store in memory, whose publisher's spellings of units can be set.
class Workplace {
  public:
    std::string take(const std::string& message, Format format = Format::native, bool is_backfill = false) {
        const ingest::Publisher lab{model::PublisherId("lab"), &settings_};
        const auto result = intake_.take(message, format, lab, is_backfill, std::max(then, core().now()));
        EXPECT_TRUE(result && core().commit());
        std::string out;
        for (const ingest::EventOutcome& outcome : result->outcomes)
            out += (out.empty() ? "" : " ") + outcome.outcome;
        return out;
    }
    std::string again(std::uint64_t number, Instant when = now) {
        Retry retry(core(), [this](std::string_view) -> const config::PublisherSettings& { return settings_; }, 4096);
        const auto tried = retry.again(number, when);
        EXPECT_TRUE(core().commit());
        return tried ? tried->outcome : tried.error().reason;
    }
    void map(const std::string& spelling) { settings_.units[spelling] = "mU/L"; }
    ShelvedRow row(std::uint64_t number) { return core().shelf().row(number).value().value(); }
    Core& core() { return clinic_.core(); }
    Clinic& clinic() { return clinic_; }
    /// Records of the journal that name what they were in quarantine.
    std::vector<store::Record> retried_records() {
        std::vector<store::Record> out;
        EXPECT_TRUE(clinic_.store().scan(store::Table::journal, "", "", [&](std::string_view, std::string_view bytes) {
            auto record = store::decode_record(bytes).value();
            const auto* event = std::get_if<store::EventRecord>(&record.body);
            if (event != nullptr && event->retried != 0)
                out.push_back(std::move(record));
            return true;
        }));
        return out;
    }

  private:
    config::PublisherSettings settings_;
    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

TEST(Retry, journals_a_record_of_now_that_names_the_original) {
    Workplace place;
    EXPECT_EQ(place.take(tsh("a", "0.02", "furlong", "2026-05-01")), "quarantined");
    EXPECT_EQ(place.again(1), "quarantined");
    EXPECT_TRUE(place.retried_records().empty());
    place.map("furlong");
    EXPECT_EQ(place.again(1), "applied");
    const auto records = place.retried_records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records.front().recorded_at, now);
    EXPECT_EQ(std::get<store::EventRecord>(records.front().body).retried, 1u);
    EXPECT_EQ(place.row(1).outcome, "applied");
    EXPECT_EQ(place.row(1).tries.size(), 2u);
    EXPECT_EQ(place.again(1), "resolved") << "it waits no longer";
    EXPECT_EQ(place.retried_records().size(), 1u);
    EXPECT_EQ(place.again(2), "no_such_number");
}

/// Retried in any order, and among what came in good order, it ends in the same facts.
TEST(Retry, order_does_not_matter) {
    const std::vector<std::string> lines{tsh("a", "0.02", "furlong", "2026-01-01"),
                                         tsh("a", "0.3", "ell", "2026-01-01", R"(,"version":2)"),
                                         tsh("b", "0.03", "furlong", "2026-05-01")};
    std::vector<std::uint64_t> order{1, 2, 3};
    std::set<std::string> ends;
    do {
        Workplace place;
        for (const std::string& line : lines)
            EXPECT_EQ(place.take(line), "quarantined");
        place.map("furlong");
        place.map("ell");
        for (const std::uint64_t number : order)
            place.again(number);
        std::string end;
        EXPECT_TRUE(place.clinic().store().scan(store::Table::facts, "", "", [&](auto key, auto value) {
            end += std::string(key) + std::string(value);
            return true;
        }));
        ends.insert(end);
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(ends.size(), 1u);
}

TEST(Retry, a_backfill_stays_one) {
    Workplace place;
    EXPECT_EQ(place.take(tsh("a", "0.02", "furlong", "2026-05-01"), Format::native, true), "quarantined");
    place.map("furlong");
    EXPECT_EQ(place.again(1), "applied");
    const auto records = place.retried_records();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_TRUE(std::get<store::EventRecord>(records.front().body).is_backfill);
}

TEST(Retry, what_was_published_again_in_good_order_stays_as_it_is) {
    Workplace place;
    EXPECT_EQ(place.take(tsh("a", "3", "furlong", "2026-05-01")), "quarantined");
    EXPECT_EQ(place.take(tsh("a", "3", "mU/L", "2026-05-01")), "applied");
    place.map("furlong");
    EXPECT_EQ(place.again(1), "replaced");
    EXPECT_TRUE(place.retried_records().empty());
    EXPECT_EQ(place.row(1).outcome, "replaced");
}

TEST(Retry, what_cannot_be_used_still_waits_for_its_new_reason) {
    Workplace place;
    EXPECT_EQ(place.take(tsh("a", "-3", "furlong", "2026-05-01")), "quarantined");
    EXPECT_EQ(place.row(1).reason, "unknown_unit");
    place.map("furlong");
    EXPECT_EQ(place.again(1), "quarantined");
    EXPECT_EQ(place.row(1).reason, "impossible_value");
    EXPECT_EQ(place.row(1).text, "-3");
    EXPECT_TRUE(place.row(1).is_waiting());
}

TEST(Retry, time_alone_may_mend_it) {
    Workplace place;
    EXPECT_EQ(place.take(tsh("a", "3", "mU/L", "2027-07-10")), "quarantined") << "more than 400 days ahead";
    EXPECT_EQ(place.again(1, then + std::chrono::days(30)), "applied");
}

TEST(Retry, a_fact_that_came_later_takes_its_retraction) {
    Workplace place;
    EXPECT_EQ(place.take(R"({"resourceType":"Observation","id":"o","status":"entered-in-error",)"
                         R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]}})",
                         Format::fhir),
              "quarantined");
    EXPECT_EQ(place.again(1), "quarantined");
    EXPECT_EQ(place.take(R"({"resourceType":"Observation","id":"o","status":"final",)"
                         R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                         R"("subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-05-01",)"
                         R"("valueQuantity":{"value":3,"unit":"mU/L"}})",
                         Format::fhir),
              "applied");
    EXPECT_EQ(place.again(1), "applied");
}

} // namespace
} // namespace bonewatch::daemon
