// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// System calls that a seccomp filter of a container or a service forbids.
struct Filter {
  const char* name;
  std::vector<long> calls;
};

const Filter filters[] = {
    {"pidfd_open", {SYS_pidfd_open}},
    {"clone3", {SYS_clone3}},
    {"clone3_and_pidfd_open", {SYS_clone3, SYS_pidfd_open}},
    {"pidfd_send_signal", {SYS_pidfd_send_signal}},
    {"all_of_them",
     {SYS_clone3, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_kcmp,
      SYS_process_mrelease}},
};

/// EPERM as an administrator's filter answers, ENOSYS as container runtimes do.
constexpr int answers[] = {EPERM, ENOSYS};

class Filtered : public CliTest {
 protected:
  static Ending run_filtered(ProcessSpec spec, const std::vector<long>& calls,
                             int answer) {
    spec.prepare = [&] { forbid_calls(calls, answer); };
    Ending ending = test_support::run_process(spec);
    EXPECT_NE(ending.status, unprepared_status) << "the test was not prepared";
    return ending;
  }

  Ending oom_filtered(const std::vector<long>& calls, int answer) const {
    return run_filtered(oom_spec({"--limit", "8M", "--ramp", "0"}), calls,
                        answer);
  }

  ProcessSpec run_spec(const Words& options, const Words& command) const {
    Words words{"run", "--parent", nest().path()};
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    return cglab_spec(words);
  }

  /// The state of one requirement as `cglab doctor` finds it.
  static Json examine(const std::vector<long>& calls, int answer,
                      const std::string& id) {
    const Ending ending =
        run_filtered(cglab_spec({"doctor", "--format", "json"}), calls, answer);
    const Json diagnosis = parse_record(ending.out);
    for (const Json& each : diagnosis.at("requirements")) {
      if (each.at("id") == id) return each;
    }
    ADD_FAILURE() << "no requirement " << id;
    return {{"state", ""}, {"found", ""}, {"fix", ""}};
  }
};

TEST_F(Filtered, OomRunsByAnotherCall) {
  for (const Filter& filter : filters) {
    for (const int answer : answers) {
      const Ending ending = oom_filtered(filter.calls, answer);
      EXPECT_EQ(ending.status, 0) << filter.name << " " << answer << "\n"
                                  << ending.err;
      EXPECT_EQ(in_nest(), Words());
    }
  }
}

TEST_F(Filtered, ACommandRunsByAnotherCall) {
  for (const Filter& filter : filters) {
    for (const int answer : answers) {
      const Ending ending = run_filtered(run_spec({}, {"sh", "-c", "exit 7"}),
                                         filter.calls, answer);
      EXPECT_EQ(ending.status, 7) << filter.name << " " << answer << "\n"
                                  << ending.err;
      EXPECT_EQ(in_nest(), Words());
    }
  }
}

/// What the command has left is killed one by one on v1.
TEST_F(Filtered, ADeadlineLeavesNoOrphan) {
  for (const Filter& filter : filters) {
    for (const int answer : answers) {
      const Ending ending = run_filtered(
          run_spec({"--timeout", "300ms"},
                   {"sh", "-c", "setsid sleep 600 & setsid sleep 600 & wait"}),
          filter.calls, answer);
      EXPECT_EQ(ending.status, 124) << filter.name << " " << answer << "\n"
                                    << ending.err;
      EXPECT_EQ(in_nest(), Words());
    }
  }
}

TEST_F(Filtered, DoctorSaysThatAFilterForbidsIt) {
  for (const int answer : answers) {
    const Json pidfd = examine({SYS_pidfd_open}, answer, "pidfd");
    EXPECT_EQ(pidfd.at("state"), "limited");
    const std::string found = pidfd.at("found");
    EXPECT_TRUE(has(found, "a seccomp filter forbids pidfd_open"));
    const std::string fix = pidfd.at("fix");
    EXPECT_TRUE(has(fix, "permit pidfd_open in the seccomp profile"));
    EXPECT_EQ(fix.find("newer"), fix.npos) << fix;
  }
}

TEST_F(Filtered, DoctorAgreesWithTheRun) {
  for (const Filter& filter : filters) {
    for (const int answer : answers) {
      const Ending ending = run_filtered(
          cglab_spec({"doctor", "--format", "json"}), filter.calls, answer);
      EXPECT_EQ(ending.status, 0) << filter.name << "\n" << ending.out;
    }
  }
}

TEST_F(Filtered, DoctorNamesTheCallThatCreatesTheChildInside) {
  if (version() == Version::v1) GTEST_SKIP() << "CLONE_INTO_CGROUP: cgroup v2";
  for (const int answer : answers) {
    const Json found = examine({SYS_clone3}, answer, "clone_into_cgroup");
    EXPECT_EQ(found.at("state"), "limited");
    EXPECT_TRUE(has(found.at("found").get<std::string>(),
                    "a seccomp filter forbids clone3"));
    EXPECT_TRUE(has(found.at("fix").get<std::string>(), "permit clone3"));
  }
}

/// No program starts another then; doctor and run say the same of it.
TEST_F(Filtered, WithoutAnyCallThatStartsAChildItIsRefused) {
  const std::vector<long> calls{SYS_clone3, SYS_clone};
  for (const int answer : answers) {
    const Ending ending = oom_filtered(calls, answer);
    EXPECT_EQ(ending.status, 77) << ending.err;
    EXPECT_TRUE(has(ending.err, "a seccomp filter forbids clone"));
    EXPECT_TRUE(has(ending.err, "What to do: permit clone"));
    EXPECT_EQ(ending.err.find("newer"), ending.err.npos) << ending.err;
    EXPECT_EQ(in_nest(), Words());
    EXPECT_EQ(examine(calls, answer, "pidfd").at("state"), "missing");
  }
}

}  // namespace
}  // namespace cli_test
