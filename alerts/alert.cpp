#include "alerts/alert.h"

#include "store/bytes.h"

namespace bonewatch::alerts {

namespace {

/// Format byte of a told alert: store/README.md.
constexpr std::uint8_t alert_format = 2;
/// Of an alert that a merge has moved, or suspended: the same with three more fields at its end.
constexpr std::uint8_t merged_format = 3;
/// Rows of before a digest was kept of what was said.
constexpr std::uint8_t format_without_said = 1;

void write(store::ByteWriter& out, const model::FactKey& key) {
    out.text(key.publisher.text);
    out.text(key.id.text);
}
model::FactKey read_key(store::ByteReader& in) {
    model::PublisherId publisher{std::string(in.text())};
    return {std::move(publisher), model::FactId(std::string(in.text()))};
}

} // namespace

std::string_view to_text(AlertState state) {
    switch (state) {
    case AlertState::open:
        return "open";
    case AlertState::resolved:
        return "resolved";
    case AlertState::withdrawn:
        return "withdrawn";
    case AlertState::historic:
        return "historic";
    case AlertState::stale:
        return "stale";
    }
    return {};
}

std::string_view to_text(Transition transition) {
    switch (transition) {
    case Transition::raised:
        return "raised";
    case Transition::updated:
        return "updated";
    case Transition::escalated:
        return "escalated";
    case Transition::acknowledged:
        return "acknowledged";
    case Transition::resolved:
        return "resolved";
    case Transition::withdrawn:
        return "withdrawn";
    }
    return {};
}

bool is_told(AlertState state) {
    return state != AlertState::historic && state != AlertState::stale;
}

std::string encode(const Alert& alert) {
    store::ByteWriter out;
    const bool is_merged = alert.home.value != 0 || alert.told_of.value != 0 || alert.alone || alert.is_suspended;
    out.byte(is_merged ? merged_format : alert_format);
    out.text(alert.id);
    out.byte(static_cast<std::uint8_t>(alert.state));
    out.instant(alert.opened);
    out.byte(alert.closed ? 1 : 0);
    if (alert.closed)
        out.instant(*alert.closed);
    out.byte(static_cast<std::uint8_t>(alert.severity));
    out.varint(alert.tags.size());
    for (const std::string& tag : alert.tags)
        out.text(tag);
    out.varint(alert.evidence.size());
    for (const ToldFact& fact : alert.evidence) {
        write(out, fact.key);
        out.varint(fact.version.parts.size());
        for (const std::int64_t part : fact.version.parts)
            out.signed_varint(part);
        out.text(fact.code.text);
        out.signed_varint(fact.date.time_since_epoch().count());
    }
    out.text(alert.said);
    write(out, alert.anchor);
    out.instant(alert.first_told);
    out.text(alert.acknowledged_by);
    out.text(alert.note);
    out.varint(alert.entry);
    if (is_merged) {
        out.varint(alert.home.value);
        out.varint(alert.told_of.value);
        out.flag(alert.alone.has_value());
        if (alert.alone) {
            out.instant(alert.alone->opened);
            out.flag(alert.alone->closed.has_value());
            if (alert.alone->closed)
                out.instant(*alert.alone->closed);
        }
        out.flag(alert.is_suspended);
    }
    return out.take();
}

model::Result<Alert> decode_alert(std::string_view bytes) {
    store::ByteReader in(bytes);
    const auto malformed = [] {
        return model::fail(model::ErrorKind::malformed, "bad_alert", "these are not the bytes of a told alert");
    };
    const std::uint8_t format = in.byte();
    if (format != alert_format && format != format_without_said && format != merged_format)
        return malformed();
    Alert alert;
    alert.id = in.text();
    alert.state = static_cast<AlertState>(in.byte());
    alert.opened = in.instant();
    if (in.byte() == 1)
        alert.closed = in.instant();
    alert.severity = static_cast<Severity>(in.byte());
    for (std::uint64_t n = in.varint(); n > 0 && !in.failed(); --n)
        alert.tags.emplace_back(in.text());
    for (std::uint64_t n = in.varint(); n > 0 && !in.failed(); --n) {
        ToldFact fact;
        fact.key = read_key(in);
        for (std::uint64_t parts = in.varint(); parts > 0 && !in.failed(); --parts)
            fact.version.parts.push_back(in.signed_varint());
        fact.code = model::CodeId(std::string(in.text()));
        fact.date = model::Date(model::Days(in.signed_varint()));
        alert.evidence.push_back(std::move(fact));
    }
    if (format != format_without_said)
        alert.said = in.text();
    alert.anchor = read_key(in);
    alert.first_told = in.instant();
    alert.acknowledged_by = in.text();
    alert.note = in.text();
    alert.entry = in.varint();
    if (format == merged_format) {
        alert.home.value = in.varint();
        alert.told_of.value = in.varint();
        if (in.flag()) {
            alert.alone = Stretch{in.instant(), std::nullopt};
            if (in.flag())
                alert.alone->closed = in.instant();
        }
        alert.is_suspended = in.flag();
        if (alert.home.value == 0 && alert.told_of.value == 0 && !alert.alone && !alert.is_suspended)
            in.reject();
    }
    if (in.failed() || !in.at_end() || alert.state > AlertState::stale || alert.severity > Severity::urgent)
        return malformed();
    return alert;
}

} // namespace bonewatch::alerts
