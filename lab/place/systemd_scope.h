// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// Asks systemd, the user's own one unless this is root, for a transient scope
/// with Delegate=yes around this process. Returns the scope's directory; it
/// goes when its last process has ended. Throws RunError with systemd's answer.
std::string enter_scope();

/// The version of the systemd that enter_scope() would ask. Throws RunError
/// when it does not answer.
std::string systemd_version();

/// Why there is no way to ask systemd at all.
std::string no_helper();

}  // namespace lab
