// SPDX-License-Identifier: MIT
#include "lab/watch/watch_text.h"

#include <fmt/format.h>
#include <time.h>

#include <cmath>
#include <vector>

namespace lab {
namespace {

using cgroupfs::File;

using Count = std::optional<std::uint64_t>;

std::string_view limit_name(File file) {
  switch (file) {
    case File::memory_high:
      return name_of(file);
    case File::memory_swap_max:
      return "swap limit";
    case File::memory_memsw_max:
      return "memory+swap limit";
    default:
      return "limit";
  }
}

void add(std::string& text, const char* name, const Count& count,
         const char* sign) {
  if (count.value_or(0) == 0) return;
  text +=
      fmt::format("{}{} {}{}", text.empty() ? "" : ", ", name, sign, *count);
}

std::string plural(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe_room(const BindingLimit& binding,
                          const std::string& whose) {
  return fmt::format("{} {}, headroom {}", whose, human_size(binding.limit),
                     human_size(binding.headroom));
}

/// Whose limit it was, as far as the log tells.
std::string cause_of(const Victim& victim) {
  if (victim.oom_memcg) {
    return fmt::format(" by the limit of {}", printable(*victim.oom_memcg));
  }
  return victim.constraint == "CONSTRAINT_NONE" ? ": the host ran out of memory"
                                                : "";
}

std::string end_clause(const WatchEnd& end) {
  switch (end.reason) {
    case WatchEndReason::gone:
      return end.made_again ? "the cgroup is gone (another one has its name)"
                            : "the cgroup is gone";
    case WatchEndReason::count_reached:
      return "all samples taken";
    case WatchEndReason::interrupted:
      return fmt::format("interrupted by {}",
                         signal_name(end.signal.value_or(0)));
    case WatchEndReason::reader_gone:
      break;
  }
  return "nobody reads";
}

std::string describe_move(const ProcessChange& change,
                          const std::string& watched) {
  const std::string to = printable(change.to);
  const std::string from =
      change.from == watched && !change.inside
          ? std::string()
          : fmt::format(" from {}", printable(change.from));
  const std::string text =
      fmt::format("process {} moved{} to {}", change.pid, from, to);
  if (change.to == watched) return text + ", the watched cgroup";
  if (change.inside) return text + ", inside the watched cgroup";
  return fmt::format("{}; watch stays with {}", text, printable(watched));
}

std::string describe_peak(const WatchEnd& end) {
  if (end.peak) return fmt::format("peak {}", human_size(*end.peak));
  if (!end.highest_usage) return "no usage was seen";
  return fmt::format("highest usage seen {}", human_size(*end.highest_usage));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20 || code == 0x7f) letter = '?';
  }
  return result;
}

std::string human_limit(Limit limit) {
  return limit.is_max() ? "max" : human_size(limit.bytes());
}

std::string human_rate(double bytes_per_second) {
  const Bytes size{static_cast<std::uint64_t>(std::abs(bytes_per_second))};
  const char* const sign = size.count == 0        ? ""
                           : bytes_per_second < 0 ? "-"
                                                  : "+";
  return fmt::format("{}{}/s", sign, human_size(size));
}

std::string describe_binding(const std::optional<BindingLimit>& binding,
                             const std::string& own_path) {
  if (!binding) return "no limit binds";
  const std::string_view name = limit_name(binding->file);
  return describe_room(
      *binding, binding->path == own_path
                    ? fmt::format("own {}", name)
                    : fmt::format("{} of {}", name, printable(binding->path)));
}

std::string describe_binding_briefly(const BindingLimit& binding,
                                     const std::string& own_path) {
  const bool own = binding.path == own_path;
  return describe_room(binding, fmt::format("{} {}", own ? "own" : "upper",
                                            limit_name(binding.file)));
}

std::string describe_counters(const Counters& counters, const char* sign) {
  std::string text;
  add(text, "failcnt", counters.failcnt, sign);
  add(text, "memsw.failcnt", counters.memsw_failcnt, sign);
  if (!counters.events) {
    add(text, "oom_kill", counters.oom_kills, sign);
    return text;
  }
  add(text, "low", counters.events->low, sign);
  add(text, "high", counters.events->high, sign);
  add(text, "max", counters.events->max, sign);
  add(text, "oom", counters.events->oom, sign);
  add(text, "oom_kill", counters.events->oom_kill, sign);
  add(text, "oom_group_kill", counters.events->oom_group_kill, sign);
  return text;
}

std::string describe_kill(const WatchedKill& kill) {
  if (kill.victim) {
    return fmt::format("OOM kill of pid {} ({}){}", kill.victim->pid,
                       printable(kill.victim->name), cause_of(*kill.victim));
  }
  return fmt::format("{}, victim unknown: {}", plural(kill.count, "OOM kill"),
                     kill.victim_absent_because.value_or("no reason is known"));
}

std::string describe_change(const LimitChange& change,
                            cgroupfs::Version version,
                            const std::string& own_path) {
  const std::string whose =
      change.path == own_path ? std::string() : " of " + printable(change.path);
  return fmt::format("{}{} changed from {} to {}",
                     name_of(change.file, version), whose,
                     exact_limit(change.from), exact_limit(change.to));
}

std::string describe_process(const ProcessChange& change,
                             const std::string& watched) {
  const std::string from = printable(change.from);
  switch (change.kind) {
    case ProcessChange::Kind::moved:
      return describe_move(change, watched);
    case ProcessChange::Kind::hidden:
      return fmt::format(
          "process {} is not visible in /proc any more; it was in {}",
          change.pid, from);
    case ProcessChange::Kind::ended:
      break;
  }
  return change.from == watched
             ? fmt::format("process {} has ended", change.pid)
             : fmt::format("process {} has ended in {}", change.pid, from);
}

std::string describe_rename(const GroupRename& rename) {
  return fmt::format("the watched cgroup {} was renamed to {}",
                     printable(rename.from), printable(rename.to));
}

std::vector<std::string> describe_gaps(const WatchStart& start) {
  std::vector<std::string> gaps;
  if (start.victims_absent_because) {
    gaps.push_back(fmt::format("victims of OOM kills cannot be named: {}",
                               *start.victims_absent_because));
  }
  if (start.kills_missed_because) {
    gaps.push_back(fmt::format(
        "OOM kills in a child cgroup that is removed before the next sample "
        "cannot be seen: {}",
        *start.kills_missed_because));
  }
  return gaps;
}

std::string describe_end(const WatchEnd& end) {
  return fmt::format("{}: {}, {} in {}, {}", end_clause(end),
                     describe_peak(end), plural(end.oom_kills, "OOM kill"),
                     human_seconds(end.moment.elapsed),
                     plural(end.samples, "sample"));
}

}  // namespace lab
