// SPDX-License-Identifier: MIT
#include "lab/report/dry_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/shell_quote.h"
#include "lab/place/by_hand.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

const char* name(const ByHand& run, File file) {
  return name_of(file, run.placement.version);
}

/// POSIX sh commands, one a line, with comments.
class Script {
 public:
  /// A comment ends at a newline, which a path may hold.
  void comment(std::string text) {
    std::replace(text.begin(), text.end(), '\n', '?');
    text_ += fmt::format("# {}\n", text);
  }
  void command(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void blank() { text_ += '\n'; }
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

void add_commands(const std::vector<std::string>& commands, Script& script) {
  for (const std::string& command : commands) script.command(command);
}

void add_preparation(const Placement& placement, Script& script) {
  const PlaceByHand place = place_by_hand(placement);
  if (placement.preparation == Preparation::systemd_scope) {
    script.comment(
        "systemd manages the cgroups of this host: a scope of its own is asked "
        "for first,");
    script.comment("and everything else is done in the shell inside it.");
  }
  add_commands(place.open, script);
  if (placement.preparation == Preparation::systemd_scope) {
    script.comment(
        "A cgroup with processes in it cannot hand memory on: the shell moves "
        "to a leaf.");
  }
  if (placement.preparation == Preparation::move_aside) {
    script.comment(
        "A cgroup with processes in it cannot hand memory on: they move to a "
        "leaf.");
  }
  add_commands(place.share, script);
}

void add_head(const ByHand& run, Script& script) {
  script.comment(fmt::format(
      "By hand on this host: cgroup {}, the memory hierarchy is at {}.",
      to_string(run.placement.version), run.placement.hierarchy.mount_point));
  script.comment(
      "Paste into one shell that may write there. Nothing was "
      "changed by printing this.");
  add_preparation(run.placement, script);
  script.command(
      fmt::format("group=\"$parent/cglab.{}.byhand\"", run.plan.experiment));
  script.command(fmt::format("hog={}", shell_quote(run.hog)));
  script.command("mkdir \"$group\"");
  script.blank();
}

std::uint64_t swap_number(const ByHand& run) {
  const std::uint64_t swap = run.plan.swap.bytes().count;
  return run.placement.version == Version::v1 ? run.plan.size().count + swap
                                              : swap;
}

/// `echo NUMBER > FILE`. A hog that runs already must not go on when the limit
/// is refused.
void add_limit(const ByHand& run, std::uint64_t number, File file,
               Script& script) {
  script.command(fmt::format("echo {} > \"$group/{}\"{}", number,
                             name(run, file),
                             is_course(run.plan) ? " || kill \"$pid\"" : ""));
}

void add_swap_limit(const ByHand& run, Script& script) {
  if (!run.swap_limited || run.plan.swap.is_max()) return;
  script.comment(run.placement.version == Version::v1
                     ? "Memory plus swap: without it, swap would take what "
                       "the limit refuses."
                     : "Swap alone, and first: without it, swap would take "
                       "what the limit refuses.");
  add_limit(run, swap_number(run), swap_limit_file(run.placement.version),
            script);
}

/// v1 takes no limit of memory plus swap below that of memory: it comes after.
void add_limits(const ByHand& run, Script& script) {
  if (run.placement.version == Version::v2) add_swap_limit(run, script);
  script.comment(fmt::format(
      "The limit, {}. Read it back: the kernel rounds down to a page.",
      exact_size(run.plan.size())));
  add_limit(run, run.plan.size().count, File::memory_max, script);
  script.command(fmt::format("cat \"$group/{}\"", name(run, File::memory_max)));
  if (run.placement.version == Version::v1) add_swap_limit(run, script);
  script.blank();
}

std::string hog_command(const Plan& plan, std::string_view program) {
  return fmt::format("{} --total {} --block {} --ramp {}", program,
                     size_argument(*plan.total), size_argument(*plan.block),
                     time_argument(plan.total_ramp()));
}

void add_hog_inside(const ByHand& run, Script& script) {
  script.comment(
      "A shell moves itself in (0 means: me), then becomes the hog: "
      "it is charged here");
  script.comment("from its first page on.");
  script.command(fmt::format(
      R"(sh -c 'echo 0 > "$1/{}" && exec {}' sh "$group" "$hog")",
      name(run, File::cgroup_procs), hog_command(run.plan, "\"$2\"")));
  script.comment(
      "0: it took all and lived. 137 = 128 + 9: SIGKILL, which anybody can "
      "send, so no proof yet.");
  script.command("echo \"exit status $?\"");
  script.blank();
}

void add_hog_moved_in(const ByHand& run, Script& script) {
  script.comment(
      "The course's order: the hog starts outside and takes its "
      "first block there...");
  script.command(fmt::format("\"$hog\" --total {} --block {} --interval 2s &",
                             size_argument(*run.plan.total),
                             size_argument(*run.plan.block)));
  script.command("pid=$!");
  script.command("sleep 1");
  script.comment(
      "... is moved in: usage stays near 0, because charges do not "
      "follow a process...");
  script.command(fmt::format(R"(echo "$pid" > "$group/{}")",
                             name(run, File::cgroup_procs)));
  script.command(
      fmt::format("cat \"$group/{}\"", name(run, File::memory_current)));
  script.command("sleep 2");
  script.comment("... takes a block inside, which is charged here...");
  script.command(
      fmt::format("cat \"$group/{}\"", name(run, File::memory_current)));
  script.comment(run.placement.version == Version::v1
                     ? "... and gets its limit. With usage above it that swap "
                       "cannot take, cgroup v1 says EBUSY."
                     : "... and gets its limit. With usage above it that swap "
                       "cannot take, cgroup v2 kills at once.");
  add_limits(run, script);
  script.command("wait \"$pid\"");
  script.comment(
      "0: it took all and lived. 137 = 128 + 9: SIGKILL, which anybody can "
      "send, so no proof yet.");
  script.command("echo \"exit status $?\"");
  script.blank();
}

void add_proof(const ByHand& run, Script& script) {
  const Version version = run.placement.version;
  const char* const failures = name(run, File::memory_failcnt);
  const bool counts_failures = is_on(File::memory_failcnt, version);
  script.comment(fmt::format(
      "The proof of an OOM kill: oom_kill rose from 0 to 1 ({}).",
      counts_failures ? "failcnt counts failed charges"
                      : "oom: the limit was hit and nothing could be "
                        "reclaimed"));
  script.command(fmt::format("cat \"$group/{}\"",
                             name_of(cgroupfs::Key::oom_kill, version)));
  if (counts_failures) {
    script.command(fmt::format("cat \"$group/{}\"", failures));
  }
  script.comment("The highest usage.");
  const char* const peak = name(run, File::memory_peak);
  const bool is_new = !is_mandatory(File::memory_peak, version);
  script.command(fmt::format(
      "cat \"$group/{}\"{}", peak,
      is_new ? fmt::format(
                   " || echo 'not told by this kernel: {} came in Linux {}'",
                   peak, since(File::memory_peak))
             : ""));
  script.blank();
}

void add_clean_up(const ByHand& run, Script& script) {
  script.comment("Leave nothing behind.");
  script.command("rmdir \"$group\"");
  if (run.placement.preparation == Preparation::systemd_scope) {
    script.comment("The scope goes with its shell.");
  }
  add_commands(place_by_hand(run.placement).leave, script);
}

}  // namespace

std::string dry_run_script(const ByHand& run) {
  Script script;
  add_head(run, script);
  if (is_course(run.plan)) {
    add_hog_moved_in(run, script);
  } else {
    add_limits(run, script);
    add_hog_inside(run, script);
  }
  add_proof(run, script);
  if (!run.plan.keep) add_clean_up(run, script);
  return script.text();
}

}  // namespace lab
