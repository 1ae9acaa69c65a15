#include "config/unit.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

/// Our reading of UCUM against its functional tests and its table of units, where these are.
namespace bonewatch::config {
namespace {

using model::Rational;
using Names = std::vector<std::string>;

/// A start tag, to look for attributes in.
class Tag {
  public:
    explicit Tag(std::string_view text) : text_(text) {}

    [[nodiscard]] bool has(const std::string& name) const { return at(name) != std::string_view::npos; }
    [[nodiscard]] std::string of(const std::string& name) const {
        const auto start = at(name);
        return start == std::string_view::npos ? "" : std::string(text_.substr(start, text_.find('"', start) - start));
    }

  private:
    [[nodiscard]] std::size_t at(const std::string& name) const {
        const std::string opening = " " + name + "=\"";
        const auto found = text_.find(opening);
        return found == std::string_view::npos ? found : found + opening.size();
    }
    std::string_view text_;
};

/// What stands in the first element of that name, its own tag included.
std::string_view element(std::string_view xml, const std::string& name) {
    const auto start = xml.find("<" + name);
    const auto end = xml.find("</" + name + ">", start);
    return start == std::string_view::npos ? "" : xml.substr(start, end - start);
}

/// Every start tag of that name, with what follows it up to the next one.
std::vector<std::string_view> tags(std::string_view xml, const std::string& name) {
    std::vector<std::string_view> found;
    const std::string opening = "<" + name + " ";
    for (auto at = xml.find(opening); at != std::string_view::npos;) {
        const auto next = xml.find(opening, at + 1);
        found.push_back(xml.substr(at, next - at));
        at = next;
    }
    return found;
}

std::string without_comments(std::string xml) {
    for (auto start = xml.find("<!--"); start != std::string::npos; start = xml.find("<!--", start))
        xml.erase(start, xml.find("-->", start) + 3 - start);
    return xml;
}

/// A decimal of up to 18 digits as number and tens: `9.1093837139e-31`.
Unit exactly(std::string_view text) {
    Unit unit;
    std::int64_t number = 0;
    bool is_behind_point = false;
    std::size_t i = 0;
    for (; i < text.size() && text[i] != 'e'; ++i) {
        if (text[i] == '.') {
            is_behind_point = true;
            continue;
        }
        number = 10 * number + (text[i] - '0');
        unit.tens -= is_behind_point ? 1 : 0;
    }
    unit.number = Rational(number);
    if (i < text.size())
        unit.tens += std::stoi(std::string(text.substr(i + 1)));
    return unit;
}

/// Whether `factor` times the value is the outcome, as far as its digits go.
bool is_outcome(long double value, const std::optional<Rational>& factor, const std::string& outcome) {
    if (!factor)
        return false;
    const long double ours =
        value * static_cast<long double>(factor->numerator()) / static_cast<long double>(factor->denominator());
    const auto point = outcome.find('.');
    const auto exponent = outcome.find('e');
    const auto end = std::min(exponent, outcome.size());
    const int decimals = point == std::string::npos ? 0 : static_cast<int>(end - point) - 1;
    const int tens = exponent == std::string::npos ? 0 : std::stoi(outcome.substr(exponent + 1));
    const long double expected = std::strtold(outcome.c_str(), nullptr);
    constexpr long double relative = 1e-15L;
    return std::fabs(ours - expected) <=
           0.5L * std::pow(10.0L, static_cast<long double>(tens - decimals)) + relative * std::fabs(expected);
}

bool converts(const std::string& value, const std::string& from, const std::string& to, const std::string& outcome) {
    const auto unit = parse_unit(from);
    const auto other = parse_unit(to.empty() ? "1" : to);
    return unit && other && is_outcome(std::strtold(value.c_str(), nullptr), ratio(*unit, *other), outcome);
}

class Ucum : public testing::Test {
  protected:
    void SetUp() override {
        const auto folder = ingest::rules::data_folder();
        if (folder.empty())
            GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
        cases_ = without_comments(ingest::rules::read_text(folder / "ucum" / "UcumFunctionalTests.xml"));
        essence_ = ingest::rules::read_text(folder / "ucum" / "ucum-essence.xml");
    }

    /// The ids of the cases that do not pass; prints how many do.
    Names failing(const std::string& part, std::size_t count, const std::function<bool(const Tag&)>& passes) const {
        const auto all = tags(element(cases_, part), "case");
        EXPECT_EQ(all.size(), count) << part << ": other cases than those that were counted";
        Names failed;
        for (const std::string_view each : all)
            if (const Tag tag(each.substr(0, each.find("/>"))); !passes(tag))
                failed.push_back(tag.of("id") + " " + tag.of("unit") + tag.of("srcUnit"));
        std::cout << part << ": " << all.size() - failed.size() << " of " << all.size() << " pass\n";
        return failed;
    }

    std::string cases_, essence_;
};

TEST_F(Ucum, valid_is_what_the_functional_tests_say) {
    std::size_t functions = 0;
    const auto failed = failing("validation", 529, [&](const Tag& each) {
        const auto unit = parse_unit(each.of("unit"));
        const bool is_function = !unit && unit.error().reason == "special_unit";
        functions += is_function ? 1 : 0;
        return (unit || is_function) == (each.of("valid") == "true");
    });
    EXPECT_EQ(failed, Names{});
    EXPECT_EQ(functions, 5U) << "valid, and refused as scales of their own";
}

TEST_F(Ucum, conversions_are_exact_but_for_pi) {
    const auto failed = failing("conversion", 30, [](const Tag& each) {
        return converts(each.of("value"), each.of("srcUnit"), each.of("dstUnit"), each.of("outcome"));
    });
    EXPECT_EQ(failed, (Names{"3-122 4.[pi].10*-7.s", "3-123 4.[pi].10*-7.N", "3-124 [mu_0]"}))
        << "pi is no fraction: what holds it is converted only into what holds it too";
}

TEST_F(Ucum, products_and_quotients_have_the_product_of_the_units) {
    const auto number = [](const Tag& each, const char* name) { return std::strtold(each.of(name).c_str(), nullptr); };
    const auto combined = [&](const Tag& each, const char* sign, long double value) {
        const auto unit = parse_unit("(" + each.of("u1") + ")" + sign + "(" + each.of("u2") + ")");
        const auto result = parse_unit(each.of("uRes").empty() ? "1" : each.of("uRes"));
        return unit && result && is_outcome(value, ratio(*unit, *result), each.of("vRes"));
    };
    EXPECT_EQ(failing("multiplication", 2,
                      [&](const Tag& each) { return combined(each, ".", number(each, "v1") * number(each, "v2")); }),
              Names{});
    EXPECT_EQ(failing("division", 3,
                      [&](const Tag& each) { return combined(each, "/", number(each, "v1") / number(each, "v2")); }),
              Names{});
}

TEST_F(Ucum, every_unit_is_what_the_table_of_ucum_defines) {
    Names differ;
    std::size_t same = 0;
    std::size_t arbitrary = 0;
    std::size_t functions = 0;
    for (const std::string_view each : tags(essence_, "unit")) {
        const Tag unit(each.substr(0, each.find('>')));
        const std::string code = unit.of("Code");
        const auto ours = parse_unit(code);
        const auto value_tags = tags(each, "value");
        ASSERT_FALSE(value_tags.empty()) << code;
        const Tag value(value_tags.front().substr(0, value_tags.front().find('>')));
        bool is_same = ours.has_value();
        if (unit.of("isSpecial") == "yes") {
            is_same = !ours && ours.error().reason == "special_unit";
            functions += is_same ? 1 : 0;
        } else if (unit.of("isArbitrary") == "yes") {
            is_same = ours && ours->dimension.is_arbitrary();
            arbitrary += is_same ? 1 : 0;
        } else {
            const std::string definition = value.of("Unit");
            const std::string whole = definition.starts_with('/') ? "1" + definition : definition;
            const auto share = parse_unit("(" + code + ")/(" + whole + ")");
            is_same = share && ratio(*share, exactly(value.of("value").substr(0, 18))) == Rational(1);
            same += is_same ? 1 : 0;
        }
        // A metric unit takes prefixes, another one none.
        const bool takes_prefix =
            parse_unit("m" + code).has_value() ||
            (unit.of("isSpecial") == "yes" && parse_unit("m" + code).error().reason == "special_unit");
        if (!is_same || takes_prefix != (unit.of("isMetric") == "yes"))
            differ.push_back(code);
    }
    // Pi, mole, equivalent and osmole are bases here; a phot is 10,000 lux, where the table has the inverse.
    EXPECT_EQ(differ, (Names{"[pi]", "mol", "ph", "eq", "osm"}));
    std::cout << "units: " << same << " the same, " << arbitrary << " arbitrary, " << functions
              << " functions, which are refused\n";
    for (const std::string_view each : tags(essence_, "prefix")) {
        const Tag prefix(each.substr(0, each.find('>')));
        const std::string_view value_tag = tags(each, "value").front();
        const Unit times = exactly(Tag(value_tag.substr(0, value_tag.find('>'))).of("value"));
        const auto ours = parse_unit(prefix.of("Code") + "m");
        ASSERT_TRUE(ours.has_value()) << prefix.of("Code");
        Unit metre = *parse_unit("m");
        metre.number = times.number;
        metre.tens = times.tens;
        EXPECT_EQ(ratio(*ours, metre), Rational(1)) << prefix.of("Code");
    }
}

} // namespace
} // namespace bonewatch::config
