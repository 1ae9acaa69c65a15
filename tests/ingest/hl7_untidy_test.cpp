#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bonewatch::ingest::rules {
namespace {

TEST(Hl7Untidy, specimen_of_the_next_orders_is_not_meant) {
    const std::string obx = "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r";
    const auto all = hl7_results(hl7_header("OUL^R22^OUL_R22") + std::string(hl7_person_line) +
                                 "SPM|1|||SER|||||||||||||202603010800\rOBR|1||F1|TFT\r" + obx + "OBR|2||F2|TFT\r" +
                                 obx + "SPM|2|||SER|||||||||||||202603030800\rOBR|3||F3|TFT\r" + obx);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(model::to_text(event_of(all[1]).at), "2026-03-01");
    EXPECT_EQ(model::to_text(event_of(all[2]).at), "2026-03-03");
}

TEST(Hl7Untidy, report_without_an_order_is_kept) {
    for (const std::string_view type : {"ORU^R01", "OUL^R22", "RDE^O11", "RDS^O13", "RAS^O17", "OMP^O09"}) {
        const std::string text = hl7_header(type) + std::string(hl7_person_line) + "ZZZ|1\r";
        const auto decoded = hl7_result(text);
        EXPECT_EQ(outcome_of(decoded), "quarantined") << type;
        EXPECT_EQ(error_of(decoded).reason, "missing_field") << type;
        EXPECT_EQ(decoded.raw + "\r", text);
    }
    // Its segments ended with something else on the way.
    std::string lost = hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F");
    std::ranges::replace(lost, '\r', '\x0C');
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, lost)), "missing_field");
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, hl7_header("ORR^O02") + "MSA|AA|1\r")), "unknown_message");
}

TEST(Hl7Untidy, field_filled_with_blanks_hides_nothing_behind_it) {
    const auto decoded = hl7_result(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F|||   "));
    EXPECT_EQ(model::to_text(event_of(decoded).at.instant), "2026-03-01T08:30:00Z");
}

} // namespace
} // namespace bonewatch::ingest::rules
