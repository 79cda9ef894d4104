// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <string>

#include "cgroupfs/error.h"

namespace lab {

/// What to do about a failed call on a file, depending on the kernel's error;
/// empty when the error says enough.
std::string advice_for(const cgroupfs::FileError& error);

/// A line of a cure (Unavailable::fix()) with `command`, which root runs
/// directly and a user with sudo.
std::string root_command(const std::string& command);

/// A line of a cure that raises `resource` (RLIMIT_NOFILE and such,
/// setrlimit(2)) for the shell to `value`: with ulimit or, where its hard limit
/// is lower, with root's help.
std::string raise_limit_command(int resource, rlim_t value);

}  // namespace lab
