// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// Requests a transient scope with Delegate=yes for this process, in the slice
/// at `parent`, from the user's systemd instance or, as root, from the system
/// instance. Returns the directory of the scope, which disappears with its last
/// process. Throws RunError with systemd's error.
std::string enter_scope(const std::string& parent);

/// The slice to request for a scope in `parent`; empty for systemd's default.
std::string slice_to_ask_for(const std::string& parent);

/// The version of the systemd instance that enter_scope() would use. Throws
/// RunError when it does not answer.
std::string systemd_version();

/// Why systemd cannot be called at all.
std::string no_helper();

}  // namespace lab
