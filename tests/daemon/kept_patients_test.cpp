#include "daemon/simulate.h"
#include "ingest/decode.h"
#include "tests/daemon/clinic.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <iostream>
#include <sstream>

namespace bonewatch::daemon {
namespace {

const Instant now = *model::parse_instant("2026-01-10T12:00:00Z");

/// TSH results of one patient, the newest 20 days ago: one every 100 days, or where they are many every day.
std::string results_of(int patient, int count) {
    std::string lines;
    for (int i = 0; i < count; ++i)
        lines += fmt::format(R"({{"type":"result","id":"{0}-{1}","patient":"mrn:{0}","code":"tsh","value":"{2}",)"
                             R"("unit":"mU/L","at":"{3}"}})"
                             "\n",
                             patient, i, i % 3 == 0 ? "0.05" : "1.5",
                             model::to_text(model::date_of(now) - model::Days(20 + (count > 100 ? 1 : 100) * i)));
    return lines;
}

std::vector<model::PatientNumber> everybody(Clinic& clinic) {
    std::vector<model::PatientNumber> out;
    for (std::uint64_t number = 1; number <= *clinic.core().directory().patient_count(); ++number)
        out.push_back(model::PatientNumber{number});
    return out;
}

TEST(KeptPatients, stay_within_their_bytes_and_the_latest_stay) {
    constexpr std::size_t bytes_max = 1 << 20;
    Clinic clinic(shipped_revision(), bytes_max);
    const KeptPatients& kept = clinic.core().kept_patients();
    for (int patient = 0; patient < 400; ++patient) {
        clinic.admit_lines(results_of(patient, 6), now);
        ASSERT_LE(kept.bytes(), bytes_max) << patient;
        ASSERT_GE(kept.count(), 1u) << patient;
    }
    EXPECT_LT(kept.count(), 390u);
    EXPECT_GT(kept.bytes(), bytes_max / 2) << "there is room for more";
}

TEST(KeptPatients, questions_and_timers_stay_within_them_too) {
    constexpr std::size_t bytes_max = 256 << 10;
    Clinic clinic(shipped_revision(), bytes_max);
    for (int patient = 0; patient < 100; ++patient)
        clinic.admit_lines(results_of(patient, 6), now);
    for (const model::PatientNumber number : everybody(clinic)) {
        ASSERT_TRUE(clinic.core().patient(number));
        ASSERT_TRUE(clinic.core().commit());
        ASSERT_LE(clinic.core().kept_patients().bytes(), bytes_max);
    }
    clinic.pass_to(now + model::Days(400));
    EXPECT_LE(clinic.core().kept_patients().bytes(), bytes_max);
}

TEST(KeptPatients, what_is_told_does_not_depend_on_how_many_there_are) {
    Clinic roomy;
    Clinic tight(shipped_revision(), 1);
    for (Clinic* clinic : {&roomy, &tight})
        for (int i = 5; i >= 0; --i) {
            const Instant then = now + model::Days(40) * (5 - i);
            clinic->pass_to(then);
            for (int patient = 0; patient < 8; ++patient) {
                std::istringstream lines(results_of(patient, 6));
                std::string line;
                for (int skipped = 0; skipped <= (i + patient) % 6; ++skipped)
                    std::getline(lines, line);
                clinic->admit_lines(line, then + std::chrono::hours(1));
            }
        }
    EXPECT_GT(roomy.core().kept_patients().count(), 0u);
    EXPECT_EQ(tight.core().kept_patients().count(), 0u);
    EXPECT_FALSE(roomy.feed().empty());
    EXPECT_EQ(roomy.dump(), tight.dump());
}

struct Shape {
    const char* name;
    int results; ///< Of TSH, of each of 200 patients; else
    int years;   ///< simulated histories of so many years.
};

void PrintTo(const Shape& shape, std::ostream* out) {
    *out << shape.name;
}

class Weight : public testing::TestWithParam<Shape> {};

/// Held against what the allocator gave out, so that the bound is one of memory and not of a figure.
TEST_P(Weight, is_estimated_near_enough) {
    Clinic clinic(shipped_revision(), 1);
    const int patients = GetParam().results > 100 ? 10 : 200;
    if (GetParam().years == 0) {
        for (int patient = 0; patient < patients; ++patient)
            clinic.admit_lines(results_of(patient, GetParam().results), now);
    } else {
        std::ostringstream lines;
        static_cast<void>(simulate(
            {.patients = patients, .years = GetParam().years, .seed = 3, .until = model::date_of(now)}, lines));
        Message message;
        for (ingest::Decoded& decoded :
             ingest::decode(ingest::Format::native, lines.str(), {model::PublisherId("clinic")},
                            clinic.core().revision().vocabulary, std::nullopt))
            if (auto* event = std::get_if<model::Event>(&decoded.outcome))
                message.events.push_back({std::move(*event), {}});
        ASSERT_TRUE(clinic.core().admit(message, now));
        ASSERT_TRUE(clinic.core().commit());
    }
    std::vector<std::unique_ptr<PatientState>> states;
    const std::size_t before = mallinfo2().uordblks;
    std::size_t facts = 0, estimate = 0;
    for (const model::PatientNumber number : everybody(clinic)) {
        auto state = clinic.core().read_patient(number);
        ASSERT_TRUE(state);
        if (*state == nullptr)
            continue;
        (*state)->watch.advance(now);
        facts += (*state)->facts.size();
        estimate += (*state)->byte_estimate();
        states.push_back(std::move(*state));
    }
    const std::size_t taken = mallinfo2().uordblks - before;
    const double count = static_cast<double>(states.size());
    std::cout << fmt::format("{}: {:.1f} facts a patient, {:.0f} bytes, estimated {:.0f}\n", GetParam().name,
                             static_cast<double>(facts) / count, static_cast<double>(taken) / count,
                             static_cast<double>(estimate) / count);
    EXPECT_GT(static_cast<double>(estimate), 0.75 * static_cast<double>(taken));
    EXPECT_LT(static_cast<double>(estimate), 1.5 * static_cast<double>(taken));
}

INSTANTIATE_TEST_SUITE_P(, Weight,
                         testing::Values(Shape{"one_result", 1, 0}, Shape{"six_results", 6, 0},
                                         Shape{"sixty_results", 60, 0}, Shape{"many_results", 2000, 0},
                                         Shape{"one_year", 0, 1}, Shape{"three_years", 0, 3},
                                         Shape{"twenty_years", 0, 20}),
                         [](const auto& shape) { return shape.param.name; });

} // namespace
} // namespace bonewatch::daemon
