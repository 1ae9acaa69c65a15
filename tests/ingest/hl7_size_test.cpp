#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

std::string many(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

TEST(Hl7Size, parts_by_the_million_are_read_in_one_pass) {
    constexpr std::size_t million = 1'000'000;
    const std::string good = "OBX|1|ST|3016-3^TSH^LN||0.4|mU/L|||||F";
    const auto entities = hl7_result(hl7_tsh("OBX|1|ST|3016-3^TSH^LN||" + many("&lt;", million) + "|mU/L|||||F"));
    EXPECT_EQ(body_of<model::ResultEvent>(entities).value_text, many("<", 256));
    EXPECT_TRUE(std::holds_alternative<model::Event>(
        hl7_result(hl7_tsh("OBX|1|ST|3016-3^TSH^LN||" + many("~", million) + "|mU/L|||||X")).outcome));
    std::string order = hl7_tsh(good);
    order.replace(order.rfind("F4711^"), 6, "F4711" + many("^", million));
    EXPECT_EQ(error_of(hl7_result(order)).reason, "missing_id");
}

TEST(Hl7Size, what_a_message_would_keep_many_times_is_refused_before_it_is_read) {
    constexpr std::size_t count = 40'000;
    const std::string repeated = hl7_tsh("OBX|1|NM|3016-3^TSH^LN||" + many("1~", count) + "1|mU/L|||||F");
    EXPECT_EQ(error_of(hl7_result(repeated)).reason, "too_large");
    std::string persons = hl7_tsh("OBX|1|NM|3016-3^TSH^LN||1|mU/L|||||F");
    persons.insert(persons.find("9990000018"), many("1^^^A~", count));
    EXPECT_EQ(error_of(hl7_result(persons)).reason, "too_large");
    EXPECT_EQ(hl7_results(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||" + many("1~", 999) + "1|mU/L|||||F")).size(), 1000U);
}

} // namespace
} // namespace bonewatch::ingest::rules
