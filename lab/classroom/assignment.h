// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/base/units.h"

namespace lab {

/// What the exercise asks for. Passive data; the defaults are the course's.
struct Assignment {
  std::string group = "memorydemo";  ///< name of the cgroup, or its path
  Bytes limit{104960000};            ///< 25625 pages of 4 KiB
};

/// The name of a cgroup, without a path. Throws UsageError.
std::string parse_group_name(const std::string& text);

/// The limit that is asked for: a page or more. Throws UsageError.
Bytes parse_exercise_limit(const std::string& text);

}  // namespace lab
