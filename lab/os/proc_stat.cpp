// SPDX-License-Identifier: MIT
#include "lab/os/proc_stat.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace lab {
namespace {

constexpr std::uint64_t exiting_flag = 0x4;  // PF_EXITING, linux/sched.h

/// nullopt when there is no such process.
std::optional<std::string> read_of(pid_t pid, const char* file) {
  auto text = cgroupfs::try_read_file(fmt::format("/proc/{}/{}", pid, file));
  if (text && text->empty()) text.reset();
  return text;
}

bool has_signal(std::string_view mask, int number) {
  mask = cgroupfs::trim(mask);
  std::uint64_t bits = 0;
  const auto result =
      std::from_chars(mask.data(), mask.data() + mask.size(), bits, 16);
  if (result.ec != std::errc() || result.ptr != mask.data() + mask.size()) {
    throw cgroupfs::ParseError("a signal mask", mask);
  }
  return (bits >> (number - 1) & 1) != 0;
}

}  // namespace

ProcStat parse_proc_stat(std::string_view text) {
  // The name in parentheses may contain anything, even parentheses: the fields
  // begin after the last one.
  const std::size_t close = text.rfind(") ");
  if (close == text.npos) throw cgroupfs::ParseError("a stat line", text);
  const auto words = cgroupfs::split_words(text.substr(close + 2));
  if (words.size() < 20) throw cgroupfs::ParseError("a stat line", text);
  ProcStat stat;
  const std::size_t open = text.find('(');
  if (open < close) stat.name = text.substr(open + 1, close - open - 1);
  stat.state = words[0].front();
  stat.parent = static_cast<pid_t>(cgroupfs::parse_u64(words[1]));
  stat.exiting = stat.state == 'Z' || stat.state == 'X' ||
                 (cgroupfs::parse_u64(words[6]) & exiting_flag) != 0;
  stat.faults_of_children =
      cgroupfs::parse_u64(words[8]) + cgroupfs::parse_u64(words[10]);
  stat.start_time = cgroupfs::parse_u64(words[19]);
  if (words.size() > 25) stat.start_stack = cgroupfs::parse_u64(words[25]);
  if (words.size() > 49) {
    stat.wait_status = static_cast<int>(cgroupfs::parse_u64(words[49]));
  }
  return stat;
}

std::optional<ProcStat> proc_stat(pid_t pid) {
  const auto text = read_of(pid, "stat");
  return text ? std::optional(parse_proc_stat(*text)) : std::nullopt;
}

ProcStatus parse_proc_status(std::string_view text) {
  ProcStatus status;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (key == "SigPnd" || key == "ShdPnd") {
      status.kill_pending = status.kill_pending || has_signal(value, SIGKILL);
    } else if (key == "SigIgn") {
      status.ignores_children = has_signal(value, SIGCHLD);
    } else if (key == "TracerPid") {
      status.tracer =
          static_cast<pid_t>(cgroupfs::parse_u64(cgroupfs::trim(value)));
    }
  }
  return status;
}

std::optional<ProcStatus> proc_status(pid_t pid) {
  const auto text = read_of(pid, "status");
  return text ? std::optional(parse_proc_status(*text)) : std::nullopt;
}

}  // namespace lab
