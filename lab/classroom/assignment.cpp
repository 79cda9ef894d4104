// SPDX-License-Identifier: MIT
#include "lab/classroom/assignment.h"

#include <fmt/format.h>

#include "cgroupfs/bytes.h"
#include "lab/base/errors.h"

namespace lab {

std::string parse_group_name(const std::string& text) {
  const bool usable = !text.empty() && text != "." && text != ".." &&
                      text.find_first_of("/\n") == text.npos;
  if (usable) return text;
  throw UsageError(fmt::format("'{}' is not a name of a cgroup", text));
}

Bytes parse_exercise_limit(const std::string& text) {
  const Bytes limit = parse_size(text);
  if (cgroupfs::round_down_to_page(limit).count > 0) return limit;
  throw UsageError(fmt::format("{} is less than a page", text));
}

}  // namespace lab
