#include "daemon/waiting.h"

#include "daemon/alert_list.h"
#include "daemon/intake.h"
#include "daemon/patient_answers.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

using ingest::Format;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* anna = "nhs:9990000018";
constexpr const char* ward = "mrn:1"; ///< Anna as the laboratory's ward knows her, until the two are merged.
const Instant now = *model::parse_instant("2026-06-08T09:00:00Z");

std::string line(const std::string& type, const std::string& id, const std::string& patient, const std::string& rest) {
    return R"({"type":")" + type + R"(","id":")" + id + R"(","patient":")" + patient + "\"," + rest + "}\n";
}
std::string tsh(const std::string& id, const std::string& patient, const std::string& value, const std::string& unit,
                const std::string& at) {
    return line("result", id, patient,
                R"("code":"tsh","value":")" + value + "\"" + (unit.empty() ? "" : R"(,"unit":")" + unit + "\"") +
                    R"(,"at":")" + at + "\"");
}
/// Without the days that it lasts.
std::string order(const std::string& id, const std::string& patient, const std::string& at) {
    return line("supply", id, patient, R"("drug":"alendronic-acid","route":"oral","at":")" + at + "\"");
}
/// Two low results, by which tsh-suppressed is raised.
std::string suppressed(const std::string& patient) {
    return R"({"type":"patient","patient":")" + patient + R"(","sex":"female","born":"1975-03-01"})" + "\n" +
           tsh("A", patient, "0.05", "mU/L", "2026-01-10") + tsh("B", patient, "0.04", "mU/L", "2026-05-10");
}

/// What a laboratory's messages leave in quarantine, and what is said of it.
class Waiting : public testing::Test {
  protected:
    void take(const std::string& message, Format format = Format::native) {
        const ingest::Publisher lab{model::PublisherId("lab"), &settings_};
        const auto result = intake_.take(message, format, lab, false, now);
        ASSERT_TRUE(result && core().commit());
    }
    ShelvedRow row(std::uint64_t number) { return core().shelf().row(number).value().value(); }
    WaitingFacts facts_of(const std::string& patient) {
        return waiting_facts(core(), clinic_.patient(patient)).value();
    }
    std::vector<std::string> texts(const std::string& patient, const std::string& monitor) {
        const Revision& revision = core().revision();
        return waiting_texts(facts_of(patient), revision, revision.catalogue->find(model::MonitorId(monitor)).value());
    }
    std::vector<std::string> alerts(const model::Meta& args = {}) { return list_alerts(core(), args).value().bodies; }
    std::string explained(const std::string& patient, const std::string& monitor) {
        return explain(core(), {patient, {}, monitor, {}, {}}, {now, now}).value();
    }
    void dismiss(std::uint64_t number) {
        const ShelvedRow before = row(number);
        ShelvedRow after = before;
        after.state = dismissed_state;
        ASSERT_TRUE(core().reshelve(number, before, after) && core().commit());
    }
    Core& core() { return clinic_.core(); }

    config::PublisherSettings settings_;
    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

TEST_F(Waiting, is_told_to_the_monitors_that_read_it) {
    take(suppressed(anna) + tsh("C", anna, "1.0", "", "2026-06-01") + order("P", anna, "2026-02-01"));
    EXPECT_THAT(texts(anna, "tsh-suppressed"), ElementsAre("Thyrotropin (TSH) of 2026-06-01 (its unit is missing)"));
    EXPECT_THAT(texts(anna, "osteoporosis-untreated"),
                ElementsAre("alendronic acid of 2026-02-01 (how many days it lasts is missing)"));
    EXPECT_THAT(texts(anna, "bmd-decline"), Not(testing::Contains(HasSubstr("TSH"))));
}

TEST_F(Waiting, of_which_nobody_knows_what_it_is_is_counted_to_all) {
    take(suppressed(anna) + line("result", "X", anna, R"("code":"tsg","value":1,"unit":"mU/L","at":"2026-06-01")"));
    for (const char* monitor : {"tsh-suppressed", "osteoporosis-untreated"})
        EXPECT_THAT(texts(anna, monitor), ElementsAre("1 of which it is not known what it is (its code is not known)"));
}

TEST_F(Waiting, the_newest_are_named_and_the_rest_counted_by_reason) {
    std::string lines = suppressed(anna);
    for (int i = 1; i <= 5; ++i)
        lines += tsh("C" + std::to_string(i), anna, "1.0", i < 3 ? "furlong" : "", "2026-05-1" + std::to_string(i));
    take(lines + line("result", "D", anna, R"("code":"tsh","value":1,"unit":"mU/L")"));
    EXPECT_THAT(texts(anna, "tsh-suppressed"),
                ElementsAre("Thyrotropin (TSH) of 2026-05-15 (its unit is missing)",
                            "Thyrotropin (TSH) of 2026-05-14 (its unit is missing)",
                            "Thyrotropin (TSH) of 2026-05-13 (its unit is missing)",
                            "3 more (its unit is not known: 2, its date is missing: 1)"));
}

TEST_F(Waiting, of_a_flood_the_last_are_looked_at_and_the_others_counted) {
    std::string lines = suppressed(anna);
    for (int i = 0; i < 203; ++i)
        lines += order("P" + std::to_string(i), anna, i < 3 ? "2026-03-01" : "2026-02-01");
    take(lines);
    EXPECT_EQ(facts_of(anna).count(), 203u);
    EXPECT_THAT(texts(anna, "osteoporosis-untreated"),
                ElementsAre("alendronic acid of 2026-02-01 (how many days it lasts is missing)",
                            "alendronic acid of 2026-02-01 (how many days it lasts is missing)",
                            "alendronic acid of 2026-02-01 (how many days it lasts is missing)",
                            "197 more (how many days it lasts is missing)", "3 older ones that were not looked at"));
}

TEST_F(Waiting, stands_in_the_answer_and_not_in_the_feed) {
    take(tsh("C", anna, "1.0", "furlong", "2026-06-01"));
    take(suppressed(anna));
    const auto feed = clinic_.feed();
    ASSERT_EQ(feed.size(), 1u);
    EXPECT_THAT(feed.front(), Not(HasSubstr("\"waiting\"")));
    const std::string shown = feed.front().substr(0, feed.front().size() - 1) +
                              R"x(,"waiting":["Thyrotropin (TSH) of 2026-06-01 (its unit is not known)"]})x";
    EXPECT_THAT(alerts(), ElementsAre(shown));
    EXPECT_THAT(explained(anna, "tsh-suppressed"),
                HasSubstr("\nwaiting in quarantine, and not counted\n"
                          "  Thyrotropin (TSH) of 2026-06-01 (its unit is not known)\n"));
    EXPECT_THAT(explained(anna, "osteoporosis-untreated"), Not(HasSubstr("waiting in quarantine")));
    // What comes afterwards shows at once, and what waits no longer is gone; nobody is told anew of either.
    take(tsh("D", anna, "1.0", "", "2026-06-02"));
    EXPECT_THAT(alerts().front(), HasSubstr("2026-06-02 (its unit is missing)\",\"Thyrotropin (TSH) of 2026-06-01"));
    dismiss(1);
    dismiss(2);
    EXPECT_THAT(alerts(), testing::ElementsAreArray(feed));
    EXPECT_EQ(clinic_.feed(), feed);
}

TEST_F(Waiting, says_nothing_beside_an_alert_that_is_over) {
    take(suppressed(anna) + tsh("C", anna, "1.0", "furlong", "2026-06-01"));
    take(tsh("D", anna, "1.0", "mU/L", "2026-06-02"));
    ASSERT_THAT(alerts(), IsEmpty());
    const auto all = alerts({{"state", "all"}});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_THAT(all.front(), Not(HasSubstr("\"waiting\"")));
}

/// Whatever waits, and in whatever order it comes: facts, episodes and what is told stay as they are.
TEST_F(Waiting, changes_nothing_that_is_true) {
    take(suppressed(anna) + tsh("C", anna, "1.0", "furlong", "2026-06-01") + order("P", anna, "2026-02-01"));
    const std::string with = clinic_.dump();
    Clinic without;
    Intake other(without.core(), {});
    const ingest::Publisher lab{model::PublisherId("lab"), &settings_};
    ASSERT_TRUE(other.take(suppressed(anna), Format::native, lab, false, now) && without.core().commit());
    EXPECT_EQ(without.dump(), with);
}

TEST_F(Waiting, of_records_that_were_merged_is_that_of_both) {
    take(suppressed(anna) + tsh("C", anna, "1.0", "furlong", "2026-06-01"));
    take(R"({"type":"patient","patient":"mrn:1","sex":"female"})"
         "\n" +
         order("P", ward, "2026-02-01") + tsh("D", ward, "1.0", "", "2026-05-30"));
    EXPECT_EQ(facts_of(anna).count(), 1u);
    take(line("merge", "M", anna, R"("from":"mrn:1","at":"2026-06-02")"));
    EXPECT_EQ(facts_of(anna).count(), 3u);
    EXPECT_THAT(texts(anna, "tsh-suppressed"), ElementsAre("Thyrotropin (TSH) of 2026-06-01 (its unit is not known)",
                                                           "Thyrotropin (TSH) of 2026-05-30 (its unit is missing)"));
    EXPECT_THAT(alerts().front(), HasSubstr("2026-05-30 (its unit is missing)"));
    take(line("unmerge", "U", anna, R"("of":"M","at":"2026-06-03")"));
    EXPECT_EQ(facts_of(anna).count(), 1u);
}

TEST_F(Waiting, a_row_knows_what_it_was_to_be_in_every_format) {
    take(order("P", anna, "2026-02-01"));
    take(R"({"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order",)"
         R"("medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"M05BA04"}]},)"
         R"("subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},)"
         R"("authoredOn":"2026-02-01"})",
         Format::fhir);
    take("MSH|^~\\&|LAB|L|BW|B|20260601090000||ORU^R01|1|P|2.5\rPID|1||9990000018^^^NHS^NH\r"
         "OBR|1||O1|TSH^^L\rOBX|1|NM|3016-3^TSH^LN||5|furlong|||||F|||20260201",
         Format::hl7v2);
    take(R"({"resourceType":"Observation","id":"o","status":"final",)"
         R"("modifierExtension":[{"url":"http://example.org/not","valueBoolean":true}],)"
         R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
         R"("subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},)"
         R"("effectiveDateTime":"2026-02-01","valueQuantity":{"value":3,"unit":"mU/L"}})",
         Format::fhir);
    ASSERT_EQ(core().shelf().count(), 4u);
    for (std::uint64_t number = 1; number <= 4; ++number) {
        EXPECT_EQ(row(number).code, number < 3 ? "alendronic-acid" : "tsh") << row(number).raw;
        EXPECT_EQ(row(number).date, "2026-02-01") << row(number).raw;
        EXPECT_EQ(row(number).patient, row(1).patient) << row(number).raw;
    }
    EXPECT_EQ(row(1).reason, "missing_days");
    EXPECT_EQ(row(2).reason, "missing_days");
    EXPECT_EQ(row(3).reason, "unknown_unit");
    EXPECT_EQ(row(4).reason, "modifier_extension");
    EXPECT_EQ(encode(decode_shelved_row(encode(row(2))).value()), encode(row(2)));
}

TEST(ReasonInWords, of_a_word_that_is_not_known_is_the_word) {
    EXPECT_EQ(reason_in_words("missing_days"), "how many days it lasts is missing");
    EXPECT_EQ(reason_in_words("of_tomorrow"), "of tomorrow");
}

} // namespace
} // namespace bonewatch::daemon
