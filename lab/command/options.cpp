// SPDX-License-Identifier: MIT
#include "lab/command/options.h"

#include <fmt/format.h>

namespace lab {
namespace {

Order parse_order(const std::string& text) {
  if (text == to_string(Order::limit_first)) return Order::limit_first;
  if (text == to_string(Order::course)) return Order::course;
  throw UsageError(
      fmt::format("'{}' is no order; take limit-first or course", text));
}

}  // namespace

Parameters read_parameters(const CommandLine& line) {
  Parameters parameters;
  parameters.limit = value_of(line, "limit", parse_size);
  parameters.swap =
      value_of(line, "swap", parse_size_or_max).value_or(parameters.swap);
  parameters.total = value_of(line, "total", parse_size);
  parameters.block = value_of(line, "block", parse_size);
  parameters.ramp = value_of(line, "ramp", parse_time);
  parameters.poll = value_of(line, "poll", parse_time);
  parameters.timeout = value_of(line, "timeout", parse_time);
  parameters.order =
      value_of(line, "order", parse_order).value_or(parameters.order);
  parameters.version =
      value_of(line, "cgroup", parse_version).value_or(std::nullopt);
  parameters.parent = value_of(line, "parent", parse_text);
  parameters.keep = line.has("keep");
  return parameters;
}

}  // namespace lab
