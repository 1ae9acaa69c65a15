#pragma once

#include "store/key_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonewatch::tests {

/// The rules that every KeyValue obeys, whatever it stores in.
class KeyValueRules : public testing::TestWithParam<std::unique_ptr<store::KeyValue> (*)()> {
  protected:
    std::unique_ptr<store::KeyValue> store_ = GetParam()();

    void put(store::Table table, std::string key, std::string value);
    std::string get(store::Table table, std::string_view key); ///< `-` where there is nothing.
    std::vector<std::string> keys(store::Table table, std::string_view from, std::string_view to);
};

} // namespace bonewatch::tests
