#include "daemon/monitor_tests.h"
#include "monitors/compile.h"
#include "tests/reference/timeline_text.h"
#include "tests/store/scratch_folder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <set>

namespace bonewatch::monitors {
namespace {

constexpr const char* file_name = "monitors/example.toml";

/// A monitor that a page of the language's reference shows.
struct Example {
    std::string page; ///< Name of the file.
    unsigned line = 0;
    std::string heading; ///< That it stands under.
    std::string text;
    std::optional<std::string> said; ///< What the check says of it, where the page shows that.
};

/// A code block; those that are neither `toml` nor `text` are not examples.
struct Block {
    std::string kind;
    std::string text;
};

Block read_block(std::istream& page, const std::string& fence, unsigned& number) {
    Block block{fence.substr(3), ""};
    for (std::string line; std::getline(page, line) && !line.starts_with("```");) {
        block.text += line + "\n";
        ++number;
    }
    ++number;
    return block;
}

void read_page(const std::string& name, std::vector<Example>& out) {
    std::ifstream page(std::string(BONEWATCH_SOURCE_DIR "/monitors/") + name);
    std::string heading;
    unsigned number = 0;
    for (std::string line; std::getline(page, line);) {
        ++number;
        if (line.starts_with("#"))
            heading = line;
        if (!line.starts_with("```"))
            continue;
        const unsigned begin = number;
        Block block = read_block(page, line, number);
        if (block.kind == "toml")
            out.push_back({name, begin, heading, std::move(block.text), std::nullopt});
        else if (block.kind == "text")
            out.back().said = std::move(block.text); // Of nothing: ends the test program.
    }
}

std::vector<Example> examples() {
    std::vector<Example> out;
    for (const char* page : {"README.md", "words.md"})
        read_page(page, out);
    return out;
}

/// An example with the keys that the pages leave out, which stand before its first table.
struct Whole {
    std::string text;
    unsigned added = 0;        ///< Lines.
    unsigned added_before = 0; ///< The line of the example that they stand before.
};

Whole whole(const Example& example, const std::string& id = "example") {
    Whole out{example.text, 0, 1};
    std::size_t at = 0;
    while (at < out.text.size() && out.text[at] != '[') {
        at = out.text.find('\n', at) + 1;
        ++out.added_before;
    }
    const std::string head = "\n" + out.text.substr(0, at);
    const std::array<std::pair<std::string, std::string>, 5> keys{{{"id", '"' + id + '"'},
                                                                   {"title", R"("Example")"},
                                                                   {"severity", R"([ { level = "info" } ])"},
                                                                   {"advice", R"("Look.")"},
                                                                   {"source", R"("None")"}}};
    std::string lines;
    for (const auto& [key, value] : keys)
        if (head.find("\n" + key + " ") == std::string::npos) {
            lines += key + " = " + value + "\n";
            ++out.added;
        }
    out.text.insert(at, lines);
    return out;
}

/// The place of a message in the example as the page shows it.
std::string as_shown(const std::string& message, const Whole& whole) {
    static const std::regex place(std::string(file_name) + R"(:(\d+):)");
    std::smatch found;
    if (!std::regex_search(message, found, place))
        return message;
    unsigned line = static_cast<unsigned>(std::stoul(found[1]));
    line -= line >= whole.added_before + whole.added ? whole.added : 0;
    return found.prefix().str() + file_name + ":" + std::to_string(line) + ":" + found.suffix().str();
}

const config::Files& shipped_files() {
    static const config::Files files = config::read_files(BONEWATCH_SOURCE_DIR "/config").value();
    return files;
}

config::Files files_with(const std::string& text) {
    config::Files files = shipped_files();
    files[file_name] = text;
    return files;
}

/// What `bonewatch monitor check` says of it: problems, or else warnings.
std::string said_of(const Example& example) {
    const Whole file = whole(example);
    std::string out;
    const auto loaded = daemon::Revision::load(files_with(file.text), std::chrono::minutes(10));
    if (!loaded) {
        for (const model::Error& error : loaded.error())
            out += as_shown(error.place + ": " + error.message, file) + "\n";
        return out;
    }
    for (const std::string& warning : (*loaded)->catalogue->warnings())
        if (warning.starts_with(file_name))
            out += as_shown("warning: " + warning, file) + "\n";
    return out;
}

class ReferencePage : public testing::TestWithParam<Example> {};

TEST_P(ReferencePage, examples_are_judged_as_shown) {
    EXPECT_EQ(said_of(GetParam()), GetParam().said.value_or(""));
}

TEST_P(ReferencePage, examples_come_out_as_shown) {
    const Whole file = whole(GetParam());
    const auto definitions = read_definitions({{file_name, file.text}}, {});
    std::size_t run = 0;
    daemon::MonitorTests tests(files_with(file.text), std::chrono::minutes(10));
    if (definitions)
        for (const Definition& monitor : definitions->monitors)
            for (const Definition::Test& test : monitor.tests) {
                const auto outcome = tests.run(monitor.id, test);
                EXPECT_EQ(outcome.trouble, "") << test.name;
                EXPECT_EQ(outcome.told, outcome.expected) << test.name;
                ++run;
            }
    EXPECT_EQ(run == 0, GetParam().said.has_value()) << "an example has timelines, or what is said of it";
}

/// All examples with timelines as the naive reading of monitor files reads them, beside the shipped monitors.
const reference::Catalogue& naively_read() {
    static const reference::Catalogue read = [] {
        const tests::ScratchFolder folder;
        std::filesystem::copy(BONEWATCH_SOURCE_DIR "/config/monitors", folder.path(),
                              std::filesystem::copy_options::recursive);
        for (const Example& example : examples())
            if (!example.said) {
                const std::string name = example.page + "-" + std::to_string(example.line);
                std::ofstream(folder.path() / (name + ".toml")) << whole(example, name).text;
            }
        return reference::read_catalogue(folder.path(), reference::shipped_vocabulary());
    }();
    return read;
}

TEST_P(ReferencePage, examples_come_out_as_shown_where_they_are_read_naively) {
    if (GetParam().said)
        return;
    const std::string name = GetParam().page + "-" + std::to_string(GetParam().line);
    const auto definitions = read_definitions({{file_name, whole(GetParam(), name).text}}, {});
    ASSERT_TRUE(definitions);
    for (const Definition& monitor : definitions->monitors)
        for (const Definition::Test& test : monitor.tests) {
            if (!test.set.empty()) // Would be read from the folder anew.
                continue;
            const auto timeline = reference::read_timeline(test.events, test.expect, test.until);
            ASSERT_TRUE(timeline) << timeline.error().message;
            EXPECT_EQ(to_text(transitions(*timeline, monitor.id.text, naively_read())), to_text(timeline->expect))
                << test.name;
        }
}

INSTANTIATE_TEST_SUITE_P(Shown, ReferencePage, testing::ValuesIn(examples()), [](const auto& one) {
    std::string name = one.param.page + "_" + std::to_string(one.param.line);
    std::ranges::replace(name, '.', '_');
    return name;
});

/// Words, `word.argument` and kinds of expression that stand in an expression.
void add_used(const Expr& expr, std::set<std::string>& words, std::set<Expr::Kind>& kinds) {
    kinds.insert(expr.kind);
    if (expr.kind == Expr::Kind::name || expr.kind == Expr::Kind::call)
        words.insert(expr.text);
    for (const Expr& child : expr.children)
        add_used(child, words, kinds);
    for (const auto& [name, value] : expr.named) {
        words.insert(expr.text + "." + name);
        add_used(value, words, kinds);
    }
}

/// What the examples with timelines use, by the heading that they stand under.
std::map<std::string, std::set<std::string>> used_by_heading(std::set<Expr::Kind>& kinds) {
    std::map<std::string, std::set<std::string>> out;
    for (const Example& example : examples()) {
        const auto definitions = read_definitions({{file_name, whole(example).text}}, {});
        if (!definitions || example.said)
            continue;
        for (const Definition& monitor : definitions->monitors) {
            std::vector<Written> all{monitor.when, monitor.unless.value_or(Written{"true", {}}),
                                     monitor.clears.value_or(Written{"true", {}})};
            for (const auto* rows : {&monitor.severity, &monitor.tags})
                for (const Row& row : *rows)
                    all.push_back(row.when.value_or(Written{"true", {}}));
            for (const Written& written : all)
                if (const auto expr = parse(written.text, written.place); expr && written.text != "true")
                    add_used(*expr, out[example.heading], kinds);
        }
    }
    return out;
}

TEST(ReferencePages, every_word_and_argument_has_an_example_under_its_heading) {
    std::set<Expr::Kind> kinds;
    const auto used = used_by_heading(kinds);
    // The words of one heading that take the same arguments may share out the examples of these.
    const auto is_shown = [&](const std::string& word, const std::string& argument) {
        return std::ranges::any_of(used, [&](const auto& section) {
            const std::regex named("`" + word + "[`(]");
            if (!std::regex_search(section.first, named) || !section.second.contains(word))
                return false;
            return argument.empty() || std::ranges::any_of(words_with_arguments(), [&](const auto& other) {
                       return other.second == words_with_arguments().at(word) &&
                              std::regex_search(section.first, std::regex("`" + other.first + "[`(]")) &&
                              section.second.contains(other.first + "." + argument);
                   });
        });
    };
    for (const std::string& word : plain_words())
        EXPECT_TRUE(is_shown(word, "")) << word;
    for (const auto& [word, arguments] : words_with_arguments()) {
        EXPECT_TRUE(is_shown(word, "")) << word;
        for (const std::string& argument : arguments)
            EXPECT_TRUE(is_shown(word, argument)) << word << " " << argument << ":";
    }
}

TEST(ReferencePages, every_kind_of_expression_is_in_an_example) {
    std::set<Expr::Kind> kinds;
    static_cast<void>(used_by_heading(kinds));
    for (int kind = 0; kind <= static_cast<int>(Expr::Kind::product); ++kind)
        EXPECT_TRUE(kinds.contains(static_cast<Expr::Kind>(kind))) << kind;
}

} // namespace
} // namespace bonewatch::monitors
