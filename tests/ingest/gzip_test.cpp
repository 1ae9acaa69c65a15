#include "ingest/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace bonewatch::ingest {
namespace {

std::string gzipped(std::string_view text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

model::Result<std::string> inflate(std::string_view bytes) {
    return inflate_gzip(bytes, std::size_t{1} << 30);
}

TEST(Gzip, valid_text_comes_back) {
    std::string text;
    for (int i = 0; i < 200'000; ++i)
        text += std::to_string(i * 7919);
    EXPECT_EQ(inflate(gzipped(text)).value(), text);
    EXPECT_EQ(inflate(gzipped("")).value(), "");
    EXPECT_TRUE(is_gzip(gzipped(text)));
    EXPECT_FALSE(is_gzip("{}"));
}

TEST(Gzip, valid_of_two_parts_is_one_text) {
    EXPECT_EQ(inflate(gzipped("one ") + gzipped("two")).value(), "one two");
}

TEST(Gzip, reject_cut_short) {
    const auto whole = gzipped("some text that is long enough to be cut");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_EQ(inflate(std::string_view(whole).substr(0, length)).error().reason, "bad_gzip") << length;
}

TEST(Gzip, reject_damaged) {
    auto bytes = gzipped("some text");
    bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
    EXPECT_EQ(inflate(bytes).error().reason, "bad_gzip");
    EXPECT_EQ(inflate(gzipped("x") + "tail").error().reason, "bad_gzip");
    EXPECT_EQ(inflate("not gzip at all").error().reason, "bad_gzip");
}

TEST(Gzip, reject_what_grows_too_much) {
    const auto bomb = gzipped(std::string(std::size_t{64} << 20, 'a'));
    ASSERT_LT(bomb.size(), std::size_t{1} << 17);
    EXPECT_EQ(inflate_gzip(bomb, (std::size_t{64} << 20) - 1).error().reason, "inflated_too_large");
    EXPECT_TRUE(inflate_gzip(bomb, std::size_t{64} << 20)) << "only the limit that was told counts";
    EXPECT_EQ(inflate_gzip(gzipped(std::string(1000, 'x')), 999).error().reason, "inflated_too_large");
    EXPECT_TRUE(inflate_gzip(gzipped(std::string(1000, 'x')), 1000));
    EXPECT_EQ(inflate_gzip(gzipped(""), 0).value(), "");
}

} // namespace
} // namespace bonewatch::ingest
