#include "tests/monitors/shipped_catalogue.h"

#include "config/files.h"
#include "store/model/ensure.h"

namespace bonewatch::monitors {

const ShippedCatalogue& shipped_catalogue() {
    static const auto shipped = [] {
        auto out = std::make_unique<ShippedCatalogue>();
        auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
        ENSURE(files.has_value(), "the shipped files can be read");
        auto vocabulary = config::Vocabulary::load(*files);
        ENSURE(vocabulary.has_value(), "the shipped vocabulary loads");
        out->vocabulary = std::move(*vocabulary);
        auto catalogue = Catalogue::load(*files, out->vocabulary);
        ENSURE(catalogue.has_value(), "the shipped monitors load");
        out->catalogue = std::move(*catalogue);
        return out;
    }();
    return *shipped;
}

} // namespace bonewatch::monitors
