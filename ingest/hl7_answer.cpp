#include "ingest/hl7_answer.h"

#include "ingest/hl7_message.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

namespace {

std::unexpected<model::Error> unexpected_answer(const std::string& why) {
    return model::fail(model::ErrorKind::malformed, "unexpected_answer", "what came is no answer: " + why);
}

std::string joined(const std::string& one, const std::string& other) {
    return one + (one.empty() || other.empty() ? "" : " ") + other;
}

/// The words of a coded element: its code and its text.
std::string coded(const Hl7Text& code, const Hl7Text& words) {
    return joined(code.text(), words.text());
}

/// Before 2.5 the first field is repeated: segment, sequence, field, code. From 2.5 on a segment for each.
void add_errors(const Hl7Segment& segment, const Hl7Encoding& encoding, std::vector<Hl7AnswerError>& errors) {
    for (const Hl7Text& old : segment[1].repetitions()) {
        if (!old.has_value())
            continue;
        const std::vector<Hl7Text> parts = old.components();
        Hl7AnswerError& error = errors.emplace_back();
        for (std::size_t i = 0; i < std::min<std::size_t>(3, parts.size()); ++i)
            if (parts[i].has_value())
                error.place += (error.place.empty() ? "" : std::string(1, encoding.component)) + parts[i].text();
        if (parts.size() > 3)
            error.code = coded(parts[3].subcomponent(1), parts[3].subcomponent(2));
    }
    const std::array<std::size_t, 6> fields{2, 3, 4, 5, 7, 8};
    if (std::ranges::none_of(fields, [&](std::size_t field) { return segment[field].has_value(); }))
        return;
    const std::string text = segment[8].text();
    errors.push_back({.severity = segment[4].text(),
                      .place = std::string(segment[2].repetition(1).raw()),
                      .code = coded(segment[3].component(1), segment[3].component(2)),
                      .reason = coded(segment[5].component(1), segment[5].component(2)),
                      .text = text.empty() ? segment[7].text() : text});
}

} // namespace

model::Result<Hl7Answer> read_hl7_answer(std::string_view bytes) {
    const auto message = Hl7Message::read(bytes, "CP1252");
    if (!message)
        return unexpected_answer(message.error().message);
    const Hl7Segment* msa = message->find("MSA");
    if (msa == nullptr)
        return unexpected_answer("it has no MSA");
    Hl7Answer answer{
        .code = (*msa)[1].text(), .control_id = std::string((*msa)[2].raw()), .text = (*msa)[3].text(), .errors = {}};
    constexpr std::array<std::string_view, 6> codes{"AA", "AE", "AR", "CA", "CE", "CR"};
    if (std::ranges::find(codes, answer.code) == codes.end())
        return unexpected_answer("its MSA-1 '" + answer.code.substr(0, 20) + "' is none of AA, AE, AR, CA, CE, CR");
    for (const Hl7Segment& segment : message->segments())
        if (segment.is("ERR"))
            add_errors(segment, message->encoding(), answer.errors);
    return answer;
}

} // namespace bonewatch::ingest
