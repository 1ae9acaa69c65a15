#include "tests/store/random_event.h"

#include <algorithm>

namespace bonewatch::tests {

using namespace model;

namespace {

struct Dice {
    std::mt19937_64& random;

    std::int64_t number(std::int64_t low, std::int64_t high) const {
        return low + static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(high - low + 1)));
    }
    bool heads() const { return below(random, 2) == 1; }
    std::string text() const {
        std::string out;
        for (std::uint64_t size = below(random, 12); size > 0; --size)
            out.push_back(static_cast<char>(below(random, 256)));
        return out;
    }
    template <typename Enum>
    Enum any_of(Enum last) const {
        return static_cast<Enum>(number(0, static_cast<std::int64_t>(last)));
    }
    template <typename Make>
    auto maybe(Make make) const -> std::optional<decltype(make())> {
        if (heads())
            return std::nullopt;
        return make();
    }
    Rational rational() const { return {number(-1'000'000, 1'000'000), number(1, 1000)}; }
    Dose dose() const { return {rational(), any_of(DoseUnit::item)}; }
    Date date() const { return Date(Days(number(-50'000, 50'000))); }
    ClinicalTime time() const {
        ClinicalTime time = on_date(date());
        if (heads())
            time.date_last += Days(number(1, 365));
        if (heads()) {
            time.instant += std::chrono::milliseconds(number(-50'000'000, 130'000'000));
            time.clock = std::chrono::minutes(number(0, 1439));
        }
        return time;
    }
    Version version() const {
        Version version{std::vector<std::int64_t>(static_cast<std::size_t>(number(0, 3)))};
        for (auto& part : version.parts)
            part = number(-2, 2'000'000'000'000);
        return version;
    }
    PatientIdentifier identifier() const { return {heads() ? "nhs" : "lab", text()}; }
    ValueInterval interval() const {
        if (heads())
            return ValueInterval::exactly(rational());
        const auto bound = [this] { return Bound{rational(), heads()}; };
        return {maybe(bound), maybe(bound)};
    }
    Registration registration() const {
        return {date(), maybe([this] { return date(); })};
    }
    template <typename Make>
    auto set(Make make) const -> std::vector<decltype(make())> {
        std::vector<decltype(make())> items;
        for (auto left = number(0, 3); left > 0; --left)
            items.push_back(make());
        std::ranges::sort(items);
        items.erase(std::unique(items.begin(), items.end()), items.end());
        return items;
    }

    EventBody body() const {
        const CodeId code(text());
        switch (number(1, 8)) {
        case 1:
            return ResultEvent{.analyte = code,
                               .status = any_of(ResultStatus::no_result),
                               .value = maybe([this] { return interval(); }),
                               .value_text = text(),
                               .unit_text = text(),
                               .range_low = maybe([this] { return rational(); }),
                               .range_high = maybe([this] { return rational(); })};
        case 2:
            return SupplyEvent{.drug = code,
                               .route = any_of(Route::other),
                               .strength = text(),
                               .daily_dose = maybe([this] { return dose(); }),
                               .days = static_cast<std::int32_t>(number(1, 3660)),
                               .basis = any_of(Basis::assumed),
                               .fulfils = set([this] { return FactId(text()); })};
        case 3:
            return StopEvent{code, maybe([this] { return any_of(Route::other); })};
        case 4:
            return AdministrationEvent{code, any_of(Route::other), maybe([this] { return dose(); }),
                                       set([this] { return FactId(text()); })};
        case 5:
            return ConditionEvent{code, maybe([this] { return time(); })};
        case 6:
            return ProcedureEvent{code};
        case 7:
            return PatientEvent{.sex = any_of(Sex::other),
                                .born = maybe([this] { return time(); }),
                                .died = maybe([this] { return time(); }),
                                .practice = text(),
                                .registered = set([this] { return registration(); }),
                                .identifiers = set([this] { return identifier(); })};
        default:
            return RetractionEvent{FactId(text()), maybe([this] { return version(); })};
        }
    }
};

} // namespace

std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) {
    return random() % bound;
}

Event random_event(std::mt19937_64& random) {
    const Dice dice{random};
    Event event;
    event.key = {PublisherId(dice.text()), FactId(dice.text())};
    event.version = dice.version();
    event.patient = dice.identifier();
    event.at = dice.time();
    for (auto left = dice.number(0, 3); left > 0; --left)
        event.attributes[dice.text()] = dice.text();
    event.body = dice.body();
    return event;
}

} // namespace bonewatch::tests
