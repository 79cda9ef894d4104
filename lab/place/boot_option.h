// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// The cure that gets `option` onto the kernel's command line on this host; see
/// Unavailable::fix().
std::string boot_option_cure(const std::string& option);

/// The cure where the kernel was booted with cgroup_disable=`controller`, or a
/// firmware did so, as `boot_options` (/proc/cmdline) may show.
std::string enable_controller_cure(const std::string& controller,
                                   const std::string& boot_options);

}  // namespace lab
