#include "ingest/hl7_diagnosis.h"

#include "ingest/codes.h"
#include "ingest/hl7_origins.h"

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::Result;

constexpr std::size_t code_field = 3, time_field = 5;
constexpr std::int64_t said_rank = 0, taken_back_rank = 1;

/// Where a segment says what.
struct Layout {
    std::string_view fact;
    std::size_t number;
    std::size_t action;
};

class Diagnosis {
  public:
    Diagnosis(const Hl7Context& context, const Hl7Person& person, const Hl7Segment& segment, const Hl7Segment* event)
        : context_(context), person_(person), segment_(segment), event_(event),
          layout_(segment.is("DG1") ? Layout{"diagnosis/", 20, 21} : Layout{"procedure/", 19, 20}),
          known_(hl7_meaning(context, segment[code_field])) {}

    Decoded decode() {
        if (const std::string number = hl7_entity(segment_[layout_.number]); !number.empty())
            fact_ = std::string(layout_.fact) + number;
        if (known_.meaning == nullptr)
            return unknown_code();
        if (segment_[layout_.action].is("D"))
            return retraction();
        if (const Hl7Text type = segment_[6]; segment_.is("DG1") && type.has_value() && !type.is("F"))
            return says(Error{ErrorKind::not_used, "not_confirmed",
                              "DG1-6 '" + type.text().substr(0, 20) + "' says that it is not final",
                              hl7_place(context_, segment_, 6)},
                        said_rank, Hl7Says::not_yet);
        auto event = read_event();
        if (!event)
            return says(std::move(event.error()), said_rank, Hl7Says::cannot_be_used);
        Decoded decoded = outcome(std::move(*event));
        decoded.origins = std::move(origins_);
        return decoded;
    }

  private:
    model::Version version(std::int64_t rank) const {
        return hl7_version(context_, event_ == nullptr ? Hl7Text() : (*event_)[2], rank);
    }

    Decoded outcome(std::variant<Event, Error> content) {
        const std::string what =
            known_.meaning != nullptr ? known_.meaning->id.text : hl7_code_name(segment_[code_field]);
        return hl7_outcome(context_, {event_, person_.pid, &segment_}, std::string(segment_.name()) + " " + what,
                           std::move(content), std::move(warnings_));
    }

    Decoded says(Error error, std::int64_t rank, Hl7Says says) {
        Decoded decoded = outcome(std::move(error));
        hl7_overtake(context_, decoded, fact_, person_, version(rank), says);
        hl7_mean(context_, decoded, person_, known_.meaning == nullptr ? model::CodeId() : known_.meaning->id,
                 segment_[time_field]);
        return decoded;
    }

    Decoded unknown_code() {
        const std::string place = hl7_place(context_, segment_, code_field);
        if (known_.is_slip)
            return says(
                Error{ErrorKind::unusable, "bad_code", bad_code_text(segment_[code_field].component(1).text()), place},
                said_rank, Hl7Says::cannot_be_used);
        Decoded decoded = says(Error{ErrorKind::not_used, "unknown_code", "its code concerns nothing that is watched",
                                     place, hl7_code_as_sent(segment_[code_field])},
                               said_rank, Hl7Says::not_so);
        // Of what nobody watches nothing is kept.
        if (decoded.overtaking)
            decoded.overtaking->is_remembered = false;
        return decoded;
    }

    Result<Event> bare_event(std::int64_t rank) const {
        if (!person_.named)
            return std::unexpected(person_.named.error());
        Event event;
        event.version = version(rank);
        event.patient = *person_.named;
        return event;
    }

    Decoded retraction() {
        auto event = bare_event(taken_back_rank);
        if (event && fact_.empty())
            event = hl7_unusable(hl7_place(context_, segment_, layout_.number), "missing_id",
                                 "it is to be deleted, and no number says which");
        if (!event)
            return outcome(std::move(event.error()));
        event->key = {context_.context.publisher.id, FactId(fact_ + "#deleted")};
        hl7_retract(context_, *event, FactId(fact_));
        hl7_origin(context_, origins_, "id", hl7_place(context_, segment_, layout_.number), segment_[layout_.number]);
        hl7_retraction_origins(context_, person_, *event, event_, 2, origins_);
        Decoded decoded = outcome(std::move(*event));
        decoded.origins = std::move(origins_);
        return decoded;
    }

    Result<Event> read_event() {
        auto event = bare_event(said_rank);
        if (!event)
            return event;
        const std::string place = hl7_place(context_, segment_, time_field);
        if (!segment_[time_field].has_value())
            return hl7_unusable(place, "missing_time",
                                segment_.is("DG1") ? "it does not say since when" : "it does not say when it was done");
        auto at = hl7_clinical_time(context_, segment_[time_field], place, warnings_);
        if (!at)
            return std::unexpected(std::move(at.error()));
        event->at = *at;
        const config::CodeMeaning& meaning = *known_.meaning;
        if (fits(meaning.kind, CodeSlot::condition))
            event->body = model::ConditionEvent{meaning.id, std::nullopt};
        else if (fits(meaning.kind, CodeSlot::procedure))
            event->body = model::ProcedureEvent{meaning.id};
        else
            return hl7_unusable(hl7_place(context_, segment_, code_field), "wrong_kind",
                                "'" + meaning.id.text + "' is no diagnosis and nothing that is done");
        if (fact_.empty()) {
            fact_ = std::string(layout_.fact) +
                    hl7_weak_number(model::to_text(event->patient) + "|" + meaning.id.text + "|" +
                                    std::to_string(event->at.instant.time_since_epoch().count()));
            warnings_.emplace_back("weak_key: no number says which it is; it is only known again by the same patient, "
                                   "code and time");
        }
        event->key = {context_.context.publisher.id, FactId(fact_)};
        hl7_origin(context_, origins_, "id", hl7_place(context_, segment_, layout_.number), segment_[layout_.number],
                   fact_);
        if (context_.context.is_explained)
            origins_.push_back({"patient", person_.place, person_.text, model::to_text(event->patient)});
        hl7_origin(context_, origins_, "code", hl7_place(context_, segment_, code_field, 0, known_.component),
                   segment_[code_field].component(known_.component), meaning.id.text);
        hl7_version_origins(context_, event_, 2, origins_);
        hl7_origin(context_, origins_, "at", place, segment_[time_field], model::to_text(event->at));
        return event;
    }

    const Hl7Context& context_;
    const Hl7Person& person_;
    const Hl7Segment& segment_;
    const Hl7Segment* event_; ///< EVN; null where there is none.
    Layout layout_;
    Hl7Meaning known_;
    std::string fact_; ///< Empty: it has no number.
    Warnings warnings_;
    std::vector<Origin> origins_;
};

} // namespace

std::vector<Decoded> decode_hl7_diagnoses(const Hl7Context& context) {
    std::vector<Decoded> out;
    const Hl7Segment* event = context.message.find("EVN");
    Hl7Person person = hl7_person(context, nullptr);
    for (const Hl7Segment& segment : context.message.segments()) {
        if (segment.is("PID"))
            person = hl7_person(context, &segment);
        else if (segment.is("DG1") || segment.is("PR1"))
            out.push_back(Diagnosis(context, person, segment, event).decode());
    }
    return out;
}

} // namespace bonewatch::ingest
