#include "tests/monitors/happened.h"

#include <fmt/format.h>

#include <sstream>

namespace bonewatch::monitors {

void Happened::add(const std::string& monitor, const std::vector<reference::Spell>& spells) {
    EpisodeCounts& count = monitors[monitor];
    for (const reference::Spell& spell : spells) {
        ++count.opened;
        count.cleared += spell.closed && !spell.excluded;
        count.excluded += spell.closed && spell.excluded;
        count.regraded += spell.severities.size() > 1;
    }
}

Happened& Happened::operator+=(const Happened& other) {
    seeds += other.seeds;
    for (const auto& [id, more] : other.monitors) {
        EpisodeCounts& count = monitors[id];
        count = {count.opened + more.opened, count.cleared + more.cleared, count.excluded + more.excluded,
                 count.regraded + more.regraded};
    }
    for (const auto& [name, more] : other.clauses)
        clauses[name] += more;
    return *this;
}

std::string to_text(const Happened& happened) {
    std::string out = fmt::format("histories {}\n  opened  cleared excluded regraded\n", happened.seeds);
    for (const auto& [id, count] : happened.monitors)
        out += fmt::format("{:8} {:8} {:8} {:8} {}\n", count.opened, count.cleared, count.excluded, count.regraded, id);
    out += "    true     false   unknown\n";
    for (const auto& [name, count] : happened.clauses)
        out += fmt::format("{:8} {:9} {:9} {}\n", count.yes, count.no, count.unknown, name);
    return out;
}

std::optional<Happened> read_happened(std::string_view text) {
    std::istringstream lines{std::string(text)};
    Happened out;
    std::string line, word;
    std::getline(lines, line);
    if (std::istringstream first(line); !(first >> word >> out.seeds) || word != "histories")
        return std::nullopt;
    bool is_clause = false;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        if (line.ends_with("unknown") && !is_clause) {
            is_clause = true;
            continue;
        }
        std::istringstream words(line);
        std::string name;
        if (is_clause) {
            reference::Answers count;
            words >> count.yes >> count.no >> count.unknown >> std::ws;
            std::getline(words, name);
            out.clauses[name] = count;
        } else {
            EpisodeCounts count;
            words >> count.opened >> count.cleared >> count.excluded >> count.regraded >> name;
            out.monitors[name] = count;
        }
        if (!words && name.empty())
            return std::nullopt;
    }
    return out;
}

} // namespace bonewatch::monitors
