// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/record/json_values.h"
#include "lab/record/record_reader.h"

/// The JSON of a record, read value by value. Every read() here throws
/// RecordError with the place of a value that does not belong there.
namespace lab::reading {

/// What a terminal would obey is shown instead.
std::string visible(const std::string& text);

/// One value of the document and where it is. Borrows the document and the
/// name of its file.
class Node {
 public:
  Node(const Json& value, std::string path, const std::string& file)
      : value_(value), path_(std::move(path)), file_(file) {}

  /// Throws RecordError.
  [[noreturn]] void fail(const std::string& expected) const;

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }

  Node at(const char* key) const;
  /// nullopt for a key that is not there or is null.
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
  /// Of 32 bits.
  unsigned small_natural() const;
  std::int64_t integer() const;
  /// Nanoseconds whose differences have 64 bits, too.
  std::int64_t time() const;
  int small() const;

 private:
  const Json& value_;
  std::string path_;
  const std::string& file_;
};

void read(const Node& node, std::string& value);
void read(const Node& node, bool& value);
void read(const Node& node, std::uint64_t& value);
/// Every signed number of 64 bits in a record is a time.
void read(const Node& node, std::int64_t& value);
void read(const Node& node, int& value);
void read(const Node& node, unsigned& value);
void read(const Node& node, Bytes& value);
void read(const Node& node, nanoseconds& value);
void read(const Node& node, Limit& value);

/// The value of `Enum`, from 0 to `last`, that to_string() calls so.
template <typename Enum>
Enum word(const Node& node, Enum last) {
  const std::string text = node.text();
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  node.fail("a word that this version knows");
}
template <typename Item>
void read(const Node& node, std::vector<Item>& values) {
  node.each([&](const Node& item) {
    Item value{};
    read(item, value);
    values.push_back(std::move(value));
  });
}

template <typename Value>
void take(const Node& node, const char* key, Value& value) {
  read(node.at(key), value);
}

/// What is unknown is null; what an older version did not write is unknown.
template <typename Value>
void take(const Node& node, const char* key, std::optional<Value>& value) {
  const auto found = node.find(key);
  if (!found) return;
  Value known{};
  read(*found, known);
  value = std::move(known);
}

/// As above, for there is no limit by default.
void take(const Node& node, const char* key, std::optional<Limit>& value);

}  // namespace lab::reading
