// SPDX-License-Identifier: MIT
// Verdicts on situations whose truth is known, because the tests create them: a
// false statement fails, and so does one that is weaker than its sources allow.
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "lab/run/kmsg.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_checks.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/reason.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tracer.h"
#include "tests/truth/score.h"
#include "tests/truth/situations.h"

namespace truth_test {
namespace {

using cgroupfs::Version;
using cli_test::Json;
using cli_test::Words;
using test_support::ProcessSpec;
using test_support::Subprocess;
using Clock = std::chrono::steady_clock;

constexpr int most_tries = 4;
constexpr unsigned user_id = 65534;

/// The kernel logs the cgroups of ten kills in five seconds, of the whole host.
constexpr std::size_t logged_kills = 10;
constexpr std::chrono::milliseconds log_interval(5200);
constexpr char memsw[] = "memory.memsw.limit_in_bytes";

/// In one situation.
constexpr std::size_t most_kills = 2;

/// Kills that this program has caused.
class KillTimes {
 public:
  void note() { times_.push_back(Clock::now()); }
  void forget_old() {
    while (!times_.empty() && times_.front() + log_interval < Clock::now()) {
      times_.pop_front();
    }
  }
  std::size_t count() {
    forget_old();
    return times_.size();
  }
  /// Waits until the kernel would log this many with their cgroups.
  void make_room_for(std::size_t kills) {
    forget_old();
    while (times_.size() + kills > logged_kills) {
      std::this_thread::sleep_until(times_.front() + log_interval);
      forget_old();
    }
  }

 private:
  std::deque<Clock::time_point> times_;
};

KillTimes& kill_times() {
  static KillTimes times;
  return times;
}

std::string program_path() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

/// True, false or, nullopt, not stated.
using Statement = std::optional<bool>;

/// The statements of a record.
struct Statements {
  Statement main_killed;
  Statement any_killed;
  std::string owner;  ///< empty: none, or not stated
};

Statements statements_of(const Json& record) {
  const Json& verdict = record.at("verdict");
  const std::string status = verdict.at("status");
  const Json& kill = verdict.at("oom_kill");
  Statements found;
  if (kill == "process") {
    found.main_killed = true;
  } else if (status != "oom_killed_undetermined" &&
             status != "killed_undetermined") {
    found.main_killed = false;
  }
  if (!kill.is_null()) found.any_killed = kill != "none";
  const Json& owner = verdict.at("limit_owner");
  if (!owner.is_null() && owner != "unknown") found.owner = owner;
  return found;
}

class Judgement {
 public:
  explicit Judgement(const Json& record) : record_(record) {}

  void compare(const std::string& what, const Statement& said, bool truth,
               bool may_be_unknown) {
    if (said && *said != truth) {
      blame(Score::wrong, what);
    } else if (!said && !may_be_unknown) {
      blame(Score::weak, what);
    }
  }
  void compare_owner(const std::string& said, const std::string& truth,
                     bool may_be_unknown) {
    if (!said.empty() && said != truth) {
      blame(Score::wrong, "limit_owner");
    } else if (said.empty() && !truth.empty() && !may_be_unknown) {
      blame(Score::weak, "limit_owner");
    }
  }
  void compare_findings(const Story& story) {
    std::set<std::string> missing = story.finds;
    for (const Json& finding : record_["verdict"]["findings"]) {
      const std::string kind = finding["kind"];
      missing.erase(kind);
      // It says that the limit was hit, and leaves open whether a kill
      // followed.
      if (kind == "limit_hit" && record_["verdict"]["oom_kill"].is_null()) {
        continue;
      }
      if (!story.finds.count(kind) && !story.may_find.count(kind)) {
        blame(Score::wrong, "finding " + kind);
      }
    }
    for (const std::string& kind : missing) {
      blame(Score::weak, "no finding " + kind);
    }
  }
  void compare_end(const Story& story, int exit_status) {
    const std::string status = record_["verdict"]["status"];
    if (*story.status != '\0' && status != story.status) {
      blame(Score::wrong, "status, not " + std::string(story.status));
    }
    if (exit_status != story.exit_status.value_or(exit_status)) {
      blame(Score::wrong, "exit status " + std::to_string(exit_status));
    }
  }
  /// The log names only processes that were killed.
  void compare_victims(bool main_killed) {
    for (const Json& victim : record_["evidence"]["victims"]) {
      const bool is_main = victim["pid"] == record_["processes"][0]["pid"];
      if (is_main && !main_killed) blame(Score::wrong, "victims");
    }
  }
  Score score() const { return score_; }

 private:
  void blame(Score score, const std::string& what) {
    if (score_ != Score::wrong) score_ = score;
    ADD_FAILURE() << (score == Score::wrong ? "false: " : "weak: ") << what
                  << "\n"
                  << test_support::reason_in(record_) << "\n"
                  << record_["verdict"].dump() << "\n"
                  << record_["evidence"].dump();
  }

  const Json& record_;
  Score score_ = Score::right;
};

class Truth : public cli_test::RunTest,
              public testing::WithParamInterface<std::size_t> {
 protected:
  void TearDown() override {
    thaw();
    other_.reset();
    elsewhere_.reset();
    RunTest::TearDown();
  }

  /// Skips where this host cannot create the situation.
  void require(const Situation& situation) const {
    const std::string missing = missing_for(situation);
    if (!missing.empty()) GTEST_SKIP() << missing;
  }

  Json play(const Situation& situation) {
    for (int i = 0;; ++i) {
      prepare_log(situation);
      std::optional<Subprocess> flood;
      if (situation.log == Log::flooded) flood.emplace(start_flood());
      Json record = record_of_run(situation);
      if (flood) flood->signal(SIGKILL);
      if (is_made(situation, record) || i == most_tries) return record;
      std::this_thread::sleep_for(log_interval);
    }
  }

  /// Whether the log was in the required state, as far as its records show, and
  /// readings were in time.
  static bool is_made(const Situation& situation, const Json& record) {
    const Json& evidence = record["evidence"];
    // On a busy machine readings are late, which makes a verdict weaker.
    const bool makes_cgroups =
        needs(situation, "SUB") || needs(situation, "$CGLAB ");
    // They are also late while it tries to kill a process that is held.
    const bool is_late = makes_cgroups || situation.story.finds.count("held") ||
                         situation.story.finds.count("cgroup_removed");
    if (evidence["ledger"]["incomplete"].get<bool>() && !is_late) {
      return false;
    }
    // While the hog of an inner run exits, the kernel may choose that run too.
    const bool is_second_victim = needs(situation, "exec $CGLAB oom") &&
                                  record["processes"][0]["signal"] == SIGKILL;
    if (is_second_victim) return false;
    if (situation.log == Log::flooded) {
      return !evidence["kernel_log_complete"].get<bool>();
    }
    if (!situation.story.any_killed || situation.log == Log::unreadable) {
      return true;
    }
    const Json& victims = evidence["victims"];
    const bool has_cgroup = std::any_of(
        victims.begin(), victims.end(),
        [](const Json& victim) { return !victim["constraint"].is_null(); });
    return has_cgroup != (situation.log == Log::rate_limited);
  }

  const test_support::Ending& ending() const { return ending_; }

 private:
  std::string missing_for(const Situation& situation) const {
    const Story& story = situation.story;
    const auto& only = story.only;
    if (only.value_or(version()) != version()) {
      return std::string("cgroup ").append(to_string(*only));
    }
    if (needs(situation, "$SHM")) {
      std::string missing = cli_test::missing_for_own_mounts();
      if (!missing.empty()) return missing;
    }
    if (needs(situation, "$FREEZER") && !freezer()) {
      return "the freezer of cgroup v1";
    }
    if (needs(situation, "oom_score_adj") && !may_protect()) {
      return "the right to lower oom_score_adj";
    }
    if (story.by_user) {
      std::string missing = cli_test::missing_for_user(user_id);
      if (!missing.empty()) return missing;
    }
    if (needs(situation, "$SETUID") && !runs_setuid(record_.path_of(""))) {
      return "a file system with setuid programs";
    }
    if (needs(situation, "$TRACED") && !test_support::may_trace()) {
      return "the right to trace";
    }
    const auto& options = story.options;
    const bool limits_pids =
        std::find(options.begin(), options.end(), "--pids") != options.end();
    if (limits_pids && !has_pids()) return "a pids controller";
    if (needs(situation, "$DISK") && !is_on_disk(disk_.path_of(""))) {
      return "a file system on a disk";
    }
    switch (situation.log) {
      case Log::unreadable:
        return cli_test::missing_for_losing_kernel_log();
      case Log::flooded:
        // This test must not fill the log of the host.
        return is_disposable_vm() ? "" : "a disposable VM";
      case Log::forged:
      case Log::other_namespace: {
        std::string missing = cli_test::missing_for_container();
        if (!missing.empty()) return missing;
        break;
      }
      default:
        break;
    }
    const lab::KernelLog log;
    return log.readable() ? "" : "kernel log: " + log.absent_because();
  }

  static bool needs(const Situation& situation, const std::string& variable) {
    const std::string script = situation.story.script;
    return script.find(variable) != std::string::npos;
  }

  /// As scripts/vm boots it.
  static bool is_disposable_vm() {
    const auto words = cgroupfs::try_read_file("/proc/cmdline");
    return words && words->find("tsc=reliable no_timer_check") != words->npos &&
           ::getuid() == 0;
  }

  static bool is_on_disk(const std::string& path) {
    struct statfs status {};
    return ::statfs(path.c_str(), &status) == 0 &&
           status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC &&
           status.f_type != OVERLAYFS_SUPER_MAGIC;
  }

  void prepare_log(const Situation& situation) {
    if (situation.log == Log::rate_limited) {
      use_up_log();
    } else if (needs_log(situation)) {
      kill_times().make_room_for(most_kills);
    }
  }

  /// Causes as many kills as the kernel logs with their cgroups.
  void use_up_log() {
    if (kill_times().count() > logged_kills) return;
    test_support::MemoryGroup tiny = make_limited(test_support::mib(1));
    ProcessSpec spec;
    spec.program = program_path();
    spec.arguments = {"actor", "clone"};
    spec.prepare = [&] { tiny.group.add(0); };
    for (std::size_t i = 0; i <= logged_kills; ++i) {
      test_support::run_process(spec);
      kill_times().note();
    }
  }

  static Subprocess start_flood() {
    ProcessSpec spec;
    spec.program = program_path();
    spec.arguments = {"actor", "flood"};
    // By default the kernel rate-limits what programs write there.
    spec.prepare = [] {
      cgroupfs::Directory::open("/proc/sys/kernel")
          .write("printk_devkmsg", "on\n");
    };
    return Subprocess::start(spec);
  }

  Json record_of_run(const Situation& situation) {
    const Story& story = situation.story;
    const bool v1 = version() == Version::v1;
    const std::string file = record_.path_of("record.json");
    const std::string limit_file = v1 ? "memory.limit_in_bytes" : "memory.max";
    Words options{"--env", "--json", file, "--limit",
                  story.by_parent ? "256M" : "16M"};
    options.insert(options.end(), story.options.begin(), story.options.end());
    const bool is_filtered = situation.log == Log::filtered;
    std::string script = story.script;
    if (situation.log == Log::forged) {
      script = "$ACTOR forge $$; " + script;
    }
    if (situation.log == Log::flooded) {
      script = "$ACTOR flood_once; " + script;
    }
    ProcessSpec spec = run_spec(
        options, {"sh", "-c", "export SUB=$CGLAB_CGROUP/inside; " + script});
    const std::vector<std::pair<std::string, std::string>> variables{
        // Without kcmp(2) a reading after exec shows that it is not the shell.
        {"HOG", cli_test::hog("64M", is_filtered ? "400ms" : "0")},
        {"ACTOR", program_path() + " actor"},
        {"CGLAB", cli_test::cglab_path()},
        {"MAKE_SUB", make_sub(v1)},
        {"MAX", limit_file},
        {"MEMSW", memsw},
        {"NO_LIMIT", v1 ? "-1" : "max"},
        {"ELSEWHERE", needs(situation, "$ELSEWHERE") ? elsewhere() : ""},
        {"STRANGER", needs(situation, "$STRANGER") ? start_stranger() : ""},
        {"FREEZER", needs(situation, "$FREEZER") ? make_freezer() : ""},
        {"SETUID", needs(situation, "$SETUID") ? make_setuid_actor() : ""},
        {"TRACED", needs(situation, "$TRACED") ? start_tracer() : ""},
        {"OTHER", needs(situation, "$OTHER") ? other() : ""},
        {"SHM", shm_.path_of("")},
        {"DISK", disk_.path_of("")}};
    for (const auto& [name, value] : variables) {
      spec.environment.emplace_back(name, value);
    }
    spec.prepare = prepare_of(situation);
    if (story.by_user) give_to_user(spec);
    if (story.by_parent) limit_nest(limit_file);
    if (version() == Version::v2 && has_pids()) enable_pids();
    ending_ = test_support::run_process(spec);
    if (story.by_parent) free_nest(limit_file);
    end_helpers();
    take_from_user();
    const auto text = cgroupfs::try_read_file(file);
    if (!text) throw std::runtime_error("no record: " + ending_.err);
    Json record = cli_test::parse_record(*text);
    cli_test::check_command_record(record);
    const std::size_t kills = record["evidence"]["victims"].size();
    for (std::size_t i = 0; i < std::max<std::size_t>(kills, 1); ++i) {
      if (story.any_killed) kill_times().note();
    }
    return record;
  }

  /// A cgroup with a limit, next to the run's.
  const std::string& other() {
    if (!other_) {
      other_.emplace(make_limited(test_support::mib(8)));
      if (other_->memory.has(cgroupfs::File::memory_memsw_max)) {
        other_->memory.set(cgroupfs::File::memory_memsw_max,
                           test_support::mib(8).count);
      }
    }
    return other_->group.path();
  }

  /// One without a limit.
  const std::string& elsewhere() {
    if (!elsewhere_) elsewhere_.emplace(make_memory());
    return elsewhere_->group.path();
  }

  /// Before the run by more than a tick of its start time.
  std::string start_stranger() {
    ProcessSpec spec;
    spec.program = "sh";
    spec.arguments = {"-c", "kill -STOP $$; exec " + cli_test::hog("64M")};
    helpers_.push_back(Subprocess::start(spec));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return std::to_string(helpers_.back().pid());
  }

  std::string start_tracer() {
    std::string file = record_.path_of("traced");
    std::ofstream(file).close();
    ProcessSpec spec;
    spec.program = program_path();
    spec.arguments = {"actor", "trace", file};
    helpers_.push_back(Subprocess::start(spec));
    return file;
  }

  void end_helpers() {
    for (Subprocess& helper : helpers_) {
      helper.signal(SIGKILL);
      helper.wait();
    }
    helpers_.clear();
    thaw();
  }

  static bool runs_setuid(const std::string& folder) {
    struct statvfs status {};
    return ::statvfs(folder.c_str(), &status) == 0 &&
           (status.f_flag & ST_NOSUID) == 0;
  }
  /// A copy of this program with the right to become root.
  std::string make_setuid_actor() const {
    namespace fs = std::filesystem;
    const std::string file = record_.path_of("setuid_actor");
    fs::copy_file(program_path(), file, fs::copy_options::overwrite_existing);
    fs::permissions(file, fs::perms(04755));
    return file + " actor root";
  }

  /// An ordinary user makes the run, in a cgroup that the user owns. On v2
  /// cglab must be in it, to move processes within it.
  void give_to_user(ProcessSpec& spec) {
    user_.emplace(
        cgroupfs::Cgroup::create(nest().directory(), "user", version()));
    user_->enable_for_children("memory");
    shell_.emplace(
        cgroupfs::Cgroup::create(user_->directory(), "shell", version()));
    for (const char* const file :
         {"", "cgroup.procs", "tasks", "cgroup.subtree_control"}) {
      const std::string path = user_->directory().path_of(file);
      const bool is_there = std::filesystem::exists(path);
      if (is_there && ::chown(path.c_str(), user_id, user_id) != 0) {
        throw std::system_error(errno, std::generic_category(), path);
      }
    }
    std::filesystem::permissions(record_.path(), std::filesystem::perms(0777));
    std::replace(spec.arguments.begin(), spec.arguments.end(), nest().path(),
                 user_->path());
    spec.prepare = [prepare = spec.prepare, path = user_->path(),
                    version = version()] {
      prepare();
      cgroupfs::Cgroup::open(path + "/shell", version).add(0);
      cli_test::become_user(user_id);
    };
  }
  void take_from_user() {
    if (!user_) return;
    shell_.reset();
    user_->kill();
    user_->remove();
    user_.reset();
  }

  static std::optional<cgroupfs::Hierarchy> freezer() {
    return cgroupfs::find_controller("freezer").v1;
  }
  std::string make_freezer() {
    const auto hierarchy = freezer();
    const auto above = cgroupfs::Directory::open(
        hierarchy->own_directory().value_or(hierarchy->mount_point));
    const std::string name =
        std::filesystem::path(nest().path()).filename().string();
    frozen_.emplace(cgroupfs::Cgroup::create(above, name, Version::v1));
    return frozen_->path();
  }
  /// Also removes cgroups that could not be removed while frozen.
  void thaw() {
    if (!frozen_) return;
    frozen_->directory().write("freezer.state", "THAWED\n");
    frozen_.reset();
    for (const std::string& name : in_nest()) {
      cgroupfs::Cgroup::adopt(nest().directory(), name, version());
    }
  }

  static bool may_protect() {
    return cli_test::succeeds_in_child([] {
      std::ofstream file("/proc/self/oom_score_adj");
      return static_cast<bool>(file << "-1000" << std::flush);
    });
  }
  bool has_pids() const {
    const auto search = cgroupfs::find_controller("pids");
    return version() == Version::v2 ? search.v2.has_value()
                                    : search.v1 || search.v2;
  }

  /// On v2 only a cgroup without processes enables a controller for others.
  static std::string make_sub(bool v1) {
    const std::string make = "mkdir $SUB; echo 8M > $SUB/$MAX";
    // With swap it could grow to the limit of the run.
    if (v1) {
      return make + "; [ ! -e $SUB/$MEMSW ] || echo 8M > $SUB/$MEMSW";
    }
    return "mkdir $CGLAB_CGROUP/leaf; echo 0 > "
           "$CGLAB_CGROUP/leaf/cgroup.procs; "
           "echo +memory > $CGLAB_CGROUP/cgroup.subtree_control; " +
           make;
  }

  /// It cannot swap.
  void limit_nest(const std::string& file) const {
    nest().directory().write(file, "16M");
    if (has_memsw()) nest().directory().write(memsw, "16M");
    if (version() == Version::v2) {
      nest().directory().write("memory.swap.max", "0");
    }
  }
  void free_nest(const std::string& file) const {
    if (has_memsw()) nest().directory().write(memsw, "-1");
    nest().directory().write(file, version() == Version::v1 ? "-1" : "max");
  }
  bool has_memsw() const {
    return nest().directory().try_read(memsw).has_value();
  }

  std::function<void()> prepare_of(const Situation& situation) const {
    const bool needs_shm = needs(situation, "$SHM");
    return [this, log = situation.log, needs_shm] {
      if (log == Log::other_namespace) cli_test::enter_pid_namespace();
      if (log == Log::forged || needs_shm) cli_test::leave_mounts();
      if (needs_shm) cli_test::hide(shm_.path_of(""));
      if (log == Log::unreadable) cli_test::lose_kernel_log();
      if (log == Log::filtered) cli_test::forbid_process_calls();
    };
  }

  TempFolder record_;
  TempFolder disk_;
  TempFolder shm_;
  std::optional<test_support::MemoryGroup> other_;
  std::optional<test_support::MemoryGroup> elsewhere_;
  std::optional<cgroupfs::Cgroup> frozen_;
  std::optional<cgroupfs::Cgroup> user_;
  std::optional<cgroupfs::Cgroup> shell_;
  std::deque<Subprocess> helpers_;
  test_support::Ending ending_;
};

const std::vector<Situation>& all_situations() {
  static const std::vector<Situation> found = situations();
  return found;
}

TEST_P(Truth, IsStated) {
  const Situation situation = all_situations().at(GetParam());
  require(situation);
  if (IsSkipped()) return;
  const Json record = play(situation);
  ASSERT_TRUE(is_made(situation, record))
      << "the log was not " << name_of(situation.log)
      << ", readings came late, or there was a second victim\n"
      << record["evidence"].dump();
  const Statements said = statements_of(record);
  const Story& story = situation.story;
  const Unknown unknown = unknown_in(situation, version());
  Judgement judgement(record);
  judgement.compare("oom_kill of the main process", said.main_killed,
                    story.main_killed, unknown.main);
  judgement.compare("oom_kill", said.any_killed, story.any_killed,
                    unknown.inside);
  judgement.compare_owner(said.owner, story.owner, unknown.owner);
  judgement.compare_victims(story.main_killed);
  judgement.compare_findings(story);
  judgement.compare_end(story, ending().status);
  note_score(judgement.score());
}

INSTANTIATE_TEST_SUITE_P(Situations, Truth,
                         testing::Range(std::size_t{0},
                                        all_situations().size()),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           return name_of(all_situations().at(info.param));
                         });

}  // namespace
}  // namespace truth_test
