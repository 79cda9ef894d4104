// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace truth_test {

/// Plays the process of a situation that a shell cannot play; this program is
/// run again for it, as "PROGRAM actor ROLE". Returns an exit status.
///   hog             allocates memory after a moment
///   thread          a thread allocates memory, after the leader has exited
///   renamed_thread  the same with a different name
/// thread_by_hand  kills such a process that allocates none vfork           a
/// vfork(2) child allocates memory shared with its parent clone           the
/// same for a clone(2) child with CLONE_VM
///   renamed_clone   the same with a different name
/// orphans         ignores SIGCHLD, lets a child allocate memory, kills itself
///   unwaited        the same, and leaves the child a zombie
/// forge PID       writes a forged log line of an OOM kill of PID root becomes
/// root in all ids, and stays alive trace FILE      traces the process whose
/// pid is written to FILE, and does
///                   not reap it
/// flood           writes to the kernel log endlessly flood_once      writes
/// more to it than it can hold
int act(const std::vector<std::string>& words);

}  // namespace truth_test
