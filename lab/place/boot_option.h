// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// The cure that adds `option` to the kernel's command line on this host; see
/// Unavailable::fix().
std::string boot_option_cure(const std::string& option);

/// The cure where the kernel was booted with cgroup_disable=`controller`, or by
/// firmware that sets it, as `boot_options` (/proc/cmdline) may show.
std::string enable_controller_cure(const std::string& controller,
                                   const std::string& boot_options);

}  // namespace lab
