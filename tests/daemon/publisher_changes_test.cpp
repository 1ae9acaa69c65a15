#include "daemon/publisher_changes.h"

#include <gtest/gtest.h>

namespace bonewatch::daemon {
namespace {

using Lines = std::vector<std::string>;

TEST(PublisherChanges, name_each_setting_that_is_otherwise) {
    config::Publishers before;
    before["lab"] = {};
    before["old"] = {};
    EXPECT_EQ(changes_between(before, before), Lines{});
    config::Publishers after;
    after["lab"].zone = "UTC";
    after["lab"].units["furlong"] = "mU/L";
    after["lab"].codes[{"99lab", "T"}] = config::CodeMeaning();
    after["new"] = {};
    EXPECT_EQ(changes_between(before, after), (Lines{"publisher=lab changed=zone,codes,units",
                                                     "publisher=new changed=added", "publisher=old changed=removed"}));
    config::Publishers otherwise = after;
    otherwise["lab"].codes[{"99lab", "T"}].missing_unit = "mU/L";
    EXPECT_EQ(changes_between(after, otherwise), Lines{"publisher=lab changed=codes"});
}

} // namespace
} // namespace bonewatch::daemon
