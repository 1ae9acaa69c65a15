#include "store/event_codec.h"

#include "tests/store/random_event.h"

#include <gtest/gtest.h>

#include <set>

namespace bonewatch::store {
namespace {

using namespace model;
using tests::below;
using tests::random_event;

std::string from_hex(std::string_view text) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2)
        out.push_back(static_cast<char>(digit(text[at]) * 16 + digit(text[at + 1])));
    return out;
}

Event readme_event() {
    Event event;
    event.key = {PublisherId("lab"), FactId("L-1")};
    event.patient = {"nhs", "9990000018"};
    event.at = at_utc(*parse_instant("2026-03-01T08:30:00Z"));
    ResultEvent result;
    result.analyte = CodeId("tsh");
    result.value = ValueInterval{Bound{0, false}, Bound{Rational(1, 100), true}};
    result.value_text = "<0.01";
    result.unit_text = "mU/L";
    event.body = result;
    return event;
}

TEST(EventCodec, the_readmes_example_is_what_is_written) {
    const std::string bytes = from_hex("0201036c6162034c2d310102036e68730a3939393030303030313802c2c00280ad971dfc07"
                                       "00037473680002010001020264053c302e3031046d552f4c0000");
    EXPECT_EQ(encode(readme_event()), bytes);
    EXPECT_EQ(decode_event(bytes).value(), readme_event());
}

TEST(EventCodec, every_event_survives) {
    std::mt19937_64 random(1);
    std::set<std::size_t> types;
    for (int i = 0; i < 20'000; ++i) {
        const Event event = random_event(random);
        types.insert(event.body.index());
        const auto read = decode_event(encode(event));
        ASSERT_TRUE(read.has_value()) << i;
        ASSERT_EQ(*read, event) << i;
    }
    EXPECT_EQ(types.size(), 8u);
}

TEST(EventCodec, different_events_have_different_bytes) {
    std::mt19937_64 random(2);
    std::vector<std::pair<std::string, Event>> seen;
    for (int i = 0; i < 400; ++i) {
        Event event = random_event(random);
        std::string bytes = encode(event);
        for (const auto& [other_bytes, other] : seen)
            ASSERT_EQ(other_bytes == bytes, other == event);
        seen.emplace_back(std::move(bytes), std::move(event));
    }
}

TEST(EventCodec, the_order_of_a_set_leaves_no_trace) {
    PatientEvent patient;
    Event event;
    patient.identifiers = {{"lab", "2"}, {"lab", "1"}, {"lab", "2"}};
    event.body = patient;
    const std::string bytes = encode(event);
    patient.identifiers = {{"lab", "1"}, {"lab", "2"}};
    event.body = patient;
    EXPECT_EQ(encode(event), bytes);
}

TEST(EventCodec, a_tenth_is_a_tenth_however_written) {
    Event first = readme_event();
    std::get<ResultEvent>(first.body).value = ValueInterval::exactly(*parse_decimal("0.10"));
    Event second = readme_event();
    std::get<ResultEvent>(second.body).value = ValueInterval::exactly(*parse_decimal("1e-1"));
    EXPECT_EQ(encode(first), encode(second));
}

TEST(EventCodec, every_cut_and_every_longer_text_is_refused) {
    const std::string bytes = encode(readme_event());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_event(std::string_view(bytes).substr(0, size)).has_value()) << size;
    EXPECT_FALSE(decode_event(bytes + '\0').has_value());
}

TEST(EventCodec, another_format_or_type_is_refused) {
    std::string bytes = encode(readme_event());
    for (const char format : {'\0', '\1', '\3'}) {
        bytes[0] = format;
        EXPECT_EQ(decode_event(bytes).error().kind, ErrorKind::malformed);
    }
    bytes[0] = 2;
    for (const char type : {'\0', '\x09'}) {
        bytes[1] = type;
        EXPECT_FALSE(decode_event(bytes).has_value());
    }
}

TEST(EventCodec, an_exact_value_has_no_second_spelling) {
    Event event = readme_event();
    std::get<ResultEvent>(event.body).value = ValueInterval{Bound{5, false}, Bound{6, false}};
    std::string bytes = encode(event);
    const std::string six = from_hex("02010a01010c01");
    const auto at = bytes.find(six);
    ASSERT_NE(at, std::string::npos);
    EXPECT_TRUE(decode_event(bytes).has_value());
    bytes.replace(at, six.size(), from_hex("02010a01010a01"));
    EXPECT_FALSE(decode_event(bytes).has_value());
}

TEST(EventCodec, whatever_is_accepted_is_canonical) {
    std::mt19937_64 random(3);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::string bytes = encode(random_event(random));
        for (auto changes = 1 + below(random, 3); changes > 0; --changes)
            bytes[below(random, bytes.size())] = static_cast<char>(below(random, 256));
        const auto read = decode_event(bytes);
        (read ? accepted : refused)++;
        if (read) {
            ASSERT_EQ(encode(*read), bytes) << i;
        }
    }
    EXPECT_GT(accepted, 1000);
    EXPECT_GT(refused, 1000);
}

TEST(EventCodec, garbage_never_crashes) {
    std::mt19937_64 random(4);
    for (int i = 0; i < 60'000; ++i) {
        std::string bytes(below(random, 80), '\0');
        for (char& c : bytes)
            c = static_cast<char>(below(random, 256));
        if (bytes.size() > 2) {
            bytes[0] = 2;
            bytes[1] = static_cast<char>(below(random, 9));
        }
        if (const auto read = decode_event(bytes)) {
            ASSERT_EQ(encode(*read), bytes);
        }
    }
}

} // namespace
} // namespace bonewatch::store
