#include "daemon/simulated_life.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace bonewatch::daemon {

namespace {

using model::Date;
using model::Days;
using std::chrono::hours;
using std::chrono::minutes;

std::string two_places(std::int64_t hundredths) {
    char text[32];
    std::snprintf(text, sizeof text, "%s%lld.%02lld", hundredths < 0 ? "-" : "",
                  static_cast<long long>(std::abs(hundredths) / 100),
                  static_cast<long long>(std::abs(hundredths) % 100));
    return text;
}

/// British summer time, to the day.
hours zone_offset(Date date) {
    const auto year = std::chrono::year_month_day(date).year();
    const Date spring = year / std::chrono::March / std::chrono::Sunday[std::chrono::last];
    const Date autumn = year / std::chrono::October / std::chrono::Sunday[std::chrono::last];
    return hours(date >= spring && date < autumn ? 1 : 0);
}

class Author {
  public:
    Author(Dice& dice, std::uint64_t serial, Date from, Date until)
        : dice_(dice), serial_(serial), from_(from), until_(until) {}

    SimulatedLife write();

  private:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    std::int64_t length() const { return (until_ - from_).count(); }
    Date day(std::int64_t offset) const { return from_ + Days(offset); }
    /// A start that leaves `needed` days of history behind it, where there are so many.
    std::int64_t start_before_end(std::int64_t needed) {
        return dice_.between(0, std::max<std::int64_t>(0, length() - needed));
    }

    void add(std::string_view type, Date date, Fields fields, bool has_clock);
    void add_result(std::string_view analyte, Date date, std::string value, std::string_view unit);
    void add_tsh(Date date, std::int64_t low, std::int64_t high);
    void add_vitamin_d(Date date, std::int64_t low, std::int64_t high);
    void add_condition(std::string_view code, Date date);
    void add_procedure(std::string_view code, Date date);
    /// `packs` one after another, each a few days early or late; returns the day after the last.
    std::int64_t add_packs(std::string_view drug, std::string_view dose, std::int64_t start, int packs, int days);
    void add_stop(std::string_view drug, Date date);
    void add_dose(std::string_view drug, std::string_view dose, Date date);

    void add_person();
    void add_check_ups();
    void add_tablets();
    void add_pattern();

    Dice& dice_;
    std::uint64_t serial_;
    Date from_;
    Date until_;
    SimulatedLife life_;
    std::size_t fact_count_ = 0; ///< Of all that were written, those that were taken out again too.
};

void Author::add(std::string_view type, Date date, Fields fields, bool has_clock) {
    if (date > until_)
        return;
    SimulatedFact fact;
    fact.type = type;
    fact.id = std::to_string(serial_) + "-" + std::to_string(++fact_count_);
    fact.instant = date;
    fact.at = model::to_text(date);
    if (has_clock) {
        const auto offset = zone_offset(date);
        const auto clock = minutes(dice_.per_thousand(30) ? dice_.between(0, 1439) : dice_.between(480, 1050));
        fact.instant = model::Instant(date) + clock - offset;
        char text[32];
        std::snprintf(text, sizeof text, "T%02d:%02d:00%s", static_cast<int>(clock.count() / 60),
                      static_cast<int>(clock.count() % 60), offset == hours(1) ? "+01:00" : "Z");
        fact.at += text;
    }
    fact.fields = std::move(fields);
    life_.facts.push_back(std::move(fact));
}

void Author::add_result(std::string_view analyte, Date date, std::string value, std::string_view unit) {
    Fields fields{{"code", quoted(analyte)}, {"value", std::move(value)}};
    if (!unit.empty())
        fields.emplace_back("unit", quoted(unit));
    if (analyte == "tsh" && dice_.per_thousand(100))
        fields.front().second = R"({"system":"http://loinc.org","code":"3016-3","display":"TSH"})";
    if (dice_.per_thousand(10))
        fields.emplace_back("status", quoted(dice_.one_of({"preliminary", "no_result"})));
    else if (dice_.per_thousand(150) && analyte == "tsh")
        fields.emplace_back("range", R"({"low":0.4,"high":4.0})");
    add("result", date, std::move(fields), true);
}

void Author::add_tsh(Date date, std::int64_t low, std::int64_t high) {
    const std::int64_t hundredths = dice_.between(low, high);
    std::string value = two_places(hundredths);
    if (hundredths < 3)
        value = quoted("<0.03");
    add_result("tsh", date, std::move(value), dice_.one_of({"mU/L", "mU/L", "mIU/L", "uIU/mL"}));
}

void Author::add_vitamin_d(Date date, std::int64_t low, std::int64_t high) {
    const std::int64_t nmol = dice_.between(low, high);
    if (dice_.per_thousand(100)) // the same level in the other unit, rounded to whole nanograms
        add_result("vitd25", date, std::to_string(nmol * 2 / 5), "ng/mL");
    else
        add_result("vitd25", date, nmol < 12 ? quoted("<12") : std::to_string(nmol), "nmol/L");
}

void Author::add_condition(std::string_view code, Date date) {
    add("condition", date, {{"code", quoted(code)}}, false);
    if (!life_.facts.empty() && life_.facts.back().type == "condition" && dice_.per_thousand(200)) {
        SimulatedFact& fact = life_.facts.back();
        const bool is_year = dice_.per_thousand(300);
        const std::chrono::year_month_day parts(date);
        fact.at.resize(is_year ? 4 : 7);
        fact.instant = Date(is_year ? parts.year() / 1 / 1 : parts.year() / parts.month() / 1);
    }
}

void Author::add_procedure(std::string_view code, Date date) {
    add("procedure", date, {{"code", quoted(code)}}, false);
}

std::int64_t Author::add_packs(std::string_view drug, std::string_view dose, std::int64_t start, int packs, int days) {
    for (int i = 0; i < packs; ++i) {
        add("supply", day(start),
            {{"drug", quoted(drug)},
             {"route", quoted("oral")},
             {"daily_dose", quoted(dose)},
             {"days", std::to_string(days)}},
            false);
        start += days + dice_.one_of<std::int64_t>({-4, -1, 0, 0, 0, 0, 1, 3});
    }
    return start;
}

void Author::add_stop(std::string_view drug, Date date) {
    add("stop", date, {{"drug", quoted(drug)}}, false);
}

void Author::add_dose(std::string_view drug, std::string_view dose, Date date) {
    add("administration", date, {{"drug", quoted(drug)}, {"route", quoted("subcutaneous")}, {"dose", quoted(dose)}},
        true);
}

void Author::add_person() {
    life_.identifier = "nhs:" + test_nhs_number(serial_);
    const bool is_female = dice_.per_thousand(680);
    const Date born = from_ - Days(dice_.between(30 * 365, 84 * 365));
    if (!dice_.per_thousand(10))
        life_.person.emplace_back("sex", quoted(is_female ? "female" : "male"));
    if (!dice_.per_thousand(10))
        life_.person.emplace_back("born", quoted(model::to_text(born)));
    life_.person.emplace_back("practice", quoted("A81" + std::to_string(100 + serial_ % 7)));
    const Date since = from_ - Days(dice_.between(200, 9000));
    if (dice_.per_thousand(60))
        life_.person.emplace_back("registered", R"({"from":")" + model::to_text(since) + R"(","to":")" +
                                                    model::to_text(day(length() / 2 + dice_.between(0, length() / 2))) +
                                                    R"("})");
    else if (!dice_.per_thousand(80))
        life_.person.emplace_back("registered", quoted(model::to_text(since)));
    if (dice_.per_thousand(25))
        life_.person.emplace_back("died", quoted(model::to_text(day(length() / 2 + dice_.between(0, length() / 2)))));
}

void Author::add_check_ups() {
    for (std::int64_t at = dice_.between(0, 200); at <= length(); at += dice_.between(150, 420)) {
        const Date date = day(at);
        if (dice_.per_thousand(600))
            add_tsh(date, 50, 420);
        if (dice_.per_thousand(350))
            add_vitamin_d(date, 51, 110);
        if (dice_.per_thousand(600))
            add_result("egfr", date, std::to_string(dice_.between(48, 95)), "mL/min/{1.73_m2}");
        if (dice_.per_thousand(500))
            add_result("calcium-adj", date, two_places(dice_.between(222, 258)), "mmol/L");
        if (dice_.per_thousand(400))
            add_result("hba1c", date, std::to_string(dice_.between(33, 47)), "mmol/mol");
        if (dice_.per_thousand(400))
            add_result("weight", date, two_places(dice_.between(5500, 9500)), "kg");
        if (dice_.per_thousand(300))
            add_result("height", date, std::to_string(dice_.between(158, 161)), "cm");
        if (dice_.per_thousand(300))
            add_result("crp", date, dice_.per_thousand(500) ? quoted("<5") : std::to_string(dice_.between(1, 9)),
                       "mg/L");
        if (dice_.per_thousand(20)) // a laboratory's text, or a unit that nobody knows: for the quarantine
            add_result("tsh", date, "1.20", "furlong");
    }
    if (dice_.per_thousand(150))
        add_procedure("dxa", day(dice_.between(0, length())));
    if (dice_.per_thousand(80))
        add_result("tscore-hip", day(dice_.between(0, length())), two_places(-dice_.between(20, 280)), "");
    for (const std::string_view code : {"t2dm", "copd", "hypothyroidism", "osteoporosis", "fall"})
        if (dice_.per_thousand(60))
            add_condition(code, day(dice_.between(0, length())));
}

void Author::add_tablets() {
    if (dice_.per_thousand(450))
        add_packs("omeprazole", "20 mg", dice_.between(0, length() / 2), static_cast<int>(dice_.between(4, 20)), 56);
    if (dice_.per_thousand(250))
        add_packs("sertraline", "50 mg", dice_.between(0, length() / 2), static_cast<int>(dice_.between(4, 16)), 56);
    if (dice_.per_thousand(300))
        add_packs("colecalciferol", "800 iu", dice_.between(0, length() / 2), static_cast<int>(dice_.between(4, 16)),
                  84);
    for (int courses = dice_.per_thousand(250) ? static_cast<int>(dice_.between(1, 3)) : 0; courses > 0; --courses)
        add_packs("prednisolone", "30 mg", dice_.between(0, length()), 1, static_cast<int>(dice_.between(5, 7)));
}

void Author::add_pattern() {
    life_.has_pattern = true;
    const auto some = [&](std::int64_t low, std::int64_t high) { return static_cast<int>(dice_.between(low, high)); };
    switch (dice_.between(0, 9)) {
    case 0: { // suppressed for months, then treated
        std::int64_t at = start_before_end(600);
        for (int i = some(3, 5); i > 0; --i, at += dice_.between(50, 110))
            add_tsh(day(at), 1, 9);
        if (dice_.per_thousand(700)) {
            at = add_packs("carbimazole", "20 mg", at, some(3, 8), 28);
            add_tsh(day(at), 60, 300);
        }
        break;
    }
    case 1: { // a little low, again and again
        std::int64_t at = start_before_end(700);
        for (int i = some(4, 6); i > 0; --i, at += dice_.between(70, 130))
            add_tsh(day(at), 15, 38);
        add_tsh(day(at), 60, 300);
        add_tsh(day(at + 90), 60, 300);
        break;
    }
    case 2: { // too much levothyroxine, noticed in the end
        const std::int64_t start = start_before_end(800);
        const std::int64_t cut = add_packs("levothyroxine", "150 ug", start, some(6, 9), 56);
        add_tsh(day(start + 100), 4, 35);
        add_tsh(day(start + 190), 4, 35);
        const std::int64_t end = add_packs("levothyroxine", "100 ug", cut, some(4, 9), 56);
        add_tsh(day(cut + 60), 80, 300);
        add_tsh(day(end), 80, 300);
        break;
    }
    case 3: { // levothyroxine for years and no TSH; check-ups before it only
        const std::int64_t start = start_before_end(1000);
        add_packs("levothyroxine", "75 ug", start, some(10, 18), 56);
        std::erase_if(life_.facts, [&](const SimulatedFact& fact) {
            return fact.type == "result" && fact.instant > day(start) &&
                   fact.fields.front().second.find("tsh") != std::string::npos;
        });
        break;
    }
    case 4: // polymyalgia: a middling dose for most of a year
        add_packs("prednisolone", dice_.one_of({"5 mg", "7.5 mg", "10 mg"}), start_before_end(500), some(5, 14), 28);
        break;
    case 5: { // a high dose, tapered and stopped, with or without a bisphosphonate
        const std::int64_t start = start_before_end(500);
        std::int64_t at = add_packs("prednisolone", "40 mg", start, some(1, 2), 28);
        at = add_packs("prednisolone", "20 mg", at, some(2, 4), 28);
        at = add_packs("prednisolone", "10 mg", at, some(1, 4), 28);
        add_stop("prednisolone", day(at - dice_.between(3, 12)));
        if (dice_.per_thousand(500))
            add_packs("alendronic-acid", "10 mg", start + dice_.between(5, 150), some(4, 10), 28);
        break;
    }
    case 6: { // vitamin D deficiency, loaded, checked again
        const std::int64_t start = start_before_end(400);
        add_vitamin_d(day(start), 9, 24);
        add_packs("colecalciferol", "4000 iu", start + 5, 3, 28);
        add_vitamin_d(day(start + dice_.between(90, 150)), 55, 95);
        break;
    }
    case 7: { // denosumab, and one dose that never came, or came late
        std::int64_t at = start_before_end(900);
        for (int i = some(2, 4); i > 0; --i, at += dice_.between(176, 190))
            add_dose("denosumab", "60 mg", day(at));
        if (dice_.per_thousand(600))
            add_dose("denosumab", "60 mg", day(at + dice_.between(20, 160)));
        break;
    }
    case 8: { // rheumatoid arthritis, bones not looked at for long
        const std::int64_t start = start_before_end(900);
        std::erase_if(life_.facts, [](const SimulatedFact& fact) {
            return fact.type == "procedure" || fact.fields.front().second == "\"tscore-hip\"";
        });
        add_condition("rheumatoid-arthritis", day(start));
        add_packs("methotrexate", "2 tablets", start + 20, some(4, 12), 28);
        if (dice_.per_thousand(500))
            add_procedure("dxa", day(start + dice_.between(400, 900)));
        break;
    }
    default: { // a fracture while on levothyroxine
        const std::int64_t start = start_before_end(700);
        add_packs("levothyroxine", "100 ug", start, some(6, 12), 56);
        const std::int64_t broken = start + dice_.between(100, 350);
        add("condition", day(broken),
            {{"code", quoted(dice_.one_of({"hip-fracture", "wrist-fracture", "fragility-fracture"}))}}, true);
        add_tsh(day(broken + dice_.between(5, 60)), 20, 300);
        if (dice_.per_thousand(600))
            add_procedure("dxa", day(broken + dice_.between(30, 200)));
    }
    }
}

SimulatedLife Author::write() {
    add_person();
    add_check_ups();
    add_tablets();
    if (dice_.per_thousand(200))
        add_pattern();
    std::stable_sort(life_.facts.begin(), life_.facts.end(),
                     [](const SimulatedFact& a, const SimulatedFact& b) { return a.instant < b.instant; });
    return std::move(life_);
}

} // namespace

std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return json + "\"";
}

std::string test_nhs_number(std::uint64_t serial) {
    ENSURE(serial < test_numbers_max, "there are no more test numbers");
    // Of ten neighbouring numbers at most one has no check digit (modulus 11), so each ten serve nine serials.
    std::uint64_t left = serial % 9;
    for (std::uint64_t last = 0;; ++last) {
        char digits[16];
        std::snprintf(digits, sizeof digits, "999%06u", static_cast<unsigned>(serial / 9 * 10 + last));
        int sum = 0;
        for (int i = 0; i < 9; ++i)
            sum += (digits[i] - '0') * (10 - i);
        const int check = (11 - sum % 11) % 11;
        if (check == 10)
            continue;
        if (left == 0)
            return std::string(digits) + static_cast<char>('0' + check);
        --left;
    }
}

SimulatedLife simulated_life(Dice& dice, std::uint64_t serial, Date from, Date until) {
    return Author(dice, serial, from, until).write();
}

} // namespace bonewatch::daemon
