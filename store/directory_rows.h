#pragma once

#include "store/bytes.h"
#include "store/model/event.h"

/// How the directory's rows begin, and what several kinds of them hold: store/README.md, "Keys".
namespace bonewatch::store::directory_rows {

inline constexpr std::uint8_t row_format = 1;

inline std::unexpected<model::Error> damaged() {
    return model::fail(model::ErrorKind::unavailable, "directory_damaged",
                       "a row of the directory is damaged: restore a backup");
}

inline std::unexpected<model::Error> collided() {
    return model::fail(model::ErrorKind::unavailable, "digest_collision",
                       "two texts have one digest in the directory: they cannot be told apart in this store");
}

inline void write(ByteWriter& out, const model::PatientIdentifier& identifier) {
    out.text(identifier.system);
    out.text(identifier.value);
}

inline model::PatientIdentifier read_identifier(ByteReader& in) {
    std::string system(in.text());
    return {std::move(system), std::string(in.text())};
}

inline ByteWriter begin_row() {
    ByteWriter out;
    out.byte(row_format);
    return out;
}

inline ByteReader open_row(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.byte() != row_format)
        in.reject();
    return in;
}

} // namespace bonewatch::store::directory_rows
