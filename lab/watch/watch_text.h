// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/base/language.h"
#include "lab/watch/sample.h"

/// The texts about a watch that the lines and the live view share. What is from
/// outside in them is escaped as by visible_line().
namespace lab {

/// How the texts are written.
struct WatchStyle {
  Language language = Language::en;
  std::size_t path_columns = 60;  ///< longer paths are shortened
};

/// "1 OOM kill", "2 samples".
std::string number_of_kills(std::uint64_t count, Language language);
std::string number_of_samples(std::uint64_t count, Language language);

/// Why a watch ended: "the cgroup was removed", "interrupted by SIGINT".
std::string end_clause(const WatchEnd& end, Language language);

/// "max" or a rounded size.
std::string human_limit(Limit limit);

/// "+1.5 MiB/s", "-20 MiB/s".
std::string human_rate(double bytes_per_second);

/// "own limit 64 MiB, headroom 12 MiB", "limit of /a 64 MiB, headroom 12 MiB",
/// "no limit in effect".
std::string describe_binding(const std::optional<BindingLimit>& binding,
                             const std::string& own_path,
                             const WatchStyle& style);

/// The same without the path: "ancestor limit 64 MiB, headroom 12 MiB".
std::string describe_binding_briefly(const BindingLimit& binding,
                                     const std::string& own_path,
                                     Language language);

/// The counters that have risen, in the kernel's words: "max +3, oom_kill +1".
std::string describe_rises(const Counters& rises);

/// "OOM kill of pid 12 (hog) at the limit of /a", or how many kills and why
/// nothing more is known.
std::string describe_kill(const WatchedKill& kill, const WatchStyle& style);

/// "memory.max of /a changed from max to 64 MiB (67108864 bytes)"; without the
/// path where it is the cgroup's own.
std::string describe_change(const LimitChange& change,
                            cgroupfs::Version version,
                            const std::string& own_path,
                            const WatchStyle& style);

/// "process 12 moved to /b; still watching /a", "process 12 has ended".
/// `watched` is the directory of the watched cgroup.
std::string describe_process(const ProcessChange& change,
                             const std::string& watched,
                             const WatchStyle& style);

/// "the watched cgroup /a was renamed to /b".
std::string describe_rename(const GroupRename& rename, const WatchStyle& style);

/// A line that says what cannot be seen, where there is a reason for it.
void add_gap_line(const Message& gap, const std::optional<Text>& reason,
                  Language language, std::vector<std::string>& lines);

/// What cannot be seen here, a line each.
std::vector<std::string> describe_gaps(const WatchStart& start,
                                       Language language);

/// "the cgroup was removed: peak 64 MiB, 1 OOM kill in 3.1 s, 4 samples".
std::string describe_end(const WatchEnd& end, Language language);

}  // namespace lab
