#include "ingest/hl7_observation.h"

#include "ingest/codes.h"
#include "ingest/hl7_code.h"
#include "ingest/hl7_origins.h"
#include "ingest/hl7_status.h"
#include "ingest/hl7_value.h"
#include "ingest/result_event.h"
#include "store/model/promotion.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using config::CodeKind;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::Result;
using model::ResultStatus;

constexpr std::size_t fact_bytes_max = 256;
constexpr std::size_t attribute_bytes_max = 256;

/// The id of an order that has no number: its patient, its placer's number, its service and its time.
std::string weak_order(const Hl7Order& order, const model::ClinicalTime& at) {
    std::string all = model::to_text(*order.person.named);
    if (order.obr != nullptr)
        all.append("|").append(hl7_entity((*order.obr)[2])).append("|").append(hl7_code_identity((*order.obr)[4]));
    all.append("|").append(std::to_string(at.instant.time_since_epoch().count()));
    return hl7_weak_number(all);
}

/// What stays the same from one version of a result to the next: its code, and its sub-id; behind `#`, as a part of it,
/// which repetition it is.
std::string test_of(const Hl7Segment& obx, std::size_t repetition) {
    std::string out = "#" + hl7_code_identity(obx[3]);
    if (const std::string sub_id = obx[4].text(); !sub_id.empty())
        out.append("/").append(sub_id);
    if (repetition > 1)
        out.append("#").append(std::to_string(repetition));
    return out;
}

ResultStatus status_of(Hl7Standing standing) {
    if (standing == Hl7Standing::no_result)
        return ResultStatus::no_result;
    return standing == Hl7Standing::preliminary ? ResultStatus::preliminary : ResultStatus::final_;
}

/// Cut between characters.
std::string cut(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max)
        return text;
    while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U)
        --bytes_max;
    text.resize(bytes_max);
    return text;
}

bool has_words(const Warnings& warnings) {
    return std::ranges::any_of(warnings,
                               [](const std::string& warning) { return warning.starts_with("value_unreadable"); });
}

/// One observation of a known code.
class Observation {
  public:
    Observation(const Hl7Context& context, const Hl7Order& order, std::span<const Hl7Segment> segments,
                const Hl7Meaning& code)
        : context_(context), order_(order), segments_(segments), obx_(segments.front()), code_(code),
          kind_("OBX " + code.meaning->id.text) {}

    std::vector<Decoded> decode() {
        read_standing();
        const std::size_t count = standing_ && is_hl7_numeric(obx_) ? obx_[5].repetition_count() : 1;
        for (std::size_t i = 1; i <= count; ++i)
            decode_repetition(i);
        return std::move(out_);
    }

  private:
    std::string place(std::size_t field, std::size_t repetition = 0) const {
        return hl7_place(context_, obx_, field, repetition);
    }

    void read_standing() {
        if (obx_[11].has_value())
            standing_ = hl7_standing(obx_[11].text());
        else if (order_.obr != nullptr)
            standing_ = hl7_report_standing((*order_.obr)[25].text());
        // One whose status cannot be read casts doubt on what was said before it, and on nothing of its own time.
        version_ = hl7_version(context_, order_.obr == nullptr ? Hl7Text() : (*order_.obr)[22],
                               standing_ ? rank_of(*standing_) : 0);
    }

    void add(std::variant<Event, Error> content, Warnings warnings) {
        const auto& of_person = order_.person.warnings;
        warnings.insert(warnings.begin(), of_person.begin(), of_person.end());
        out_.push_back(hl7_outcome(context_, {order_.person.pid, order_.orc, order_.obr, order_.spm}, segments_, kind_,
                                   std::move(content), std::move(warnings)));
    }

    void decode_repetition(std::size_t repetition) {
        Warnings warnings;
        std::vector<Origin> origins;
        auto event = read_event(repetition, warnings, origins);
        if (event) {
            explain_frame(*event, hl7_time_place(order_, &obx_), origins);
            add(std::move(*event), std::move(warnings));
            out_.back().origins = std::move(origins);
            if (corrects())
                out_.back().corrects = Correction{fact_.substr(0, order_size_) + "#", code_.meaning->id, place(3)};
            // Without their values nobody says how many repetitions there were.
            out_.back().reaches_parts = is_about_older_versions();
            return;
        }
        const bool is_denied = event.error().kind == ErrorKind::not_used;
        const Hl7Says says = !is_denied ? Hl7Says::cannot_be_used
                             : *standing_ == Hl7Standing::preliminary || *standing_ == Hl7Standing::pending
                                 ? Hl7Says::not_yet
                                 : Hl7Says::not_so;
        const bool says_nothing =
            is_denied && (*standing_ == Hl7Standing::not_asked || *standing_ == Hl7Standing::appended);
        add(std::move(event.error()), std::move(warnings));
        const Hl7TimePlace when = hl7_time_place(order_, &obx_);
        hl7_mean(context_, out_.back(), order_.person, code_.is_contradictory ? model::CodeId() : code_.meaning->id,
                 when.segment == nullptr ? Hl7Text() : (*when.segment)[when.field]);
        if (!says_nothing && !fact_.empty())
            hl7_overtake(context_, out_.back(), fact_, order_.person, version_, says);
    }

    /// Sets `fact_`, as soon as it is known.
    Result<Event> read_event(std::size_t repetition, Warnings& warnings, std::vector<Origin>& origins) {
        const std::string order_id = hl7_filler_order(order_);
        order_size_ = order_id.size();
        fact_ = order_id.empty() ? std::string() : order_id + test_of(obx_, repetition);
        if (!standing_)
            return hl7_unusable(place(11), "bad_status",
                                obx_[11].has_value()
                                    ? "OBX-11 '" + obx_[11].text().substr(0, 20) + "' is no status of a result"
                                    : "OBX-11 says whether a result counts; it is missing");
        if (code_.is_contradictory)
            return hl7_unusable(place(3), "contradictory_codes", "its two codes stand for different things");
        if (!order_.person.named)
            return std::unexpected(order_.person.named.error());
        if (auto nothing = says_nothing())
            return std::unexpected(std::move(*nothing));

        Event event;
        event.version = version_;
        event.patient = *order_.person.named;
        const Hl7TimePlace when = hl7_time_place(order_, &obx_);
        const bool is_needed = !is_about_older_versions() || order_id.empty();
        if (auto ok = read_time(when, is_needed, event, warnings); !ok)
            return std::unexpected(std::move(ok.error()));
        if (order_id.empty()) {
            fact_ = weak_order(order_, event.at);
            order_size_ = fact_.size();
            fact_ += test_of(obx_, repetition);
            warnings.emplace_back(
                "weak_key: neither OBR-3 nor ORC-3 numbers the order; a correction is only known by the "
                "same patient, service and time");
        }
        if (fact_.size() > fact_bytes_max)
            return hl7_unusable(place(3), "missing_id",
                                "OBR-3, OBX-3 and OBX-4 together are longer than 256 bytes: they cannot name a result");
        if (code_.is_slip)
            warnings.emplace_back(
                "bad_check_digit: a code in OBX-3 fails its check digit; the result is known by it, and a "
                "later message with the right one is of another result");
        event.key = {context_.context.publisher.id, FactId(fact_)};
        if (is_about_older_versions())
            return about_older_versions(std::move(event));
        read_attributes(event);
        auto body = read_body(repetition, warnings, origins);
        if (!body)
            return std::unexpected(std::move(body.error()));
        event.body = std::move(*body);
        return event;
    }

    /// Why a status says nothing that would be an event.
    std::optional<Error> says_nothing() const {
        const bool is_empty = !obx_[5].has_value();
        if (*standing_ == Hl7Standing::pending)
            return Error{ErrorKind::not_used, "pending", "the specimen is there, its result is not", place(11)};
        if (*standing_ == Hl7Standing::not_asked)
            return Error{ErrorKind::not_used, "not_asked", "it is a detail of an order, and no result", place(11)};
        if (*standing_ == Hl7Standing::appended && is_empty)
            return Error{ErrorKind::not_used, "comment_only", "a comment was added, and the value is as it was",
                         place(11)};
        return std::nullopt;
    }

    /// Whether it says that an older version of the result is known.
    bool corrects() const {
        return code_.meaning->kind == CodeKind::analyte &&
               (*standing_ == Hl7Standing::corrected || *standing_ == Hl7Standing::deleted ||
                *standing_ == Hl7Standing::wrong_patient);
    }

    bool is_about_older_versions() const {
        return *standing_ == Hl7Standing::promoted || *standing_ == Hl7Standing::deleted ||
               *standing_ == Hl7Standing::wrong_patient;
    }

    /// What is retracted or promoted need not say when it was so.
    Result<void> read_time(const Hl7TimePlace& when, bool is_needed, Event& event, Warnings& warnings) const {
        if (when.segment == nullptr && !is_needed)
            return {};
        if (when.segment == nullptr)
            return hl7_unusable(
                place(14), "missing_time",
                "neither OBX-14 nor OBR-7, SPM-17 or OBR-14 says when it was so; MSH-7 is not that time");
        auto at = hl7_clinical_time(context_, (*when.segment)[when.field],
                                    hl7_place(context_, *when.segment, when.field), warnings);
        if (!at && !is_needed)
            return {};
        if (!at)
            return std::unexpected(std::move(at.error()));
        if (when.is_receipt)
            warnings.emplace_back("time_is_received: only OBR-14, when the specimen was received, is stated");
        event.at = *at;
        return {};
    }

    Event about_older_versions(Event event) const {
        const FactId fact = event.key.id;
        if (is_stated(version_))
            event.at = model::at_utc(model::Instant(std::chrono::milliseconds(version_.parts.front())));
        const bool is_promotion = *standing_ == Hl7Standing::promoted;
        const char* const why = is_promotion                               ? "final"
                                : *standing_ == Hl7Standing::wrong_patient ? "wrong_patient"
                                                                           : "deleted";
        event.key.id = FactId(fact.text + "#" + why);
        event.attributes.emplace(is_promotion ? model::promotion_attribute : "reason", why);
        const bool is_of_version = is_promotion || is_stated(version_);
        event.body = model::RetractionEvent{fact, is_of_version ? std::optional(version_) : std::nullopt};
        return event;
    }

    Result<model::EventBody> read_body(std::size_t repetition, Warnings& warnings, std::vector<Origin>& origins) {
        const auto kind = code_.meaning->kind;
        if (kind == CodeKind::analyte)
            return read_result(repetition, warnings, origins);
        if (status_of(*standing_) != ResultStatus::final_)
            return model::fail(ErrorKind::not_used, "not_final",
                               "only what is final counts as having been found or done", place(11));
        if (fits(kind, CodeSlot::condition))
            return read_finding();
        if (fits(kind, CodeSlot::procedure))
            return model::ProcedureEvent{code_.meaning->id};
        return hl7_unusable(place(3), "wrong_kind", "'" + code_.meaning->id.text + "' is nothing that is observed");
    }

    /// A diagnosis or finding written as an observation: said with nothing beside it, or with a plain yes (table 0136).
    Result<model::EventBody> read_finding() const {
        const Hl7Text value = obx_[5].component(1);
        if (!obx_[5].has_value() || value.is("Y"))
            return model::ConditionEvent{code_.meaning->id, std::nullopt};
        if (value.is("N"))
            return model::fail(ErrorKind::not_used, "said_to_be_absent", "it is said not to be so", place(5));
        return hl7_unusable(place(5), "unusable_value",
                            "'" + code_.meaning->id.text + "' is there or not; its value is neither Y nor N");
    }

    Result<model::EventBody> read_result(std::size_t repetition, Warnings& warnings, std::vector<Origin>& origins) {
        const auto& analyte = *context_.context.vocabulary.analyte(code_.meaning->id);
        auto value = read_hl7_value(context_, obx_, repetition);
        if (!value)
            return std::unexpected(std::move(value.error()));
        for (const Hl7Segment& more : segments_.subspan(1))
            if (more.is("OBX"))
                value->text.append("\n").append(read_hl7_value(context_, more, 1).value_or(Hl7Value{}).text);
        warnings.insert(warnings.end(), value->warnings.begin(), value->warnings.end());
        PublishedResult published;
        published.status = status_of(*standing_);
        published.sent_as = code_.meaning;
        published.value_text = value->text;
        read_hl7_range(obx_[7], published, warnings);
        if (value->units.empty())
            value->units.emplace_back();
        // Both triplets of OBX-6 may hold a unit, and senders call their own spelling UCUM.
        std::optional<Result<model::ResultEvent>> first;
        for (const std::string& unit : value->units) {
            published.unit = unit;
            Warnings of_unit;
            auto result = make_result(context_.context, analyte, published, of_unit);
            const bool is_unit_unknown = !result && result.error().reason == "unknown_unit";
            if (is_unit_unknown && first)
                continue;
            if (!is_unit_unknown)
                warnings.insert(warnings.end(), of_unit.begin(), of_unit.end());
            first = std::move(result);
            if (!is_unit_unknown)
                break;
        }
        if (!*first) {
            first->error().place =
                place(first->error().reason == "unknown_unit" || first->error().reason == "missing_unit" ? 6
                      : first->error().reason == "missing_range"                                         ? 7
                                                                                                         : 5);
            return std::unexpected(std::move(first->error()));
        }
        if (obx_[2].is("SN") && has_words(warnings))
            warnings.emplace_back("value_type_mismatch: OBX-2 says SN, and what stands in OBX-5 is no number");
        explain_result(repetition, **first, origins);
        return std::move(**first);
    }

    void explain_frame(const Event& event, const Hl7TimePlace& when, std::vector<Origin>& origins) const {
        if (!context_.context.is_explained)
            return;
        const bool is_retraction = std::holds_alternative<model::RetractionEvent>(event.body);
        hl7_origin(context_, origins, "id", place(3), obx_[3], event.key.id.text);
        for (const Hl7Segment* segment : {order_.obr, order_.orc})
            if (segment != nullptr && !hl7_entity((*segment)[3]).empty()) {
                hl7_origin(context_, origins, "id", hl7_place(context_, *segment, 3), (*segment)[3], "the order");
                break;
            }
        hl7_origin(context_, origins, "id", place(4), obx_[4], "the sub-id");
        origins.push_back({"patient", order_.person.place, order_.person.text, model::to_text(event.patient)});
        if (!is_retraction)
            hl7_origin(context_, origins, "code", hl7_place(context_, obx_, 3, 0, code_.component),
                       obx_[3].component(code_.component), code_.meaning->id.text);
        const Hl7Segment& of_status = obx_[11].has_value() || order_.obr == nullptr ? obx_ : *order_.obr;
        const std::size_t status = &of_status == &obx_ ? 11 : 25;
        hl7_origin(context_, origins, "status", hl7_place(context_, of_status, status), of_status[status]);
        hl7_version_origins(context_, order_.obr, 22, origins);
        hl7_origin(context_, origins, "version", hl7_place(context_, of_status, status), of_status[status],
                   "the last part, by its rank");
        hl7_attribute_origins(context_, segments_, event, origins);
        if (is_retraction && event.at != model::ClinicalTime{})
            origins.push_back({"at", {}, {}, "computed from the version"});
        else if (when.segment != nullptr && !is_retraction)
            hl7_origin(context_, origins, "at", hl7_place(context_, *when.segment, when.field),
                       (*when.segment)[when.field],
                       model::to_text(event.at.instant) + ", there " + model::to_text(event.at));
    }

    void explain_result(std::size_t repetition, const model::ResultEvent& result, std::vector<Origin>& origins) const {
        if (!context_.context.is_explained)
            return;
        const bool has_several = obx_[5].repetition_count() > 1;
        if (result.value || !result.value_text.empty())
            hl7_origin(context_, origins, "value", place(5, has_several ? repetition : 0),
                       obx_[5].repetition(repetition), result.value ? model::to_text(*result.value) : "words");
        if (!result.unit_text.empty())
            explain_unit(obx_[5].repetition(repetition), result.unit_text, origins);
        if (result.range_low || result.range_high)
            hl7_origin(context_, origins, "range", place(7), obx_[7]);
    }

    /// A unit that stands neither in its field nor behind the value is the settings'.
    void explain_unit(const Hl7Text& value, const std::string& unit, std::vector<Origin>& origins) const {
        if (obx_[6].has_value())
            hl7_origin(context_, origins, "unit", place(6), obx_[6], unit);
        else if (value.text().find(unit) != std::string::npos)
            hl7_origin(context_, origins, "unit", place(5), value, unit);
        else
            origins.push_back({"unit", "settings", {}, unit + ", since none is stated"});
    }

    void read_attributes(Event& event) const {
        const auto put = [&](const char* name, std::string text) {
            if (!text.empty())
                event.attributes.emplace(name, cut(std::move(text), attribute_bytes_max));
        };
        put("device", obx_[18].component(1).text());
        const Hl7Text method = obx_[17];
        put("method", method.component(2).has_value() ? method.component(2).text() : method.component(1).text());
        const Hl7Text laboratory = obx_[23].has_value() ? obx_[23].component(1) : obx_[15].component(2);
        put("laboratory", laboratory.has_value() ? laboratory.text() : obx_[15].component(1).text());
        std::string note;
        for (const Hl7Segment& segment : segments_)
            if (segment.is("NTE") && segment[3].has_value())
                note.append(note.empty() ? "" : "\n").append(segment[3].text());
        put("note", std::move(note));
    }

    const Hl7Context& context_;
    const Hl7Order& order_;
    std::span<const Hl7Segment> segments_;
    const Hl7Segment& obx_;
    const Hl7Meaning& code_;
    std::string kind_;
    std::optional<Hl7Standing> standing_;
    model::Version version_;
    std::string fact_;
    std::size_t order_size_ = 0; ///< Of the order's number, with which `fact_` begins.
    std::vector<Decoded> out_;
};

} // namespace

std::string hl7_filler_order(const Hl7Order& order) {
    for (const Hl7Segment* segment : {order.obr, order.orc})
        if (segment != nullptr)
            if (std::string id = hl7_entity((*segment)[3]); !id.empty())
                return id;
    return {};
}

Hl7TimePlace hl7_time_place(const Hl7Order& order, const Hl7Segment* obx) {
    const auto is_there = [](const Hl7Segment* segment, std::size_t field) {
        return segment != nullptr && (*segment)[field].component(1).has_value();
    };
    if (is_there(obx, 14))
        return {obx, 14, false};
    if (is_there(order.obr, 7))
        return {order.obr, 7, false};
    if (is_there(order.spm, 17))
        return {order.spm, 17, false};
    return is_there(order.obr, 14) ? Hl7TimePlace{order.obr, 14, true} : Hl7TimePlace{};
}

bool goes_on_with_text(const Hl7Segment& before, const Hl7Segment& obx) {
    return obx.is("OBX") && is_hl7_prose(before) && is_hl7_prose(obx) && before[3].raw() == obx[3].raw() &&
           before[4].raw() == obx[4].raw() && before[11].raw() == obx[11].raw();
}

std::vector<Decoded> decode_hl7_observation(const Hl7Context& context, const Hl7Order& order,
                                            std::span<const Hl7Segment> segments) {
    const Hl7Segment& obx = segments.front();
    const Hl7Meaning code = hl7_meaning(context, obx[3]);
    if (code.meaning != nullptr)
        return Observation(context, order, segments, code).decode();
    std::vector<Decoded> out;
    const std::string kind = "OBX " + hl7_code_name(obx[3]);
    const std::string place = hl7_place(context, obx, 3);
    if (code.is_slip) {
        out.push_back(hl7_outcome(context, {order.person.pid, order.orc, order.obr, order.spm}, segments, kind,
                                  Error{ErrorKind::unusable, "bad_code", bad_code_text(hl7_code_name(obx[3])), place}));
        const Hl7TimePlace when = hl7_time_place(order, &obx);
        hl7_mean(context, out.back(), order.person, {},
                 when.segment == nullptr ? Hl7Text() : (*when.segment)[when.field]);
    } else {
        out.push_back(hl7_outcome(context, {}, kind,
                                  Error{ErrorKind::not_used, "unknown_code",
                                        "its code concerns nothing that is watched", place, hl7_code_as_sent(obx[3])}));
    }
    return out;
}

} // namespace bonewatch::ingest
