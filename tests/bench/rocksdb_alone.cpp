#include "tests/bench/rocksdb_alone.h"

#include "daemon/dice.h"
#include "tests/bench/measure.h"
#include "tests/store/scratch_folder.h"

#include <fmt/core.h>
#include <rocksdb/db.h>

namespace bonewatch::bench {

Rate rocksdb_alone(int events) {
    const tests::ScratchFolder folder;
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, folder.path().string(), &opened).ok())
        std::exit(1);
    const std::unique_ptr<rocksdb::DB> database(opened);
    std::vector<rocksdb::ColumnFamilyHandle*> tables;
    if (!database->CreateColumnFamilies(options, {"timeline", "known", "latest"}, &tables).ok())
        std::exit(1);
    daemon::Dice dice(3);
    const std::string value(64, 'v');
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const Stopwatch watch;
    for (int done = 0; done < events; done += events_per_commit) {
        rocksdb::WriteBatch batch;
        for (int i = 0; i < events_per_commit; ++i) {
            const std::string key = fmt::format("{:08}{:02}{:08}{:08}", dice.between(0, 99'999), dice.between(0, 99),
                                                dice.between(0, 99'999'999), done + i);
            for (rocksdb::ColumnFamilyHandle* table : tables)
                batch.Put(table, key, value);
        }
        if (!database->Write(synced, &batch).ok())
            std::exit(1);
    }
    const Rate rate{events / watch.wall_seconds(), watch.cpu_seconds() / events * 1e6, 3 * (26 + 64)};
    for (rocksdb::ColumnFamilyHandle* table : tables)
        database->DestroyColumnFamilyHandle(table);
    return rate;
}

} // namespace bonewatch::bench
