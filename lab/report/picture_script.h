// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/report/html.h"
#include "lab/report/picture.h"

namespace lab {

/// What gnuplot draws: of one run the usage of each cgroup, the
/// limits and the decisive moments; of several runs the usages. What is from
/// outside is escaped as by visible_line().
std::string picture_script(const std::vector<NamedRecord>& runs,
                           PictureFormat format, Language language);

}  // namespace lab
