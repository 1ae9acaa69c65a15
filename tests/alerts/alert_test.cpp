#include "alerts/alert.h"

#include <gtest/gtest.h>

namespace bonewatch::alerts {
namespace {

Alert told() {
    Alert alert;
    alert.id = "0123";
    alert.state = AlertState::resolved;
    alert.opened = Instant(std::chrono::milliseconds(-5));
    alert.closed = Instant(std::chrono::milliseconds(70'000));
    alert.severity = Severity::urgent;
    alert.tags = {"lapsed"};
    alert.evidence = {{{model::PublisherId("lab"), model::FactId("L-1")}, {{1, -2}}, model::CodeId("tsh"), {}}};
    alert.said = std::string(16, '\x7f');
    alert.anchor = {model::PublisherId("anchored-lab"), model::FactId("L-2")};
    alert.first_told = Instant(std::chrono::milliseconds(9));
    alert.acknowledged_by = "dr ash";
    alert.note = "will call";
    alert.entry = 300;
    return alert;
}

TEST(ToldAlert, comes_back_from_its_bytes) {
    const auto back = decode_alert(encode(told()));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, told());
}

TEST(ToldAlert, a_row_of_before_there_was_a_digest_is_read) {
    Alert before = told();
    before.said.clear();
    std::string bytes = encode(before);
    bytes[0] = 1;
    const std::string anchor = "\x0c"
                               "anchored-lab";
    bytes.erase(bytes.find(anchor) - 1, 1);
    const auto back = decode_alert(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, before);
}

TEST(ToldAlert, one_that_a_merge_has_moved_comes_back_from_its_bytes) {
    Alert moved = told();
    moved.home = {7};
    moved.told_of = {8};
    moved.alone = Stretch{Instant(std::chrono::milliseconds(-7)), Instant(std::chrono::milliseconds(3))};
    moved.is_suspended = true;
    const std::string bytes = encode(moved);
    const auto back = decode_alert(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, moved);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_alert(bytes.substr(0, size))) << size;
    EXPECT_FALSE(decode_alert("\x03" + encode(told()).substr(1) + std::string(4, '\0'))) << "nothing was moved";
}

TEST(ToldAlert, other_bytes_are_refused) {
    const std::string bytes = encode(told());
    EXPECT_FALSE(decode_alert(""));
    EXPECT_FALSE(decode_alert("\x04" + bytes.substr(1)));
    EXPECT_FALSE(decode_alert("\x03" + bytes.substr(1)));
    EXPECT_FALSE(decode_alert(bytes + "x"));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_alert(bytes.substr(0, size))) << size;
}

} // namespace
} // namespace bonewatch::alerts
