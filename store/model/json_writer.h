#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bonewatch::model {

/// Writes JSON text piece by piece, with the commas. Text that is not UTF-8 has its bytes above 0x7f replaced by '?'.
///
///     JsonWriter json;
///     json.begin_object(); json.text("id", "L-1"); json.number("days", 28); json.end_object();
///     json.take()  ->  {"id":"L-1","days":28}
class JsonWriter {
  public:
    void begin_object();
    void begin_object(std::string_view key);
    void end_object();
    void begin_array();
    void begin_array(std::string_view key);
    void end_array();

    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::int64_t value);
    void flag(std::string_view key, bool value);
    /// `json` is JSON already.
    void raw(std::string_view key, std::string_view json);

    /// An element of an array.
    void text(std::string_view value);
    void raw(std::string_view json);

    [[nodiscard]] std::string take();

  private:
    void comma();
    void key(std::string_view name);
    void quote(std::string_view text);

    std::string out_;
    bool needs_comma_ = false;
};

} // namespace bonewatch::model
