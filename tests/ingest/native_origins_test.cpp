#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

/// `field|place|text|made`, a line each.
std::string origins_of(const std::string& line, bool is_explained = true) {
    const Publisher lab{model::PublisherId("lab")};
    std::string out;
    for (const Decoded& decoded : decode(Format::native, line, lab, vocabulary(), std::nullopt, is_explained))
        for (const Origin& origin : decoded.origins)
            out += origin.field + "|" + origin.place + "|" + origin.text + "|" + origin.made + "\n";
    return out;
}

const std::string line = R"({"type":"result","id":"L-1","patient":"NHS:999 000 0018","code":"tsh","value":"<0.01",)"
                         R"("unit":"mU/L","at":"2026-03-01T08:30","attributes":{"device":"x"},"colour":"red"})";

TEST(NativeOrigins, tell_where_each_field_came_from) {
    EXPECT_EQ(origins_of("\n" + line), "type|line 2, $.type|result|\n"
                                       "id|line 2, $.id|L-1|\n"
                                       "patient|line 2, $.patient|NHS:999 000 0018|as identifiers are compared\n"
                                       "code|line 2, $.code|tsh|\n"
                                       "value|line 2, $.value|<0.01|in the analyte's unit\n"
                                       "unit|line 2, $.unit|mU/L|\n"
                                       "at|line 2, $.at|2026-03-01T08:30|in the publisher's zone, Europe/London\n"
                                       "attributes.device|line 2, $.attributes.device|x|\n"
                                       "publisher|connection|lab|\n"
                                       "version|default||no version is stated\n"
                                       "status|default||no status is stated\n");
}

TEST(NativeOrigins, cost_nothing_where_nobody_asks) {
    EXPECT_EQ(origins_of(line, false), "");
}

TEST(NativeOrigins, of_what_cannot_be_used_are_what_was_there) {
    EXPECT_EQ(origins_of(R"({"type":"result","id":"L-1","unit":"furlong"})"),
              "type|line 1, $.type|result|\nid|line 1, $.id|L-1|\nunit|line 1, $.unit|furlong|\n");
}

} // namespace
} // namespace bonewatch::ingest::rules
