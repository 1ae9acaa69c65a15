#include "tests/ingest/outside_data.h"

#include "ingest/gzip.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace bonewatch::ingest::rules {

namespace fs = std::filesystem;

fs::path data_folder() {
    const char* named = std::getenv("BONEWATCH_DATA");
    const fs::path folder =
        named != nullptr ? fs::path(named) : fs::path(BONEWATCH_SOURCE_DIR) / ".." / "shared" / "data";
    return fs::is_directory(folder) ? folder : fs::path();
}

std::string read_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!is_gzip(bytes))
        return bytes;
    auto text = inflate_gzip(bytes, std::size_t{1} << 30);
    EXPECT_TRUE(text) << path << ": " << (text ? "" : text.error().message);
    return text.value_or("");
}

} // namespace bonewatch::ingest::rules
