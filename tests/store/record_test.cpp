#include "store/record.h"

#include "store/event_codec.h"
#include "tests/store/random_event.h"

#include <gtest/gtest.h>

namespace bonewatch::store {
namespace {

using namespace model;
using namespace std::string_view_literals;
using tests::below;

Record random_record(std::mt19937_64& random) {
    const Instant at{
        std::chrono::milliseconds(static_cast<std::int64_t>(below(random, 4'000'000'000'000)) - 1'000'000)};
    switch (below(random, 7)) {
    case 0:
        return {at, TickRecord{}};
    case 1:
        return {at, RevisionRecord{"0a1b", std::string(below(random, 300), 'f')}};
    case 2:
        return {at, CommandRecord{{below(random, 99)}, "A-1", "acknowledge", "dr who", "seen"}};
    case 3:
        return {at, MembersRecord{.patient = {below(random, 9)},
                                  .goes_on_in = {below(random, 2)},
                                  .members = std::vector<PatientNumber>(below(random, 3), PatientNumber{4}),
                                  .merges = std::vector<Event>(below(random, 2), tests::random_event(random)),
                                  .facts = std::vector<std::string>(below(random, 3), "fact"),
                                  .told = std::vector<CarriedAlert>(below(random, 3), {"tsh-low", "alert"}),
                                  .gone = std::vector<std::string>(below(random, 2), "0a"),
                                  .told_openly = std::vector<std::string>(below(random, 2), "tsh-low"),
                                  .loading_until = below(random, 2) == 1 ? std::optional(at) : std::nullopt,
                                  .cause = {PublisherId("lab"), FactId("M-1")},
                                  .is_backfill = below(random, 2) == 1,
                                  .is_group_end = below(random, 2) == 1}};
    default:
        return {at, EventRecord{.patient = {below(random, 3)},
                                .named_patient = {below(random, 3)},
                                .event = tests::random_event(random),
                                .is_backfill = below(random, 2) == 1,
                                .is_group_end = below(random, 2) == 1,
                                .is_relayed = below(random, 2) == 1,
                                .is_own = below(random, 2) == 1,
                                .from = {below(random, 3)},
                                .vocabulary = "v1",
                                .raw = std::string(below(random, 200), 'r'),
                                .retried = below(random, 3) * 1000}};
    }
}

TEST(Record, a_tick_is_eight_bytes) {
    const Record tick{*parse_instant("2026-03-01T09:00:00Z"), TickRecord{}};
    EXPECT_EQ(encode(tick), "\x01\x03\x80\xfa\x81\x8a\x95\x67"sv);
}

TEST(Record, every_record_survives) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 5000; ++i) {
        const Record record = random_record(random);
        const std::string bytes = encode(record);
        const auto read = decode_record(bytes);
        ASSERT_TRUE(read.has_value());
        ASSERT_EQ(read->recorded_at, record.recorded_at);
        ASSERT_EQ(read->body.index(), record.body.index());
        ASSERT_EQ(encode(*read), bytes);
        if (const auto* members = std::get_if<MembersRecord>(&record.body)) {
            const auto& other = std::get<MembersRecord>(read->body);
            ASSERT_EQ(other.members, members->members);
            ASSERT_EQ(other.merges, members->merges);
            ASSERT_EQ(other.facts, members->facts);
            ASSERT_EQ(other.told, members->told);
            ASSERT_EQ(other.gone, members->gone);
            ASSERT_EQ(other.told_openly, members->told_openly);
            ASSERT_EQ(other.loading_until, members->loading_until);
            ASSERT_EQ(other.cause, members->cause);
            ASSERT_EQ(decode_record_head(bytes)->patient, members->patient);
        }
        if (const auto* event = std::get_if<EventRecord>(&record.body)) {
            const auto& other = std::get<EventRecord>(read->body);
            ASSERT_EQ(other.patient, event->patient);
            ASSERT_EQ(other.named_patient, event->named_patient);
            ASSERT_EQ(other.event, event->event);
            ASSERT_EQ(other.is_backfill, event->is_backfill);
            ASSERT_EQ(other.is_group_end, event->is_group_end);
            ASSERT_EQ(other.is_relayed, event->is_relayed);
            ASSERT_EQ(other.retried, event->retried);
            ASSERT_EQ(other.is_own, event->is_own);
            const bool is_merge = std::holds_alternative<MergeEvent>(event->event.body);
            ASSERT_EQ(other.from, is_merge ? event->from : PatientNumber{});
            ASSERT_EQ(other.vocabulary, event->vocabulary);
            ASSERT_EQ(other.raw, event->raw);
        }
    }
}

TEST(Record, a_commands_parts_survive) {
    const Record record{Instant{}, CommandRecord{{7}, "A-1", "acknowledge", "dr who", "seen"}};
    const auto read = decode_record(encode(record));
    const auto& command = std::get<CommandRecord>(read.value().body);
    EXPECT_EQ(command.patient.value, 7u);
    EXPECT_EQ(command.alert, "A-1");
    EXPECT_EQ(command.action, "acknowledge");
    EXPECT_EQ(command.actor, "dr who");
    EXPECT_EQ(command.note, "seen");
}

struct RefusedRecord {
    const char* name;
    std::string_view bytes;
};

class RefusedRecords : public testing::TestWithParam<RefusedRecord> {};

TEST_P(RefusedRecords, are_malformed) {
    const auto read = decode_record(GetParam().bytes);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().kind, ErrorKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(Record, RefusedRecords,
                         testing::Values(RefusedRecord{"empty", ""}, RefusedRecord{"format_0", "\x00\x03\x00"sv},
                                         RefusedRecord{"format_2", "\x02\x03\x00"sv},
                                         RefusedRecord{"kind_0", "\x01\x00\x00"sv},
                                         RefusedRecord{"kind_6", "\x01\x06\x00"sv},
                                         RefusedRecord{"tick_without_time", "\x01\x03"sv},
                                         RefusedRecord{"tick_too_long", "\x01\x03\x00\x00"sv},
                                         RefusedRecord{"event_without_event", "\x01\x01\x00\x00\x01\x00\x00\x00"sv}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Record, a_flag_of_the_future_is_refused) {
    EventRecord event;
    event.patient = event.named_patient = {1};
    const Record record{Instant{}, event};
    std::string bytes = encode(record);
    ASSERT_TRUE(decode_record(bytes).has_value());
    bytes[3] = static_cast<char>(bytes[3] | 32);
    EXPECT_FALSE(decode_record(bytes).has_value());
}

TEST(Record, damage_never_crashes_and_what_is_accepted_is_canonical) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 40'000; ++i) {
        std::string bytes = encode(random_record(random));
        for (auto changes = below(random, 4); changes > 0; --changes)
            bytes[below(random, bytes.size())] = static_cast<char>(below(random, 256));
        bytes.resize(bytes.size() - below(random, 2));
        if (const auto read = decode_record(bytes)) {
            ASSERT_EQ(encode(*read), bytes);
        }
    }
}

} // namespace
} // namespace bonewatch::store
