#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

/// A TSH with members of the line's own: `"value":…`.
Decoded tsh(std::string_view members) {
    return decode_one(Format::native, R"({"type":"result","id":"L-1","patient":"nhs:9990000018","code":"tsh",)"
                                      R"("at":"2026-03-01T08:30:00Z",)" +
                                          std::string(members) + "}");
}

Decoded fhir_tsh(std::string_view members) {
    return decode_one(Format::fhir, R"({"resourceType":"Observation","id":"o1","status":"final",)"
                                    R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                                    R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)" +
                                        std::string(members) + "}");
}

struct ValueSample {
    const char* name;
    const char* members;
    const char* value; ///< Empty: kept as words.
};

class Value : public testing::TestWithParam<ValueSample> {};

TEST_P(Value, is_read_or_warned_of) {
    const auto decoded = tsh(GetParam().members);
    const auto result = body_of<model::ResultEvent>(decoded);
    EXPECT_EQ(result.value ? model::to_text(*result.value) : "", GetParam().value);
    if (result.value)
        EXPECT_THAT(decoded.warnings, IsEmpty());
    else
        EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("value_unreadable: '")));
}

INSTANTIATE_TEST_SUITE_P(
    values, Value,
    testing::Values(ValueSample{"valid_unit_glued_on", R"("value":"0.05mU/L","unit":"mU/L")", "0.05"},
                    ValueSample{"valid_unit_in_another_spelling", R"("value":"<0.01 mIU/L","unit":"mU/L")", "<0.01"},
                    ValueSample{"valid_glued_in_another_spelling", R"("value":"0.05mIU/L","unit":"uIU/mL")", "0.05"},
                    ValueSample{"valid_full_width_sign", R"("value":"＜0.01","unit":"mU/L")", "<0.01"},
                    ValueSample{"valid_full_width_digits", R"("value":"０．０５","unit":"mU/L")", "0.05"},
                    ValueSample{"valid_up_to", R"("value":"up to 3","unit":"mU/L")", "<=3"},
                    ValueSample{"valid_below", R"("value":"Below 0.1","unit":"mU/L")", "<0.1"},
                    ValueSample{"valid_at_least", R"("value":"at least 90","unit":"mU/L")", ">=90"},
                    ValueSample{"valid_unit_in_lower_case", R"("value":0.05,"unit":"miu/L")", "0.05"},
                    ValueSample{"decimal_comma", R"("value":"0,05","unit":"mU/L")", ""},
                    ValueSample{"unit_contradicts", R"("value":"0.05 uIU/L","unit":"mU/L")", ""},
                    ValueSample{"words", R"("value":"Haemolysed","unit":"mU/L")", ""},
                    ValueSample{"long_number_in_words", R"("value":"12345678901234567890 refer","unit":"mU/L")", ""}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Value, of_a_fhir_string_is_warned_of_too) {
    EXPECT_THAT(fhir_tsh(R"("valueString":"0,05 mU/L")").warnings, ElementsAre(StartsWith("value_unreadable")));
}

TEST(Value, beyond_all_measurement_is_quarantined) {
    for (const char* value : {"1e300", "12345678901234567890", "1e-300", R"("1e400")", R"("<1e400")", R"("5-1e400")"}) {
        const auto decoded = tsh(R"("unit":"mU/L","value":)" + std::string(value));
        EXPECT_EQ(outcome_of(decoded), "quarantined") << value;
        EXPECT_EQ(error_of(decoded).reason, "impossible_value") << value;
        EXPECT_EQ(error_of(decoded).place, "line 1, $.value") << value;
    }
}

struct RangeSample {
    const char* name;
    const char* range;
    const char* low;
    const char* high;
    bool is_warned = true;
};

class Range : public testing::TestWithParam<RangeSample> {};

TEST_P(Range, never_costs_the_result) {
    const auto decoded = tsh(R"("value":1,"unit":"mU/L","range":)" + std::string(GetParam().range));
    const auto result = body_of<model::ResultEvent>(decoded);
    EXPECT_TRUE(result.value);
    EXPECT_EQ(result.range_low ? model::to_text(*result.range_low) : "", GetParam().low);
    EXPECT_EQ(result.range_high ? model::to_text(*result.range_high) : "", GetParam().high);
    if (GetParam().is_warned)
        EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("range_unusable")));
    else
        EXPECT_THAT(decoded.warnings, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(ranges, Range,
                         testing::Values(RangeSample{"valid", R"({"low":0.4,"high":"4"})", "0.4", "4", false},
                                         RangeSample{"valid_one_value", R"({"low":4,"high":4})", "4", "4", false},
                                         RangeSample{"inverted", R"({"low":5,"high":4})", "", ""},
                                         RangeSample{"bound_as_an_end", R"({"low":0.4,"high":"<4"})", "0.4", ""},
                                         RangeSample{"unit_at_an_end", R"({"low":0.4,"high":"4.2 mU/L"})", "0.4", ""},
                                         RangeSample{"list_as_an_end", R"({"high":[4]})", "", ""},
                                         RangeSample{"text", R"("0.4-4")", "", ""}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Range, of_fhir_never_costs_the_result) {
    const std::string_view value = R"("valueQuantity":{"value":1,"unit":"mU/L"},"referenceRange":)";
    for (const char* range : {R"([{"low":{"value":5,"unit":"mU/L"},"high":{"value":4,"unit":"mU/L"}}])",
                              R"([{"low":{"value":"5","unit":"mU/L"}}])"}) {
        const auto decoded = fhir_tsh(std::string(value) + range);
        EXPECT_TRUE(body_of<model::ResultEvent>(decoded).value) << range;
        EXPECT_FALSE(body_of<model::ResultEvent>(decoded).range_low) << range;
        EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("range_unusable"))) << range;
    }
}

struct TimeSample {
    const char* name;
    Format format;
    const char* message;
    const char* reason; ///< Empty: applied.
    const char* place = "";
};

class Times : public testing::TestWithParam<TimeSample> {};

TEST_P(Times, follow_one_another) {
    const auto decoded = decode_one(GetParam().format, GetParam().message);
    if (*GetParam().reason == '\0') {
        EXPECT_EQ(outcome_of(decoded), "applied");
        return;
    }
    EXPECT_EQ(outcome_of(decoded), "quarantined");
    EXPECT_EQ(error_of(decoded).reason, GetParam().reason);
    EXPECT_EQ(error_of(decoded).place, GetParam().place);
}

TEST(Encoding, is_named_where_it_is_not_utf8) {
    using namespace std::string_literals;
    struct Sample {
        std::string message;
        const char* word;
    };
    for (const auto& [message, word] :
         {Sample{"\xFF\xFE{\0\"\0t\0"s, "UTF-16"}, Sample{"\xFE\xFF\0{\0\"\0t"s, "UTF-16"},
          Sample{"{\0\"\0t\0y\0"s, "UTF-16"}, Sample{"\0{\0\"\0t"s, "UTF-16"},
          Sample{"\x1f\x8b\x08\0\0\0\0\0"s, "\"encoding\":\"gzip\""}})
        for (const Format format : {Format::native, Format::fhir}) {
            const auto error = error_of(decode_one(format, message));
            EXPECT_EQ(error.kind, model::ErrorKind::malformed);
            EXPECT_EQ(error.reason, "bad_encoding");
            EXPECT_THAT(error.message, testing::HasSubstr(word));
        }
    EXPECT_EQ(outcome_of(decode_one(Format::native, "\xEF\xBB\xBF"
                                                    R"({"type":"patient","patient":"a:1"})")),
              "applied");
}

#define CONDITION R"({"type":"condition","id":"C-1","patient":"a:1","code":"rheumatoid-arthritis",)"
#define PERSON R"({"type":"patient","patient":"a:1",)"
#define FHIR_CONDITION                                                                                                 \
    R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"code":{"coding":)"                  \
    R"([{"system":"http://snomed.info/sct","code":"69896004"}]},)"
#define FHIR_PERSON R"({"resourceType":"Patient","id":"p1",)"

// Everything here was received on 1 June 2026.
INSTANTIATE_TEST_SUITE_P(
    native, Times,
    testing::Values(TimeSample{"ended_first", Format::native, CONDITION R"("at":"2020-05-02","until":"2020-05-01"})",
                               "bad_time", "line 1, $.until"},
                    TimeSample{"ended_an_hour_before", Format::native,
                               CONDITION R"("at":"2020-05-01T09:00:00Z","until":"2020-05-01T08:00:00Z"})", "bad_time",
                               "line 1, $.until"},
                    TimeSample{"valid_ended_on_its_day", Format::native,
                               CONDITION R"("at":"2020-05-01","until":"2020-05-01"})", ""},
                    TimeSample{"valid_ended_in_its_year", Format::native,
                               CONDITION R"("at":"2020-05-01","until":"2020"})", ""},
                    TimeSample{"died_first", Format::native, PERSON R"("born":"1958-07-14","died":"1958-07-13"})",
                               "bad_time", "line 1, $.died"},
                    TimeSample{"valid_died_in_the_year_of_birth", Format::native,
                               PERSON R"("born":"1958-07-14","died":"1958"})", ""},
                    TimeSample{"born_next_year", Format::native, PERSON R"("born":"2027-01-01"})", "too_far_ahead",
                               "line 1, $.born"},
                    TimeSample{"born_in_two_days", Format::native, PERSON R"("born":"2026-06-03"})", "too_far_ahead",
                               "line 1, $.born"},
                    TimeSample{"valid_born_tomorrow_somewhere", Format::native, PERSON R"("born":"2026-06-02"})", ""},
                    TimeSample{"valid_born_this_year", Format::native, PERSON R"("born":"2026"})", ""},
                    TimeSample{"died_next_year", Format::native, PERSON R"("died":"2027-01-01"})", "too_far_ahead",
                               "line 1, $.died"}),
    [](const auto& each) { return std::string(each.param.name); });

INSTANTIATE_TEST_SUITE_P(
    fhir, Times,
    testing::Values(TimeSample{"abated_first", Format::fhir,
                               FHIR_CONDITION R"("onsetDateTime":"2020-05-02","abatementDateTime":"2020-05-01"})",
                               "bad_time", "$.abatement[x]"},
                    TimeSample{"valid_abated_in_its_month", Format::fhir,
                               FHIR_CONDITION R"("onsetDateTime":"2020-05-02","abatementDateTime":"2020-05"})", ""},
                    TimeSample{"period_ends_first", Format::fhir,
                               FHIR_CONDITION R"("onsetPeriod":{"start":"2020-05-02","end":"2020-05-01"}})", "bad_time",
                               "$.onsetPeriod"},
                    TimeSample{"died_first", Format::fhir,
                               FHIR_PERSON R"("birthDate":"1958-07-14","deceasedDateTime":"1950"})", "bad_time",
                               "$.deceasedDateTime"},
                    TimeSample{"born_next_year", Format::fhir, FHIR_PERSON R"("birthDate":"2027-01-01"})",
                               "too_far_ahead", "$.birthDate"}),
    [](const auto& each) { return std::string(each.param.name); });

} // namespace
} // namespace bonewatch::ingest::rules
