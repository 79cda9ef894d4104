// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "lab/inspect/inspection.h"

/// What /proc/PID says. Whatever cannot be read is added to the gaps.
namespace lab {

/// The thread of process `pid` whose files can be read: `pid` itself unless it
/// is a leader that has exited while other threads live on.
pid_t living_thread(pid_t pid);

/// nullopt where not even /proc/PID/status is readable.
std::optional<ProcessState> read_process_state(pid_t pid, Gaps& gaps);

/// Empty where they may not be read.
std::vector<NamespaceState> read_namespaces(pid_t pid, Gaps& gaps);

/// The network of its namespace.
std::optional<NetworkState> read_network_of(pid_t pid, Gaps& gaps);

}  // namespace lab
