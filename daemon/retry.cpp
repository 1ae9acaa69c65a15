#include "daemon/retry.h"

#include <algorithm>
#include <array>

namespace bonewatch::daemon {

namespace {

using model::Error;
using model::ErrorKind;
using model::Result;

/// Of what one line or resource held: the first of these is said of it as a whole.
constexpr std::array<std::string_view, 8> outcome_words{"quarantined", "rejected",  "disputed", "applied",
                                                        "superseded",  "duplicate", "replaced", "not_used"};

std::size_t rank_of(std::string_view outcome) {
    return static_cast<std::size_t>(std::ranges::find(outcome_words, outcome) - outcome_words.begin());
}

} // namespace

Result<std::vector<ingest::Decoded>> Retry::decode(const ShelvedRow& row, model::Instant now) {
    const ingest::Publisher publisher{model::PublisherId(row.publisher), &settings_of_(row.publisher)};
    const auto format = ingest::format_named(row.format)
                            .or_else([&] { return ingest::recognise(row.raw); })
                            .value_or(ingest::Format::native);
    const std::string key = row.publisher + " " + row.format + " " + row.within;
    if (row.within.empty() || key != decoded_key_) {
        const auto message = core_.shelf().message_of(row);
        if (!message)
            return std::unexpected(message.error());
        decoded_ = ingest::decode(format, *message, publisher, core_.revision().vocabulary, now);
        decoded_bytes_ += message->size();
        decoded_key_ = key;
    }
    std::vector<ingest::Decoded> out;
    std::ranges::copy_if(decoded_, std::back_inserter(out),
                         [&](const ingest::Decoded& one) { return one.raw == row.raw; });
    // A row of before, or of a decoder that takes the message apart in another way now: the line or resource alone.
    if (out.empty()) {
        out = ingest::decode(format, row.raw, publisher, core_.revision().vocabulary, now);
        decoded_bytes_ += row.raw.size();
    }
    return out;
}

Result<Retry::Found> Retry::admit(std::vector<ingest::Decoded> decoded, const ShelvedRow& row, std::uint64_t number,
                                  model::Instant now) {
    Found found{"not_used", {}};
    std::size_t rank = outcome_words.size();
    const auto add = [&](std::string_view outcome, const Error* error) {
        if (rank_of(outcome) >= rank)
            return;
        rank = rank_of(outcome);
        found = {std::string(outcome), error == nullptr ? Error{} : *error};
    };
    if (decoded.empty())
        decoded.push_back({Error{ErrorKind::malformed, "nothing_found", "what is kept holds no event", {}, {}},
                           {},
                           {},
                           {},
                           std::nullopt});
    Message message;
    message.is_backfill = row.is_backfill;
    message.retried = number;
    std::vector<const Error*> errors; ///< Of the message's events: why they are none to be counted.
    for (ingest::Decoded& one : decoded) {
        const auto* error = std::get_if<Error>(&one.outcome);
        // What cannot be used still says nothing new: the doubt of it was journalled when it came.
        auto incoming = error == nullptr || error->kind == ErrorKind::not_used ? incoming_of(one) : std::nullopt;
        if (!incoming) {
            add(outcome_of(*error), error);
            continue;
        }
        const auto replaced = error == nullptr ? core_.is_replaced(incoming->event) : false;
        if (!replaced)
            return std::unexpected(replaced.error());
        if (*replaced) {
            add("replaced", nullptr);
            continue;
        }
        message.events.push_back(std::move(*incoming));
        errors.push_back(error);
    }
    if (core_.pending_events() + message.events.size() > events_max_)
        if (auto ok = core_.commit(); !ok)
            return std::unexpected(ok.error());
    const auto outcomes = core_.admit(message, now);
    if (!outcomes)
        return std::unexpected(outcomes.error());
    for (std::size_t i = 0; i < outcomes->size(); ++i) {
        const auto& admitted = (*outcomes)[i];
        if (errors[i] != nullptr) {
            const bool has_changed = admitted && *admitted != store::Outcome::kept;
            if (errors[i]->kind == ErrorKind::not_used)
                add(has_changed ? store::to_text(*admitted) : "not_used", nullptr);
        } else if (admitted) {
            add(store::to_text(*admitted), nullptr);
        } else {
            add(outcome_of(admitted.error()), &admitted.error());
        }
    }
    return found;
}

Result<Retried> Retry::again(std::uint64_t number, model::Instant now) {
    auto kept = core_.shelf().row(number);
    if (!kept)
        return std::unexpected(kept.error());
    if (!*kept)
        return model::fail(ErrorKind::not_found, "no_such_number",
                           "nothing in quarantine has the number " + std::to_string(number));
    const ShelvedRow before = std::move(**kept);
    if (before.state == resolved_state)
        return Retried{number, before.state, {}, {}, {}};
    auto decoded = decode(before, now);
    if (!decoded)
        return std::unexpected(decoded.error());
    ShelvedRow after = before;
    for (const ingest::Decoded& one : *decoded) {
        const auto* error = std::get_if<Error>(&one.outcome);
        if (error == nullptr || error->kind != ErrorKind::unusable)
            continue;
        note_meant(after, one.meant);
        if (one.meant.patient)
            after.patient =
                hex_of(core_.directory().digest_of(model::PublisherId(before.publisher), *one.meant.patient));
        break;
    }
    const auto found = admit(std::move(*decoded), before, number, now);
    if (!found)
        return std::unexpected(found.error());
    const bool waits = found->outcome == "quarantined" || found->outcome == "rejected";
    after.add_try({model::to_text(now), found->outcome, found->error.reason, found->error.place, found->error.message});
    if (waits) {
        note_why(after, after.raw, found->error);
    } else {
        after.state = resolved_state;
        after.outcome = found->outcome;
    }
    if (auto ok = core_.reshelve(number, before, after); !ok)
        return std::unexpected(ok.error());
    return Retried{number, found->outcome, found->error.reason, found->error.place, found->error.message};
}

} // namespace bonewatch::daemon
