#include "ingest/gzip.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace bonewatch::ingest {

model::Result<std::string> inflate_gzip(std::string_view bytes, std::size_t bytes_max) {
    using model::ErrorKind;
    if (bytes.size() > std::numeric_limits<uInt>::max())
        return model::fail(ErrorKind::malformed, "inflated_too_large", "The gzip body is too large.");
    z_stream stream{};
    constexpr int gzip_only = 16 + MAX_WBITS;
    ENSURE(inflateInit2(&stream, gzip_only) == Z_OK, "zlib must have memory for one window");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());

    std::string content;
    std::string chunk(std::min<std::size_t>(bytes_max + 1, 64u << 10), '\0');
    int state = Z_OK;
    while (state == Z_OK && content.size() <= bytes_max) {
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        state = inflate(&stream, Z_NO_FLUSH);
        content.append(chunk, 0, chunk.size() - stream.avail_out);
        if (state == Z_STREAM_END && stream.avail_in > 0)
            state = inflateReset(&stream);
    }
    inflateEnd(&stream);
    if (content.size() > bytes_max)
        return model::fail(ErrorKind::malformed, "inflated_too_large",
                           "The gzip body holds more than " + std::to_string(bytes_max) + " bytes.");
    if (state != Z_STREAM_END)
        return model::fail(ErrorKind::malformed, "bad_gzip", "The body is not whole gzip data.");
    return content;
}

} // namespace bonewatch::ingest
