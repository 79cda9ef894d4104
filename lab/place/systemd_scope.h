// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// Asks systemd, the user's own one unless this is root, for a transient scope
/// with Delegate=yes around this process, in the slice at `parent`. Returns the
/// scope's directory; it goes when its last process has ended. Throws RunError
/// with systemd's answer.
std::string enter_scope(const std::string& parent);

/// The slice that systemd has to be asked for to make a scope in `parent`;
/// empty for the one that it takes by default.
std::string slice_to_ask_for(const std::string& parent);

/// The version of the systemd that enter_scope() would ask. Throws RunError
/// when it does not answer.
std::string systemd_version();

/// Why there is no way to ask systemd at all.
std::string no_helper();

}  // namespace lab
