#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {

std::string hl7_header(std::string_view type, std::string_view control_id) {
    return "MSH|^~\\&|LABSYS|RX1^TESTLAB^L|MONITOR|CLINIC|20260302101500+0000||" + std::string(type) + "|" +
           std::string(control_id) + "|P|2.5.1||||||UNICODE UTF-8\r";
}

std::string hl7_tsh(std::string_view obx, std::string_view reported) {
    return hl7_header("ORU^R01^ORU_R01") + std::string(hl7_person_line) +
           "ORC|RE|P77^GPSYS|F4711^LABSYS\r"
           "OBR|1|P77^GPSYS|F4711^LABSYS|TFT^Thyroid function^L|||202603010830|||||||||||||||" +
           std::string(reported) + "|||F\r" + std::string(obx) + "\r";
}

std::vector<Decoded> hl7_results(std::string_view message) {
    auto all = decode_all(Format::hl7v2, message);
    std::erase_if(all, [](const Decoded& each) { return each.kind == "PID"; });
    return all;
}

Decoded hl7_result(std::string_view message) {
    auto all = hl7_results(message);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Decoded{} : std::move(all.front());
}

} // namespace bonewatch::ingest::rules
