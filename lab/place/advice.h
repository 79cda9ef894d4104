// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <string>

#include "cgroupfs/error.h"

namespace lab {

/// What a person can do about a failed call on a file, by the kernel's answer;
/// empty when there is nothing better than what the error says.
std::string advice_for(const cgroupfs::FileError& error);

/// A line of a cure (Unavailable::fix()) with `command`, which root runs as it
/// is and a user by sudo.
std::string root_command(const std::string& command);

/// A line of a cure that raises `resource` (RLIMIT_NOFILE and such,
/// setrlimit(2)) for the shell to `value`: by ulimit, or by root's help where
/// its hard limit is lower.
std::string raise_limit_command(int resource, rlim_t value);

}  // namespace lab
