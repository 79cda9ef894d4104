// SPDX-License-Identifier: MIT
#include "lab/watch/watch_text.h"

#include <fmt/format.h>

#include <cmath>

#include "lab/base/visible.h"
#include "lab/report/text_width.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;
using cgroupfs::File;

using Count = std::optional<std::uint64_t>;

std::string limit_name(File file, Language language) {
  switch (file) {
    case File::memory_high:
      return name_of(file);
    case File::memory_swap_max:
      return say(language, messages::swap_limit_name);
    case File::memory_memsw_max:
      return say(language, messages::memsw_limit_name);
    default:
      return say(language, messages::limit_name);
  }
}

std::string shown_path(const std::string& path, const WatchStyle& style) {
  return shortened_path(visible_line(path), style.path_columns);
}

void add(std::string& text, const char* name, const Count& rise) {
  if (rise.value_or(0) == 0) return;
  text += fmt::format("{}{} +{}", text.empty() ? "" : ", ", name, *rise);
}

/// With the cgroup whose limit was hit, if the log names it.
std::string describe_victim(const Victim& victim, const WatchStyle& style) {
  const std::string name = visible_line(victim.name);
  if (victim.oom_memcg) {
    return say(style.language, messages::kill_at_limit, victim.pid, name,
               shown_path(*victim.oom_memcg, style));
  }
  const bool host = victim.constraint == "CONSTRAINT_NONE";
  return say(style.language, host ? messages::kill_by_host : messages::kill,
             victim.pid, name);
}

std::string describe_move(const ProcessChange& change,
                          const std::string& watched, const WatchStyle& style) {
  const std::string from = shown_path(change.from, style);
  const std::string to = shown_path(change.to, style);
  const Language language = style.language;
  if (change.inside) {
    const bool same = change.to == watched;
    return say(language, same ? messages::moved_into : messages::moved_inside,
               change.pid, from, to);
  }
  const std::string still = shown_path(watched, style);
  if (change.from == watched) {
    return say(language, messages::moved_away, change.pid, to, still);
  }
  return say(language, messages::moved_on, change.pid, from, to, still);
}

std::string describe_peak(const WatchEnd& end, Language language) {
  if (end.peak) {
    // It may have risen until the removal.
    const bool gone = end.reason == WatchEndReason::gone;
    return say(language, gone ? messages::last_peak : messages::peak,
               human_size(*end.peak));
  }
  if (!end.highest_usage) return say(language, messages::no_usage);
  return say(language, messages::highest_seen, human_size(*end.highest_usage));
}

}  // namespace

std::string number_of_kills(std::uint64_t count, Language language) {
  return count == 1 ? say(language, messages::one_kill)
                    : say(language, messages::kills, count);
}

std::string number_of_samples(std::uint64_t count, Language language) {
  return count == 1 ? say(language, messages::one_sample)
                    : say(language, messages::samples, count);
}

std::string end_clause(const WatchEnd& end, Language language) {
  switch (end.reason) {
    case WatchEndReason::gone:
      return say(language,
                 end.made_again ? messages::replaced : messages::gone);
    case WatchEndReason::count_reached:
      return say(language, messages::all_taken);
    case WatchEndReason::interrupted:
      return say(language, messages::interrupted,
                 signal_name(end.signal.value_or(0)));
    case WatchEndReason::quit:
      return say(language, messages::quit);
    case WatchEndReason::reader_gone:
      break;
  }
  return say(language, messages::output_closed);
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
                             const std::string& own_path,
                             const WatchStyle& style) {
  if (!binding) return say(style.language, messages::no_limit);
  if (binding->path == own_path) {
    return describe_binding_briefly(*binding, own_path, style.language);
  }
  return say(style.language, messages::limit_of,
             limit_name(binding->file, style.language),
             shown_path(binding->path, style), human_size(binding->limit),
             human_size(binding->headroom));
}

std::string describe_binding_briefly(const BindingLimit& binding,
                                     const std::string& own_path,
                                     Language language) {
  const bool own = binding.path == own_path;
  return say(language, own ? messages::own_limit : messages::ancestor_limit,
             limit_name(binding.file, language), human_size(binding.limit),
             human_size(binding.headroom));
}

std::string describe_rises(const Counters& rises) {
  std::string text;
  add(text, "failcnt", rises.failcnt);
  add(text, "memsw.failcnt", rises.memsw_failcnt);
  if (!rises.events) {
    add(text, "oom_kill", rises.oom_kills);
    return text;
  }
  add(text, "low", rises.events->low);
  add(text, "high", rises.events->high);
  add(text, "max", rises.events->max);
  add(text, "oom", rises.events->oom);
  add(text, "oom_kill", rises.events->oom_kill);
  add(text, "oom_group_kill", rises.events->oom_group_kill);
  return text;
}

std::string describe_kill(const WatchedKill& kill, const WatchStyle& style) {
  if (kill.victim) return describe_victim(*kill.victim, style);
  const std::string reason =
      kill.victim_absent_because.value_or(messages::no_reason)
          .in(style.language);
  return kill.count == 1 ? say(style.language, messages::unknown_victim, reason)
                         : say(style.language, messages::unknown_victims,
                               kill.count, reason);
}

std::string describe_change(const LimitChange& change,
                            cgroupfs::Version version,
                            const std::string& own_path,
                            const WatchStyle& style) {
  const char* const file = name_of(change.file, version);
  const std::string from = exact_limit(change.from);
  const std::string to = exact_limit(change.to);
  if (change.path == own_path) {
    return say(style.language, messages::limit_changed, file, from, to);
  }
  return say(style.language, messages::limit_of_changed, file,
             shown_path(change.path, style), from, to);
}

std::string describe_process(const ProcessChange& change,
                             const std::string& watched,
                             const WatchStyle& style) {
  const std::string from = shown_path(change.from, style);
  switch (change.kind) {
    case ProcessChange::Kind::moved:
      return describe_move(change, watched, style);
    case ProcessChange::Kind::hidden:
      return say(style.language, messages::process_hidden, change.pid, from);
    case ProcessChange::Kind::ended:
      break;
  }
  return change.from == watched
             ? say(style.language, messages::process_ended, change.pid)
             : say(style.language, messages::process_ended_in, change.pid,
                   from);
}

std::string describe_rename(const GroupRename& rename,
                            const WatchStyle& style) {
  return say(style.language, messages::renamed, shown_path(rename.from, style),
             shown_path(rename.to, style));
}

void add_gap_line(const Message& gap, const std::optional<Text>& reason,
                  Language language, std::vector<std::string>& lines) {
  if (reason) lines.push_back(say(language, gap, reason->in(language)));
}

std::vector<std::string> describe_gaps(const WatchStart& start,
                                       Language language) {
  std::vector<std::string> gaps;
  add_gap_line(messages::no_victims, start.victims_absent_because, language,
               gaps);
  add_gap_line(messages::missed_kills, start.kills_missed_because, language,
               gaps);
  return gaps;
}

std::string describe_end(const WatchEnd& end, Language language) {
  return say(language, messages::summary, end_clause(end, language),
             describe_peak(end, language),
             number_of_kills(end.oom_kills, language),
             human_seconds(end.moment.elapsed),
             number_of_samples(end.samples, language));
}

}  // namespace lab
