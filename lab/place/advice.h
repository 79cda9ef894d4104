// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "cgroupfs/error.h"

namespace lab {

/// What a person can do about a failed call on a file, by the kernel's answer;
/// empty when there is nothing better than what the error says.
std::string advice_for(const cgroupfs::FileError& error);

/// A line of a cure (Unavailable::fix()) with `command`, which root runs as it
/// is and a user by sudo.
std::string root_command(const std::string& command);

}  // namespace lab
