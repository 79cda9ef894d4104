// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lab/watch/sample.h"

/// The words about a watch that the lines and the live view share.
namespace lab {

/// `text` with what would move a terminal's cursor replaced by '?': the name of
/// a cgroup may hold anything.
std::string printable(std::string_view text);

/// "max" or a size for people.
std::string human_limit(Limit limit);

/// "+1.5 MiB/s", "-20 MiB/s".
std::string human_rate(double bytes_per_second);

/// "own limit 64 MiB, headroom 12 MiB", "limit of /a 64 MiB, headroom 12 MiB",
/// "no limit binds".
std::string describe_binding(const std::optional<BindingLimit>& binding,
                             const std::string& own_path);

/// The same without the path: "upper limit 64 MiB, headroom 12 MiB".
std::string describe_binding_briefly(const BindingLimit& binding,
                                     const std::string& own_path);

/// The counters that are not 0, in the kernel's words: "max 3, oom_kill 1";
/// `sign` stands before each number.
std::string describe_counters(const Counters& counters, const char* sign);

/// "OOM kill of pid 12 (hog) by the limit of /a (CONSTRAINT_MEMCG)", or how
/// many and why nothing more is known.
std::string describe_kill(const WatchedKill& kill);

/// "memory.max of /a changed from max to 64 MiB (67108864 bytes)"; without the
/// path where it is the cgroup's own.
std::string describe_change(const LimitChange& change,
                            cgroupfs::Version version,
                            const std::string& own_path);

/// "process 12 moved to /b; watch stays with /a", "process 12 has ended".
/// `watched` is the directory of the watched cgroup.
std::string describe_process(const ProcessChange& change,
                             const std::string& watched);

/// "the watched cgroup /a was renamed to /b".
std::string describe_rename(const GroupRename& rename);

/// What cannot be seen here, a line each.
std::vector<std::string> describe_gaps(const WatchStart& start);

/// "the cgroup is gone: peak 64 MiB, 1 OOM kill in 3.1 s, 4 samples".
std::string describe_end(const WatchEnd& end);

}  // namespace lab
