#include "ingest/hl7_medication.h"

#include "ingest/hl7_drug_event.h"
#include "ingest/hl7_person.h"

#include <algorithm>
#include <iterator>

namespace bonewatch::ingest {

namespace {

/// Walks a message: what belongs to which order of whom.
class Orders {
  public:
    explicit Orders(const Hl7Context& context) : context_(context), person_(hl7_person(context, nullptr)) {}

    std::vector<Decoded> decode() {
        for (const Hl7Segment& segment : context_.message.segments())
            take(segment);
        finish();
        return std::move(out_);
    }

  private:
    void take(const Hl7Segment& segment) {
        if (segment.is("PID")) {
            finish();
            person_ = hl7_person(context_, &segment);
            auto mentioned = hl7_person_mentioned(context_, person_);
            std::ranges::move(mentioned, std::back_inserter(out_));
        } else if (segment.is("ORC")) {
            finish();
            order_.orc = &segment;
        } else if (segment.is("RXO")) {
            begin(order_.rxo != nullptr || order_.rxe != nullptr);
            order_.rxo = &segment;
            order_.tq1_requested = std::move(order_.tq1);
            order_.tq1.clear();
        } else if (segment.is("RXE")) {
            begin(order_.rxe != nullptr);
            order_.rxe = &segment;
            // Where the pharmacy says no timing of its own, the one before it is meant.
            if (order_.tq1_requested.empty())
                order_.tq1_requested = std::move(order_.tq1);
            order_.tq1.clear();
        } else if (segment.is("RXD") || segment.is("RXA")) {
            finish_done();
            order_.done = &segment;
        } else if (segment.is("TQ1")) {
            order_.tq1.push_back(&segment);
        } else if (segment.is("RXR")) {
            (order_.done != nullptr  ? order_.rxr
             : order_.rxe != nullptr ? order_.rxr_encoded
                                     : order_.rxr_requested)
                .push_back(&segment);
        }
    }

    /// A second request below one ORC is another order, with the same numbers.
    void begin(bool is_another) {
        if (!is_another && order_.done == nullptr)
            return;
        const Hl7Segment* orc = order_.orc;
        finish();
        order_.orc = orc;
    }

    void add() {
        order_.person = &person_;
        out_.push_back(decode_hl7_drug_order(context_, order_));
    }

    void finish_done() {
        if (order_.done != nullptr)
            add();
        order_.done = nullptr;
        order_.rxr.clear();
    }

    void finish() {
        const bool is_order = order_.done == nullptr && (order_.rxo != nullptr || order_.rxe != nullptr);
        const bool is_control = order_.done == nullptr && !is_order && order_.orc != nullptr;
        if (is_order || is_control)
            add();
        finish_done();
        order_ = {};
    }

    const Hl7Context& context_;
    Hl7Person person_;
    Hl7DrugOrder order_;
    std::vector<Decoded> out_;
};

} // namespace

bool is_hl7_medication(const Hl7Message& message) {
    const std::string& type = message.type();
    return type == "RDE" || type == "RDS" || type == "RAS" || type == "OMP" ||
           (type == "ORM" && message.find("RXO") != nullptr);
}

std::vector<Decoded> decode_hl7_medication(const Hl7Context& context) {
    return Orders(context).decode();
}

} // namespace bonewatch::ingest
