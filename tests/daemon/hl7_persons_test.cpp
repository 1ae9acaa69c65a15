#include "daemon/intake.h"
#include "daemon/render.h"
#include "ingest/hl7_acknowledgement.h"
#include "monitors/view.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace bonewatch::daemon {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Texts = std::vector<std::string>;

const Instant now = *model::parse_instant("2026-06-01T09:00:00Z");

/// PID from PID-7 on: birth, sex, when the patient died, and whether.
using Fields = std::array<std::string, 4>;
constexpr const char* null_text = "\"\"";

std::string pid(const Fields& fields, const std::string& numbers = "9990000018^^^NHS^NH") {
    return "PID|1||" + numbers + "||X^Y||" + fields[0] + "|" + fields[1] + std::string(21, '|') + fields[2] + "|" +
           fields[3] + "\r";
}

std::string header(const std::string& type, const std::string& sent) {
    return "MSH|^~\\&|PAS|RX1|||" + sent + "||" + type + "|M1|P|2.5.1\r";
}

/// An ADT of a day of May 2026.
std::string adt(int day, const Fields& fields, const std::string& numbers = "9990000018^^^NHS^NH") {
    const std::string sent = "202605" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "080000";
    return header("ADT^A08", sent) + "EVN|A08|" + sent + "\r" + pid(fields, numbers);
}

/// The PID above a result of a month of 2026; `number` is the order's.
std::string result(int month, const Fields& fields, int number = 1) {
    return header("ORU^R01", "20260" + std::to_string(month) + "02101500") + pid(fields) + "OBR|1||F" +
           std::to_string(number) +
           "^L|TFT|||202601020830|||||||||||||||202601021000|||F\r"
           "OBX|1|NM|3016-3^TSH^LN||1.2|mU/L|||||F\r";
}

/// A daemon's way in, over a store in memory.
class Hl7Persons : public testing::Test {
  protected:
    Hl7Persons() { restart(); }
    void restart() {
        clinic_ = std::make_unique<Clinic>();
        intake_ = std::make_unique<Intake>(clinic_->core());
    }
    ingest::MessageResult take(const std::string& message, const char* publisher = "pas") {
        auto result = intake_->take(message, ingest::Format::hl7v2, {model::PublisherId(publisher)}, false, now);
        EXPECT_TRUE(result && clinic_->core().commit());
        return result ? *result : ingest::MessageResult{};
    }
    /// What became of what it says of persons.
    Texts outcomes(const std::string& message) {
        Texts out;
        for (const ingest::EventOutcome& outcome : take(message).outcomes)
            if (outcome.type != "result")
                out.push_back(outcome.outcome + " " +
                              (outcome.reason.empty() ? outcome.id : outcome.reason + " " + outcome.place));
        return out;
    }
    /// What is known of the person: `female born 1958-07-14`.
    std::string known(const char* who = "nhs:9990000018") {
        const monitors::Person person = monitors::person_of(clinic_->patient(who).watch.timeline());
        model::Event event;
        event.body = model::PatientEvent{person.sex, person.born, person.died, {}, {}, {}};
        return model::content_text(event);
    }

    std::unique_ptr<Clinic> clinic_;
    std::unique_ptr<Intake> intake_;
};

/// How two messages follow each other.
enum class Way : unsigned char { adt_adt, result_adt, adt_result, result_result };

/// What holds of one field in the end, by HL7's rule: empty changes nothing, null deletes; of results, of which null
/// says nothing, the later month counts, and any ADT outranks them.
std::string expected(Way way, const std::string& first, const std::string& second) {
    std::string of_adt, of_result;
    const auto say = [](std::string& place, const std::string& text, bool is_adt) {
        if (!text.empty() && (is_adt || text != null_text))
            place = text;
    };
    const bool first_is_adt = way == Way::adt_adt || way == Way::adt_result;
    const bool second_is_adt = way == Way::adt_adt || way == Way::result_adt;
    say(first_is_adt ? of_adt : of_result, first, first_is_adt);
    say(second_is_adt ? of_adt : of_result, second, second_is_adt);
    const std::string& holds = of_adt.empty() ? of_result : of_adt;
    return holds == null_text ? "" : holds;
}

TEST_F(Hl7Persons, empty_null_and_value_of_each_field_in_any_order) {
    struct Field {
        std::size_t at;
        std::array<std::string, 2> values;
        std::map<std::string, std::string> said; ///< By value, and beside `female born 1958-07-14` of the rest.
    };
    const std::array<Field, 3> fields{
        {{0, {"19580714", "19600102"}, {{"", ""}, {"19580714", "born 1958-07-14"}, {"19600102", "born 1960-01-02"}}},
         {1, {"F", "M"}, {{"", ""}, {"F", "female"}, {"M", "male"}}},
         {2, {"20260301", "20260302"}, {{"", ""}, {"20260301", "died 2026-03-01"}, {"20260302", "died 2026-03-02"}}}}};
    int count = 0;
    for (const Field& field : fields)
        for (const Way way : {Way::adt_adt, Way::result_adt, Way::adt_result, Way::result_result})
            for (const std::string& first : {std::string(), std::string(null_text), field.values[0], field.values[1]})
                for (const std::string& second : {std::string(), std::string(null_text), field.values[0]}) {
                    if (field.at == 2 && way != Way::adt_adt)
                        continue; // A result says nothing of death.
                    const auto message = [&](int number, bool is_adt, const std::string& text) {
                        Fields said;
                        said[field.at] = text;
                        return is_adt ? adt(number, said) : result(number, said, number);
                    };
                    Texts messages{message(1, way == Way::adt_adt || way == Way::adt_result, first),
                                   message(2, way == Way::adt_adt || way == Way::result_adt, second),
                                   // What the field leaves alone.
                                   adt(3, {field.at == 0 ? "" : "19580714", field.at == 1 ? "" : "F", "", ""})};
                    std::ranges::sort(messages);
                    std::string rest = field.at == 0 ? "female" : field.at == 1 ? "born 1958-07-14" : "";
                    const std::string said = field.said.at(expected(way, first, second));
                    if (field.at == 1)
                        rest = said + (said.empty() ? "" : " ") + rest;
                    else
                        rest = (field.at == 2 ? "female born 1958-07-14" : rest) + (said.empty() ? "" : " " + said);
                    do {
                        restart();
                        for (const std::string& each : messages)
                            take(each);
                        ASSERT_EQ(known(), rest) << "PID field " << field.at << ", " << first << " then " << second
                                                 << ", way " << static_cast<int>(way);
                        ++count;
                    } while (std::ranges::next_permutation(messages).found);
                }
    EXPECT_EQ(count, (2 * 4 + 1) * 12 * 6);
}

TEST_F(Hl7Persons, death_wrongly_stated_is_taken_back) {
    take(adt(1, {"19580714", "F", "20260401", "Y"}));
    EXPECT_EQ(known(), "female born 1958-07-14 died 2026-04-01");
    take(adt(2, {"", "", "", "Y"}));
    EXPECT_EQ(known(), "female born 1958-07-14 died 2026-04-01") << "that it is so says nothing of when";
    take(adt(3, {"", "", "", "N"}));
    EXPECT_EQ(known(), "female born 1958-07-14");
    take(adt(4, {"", "", "20260402", ""}));
    EXPECT_EQ(known(), "female born 1958-07-14 died 2026-04-02");
    EXPECT_THAT(outcomes(adt(5, {"", "", "20260402", "N"})), ElementsAre("quarantined bad_field PID[1]-30"));
    EXPECT_EQ(known(), "female born 1958-07-14") << "in doubt";
}

TEST_F(Hl7Persons, what_cannot_be_read_is_in_doubt_until_it_can) {
    take(adt(1, {"19580714", "F", "", ""}));
    EXPECT_THAT(outcomes(adt(2, {"19580715", "female, probably", "", ""})),
                ElementsAre("applied born nhs:9990000018", "quarantined bad_sex PID[1]-8"));
    EXPECT_EQ(known(), "born 1958-07-15");
    EXPECT_THAT(timeline_text(clinic_->patient("nhs:9990000018")), HasSubstr("female  DISPUTED"));
    take(adt(1, {"", "F", "", ""}));
    EXPECT_EQ(known(), "born 1958-07-15") << "an older one says nothing new";
    take(adt(3, {"", "F", "", ""}));
    EXPECT_EQ(known(), "female born 1958-07-15");
}

TEST_F(Hl7Persons, contradicting_results_of_a_month_are_told_and_settled) {
    EXPECT_THAT(outcomes(result(4, {"19580714", "F", "", ""}, 1)),
                ElementsAre("applied born nhs:9990000018", "applied sex nhs:9990000018"));
    const auto contradicting = take(result(4, {"19850714", "F", "", ""}, 2));
    ASSERT_EQ(contradicting.outcomes.size(), 3U);
    EXPECT_EQ(contradicting.outcomes[0].outcome, "disputed");
    EXPECT_EQ(contradicting.outcomes[1].outcome, "duplicate");
    EXPECT_EQ(contradicting.outcomes[2].outcome, "applied");
    EXPECT_EQ(known(), "female") << "a contradicted birth costs the sex nothing";
    const auto answers = ingest::acknowledgements(*ingest::read_hl7_header(result(4, {"19850714", "F", "", ""}, 2)),
                                                  contradicting, "A1", now);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_THAT(answers[0], HasSubstr("\rMSA|AA|M1|"));
    EXPECT_THAT(answers[0], HasSubstr("|205^Duplicate key identifier^HL70357|W|disputed^^L||disputed|"
                                      "patient born nhs:9990000018 came before with the same version"));

    take(result(5, {"19580714", "", "", ""}, 3));
    EXPECT_EQ(known(), "female born 1958-07-14") << "the next month's word counts";
    take(result(5, {"19850714", "", "", ""}, 4));
    EXPECT_EQ(known(), "female");
    take(adt(1, {"19580714", "", "", ""}));
    EXPECT_EQ(known(), "female born 1958-07-14") << "any ADT outranks them";
}

TEST_F(Hl7Persons, two_adt_of_one_moment_that_contradict_each_other_are_unknown) {
    take(adt(1, {"19580714", "F", "", ""}));
    EXPECT_THAT(outcomes(adt(1, {"19580714", null_text, "", ""})),
                ElementsAre("duplicate born nhs:9990000018", "disputed sex nhs:9990000018"));
    EXPECT_EQ(known(), "born 1958-07-14") << "whether it is known is what they contradict each other in";
}

TEST_F(Hl7Persons, died_before_being_born_is_neither) {
    take(adt(1, {"19580714", "F", "", ""}));
    EXPECT_THAT(outcomes(adt(2, {"", "", "19500101", "Y"})),
                ElementsAre("applied died nhs:9990000018", "applied deceased nhs:9990000018"));
    EXPECT_EQ(known(), "female") << "said in two messages: nobody knows which is wrong";
    take(adt(3, {"", "", "20260301", ""}));
    EXPECT_EQ(known(), "female born 1958-07-14 died 2026-03-01");
    EXPECT_THAT(
        outcomes(adt(4, {"1958", "", "19580101", ""})),
        ElementsAre("applied born nhs:9990000018", "applied died nhs:9990000018", "applied deceased nhs:9990000018"))
        << "any day of 1958 may be before";
}

TEST_F(Hl7Persons, numbers_of_one_pid_are_one_person) {
    EXPECT_THAT(outcomes(adt(1, {"19580714", "", "", ""}, "9990000018^^^NHS^NH~H1^^^RX1^MR")),
                ElementsAre("applied born nhs:9990000018"));
    take(adt(2, {"", "M", "", ""}, "H1^^^RX1^MR"));
    EXPECT_EQ(known(), "male born 1958-07-14");
    // The number of another person sinks all that is said beside it: nobody knows of whom it is.
    take(adt(3, {"19700101", "F", "", ""}, "H2^^^RX1^MR"));
    EXPECT_THAT(outcomes(adt(4, {"19990101", "F", "", ""}, "9990000018^^^NHS^NH~H2^^^RX1^MR")),
                Each("quarantined identity_conflict PID[1]-3[1].1"));
    EXPECT_EQ(known(), "male born 1958-07-14");
}

TEST_F(Hl7Persons, a_result_under_both_numbers_joins_what_came_under_the_record_s) {
    const auto tsh = [&](const char* pid, const char* order) {
        return header("ORU^R01", "20260302080000") + "PID|1||" + pid + "||TEST||19580714|F\rOBR|1||" + order +
               "^L|T|||20260301\rOBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r";
    };
    take(tsh("H1^^^RX1^MR", "O1"));
    EXPECT_THAT(outcomes(tsh("9990000018^^^NHS^NH~H1^^^RX1^MR", "O2")), Each(StartsWith("applied")));
    EXPECT_EQ(clinic_->core().directory().patient_count().value(), 1U);
}

TEST_F(Hl7Persons, a_merge_of_records_with_two_numbers_is_undone_by_the_same_two_pids) {
    const std::string one = "9990000018^^^NHS^NH~H5^^^RX1^MR", other = "9434765919^^^NHS^NH~H6^^^RX1^MR";
    take(header("ADT^A40", "20260505080000") + "EVN|A40|20260505080000\rPID|1||" + one + "\rMRG|" + other + "\r");
    EXPECT_EQ(clinic_->core().directory().alias_count(), 2U) << "each number of the MRG goes on in the PID";
    take(header("ADT^A37", "20260506080000") + "EVN|A37|20260506080000\rPID|1||" + one + "\rPID|2||" + other + "\r");
    EXPECT_EQ(clinic_->core().directory().alias_count(), 0U);
}

TEST_F(Hl7Persons, merged_records_are_known_by_what_the_surviving_one_states) {
    take(adt(1, {"19580714", "F", "", ""}, "1^^^X"));
    take(adt(1, {"19600101", "", "20260301", ""}, "2^^^X"));
    take(header("ADT^A40", "20260505080000") + "EVN|A40|20260505080000\rPID|1||1^^^X\rMRG|2^^^X\r");
    EXPECT_EQ(known("x:1"), "female born 1958-07-14 died 2026-03-01");
    EXPECT_THAT(timeline_text(clinic_->patient("x:1")),
                HasSubstr("born 1960-01-01  NOT COUNTED where the surviving record states it"));
    take(adt(6, {null_text, "", "", ""}, "1^^^X"));
    EXPECT_EQ(known("x:1"), "female born 1960-01-01 died 2026-03-01") << "what it states no more, the other one does";
}

TEST_F(Hl7Persons, what_is_said_again_steps_nobody_through_anew) {
    take(result(4, {"19580714", "F", "", ""}));
    const auto& watch = clinic_->patient("nhs:9990000018").watch;
    const std::uint64_t count = watch.evaluation_count();
    take(adt(1, {"19580714", "F", "", "N"}));
    EXPECT_EQ(watch.evaluation_count(), count);
    take(adt(2, {"19580715", "", "", ""}));
    EXPECT_GT(watch.evaluation_count(), count);
}

TEST_F(Hl7Persons, timeline_shows_what_each_fact_says) {
    take(adt(1, {"1958", "F", "", "N"}, "9990000018^^^NHS^NH~H1^^^RX1^MR"));
    take(adt(2, {"", null_text, "", ""}));
    take(result(3, {"19580714", "", "", ""}));
    const std::string text = timeline_text(clinic_->patient("nhs:9990000018"));
    EXPECT_THAT(text, HasSubstr("            patient         born 1958  [pas born nhs:9990000018]\n"
                                "            patient         has not died  [pas deceased nhs:9990000018]\n"
                                "            patient         not known  [pas died nhs:9990000018]\n"
                                "            patient         not known  [pas sex nhs:9990000018]\n"));
}

} // namespace
} // namespace bonewatch::daemon
