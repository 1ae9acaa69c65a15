#include "daemon/permit.h"

#include <gtest/gtest.h>

#include <ostream>

namespace bonewatch::daemon {
namespace {

using config::Role;
using model::Command;

struct Case {
    std::string name;
    std::set<Role> roles;
    DoorName door;
    Command command;
    std::string meta;
    std::string reason; ///< Empty: permitted.
    friend std::ostream& operator<<(std::ostream& out, const Case& each) { return out << each.name; }
};

class Permit : public testing::TestWithParam<Case> {};

TEST_P(Permit, follows_the_table) {
    const Case& each = GetParam();
    const config::ClientKey client{
        .name = "lab", .roles = each.roles, .sources = {"north-lab"}, .consumers = {"ward-7"}};
    const auto permitted = permit(each.door, client, each.command, each.meta);
    EXPECT_EQ(permitted ? "" : permitted.error().reason, each.reason);
    if (!permitted) {
        EXPECT_EQ(permitted.error().kind, model::ErrorKind::refused);
    }
}

const std::string north = R"({"publisher":"north-lab"})";
const std::string south = R"({"publisher":"south-lab"})";
const std::string ward_7 = R"({"consumer":"ward-7"})";
const std::string ward_8 = R"({"consumer":"ward-8"})";

std::string what(const std::string& word) {
    return R"({"what":")" + word + "\"}";
}
std::string action(const std::string& word) {
    return R"({"action":")" + word + "\"}";
}

const std::vector<Case> cases{
    {"publisher_greets", {Role::publisher}, DoorName::ingest, Command::hello, north, ""},
    {"publisher_greets_for_another", {Role::publisher}, DoorName::ingest, Command::hello, south, "other_publisher"},
    {"publisher_publishes", {Role::publisher}, DoorName::ingest, Command::publish, "{}", ""},
    {"nobody_greets", {}, DoorName::ingest, Command::hello, north, "not_allowed"},
    {"nobody_publishes", {}, DoorName::ingest, Command::publish, "{}", "not_allowed"},
    {"nobody_pings", {}, DoorName::ingest, Command::ping, "{}", ""},
    {"admin_publishes", {Role::admin}, DoorName::ingest, Command::publish, "{}", "not_allowed"},
    {"name_that_is_left_out_is_the_doors_to_refuse", {Role::publisher}, DoorName::ingest, Command::hello, "{}", ""},
    {"meta_that_is_none_is_the_doors_to_refuse", {Role::publisher}, DoorName::ingest, Command::hello, "no", ""},
    {"subscriber_subscribes", {Role::subscriber}, DoorName::feed, Command::subscribe, ward_7, ""},
    {"subscriber_takes_anothers_name",
     {Role::subscriber},
     DoorName::feed,
     Command::subscribe,
     ward_8,
     "other_consumer"},
    {"subscriber_commits", {Role::subscriber}, DoorName::feed, Command::commit, "{}", ""},
    {"publisher_commits", {Role::publisher}, DoorName::feed, Command::commit, "{}", "not_allowed"},
    {"publisher_grants_credit", {Role::publisher}, DoorName::feed, Command::credit, "{}", "not_allowed"},
    {"publisher_subscribes", {Role::publisher}, DoorName::feed, Command::subscribe, ward_7, "not_allowed"},
    {"admin_subscribes", {Role::admin}, DoorName::feed, Command::subscribe, ward_7, "not_allowed"},
    {"subscriber_looks", {Role::subscriber}, DoorName::tail, Command::subscribe, "{}", ""},
    {"clinician_looks", {Role::clinician}, DoorName::tail, Command::subscribe, "{}", "not_allowed"},
    {"clinician_asks_for_alerts", {Role::clinician}, DoorName::command, Command::query, what("alerts"), ""},
    {"clinician_asks_for_status", {Role::clinician}, DoorName::command, Command::query, what("status"), ""},
    {"clinician_asks_for_quarantine",
     {Role::clinician},
     DoorName::command,
     Command::query,
     what("quarantine"),
     "not_allowed"},
    {"clinician_acknowledges", {Role::clinician}, DoorName::command, Command::act, action("acknowledge"), ""},
    {"clinician_retries", {Role::clinician}, DoorName::command, Command::act, action("retry"), "not_allowed"},
    {"clinician_dismisses_from_quarantine",
     {Role::clinician},
     DoorName::command,
     Command::act,
     action("dismiss"),
     "not_allowed"},
    {"operator_dismisses_from_quarantine", {Role::operations}, DoorName::command, Command::act, action("dismiss"), ""},
    {"operator_asks_for_status", {Role::operations}, DoorName::command, Command::query, what("status"), ""},
    {"operator_asks_for_quarantine", {Role::operations}, DoorName::command, Command::query, what("quarantine"), ""},
    {"operator_asks_for_a_timeline",
     {Role::operations},
     DoorName::command,
     Command::query,
     what("timeline"),
     "not_allowed"},
    {"operator_acknowledges",
     {Role::operations},
     DoorName::command,
     Command::act,
     action("acknowledge"),
     "not_allowed"},
    {"operator_retries", {Role::operations}, DoorName::command, Command::act, action("retry"), ""},
    {"admin_asks_for_a_timeline", {Role::admin}, DoorName::command, Command::query, what("timeline"), ""},
    {"admin_acknowledges", {Role::admin}, DoorName::command, Command::act, action("acknowledge"), ""},
    {"publisher_asks", {Role::publisher}, DoorName::command, Command::query, what("status"), "not_allowed"},
    {"publisher_and_clinician_asks",
     {Role::publisher, Role::clinician},
     DoorName::command,
     Command::query,
     what("alerts"),
     ""},
    {"command_at_the_ingest_door_is_the_doors_to_refuse",
     {},
     DoorName::ingest,
     Command::act,
     action("acknowledge"),
     ""},
};
INSTANTIATE_TEST_SUITE_P(roles, Permit, testing::ValuesIn(cases), [](const auto& each) { return each.param.name; });

TEST(Permit, any_source_is_a_star) {
    const config::ClientKey client{.name = "hub", .roles = {Role::publisher}, .sources = {"*"}};
    EXPECT_TRUE(permit(DoorName::ingest, client, Command::hello, south).has_value());
}

} // namespace
} // namespace bonewatch::daemon
