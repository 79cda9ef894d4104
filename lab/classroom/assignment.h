// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/units.h"

namespace lab {

/// The cgroup and the limit of the exercise. Passive data; the defaults are the
/// course's.
struct Assignment {
  std::string group = "memorydemo";  ///< name of the cgroup, or its path
  Bytes limit{104960000};            ///< 25625 pages of 4 KiB
};

/// The name of a cgroup, without a path. Throws UsageError.
std::string parse_group_name(const std::string& text);

/// The expected limit: at least a page. Throws UsageError.
Bytes parse_exercise_limit(const std::string& text);

}  // namespace lab
