#include "store/partition.h"

#include <gtest/gtest.h>

#include <array>

namespace bonewatch::store {
namespace {

struct Vector {
    unsigned long long number;
    int partition;
};

class PartitionVectors : public testing::TestWithParam<Vector> {};

TEST_P(PartitionVectors, are_frozen_for_ever) {
    EXPECT_EQ(partition_of({GetParam().number}).index, GetParam().partition);
}

INSTANTIATE_TEST_SUITE_P(Partition, PartitionVectors,
                         testing::Values(Vector{1, 47}, Vector{2, 2}, Vector{3, 24}, Vector{42, 9}, Vector{1000, 23},
                                         Vector{1ull << 32, 22}, Vector{~0ull, 50}));

TEST(Partition, patients_spread_evenly) {
    std::array<int, partition_count> counts{};
    for (unsigned long long number = 1; number <= 64'000; ++number)
        ++counts.at(partition_of({number}).index);
    for (const int count : counts) {
        EXPECT_GT(count, 850);
        EXPECT_LT(count, 1150);
    }
}

} // namespace
} // namespace bonewatch::store
