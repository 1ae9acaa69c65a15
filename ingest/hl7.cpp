#include "ingest/hl7.h"

#include "ingest/hl7_batch.h"
#include "ingest/hl7_charset.h"
#include "ingest/hl7_diagnosis.h"
#include "ingest/hl7_element.h"
#include "ingest/hl7_medication.h"
#include "ingest/hl7_person.h"
#include "ingest/hl7_result.h"
#include "ingest/hl7_value.h"
#include "ingest/lines.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;

using Decoder = std::vector<Decoded> (*)(const Hl7Context& context);

std::vector<Decoded> only(Decoded decoded) {
    std::vector<Decoded> out;
    out.push_back(std::move(decoded));
    return out;
}

/// By type, and by event where the type has several meanings. Null: nothing that is watched.
Decoder decoder_of(const Hl7Message& message) {
    constexpr std::array<std::string_view, 7> with_results{"ORU", "OUL", "ORM", "ORR", "OML", "ORL", "OMG"};
    if (message.type() == "ADT")
        return decode_hl7_person;
    if (is_hl7_medication(message))
        return decode_hl7_medication;
    return std::ranges::find(with_results, message.type()) != with_results.end() ? decode_hl7_results : nullptr;
}

/// Sent to tell something: one that holds no order at all has lost it on the way.
bool is_report(const Hl7Message& message) {
    constexpr std::array<std::string_view, 6> reports{"ORU", "OUL", "RDE", "RDS", "RAS", "OMP"};
    return std::ranges::find(reports, message.type()) != reports.end();
}

std::string name_of(const Hl7Message& message) {
    return message.event().empty() ? message.type() : message.type() + "^" + message.event();
}

/// Why a message that can be read is not taken.
std::optional<Error> refusal_of(const Hl7Message& message, const config::PublisherSettings& settings) {
    const Hl7Text processing = message.msh()[11].component(1);
    if (processing.has_value() && !processing.is("P") && !settings.takes_test_messages)
        return Error{ErrorKind::malformed, "test_message",
                     "MSH-11 '" + processing.text().substr(0, 20) +
                         "' says that it is no message of production; a publisher's settings may allow these",
                     "MSH-11"};
    const std::string version = message.msh()[12].component(1).text();
    const bool is_known = version.empty() || (version.starts_with("2.") && version.size() > 2 && version[2] >= '1' &&
                                              version[2] <= '8' && (version.size() == 3 || version[3] == '.'));
    if (!is_known)
        return Error{ErrorKind::malformed, "unknown_version",
                     "MSH-12 '" + version.substr(0, 20) + "' is none of the versions 2.1 to 2.8", "MSH-12"};
    return std::nullopt;
}

/// How many bytes are kept of a message at most: an event keeps its own segment, and those that frame it.
std::size_t kept_bytes(const Hl7Message& message) {
    constexpr std::array<std::string_view, 13> framing{"MSH", "EVN", "PID", "MRG", "ORC", "OBR", "SPM",
                                                       "RXO", "RXE", "RXD", "RXA", "RXR", "TQ1"};
    constexpr std::array<std::string_view, 9> events{"PID", "MRG", "ORC", "OBR", "OBX", "RXD", "RXA", "DG1", "PR1"};
    const auto is_of = [](const auto& names, const Hl7Segment& segment) {
        return std::ranges::any_of(names, [&](std::string_view name) { return segment.is(name); });
    };
    constexpr std::size_t warning_bytes = 200; // Of a number that cannot be: of each of the person's events.
    const auto identifiers = [](const Hl7Segment& segment) { return segment[3].repetition_count(); };
    std::array<std::size_t, framing.size()> longest{};
    for (const Hl7Segment& segment : message.segments())
        for (std::size_t i = 0; i < framing.size(); ++i)
            if (segment.is(framing[i]))
                longest[i] = std::max(longest[i], segment.bytes().size() +
                                                      (segment.is("PID") ? identifiers(segment) * warning_bytes : 0));
    const std::size_t frame = std::accumulate(longest.begin(), longest.end(), std::size_t{0});
    std::size_t kept = 0;
    constexpr std::size_t stated_max = 4; // Birth, sex, death, and whether there was one.
    for (const Hl7Segment& segment : message.segments()) {
        const std::size_t count = segment.is("PID")                              ? identifiers(segment) + stated_max
                                  : segment.is("MRG")                            ? segment[1].repetition_count()
                                  : segment.is("OBX") && is_hl7_numeric(segment) ? segment[5].repetition_count()
                                                                                 : 1;
        if (is_of(events, segment))
            kept += count * (frame + segment.bytes().size());
    }
    return kept;
}

Decoded refused(Error error, const std::string& prefix, std::string kind, std::string_view text) {
    error.place = prefix + error.place;
    return rejected(std::move(error), std::move(kind), text);
}

/// `room`: what may still be kept of the body; less by what the message may keep.
std::vector<Decoded> decode_message(std::string_view text, const std::string& prefix, const MessageContext& context,
                                    std::size_t& room) {
    const auto& settings = *context.publisher.settings;
    auto message = Hl7Message::read(text, settings.charset);
    if (!message)
        return only(refused(std::move(message.error()), prefix, "HL7", text));
    const std::string name = name_of(*message);
    if (auto refusal = refusal_of(*message, settings))
        return only(refused(std::move(*refusal), prefix, name, text));
    const std::size_t kept = kept_bytes(*message);
    if (kept > room)
        return only(
            refused({ErrorKind::malformed, "too_large",
                     "its long segments, kept with each of its results, would be more than 256 MiB; divide it", "MSH"},
                    prefix, name, text));
    room -= kept;
    if (context.is_explained)
        message->note_fields();
    const Hl7Text sent = message->msh()[7];
    Hl7Context inner{context, *message, hl7_clock(context.zone, sent, settings.midnight_is_date), prefix, std::nullopt};
    inner.sent = hl7_milliseconds(sent, inner.clock);
    const Decoder decoder = decoder_of(*message);
    auto all = decoder == nullptr ? std::vector<Decoded>() : decoder(inner);
    if (message->type() == "ADT" || message->type() == "BAR")
        std::ranges::move(decode_hl7_diagnoses(inner), std::back_inserter(all));
    // In a file that is replayed it became known when it was sent.
    if (context.publisher.is_file && inner.sent)
        for (Decoded& each : all)
            each.recorded = model::Instant(std::chrono::milliseconds(*inner.sent));
    const bool is_of_persons_alone = std::ranges::all_of(all, [](const Decoded& each) { return each.kind == "PID"; });
    if (is_of_persons_alone && is_report(*message))
        all.push_back(
            hl7_outcome(inner, {}, message->segments().subspan(1), name,
                        Error{ErrorKind::unusable, "missing_field",
                              "no order is found in it (OBR, ORC): its segments end with CR, or LF", prefix + "MSH"}));
    if (all.empty())
        all.push_back(hl7_outcome(inner, {}, name,
                                  Error{ErrorKind::not_used, "unknown_message",
                                        "nothing in messages of this kind is watched", prefix + "MSH-9"}));
    for (const std::string& place : message->fields_passed_over())
        all.back().origins.push_back({{}, prefix + place, {}, "not read"});
    return all;
}

} // namespace

std::vector<Decoded> decode_hl7(std::string_view body, const MessageContext& context) {
    if (is_utf16_hl7(body))
        return only(rejected(utf16_refusal(), "HL7", body));
    const Hl7Batch batch = split_hl7(body);
    std::vector<Decoded> all;
    const bool is_alone = batch.messages.size() == 1;
    std::size_t room = kept_bytes_max;
    for (std::size_t i = 0; i < batch.messages.size(); ++i) {
        const std::string prefix = is_alone ? std::string() : "message " + std::to_string(i + 1) + ", ";
        auto of_message = decode_message(batch.messages[i], prefix, context, room);
        // A file that is replayed may be of any size; only its single messages are bounded.
        if (context.publisher.is_file)
            room = kept_bytes_max;
        if (all.empty())
            all = std::move(of_message);
        else
            std::ranges::move(of_message, std::back_inserter(all));
    }
    for (const Hl7Problem& problem : batch.problems)
        all.push_back(rejected(problem.error, "HL7 batch", problem.text));
    if (all.empty() && Lines(body).next()) {
        const bool is_batch = is_hl7(body);
        all.push_back(is_batch
                          ? Decoded{Error{ErrorKind::not_used, "empty_batch", "the batch holds no message", {}},
                                    {},
                                    "HL7 batch",
                                    {},
                                    std::nullopt}
                          : rejected({ErrorKind::malformed, "not_hl7", "there is no message: it begins with MSH", {}},
                                     "HL7", body));
    }
    return all;
}

} // namespace bonewatch::ingest
