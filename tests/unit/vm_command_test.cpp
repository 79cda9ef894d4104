// SPDX-License-Identifier: MIT
#include "lab/repeat/vm_command.h"

#include <gtest/gtest.h>

namespace {

using lab::vm_command;

TEST(VmCommand, repeats_the_arguments) {
  EXPECT_EQ(vm_command({"oom", "--limit", "100M"}),
            "scripts/vm -- cglab oom --limit 100M");
  EXPECT_EQ(vm_command({"clean"}), "scripts/vm -- cglab clean");
  EXPECT_EQ(vm_command({}), "scripts/vm -- cglab");
}

TEST(VmCommand, removes_options_that_refer_to_this_host) {
  EXPECT_EQ(vm_command({"oom", "--json", "r.json", "--parent=/g", "--quiet"}),
            "scripts/vm -- cglab oom --quiet");
  EXPECT_EQ(vm_command({"bench", "-o", "b.csv", "--output=b.md", "leak"}),
            "scripts/vm -- cglab bench leak");
}

TEST(VmCommand, keeps_the_words_of_a_command) {
  EXPECT_EQ(vm_command({"run", "--json", "r", "--", "cc", "-o", "a", "a.c"}),
            "scripts/vm -- cglab run -- cc -o a a.c");
}

TEST(VmCommand, requests_the_hierarchy) {
  EXPECT_EQ(vm_command({"oom", "--cgroup=v1"}),
            "scripts/vm --cgroup v1 -- cglab oom --cgroup=v1");
}

TEST(VmCommand, requests_enough_memory) {
  EXPECT_EQ(vm_command({"oom", "--limit", "1G"}),
            "scripts/vm --memory 2304M -- cglab oom --limit 1G");
}

/// There the hog holds its whole total before the limit is set.
TEST(VmCommand, requests_enough_memory_for_the_courses_order) {
  EXPECT_EQ(vm_command({"oom", "--order", "course", "--limit", "300M"}),
            "scripts/vm --memory 1520M -- cglab oom --order course --limit "
            "300M");
  EXPECT_EQ(vm_command({"course", "--limit", "300M"}),
            "scripts/vm --memory 1520M -- cglab course --limit 300M");
}

/// The total that its cgroups may hold.
TEST(VmCommand, requests_enough_memory_for_an_experiment_with_claims) {
  EXPECT_EQ(vm_command({"leak"}), "scripts/vm -- cglab leak");
  EXPECT_EQ(vm_command({"leak", "--limit", "300M"}),
            "scripts/vm --memory 2720M -- cglab leak --limit 300M");
}

TEST(VmCommand, puts_the_machines_own_needs_first) {
  EXPECT_EQ(vm_command({"swap", "--limit", "300M"}, " --swap 256M"),
            "scripts/vm --swap 256M --memory 2720M -- cglab swap --limit 300M");
  EXPECT_EQ(vm_command({"pause", "--cgroup", "v1"}, " --cgroup v1"),
            "scripts/vm --cgroup v1 -- cglab pause --cgroup v1");
}

TEST(VmCommand, passes_unknown_arguments_on) {
  EXPECT_EQ(vm_command({"oom", "--limit", "much"}),
            "scripts/vm -- cglab oom --limit much");
}

}  // namespace
