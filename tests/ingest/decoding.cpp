#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace bonewatch::ingest::rules {

namespace {

config::Vocabulary load() {
    const auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
    auto loaded = config::Vocabulary::load(files.value());
    if (loaded)
        return std::move(*loaded);
    for (const auto& problem : loaded.error())
        std::cerr << problem.place << ": " << problem.message << "\n";
    std::abort();
}

} // namespace

const config::Vocabulary& vocabulary() {
    static const config::Vocabulary loaded = load();
    return loaded;
}

std::vector<Decoded> decode_all(Format format, std::string_view message) {
    const Publisher publisher{.id = model::PublisherId("lab")};
    return decode(format, message, publisher, vocabulary(),
                  model::Instant(model::Date(std::chrono::year(2026) / 6 / 1)));
}

Decoded decode_one(Format format, std::string_view message) {
    auto all = decode_all(format, message);
    EXPECT_EQ(all.size(), 1U);
    return std::move(all.front());
}

std::string outcome_word(const Decoded& decoded) {
    const auto* error = std::get_if<model::Error>(&decoded.outcome);
    return error == nullptr ? "applied" : error->reason;
}

std::string_view outcome_of(const Decoded& decoded) {
    const auto* error = std::get_if<model::Error>(&decoded.outcome);
    if (error == nullptr)
        return "applied";
    switch (error->kind) {
    case model::ErrorKind::unusable:
        return "quarantined";
    case model::ErrorKind::not_used:
        return "not_used";
    case model::ErrorKind::malformed:
        return "rejected";
    default:
        return "none of the four";
    }
}

model::Event event_of(const Decoded& decoded) {
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    if (event != nullptr)
        return *event;
    const auto error = error_of(decoded);
    ADD_FAILURE() << error.reason << ": " << error.message << " at " << error.place;
    return {};
}

model::Error error_of(const Decoded& decoded) {
    const auto* error = std::get_if<model::Error>(&decoded.outcome);
    return error == nullptr ? model::Error{} : *error;
}

} // namespace bonewatch::ingest::rules
