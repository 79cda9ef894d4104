// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cgroupfs/error.h"
#include "lab/inspect/cgroup_state.h"
#include "lab/inspect/inspect.h"
#include "lab/inspect/proc_text.h"

namespace lab {
namespace {

using cgroupfs::ParseError;

constexpr char status_text[] =
    "Name:\tmy prog\n"
    "State:\tS (sleeping)\n"
    "Tgid:\t4242\n"
    "Pid:\t4243\n"
    "PPid:\t1\n"
    "Uid:\t1000\t1001\t1000\t1000\n"
    "Gid:\t100\t101\t100\t100\n"
    "NSpid:\t4243\t12\t1\n"
    "VmRSS:\t    1024 kB\n"
    "RssAnon:\t     512 kB\n"
    "RssFile:\t     500 kB\n"
    "RssShmem:\t      12 kB\n"
    "VmSwap:\t       0 kB\n"
    "Threads:\t3\n"
    "CapEff:\t00000000a80425fb\n"
    "NoNewPrivs:\t1\n"
    "Seccomp:\t2\n"
    "Seccomp_filters:\t1\n"
    "Unknown:\tx\n";

TEST(StatusText, has_all_values) {
  const ProcStatusText status = parse_status_text(status_text);
  EXPECT_EQ(status.name, "my prog");
  EXPECT_EQ(status.state, "S (sleeping)");
  EXPECT_EQ(status.process, 4242);
  EXPECT_EQ(status.pid, 4243);
  EXPECT_EQ(status.parent, 1);
  EXPECT_EQ(status.uid, 1001u);
  EXPECT_EQ(status.gid, 101u);
  EXPECT_EQ(status.pids, (std::vector<pid_t>{4243, 12, 1}));
  EXPECT_EQ(status.rss, Bytes{mebi});
  EXPECT_EQ(status.anon, Bytes{512 * kibi});
  EXPECT_EQ(status.swap, Bytes{0});
  EXPECT_EQ(status.threads, 3u);
  EXPECT_EQ(status.capabilities, 0xa80425fbu);
  EXPECT_EQ(status.no_new_privs, true);
  EXPECT_EQ(status.seccomp, 2u);
  EXPECT_EQ(status.seccomp_filters, 1u);
}

/// A kernel thread has no memory, an older kernel no Seccomp_filters.
TEST(StatusText, leaves_out_what_is_absent) {
  const ProcStatusText status = parse_status_text("Name:\tkthreadd\nPid:\t2\n");
  EXPECT_EQ(status.rss, std::nullopt);
  EXPECT_EQ(status.seccomp, std::nullopt);
  EXPECT_EQ(status.capabilities, std::nullopt);
  EXPECT_TRUE(status.pids.empty());
}

TEST(StatusText, is_refused_with_damaged_values) {
  for (const char* const line :
       {"Pid:\tx", "Pid:\t99999999999", "VmRSS:\t12", "VmRSS:\t12 MB",
        "VmRSS:\t99999999999999999999 kB", "VmRSS:\t18446744073709551615 kB",
        "Uid:\t1", "CapEff:\t", "CapEff:\txyz", "NoNewPrivs:\t2",
        "NSpid:\t1 x"}) {
    EXPECT_THROW(parse_status_text(line), ParseError) << line;
  }
}

TEST(IdMap, is_parsed_and_applied) {
  const auto map = parse_id_map(
      "         0       1000          1\n"
      "         1     100000      65536\n");
  ASSERT_EQ(map.size(), 2u);
  EXPECT_EQ(map[1], (IdRange{1, 100000, 65536}));
  EXPECT_EQ(mapped_id(map, 0), 1000u);
  EXPECT_EQ(mapped_id(map, 65536), 165535u);
  EXPECT_EQ(mapped_id(map, 65537), std::nullopt);
  EXPECT_EQ(mapped_id({}, 0), std::nullopt);
  EXPECT_THROW(parse_id_map("0 1\n"), ParseError);
  EXPECT_THROW(parse_id_map("0 1 -1\n"), ParseError);
}

TEST(Capabilities, have_names) {
  EXPECT_TRUE(capability_names(0).empty());
  EXPECT_EQ(capability_names(1ull << 21 | 1),
            (std::vector<std::string>{"cap_chown", "cap_sys_admin"}));
  EXPECT_EQ(capability_names(1ull << 40 | 1ull << 63),
            (std::vector<std::string>{"cap_checkpoint_restore", "cap_63"}));
  EXPECT_EQ(all_capabilities(0), 1u);
  EXPECT_EQ(all_capabilities(40), 0x1ffffffffffu);
  EXPECT_EQ(all_capabilities(63), UINT64_MAX);
  EXPECT_EQ(all_capabilities(64), UINT64_MAX);
}

TEST(RootFileSystem, is_the_last_mount_on_the_root) {
  const auto root = root_file_system(
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "2 1 0:5 / /proc rw - proc proc rw\n"
      "3 1 0:30 / / ro,relatime - overlay overlay "
      "rw,lowerdir=/a:/b\\134:c:/d,upperdir=/u\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(*root, (RootFileSystem{"overlay", "overlay", true, 3}));
  EXPECT_EQ(root_file_system("1 0 8:1 / / rw - overlay o "
                             "rw,lowerdir+=/a,lowerdir+=/b\n")
                ->lower_directories,
            2u);
  EXPECT_EQ(*root_file_system("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"),
            (RootFileSystem{"ext4", "/dev/sda1", false, 0}));
  EXPECT_EQ(root_file_system("2 1 0:5 / /proc rw - proc proc rw\n"),
            std::nullopt);
  EXPECT_THROW(root_file_system("damaged\n"), ParseError);
}

TEST(BootTime, is_a_line_of_many) {
  EXPECT_EQ(parse_boot_time("cpu  1 2 3\nbtime 1700000000\nprocesses 5\n"),
            1700000000u);
  EXPECT_THROW(parse_boot_time("cpu  1 2 3\n"), ParseError);
  EXPECT_THROW(parse_boot_time("btime x\n"), ParseError);
}

TEST(CpuMaxText, is_a_quota_and_a_period) {
  EXPECT_EQ(parse_cpu_max("max 100000\n"), (CpuMax{std::nullopt, 100000}));
  EXPECT_EQ(parse_cpu_max("50000 100000\n"), (CpuMax{50000, 100000}));
  for (const char* const text : {"", "max", "x 100000", "1 2 3", "-1 5"}) {
    EXPECT_THROW(parse_cpu_max(text), ParseError) << text;
  }
}

PidsLevel pids_level(const std::string& path, std::uint64_t current,
                     std::optional<std::uint64_t> max) {
  PidsLevel level;
  level.path = path;
  level.current = current;
  level.max = max;
  return level;
}

TEST(BindingPids, has_the_least_headroom) {
  EXPECT_EQ(binding_pids({}), nullptr);
  EXPECT_EQ(binding_pids({pids_level("/a", 5, std::nullopt)}), nullptr);
  const std::vector<PidsLevel> levels{pids_level("/a/b", 5, std::nullopt),
                                      pids_level("/a", 10, 50),
                                      pids_level("/", 90, 100)};
  EXPECT_EQ(binding_pids(levels)->path, "/");
  EXPECT_EQ(headroom_of(levels[1]), 40u);
  EXPECT_EQ(headroom_of(pids_level("/a", 12, 10)), 0u);
}

CpuLevel cpu_level(const std::string& path, std::optional<std::uint64_t> quota,
                   std::uint64_t period) {
  CpuLevel level;
  level.path = path;
  level.quota_us = quota;
  level.period_us = period;
  return level;
}

TEST(BindingCpu, allows_the_fewest_cpus_and_not_the_least_quota) {
  EXPECT_EQ(binding_cpu({cpu_level("/a", std::nullopt, 100000)}), nullptr);
  const std::vector<CpuLevel> levels{cpu_level("/a/b", 10000, 10000),
                                     cpu_level("/a", 50000, 100000)};
  EXPECT_EQ(binding_cpu(levels)->path, "/a");
  EXPECT_DOUBLE_EQ(cpus_of(levels[1]), 0.5);
}

}  // namespace
}  // namespace lab
