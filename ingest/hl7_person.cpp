#include "ingest/hl7_person.h"

#include "ingest/hl7_origins.h"
#include "ingest/identity.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::PatientIdentifier;
using model::Version;

/// What an event of ADT does.
enum class Act : unsigned char { nothing, update, merge, link, unlink, erase, move };

Act act_of(std::string_view event) {
    struct Row {
        std::string_view event;
        Act act;
    };
    // A35, A41, A42, A44, A45, A48 to A51 concern accounts and visits: they say nothing of who somebody is.
    constexpr std::array<Row, 20> rows{
        {{"A01", Act::update}, {"A04", Act::update}, {"A05", Act::update}, {"A08", Act::update},
         {"A28", Act::update}, {"A31", Act::update}, {"A18", Act::merge},  {"A30", Act::merge},
         {"A34", Act::merge},  {"A36", Act::merge},  {"A39", Act::merge},  {"A40", Act::merge},
         {"A46", Act::merge},  {"A47", Act::merge},  {"A24", Act::link},   {"A37", Act::unlink},
         {"A23", Act::erase},  {"A29", Act::erase},  {"A43", Act::move},   {"A54", Act::nothing}}};
    const auto row = std::ranges::find(rows, event, &Row::event);
    return row == rows.end() ? Act::nothing : row->act;
}

/// The record that was meant, of a person with several numbers: an own one of the publisher's rather than the national.
const PatientIdentifier& record_of(const Hl7Person& person) {
    const bool is_national = person.named->system == nhs_system;
    return is_national && !person.others.empty() ? person.others.front() : *person.named;
}

std::vector<PatientIdentifier> numbers_of(const Hl7Person& person) {
    std::vector<PatientIdentifier> numbers{*person.named};
    numbers.insert(numbers.end(), person.others.begin(), person.others.end());
    return numbers;
}

/// Of two records the same, whichever of them is named first.
FactId merge_id(const PatientIdentifier& one, const PatientIdentifier& other) {
    const auto [low, high] = std::minmax(one, other);
    return FactId("merge " + model::to_text(low) + " " + model::to_text(high));
}

/// One decoded ADT.
class Adt {
  public:
    explicit Adt(const Hl7Context& context)
        : context_(context), event_(context.message.find("EVN")),
          version_({{(event_ == nullptr ? std::nullopt : hl7_milliseconds((*event_)[2], context.clock))
                         .value_or(context.sent.value_or(0))}}) {}

    std::vector<Decoded> decode() {
        const Act act = act_of(context_.message.event());
        if (act == Act::nothing)
            return {};
        for (const Hl7Segment& segment : context_.message.segments()) {
            if (segment.is("PID"))
                persons_.push_back(hl7_person(context_, &segment));
            else if (segment.is("MRG") && act == Act::merge)
                merge(segment);
        }
        if (persons_.empty())
            persons_.push_back(hl7_person(context_, nullptr));
        if (act == Act::update)
            update();
        else if (act == Act::link || act == Act::unlink)
            link(act == Act::unlink);
        else if (act == Act::erase)
            refuse("deleting a person is an erasure, which no message does; ask whoever runs this daemon");
        else if (act == Act::move)
            refuse("moving a number from one person to another (A43) is not followed; merge or unlink the records");
        else if (context_.message.find("MRG") == nullptr)
            add(persons_.front(), nullptr,
                hl7_unusable(context_.place_prefix + "MRG", "missing_field", "MRG names the record that goes away")
                    .error());
        return std::move(out_);
    }

  private:
    bool is_event_dated() const { return event_ != nullptr && (*event_)[2].has_value(); }
    std::string version_place() const {
        return is_event_dated() ? hl7_place(context_, *event_, 2) : context_.place_prefix + "MSH-7";
    }
    Hl7Text version_text() const { return is_event_dated() ? (*event_)[2] : context_.message.msh()[7]; }

    void add(const Hl7Person& person, const Hl7Segment* beside, std::variant<Event, Error> content,
             Warnings warnings = {}) {
        warnings.insert(warnings.begin(), person.warnings.begin(), person.warnings.end());
        out_.push_back(hl7_outcome(context_, {event_, person.pid, beside}, "ADT " + context_.message.event(),
                                   std::move(content), std::move(warnings)));
    }

    /// True where the person is named; else it is quarantined.
    bool is_named(const Hl7Person& person, const Hl7Segment* beside) {
        if (!person.named)
            add(person, beside, person.named.error());
        return person.named.has_value();
    }

    void refuse(const char* why) {
        for (const Hl7Person& person : persons_)
            add(person, nullptr, Error{ErrorKind::unusable, "not_supported_yet", why, context_.place_prefix + "MSH-9"});
    }

    void update() {
        for (const Hl7Person& person : persons_) {
            if (!is_named(person, nullptr))
                continue;
            auto stated = hl7_person_stated(context_, person, event_, version_);
            if (stated.empty())
                add(person, nullptr,
                    Error{ErrorKind::not_used, "nothing_said", "it says nothing of the person that is kept",
                          hl7_place(context_, *person.pid)});
            std::ranges::move(stated, std::back_inserter(out_));
        }
    }

    /// `from` goes on in the person.
    void unite(const Hl7Person& person, const PatientIdentifier& from, const Hl7Segment& beside, Warnings warnings,
               const std::string& place) {
        say(person, record_of(person), from, beside, false, std::move(warnings), place);
    }

    /// That `record` and `from` are one, or are not.
    void say(const Hl7Person& person, const PatientIdentifier& record, const PatientIdentifier& from,
             const Hl7Segment& beside, bool is_undone, Warnings warnings, const std::string& place) {
        const FactId id = merge_id(record, from);
        Event event;
        event.key = {context_.context.publisher.id, is_undone ? FactId(id.text + " undone") : id};
        event.version = version_;
        event.patient = *person.named;
        if (version_.parts.front() != 0)
            event.at = context_.clock.zone
                           ? context_.clock.zone->at(model::Instant(std::chrono::milliseconds(version_.parts.front())))
                           : model::at_utc(model::Instant(std::chrono::milliseconds(version_.parts.front())));
        if (is_undone)
            event.body = model::RetractionEvent{id, version_};
        else
            event.body = model::MergeEvent{from};
        add(person, &beside, std::move(event), std::move(warnings));
        auto& origins = out_.back().origins;
        hl7_person_origins(context_, *person.pid, event_, false, out_.back());
        if (context_.context.is_explained) {
            origins.push_back({"id", place, from.value, "of the two records"});
            if (!is_undone)
                origins.push_back({"from", place, from.value, model::to_text(from)});
        }
        hl7_version_origins(context_, event_, 2, origins);
        hl7_origin(context_, origins, "at", version_place(), version_text(), "when it was said");
    }

    /// MRG follows the PID of the person in whom its records go on.
    void merge(const Hl7Segment& mrg) {
        if (persons_.empty())
            persons_.push_back(hl7_person(context_, nullptr));
        const Hl7Person& person = persons_.back();
        if (!is_named(person, &mrg))
            return;
        std::ranges::move(hl7_person_mentioned(context_, person), std::back_inserter(out_));
        Warnings warnings;
        constexpr std::size_t prior_list = 1, prior_legacy = 4;
        const std::size_t field = mrg[prior_list].has_value() ? prior_list : prior_legacy;
        const Hl7Identifiers prior = hl7_identifiers(mrg[field], warnings);
        std::size_t united = 0;
        for (std::size_t i = 0; i < prior.all.size(); ++i) {
            const PatientIdentifier& from = prior.all[i];
            if (from == *person.named || std::ranges::find(person.others, from) != person.others.end()) {
                warnings.push_back("same_record: MRG names a number that is the person's own already");
                continue;
            }
            unite(person, from, mrg, warnings, hl7_place(context_, mrg, field, prior.repetitions[i], 1));
            ++united;
        }
        if (united > 0)
            return;
        const bool is_same = !prior.all.empty();
        add(person, &mrg,
            is_same ? Error{ErrorKind::not_used, "same_record", "both are one record already",
                            hl7_place(context_, mrg, field)}
                    : Error{ErrorKind::unusable, "bad_patient", "MRG names no record that goes away",
                            hl7_place(context_, mrg, prior_list)},
            std::move(warnings));
    }

    /// Two PID: the second is the first person too, or is not after all.
    void link(bool is_undone) {
        if (persons_.size() != 2) {
            add(persons_.front(), nullptr,
                hl7_unusable(context_.place_prefix + "PID", "missing_field", "a link is of two PID").error());
            return;
        }
        const Hl7Person& one = persons_.front();
        const Hl7Person& other = persons_.back();
        if (!is_named(one, other.pid) || !is_named(other, one.pid))
            return;
        for (const Hl7Person* person : {&one, &other})
            std::ranges::move(hl7_person_mentioned(context_, *person), std::back_inserter(out_));
        if (record_of(one) == record_of(other)) {
            add(one, other.pid,
                Error{ErrorKind::not_used, "same_record", "both are one record already",
                      hl7_place(context_, *other.pid)});
            return;
        }
        if (!is_undone) {
            unite(one, record_of(other), *other.pid, other.warnings, other.place);
            return;
        }
        // Whichever of their numbers the two were said to be one by.
        for (const PatientIdentifier& record : numbers_of(one))
            for (const PatientIdentifier& from : numbers_of(other))
                if (record != from)
                    say(one, record, from, *other.pid, true, other.warnings, other.place);
    }

    const Hl7Context& context_;
    const Hl7Segment* event_; ///< EVN; null where there is none.
    Version version_;         ///< EVN-2, else MSH-7.
    std::vector<Hl7Person> persons_;
    std::vector<Decoded> out_;
};

} // namespace

std::vector<Decoded> decode_hl7_person(const Hl7Context& context) {
    return Adt(context).decode();
}

} // namespace bonewatch::ingest
