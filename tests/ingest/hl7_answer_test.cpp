#include "ingest/hl7_acknowledgement.h"
#include "ingest/hl7_answer.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest {
namespace {

Hl7Answer read(const std::string& segments) {
    return read_hl7_answer("MSH|^~\\&|X|Y|LAB|RX1|20260302||ACK|1|P|2.5.1\r" + segments).value();
}

TEST(Hl7AnswerRead, says_what_our_own_answers_say) {
    MessageResult result;
    result.is_stored = true;
    result.outcomes = {{"result", "1", "applied", "", "", "", {}},
                       {"result", "2", "quarantined", "unknown_unit", "OBX[2]-6", "18 furlong|day: no unit", {}}};
    for (const std::string version : {"2.3", "2.5.1"}) {
        const auto header =
            read_hl7_header("MSH|^~\\&|LAB|RX1|B|C|20260302||ORU^R01|M^1|P|" + version + "\rPID|1\r").value();
        const auto answer = read_hl7_answer(acknowledgements(header, result, "a-1", {}).front()).value();
        EXPECT_EQ(answer.code, "AA");
        EXPECT_TRUE(answer.is_accepted() && !answer.is_receipt() && !answer.is_refused());
        EXPECT_EQ(answer.control_id, "M^1");
        EXPECT_EQ(answer.text, "1 of 2: 18 furlong|day: no unit");
        const std::vector<Hl7AnswerError> expected{
            version == "2.3" ? Hl7AnswerError{"", "OBX^2^6", "103 Table value not found", "", ""}
                             : Hl7AnswerError{"W", "OBX^2^6", "103 Table value not found", "unknown_unit",
                                              "18 furlong|day: no unit"}};
        EXPECT_EQ(answer.errors, expected) << version;
    }
}

TEST(Hl7AnswerRead, takes_what_other_receivers_leave_out_or_add) {
    EXPECT_EQ(read("MSA|AE|M1|disk full").text, "disk full");
    EXPECT_EQ(read("MSA|CR|M1\rERR|").errors, std::vector<Hl7AnswerError>{});
    EXPECT_EQ(read("MSA|AR|M1\rERR|PID^1^3^101&missing~OBX^2").errors,
              (std::vector<Hl7AnswerError>{{"", "PID^1^3", "101 missing", "", ""}, {"", "OBX^2", "", "", ""}}));
    EXPECT_EQ(read("MSA|AR|M1\rERR||PID^1|207|E|||only diagnostic").errors,
              (std::vector<Hl7AnswerError>{{"E", "PID^1", "207", "", "only diagnostic"}}));
}

TEST(Hl7AnswerRead, refuses_what_is_no_answer) {
    for (const std::string bytes :
         {"", "HTTP/1.1 400 Bad Request", "MSH|^~\\&|X|Y|||1||ACK|1|P|2.5\rPID|1",
          "MSH|^~\\&|X|Y|||1||ACK|1|P|2.5\rMSA||M1", "MSH|^~\\&|X|Y|||1||ACK|1|P|2.5\rMSA|OK|M1"})
        EXPECT_EQ(read_hl7_answer(bytes).error().reason, "unexpected_answer") << bytes;
}

} // namespace
} // namespace bonewatch::ingest
