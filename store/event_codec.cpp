#include "store/event_codec.h"

#include "store/bytes.h"
#include "store/model/ensure.h"

#include <algorithm>
#include <limits>

namespace bonewatch::store {

using namespace model;

namespace {

constexpr std::uint8_t event_format = 2;

// The numbers of event types and of every enumeration below are written to disk: append, never renumber.
static_assert(std::variant_size_v<EventBody> == 9);
static_assert(static_cast<int>(ResultStatus::no_result) == 2 && static_cast<int>(Basis::assumed) == 2);
static_assert(static_cast<int>(DoseUnit::item) == 2 && static_cast<int>(Sex::other) == 3);
static_assert(static_cast<int>(Route::oral) == 1 && static_cast<int>(Route::other) == 15);

/// Years -8981 to 12921: wider than any date that four digits can write, narrow enough that no sum overflows.
constexpr std::int64_t days_max = 4'000'000;
constexpr std::int64_t ms_max = days_max * 86'400'000;

// ---- writing

void write(ByteWriter& out, Date date) {
    const auto days = date.time_since_epoch().count();
    ENSURE(days >= -days_max && days <= days_max, "a door let a date outside all calendars through");
    out.signed_varint(days);
}

void write(ByteWriter& out, const ClinicalTime& time) {
    out.byte(static_cast<std::uint8_t>((time.is_partial() ? 1 : 0) | (time.clock ? 2 : 0)));
    write(out, time.date);
    const std::int64_t offset = (time.instant - Instant(time.date)).count();
    ENSURE(offset >= -ms_max && offset <= ms_max, "a door let an instant outside all calendars through");
    out.signed_varint(offset);
    if (time.is_partial())
        write(out, time.date_last);
    if (time.clock)
        out.signed_varint(time.clock->count());
}

void write(ByteWriter& out, const Rational& value) {
    out.rational(value);
}

void write(ByteWriter& out, const Dose& dose) {
    out.rational(dose.amount);
    out.byte(static_cast<std::uint8_t>(dose.unit));
}

void write(ByteWriter& out, Route route) {
    out.byte(static_cast<std::uint8_t>(route));
}

void write(ByteWriter& out, const Version& version) {
    out.varint(version.parts.size());
    for (const std::int64_t part : version.parts)
        out.signed_varint(part);
}

void write(ByteWriter& out, const PatientIdentifier& identifier) {
    out.text(identifier.system);
    out.text(identifier.value);
}

void write(ByteWriter& out, const FactId& id) {
    out.text(id.text);
}

void write(ByteWriter& out, const Registration& registration);

template <typename T>
void write(ByteWriter& out, const std::optional<T>& value) {
    out.flag(value.has_value());
    if (value)
        write(out, *value);
}

void write(ByteWriter& out, const Registration& registration) {
    write(out, registration.from);
    write(out, registration.to);
}

/// A set: sorted, each once, whatever order the sender listed it in.
template <typename T>
void write_set(ByteWriter& out, std::vector<T> items) {
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    out.varint(items.size());
    for (const T& item : items)
        write(out, item);
}

void write_bound(ByteWriter& out, const std::optional<Bound>& bound) {
    out.byte(!bound ? 0 : bound->is_open ? 2 : 1);
    if (bound)
        out.rational(bound->value);
}

void write_interval(ByteWriter& out, const std::optional<ValueInterval>& value) {
    out.byte(!value ? 0 : value->is_exact() ? 1 : 2);
    if (!value)
        return;
    if (value->is_exact()) {
        out.rational(value->low->value);
        return;
    }
    write_bound(out, value->low);
    write_bound(out, value->high);
}

struct BodyWriter {
    ByteWriter& out;

    void operator()(const ResultEvent& e) const {
        out.text(e.analyte.text);
        out.byte(static_cast<std::uint8_t>(e.status));
        write_interval(out, e.value);
        out.text(e.value_text);
        out.text(e.unit_text);
        write(out, e.range_low);
        write(out, e.range_high);
    }
    void operator()(const SupplyEvent& e) const {
        out.text(e.drug.text);
        write(out, e.route);
        out.text(e.strength);
        write(out, e.daily_dose);
        out.signed_varint(e.days);
        out.byte(static_cast<std::uint8_t>(e.basis));
        write_set(out, e.fulfils);
    }
    void operator()(const StopEvent& e) const {
        out.text(e.drug.text);
        write(out, e.route);
    }
    void operator()(const AdministrationEvent& e) const {
        out.text(e.drug.text);
        write(out, e.route);
        write(out, e.dose);
        write_set(out, e.fulfils);
    }
    void operator()(const ConditionEvent& e) const {
        out.text(e.code.text);
        write(out, e.until);
    }
    void operator()(const ProcedureEvent& e) const { out.text(e.code.text); }
    void operator()(const PatientEvent& e) const {
        out.byte(static_cast<std::uint8_t>(e.sex));
        write(out, e.born);
        write(out, e.died);
        out.text(e.practice);
        write_set(out, e.registered);
        write_set(out, e.identifiers);
    }
    void operator()(const MergeEvent& e) const { write(out, e.from); }
    void operator()(const RetractionEvent& e) const {
        out.text(e.of.text);
        write(out, e.of_version);
    }
};

// ---- reading

template <typename Enum>
Enum read_enum(ByteReader& in, Enum last) {
    const std::uint8_t value = in.byte();
    if (value > static_cast<std::uint8_t>(last))
        in.reject();
    return in.failed() ? Enum{} : static_cast<Enum>(value);
}

std::int64_t read_within(ByteReader& in, std::int64_t bound) {
    const std::int64_t value = in.signed_varint();
    if (value < -bound || value > bound)
        in.reject();
    return in.failed() ? 0 : value;
}

std::string read_text(ByteReader& in) {
    return std::string(in.text());
}

FactId read_fact_id(ByteReader& in) {
    return FactId(read_text(in));
}

Date read_date(ByteReader& in) {
    return Date(Days(read_within(in, days_max)));
}

ClinicalTime read_time(ByteReader& in) {
    const std::uint8_t parts = in.byte();
    if (parts > 3)
        in.reject();
    ClinicalTime time;
    time.date = read_date(in);
    time.instant = Instant(time.date) + std::chrono::milliseconds(read_within(in, ms_max));
    time.date_last = time.date;
    if ((parts & 1) != 0) {
        time.date_last = read_date(in);
        if (!time.is_partial())
            in.reject();
    }
    if ((parts & 2) != 0)
        time.clock = std::chrono::minutes(read_within(in, std::numeric_limits<std::int64_t>::max()));
    return time;
}

Dose read_dose(ByteReader& in) {
    const Rational amount = in.rational();
    return {amount, read_enum(in, DoseUnit::item)};
}

Route read_route(ByteReader& in) {
    return read_enum(in, Route::other);
}
Rational read_rational(ByteReader& in) {
    return in.rational();
}

Version read_version(ByteReader& in) {
    Version version{std::vector<std::int64_t>(in.count())};
    for (std::int64_t& part : version.parts)
        part = in.signed_varint();
    return version;
}

PatientIdentifier read_identifier(ByteReader& in) {
    std::string system = read_text(in);
    return {std::move(system), read_text(in)};
}

template <typename Read>
auto read_optional(ByteReader& in, Read read) -> std::optional<decltype(read(in))> {
    if (!in.flag())
        return std::nullopt;
    return read(in);
}

Registration read_registration(ByteReader& in) {
    const Date from = read_date(in);
    return {from, read_optional(in, read_date)};
}

template <typename Read>
auto read_set(ByteReader& in, Read read) -> std::vector<decltype(read(in))> {
    std::vector<decltype(read(in))> items;
    for (std::size_t left = in.count(); left > 0 && !in.failed(); --left) {
        items.push_back(read(in));
        if (items.size() > 1 && !(items[items.size() - 2] < items.back()))
            in.reject();
    }
    return items;
}

std::optional<Bound> read_bound(ByteReader& in) {
    const std::uint8_t kind = in.byte();
    if (kind > 2)
        in.reject();
    if (kind == 0)
        return std::nullopt;
    return Bound{in.rational(), kind == 2};
}

std::optional<ValueInterval> read_interval(ByteReader& in) {
    const std::uint8_t kind = in.byte();
    if (kind == 0)
        return std::nullopt;
    if (kind == 1)
        return ValueInterval::exactly(in.rational());
    ValueInterval value;
    value.low = read_bound(in);
    value.high = read_bound(in);
    if (kind > 2 || value.is_exact())
        in.reject();
    return value;
}

std::map<std::string, std::string> read_attributes(ByteReader& in) {
    std::map<std::string, std::string> attributes;
    for (std::size_t left = in.count(); left > 0 && !in.failed(); --left) {
        std::string name = read_text(in);
        if (!attributes.empty() && !(attributes.rbegin()->first < name))
            in.reject();
        attributes.emplace_hint(attributes.end(), std::move(name), read_text(in));
    }
    return attributes;
}

ResultEvent read_result(ByteReader& in) {
    ResultEvent e;
    e.analyte.text = in.text();
    e.status = read_enum(in, ResultStatus::no_result);
    e.value = read_interval(in);
    e.value_text = in.text();
    e.unit_text = in.text();
    e.range_low = read_optional(in, read_rational);
    e.range_high = read_optional(in, read_rational);
    return e;
}

SupplyEvent read_supply(ByteReader& in) {
    SupplyEvent e;
    e.drug.text = in.text();
    e.route = read_route(in);
    e.strength = in.text();
    e.daily_dose = read_optional(in, read_dose);
    e.days = static_cast<std::int32_t>(read_within(in, std::numeric_limits<std::int32_t>::max()));
    e.basis = read_enum(in, Basis::assumed);
    e.fulfils = read_set(in, read_fact_id);
    return e;
}

StopEvent read_stop(ByteReader& in) {
    StopEvent e;
    e.drug.text = in.text();
    e.route = read_optional(in, read_route);
    return e;
}

AdministrationEvent read_administration(ByteReader& in) {
    AdministrationEvent e;
    e.drug.text = in.text();
    e.route = read_route(in);
    e.dose = read_optional(in, read_dose);
    e.fulfils = read_set(in, read_fact_id);
    return e;
}

ConditionEvent read_condition(ByteReader& in) {
    ConditionEvent e;
    e.code.text = in.text();
    e.until = read_optional(in, read_time);
    return e;
}

PatientEvent read_patient(ByteReader& in) {
    PatientEvent e;
    e.sex = read_enum(in, Sex::other);
    e.born = read_optional(in, read_time);
    e.died = read_optional(in, read_time);
    e.practice = in.text();
    e.registered = read_set(in, read_registration);
    e.identifiers = read_set(in, read_identifier);
    return e;
}

RetractionEvent read_retraction(ByteReader& in) {
    RetractionEvent e;
    e.of.text = in.text();
    e.of_version = read_optional(in, read_version);
    return e;
}

EventBody read_body(ByteReader& in, std::uint8_t type) {
    switch (type) {
    case 1:
        return read_result(in);
    case 2:
        return read_supply(in);
    case 3:
        return read_stop(in);
    case 4:
        return read_administration(in);
    case 5:
        return read_condition(in);
    case 6:
        return ProcedureEvent{CodeId(read_text(in))};
    case 7:
        return read_patient(in);
    case 8:
        return read_retraction(in);
    case 9:
        return MergeEvent{read_identifier(in)};
    default:
        in.reject();
        return ProcedureEvent{};
    }
}

} // namespace

std::string encode(const Event& event) {
    ByteWriter out;
    out.reserve(160);
    out.byte(event_format);
    out.byte(static_cast<std::uint8_t>(event.body.index() + 1));
    out.text(event.key.publisher.text);
    out.text(event.key.id.text);
    write(out, event.version);
    write(out, event.patient);
    write(out, event.at);
    out.varint(event.attributes.size());
    for (const auto& [name, value] : event.attributes) {
        out.text(name);
        out.text(value);
    }
    std::visit(BodyWriter{out}, event.body);
    return out.take();
}

Result<Event> decode_event(std::string_view bytes) {
    ByteReader in(bytes);
    if (const std::uint8_t format = in.byte(); format != event_format)
        return fail(ErrorKind::malformed, "bad_event_bytes",
                    "event bytes begin with format " + std::to_string(format) + ", known is " +
                        std::to_string(event_format));
    const std::uint8_t type = in.byte();
    Event event;
    event.key.publisher.text = in.text();
    event.key.id.text = in.text();
    event.version = read_version(in);
    event.patient = read_identifier(in);
    event.at = read_time(in);
    event.attributes = read_attributes(in);
    event.body = read_body(in, type);
    if (in.failed() || !in.at_end())
        return fail(ErrorKind::malformed, "bad_event_bytes",
                    "event bytes are not what this program would have written");
    return event;
}

} // namespace bonewatch::store
