#pragma once

namespace bonewatch::bench {

/// Of each synced commit.
constexpr int events_per_commit = 512;

/// What events cost.
struct Rate {
    double per_second = 0, cpu_us = 0, bytes = 0;
};

/// One thread, synced batches of 512, three puts of 64 B for each event in three tables; keys of 26 B with a random
/// patient of 100,000 in front.
[[nodiscard]] Rate rocksdb_alone(int events);

} // namespace bonewatch::bench
