// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lab/record/fields.h"

/// Values in JSON, for all documents of the lab.
namespace lab {

using Json = nlohmann::ordered_json;

/// On one line, without its end; `ascii`: other characters are escaped. Bytes
/// that are not UTF-8 are replaced, here and below.
std::string compact(const Json& value, bool ascii = false);
/// Indented by two, with a final newline.
std::string indented(const Json& value);

inline Json json(const std::string& value) {
  return value;
}
inline Json json(std::string_view value) {
  return std::string(value);
}
inline Json json(std::uint64_t value) {
  return value;
}
inline Json json(std::int64_t value) {
  return value;
}
inline Json json(int value) {
  return value;
}
inline Json json(unsigned value) {
  return value;
}
inline Json json(double value) {
  return value;
}
inline Json json(bool value) {
  return value;
}
inline Json json(Bytes value) {
  return value.count;
}
inline Json json(nanoseconds value) {
  return value.count();
}
/// No limit is "max", as in the kernel's files.
inline Json json(Limit value) {
  return value.is_max() ? Json("max") : Json(value.bytes().count);
}
/// Enums are words.
template <typename Enum>
requires std::is_enum_v<Enum> Json json(Enum value) {
  return std::string(to_string(value));
}

Json json(const FactValue& value);

template <typename Value>
Json json(const std::optional<Value>& value);
template <typename Item>
Json json(const std::vector<Item>& items);
template <typename Value>
Json json(const std::map<std::string, Value>& values);

/// Collects the fields of one object.
class JsonWriter {
 public:
  template <typename Value>
  void operator()(const char* name, const Value& value) {
    object_[name] = json(value);
  }
  Json take() { return std::move(object_); }

 private:
  Json object_ = Json::object();
};

/// A type that fields.h describes.
template <typename Object>
concept HasFields = requires(JsonWriter& writer, const Object& object) {
  fields(writer, object);
};

template <HasFields Object>
Json json(const Object& object) {
  JsonWriter writer;
  fields(writer, object);
  return writer.take();
}

/// What is unknown is null.
template <typename Value>
Json json(const std::optional<Value>& value) {
  return value ? json(*value) : Json(nullptr);
}

inline Json json(const FactValue& value) {
  return std::visit([](const auto& each) { return json(each); }, value.value);
}

template <typename Item>
Json json(const std::vector<Item>& items) {
  Json array = Json::array();
  for (const Item& item : items) array.push_back(json(item));
  return array;
}

template <typename Value>
Json json(const std::map<std::string, Value>& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = json(value);
  return object;
}

}  // namespace lab
