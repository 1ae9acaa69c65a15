#include "tests/bench/workload.h"

#include "daemon/dice.h"

#include <algorithm>
#include <functional>
#include <string>

namespace bonewatch::bench {

namespace {

using daemon::Dice;
using model::Event;

const model::Date first_day{std::chrono::year(2020) / 1 / 6};

/// Whole hundredths, so that 0.40 is drawn now and then.
model::ResultEvent tsh(std::int64_t hundredths) {
    model::ResultEvent result;
    result.analyte = model::CodeId("tsh");
    result.value = model::ValueInterval::exactly(model::Rational(hundredths, 100));
    result.value_text = std::to_string(hundredths) + "/100";
    result.unit_text = "mU/L";
    return result;
}

class Writer {
  public:
    Writer(std::size_t patients, Variant variant, std::uint64_t seed) : dice_(seed), variant_(variant) {
        out_.patients = patients;
        out_.final_facts.resize(patients);
    }

    Dice& dice() { return dice_; }

    void add(std::size_t patient, int number, model::Date date, model::EventBody body,
             const std::function<model::EventBody()>& corrected) {
        Event event;
        event.key = {model::PublisherId("lab"), model::FactId(std::to_string(patient) + "-" + std::to_string(number))};
        event.patient = {"nhs", std::to_string(patient)};
        event.at = model::on_date(date);
        event.body = std::move(body);
        out_.end = std::max(out_.end, model::Instant(date + model::Days(400)));

        const model::Instant later = event.at.instant + model::Days(dice_.between(1, 60));
        const bool is_late = variant_ == Variant::late && dice_.per_thousand(50);
        deliver(patient, is_late ? later : event.at.instant, event, true);
        if (variant_ == Variant::repeated && dice_.per_thousand(20))
            deliver(patient, later, event, true);
        if (variant_ == Variant::corrected) {
            if (dice_.per_thousand(10)) {
                event.version = {{2}};
                event.body = corrected();
                deliver(patient, later, event, true);
            } else if (dice_.per_thousand(5)) {
                deliver(patient, later, event, false);
                return;
            }
        }
        out_.final_facts[patient].push_back(std::move(event));
    }

    Workload take() {
        std::ranges::stable_sort(out_.deliveries, {}, &Delivery::arrives);
        return std::move(out_);
    }

  private:
    void deliver(std::size_t patient, model::Instant arrives, const Event& event, bool stands) {
        out_.deliveries.push_back({patient, arrives, event.key, {}});
        if (stands)
            out_.deliveries.back().standing.push_back(event);
    }

    Dice dice_;
    Variant variant_;
    Workload out_;
};

} // namespace

Workload tsh_results(std::size_t patients, int count, Variant variant, std::uint64_t seed) {
    Writer writer(patients, variant, seed);
    Dice& dice = writer.dice();
    for (std::size_t patient = 0; patient < patients; ++patient) {
        const bool has_runs = dice.per_thousand(300);
        bool is_low = false;
        model::Date date = first_day + model::Days(dice.between(0, 59));
        for (int i = 0; i < count; ++i, date += model::Days(dice.between(20, 60))) {
            if (has_runs && dice.per_thousand(250))
                is_low = !is_low;
            const auto draw = [&] { return is_low ? dice.between(1, 39) : dice.between(40, 400); };
            const auto other = [&] { return tsh(is_low ? dice.between(40, 400) : dice.between(1, 39)); };
            writer.add(patient, i, date, tsh(draw()), other);
        }
    }
    return writer.take();
}

Workload steroid_supplies(std::size_t patients, int count, Variant variant, std::uint64_t seed) {
    Writer writer(patients, variant, seed);
    Dice& dice = writer.dice();
    model::SupplyEvent issue;
    issue.drug = model::CodeId("prednisolone");
    issue.route = model::Route::oral;
    issue.strength = "5 mg";
    issue.daily_dose = model::Dose{model::Rational(5), model::DoseUnit::milligram};
    issue.days = 28;
    for (std::size_t patient = 0; patient < patients; ++patient) {
        model::Date date = first_day + model::Days(dice.between(0, 59));
        for (int i = 0; i < count; ++i, date += model::Days(dice.between(20, 60)))
            writer.add(patient, i, date, issue, [&] {
                model::SupplyEvent half = issue;
                half.days = 14;
                return half;
            });
    }
    return writer.take();
}

} // namespace bonewatch::bench
