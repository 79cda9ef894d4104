// SPDX-License-Identifier: MIT
#include "cgroupfs/cgroup.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::killed_by_sigkill;
using test_support::MemoryTest;
using test_support::mib;
using test_support::Worker;

class CgroupTest : public MemoryTest {
 protected:
  bool exists(const std::string& path) const {
    return Directory::try_open(path).has_value();
  }
};

std::string name_of(const Cgroup& group) {
  return group.path().substr(group.path().rfind('/') + 1);
}

TEST_F(CgroupTest, an_existing_name_is_refused_and_not_changed) {
  const auto group = make_group();
  auto worker = Worker::start_in(group);
  try {
    Cgroup::create(parent(), name_of(group), version());
    ADD_FAILURE() << "a taken name was accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EEXIST);
    EXPECT_EQ(error.path(), group.path());
  }
  EXPECT_EQ(group.processes(), std::vector<pid_t>{worker.pid()});
  EXPECT_EQ(worker.touch(mib(1)), Worker::Answer::done);
}

TEST_F(CgroupTest, lists_its_processes) {
  const auto group = make_group();
  EXPECT_EQ(group.processes(), std::vector<pid_t>{});
  auto worker = Worker::start();
  EXPECT_EQ(group.processes(), std::vector<pid_t>{});
  group.add(worker.pid());
  EXPECT_EQ(group.processes(), std::vector<pid_t>{worker.pid()});
}

TEST_F(CgroupTest, add_of_an_unknown_process_names_it) {
  const auto group = make_group();
  auto worker = Worker::start();
  const auto pid = worker.pid();
  worker.order_exit(0);
  worker.reap();
  try {
    group.add(pid);
    ADD_FAILURE() << "a process that is gone was added";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), ESRCH);
    EXPECT_EQ(error.value(), std::to_string(pid));
  }
}

TEST_F(CgroupTest, is_populated_by_a_process_in_it_or_a_descendant) {
  const auto above = make_group();
  const auto below = make_below(above);
  EXPECT_FALSE(above.populated());
  auto worker = Worker::start_in(below.group);
  EXPECT_TRUE(above.populated());
  EXPECT_TRUE(below.group.populated());
  EXPECT_EQ(above.processes(), std::vector<pid_t>{});
  worker.kill();
  worker.reap();
  EXPECT_TRUE(test_support::wait_until([&] { return !above.populated(); }));
}

TEST_F(CgroupTest, kill_ends_only_its_own_processes_and_those_of_descendants) {
  const auto above = make_group();
  const auto below = make_below(above);
  const auto other = make_group();
  auto one = Worker::start_in(below.group);
  auto two = Worker::start_in(below.group);
  auto bystander = Worker::start_in(other);
  above.kill();
  EXPECT_FALSE(above.populated());
  EXPECT_TRUE(killed_by_sigkill(one.reap()));
  EXPECT_TRUE(killed_by_sigkill(two.reap()));
  EXPECT_EQ(bystander.touch(mib(1)), Worker::Answer::done);
}

/// During its lifetime orphans of this process' children become its own
/// children, so that it can reap them.
class Subreaper {
 public:
  Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
  ~Subreaper() {
    while (::waitpid(-1, nullptr, 0) > 0) continue;
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
};

TEST_F(CgroupTest, kill_catches_a_tree_that_keeps_forking) {
  const Subreaper subreaper;
  auto group = make_group();
  auto worker = Worker::start_in(group);
  ASSERT_EQ(worker.start_chains(8), Worker::Answer::done);
  const auto before = group.processes();
  ASSERT_TRUE(
      test_support::wait_until([&] { return group.processes() != before; }));
  group.kill();
  EXPECT_EQ(group.processes(), std::vector<pid_t>{});
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  group.remove();
  EXPECT_FALSE(exists(group.path()));
}

TEST_F(CgroupTest, kill_of_an_empty_or_removed_one_does_nothing) {
  auto group = make_group();
  EXPECT_NO_THROW(group.kill());
  group.remove();
  EXPECT_FALSE(group.populated());
  EXPECT_NO_THROW(group.kill());
}

TEST_F(CgroupTest, remove_includes_empty_descendants) {
  auto above = make_group();
  auto middle = make_below(above);
  auto below = make_below(middle.group);
  middle.group.disown();
  below.group.disown();
  above.remove();
  EXPECT_FALSE(exists(above.path()));
  EXPECT_FALSE(above.owned());
}

TEST_F(CgroupTest, remove_of_a_populated_one_is_ebusy) {
  auto group = make_group();
  auto worker = Worker::start_in(group);
  try {
    group.remove(std::chrono::milliseconds(10));
    ADD_FAILURE() << "a populated cgroup was removed";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EBUSY);
    EXPECT_EQ(error.path(), group.path());
  }
  EXPECT_TRUE(exists(group.path()));
  EXPECT_EQ(worker.touch(mib(1)), Worker::Answer::done);
}

TEST_F(CgroupTest, remove_of_a_removed_one_succeeds) {
  auto group = make_group();
  parent().remove_directory(name_of(group));
  EXPECT_NO_THROW(group.remove());
  EXPECT_FALSE(group.owned());
}

TEST_F(CgroupTest, the_destructor_kills_and_removes) {
  std::optional<Cgroup> group(make_group());
  const auto path = group->path();
  auto worker = Worker::start_in(*group);
  group.reset();
  EXPECT_FALSE(exists(path));
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
}

TEST_F(CgroupTest, assignment_removes_the_old_one) {
  auto group = make_group();
  const auto path = group.path();
  group = make_group();
  EXPECT_FALSE(exists(path));
  EXPECT_TRUE(exists(group.path()));
}

TEST_F(CgroupTest, a_disowned_one_stays_until_adopted) {
  std::string name;
  std::string path;
  {
    auto group = make_group();
    name = name_of(group);
    path = group.path();
    group.disown();
  }
  EXPECT_TRUE(exists(path));
  { const auto borrowed = Cgroup::open(path, version()); }
  EXPECT_TRUE(exists(path));
  auto adopted = Cgroup::adopt(parent(), name, version());
  EXPECT_TRUE(adopted.owned());
  adopted.remove();
  EXPECT_FALSE(exists(path));
}

}  // namespace
}  // namespace cgroupfs
