// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/base/visible.h"
#include "lab/record/json_values.h"
#include "lab/record/record_reader.h"

/// The JSON of a record, read value by value. Every read() here throws
/// RecordError with the position of an invalid value.
namespace lab::reading {

/// One value of the document and its position. Borrows the document and the
/// name of its file.
class Node {
 public:
  Node(const Json& value, std::string path, const std::string& file)
      : value_(value), path_(std::move(path)), file_(file) {}

  /// Throws RecordError.
  [[noreturn]] void fail(const std::string& expected) const;

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }
  bool is_object() const { return value_.is_object(); }

  Node at(const char* key) const;
  /// nullopt for a key that is missing or null.
  std::optional<Node> find(const char* key) const;

  template <typename Take>
  void each(const Take& take) const {
    if (!value_.is_array()) fail("an array");
    for (std::size_t i = 0; i < value_.size(); ++i) {
      take(Node(value_[i], path_ + "/" + std::to_string(i), file_));
    }
  }
  template <typename Take>
  void each_member(const Take& take) const {
    if (!value_.is_object()) fail("an object");
    for (const auto& [key, value] : value_.items()) {
      take(key, Node(value, path_ + "/" + key, file_));
    }
  }

  std::string text() const;
  bool boolean() const;
  std::uint64_t natural() const;
  /// With 32 bits.
  unsigned small_natural() const;
  std::int64_t integer() const;
  /// Nanoseconds whose differences fit into 64 bits, too.
  std::int64_t time() const;
  int small() const;

  /// Numbers that no run could have read, by the table of ranges. `key` is that
  /// of this value or of the array that it is in. Throws RecordError.
  void require_possible(std::string_view key) const;

 private:
  const Json& value_;
  std::string path_;
  const std::string& file_;
};

void read(const Node& node, std::string& value);
void read(const Node& node, bool& value);
void read(const Node& node, std::uint64_t& value);
/// Every signed 64-bit number in a record is a time.
void read(const Node& node, std::int64_t& value);
void read(const Node& node, int& value);
void read(const Node& node, unsigned& value);
void read(const Node& node, Bytes& value);
void read(const Node& node, nanoseconds& value);
void read(const Node& node, Limit& value);
void read(const Node& node, FactValue& value);

template <typename Enum>
requires std::is_enum_v<Enum>
void read(const Node& node, Enum& value);
template <typename Value>
void read(const Node& node, std::optional<Value>& value);
template <typename Item>
void read(const Node& node, std::vector<Item>& values);
template <typename Value>
void read(const Node& node, std::map<std::string, Value>& values);

/// Checks the relations between the fields of `object`. Throws RecordError.
void check(const Node& node, const Fact& fact);
void check(const Node& node, const ProcessRecord& process);
void check(const Node& node, const Member& member);
void check(const Node& node, const Verdict& verdict);
void check(const Node& node, const StatSamples& stat);
void check(const Node& node, const Samples& samples);
void check(const Node& node, const RunRecord& record);
template <typename Object>
void check(const Node&, const Object&) {}

/// Fills the fields of one object. Unknown keys are ignored.
class FieldReader {
 public:
  explicit FieldReader(const Node& node) : node_(node) {}

  template <typename Value>
  void operator()(const char* name, Value& value) {
    read_field(node_.at(name), name, value);
  }
  /// Fields that an older version did not write are unknown.
  template <typename Value>
  void operator()(const char* name, std::optional<Value>& value) {
    if (const auto found = node_.find(name)) read_field(*found, name, value);
  }

 private:
  template <typename Value>
  static void read_field(const Node& node, const char* name, Value& value) {
    read(node, value);
    node.require_possible(name);
  }

  const Node& node_;
};

template <HasFields Object>
void read(const Node& node, Object& object) {
  FieldReader reader(node);
  fields(reader, object);
  check(node, object);
}

template <typename Enum>
requires std::is_enum_v<Enum>
void read(const Node& node, Enum& value) {
  const auto known = from_word<Enum>(node.text());
  if (!known) node.fail("a known value");
  value = *known;
}

template <typename Value>
void read(const Node& node, std::optional<Value>& value) {
  if (node.is_null()) return value.reset();
  Value known{};
  read(node, known);
  value = std::move(known);
}
/// By default there is no limit.
inline void read(const Node& node, std::optional<Limit>& value) {
  if (node.is_null()) return value.reset();
  Limit known = Limit::max();
  read(node, known);
  value = known;
}

template <typename Item>
void read(const Node& node, std::vector<Item>& values) {
  values.clear();
  node.each([&](const Node& item) {
    Item value{};
    read(item, value);
    values.push_back(std::move(value));
  });
}

template <typename Value>
void read(const Node& node, std::map<std::string, Value>& values) {
  node.each_member([&](const std::string& key, const Node& member) {
    read(member, values[visible(key)]);
  });
}

}  // namespace lab::reading
