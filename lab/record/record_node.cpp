// SPDX-License-Identifier: MIT
#include "lab/record/record_node.h"

#include <fmt/format.h>

#include <limits>

namespace lab::reading {
namespace {

/// About thirty years.
constexpr std::int64_t longest_time = 1000000000000000000;

}  // namespace

void Node::fail(const std::string& expected) const {
  std::string found =
      value_.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (found.size() > 60) found = found.substr(0, 57) + "...";
  throw RecordError(fmt::format("{}: {} is {}, not {}", file_,
                                path_.empty() ? "the document" : visible(path_),
                                visible(found), expected));
}

Node Node::at(const char* key) const {
  if (!value_.is_object()) fail("an object");
  const auto place = value_.find(key);
  if (place == value_.end()) {
    throw RecordError(
        fmt::format("{}: {}/{} is missing", file_, visible(path_), key));
  }
  return Node(*place, fmt::format("{}/{}", path_, key), file_);
}

std::optional<Node> Node::find(const char* key) const {
  if (!value_.is_object()) fail("an object");
  const auto place = value_.find(key);
  if (place == value_.end() || place->is_null()) return std::nullopt;
  return Node(*place, fmt::format("{}/{}", path_, key), file_);
}

std::string Node::text() const {
  if (!value_.is_string()) fail("a string");
  return visible(value_.get<std::string>());
}

bool Node::boolean() const {
  if (!value_.is_boolean()) fail("true or false");
  return value_.get<bool>();
}

std::uint64_t Node::natural() const {
  if (!value_.is_number_unsigned()) fail("a non-negative integer");
  return value_.get<std::uint64_t>();
}

unsigned Node::small_natural() const {
  const std::uint64_t number = natural();
  if (number > std::numeric_limits<unsigned>::max()) {
    fail("a 32-bit integer");
  }
  return static_cast<unsigned>(number);
}

std::int64_t Node::integer() const {
  const bool fits = value_.is_number_integer() &&
                    (!value_.is_number_unsigned() ||
                     value_.get<std::uint64_t>() <=
                         static_cast<std::uint64_t>(
                             std::numeric_limits<std::int64_t>::max()));
  if (!fits) fail("a 64-bit integer");
  return value_.get<std::int64_t>();
}

std::int64_t Node::time() const {
  const std::int64_t number = integer();
  if (number < -longest_time || number > longest_time) {
    fail("nanoseconds within 10^18 of the gate");
  }
  return number;
}

int Node::small() const {
  const std::int64_t number = integer();
  if (number != static_cast<int>(number)) fail("a 32-bit integer");
  return static_cast<int>(number);
}

void read(const Node& node, std::string& value) {
  value = node.text();
}
void read(const Node& node, bool& value) {
  value = node.boolean();
}
void read(const Node& node, std::uint64_t& value) {
  value = node.natural();
}
void read(const Node& node, std::int64_t& value) {
  value = node.time();
}
void read(const Node& node, int& value) {
  value = node.small();
}
void read(const Node& node, unsigned& value) {
  value = node.small_natural();
}
void read(const Node& node, Bytes& value) {
  value = Bytes{node.natural()};
}
void read(const Node& node, nanoseconds& value) {
  value = nanoseconds(node.time());
}
void read(const Node& node, FactValue& value) {
  if (node.is_string()) {
    value = node.text();
  } else if (node.is_object()) {
    Fact fact;
    read(node, fact);
    value = std::move(fact);
  } else {
    value = node.natural();
  }
}
void read(const Node& node, Limit& value) {
  if (!node.is_string()) {
    value = Limit::of(Bytes{node.natural()});
  } else if (node.text() == "max") {
    value = Limit::max();
  } else {
    node.fail("\"max\" or a number of bytes");
  }
}

}  // namespace lab::reading
