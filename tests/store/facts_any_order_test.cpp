#include "store/facts.h"

#include "store/event_codec.h"
#include "store/model/promotion.h"
#include "tests/store/facts_sample.h"
#include "tests/store/random_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace bonewatch::store {
namespace {

using namespace model;
using namespace tests;
using enum Outcome;

std::vector<Event> random_history(std::mt19937_64& random) {
    std::vector<Event> history;
    for (auto left = 1 + below(random, 7); left > 0; --left) {
        const Version version{{static_cast<std::int64_t>(1 + below(random, 3))}};
        const auto kind = below(random, 7);
        if (kind == 6)
            history.push_back(promoted("U" + std::to_string(below(random, 2)), version));
        else if (kind == 0)
            history.push_back(doubted("D" + std::to_string(below(random, 2)), version));
        else if (kind == 1)
            history.push_back(retracted("R" + std::to_string(below(random, 3)),
                                        below(random, 6) == 0 ? std::nullopt : std::optional(version),
                                        below(random, 2) == 0 ? anna : bert));
        else
            history.push_back(said(below(random, 3) == 0 ? bert : anna, version,
                                   std::to_string(below(random, 2)) + (below(random, 3) == 0 ? "?" : "")));
    }
    return history;
}

/// Of so many versions that not all of them are kept.
std::vector<Event> long_history(std::mt19937_64& random, bool has_wrong_patients) {
    std::vector<Event> history;
    for (auto left = 100 + below(random, 60); left > 0; --left) {
        const Version version{{static_cast<std::int64_t>(1 + below(random, 60))}};
        const auto kind = below(random, 30);
        const PatientNumber patient = below(random, 3) == 0 ? bert : anna;
        const std::string number = std::to_string(below(random, 90));
        if (kind == 0 && has_wrong_patients) {
            history.push_back(wrong("W" + number, patient, version));
        } else if (kind < 4) {
            history.push_back(kind == 1   ? promoted("U" + number, version)
                              : kind == 2 ? doubted("D" + number, version)
                                          : retracted("R" + number, version, patient));
        } else {
            history.push_back(said(patient, version, number + (below(random, 3) == 0 ? "?" : "")));
        }
    }
    return history;
}

FactVersions admitted(const std::vector<Event>& history, std::map<Outcome, int>& counts) {
    FactVersions fact;
    for (const Event& event : history)
        ++counts[fact.admit(named_in(event), event)];
    return fact;
}

TEST(Facts, the_order_of_arrival_leaves_no_trace) {
    std::mt19937_64 random(1);
    std::map<Outcome, int> counts;
    for (int i = 0; i < 1200; ++i) {
        std::vector<Event> history = i < 1000 ? random_history(random) : long_history(random, true);
        const FactVersions first = admitted(history, counts);
        for (int shuffle = 0; shuffle < 6; ++shuffle) {
            std::ranges::shuffle(history, random);
            const FactVersions other = admitted(history, counts);
            ASSERT_EQ(other.encode(), first.encode());
            ASSERT_EQ(other.standing(anna), first.standing(anna));
            ASSERT_EQ(other.standing(bert), first.standing(bert));
            ASSERT_EQ(other.is_disputed(), first.is_disputed());
        }
    }
    for (const Outcome outcome : {applied, duplicate, superseded, disputed, kept})
        EXPECT_GT(counts[outcome], 500) << to_text(outcome);
}

/// What design says, read word for word over the whole set: shares nothing with FactVersions. The texts that stand, and
/// `?` where they are disputed; `!` behind what is promoted.
std::vector<std::string> stands_by_the_book(const std::vector<Event>& history, PatientNumber patient) {
    std::optional<Version> greatest;
    std::optional<Version> hidden;
    std::optional<Version> doubted;
    std::optional<Version> promoted_to;
    bool is_final = false;
    for (const Event& event : history) {
        if (event.attributes.contains(promotion_attribute))
            promoted_to = std::max(promoted_to, std::get<RetractionEvent>(event.body).of_version);
        else if (event.attributes.contains(doubt_attribute))
            doubted = std::max(doubted, std::get<RetractionEvent>(event.body).of_version);
        else if (const auto* retraction = std::get_if<RetractionEvent>(&event.body)) {
            is_final = is_final || !retraction->of_version;
            hidden = std::max(hidden, retraction->of_version);
        } else {
            greatest = std::max(greatest, std::optional(event.version));
        }
    }
    std::set<std::string> texts;
    std::set<std::string> contents;
    if (greatest && !is_final && !(hidden && *greatest <= *hidden))
        for (const Event& event : history)
            if (const auto* result = std::get_if<ResultEvent>(&event.body); result && event.version == *greatest) {
                contents.insert(event.patient.value + result->value_text);
                if (named_in(event) == patient)
                    texts.insert(result->value_text +
                                 (result->value_text.ends_with('?') && promoted_to > greatest ? "!" : ""));
            }
    if (contents.size() > 1 || (!contents.empty() && doubted > greatest))
        texts.insert("?");
    return {texts.begin(), texts.end()};
}

TEST(Facts, agree_with_the_rules_read_word_for_word) {
    std::mt19937_64 random(2);
    std::map<Outcome, int> counts;
    for (int i = 0; i < 5000; ++i) {
        const std::vector<Event> history = i < 4000 ? random_history(random) : long_history(random, false);
        const FactVersions fact = admitted(history, counts);
        for (const PatientNumber patient : {anna, bert}) {
            std::vector<std::string> texts;
            for (const Event& event : fact.standing(patient))
                texts.push_back(shown(std::get<ResultEvent>(event.body)));
            if (fact.is_disputed())
                texts.emplace_back("?");
            std::ranges::sort(texts);
            ASSERT_EQ(texts, stands_by_the_book(history, patient)) << i;
        }
    }
}

TEST(Facts, survive_encoding_and_go_on) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i) {
        FactVersions fact;
        for (const Event& event : random_history(random)) {
            auto copy = FactVersions::decode(fact.encode());
            ASSERT_TRUE(copy.has_value());
            ASSERT_EQ(copy->encode(), fact.encode());
            ASSERT_EQ(copy->admit(named_in(event), event), fact.admit(named_in(event), event));
            ASSERT_EQ(copy->standing(anna), fact.standing(anna));
        }
    }
}

TEST(Facts, damage_never_crashes_and_what_is_accepted_is_canonical) {
    std::mt19937_64 random(4);
    std::map<Outcome, int> counts;
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = admitted(random_history(random), counts).encode();
        for (auto changes = 1 + below(random, 3); changes > 0; --changes)
            bytes[below(random, bytes.size())] = static_cast<char>(below(random, 256));
        const auto read = FactVersions::decode(bytes);
        refused += read ? 0 : 1;
        if (read) {
            ASSERT_EQ(read->encode(), bytes);
        }
    }
    EXPECT_GT(refused, 1000);
}

TEST(Facts, contents_out_of_order_are_refused) {
    FactVersions first;
    (void)first.admit(anna, said(anna, {{1}}, "5"));
    FactVersions second;
    (void)second.admit(anna, said(anna, {{2}}, "5"));
    const std::string one = first.encode().substr(2, first.encode().size() - 3);
    const std::string two = second.encode().substr(2, second.encode().size() - 3);
    const auto fact_of_two = [](const std::string& a, const std::string& b) {
        return std::string("\x01\x02", 2) + a + b + std::string(1, '\0');
    };
    EXPECT_TRUE(FactVersions::decode(fact_of_two(one, two)).has_value());
    EXPECT_FALSE(FactVersions::decode(fact_of_two(two, one)).has_value());
    EXPECT_FALSE(FactVersions::decode(fact_of_two(one, one)).has_value());
}

} // namespace
} // namespace bonewatch::store
