#include "tests/monitors/shipped_catalogue.h"

#include "config/files.h"
#include "store/model/ensure.h"

namespace bonewatch::monitors {

namespace {

std::unique_ptr<ShippedCatalogue> load(const ThresholdSettings& settings) {
    auto out = std::make_unique<ShippedCatalogue>();
    auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
    ENSURE(files.has_value(), "the shipped files can be read");
    auto vocabulary = config::Vocabulary::load(*files);
    ENSURE(vocabulary.has_value(), "the shipped vocabulary loads");
    out->vocabulary = std::move(*vocabulary);
    auto catalogue = Catalogue::load(*files, out->vocabulary, settings);
    ENSURE(catalogue.has_value(), "the shipped monitors load");
    out->catalogue = std::move(*catalogue);
    return out;
}

} // namespace

const ShippedCatalogue& shipped_catalogue() {
    static const auto shipped = load({});
    return *shipped;
}

const ShippedCatalogue& all_enabled() {
    static const auto enabled = [] {
        ThresholdSettings settings;
        for (const Monitor& monitor : shipped_catalogue().catalogue->monitors())
            settings[monitor.id.text + ".enabled"] = "true";
        return load(settings);
    }();
    return *enabled;
}

} // namespace bonewatch::monitors
