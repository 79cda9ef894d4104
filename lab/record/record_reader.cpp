// SPDX-License-Identifier: MIT
#include "lab/record/record_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/record/record_parts.h"

namespace lab {
namespace {

using reading::Node;
using reading::take;
using reading::tasks;

/// Deeper than any record; the parser itself knows no bound.
constexpr int deepest = 32;

void read_environment(const Node& node, Environment& environment) {
  take(node, "kernel", environment.kernel);
  take(node, "machine", environment.machine);
  take(node, "cgroup_mode", environment.cgroup_mode);
  take(node, "memory_hierarchy", environment.memory_version);
  take(node, "memory_mount", environment.memory_mount);
  take(node, "memory_total", environment.memory_total);
  take(node, "memory_available", environment.memory_available);
  take(node, "swap_total", environment.swap_total);
  take(node, "page_size", environment.page_size);
  take(node, "thp", environment.thp);
  take(node, "psi", environment.psi);
  take(node, "cpus", environment.cpus);
  take(node, "root", environment.root);
  take(node, "initial_pid_namespace", environment.initial_pid_namespace);
  // Records of version 0.1.0's first days have none.
  if (const auto emulated = node.find("emulated")) {
    environment.emulated = emulated->boolean();
  }
}

void read_command(const Node& node, Plan& plan) {
  CommandPlan command;
  take(node, "command", command.command);
  take(node, "limit", command.limit);
  take(node, "high", command.high);
  take(node, "oom_group", command.oom_group);
  take(node, "timeout_ns", command.timeout);
  command.pids = tasks(node.at("pids"));
  plan.run = std::move(command);
}

void read_plan(const Node& node, Plan& plan) {
  take(node, "experiment", plan.experiment);
  take(node, "swap", plan.swap);
  take(node, "poll_ns", plan.poll);
  take(node, "keep", plan.keep);
  if (node.find("command")) return read_command(node, plan);
  take(node, "order", plan.order);
  take(node, "limit", plan.limit);
  take(node, "total", plan.total);
  take(node, "block", plan.block);
  take(node, "ramp_ns", plan.ramp);
  take(node, "timeout_ns", plan.timeout);
}

void read_child(const Node& node, ChildRecord& child) {
  take(node, "pid", child.pid);
  take(node, "joined_by", child.joined_by);
  take(node, "exit_code", child.exit_code);
  take(node, "signal", child.signal);
  take(node, "touched", child.touched);
  take(node, "last_touch_ns", child.last_touch_ns);
  if (const auto output = node.find("output")) child.output = output->text();
}

void read_verdict(const Node& node, Verdict& verdict) {
  take(node, "status", verdict.status);
  take(node, "reason", verdict.reason);
  take(node, "limit_owner", verdict.limit_owner);
  take(node, "limit_owner_path", verdict.limit_owner_path);
}

void read_cleanup(const Node& node, Cleanup& cleanup) {
  take(node, "removed", cleanup.removed);
  take(node, "left", cleanup.left);
  take(node, "orphans_removed", cleanup.orphans_removed);
  take(node, "error", cleanup.error);
}

RunRecord read_document(const Node& node) {
  if (node.at("schema").text() != "cglab.run/1") {
    node.at("schema").fail("\"cglab.run/1\", a run of cglab");
  }
  RunRecord record;
  read_environment(node.at("environment"), record.environment);
  read_plan(node.at("plan"), record.plan);
  take(node, "group", record.group);
  take(node, "strategy", record.strategy);
  take(node, "rejected_strategies", record.rejected);
  take(node, "limits", record.limits);
  take(node, "events", record.events);
  take(node.at("counters"), "before", record.before);
  take(node.at("counters"), "after", record.after);
  take(node, "ancestors", record.ancestors);
  take(node, "all_ancestors_seen", record.all_ancestors_seen);
  take(node, "peak", record.peak);
  read_child(node.at("child"), record.child);
  take(node, "membership", record.membership);
  take(node, "victim", record.victim);
  take(node, "other_victims", record.other_victims);
  take(node, "victim_absent_because", record.victim_absent_because);
  take(node, "kernel_log_complete", record.kernel_log_complete);
  take(node, "course", record.course);
  take(node, "pids", record.pids);
  take(node, "scenario", record.scenario);
  take(node, "interrupted_by", record.interrupted_by);
  take(node, "deadline_passed", record.deadline_passed);
  read_verdict(node.at("verdict"), record.verdict);
  read_cleanup(node.at("cleanup"), record.cleanup);
  take(node, "samples", record.samples);
  return record;
}

/// Where the reader stopped after `offset` characters, from 1 on.
std::string place_in(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset > 0 ? offset - 1 : 0);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t start = newline == before.npos ? 0 : newline + 1;
  return fmt::format("line {}, column {}", line, before.size() - start + 1);
}

Json parse_json(std::string_view text, const std::string& name) {
  const auto bounded = [&](int depth, Json::parse_event_t, Json&) {
    if (depth <= deepest) return true;
    throw RecordError(fmt::format(
        "{}: nested deeper than {} levels, as no record is", name, deepest));
  };
  try {
    return Json::parse(text, bounded);
  } catch (const Json::parse_error& error) {
    throw RecordError(fmt::format("{}: not JSON, or cut off, at {}", name,
                                  place_in(text, error.byte)));
  } catch (const Json::exception&) {
    throw RecordError(
        fmt::format("{}: holds a number that is none in any record", name));
  }
}

std::string read_whole(int fd, const std::string& name) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cgroupfs::throw_errno("read the record", name);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_record) {
      throw RecordError(fmt::format("{}: larger than any record ({} MiB)", name,
                                    largest_record >> 20));
    }
  }
}

}  // namespace

RunRecord parse_record(std::string_view text, const std::string& name) {
  const Json document = parse_json(text, name);
  return read_document(Node(document, "", name));
}

RunRecord read_record(const std::string& path) {
  if (path == "-") {
    return parse_record(read_whole(STDIN_FILENO, "standard input"),
                        "standard input");
  }
  const cgroupfs::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) cgroupfs::throw_errno("open the record", path);
  return parse_record(read_whole(fd.get(), path), path);
}

void require_one_stdin(const std::vector<std::string>& files) {
  if (std::count(files.begin(), files.end(), "-") > 1) {
    throw UsageError("standard input (-) can be read only once");
  }
}

}  // namespace lab
