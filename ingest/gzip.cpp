#include "ingest/gzip.h"

#include <zlib.h>

#include <limits>

namespace bonewatch::ingest {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;

/// zlib's inflating of gzip members, ended with the scope.
class Inflater {
  public:
    Inflater() { is_ready_ = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK; }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    [[nodiscard]] bool is_ready() const { return is_ready_; }
    z_stream stream{};

  private:
    bool is_ready_ = false;
};

std::unexpected<model::Error> damaged(const char* why) {
    return fail(ErrorKind::malformed, "bad_gzip", std::string("not a whole gzip file: ") + why);
}

} // namespace

bool is_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
}

Result<std::string> inflate_gzip(std::string_view bytes, std::size_t bytes_max) {
    constexpr std::size_t step = std::size_t{1} << 18;
    if (bytes.size() > std::numeric_limits<uInt>::max())
        return fail(ErrorKind::malformed, "inflated_too_large",
                    "larger than 4 GiB compressed; send it in smaller parts");
    Inflater inflater;
    if (!inflater.is_ready())
        return fail(ErrorKind::unavailable, "no_memory", "no memory to inflate");
    auto& stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // zlib only reads it.
    stream.avail_in = static_cast<uInt>(bytes.size());

    std::string out;
    while (true) {
        const std::size_t have = out.size();
        out.resize(have + step);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + have);
        stream.avail_out = static_cast<uInt>(step);
        const int status = inflate(&stream, Z_NO_FLUSH);
        out.resize(have + step - stream.avail_out);
        if (out.size() > bytes_max)
            return fail(ErrorKind::malformed, "inflated_too_large",
                        "it inflates to more than " + std::to_string(bytes_max) + " bytes; send it in smaller parts");
        if (status == Z_STREAM_END) {
            if (stream.avail_in == 0)
                return out;
            if (inflateReset(&stream) != Z_OK)
                return damaged("a further part cannot be read");
            continue;
        }
        if (status != Z_OK)
            return damaged(status == Z_BUF_ERROR ? "it is cut short" : "its bytes are damaged");
    }
}

} // namespace bonewatch::ingest
