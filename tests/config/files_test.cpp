#include "config/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace bonewatch::config {
namespace {

class Folder : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "bonewatch-files-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        root_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    void write(const std::filesystem::path& path, const std::string& text) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }

    std::filesystem::path root_;
};

TEST_F(Folder, tables_are_found_at_any_depth_by_their_relative_path) {
    write("monitors/tsh-low.toml", "id = 1\r\n");
    write("vocabulary/drugs.toml", "");
    write("README.md", "no table");
    const auto files = read_files(root_);
    ASSERT_TRUE(files.has_value()) << files.error().message;
    EXPECT_EQ(*files, (Files{{"monitors/tsh-low.toml", "id = 1\r\n"}, {"vocabulary/drugs.toml", ""}}));
}

TEST_F(Folder, a_missing_folder_is_named) {
    const auto files = read_files(root_ / "nowhere");
    ASSERT_FALSE(files.has_value());
    EXPECT_EQ(files.error().kind, model::ErrorKind::config);
    EXPECT_NE(files.error().place.find("nowhere"), std::string::npos);
}

// Computed with Python: blake2b(digest_size=16) over each path and text, each preceded by its length in 8 bytes,
// least significant first.
TEST(Revision, has_the_published_address) {
    EXPECT_EQ(revision_of({}), "cae66941d9efbd404e4d88758ea67670");
    EXPECT_EQ(revision_of({{"a.toml", "x = 1\n"}, {"b.toml", ""}}), "f33dab9d2248cf85c27b18fcd98f1431");
}

TEST(Revision, text_does_not_slide_between_path_and_content) {
    EXPECT_NE(revision_of({{"ab", "c"}}), revision_of({{"a", "bc"}}));
    EXPECT_NE(revision_of({{"a", "b"}, {"c", "d"}}), revision_of({{"a", "bcd"}}));
}

TEST(Revision, one_changed_byte_is_another_revision) {
    EXPECT_NE(revision_of({{"a.toml", "x = 1\n"}}), revision_of({{"a.toml", "x = 2\n"}}));
    EXPECT_NE(revision_of({{"a.toml", ""}}), revision_of({{"b.toml", ""}}));
}

} // namespace
} // namespace bonewatch::config
