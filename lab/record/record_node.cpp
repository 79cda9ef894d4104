// SPDX-License-Identifier: MIT
#include "lab/record/record_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace lab::reading {
namespace {

/// About thirty years.
constexpr std::int64_t longest_time = 1000000000000000000;

/// The numbers that a key can have, in every object that has it.
struct Range {
  std::string_view key;
  std::string_view name;
  std::int64_t least;
  std::int64_t most;
};

/// PID_MAX_LIMIT. 0: not started, or in a PID namespace outside.
constexpr std::int64_t largest_pid = 4194304;
/// The kernel counts pages in a long (PAGE_COUNTER_MAX).
constexpr std::int64_t largest_size = std::numeric_limits<std::int64_t>::max();

constexpr Range ranges[] = {
    {"exit_code", "an exit status", 0, 255},
    {"signal", "a signal number", 1, 64},
    {"interrupted_by", "a signal number", 1, 64},
    {"pid", "a process id", 0, largest_pid},
    {"threads", "a thread id", 1, largest_pid},
    {"later_victims", "a process id", 0, largest_pid},
    {"cpus", "a number of CPUs", 1, 1 << 20},
    {"page_size", "a page size", 4096, 1 << 20},
    {"poll_ns", "a time", 1, longest_time},
    {"ramp_ns", "a time", 0, longest_time},
    {"timeout_ns", "a time", 1, longest_time},
    {"stalled_ns", "a time", 0, longest_time},
    {"memory_total", "a size", 0, largest_size},
    {"memory_available", "a size", 0, largest_size},
    {"swap_total", "a size", 0, largest_size},
    {"limit", "a size", 0, largest_size},
    {"total", "a size", 1, largest_size},
    {"block", "a size", 1, largest_size},
    {"actual", "a limit", 0, largest_size},
    {"at_end", "a limit", 0, largest_size},
    {"max", "a limit or a count", 0, largest_size},
    {"bytes", "a size", 0, largest_size},
    {"usage", "a size", 0, largest_size},
    {"touched", "a size", 0, largest_size},
    {"anon", "a size", 0, largest_size},
    {"anon_rss", "a size", 0, largest_size},
    {"file", "a size", 0, largest_size},
    {"shmem", "a size", 0, largest_size},
    {"kernel", "a size", 0, largest_size},
    {"swap", "a size", 0, largest_size},
};

const Range* range_of(std::string_view key) {
  const auto* const range =
      std::find_if(std::begin(ranges), std::end(ranges),
                   [&](const Range& each) { return each.key == key; });
  return range == std::end(ranges) ? nullptr : range;
}

/// Of an integer of either kind.
bool is_within(const Json& number, const Range& range) {
  if (number.is_number_unsigned()) {
    const auto value = number.get<std::uint64_t>();
    return value <= static_cast<std::uint64_t>(range.most) &&
           (range.least <= 0 ||
            value >= static_cast<std::uint64_t>(range.least));
  }
  const auto value = number.get<std::int64_t>();
  return value >= range.least && value <= range.most;
}

}  // namespace

void Node::fail(const std::string& expected) const {
  std::string found = compact(value_);
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

void Node::require_possible(std::string_view key) const {
  const Range* const range = range_of(key);
  if (!range) return;
  if (value_.is_array()) {
    each([key](const Node& item) { item.require_possible(key); });
  } else if (value_.is_number_integer() && !is_within(value_, *range)) {
    fail(fmt::format("{} from {} to {}", range->name, range->least,
                     range->most));
  }
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
