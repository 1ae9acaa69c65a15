#include "store/record.h"

#include "store/bytes.h"
#include "store/event_codec.h"

namespace bonewatch::store {

using namespace model;

namespace {

constexpr std::uint8_t record_format = 1;
constexpr std::uint8_t event_kind = 1, revision_kind = 2, tick_kind = 3, command_kind = 4, members_kind = 5;
constexpr std::uint8_t backfill_flag = 1, group_end_flag = 2, relayed_flag = 4, named_flag = 8, own_flag = 16,
                       retried_flag = 32, all_flags = 63;

std::unexpected<Error> malformed() {
    return fail(ErrorKind::malformed, "bad_record_bytes", "record bytes are not what this program would have written");
}

struct BodyWriter {
    ByteWriter& out;
    Instant recorded_at;

    void head(std::uint8_t kind) const {
        out.byte(record_format);
        out.byte(kind);
        out.instant(recorded_at);
    }
    void operator()(const EventRecord& e) const {
        head(event_kind);
        const bool names_another = e.named_patient != e.patient;
        out.byte(static_cast<std::uint8_t>((e.is_backfill ? backfill_flag : 0) | (e.is_group_end ? group_end_flag : 0) |
                                           (e.is_relayed ? relayed_flag : 0) | (names_another ? named_flag : 0) |
                                           (e.is_own ? own_flag : 0) | (e.retried != 0 ? retried_flag : 0)));
        out.varint(e.patient.value);
        if (names_another)
            out.varint(e.named_patient.value);
        out.text(encode(e.event));
        if (std::holds_alternative<MergeEvent>(e.event.body))
            out.varint(e.from.value);
        out.text(e.vocabulary);
        out.text(e.raw);
        if (e.retried != 0)
            out.varint(e.retried);
    }
    void operator()(const RevisionRecord& revision) const {
        head(revision_kind);
        out.text(revision.revision);
        out.text(revision.files);
    }
    void operator()(const TickRecord&) const { head(tick_kind); }
    void operator()(const CommandRecord& command) const {
        head(command_kind);
        out.varint(command.patient.value);
        out.text(command.alert);
        out.text(command.action);
        out.text(command.actor);
        out.text(command.note);
    }
    void operator()(const MembersRecord& m) const {
        head(members_kind);
        out.byte(
            static_cast<std::uint8_t>((m.is_backfill ? backfill_flag : 0) | (m.is_group_end ? group_end_flag : 0)));
        out.varint(m.patient.value);
        out.varint(m.goes_on_in.value);
        out.varint(m.members.size());
        for (const PatientNumber member : m.members)
            out.varint(member.value);
        out.varint(m.merges.size());
        for (const Event& merge : m.merges)
            out.text(encode(merge));
        out.varint(m.facts.size());
        for (const std::string& fact : m.facts)
            out.text(fact);
        out.varint(m.told.size());
        for (const CarriedAlert& carried : m.told) {
            out.text(carried.monitor);
            out.text(carried.alert);
        }
        out.varint(m.gone.size());
        for (const std::string& alert : m.gone)
            out.text(alert);
        out.varint(m.told_openly.size());
        for (const std::string& monitor : m.told_openly)
            out.text(monitor);
        out.flag(m.loading_until.has_value());
        if (m.loading_until)
            out.instant(*m.loading_until);
        out.text(m.cause.publisher.text);
        out.text(m.cause.id.text);
    }
};

Result<EventRecord> read_event_record(ByteReader& in) {
    EventRecord record;
    const std::uint8_t flags = in.byte();
    if (flags > all_flags)
        in.reject();
    record.is_backfill = (flags & backfill_flag) != 0;
    record.is_group_end = (flags & group_end_flag) != 0;
    record.is_relayed = (flags & relayed_flag) != 0;
    record.is_own = (flags & own_flag) != 0;
    record.patient.value = in.varint();
    record.named_patient = record.patient;
    if ((flags & named_flag) != 0) {
        record.named_patient.value = in.varint();
        if (record.named_patient == record.patient)
            in.reject();
    }
    auto event = decode_event(in.text());
    if (!event)
        return std::unexpected(event.error());
    record.event = std::move(*event);
    if (std::holds_alternative<MergeEvent>(record.event.body))
        record.from.value = in.varint();
    record.vocabulary = in.text();
    record.raw = in.text();
    if ((flags & retried_flag) != 0) {
        record.retried = in.varint();
        if (record.retried == 0)
            in.reject();
    }
    return record;
}

RevisionRecord read_revision(ByteReader& in) {
    RevisionRecord revision;
    revision.revision = in.text();
    revision.files = in.text();
    return revision;
}

CommandRecord read_command(ByteReader& in) {
    CommandRecord command;
    command.patient.value = in.varint();
    command.alert = in.text();
    command.action = in.text();
    command.actor = in.text();
    command.note = in.text();
    return command;
}

Result<MembersRecord> read_members(ByteReader& in) {
    MembersRecord record;
    const std::uint8_t flags = in.byte();
    if (flags > (backfill_flag | group_end_flag))
        in.reject();
    record.is_backfill = (flags & backfill_flag) != 0;
    record.is_group_end = (flags & group_end_flag) != 0;
    record.patient.value = in.varint();
    record.goes_on_in.value = in.varint();
    for (std::size_t left = in.count(); left > 0; --left)
        record.members.push_back({in.varint()});
    for (std::size_t left = in.count(); left > 0; --left) {
        auto merge = decode_event(in.text());
        if (!merge)
            return std::unexpected(merge.error());
        record.merges.push_back(std::move(*merge));
    }
    for (std::size_t left = in.count(); left > 0; --left)
        record.facts.emplace_back(in.text());
    for (std::size_t left = in.count(); left > 0; --left) {
        std::string monitor(in.text());
        record.told.push_back({std::move(monitor), std::string(in.text())});
    }
    for (std::size_t left = in.count(); left > 0; --left)
        record.gone.emplace_back(in.text());
    for (std::size_t left = in.count(); left > 0; --left)
        record.told_openly.emplace_back(in.text());
    if (in.flag())
        record.loading_until = in.instant();
    PublisherId publisher{std::string(in.text())};
    record.cause = {std::move(publisher), FactId(std::string(in.text()))};
    return record;
}

} // namespace

std::string encode(const Record& record) {
    ByteWriter out;
    std::visit(BodyWriter{out, record.recorded_at}, record.body);
    return out.take();
}

Result<RecordHead> decode_record_head(std::string_view bytes) {
    ByteReader in(bytes);
    const bool is_known = in.byte() == record_format;
    const std::uint8_t kind = in.byte();
    RecordHead head{in.instant(), kind == revision_kind, kind == event_kind, kind == members_kind, PatientNumber{0}};
    if (head.is_event || head.is_members) {
        static_cast<void>(in.byte()); // Flags.
        head.patient.value = in.varint();
    }
    if (!is_known || in.failed())
        return malformed();
    return head;
}

Result<Record> decode_record(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.byte() != record_format)
        return malformed();
    const std::uint8_t kind = in.byte();
    Record record{in.instant(), TickRecord{}};
    if (kind == event_kind) {
        auto body = read_event_record(in);
        if (!body)
            return std::unexpected(body.error());
        record.body = std::move(*body);
    } else if (kind == members_kind) {
        auto body = read_members(in);
        if (!body)
            return std::unexpected(body.error());
        record.body = std::move(*body);
    } else if (kind == revision_kind) {
        record.body = read_revision(in);
    } else if (kind == command_kind) {
        record.body = read_command(in);
    } else if (kind != tick_kind) {
        return malformed();
    }
    if (in.failed() || !in.at_end())
        return malformed();
    return record;
}

} // namespace bonewatch::store
