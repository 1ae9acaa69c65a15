#include "store/facts.h"

#include "store/bytes.h"
#include "store/event_codec.h"
#include "store/model/ensure.h"
#include "store/model/promotion.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace bonewatch::store {

using namespace model;

namespace {

constexpr std::uint8_t facts_format = 1;

bool is_retraction(const Event& event) {
    return std::holds_alternative<RetractionEvent>(event.body);
}

bool is_merge(const Event& event) {
    return std::holds_alternative<MergeEvent>(event.body);
}

enum class RetractionKind : unsigned char { plain, doubt, promotion, of_wrong_patient };

RetractionKind kind_of(const Event& retraction) {
    return is_promotion(retraction)          ? RetractionKind::promotion
           : is_doubt(retraction)            ? RetractionKind::doubt
           : is_of_wrong_patient(retraction) ? RetractionKind::of_wrong_patient
                                             : RetractionKind::plain;
}

/// Whether the one reaches less far than the other; one without a version reaches all.
bool reaches_less(const Event& a, const Event& b) {
    const auto& to = std::get<RetractionEvent>(a.body).of_version;
    const auto& other = std::get<RetractionEvent>(b.body).of_version;
    return to && (!other || *to < *other);
}

} // namespace

bool is_of_wrong_patient(const Event& event) {
    const auto reason = event.attributes.find(wrong_patient_attribute);
    return is_retraction(event) && reason != event.attributes.end() && reason->second == wrong_patient_reason;
}

std::string_view to_text(Outcome outcome) {
    switch (outcome) {
    case Outcome::applied:
    case Outcome::kept:
        return "applied";
    case Outcome::duplicate:
        return "duplicate";
    case Outcome::superseded:
        return "superseded";
    case Outcome::disputed:
        return "disputed";
    }
    return {};
}

Outcome FactVersions::admit(PatientNumber patient, const Event& event, PatientNumber from) {
    const Content* known = !contents_.empty()      ? &contents_.front()
                           : !retractions_.empty() ? &retractions_.front()
                                                   : nullptr;
    ENSURE(known == nullptr || fact_of(known->event) == fact_of(event), "an event was admitted to another fact");
    Content content{event, store::encode(event), patient, from};
    return is_retraction(event) ? admit_retraction(std::move(content)) : admit_content(std::move(content));
}

Outcome FactVersions::admit_content(Content content) {
    const auto before = [](const Content& a, const Content& b) {
        return std::tie(a.event.version, a.bytes) < std::tie(b.event.version, b.bytes);
    };
    const auto known = std::ranges::find(withdrawn_, content.bytes, &Content::bytes);
    const auto at = std::lower_bound(contents_.begin(), contents_.end(), content, before);
    if (known != withdrawn_.end() || (at != contents_.end() && at->bytes == content.bytes)) {
        Content& same = known != withdrawn_.end() ? *known : *at;
        same.patient = std::min(same.patient, content.patient);
        withdraw();
        return Outcome::duplicate;
    }
    const Version version = content.event.version;
    const PatientNumber patient = content.patient;
    const std::size_t withdrawn_before = withdrawn_.size();
    contents_.insert(at, std::move(content));
    withdraw();
    const std::size_t withdrawn_after = withdrawn_.size();
    forget_some_contents(patient);
    if (withdrawn_after > withdrawn_before || is_hidden(version) || version < contents_.back().event.version)
        return Outcome::superseded;
    return is_disputed() ? Outcome::disputed : Outcome::applied;
}

Outcome FactVersions::admit_retraction(Content retraction) {
    const auto at = std::ranges::lower_bound(retractions_, retraction.bytes, {}, &Content::bytes);
    if (at != retractions_.end() && at->bytes == retraction.bytes) {
        at->patient = std::min(at->patient, retraction.patient);
        return Outcome::duplicate;
    }
    const bool stood = !greatest().empty();
    const std::string stood_bytes = stood ? greatest().front().bytes : std::string();
    const bool was_disputed = is_disputed();
    const bool was_promoted = stood && is_promoted(greatest().front().event);
    const Event event = retraction.event;
    hide_by(event);
    forget_some_retractions(*retractions_.insert(at, std::move(retraction)));
    withdraw();
    if (is_promotion(event))
        return outcome_of_promotion(*std::get<RetractionEvent>(event.body).of_version, was_promoted);
    if (is_disputed() && !was_disputed)
        return Outcome::disputed;
    if (!greatest().empty())
        return greatest().front().bytes == stood_bytes ? Outcome::superseded : Outcome::applied;
    return stood ? Outcome::applied : Outcome::kept;
}

void FactVersions::withdraw() {
    const auto is_wrong = [](const Content& retraction) { return is_of_wrong_patient(retraction.event); };
    if (std::ranges::none_of(retractions_, is_wrong))
        return;
    for (Content& content : withdrawn_)
        contents_.push_back(std::move(content));
    withdrawn_.clear();
    std::ranges::sort(contents_, [](const Content& a, const Content& b) {
        return std::tie(a.event.version, a.bytes) < std::tie(b.event.version, b.bytes);
    });
    hidden_to_.reset();
    is_final_ = false;
    std::vector<const Content*> of_own; ///< Retractions that hide what names their own patient, and nothing else.
    const auto hides = [](const Content& retraction, const Content& content) {
        const auto& version = std::get<RetractionEvent>(retraction.event.body).of_version;
        return retraction.patient == content.patient && (!version || content.event.version <= *version);
    };
    for (const Content& retraction : retractions_) {
        const auto is_hidden_by = [&](const Content& content) { return hides(retraction, content); };
        if (is_wrong(retraction) && std::ranges::any_of(contents_, is_hidden_by))
            of_own.push_back(&retraction);
        else
            hide_by(retraction.event);
    }
    const auto is_kept = [&](const Content& content) {
        return std::ranges::none_of(of_own, [&](const Content* retraction) { return hides(*retraction, content); });
    };
    const auto gone = std::ranges::stable_partition(contents_, is_kept);
    std::ranges::move(gone, std::back_inserter(withdrawn_));
    contents_.erase(gone.begin(), gone.end());
}

void FactVersions::forget_some_contents(PatientNumber patient) {
    std::vector<const Content*> of_patient = all_contents();
    if (of_patient.size() <= contents_kept_max)
        return;
    std::erase_if(of_patient, [&](const Content* content) { return content->patient != patient; });
    if (of_patient.size() <= contents_kept_max)
        return;
    // The least stays: a retraction for the wrong patient asks whether anything up to its version was that one's.
    const std::string bytes = of_patient[1]->bytes;
    for (auto* list : {&contents_, &withdrawn_})
        std::erase_if(*list, [&](const Content& content) { return content.bytes == bytes; });
}

void FactVersions::forget_some_retractions(const Content& like) {
    std::vector<const Content*> alike;
    for (const Content& retraction : retractions_)
        if (retraction.patient == like.patient && kind_of(retraction.event) == kind_of(like.event))
            alike.push_back(&retraction);
    if (alike.size() <= contents_kept_max)
        return;
    std::ranges::stable_sort(alike,
                             [](const Content* a, const Content* b) { return reaches_less(a->event, b->event); });
    retractions_.erase(retractions_.begin() + (alike[1] - retractions_.data()));
}

Outcome FactVersions::outcome_of_promotion(const Version& version, bool was_promoted) const {
    const auto standing = greatest();
    if (standing.empty())
        return Outcome::kept;
    if (version < standing.front().event.version)
        return Outcome::superseded;
    return is_promoted(standing.front().event) && !was_promoted ? Outcome::applied : Outcome::kept;
}

bool FactVersions::is_promoted(const Event& event) const {
    const auto* result = std::get_if<ResultEvent>(&event.body);
    return result != nullptr && result->status == ResultStatus::preliminary && promoted_ && event.version < *promoted_;
}

void FactVersions::hide_by(const Event& retraction) {
    const auto& version = std::get<RetractionEvent>(retraction.body).of_version;
    if (!version) {
        is_final_ = true;
        return;
    }
    auto& reached = is_promotion(retraction) ? promoted_ : is_doubt(retraction) ? doubted_ : hidden_to_;
    if (!reached || *reached < *version)
        reached = version;
}

bool FactVersions::is_hidden(const Version& version) const {
    return is_final_ || (hidden_to_ && version <= *hidden_to_);
}

std::span<const FactVersions::Content> FactVersions::greatest() const {
    if (contents_.empty() || is_hidden(contents_.back().event.version))
        return {};
    std::size_t first = contents_.size() - 1;
    while (first > 0 && contents_[first - 1].event.version == contents_.back().event.version)
        --first;
    return std::span(contents_).subspan(first);
}

bool FactVersions::admit_all(const FactVersions& other) {
    bool is_new = false;
    for (const auto* list : {&other.contents_, &other.withdrawn_, &other.retractions_})
        for (const Content& content : *list)
            is_new = admit(content.patient, content.event, content.from) != Outcome::duplicate || is_new;
    return is_new;
}

std::vector<Event> FactVersions::standing(std::span<const PatientNumber> members) const {
    std::vector<Event> events;
    for (const Content& content : greatest())
        if (std::ranges::find(members, content.patient) != members.end()) {
            events.push_back(content.event);
            if (is_promoted(content.event))
                std::get<ResultEvent>(events.back().body).status = ResultStatus::final_;
        }
    return events;
}

FactKey FactVersions::key() const {
    ENSURE(!contents_.empty() || !retractions_.empty(), "a fact of which nothing was said has no key");
    return fact_of(contents_.empty() ? retractions_.front().event : contents_.front().event);
}

std::optional<Event> FactVersions::settled() const {
    const auto standing = greatest();
    return standing.empty() || is_disputed() ? std::nullopt : std::optional(standing.front().event);
}

bool FactVersions::was_of_wrong_patient(std::span<const PatientNumber> members) const {
    return standing(members).empty() && std::ranges::any_of(retractions_, [](const Content& retraction) {
               return is_of_wrong_patient(retraction.event);
           });
}

bool FactVersions::is_of_merge() const {
    return std::ranges::any_of(contents_, [](const Content& content) { return is_merge(content.event); });
}

bool FactVersions::names(std::span<const PatientNumber> members) const {
    const auto is_named = [&](const Content& content) {
        return std::ranges::find(members, content.patient) != members.end() ||
               std::ranges::find(members, content.from) != members.end();
    };
    return std::ranges::any_of(contents_, is_named) || std::ranges::any_of(withdrawn_, is_named) ||
           std::ranges::any_of(retractions_, is_named);
}

bool FactVersions::is_disputed() const {
    const auto standing = greatest();
    return standing.size() > 1 || (!standing.empty() && doubted_ && standing.front().event.version < *doubted_);
}

std::vector<FactContent> FactVersions::contents() const {
    std::vector<FactContent> out;
    out.reserve(contents_.size() + withdrawn_.size());
    for (const Content* content : all_contents())
        out.push_back({content->patient, content->event, content->from});
    return out;
}

std::vector<const FactVersions::Content*> FactVersions::all_contents() const {
    std::vector<const Content*> all;
    for (const auto* list : {&contents_, &withdrawn_})
        for (const Content& content : *list)
            all.push_back(&content);
    if (!withdrawn_.empty())
        std::ranges::sort(all, [](const Content* a, const Content* b) {
            return std::tie(a->event.version, a->bytes) < std::tie(b->event.version, b->bytes);
        });
    return all;
}

std::vector<FactContent> FactVersions::retractions() const {
    std::vector<FactContent> out;
    out.reserve(retractions_.size());
    for (const Content& retraction : retractions_)
        out.push_back({retraction.patient, retraction.event});
    return out;
}

std::string FactVersions::encode() const {
    ByteWriter out;
    out.byte(facts_format);
    const auto write = [&](const Content& content) {
        out.varint(content.patient.value);
        out.text(content.bytes);
        if (is_merge(content.event))
            out.varint(content.from.value);
    };
    out.varint(contents_.size() + withdrawn_.size());
    for (const Content* content : all_contents())
        write(*content);
    out.varint(retractions_.size());
    std::ranges::for_each(retractions_, write);
    return out.take();
}

Result<FactVersions> FactVersions::decode(std::string_view bytes) {
    const auto malformed = [](const char* why) {
        return fail(ErrorKind::malformed, "bad_fact_bytes", std::string("the bytes of a fact are damaged: ") + why);
    };
    ByteReader in(bytes);
    if (in.byte() != facts_format)
        return malformed("unknown format");
    FactVersions fact;
    std::optional<FactKey> key;
    for (const bool reads_retractions : {false, true}) {
        auto& list = reads_retractions ? fact.retractions_ : fact.contents_;
        for (std::size_t left = in.count(); left > 0; --left) {
            const PatientNumber patient{in.varint()};
            const std::string_view text = in.text();
            auto event = decode_event(text);
            if (!event)
                return std::unexpected(event.error());
            if (is_retraction(*event) != reads_retractions || (key && *key != fact_of(*event)))
                return malformed("an event stands in a fact that it does not belong to");
            key = fact_of(*event);
            if (reads_retractions)
                fact.hide_by(*event);
            const PatientNumber from{is_merge(*event) ? in.varint() : 0};
            list.push_back({std::move(*event), std::string(text), patient, from});
            if (list.size() < 2)
                continue;
            const Content& last = list.back();
            const Content& previous = list[list.size() - 2];
            const bool is_sorted = reads_retractions ? previous.bytes < last.bytes
                                                     : std::tie(previous.event.version, previous.bytes) <
                                                           std::tie(last.event.version, last.bytes);
            if (!is_sorted)
                return malformed("not sorted");
        }
    }
    if (in.failed() || !in.at_end())
        return malformed("cut short, or too long");
    fact.withdraw();
    return fact;
}

} // namespace bonewatch::store
