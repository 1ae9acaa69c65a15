#pragma once

#include "config/document.h"
#include "store/model/rational.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::config {

/// What is wrong in one file, gathered so that a person sees all of it at once.
class Problems {
  public:
    explicit Problems(std::string file) : file_(std::move(file)) {}

    void add(Place place, std::string reason, std::string message);
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] bool empty() const { return found_.empty(); }
    /// In the order in which they were found.
    [[nodiscard]] std::vector<model::Error>& found() { return found_; }

  private:
    std::string file_;
    std::vector<model::Error> found_;
};

/// Reads the fields of one table by name and type. A missing required field, a wrong type and, at `finish`, a key that
/// nobody asked for are problems; reading goes on with an empty value. Both references outlive the reader.
class Fields {
  public:
    /// `what` names the table in messages: `analyte 'tsh'`. A value that is no table is a problem and reads as empty.
    Fields(const Value& table, std::string what, Problems& problems);

    [[nodiscard]] std::string required_text(const std::string& key);
    [[nodiscard]] std::optional<std::string> text(const std::string& key);
    /// Whole, and between `least` and `most`.
    [[nodiscard]] std::optional<std::int64_t> whole(const std::string& key, std::int64_t least, std::int64_t most);
    [[nodiscard]] bool flag(const std::string& key);
    /// A whole number, or a decimal or fraction written as text (`"0.05"`, `"20/3"`): a bare decimal is not exact.
    [[nodiscard]] std::optional<model::Rational> number(const std::string& key);
    [[nodiscard]] std::vector<std::string> texts(const std::string& key);
    /// The items of a list; empty where it is missing.
    [[nodiscard]] const Value::Array& list(const std::string& key);
    /// The value of a field that is a table; nothing where it is missing.
    [[nodiscard]] const Value* table(const std::string& key);

    [[nodiscard]] bool has(const std::string& key) const;
    /// Where the field is written, or else the table.
    [[nodiscard]] Place place(const std::string& key) const;
    [[nodiscard]] Place place() const { return place_; }

    /// Reports every key that was never asked for, with the nearest of those that were.
    void finish();

    void problem(Place place, std::string reason, const std::string& message);

  private:
    const Value* find(const std::string& key);
    void wrong_type(const std::string& key, const Value& value, std::string_view expected);

    const Value::Table* table_;
    Place place_;
    std::string what_;
    Problems& problems_;
    std::set<std::string> asked_;
};

} // namespace bonewatch::config
