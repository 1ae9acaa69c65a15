#include "monitors/catalogue.h"

#include "config/nearest.h"
#include "monitors/logic.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

namespace bonewatch::monitors {

namespace {

using model::Error;
using model::ErrorKind;
using model::Result;

void merge(Reads& into, const Reads& from) {
    into.codes.insert(from.codes.begin(), from.codes.end());
    into.exposures.insert(from.exposures.begin(), from.exposures.end());
    into.monitors.insert(from.monitors.begin(), from.monitors.end());
}

/// The common `unless` and the monitor's own, either of which suffices.
TruthPtr either(TruthPtr a, TruthPtr b) {
    if (!a || !b)
        return a ? std::move(a) : std::move(b);
    std::vector<TruthPtr> operands;
    operands.push_back(std::move(a));
    operands.push_back(std::move(b));
    return make_or(std::move(operands));
}

/// An expression for people: thresholds and lets by what they stand for.
std::string spelled_out(const Definition& definition, const std::string& text, int depth = 0) {
    constexpr int depth_max = 4;
    const auto is_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name(text[end]))
            ++end;
        const std::string word = text.substr(at, end - at);
        const bool is_label = end < text.size() && text[end] == ':';
        const auto threshold = std::ranges::find(definition.thresholds, word, &Threshold::name);
        const auto let = definition.lets.find(word);
        if (!is_label && threshold != definition.thresholds.end())
            out += threshold->value.text;
        else if (!is_label && let != definition.lets.end() && depth < depth_max)
            out += spelled_out(definition, let->second.text, depth + 1);
        else
            out += word;
        if (end == at)
            out += text[end++];
        at = end;
    }
    return out;
}

/// A threshold's value in a sentence: `90 d` is 90 days.
std::string in_words(const std::string& value) {
    static const std::map<std::string, std::string> words{{"d", "day"}, {"mo", "month"}, {"y", "year"}};
    const std::size_t blank = value.find(' ');
    const auto unit = words.find(blank == std::string::npos ? "" : value.substr(blank + 1));
    if (unit == words.end())
        return value;
    const std::string number = value.substr(0, blank);
    return number + " " + unit->second + (number == "1" ? "" : "s");
}

/// A sentence with the thresholds that it names in braces.
Result<std::string> in_words(const Definition& definition, const Written& written) {
    std::string out;
    for (std::size_t at = 0; at < written.text.size();) {
        const std::size_t open = written.text.find('{', at);
        out += written.text.substr(at, open - at);
        if (open == std::string::npos)
            break;
        const std::size_t close = std::min(written.text.find('}', open), written.text.size());
        const std::string name = written.text.substr(open + 1, close - open - 1);
        const auto threshold = std::ranges::find(definition.thresholds, name, &Threshold::name);
        if (threshold == definition.thresholds.end()) {
            std::vector<std::string> known;
            for (const Threshold& one : definition.thresholds)
                known.push_back(one.name);
            Place place = written.place;
            place.column += static_cast<unsigned>(open + 1);
            return model::fail(ErrorKind::config, "monitor",
                               "expected a threshold in braces, found '" + name + "'" +
                                   config::did_you_mean(name, known),
                               to_text(place));
        }
        out += in_words(threshold->value.text);
        at = close + 1;
    }
    return out;
}

Result<std::vector<CompiledRow>> compile_rows(Compiler& compiler, const std::vector<Row>& rows) {
    std::vector<CompiledRow> out;
    for (const Row& row : rows) {
        CompiledRow compiled{row.name, parse_severity(row.name).value_or(Severity::info), nullptr};
        if (row.when) {
            auto when = compiler.truth(*row.when, Compiler::Role::ordinary);
            if (!when)
                return std::unexpected(when.error());
            compiled.when = std::move(*when);
        }
        out.push_back(std::move(compiled));
    }
    return out;
}

/// A family's rows share their file: what is wrong in all of them is told once, of the first that has it.
void add_new(const std::vector<Error>& found, const Definition& definition, std::vector<Error>& problems) {
    for (Error error : found) {
        const auto is_told = [&](const Error& told) {
            return told.place == error.place && told.message.starts_with(error.message);
        };
        if (std::ranges::any_of(problems, is_told))
            continue;
        if (!definition.family.empty())
            error.message += " (row '" + definition.id.text.substr(definition.family.size() + 1) + "')";
        problems.push_back(std::move(error));
    }
}

} // namespace

std::expected<std::unique_ptr<Catalogue>, std::vector<Error>>
Catalogue::load(const config::Files& files, const config::Vocabulary& vocabulary, const ThresholdSettings& settings) {
    auto definitions = read_definitions(files, settings);
    if (!definitions)
        return std::unexpected(std::move(definitions.error()));
    std::unique_ptr<Catalogue> out(new Catalogue);
    out->definitions_ = std::move(*definitions);
    out->vocabulary_ = &vocabulary;

    Compiler compiler(vocabulary, out->definitions_.common, out->definitions_.monitors, out->exposures_);
    std::vector<Error> problems;

    static const Definition nothing{};
    for (const auto& [name, rule] : out->definitions_.common.readable) {
        const CodeId analyte(name);
        if (vocabulary.analyte(analyte) == nullptr) {
            problems.push_back(
                {ErrorKind::config, "monitor", "expected an analyte, found '" + name + "'", to_text(rule.place)});
            continue;
        }
        compiler.enter(nothing);
        auto node = compiler.sample_rule(rule, analyte);
        if (!node) {
            problems.push_back(node.error());
            continue;
        }
        out->readable_[analyte] = std::move(*node);
        out->readable_reads_[analyte] = compiler.reads();
    }
    for (const Definition& definition : out->definitions_.monitors) {
        std::vector<Error> found;
        auto monitor = out->compile(compiler, definition, found);
        if (!monitor)
            found.push_back(monitor.error());
        else
            out->monitors_.push_back(std::move(*monitor));
        add_new(found, definition, problems);
    }
    if (!problems.empty())
        return std::unexpected(std::move(problems));
    if (auto sorted = out->sort_by_dependence(); !sorted)
        return std::unexpected(std::vector{sorted.error()});
    for (const ExposureSet& set : out->exposures_.sets)
        out->no_exposures_.push_back(std::make_shared<const Exposure>(set, vocabulary));
    out->index_codes();
    out->warnings_ = compiler.warnings();
    std::ranges::sort(out->warnings_);
    out->warnings_.erase(std::unique(out->warnings_.begin(), out->warnings_.end()), out->warnings_.end());
    return out;
}

Result<Monitor> Catalogue::compile(Compiler& compiler, const Definition& definition, std::vector<Error>& problems) {
    compiler.enter(definition);
    for (const Threshold& threshold : definition.thresholds)
        for (const auto& ok : {compiler.check_name(threshold.name, threshold.value.place), compiler.check(threshold)})
            if (!ok)
                problems.push_back(ok.error());
    for (const auto& [name, let] : definition.lets)
        if (auto ok = compiler.check_name(name, let.place); !ok)
            problems.push_back(ok.error());
    for (const Written& require : definition.require)
        if (auto ok = compiler.check_require(require); !ok)
            problems.push_back(ok.error());

    const Common& common = definitions_.common;
    Monitor out;
    out.id = definition.id;
    out.title = definition.title;
    out.advice = definition.advice;
    out.source = definition.source;
    out.thresholds = definition.thresholds;
    out.is_enabled = definition.is_enabled;

    auto fresh = compiler.span(definition.fresh ? *definition.fresh : common.fresh.value_or(Written{"400 d", {}}));
    if (!fresh)
        return std::unexpected(fresh.error());
    out.fresh = *fresh;

    auto when = compiler.truth(definition.when, Compiler::Role::ordinary);
    if (!when)
        return std::unexpected(when.error());
    out.when = std::move(*when);
    out.asks = compiler.reads();

    TruthPtr parts[2];
    for (const auto& [index, written] : {std::pair{0, &definition.unless}, std::pair{1, &common.unless}}) {
        if (!*written)
            continue;
        auto unless = compiler.truth(**written, Compiler::Role::ordinary);
        if (!unless)
            return std::unexpected(unless.error());
        parts[index] = std::move(*unless);
    }
    out.unless = either(std::move(parts[0]), std::move(parts[1]));
    if (out.unless)
        out.unless->source = definition.unless
                                 ? definition.unless->text + " or " + common.unless.value_or(Written{}).text
                                 : common.unless->text;

    if (definition.clears) {
        auto clears = compiler.truth(*definition.clears, Compiler::Role::clears);
        if (!clears)
            return std::unexpected(clears.error());
        out.clears = std::move(*clears);
    }
    out.clears_text = definition.clears ? spelled_out(definition, definition.clears->text)
                                        : "no longer: " + spelled_out(definition, definition.when.text);

    auto ends = definition.ends ? in_words(definition, *definition.ends) : Result<std::string>(out.clears_text);
    if (!ends)
        return std::unexpected(ends.error());
    out.ends = std::move(*ends);

    for (const auto& [rows, written] : {std::pair{&out.severity, &definition.severity},
                                        std::pair{&out.cap, &common.cap}, std::pair{&out.tags, &definition.tags}}) {
        auto compiled = compile_rows(compiler, *written);
        if (!compiled)
            return std::unexpected(compiled.error());
        *rows = std::move(*compiled);
    }

    out.reads = compiler.reads();
    for (const auto& [analyte, reads] : readable_reads_)
        if (out.reads.codes.contains(analyte))
            merge(out.reads, reads);
    return out;
}

Result<void> Catalogue::sort_by_dependence() {
    enum class Mark : unsigned char { fresh, open, done };
    std::vector<Mark> marks(monitors_.size(), Mark::fresh);
    std::vector<std::size_t> path;
    Result<void> outcome;
    const std::function<bool(std::size_t)> visit = [&](std::size_t at) {
        if (marks[at] == Mark::done)
            return true;
        path.push_back(at);
        if (marks[at] == Mark::open) {
            std::string cycle;
            for (auto step = std::ranges::find(path, at); step != path.end(); ++step)
                cycle += (cycle.empty() ? "" : " -> ") + monitors_[*step].id.text;
            outcome = model::fail(ErrorKind::config, "cycle", "monitors ask about one another in a circle: " + cycle,
                                  to_text(definitions_.monitors[at].when.place));
            return false;
        }
        marks[at] = Mark::open;
        for (const std::size_t other : monitors_[at].reads.monitors)
            if (!visit(other))
                return false;
        marks[at] = Mark::done;
        path.pop_back();
        order_.push_back(at);
        return true;
    };
    for (std::size_t i = 0; i < monitors_.size(); ++i)
        if (!visit(i))
            return outcome;
    for (std::size_t i = 0; i < monitors_.size(); ++i)
        for (const std::size_t other : monitors_[i].reads.monitors)
            monitors_[other].dependents.push_back(i);
    return {};
}

bool Catalogue::concerns(const Reads& reads, const CodeId& code) const {
    return reads.codes.contains(code) || std::ranges::any_of(reads.exposures, [&](std::size_t set) {
               return Exposure::concerns(exposures_.sets[set], *vocabulary_, code);
           });
}

void Catalogue::index_codes() {
    const auto index = [&](const CodeId& code) {
        std::vector<bool> is_asked(monitors_.size());
        for (const std::size_t i : order_)
            is_asked[i] = concerns(monitors_[i].asks, code) ||
                          std::ranges::any_of(monitors_[i].asks.monitors, [&](auto other) { return is_asked[other]; });
        for (std::size_t i = 0; i < monitors_.size(); ++i) {
            if (monitors_[i].is_enabled && concerns(monitors_[i].reads, code))
                woken_[code].push_back(i);
            if (monitors_[i].is_enabled && is_asked[i])
                asked_[code].push_back(i);
        }
    };
    for (const auto& [id, analyte] : vocabulary_->analytes())
        index(id);
    for (const auto& [id, drug] : vocabulary_->drugs())
        index(id);
    for (const auto& [id, condition] : vocabulary_->conditions())
        index(id);
}

std::optional<std::size_t> Catalogue::find(const model::MonitorId& id) const {
    for (std::size_t i = 0; i < monitors_.size(); ++i)
        if (monitors_[i].id == id)
            return i;
    return std::nullopt;
}

namespace {

const std::vector<std::size_t>& listed(const std::map<CodeId, std::vector<std::size_t>>& lists, const CodeId& code) {
    static const std::vector<std::size_t> none;
    const auto at = lists.find(code);
    return at == lists.end() ? none : at->second;
}

} // namespace

const std::vector<std::size_t>& Catalogue::woken_by(const CodeId& code) const {
    return listed(woken_, code);
}

const std::vector<std::size_t>& Catalogue::asked_of(const CodeId& code) const {
    return listed(asked_, code);
}

} // namespace bonewatch::monitors
