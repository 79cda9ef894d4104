// SPDX-License-Identifier: MIT
#include "lab/place/owner.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"

namespace lab {
namespace {

const Owner somebody{4242, 987654321, "0a1b2c3d"};

/// Process `pid` as an owner. Its name contains no spaces here.
Owner owner_with_pid(pid_t pid) {
  Owner owner = this_process();
  owner.pid = pid;
  const std::string text =
      cgroupfs::read_file("/proc/" + std::to_string(pid) + "/stat");
  owner.start_time = cgroupfs::parse_u64(cgroupfs::split_words(text).at(21));
  return owner;
}

/// A child process that waits until it is killed.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    while (pid_ == 0) ::pause();
  }
  ~Child() {
    kill();
    reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// Returns when it is a zombie.
  void kill() const {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void reap() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

TEST(GroupName, names_what_and_owner) {
  EXPECT_EQ(group_name("oom", somebody), "cglab.oom.4242-987654321-0a1b2c3d");
}

TEST(OwnerOf, reads_back_what_group_name_wrote) {
  for (std::string_view what : {"oom", "a", "oom-2", "0", "x-y-z"}) {
    EXPECT_EQ(owner_of(group_name(what, somebody)), somebody) << what;
  }
  const Owner largest{2147483647, 18446744073709551615u, "ffffffff"};
  EXPECT_EQ(owner_of(group_name("oom", largest)), largest);
  EXPECT_EQ(owner_of(group_name("oom", this_process())), this_process());
}

TEST(OwnerOf, finds_no_owner_of_a_kept_group) {
  const std::string kept = kept_group_name("oom", somebody);
  EXPECT_TRUE(std::string_view(kept).starts_with("cglab.oom."));
  EXPECT_NE(kept, group_name("oom", somebody));
  EXPECT_EQ(owner_of(kept), std::nullopt);
}

TEST(IsKept, recognises_only_kept_groups) {
  EXPECT_TRUE(is_kept(kept_group_name("oom", somebody)));
  EXPECT_TRUE(is_kept(kept_group_name("kept-oom", somebody)));
  for (const std::string& name :
       {group_name("oom", somebody), group_name("kept-oom", somebody),
        std::string("cglab.oom.kept-"), std::string("kept-1-2-0a1b2c3d"),
        std::string("x") += kept_group_name("oom", somebody),
        kept_group_name("oom", somebody) + ".old"}) {
    EXPECT_FALSE(is_kept(name)) << name;
  }
}

TEST(OwnerOf, finds_no_owner_in_any_other_name) {
  for (std::string_view name : {"",
                                "cglab",
                                "cglab.",
                                "cglab..",
                                "cglab.oom",
                                "cglab.oom.",
                                "cglab.oom.byhand",
                                "cglab.test.4242-1",
                                "system.slice",
                                "cglab..4242-987654321-0a1b2c3d",
                                "cglab.Oom.4242-987654321-0a1b2c3d",
                                "cglab.a b.4242-987654321-0a1b2c3d",
                                "cglab.oom.4242-987654321",
                                "cglab.oom.4242-987654321-",
                                "cglab.oom.4242-987654321-0a1b2c3",
                                "cglab.oom.4242-987654321-0a1b2c3de",
                                "cglab.oom.4242-987654321-0A1B2C3D",
                                "cglab.oom.4242-987654321-0a1b2c3g",
                                "cglab.oom.0-987654321-0a1b2c3d",
                                "cglab.oom.-1-987654321-0a1b2c3d",
                                "cglab.oom.+1-987654321-0a1b2c3d",
                                "cglab.oom.4242--0a1b2c3d",
                                "cglab.oom.-987654321-0a1b2c3d",
                                "cglab.oom.2147483648-987654321-0a1b2c3d",
                                "cglab.oom.4242-18446744073709551616-0a1b2c3d",
                                "cglab.oom. 4242-987654321-0a1b2c3d",
                                "cglab.oom.4242-987654321-0a1b2c3d ",
                                "cglab.oom.4242-987654321-0a1b2c3d.more",
                                "xcglab.oom.4242-987654321-0a1b2c3d",
                                "CGLAB.oom.4242-987654321-0a1b2c3d"}) {
    EXPECT_EQ(owner_of(name), std::nullopt) << name;
  }
}

TEST(ThisProcess, is_this_process_on_this_boot) {
  const Owner self = this_process();
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_GT(self.start_time, 0u);
  EXPECT_EQ(
      self.boot_id,
      cgroupfs::read_file("/proc/sys/kernel/random/boot_id").substr(0, 8));
  EXPECT_EQ(this_process(), self);
}

TEST(IsAlive, recognises_this_process) {
  EXPECT_TRUE(is_alive(this_process()));
}

TEST(IsAlive, treats_another_start_time_as_a_reused_pid) {
  Owner before = this_process();
  --before.start_time;
  EXPECT_FALSE(is_alive(before));
}

TEST(IsAlive, is_false_for_another_boot) {
  Owner before = this_process();
  before.boot_id[0] = before.boot_id[0] == '0' ? '1' : '0';
  EXPECT_FALSE(is_alive(before));
}

TEST(IsAlive, is_true_for_a_child_until_it_ends) {
  Child child;
  const Owner owner = owner_with_pid(child.pid());
  EXPECT_TRUE(is_alive(owner));
  child.kill();
  EXPECT_FALSE(is_alive(owner)) << "a zombie";
  child.reap();
  EXPECT_FALSE(is_alive(owner)) << "reaped";
}

}  // namespace
}  // namespace lab
