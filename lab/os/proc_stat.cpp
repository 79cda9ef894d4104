// SPDX-License-Identifier: MIT
#include "lab/os/proc_stat.h"

#include <fmt/format.h>

#include <cerrno>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace lab {
namespace {

constexpr std::uint64_t exiting_flag = 0x4;  // PF_EXITING, linux/sched.h

}  // namespace

ProcStat parse_proc_stat(std::string_view text) {
  // The name in brackets may hold anything, even brackets: the fields begin
  // after the last one.
  const std::size_t close = text.rfind(") ");
  if (close == text.npos) throw cgroupfs::ParseError("a stat line", text);
  const auto words = cgroupfs::split_words(text.substr(close + 2));
  if (words.size() < 20) throw cgroupfs::ParseError("a stat line", text);
  ProcStat stat;
  stat.state = words[0].front();
  stat.parent = static_cast<pid_t>(cgroupfs::parse_u64(words[1]));
  stat.exiting = stat.state == 'Z' || stat.state == 'X' ||
                 (cgroupfs::parse_u64(words[6]) & exiting_flag) != 0;
  stat.faults_of_children =
      cgroupfs::parse_u64(words[8]) + cgroupfs::parse_u64(words[10]);
  stat.start_time = cgroupfs::parse_u64(words[19]);
  return stat;
}

std::optional<ProcStat> proc_stat(pid_t pid) try {
  const auto text = cgroupfs::try_read_file(fmt::format("/proc/{}/stat", pid));
  if (!text || text->empty()) return std::nullopt;
  return parse_proc_stat(*text);
} catch (const cgroupfs::FileError& error) {
  // The process was reaped between open and read.
  if (error.code().value() == ESRCH) return std::nullopt;
  throw;
}

}  // namespace lab
