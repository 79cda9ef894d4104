// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <sstream>
#include <string>

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cgroupfs/hierarchy.h"
#include "lab/report/text_width.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// The lines of a fix; those with commands without their two blanks.
Words lines_of(const std::string& fix, bool commands) {
  Words lines;
  std::istringstream stream(fix);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("  ") != commands) continue;
    lines.push_back(commands ? line.substr(2) : line);
  }
  return lines;
}

Words commands_of(const std::string& fix) {
  return lines_of(fix, true);
}

std::string prose_of(const std::string& fix) {
  std::string prose;
  for (const std::string& line : lines_of(fix, false)) prose += line + "\n";
  return prose;
}

class Doctor : public CliTest {
 protected:
  /// `cglab doctor --format json` in a world changed by `prepare`.
  static Ending examine(const std::function<void()>& prepare = [] {}) {
    ProcessSpec spec = cglab_spec({"doctor", "--format", "json"});
    spec.prepare = prepare;
    Ending ending = test_support::run_process(spec);
    EXPECT_NE(ending.status, unprepared_status) << "the test was not prepared";
    EXPECT_EQ(ending.err, "");
    return ending;
  }

  /// The requirement with this id.
  static Json requirement(const Ending& ending, const std::string& id) {
    const Json diagnosis = parse_record(ending.out);
    for (const Json& each : diagnosis.at("requirements")) {
      if (each.at("id") == id) return each;
    }
    ADD_FAILURE() << "no requirement " << id;
    return {{"state", ""}, {"found", ""}, {"fix", ""}};
  }
};

TEST_F(Doctor, SaysThatOomRunsIfItDoes) {
  const Ending ending = examine();
  EXPECT_EQ(ending.status, 0) << ending.out;
  EXPECT_EQ(cglab({"oom", "--limit", "8M", "--ramp", "0", "-q"}).status, 0);
  const Json diagnosis = parse_record(ending.out);
  EXPECT_EQ(diagnosis.at("schema"), "cglab.doctor/1");
  EXPECT_EQ(diagnosis.at("oom_runs"), true);
  const bool v1 = version() == Version::v1;
  EXPECT_EQ(diagnosis.at("placement").at("cgroup"), v1 ? "v1" : "v2");
  EXPECT_EQ(groups_of(ending.pid), Words());
}

TEST_F(Doctor, GivesPurposeAndStateOfEachRequirement) {
  const Json diagnosis = parse_record(examine().out);
  std::set<std::string> ids;
  for (const Json& each : diagnosis.at("requirements")) {
    ids.insert(each.at("id"));
    EXPECT_NE(each.at("purpose"), "") << each;
    EXPECT_NE(each.at("found"), "") << each;
    const std::string state = each.at("state");
    EXPECT_TRUE(std::set<std::string>({"ok", "limited", "absent"}).count(state))
        << each;
    EXPECT_TRUE(each.at("fix").is_null() ||
                !each.at("fix").get<std::string>().empty())
        << each;
  }
  EXPECT_EQ(ids, std::set<std::string>({"kernel",
                                        "hierarchies",
                                        "memory_controller",
                                        "place",
                                        "delegation",
                                        "free_memory",
                                        "resource_limits",
                                        "open_files",
                                        "overcommit",
                                        "panic_on_oom",
                                        "swap",
                                        "swap_accounting",
                                        "oom_kill_count",
                                        "oom_notification",
                                        "memory_peak",
                                        "cgroup_kill",
                                        "clone_into_cgroup",
                                        "pidfd",
                                        "kmsg",
                                        "psi",
                                        "thp",
                                        "qemu",
                                        "vm_kernel"}));
}

TEST_F(Doctor, SaysTheSameAsText) {
  const Ending ending = cglab({"doctor"});
  EXPECT_EQ(ending.status, 0) << ending.out;
  EXPECT_EQ(ending.out.find("cglab oom RUNS HERE\n"), 0u) << ending.out;
  const Json diagnosis = parse_record(examine().out);
  for (const Json& each : diagnosis.at("requirements")) {
    if (each.at("fix").is_null()) continue;
    for (const std::string& command : commands_of(each.at("fix"))) {
      EXPECT_TRUE(has(ending.out, "\n    " + command + "\n"));
    }
  }
}

TEST_F(Doctor, IsChineseToo) {
  const Ending ending = cglab({"doctor", "--lang", "zh"});
  EXPECT_EQ(ending.status, 0) << ending.out;
  EXPECT_EQ(ending.out.find("cglab oom 可以在此运行\n"), 0u) << ending.out;
  // Only reasons and cures that are errors elsewhere, names and paths are not.
  for (const char* const english :
       {"limited:", "what to do", "not needed", "it kills"}) {
    EXPECT_FALSE(has(ending.out, english));
  }
  EXPECT_EQ(cglab({"doctor", "--lang", "fr"}).status, 2);
}

TEST_F(Doctor, IsMarkdownAndAPage) {
  const Ending markdown = cglab({"doctor", "--format", "markdown"});
  EXPECT_EQ(markdown.status, 0) << markdown.err;
  EXPECT_TRUE(has(markdown.out, "RUNS HERE**")) << markdown.out;
  EXPECT_TRUE(has(markdown.out, "memory controller: "));
  const Ending page = cglab({"doctor", "--format", "html", "--lang", "zh"});
  EXPECT_EQ(page.status, 0) << page.err;
  EXPECT_TRUE(has(page.out, "<html lang=\"zh-CN\">"));
  EXPECT_TRUE(has(page.out, "可以在此运行"));
}

TEST_F(Doctor, WritesTheSameRecordInEachLanguage) {
  ProcessSpec spec = cglab_spec({"doctor", "--format", "json", "--lang", "zh"});
  const Json chinese = parse_record(test_support::run_process(spec).out);
  const Json english = parse_record(examine().out);
  for (std::size_t i = 0; i < english.at("requirements").size(); ++i) {
    EXPECT_EQ(chinese["requirements"][i]["purpose"],
              english["requirements"][i]["purpose"]);
  }
}

/// Except for commands, which are whole, for pasting.
TEST_F(Doctor, FitsANarrowTerminal) {
  ProcessSpec spec = cglab_spec({"doctor", "--color", "never"});
  spec.terminals = true;
  spec.prepare = [] {
    const winsize narrow{24, 60, 0, 0};
    ::ioctl(STDOUT_FILENO, TIOCSWINSZ, &narrow);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.out << ending.err;
  std::set<std::string> commands;
  const Json diagnosis = parse_record(examine().out);
  for (const Json& each : diagnosis.at("requirements")) {
    if (each.at("fix").is_null()) continue;
    for (const std::string& command : commands_of(each.at("fix"))) {
      commands.insert("    " + command);
    }
  }
  std::istringstream stream(ending.out);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_TRUE(lab::display_width(line) <= 60 || commands.contains(line))
        << line;
  }
}

TEST_F(Doctor, AgreesWithARunAboutOpenFiles) {
  unsigned refused = 0;
  for (rlim_t count = 30; count <= 80; count += 5) {
    const auto allow = [count] {
      const rlimit few{count, count};
      ::setrlimit(RLIMIT_NOFILE, &few);
      // cglab must not inherit descriptors of the test.
      ::close_range(3, ~0u, 0);
    };
    ProcessSpec run = cglab_spec({"oom", "--limit", "8M", "--ramp", "0", "-q"});
    ProcessSpec doctor = cglab_spec({"doctor"});
    run.prepare = doctor.prepare = allow;
    const Ending ending = test_support::run_process(run);
    EXPECT_EQ(test_support::run_process(doctor).status, ending.status)
        << count << ending.err;
    if (ending.status == 77) ++refused;
  }
  EXPECT_GT(refused, 0u);
}

/// A feature that a host lacks and does not need is not "ok".
TEST_F(Doctor, MarksRequirementsThatAreNotNeededAsAbsent) {
  const Ending ending = examine();
  const bool v1 = version() == Version::v1;
  for (const char* const id :
       {"cgroup_kill", "clone_into_cgroup", "delegation"}) {
    const Json found = requirement(ending, id);
    EXPECT_EQ(found.at("state") == "absent", v1) << found;
    EXPECT_EQ(found.at("found").get<std::string>().find("not needed") == 0, v1)
        << found;
    EXPECT_TRUE(!v1 || found.at("fix").is_null()) << found;
  }
  const Json diagnosis = parse_record(ending.out);
  for (const Json& each : diagnosis.at("requirements")) {
    const std::string found = each.at("found");
    const bool absent = each.at("state") == "absent";
    EXPECT_EQ(found.starts_with("not needed"), absent) << each;
  }
}

/// A command is on a separate line, and valid for the shell.
TEST_F(Doctor, GivesCommandsThatPasteAsTheyAre) {
  std::vector<std::function<void()>> worlds{[] {}};
  if (missing_for_user(1000).empty()) {
    worlds.emplace_back([] { become_user(1000); });
  }
  if (missing_for_own_mounts().empty()) {
    worlds.emplace_back([] {
      leave_mounts();
      hide("/sys/fs/cgroup");
      hide("/dev");
    });
  }
  for (const auto& prepare : worlds) {
    const Json diagnosis = parse_record(examine(prepare).out);
    for (const Json& each : diagnosis.at("requirements")) {
      if (each.at("fix").is_null()) continue;
      const std::string fix = each.at("fix");
      for (const std::string& command : commands_of(fix)) {
        ProcessSpec shell;
        shell.program = "sh";
        shell.arguments = {"-nc", command};
        EXPECT_EQ(test_support::run_process(shell).status, 0) << command;
      }
      // Prose contains no commands.
      for (const char* const word : {"sudo ", "mount -t", "sysctl ", "echo "}) {
        EXPECT_FALSE(has(prose_of(fix), word)) << fix;
      }
    }
  }
}

TEST_F(Doctor, ShowsAUserWithoutPermissionWhatToDo) {
  const std::string missing = missing_for_user(1000);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Ending ending = examine([] { become_user(1000); });
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(parse_record(ending.out).at("oom_runs"), false);
  EXPECT_TRUE(parse_record(ending.out).at("placement").is_null());
  const Json place = requirement(ending, "place");
  EXPECT_EQ(place.at("state"), "missing");
  EXPECT_TRUE(has(place.at("found").get<std::string>(),
                  "no permission to make a cgroup"));
  const Words commands = commands_of(place.at("fix"));
  ASSERT_FALSE(commands.empty()) << place;
  EXPECT_EQ(commands.front().find("sudo "), 0u) << place;
  EXPECT_EQ(requirement(ending, "memory_peak").at("state"), "unknown");
}

TEST_F(Doctor, FindsThatTheMachineWouldPanic) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const TempFolder folder;
  const std::string two = folder.add_file("panic_on_oom", "2\n");
  const Ending ending = examine([&] {
    leave_mounts();
    replace_file("/proc/sys/vm/panic_on_oom", two);
  });
  EXPECT_EQ(ending.status, 77);
  const Json found = requirement(ending, "panic_on_oom");
  EXPECT_EQ(found.at("state"), "missing");
  EXPECT_EQ(commands_of(found.at("fix")), Words{"sysctl vm.panic_on_oom=0"});
}

TEST_F(Doctor, FindsThatTheLogIsUnreadableButThatItRuns) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Ending ending = examine([] {
    leave_mounts();
    hide("/dev");
  });
  EXPECT_EQ(ending.status, 0) << ending.out;
  const Json found = requirement(ending, "kmsg");
  EXPECT_EQ(found.at("state"), "limited");
  EXPECT_FALSE(found.at("fix").is_null());
}

TEST_F(Doctor, FindsThatThereIsNoHierarchy) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Ending ending = examine([] {
    leave_mounts();
    hide("/sys/fs/cgroup");
  });
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(requirement(ending, "memory_controller").at("state"), "missing");
  EXPECT_EQ(requirement(ending, "kernel").at("state"), "ok");
}

TEST_F(Doctor, RefusesUnknownArguments) {
  EXPECT_EQ(cglab({"doctor", "--limit", "8M"}).status, 2);
  EXPECT_EQ(cglab({"doctor", "me"}).status, 2);
  EXPECT_EQ(cglab({"doctor", "--color", "pink"}).status, 2);
}

}  // namespace
}  // namespace cli_test
