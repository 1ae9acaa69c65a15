#include "tests/store/scratch_folder.h"

#include "store/model/ensure.h"

#include <cstdlib>

namespace bonewatch::tests {

ScratchFolder::ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bonewatch-XXXXXX").string();
    ENSURE(::mkdtemp(pattern.data()) != nullptr, "no temporary folder could be made");
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace bonewatch::tests
