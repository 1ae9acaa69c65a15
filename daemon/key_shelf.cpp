#include "daemon/key_shelf.h"

#include "config/files.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace bonewatch::daemon {

namespace {

constexpr std::string_view suffix = ".pub";

model::Error open_to_others(const std::string& path) {
    return {model::ErrorKind::config, "writable_by_others",
            "others than its owner may write here, and so let in anybody: chmod go-w", path};
}

/// One client's file. Who can write it lets in whom he likes, so only its owner may.
std::expected<config::ClientKey, std::vector<model::Error>> read_client(const std::filesystem::path& path) {
    struct stat status{};
    const bool is_there = stat(path.c_str(), &status) == 0;
    if (is_there && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return std::unexpected(std::vector{open_to_others(path.string())});
    // Whoever opened a pipe would wait, and no key would be taken away any more.
    if (is_there && !S_ISREG(status.st_mode))
        return std::unexpected(std::vector{
            model::Error{model::ErrorKind::config, "no_file", "a key's file is a plain file", path.string(), {}}});
    const auto text = config::read_text(path);
    if (!text)
        return std::unexpected(std::vector{text.error()});
    return config::parse_client_key(path.string(), path.stem().string(), *text);
}

} // namespace

std::expected<std::unique_ptr<KeyShelf>, std::vector<model::Error>> KeyShelf::open(std::filesystem::path folder) {
    auto shelf = std::make_unique<KeyShelf>(std::move(folder));
    auto problems = shelf->reload(true);
    if (!problems.empty())
        return std::unexpected(std::move(problems));
    return shelf;
}

model::Result<KeyShelf::Marks> KeyShelf::look() const {
    struct stat status{};
    if (stat(folder_.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return std::unexpected(open_to_others(folder_.string()));
    std::error_code error;
    std::filesystem::directory_iterator at(folder_, error);
    Marks marks;
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        const auto& path = at->path();
        if (path.extension() != suffix || path.filename().string().starts_with('.'))
            continue;
        if (stat(path.c_str(), &status) != 0)
            continue; // Gone since.
        marks[path.filename().string()] = {status.st_size, static_cast<std::int64_t>(status.st_ino),
                                           status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
    }
    if (error)
        return model::fail(model::ErrorKind::config, "unreadable_folder",
                           "the folder of keys cannot be read: " + error.message(), folder_.string());
    return marks;
}

std::vector<model::Error> KeyShelf::reload(bool is_forced) {
    auto marks = look();
    if (!marks) {
        const bool is_said = !is_forced && last_trouble_ == marks.error().message;
        last_trouble_ = marks.error().message;
        return is_said ? std::vector<model::Error>{} : std::vector{marks.error()};
    }
    last_trouble_.clear();
    if (!is_forced && *marks == marks_)
        return {};
    marks_ = *std::move(marks);

    std::vector<model::Error> problems;
    std::map<std::string, config::ClientKey> clients;
    std::size_t refused = 0;
    for (const auto& [file, mark] : marks_) {
        auto client = read_client(folder_ / file);
        const std::string name = file.substr(0, file.size() - suffix.size());
        if (client) {
            clients.emplace(name, *std::move(client));
            continue;
        }
        ++refused;
        problems.insert(problems.end(), client.error().begin(), client.error().end());
        if (const auto before = clients_.find(name); before != clients_.end())
            clients.insert(*before);
    }
    refused_files_ = refused;
    clients_ = std::move(clients);
    ring_ = std::make_shared<const config::KeyRing>(config::KeyRing::of(clients_, problems));
    return problems;
}

} // namespace bonewatch::daemon
