// SPDX-License-Identifier: MIT
#include "lab/run/kmsg.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "cgroupfs/text.h"

namespace lab {
namespace {

constexpr char kmsg[] = "/dev/kmsg";
constexpr std::string_view constraint_mark = "oom-kill:constraint=";
constexpr std::array<std::string_view, 2> killed_marks{
    "Memory cgroup out of memory: Killed process ",
    "Out of memory: Killed process "};
/// "memory: usage 102500kB, limit 102500kB, failcnt 61", of oom_memcg.
constexpr std::string_view usage_mark = "memory: usage ";
constexpr std::string_view group_mark = "Tasks in ";
constexpr std::string_view group_end =
    " are going to be killed due to memory.oom.group set";
/// "...: OOM victim PID (NAME) is already exiting. Skip killing the task".
constexpr std::array<std::string_view, 2> skipped_marks{
    "Memory cgroup out of memory: OOM victim ", "Out of memory: OOM victim "};
/// Marks lost records: no record begins like this.
constexpr std::string_view lost_mark = "lost";
/// The size of the largest log, with 40 bytes per record.
constexpr int most_records = 1 << 20;
/// The kernel logs the processes of a group one after another.
constexpr std::uint64_t group_interval_us = 1000000;

template <typename Number>
std::optional<Number> leading_number(std::string_view text) {
  Number number{};
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> sequence_of(std::string_view record) {
  const std::size_t comma = record.find(',');
  if (comma == record.npos) return std::nullopt;
  return leading_number<std::uint64_t>(record.substr(comma + 1));
}

/// Whether a record comes from the kernel: records that a program writes to
/// /dev/kmsg have another facility. The number before the first comma is
/// facility << 3 | level.
bool is_of_the_kernel(std::string_view line) {
  const auto number = leading_number<unsigned>(line);
  return number && *number >> 3 == 0;
}

/// The text of one kmsg record, "LEVEL,SEQUENCE,TIME,FLAGS[,...];TEXT".
struct LogMessage {
  std::string_view text;
  std::uint64_t time_us = 0;  ///< since boot
  /// A message of more than about 1000 bytes continues in another record.
  bool continues = false;
};

/// nullopt for records that do not come from the kernel, and for the lines of a
/// dictionary (" KEY=value").
std::optional<LogMessage> message_of(std::string_view line) {
  if (!is_of_the_kernel(line)) return std::nullopt;
  const std::size_t semicolon = line.find(';');
  if (semicolon == line.npos) return std::nullopt;
  std::string_view fields = line.substr(0, semicolon);
  const auto next = [&fields] {
    const std::size_t comma = fields.find(',');
    fields = comma == fields.npos ? "" : fields.substr(comma + 1);
  };
  next();
  next();
  const auto time_us = leading_number<std::uint64_t>(fields).value_or(0);
  next();
  return LogMessage{line.substr(semicolon + 1), time_us,
                    fields.starts_with('c')};
}

/// A message may also begin with text that a user chose: then the kernel's own
/// text follows it, such as that of a netfilter rule with a prefix ("IN=lo").
bool is_process_report(std::string_view rest) {
  const std::size_t close = rest.rfind(") total-vm:");
  const std::string_view numbers =
      rest.substr(close == rest.npos ? 0 : close + 1);
  return numbers.find('=') == numbers.npos;
}

/// The text after the beginning of a message that reports a kill. It must be
/// the beginning: the kernel also quotes text chosen by users.
std::optional<std::string_view> killed_process(std::string_view message) {
  for (const std::string_view mark : killed_marks) {
    if (!message.starts_with(mark)) continue;
    const std::string_view rest = message.substr(mark.size());
    if (is_process_report(rest)) return rest;
  }
  return std::nullopt;
}

bool is_skip(std::string_view message) {
  return std::any_of(
      skipped_marks.begin(), skipped_marks.end(),
      [&](std::string_view mark) { return message.starts_with(mark); });
}

/// Whether a message with cgroup names, which may be long, is complete: it ends
/// with ",uid=N", or with the text for a group.
bool is_whole(std::string_view message) {
  if (message.starts_with(group_mark)) return message.ends_with(group_end);
  const std::size_t uid = message.rfind(",uid=");
  return uid != message.npos && uid + 5 < message.size() &&
         message.find_first_not_of("0123456789", uid + 5) == message.npos;
}

/// The value of `key` ("task_memcg=") up to the next comma. A cgroup path may
/// contain commas: it ends where the next known key begins.
std::optional<std::string> value_of(std::string_view message,
                                    std::string_view key,
                                    std::string_view next_key) {
  const std::size_t begin = message.find(key);
  if (begin == message.npos) return std::nullopt;
  const std::string_view rest = message.substr(begin + key.size());
  return std::string(rest.substr(0, rest.find(next_key)));
}

bool is_unique(std::string_view message, std::string_view key) {
  return message.find(key) == message.rfind(key);
}

/// "oom-kill:constraint=C,nodemask=...,oom_memcg=A,task_memcg=B,task=N,pid=P".
/// Names of cgroups and tasks may contain anything: if a key occurs twice, one
/// of them is part of such a name, and it is unknown which.
Victim parse_constraint(std::string_view message) {
  Victim victim;
  victim.constraint = value_of(message, constraint_mark, ",");
  if (is_unique(message, ",oom_memcg=") && is_unique(message, ",task_memcg=") &&
      is_unique(message, ",task=")) {
    victim.oom_memcg = value_of(message, ",oom_memcg=", ",task_memcg=");
    victim.task_memcg = value_of(message, ",task_memcg=", ",task=");
  }
  // The name before it may contain anything, even commas: the last one counts.
  const std::size_t pid = message.rfind(",pid=");
  if (pid != message.npos) {
    victim.pid = leading_number<pid_t>(message.substr(pid + 5)).value_or(0);
    victim.name =
        value_of(message.substr(0, pid), ",task=", ",pid=").value_or("");
  }
  return victim;
}

std::optional<Bytes> kilobytes(const std::optional<std::string>& text) {
  const auto number =
      text ? leading_number<std::uint64_t>(*text) : std::nullopt;
  if (!number) return std::nullopt;
  return Bytes{*number * kibi};
}

/// `message` is "...Killed process " and then `rest`,
/// "PID (NAME) total-vm:NkB, anon-rss:NkB, ...".
Victim parse_killed(std::string_view message, std::string_view rest) {
  Victim victim;
  victim.pid = leading_number<pid_t>(rest).value_or(0);
  // The name may contain anything, even parentheses: the last mark after it
  // counts.
  const std::size_t open = rest.find('(');
  const std::size_t close = rest.rfind(") total-vm:");
  if (open != rest.npos && close != rest.npos && open < close) {
    victim.name = rest.substr(open + 1, close - open - 1);
  }
  victim.anon_rss = kilobytes(
      value_of(rest.substr(std::min(close, rest.size())), "anon-rss:", "kB"));
  victim.lines.emplace_back(message);
  return victim;
}

/// Merges the two parts of a report. The pid of the process is that of its
/// leader, which is in the constraint; if the leader has exited, the other part
/// has the pid of a thread.
Victim join(const Victim& constraint, Victim killed) {
  killed.pid = constraint.pid;
  killed.constraint = constraint.constraint;
  killed.oom_memcg = constraint.oom_memcg;
  killed.task_memcg = constraint.task_memcg;
  killed.limit = constraint.limit;
  killed.lines.insert(killed.lines.begin(), constraint.lines.begin(),
                      constraint.lines.end());
  return killed;
}

/// Some containers have the console or /dev/null instead
/// (Documentation/admin-guide/devices.txt: 1, 11).
bool is_kernel_log(int fd) noexcept {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
         status.st_rdev == makedev(1, 11);
}

}  // namespace

std::vector<Victim> VictimReader::read(std::string_view records) {
  std::vector<Victim> victims;
  for (const std::string_view line : cgroupfs::split_lines(records)) {
    if (line == lost_mark) forget();
    const auto message = message_of(line);
    if (!message) continue;
    if (message->continues) {
      // Records of other messages may come between. A continuation never starts
      // a message.
      if (!begun_.empty() && !is_whole(begun_)) begun_ += message->text;
    } else if (auto victim = read_message(message->text, message->time_us)) {
      victims.push_back(*std::move(victim));
    }
  }
  return victims;
}

void VictimReader::forget() {
  begun_.clear();
  limit_.reset();
  group_.reset();
}

std::optional<Victim> VictimReader::read_message(std::string_view message,
                                                 std::uint64_t time_us) {
  if (message.starts_with(usage_mark)) {
    limit_ = kilobytes(value_of(message, ", limit ", "kB"));
  } else if (message.starts_with(constraint_mark)) {
    begun_ = message;
    group_.reset();
  } else if (message.starts_with(group_mark)) {
    begun_ = message;
    last_us_ = time_us;
  } else if (is_skip(message)) {
    begun_.clear();
    limit_.reset();
  } else if (const auto killed = killed_process(message)) {
    if (time_us > last_us_ + group_interval_us) group_.reset();
    last_us_ = time_us;
    return conclude(parse_killed(message, *killed));
  }
  return std::nullopt;
}

/// Parses the constraint that precedes a kill, or records which group is
/// killed.
std::optional<Victim> VictimReader::take_begun() {
  const std::string text = std::exchange(begun_, {});
  if (text.starts_with(group_mark) && is_whole(text)) {
    group_ = text.substr(group_mark.size(),
                         text.size() - group_mark.size() - group_end.size());
  }
  if (!text.starts_with(constraint_mark) || !is_whole(text)) {
    return std::nullopt;
  }
  Victim constraint = parse_constraint(text);
  if (constraint.pid == 0) return std::nullopt;
  constraint.limit = std::exchange(limit_, std::nullopt);
  constraint.lines.push_back(text);
  return constraint;
}

/// The kernel logs a constraint and then the kill or, since 5.10, that the
/// process is exiting already.
std::optional<Victim> VictimReader::conclude(Victim victim) {
  const pid_t logged_pid = victim.pid;
  if (const auto constraint = take_begun()) {
    victim = join(*constraint, std::move(victim));
  } else if (group_) {
    // The first of a group is killed, and logged, again with the others.
    if (leader_pid_ == logged_pid) {
      repeated_.push_back(leader_);
      return std::nullopt;
    }
    victim.oom_memcg = leader_.oom_memcg;
    victim.limit = leader_.limit;
    victim.task_memcg = group_;
    return victim;
  }
  leader_ = victim;
  leader_pid_ = logged_pid;
  return victim;
}

FoundKills find_kills(std::string_view kmsg, const KernelName& group,
                      const KnownPids& known, std::size_t reaped_at) {
  FoundKills kills;
  VictimReader reader;
  std::vector<Victim> later;
  std::vector<Victim> victims = reader.read(kmsg.substr(0, reaped_at));
  if (reaped_at < kmsg.size()) {
    for (Victim& victim : reader.read(kmsg.substr(reaped_at))) {
      kills.later.push_back(victim.pid);
      later.push_back(std::move(victim));
    }
  }
  for (const Victim& victim : victims) std::erase(kills.later, victim.pid);
  std::move(later.begin(), later.end(), std::back_inserter(victims));
  const auto has = [](const std::vector<pid_t>& pids, pid_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
  };
  for (Victim& victim : victims) {
    const bool placed = victim.task_memcg && !may_be_cut(*victim.task_memcg);
    const bool is_known =
        (has(known.started, victim.pid) && !has(kills.later, victim.pid)) ||
        (has(known.seen, victim.pid) && !placed);
    if (is_known || (victim.task_memcg && group.holds(*victim.task_memcg))) {
      kills.inside.push_back(std::move(victim));
    } else if (!placed) {
      kills.unplaced.push_back(std::move(victim));
    }
  }
  return kills;
}

/// Whether a reader of victims needs a record.
bool is_of_interest(std::string_view record) {
  const auto message = message_of(record);
  if (!message) return false;
  const std::string_view text = message->text;
  return message->continues || text.starts_with(usage_mark) ||
         text.starts_with(constraint_mark) || text.starts_with(group_mark) ||
         is_skip(text) || killed_process(text);
}

KernelLog::KernelLog(From from)
    : from_(from), fd_(::open(kmsg, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (!fd_) {
    reason_ = fmt::format("{}: {}", kmsg, std::strerror(errno));
    return;
  }
  if (!is_kernel_log(fd_.get())) {
    reason_ = fmt::format("{}: not the kernel log device", kmsg);
    fd_.reset();
    return;
  }
  if (from == From::now && ::lseek(fd_.get(), 0, SEEK_END) < 0) {
    reason_ = fmt::format("{}: seek: {}", kmsg, std::strerror(errno));
    fd_.reset();
  }
}

void KernelLog::collect() {
  std::array<char, 8192> record;
  // Other programs may write as fast as this reads.
  for (int i = 0; fd_ && i < most_records; ++i) {
    const ssize_t count = ::read(fd_.get(), record.data(), record.size());
    if (count > 0) {
      take_record({record.data(), static_cast<std::size_t>(count)});
    } else if (count < 0 && errno == EPIPE) {
      complete_ = false;  // records were overwritten; the next read continues
      text_ += lost_mark;
      text_ += '\n';
    } else if (count == 0 || errno != EINTR) {
      if (count == 0 || errno != EAGAIN) complete_ = false;
      break;
    }
  }
}

void KernelLog::take_record(std::string_view record) {
  if (std::exchange(from_, From::now) == From::beginning) {
    // "LEVEL,SEQUENCE,...": the first since boot has 0.
    complete_ = sequence_of(record) == 0u;
  }
  if (is_of_interest(record)) text_.append(record);
}

}  // namespace lab
