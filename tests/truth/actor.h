// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace truth_test {

/// Plays the process of a situation that no shell can play; this very program
/// is run again for it, as "PROGRAM actor ROLE". Returns an exit status.
///   hog             takes memory after a moment
///   thread          a thread takes memory, after the leader has exited
///   renamed_thread  the same of one with another name
///   thread_by_hand  kills such a process that takes none
///   vfork           a vfork(2) child takes memory that its parent has too
///   clone           the same of a clone(2) child with CLONE_VM
///   renamed_clone   the same of one with another name
///   orphans         ignores SIGCHLD, lets a child take memory, kills itself
///   unwaited        the same, and leaves the child a zombie
///   forge PID       writes what would be the log line of an OOM kill of PID
///   root            becomes root in all ids, and stays
///   trace FILE      traces the process whose pid is written to FILE, and does
///                   not take its end
///   flood           writes to the kernel's log without end
///   flood_once      writes more to it than it keeps
int act(const std::vector<std::string>& words);

}  // namespace truth_test
