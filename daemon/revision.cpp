#include "daemon/revision.h"

#include "store/bytes.h"

namespace bonewatch::daemon {

namespace {

/// Thresholds set from outside the files, and the settling time, are part of a revision: they stand beside the files.
constexpr const char* settle_path = "settings/settle_minutes";
constexpr const char* threshold_prefix = "settings/threshold/";

} // namespace

std::expected<std::shared_ptr<const Revision>, std::vector<model::Error>>
Revision::load(config::Files files, std::chrono::minutes settle, const monitors::ThresholdSettings& settings) {
    auto vocabulary = config::Vocabulary::load(files);
    if (!vocabulary)
        return std::unexpected(std::move(vocabulary.error()));
    files[settle_path] = std::to_string(settle.count());
    for (const auto& [name, value] : settings)
        files[threshold_prefix + name] = value;
    auto out = std::make_shared<Revision>();
    out->settle = settle;
    out->vocabulary = std::move(*vocabulary);
    auto catalogue = monitors::Catalogue::load(files, out->vocabulary, settings);
    if (!catalogue)
        return std::unexpected(std::move(catalogue.error()));
    out->catalogue = std::move(*catalogue);
    out->files = std::move(files);
    out->id = config::revision_of(out->files);
    return out;
}

store::RevisionRecord Revision::record() const {
    store::ByteWriter out;
    out.varint(files.size());
    for (const auto& [path, text] : files) {
        out.text(path);
        out.text(text);
    }
    return {id, out.take()};
}

std::expected<std::shared_ptr<const Revision>, std::vector<model::Error>>
Revision::from_record(const store::RevisionRecord& record) {
    store::ByteReader in(record.files);
    config::Files files;
    monitors::ThresholdSettings settings;
    std::chrono::minutes settle{10};
    for (std::uint64_t n = in.varint(); n > 0 && !in.failed(); --n) {
        const std::string path(in.text());
        const std::string text(in.text());
        if (path == settle_path)
            settle = std::chrono::minutes(std::atoi(text.c_str()));
        else if (path.starts_with(threshold_prefix))
            settings[path.substr(std::string(threshold_prefix).size())] = text;
        else
            files[path] = text;
    }
    if (in.failed() || !in.at_end())
        return std::unexpected(std::vector{
            model::Error{model::ErrorKind::malformed, "bad_revision", "these are not the bytes of a revision", {}}});
    return load(std::move(files), settle, settings);
}

model::Result<std::shared_ptr<const Revision>> Revisions::of(const store::RevisionRecord& record) {
    if (const auto known = known_.find(record.revision); known != known_.end())
        return known->second;
    auto revision = Revision::from_record(record);
    if (!revision)
        return std::unexpected(revision.error().front());
    keep(*revision);
    return *revision;
}

} // namespace bonewatch::daemon
