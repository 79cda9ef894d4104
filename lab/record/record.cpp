// SPDX-License-Identifier: MIT
#include "lab/record/record.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <utility>

namespace lab {

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

void note_left_behind(Cleanup& cleanup, std::string path,
                      const std::string& error) {
  cleanup.removed = false;
  cleanup.left.push_back(std::move(path));
  cleanup.error = cleanup.error ? *cleanup.error + "; " + error : error;
}

std::string tail_of_run(const RunRecord& record) {
  const std::string& path = cgroup_path(record);
  // The name that identifies the owner; it may contain a name chosen by a user.
  const std::size_t begin = path.rfind("/cglab.");
  if (begin == path.npos) return path.substr(path.rfind('/'));
  return path.substr(begin, path.find('/', begin + 1) - begin);
}

const Member* member_of(const RunRecord& record, pid_t pid) noexcept {
  for (const Member& member : record.evidence.ledger.processes) {
    if (member.pid == pid) return &member;
  }
  return nullptr;
}

Member* main_member(RunRecord& record) noexcept {
  for (Member& member : record.evidence.ledger.processes) {
    if (member.pid == main_process(record).pid) return &member;
  }
  return nullptr;
}

const Member* main_member(const RunRecord& record) noexcept {
  return record.processes.empty() ? nullptr
                                  : member_of(record, main_process(record).pid);
}

const Victim* first_victim(const RunRecord& record) noexcept {
  const auto& victims = record.evidence.victims;
  return victims.empty() ? nullptr : &victims.front();
}

const LimitRecord* refused_limit(const RunRecord& record) noexcept {
  for (const LimitRecord& limit : record.limits) {
    if (limit.error && limit.actual) return &limit;
  }
  return nullptr;
}

const LimitRecord* limit_of(const RunRecord& record,
                            cgroupfs::File file) noexcept {
  for (const LimitRecord& limit : record.limits) {
    if (cgroupfs::file_named(limit.file) == file) return &limit;
  }
  return nullptr;
}

const LimitRecord* hard_limit(const RunRecord& record) noexcept {
  return limit_of(record, cgroupfs::File::memory_max);
}

bool was_rewritten(const LimitRecord& limit) noexcept {
  return limit.actual && limit.at_end && *limit.actual != *limit.at_end;
}

std::optional<std::uint64_t> reading_of(const RunRecord& record,
                                        std::string_view mark,
                                        std::string_view subject,
                                        const std::string& key) {
  for (const Reading& reading : record.readings) {
    if (reading.mark != mark || reading.subject != subject) continue;
    const auto place = reading.values.find(key);
    return place == reading.values.end() ? std::nullopt : place->second;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> oom_kills_in(const RunRecord& record) {
  const auto& before = record.evidence.before.oom_kills;
  const auto& after = record.evidence.after.oom_kills;
  if (!before || !after) return std::nullopt;
  // A v1 counter is removed with its directory.
  return std::max(*before, *after) - *before;
}

bool left_something(const RunRecord& record) noexcept {
  const bool asked_to_keep =
      record.plan.keep && !record.cleanup.error.has_value();
  return !record.cleanup.left.empty() && !asked_to_keep;
}

std::optional<std::int64_t> time_of(const RunRecord& record, EventKind kind) {
  for (const Event& event : record.events) {
    if (event.kind == kind) return event.time_ns;
  }
  return std::nullopt;
}

}  // namespace lab
