// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "lab/record/record.h"

/// The parts that all JSON documents of the lab share.
namespace lab {

using Json = nlohmann::ordered_json;

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
inline Json json(double value) {
  return value;
}
inline Json json(bool value) {
  return value;
}
inline Json json(Bytes value) {
  return value.count;
}
/// No limit is the kernel's own word.
inline Json json(Limit value) {
  return value.is_max() ? Json("max") : Json(value.bytes().count);
}
Json json(const cgroupfs::MemoryEvents& events);
Json json(const Counters& counters);
Json json(const Peak& peak);
Json json(const Victim& victim);
Json json(const CourseRecord& course);
Json json(const PidsRecord& pids);

/// What is unknown is null.
template <typename Value>
Json json(const std::optional<Value>& value) {
  return value ? json(*value) : Json(nullptr);
}

}  // namespace lab
