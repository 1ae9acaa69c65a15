#include "ingest/hl7_result.h"

#include "ingest/codes.h"
#include "ingest/hl7_observation.h"
#include "ingest/hl7_origins.h"
#include "ingest/hl7_person.h"
#include "ingest/hl7_status.h"

#include <algorithm>
#include <optional>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;

/// Walks a message: whom and which order each OBX belongs to.
class Results {
  public:
    explicit Results(const Hl7Context& context)
        : context_(context), all_(context.message.segments()), person_(hl7_person(context, nullptr)) {
        out_.reserve(all_.size());
    }

    std::vector<Decoded> decode() {
        for (at_ = 0; at_ < all_.size();) {
            const Hl7Segment& segment = all_[at_];
            if (segment.is("OBX")) {
                take_observation();
                continue;
            }
            if (segment.is("PID"))
                take_person(segment);
            else if (segment.is("ORC"))
                take_order(&segment, nullptr);
            else if (segment.is("OBR"))
                take_order(order_has_obr_ ? nullptr : orc_, &segment);
            else if (segment.is("SPM"))
                take_specimen(segment);
            ++at_;
        }
        finish_order();
        return has_order_ ? std::move(out_) : std::vector<Decoded>();
    }

  private:
    Hl7Order order() const { return {person_, orc_, obr_, spm_}; }

    void take_person(const Hl7Segment& pid) {
        finish_order();
        person_ = hl7_person(context_, &pid);
        orc_ = obr_ = spm_ = nullptr;
        order_has_obr_ = specimen_leads_ = is_order_seen_ = false;
        auto mentioned = hl7_person_mentioned(context_, person_);
        std::ranges::move(mentioned, std::back_inserter(out_));
    }

    /// Where specimens stand before their orders (OUL^R22), the one before an order is its own.
    void take_specimen(const Hl7Segment& spm) {
        specimen_leads_ = specimen_leads_ || !is_order_seen_;
        spm_ = &spm;
    }

    /// An OBR belongs to the ORC before it, where that has none yet.
    void take_order(const Hl7Segment* orc, const Hl7Segment* obr) {
        finish_order();
        has_order_ = true;
        orc_ = orc;
        obr_ = obr;
        order_has_obr_ = obr != nullptr;
        has_observation_ = false;
        if (obr == nullptr)
            return;
        is_order_seen_ = true;
        if (const Hl7Segment* own = specimen_leads_ ? nullptr : specimen_after(at_))
            spm_ = own;
        take_procedure();
    }

    /// The specimen of the OBR at that place, where it follows; else the one before it is meant.
    const Hl7Segment* specimen_after(std::size_t at) const {
        for (std::size_t i = at + 1; i < all_.size(); ++i) {
            if (all_[i].is("SPM"))
                return &all_[i];
            if (all_[i].is("OBR") || all_[i].is("ORC") || all_[i].is("PID"))
                break;
        }
        return nullptr;
    }

    /// The OBX at `at_`, with those that go on with its text and their comments.
    void take_observation() {
        const std::size_t first = at_;
        std::size_t last_obx = first;
        for (++at_; at_ < all_.size(); ++at_) {
            if (goes_on_with_text(all_[last_obx], all_[at_]))
                last_obx = at_;
            else if (!all_[at_].is("NTE"))
                break;
        }
        has_order_ = true;
        has_observation_ = true;
        auto observed = decode_hl7_observation(context_, order(), all_.subspan(first, at_ - first));
        std::ranges::move(observed, std::back_inserter(out_));
    }

    /// What OBR-25 says of the order as a whole; of a report that says nothing, that it is one.
    std::optional<Hl7Standing> standing() const {
        const Hl7Text status = (*obr_)[25];
        if (status.has_value())
            return hl7_report_standing(status.text());
        return context_.message.type() == "ORU" || context_.message.type() == "OUL" ? std::optional(Hl7Standing::final_)
                                                                                    : std::nullopt;
    }

    /// An OBR of something done (DXA) is a procedure, as its report is.
    void take_procedure() {
        procedure_ = hl7_meaning(context_, (*obr_)[4]);
        const bool is_procedure = procedure_.meaning != nullptr && fits(procedure_.meaning->kind, CodeSlot::procedure);
        if (!is_procedure) {
            procedure_.meaning = nullptr;
            return;
        }
        Warnings warnings;
        const auto standing_now = standing();
        const model::Version version = hl7_version(context_, (*obr_)[22], standing_now ? rank_of(*standing_now) : 0);
        auto event = read_procedure(standing_now, version, warnings);
        const bool is_event = event.has_value();
        const Hl7Says says = is_event || event.error().kind != ErrorKind::not_used ? Hl7Says::cannot_be_used
                             : standing_now == Hl7Standing::no_result              ? Hl7Says::not_so
                                                                                   : Hl7Says::not_yet;
        add(is_event ? std::variant<Event, Error>(std::move(*event)) : std::move(event.error()), std::move(warnings));
        if (is_event)
            explain_procedure();
        else
            hl7_overtake(context_, out_.back(), hl7_filler_order(order()), person_, version, says);
        hl7_mean(context_, out_.back(), person_, procedure_.meaning->id, (*obr_)[7]);
    }

    model::Result<Event> read_procedure(std::optional<Hl7Standing> standing_now, const model::Version& version,
                                        Warnings& warnings) {
        const std::string status_place = hl7_place(context_, *obr_, 25);
        if (standing_now == Hl7Standing::no_result)
            return model::fail(ErrorKind::not_used, "not_done", "the order was cancelled", status_place);
        if (!standing_now && (*obr_)[25].has_value())
            return hl7_unusable(status_place, "bad_status",
                                "OBR-25 '" + (*obr_)[25].text().substr(0, 20) + "' is no status of a report");
        if (standing_now != Hl7Standing::final_ && standing_now != Hl7Standing::corrected)
            return model::fail(ErrorKind::not_used, "not_final", "only what is final counts as having been done",
                               status_place);
        if (!person_.named)
            return std::unexpected(person_.named.error());
        Event event;
        event.key = {context_.context.publisher.id, FactId(hl7_filler_order(order()))};
        if (event.key.id.empty())
            return hl7_unusable(hl7_place(context_, *obr_, 3), "missing_id",
                                "OBR-3 numbers what was done, so that later versions of it are known; it is missing");
        event.version = version;
        event.patient = *person_.named;
        const Hl7TimePlace when = hl7_time_place(order(), nullptr);
        if (when.segment == nullptr || when.is_receipt)
            return hl7_unusable(hl7_place(context_, *obr_, 7), "missing_time", "OBR-7 does not say when it was done");
        auto at = hl7_clinical_time(context_, (*when.segment)[when.field],
                                    hl7_place(context_, *when.segment, when.field), warnings);
        if (!at)
            return std::unexpected(std::move(at.error()));
        event.at = *at;
        event.body = model::ProcedureEvent{procedure_.meaning->id};
        return event;
    }

    void explain_procedure() {
        if (!context_.context.is_explained)
            return;
        auto& origins = out_.back().origins;
        const Event& event = std::get<Event>(out_.back().outcome);
        const Hl7Segment& numbered = !hl7_entity((*obr_)[3]).empty() || orc_ == nullptr ? *obr_ : *orc_;
        hl7_origin(context_, origins, "id", hl7_place(context_, numbered, 3), numbered[3], event.key.id.text);
        hl7_version_origins(context_, obr_, 22, origins);
        origins.push_back({"patient", person_.place, person_.text, model::to_text(event.patient)});
        hl7_origin(context_, origins, "code", hl7_place(context_, *obr_, 4, 0, procedure_.component),
                   (*obr_)[4].component(procedure_.component), procedure_.meaning->id.text);
        const Hl7TimePlace when = hl7_time_place(order(), nullptr);
        hl7_origin(context_, origins, "at", hl7_place(context_, *when.segment, when.field), (*when.segment)[when.field],
                   model::to_text(event.at));
    }

    void add(std::variant<Event, Error> content, Warnings warnings) {
        std::string kind = "OBR ";
        kind += procedure_.meaning != nullptr ? procedure_.meaning->id.text : hl7_code_name((*obr_)[4]);
        out_.push_back(
            hl7_outcome(context_, {person_.pid, orc_, obr_}, std::move(kind), std::move(content), std::move(warnings)));
    }

    /// An order without an observation: it may have been cancelled, and its results with it.
    void finish_order() {
        if (obr_ == nullptr || has_observation_ || procedure_.meaning != nullptr) {
            obr_ = nullptr;
            return;
        }
        const bool is_cancelled = standing() == Hl7Standing::no_result;
        add(Error{ErrorKind::not_used, is_cancelled ? "not_done" : "no_result",
                  is_cancelled ? "the order was cancelled" : "the order holds no result",
                  hl7_place(context_, *obr_, is_cancelled ? 25 : 0)},
            {});
        const std::string id = hl7_filler_order(order());
        if (is_cancelled && !id.empty() && person_.named) {
            const model::Version version = hl7_version(context_, (*obr_)[22], rank_of(Hl7Standing::no_result));
            hl7_overtake(context_, out_.back(), id, person_, version, Hl7Says::not_so);
            // Only what is known of it can go: of an order that nobody watches nothing is kept.
            out_.back().overtaking->is_remembered = false;
            out_.back().reaches_parts = true;
            out_.back().raw = std::string(context_.message.msh().bytes());
            for (const Hl7Segment* segment : {person_.pid, orc_, obr_})
                if (segment != nullptr)
                    out_.back().raw.append("\r").append(segment->bytes());
        }
        obr_ = nullptr;
    }

    const Hl7Context& context_;
    std::span<const Hl7Segment> all_;
    std::size_t at_ = 0;
    Hl7Person person_;
    const Hl7Segment* orc_ = nullptr;
    const Hl7Segment* obr_ = nullptr;
    const Hl7Segment* spm_ = nullptr;
    Hl7Meaning procedure_; ///< Of the OBR, where it is one.
    bool order_has_obr_ = false;
    bool specimen_leads_ = false; ///< Of the person: the first SPM came before the first OBR.
    bool is_order_seen_ = false;
    bool has_observation_ = false;
    bool has_order_ = false;
    std::vector<Decoded> out_;
};

} // namespace

std::vector<Decoded> decode_hl7_results(const Hl7Context& context) {
    return Results(context).decode();
}

} // namespace bonewatch::ingest
