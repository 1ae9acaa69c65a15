#include "tests/daemon/merged_lives.h"

#include "daemon/patient_name.h"
#include "store/keys.h"
#include "store/partition.h"
#include "tests/simulation/stories.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace bonewatch::daemon {

using model::PatientNumber;

model::PatientIdentifier identity(int index) {
    return index < 2 ? simulation::identifier_of(index)
                     : model::PatientIdentifier{"nhs", index == 2 ? "9990000034" : "9990000042"};
}

int index_of(const model::PatientIdentifier& identifier) {
    for (int index = 0; index < identity_count; ++index)
        if (identity(index) == identifier)
            return index;
    return -1;
}

model::Event merge_event(int number, int from, int into, std::int64_t version) {
    model::Event event;
    event.key = {model::PublisherId("registry"), model::FactId("M-" + std::to_string(number))};
    event.version = {{version}};
    event.patient = identity(into);
    event.body = model::MergeEvent{identity(from)};
    return event;
}

model::Event undoing(const model::Event& merge, int number, std::optional<model::Version> version) {
    model::Event event = merge;
    event.key.id = model::FactId("U-" + std::to_string(number));
    event.version = {{1}};
    event.body = model::RetractionEvent{merge.key.id, std::move(version)};
    return event;
}

PatientNumber number_of(Clinic& clinic, int index) {
    const auto number = find_patient(clinic.core().directory(), model::to_text(identity(index)));
    return number ? *number : PatientNumber{};
}

std::string name_of(Clinic& clinic, PatientNumber number) {
    for (int index = 0; index < identity_count; ++index)
        if (number_of(clinic, index) == number)
            return std::to_string(index);
    return "?";
}

void expect_alerts_found(Clinic& clinic) {
    std::map<std::string, PatientNumber> owners;
    for (int index = 0; index < identity_count; ++index) {
        const PatientNumber number = number_of(clinic, index);
        if (number == PatientNumber{})
            continue;
        for (const auto& [monitor, told] : (*clinic.core().patient(number))->told)
            for (const alerts::Alert& alert : told) {
                if (alert.id.empty())
                    continue;
                EXPECT_TRUE(owners.emplace(alert.id, number).second) << "two have one alert";
                const auto said_of = alert.told_of.value == 0 ? number : alert.told_of;
                const auto entry = clinic.store().get(store::Table::feed,
                                                      store::position_key(store::partition_of(said_of), alert.entry));
                ASSERT_TRUE(entry && *entry);
                EXPECT_EQ(member_of(**entry, "alert"), alert.id);
            }
    }
    for (const auto& [alert, owner] : owners)
        EXPECT_EQ(clinic.core().owner_of_alert(alert).value_or(PatientNumber{}), owner);
}

std::string replayed_dump(Clinic& clinic) {
    Clinic replayed;
    const auto scanned =
        clinic.store().scan(store::Table::journal, "", "", [&](std::string_view key, std::string_view value) {
            const auto record = store::decode_record(value);
            EXPECT_TRUE(record);
            EXPECT_TRUE(replayed.core().replay(store::parse_position_key(key)->partition, *record));
            return true;
        });
    EXPECT_TRUE(scanned);
    EXPECT_TRUE(replayed.core().commit());
    return replayed.dump();
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace bonewatch::daemon
