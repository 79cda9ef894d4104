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

}  // namespace lab
