// SPDX-License-Identifier: MIT
#include "lab/classroom/exercise.h"

#include <fmt/format.h>

#include "lab/base/shell_quote.h"
#include "lab/classroom/exercise_messages.h"
#include "lab/classroom/hints.h"
#include "lab/place/by_hand.h"
#include "lab/place/swap.h"
#include "lab/report/dry_run.h"

namespace lab {
namespace {

using namespace exercise_messages;  // NOLINT(google-build-using-namespace)

using cgroupfs::File;
using cgroupfs::Version;

/// Builds the document step by step.
class Writer {
 public:
  Writer(const ExercisePlan& plan, const ExerciseHost& host)
      : plan_(plan), host_(host), version_(host.placement.version) {}

  Document write();

 private:
  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(plan_.language, message, values...);
  }
  bool is_v1() const { return version_ == Version::v1; }
  /// The cgroup's directory as a word of the shell.
  std::string path() const;
  /// The same, by the variable that the student sets.
  std::string group() const;
  /// One of its files.
  std::string file(std::string_view name) const;
  std::string file(File file) const { return this->file(name(file)); }
  const char* name(File file) const { return name_of(file, version_); }
  void commands(const std::vector<std::string>& lines);
  void add_head();
  void add_place();
  void add_program();
  void add_group();
  void add_move();
  void add_limit();
  void add_wait();
  void add_proof();
  void add_end();
  void add_recipe();

  const ExercisePlan& plan_;
  const ExerciseHost& host_;
  Version version_;
  Document document_;
};

std::string Writer::path() const {
  const std::string& name = plan_.assignment.group;
  if (host_.placement.preparation != Preparation::none) {
    return "\"$parent\"/" + shell_quote(name);
  }
  return shell_quote(host_.placement.parent + "/" + name);
}

std::string Writer::group() const {
  const bool plain = path().find_first_of("'\"$") == std::string::npos;
  return plain ? "$demo" : "\"$demo\"";
}

std::string Writer::file(std::string_view name) const {
  return fmt::format("{}/{}", group(), name);
}

void Writer::commands(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) document_.command(line);
}

void Writer::add_head() {
  const Placement& placement = host_.placement;
  document_.title(say(title));
  if (host_.in_vm) {
    const std::size_t end = host_.why_vm.find('\n');
    document_.paragraph(say(in_vm, host_.why_vm.substr(0, end)));
    document_.command(is_v1() ? "scripts/vm --cgroup v1" : "scripts/vm");
  } else {
    document_.paragraph(say(on_host, to_string(placement.version),
                            placement.hierarchy.mount_point));
    if (placement.mode == "hybrid" && is_v1()) {
      document_.paragraph(say(hybrid_note));
    }
  }
  document_.section(say(goal));
  document_.paragraph(say(goal_text));
  document_.paragraph(say(host_.in_vm ? paste_in_vm : paste));
}

void Writer::add_place() {
  if (host_.placement.preparation == Preparation::none) return;
  const bool scope = host_.placement.preparation == Preparation::systemd_scope;
  document_.section(say(place_title));
  document_.paragraph(say(scope ? scope_text : aside_text));
  const PlaceByHand place = place_by_hand(host_.placement, /*tasks=*/false);
  commands({place.open.front()});
  // A shell that has read the rest of a paste would not pass it on.
  if (scope) document_.paragraph(say(in_scope));
  commands({place.open.begin() + 1, place.open.end()});
  commands(place.share);
}

void Writer::add_program() {
  const std::string interval = time_argument(plan_.interval);
  const bool usual = plan_.interval == ExercisePlan().interval;
  document_.section(say(program_title));
  document_.paragraph(say(program_text, interval));
  commands(
      {fmt::format("cp {} ./malloc", host_.hog),
       usual ? "./malloc &" : fmt::format("./malloc --interval {} &", interval),
       "pid=$!"});
  document_.question(say(program_question));
  document_.command("ps -o pid,stat,vsz,rss,comm | grep -E 'PID|malloc'");
}

void Writer::add_group() {
  document_.section(say(group_title));
  document_.paragraph(say(group_text));
  commands({fmt::format("demo={}", path()), fmt::format("mkdir {}", group()),
            fmt::format("ls {}", group())});
  document_.question(say(group_question));
  document_.command(fmt::format("cat {}", file(File::memory_max)));
}

void Writer::add_move() {
  document_.section(say(move_title));
  document_.paragraph(say(move_text));
  commands({fmt::format("echo $pid > {}", file(File::cgroup_procs)),
            fmt::format("cat {}", file(File::cgroup_procs))});
  document_.question(say(move_question));
  document_.command(fmt::format("cat {}", file(File::memory_current)));
}

void Writer::add_limit() {
  const std::uint64_t limit = plan_.assignment.limit.count;
  document_.section(say(limit_title));
  document_.paragraph(say(limit_text, limit));
  document_.question(say(is_v1() ? limit_question_v1 : limit_question_v2));
  commands({fmt::format("echo {} > {}", limit, file(File::memory_max)),
            fmt::format("cat {}", file(File::memory_max))});
  if (!host_.has_swap_limit) return;
  document_.paragraph(say(is_v1() ? swap_text_v1 : swap_text_v2));
  document_.command(fmt::format("echo {} > {}", is_v1() ? limit : 0,
                                file(swap_limit_file(version_))));
}

void Writer::add_wait() {
  document_.section(say(wait_title));
  document_.question(say(wait_question));
  document_.paragraph(say(wait_text));
  commands({fmt::format("while grep -q . {}; do cat {}; sleep 1; done",
                        file(File::cgroup_procs), file(File::memory_current)),
            "wait $pid; echo \"exit status $?\""});
}

void Writer::add_proof() {
  document_.section(say(proof_title));
  document_.paragraph(
      say(proof_text,
          is_v1() ? fmt::format("`{}`", name(File::memory_failcnt)) : "`oom`"));
  document_.question(say(proof_question));
  document_.command(fmt::format("cat {}", file(kill_counter(version_))));
  if (is_v1()) {
    document_.command(fmt::format("cat {}", file(File::memory_failcnt)));
  }
  document_.command(fmt::format("cat {}", file(File::memory_peak)));
  document_.command("dmesg | grep -F oom-kill: | tail -n 1");
}

void Writer::add_end() {
  document_.section(say(check_title));
  document_.paragraph(say(check_text));
  std::string check = "cglab check";
  if (plan_.assignment.group != Assignment().group) {
    check += " --group " + shell_quote(plan_.assignment.group);
  }
  if (plan_.assignment.limit != Assignment().limit) {
    check += fmt::format(" --limit {}", plan_.assignment.limit.count);
  }
  document_.command(check);
  document_.section(say(clean_title));
  commands({fmt::format("rmdir {}", group()), "rm ./malloc"});
  commands(place_by_hand(host_.placement, /*tasks=*/false).leave);
}

void Writer::add_recipe() {
  const std::uint64_t limit = plan_.assignment.limit.count;
  const std::string& demo = plan_.assignment.group;
  document_.section(say(recipe_title));
  const auto item = [this](const std::string& command, const Message& effect,
                           const std::string& here) {
    document_.item(
        say(recipe_item, "`" + command + "`", say(effect), "`" + here + "`"));
  };
  item("mkdir /sys/fs/cgroup/memory/" + demo,
       is_v1() ? works : no_such_directory, "mkdir " + group());
  item("echo ps ... > cgroup.procs", moves_no_process,
       "echo $pid > cgroup.procs");
  item(fmt::format("echo {} > memory.limit_in_bytes", limit),
       is_v1() ? limit_works : no_such_file,
       fmt::format("echo {} > {}", limit, name(File::memory_max)));
  item("echo $?", proves_nothing,
       fmt::format("cat {}", kill_counter(version_)));
}

Document Writer::write() {
  add_head();
  add_place();
  add_program();
  add_group();
  add_move();
  add_limit();
  add_wait();
  add_proof();
  add_end();
  add_recipe();
  return std::move(document_);
}

}  // namespace

Document exercise_document(const ExercisePlan& plan, const ExerciseHost& host) {
  return Writer(plan, host).write();
}

}  // namespace lab
