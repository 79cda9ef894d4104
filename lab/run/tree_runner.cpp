// SPDX-License-Identifier: MIT
#include "lab/run/tree_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/place/environment.h"
#include "lab/place/swap.h"
#include "lab/run/membership.h"
#include "lab/run/pids_limit.h"
#include "lab/run/run_limits.h"
#include "lab/run/run_steps.h"
#include "lab/run/tree_end.h"

namespace lab {
namespace {

using cgroupfs::File;

std::string number_or_max(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "max";
}

/// One command under way. Its members go in reverse order: the child before its
/// groups.
class CommandRun {
 public:
  CommandRun(const Plan& plan, const Placement& placement,
             const Environment& environment, const SignalFd& signals,
             Observer& observer)
      : placement_(placement),
        signals_(signals),
        observer_(observer),
        groups_(begin_run(record_, plan, placement, environment)),
        follower_(record_, groups_, nullptr, signals, observer) {}

  /// All steps up to, but not including, teardown.
  void execute();
  /// Removes the groups; what is left behind is in the record that it returns.
  RunRecord finish();
  /// Cleans up after `error`. Throws LeftBehind when that fails too.
  void abandon(const std::exception& error);

 private:
  const CommandPlan& command() const { return *record_.plan.run; }
  void set_all_limits();
  std::vector<std::string> settings() const;
  void start_child();
  void follow_tree();

  const Placement& placement_;
  const SignalFd& signals_;
  Observer& observer_;
  RunRecord record_;
  RunGroups groups_;
  std::optional<PidsLimit> pids_;
  std::optional<Ancestors> ancestors_;
  Follower follower_;
  std::optional<Child> child_;
};

void CommandRun::execute() {
  follower_.add_event(EventKind::cgroup_created, "mkdir");
  observer_.on_start(record_);
  set_all_limits();
  start_child();
  follow_tree();
  observer_.on_end();
  read_final_state(record_, follower_, *ancestors_, groups_);
  if (pids_) {
    record_.readings.push_back({"after",
                                record_.events.back().time_ns,
                                record_.cgroups.front().name,
                                {{"forks_refused", pids_->state().refused}}});
  }
  const auto error = child_->exec_failure();
  if (error) throw NotExecuted(command().command.front(), *error);
}

void CommandRun::set_all_limits() {
  const bool in_force =
      set_limits(groups_.memory(), record_,
                 [this](EventKind kind, const std::string& file) {
                   follower_.add_event(kind, file);
                 });
  if (!in_force) throw RunError(refusal_text(record_));
  if (!command().pids) return;
  pids_.emplace(
      PidsLimit::create(*command().pids, groups_.target(), placement_));
  const auto max = pids_->state().max;
  record_.limits.push_back({record_.cgroups.front().name,
                            name_of(File::pids_max),
                            std::to_string(*command().pids),
                            max ? Limit::of(Bytes{*max}) : Limit::max(),
                            std::nullopt, std::nullopt});
  follower_.add_event(EventKind::limit_set, name_of(File::pids_max));
}

/// As the kernel has them, not as they were asked for.
std::vector<std::string> CommandRun::settings() const {
  if (!command().tell) return {};
  const auto actual = [this](File file) {
    const LimitRecord* const limit = limit_of(record_, file);
    return limit && limit->actual ? *limit->actual : Limit::max();
  };
  const bool limits_swap_alone =
      swap_limit_file(record_.environment.memory_version) ==
      File::memory_swap_max;
  const Limit swap =
      limits_swap_alone ? actual(File::memory_swap_max) : record_.plan.swap;
  const std::string pids = pids_ ? number_or_max(pids_->state().max) : "max";
  return {"CGLAB_LIMIT=" + to_string(actual(File::memory_max)),
          "CGLAB_HIGH=" + to_string(actual(File::memory_high)),
          "CGLAB_SWAP=" + to_string(swap), "CGLAB_PIDS=" + pids,
          "CGLAB_CGROUP=" + cgroup_path(record_)};
}

void CommandRun::start_child() {
  const std::vector<std::string>& words = command().command;
  main_process(record_).command = words;
  ChildSpec spec;
  spec.program = words.front();
  spec.arguments.assign(words.begin() + 1, words.end());
  spec.command = CommandSpec{signals_.before(), settings()};
  ancestors_.emplace(std::filesystem::path(cgroup_path(record_)).parent_path(),
                     placement_.hierarchy.mount_point, placement_.version);
  follower_.prepare();
  child_.emplace(Child::spawn(spec, groups_.birthplace()));
  main_process(record_).pid = child_->pid();
  main_process(record_).joined_by = child_->joined_by();
  follower_.add_event(EventKind::process_started, child_->joined_by());
  child_->await_start();
  verify_membership(*child_, groups_.birthplace(), placement_);
  if (pids_) pids_->join(child_->pid());
  read_host_details(record_.environment);
}

void CommandRun::follow_tree() {
  TreeEnd end(*child_, groups_.target(), follower_, record_);
  follower_.start(*child_);
  child_->open_gate();
  follower_.follow_on_until([&] { return end.command_ended(); });
  if (record_.evidence.deadline_passed && !follower_.child_exited())
    end.kill_all("deadline");
  reap_child(*child_, follower_, record_);
  end.follow_stragglers();
}

RunRecord CommandRun::finish() {
  end_groups(groups_, record_);
  if (!pids_ || !pids_->own_path()) return std::move(record_);
  const std::string path = *pids_->own_path();
  try {
    if (record_.plan.keep) {
      pids_->keep();
      record_.cleanup.left.push_back(path);
    } else {
      pids_->remove();
    }
  } catch (const std::exception& error) {
    record_.cleanup.removed = false;
    record_.cleanup.error = error.what();
    record_.cleanup.left.push_back(path);
  }
  return std::move(record_);
}

void CommandRun::abandon(const std::exception& error) {
  observer_.on_end();
  child_.reset();
  remove_after(error, groups_.top_path(), [this] { groups_.remove(); });
  if (!pids_) return;
  remove_after(error, pids_->own_path().value_or(cgroup_path(record_)),
               [this] { pids_->remove(); });
}

}  // namespace

NotExecuted::NotExecuted(const std::string& command, int error)
    : RunError(error == ENOENT ? fmt::format("{}: command not found: {}",
                                             command, std::strerror(error))
                               : fmt::format("{}: cannot be executed: {}",
                                             command, std::strerror(error))),
      exit_code_(error == ENOENT ? exit_not_found : exit_not_executable) {}

RunRecord run_command(const Plan& plan, const Placement& placement,
                      const Environment& environment, const SignalFd& signals,
                      Observer& observer) {
  CommandRun run(plan, placement, environment, signals, observer);
  try {
    run.execute();
  } catch (const std::exception& error) {
    run.abandon(error);
    throw;
  }
  return run.finish();
}

}  // namespace lab
