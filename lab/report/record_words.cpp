// SPDX-License-Identifier: MIT
#include "lab/report/record_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/verdict/as_expected.h"

namespace lab {
namespace {

std::string number_words(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "unknown";
}

}  // namespace

bool is_control_outcome(const RunRecord& record) noexcept {
  const Status status = record.verdict.status;
  return record.plan.control &&
         (status == Status::survived || status == Status::as_predicted ||
          status == Status::not_as_predicted);
}

std::string verdict_words(const RunRecord& record) {
  if (is_control_outcome(record)) {
    return is_as_expected(record) ? "control run as expected"
                                  : "control run failed";
  }
  std::string text(to_string(record.verdict.status));
  std::replace(text.begin(), text.end(), '_', ' ');
  if (record.plan.control) text += " (control run)";
  return text;
}

std::string end_words(const ProcessRecord& process) {
  if (process.pid == 0) return "was not started";
  if (process.ended_by_cglab)
    return "still running at the end (killed by cglab)";
  if (process.signal) return "ended by " + signal_name(*process.signal);
  if (process.exit_code)
    return fmt::format("exited with {}", *process.exit_code);
  return "unknown";
}

std::string limit_words(const LimitRecord& limit) {
  if (!limit.actual) return "unknown";
  if (!cgroupfs::holds_size(limit.file)) return to_string(*limit.actual);
  if (!was_rewritten(limit)) return exact_limit(*limit.actual);
  return fmt::format("{}, at the end {}", exact_limit(*limit.actual),
                     exact_limit(*limit.at_end));
}

std::optional<Bytes> high_limit(const RunRecord& record) {
  const std::string_view file = name_of(cgroupfs::File::memory_high);
  for (const LimitRecord& limit : record.limits) {
    const bool set = limit.actual && !limit.actual->is_max();
    if (limit.file == file && set) return limit.actual->bytes();
  }
  return std::nullopt;
}

std::string peak_words(const RunRecord& record) {
  if (!record.peak) return "unknown";
  return fmt::format("{}, {}", exact_size(record.peak->bytes),
                     record.peak->source);
}

std::string split_words(const RunRecord& record) {
  if (!record.peak || !record.peak->split) return "";
  const PeakSplit& split = *record.peak->split;
  std::string text;
  const auto add = [&](const char* name,
                       const std::optional<std::uint64_t>& part) {
    if (!part) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        human_size(Bytes{*part}));
  };
  add("anon", split.anon);
  add("file (reclaimable)", split.file);
  add("shmem", split.shmem);
  add("kernel", split.kernel);
  // Statistics lag behind the usage, and v1 has none of kernel memory.
  const std::uint64_t parts = split.anon.value_or(0) + split.file.value_or(0) +
                              split.shmem.value_or(0) +
                              split.kernel.value_or(0);
  const std::uint64_t other =
      split.usage.count - std::min(split.usage.count, parts);
  if (other > 0) add("other", other);
  return fmt::format("at the highest sample ({}, {}): {}",
                     human_size(split.usage),
                     human_ms(nanoseconds(split.time_ns)), text);
}

std::vector<std::string> kernel_log_lines(const RunRecord& record) {
  const std::vector<Victim>& victims = record.evidence.victims;
  if (victims.empty()) {
    return {record.evidence.victims_absent_because.value_or("not read")};
  }
  std::vector<std::string> lines;
  for (const Victim& victim : victims) {
    lines.insert(lines.end(), victim.lines.begin(), victim.lines.end());
  }
  if (!record.evidence.kernel_log_complete) {
    lines.emplace_back("records were lost: there may be more");
  }
  return lines;
}

std::string change_words(const std::optional<std::uint64_t>& before,
                         const std::optional<std::uint64_t>& after) {
  return fmt::format("{} -> {}", number_words(before), number_words(after));
}

std::string size_words(const std::optional<Bytes>& bytes) {
  return bytes ? exact_size(*bytes) : "unknown";
}

std::string held_words(const std::optional<bool>& held) {
  if (!held) return "unknown";
  return *held ? "yes" : "no";
}

std::string limit_place(const LimitRecord& limit, const RunRecord& record) {
  return record.cgroups.size() > 1
             ? fmt::format("{}: {}", limit.cgroup, limit.file)
             : limit.file;
}

}  // namespace lab
