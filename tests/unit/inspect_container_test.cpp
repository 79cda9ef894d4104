// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "lab/inspect/cgroup_state.h"
#include "lab/inspect/inspect.h"
#include "lab/inspect/subject.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

const std::string id =
    "3f4c1b7de0a94f0b8d3c6a51e2f7908b4d6e1c2a9f8b7d5e3c1a0f9e8d7c6b5a";

struct Known {
  std::string path;
  Runtime runtime;
  std::string id;
  std::string cgroup;
};

TEST(ContainerName, is_recognized_in_the_layouts_of_all_runtimes) {
  const std::string pod =
      "/kubepods.slice/kubepods-besteffort.slice/"
      "kubepods-besteffort-pod1f_2e.slice";
  const std::vector<Known> table{
      {"/docker/" + id, Runtime::docker, id, "/docker/" + id},
      {"/docker/" + id + "/init", Runtime::docker, id, "/docker/" + id},
      {"/system.slice/docker-" + id + ".scope", Runtime::docker, id,
       "/system.slice/docker-" + id + ".scope"},
      {"/machine.slice/libpod-" + id + ".scope/container", Runtime::podman, id,
       "/machine.slice/libpod-" + id + ".scope"},
      {"/libpod_parent/libpod-" + id, Runtime::podman, id,
       "/libpod_parent/libpod-" + id},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id +
           ".scope/container",
       Runtime::podman, id,
       "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id +
           ".scope"},
      {pod + "/cri-containerd-" + id + ".scope", Runtime::containerd, id,
       pod + "/cri-containerd-" + id + ".scope"},
      {"/system.slice/containerd.service/kubepods-burstable-pod1f_2e.slice:"
       "cri-containerd:" +
           id,
       Runtime::containerd, id,
       "/system.slice/containerd.service/kubepods-burstable-pod1f_2e.slice:"
       "cri-containerd:" +
           id},
      {pod + "/crio-" + id + ".scope", Runtime::crio, id,
       pod + "/crio-" + id + ".scope"},
      {"/kubepods/besteffort/pod1f-2e/" + id, Runtime::kubernetes, id,
       "/kubepods/besteffort/pod1f-2e/" + id},
      {"/actions/" + id, Runtime::unknown, id, "/actions/" + id},
      {"/machine.slice/machine-a\\x2db.scope/payload", Runtime::machine, "a-b",
       "/machine.slice/machine-a\\x2db.scope"},
      {"/lxc/web/init", Runtime::lxc, "web", "/lxc/web"},
      {"/lxc.payload.web/system.slice", Runtime::lxc, "web",
       "/lxc.payload.web"},
      {"/lxc.payload/web", Runtime::lxc, "web", "/lxc.payload/web"},
      {"/docker/" + std::string(64, 'a') + "/docker/" + id, Runtime::docker, id,
       "/docker/" + std::string(64, 'a') + "/docker/" + id},
  };
  for (const Known& each : table) {
    const auto container = names_in(each.path).container;
    ASSERT_TRUE(container) << each.path;
    EXPECT_EQ(*container, (ContainerName{each.runtime, each.id, each.cgroup}))
        << each.path;
  }
}

/// Monitors are not in their container; other names only resemble one.
TEST(ContainerName, is_not_recognized_in_others) {
  for (const std::string& path : {
           std::string("/"),
           std::string(""),
           std::string("/.."),
           std::string("/lxc"),
           std::string("/lxc.monitor.web"),
           std::string("/system.slice/docker.service"),
           std::string("/system.slice/docker-short.scope"),
           "/machine.slice/libpod-conmon-" + id + ".scope",
           "/crio-conmon-" + id + ".scope",
           "/docker/" + id.substr(1),
           "/docker/" + std::string(64, 'g'),
           "/docker-" + id + ".scopes",
       }) {
    EXPECT_FALSE(names_in(path).container) << path;
  }
}

TEST(CgroupNames, have_the_pod) {
  const std::string uid = "0b1c-22";
  EXPECT_EQ(names_in("/kubepods/burstable/pod0b1c-22/" + id).pod, uid);
  EXPECT_EQ(names_in("/kubepods.slice/kubepods-pod0b1c_22.slice").pod, uid);
  EXPECT_EQ(names_in("/kubepods.slice/kubepods-burstable.slice/"
                     "kubepods-burstable-pod0b1c_22.slice/crio-" +
                     id + ".scope")
                .pod,
            uid);
  EXPECT_EQ(names_in("/podium/web").pod, std::nullopt);
  EXPECT_EQ(names_in("/podium").pod, std::nullopt);
}

TEST(CgroupNames, have_the_innermost_unit) {
  const CgroupNames service =
      names_in("/system.slice/system-getty.slice/getty@tty1.service");
  EXPECT_EQ(service.unit, "getty@tty1.service");
  EXPECT_EQ(service.user, std::nullopt);
  const CgroupNames of_user = names_in(
      "/user.slice/user-1000.slice/user@1000.service/app.slice/"
      "app-my\\x2dapp.scope/inner");
  EXPECT_EQ(of_user.unit, "app-my-app.scope");
  EXPECT_EQ(of_user.user, "1000");
  EXPECT_EQ(names_in("/user.slice").unit, std::nullopt);
  EXPECT_EQ(names_in("/a/b").unit, std::nullopt);
}

/// The container's own scope is not worth a second line; a unit inside is.
TEST(CgroupNames, have_the_unit_inside_a_container) {
  const std::string scope = "/machine.slice/libpod-" + id + ".scope";
  EXPECT_EQ(names_in(scope).unit, std::nullopt);
  EXPECT_EQ(names_in(scope + "/system.slice/web.service").unit, "web.service");
  EXPECT_EQ(names_in("/system.slice/k3s.service/docker/" + id).unit,
            std::nullopt);
}

TEST(UnescapeUnit, keeps_what_is_no_escape) {
  EXPECT_EQ(unescape_unit("a\\x2db\\x5c"), "a-b\\");
  EXPECT_EQ(unescape_unit("a\\x2"), "a\\x2");
  EXPECT_EQ(unescape_unit("a\\xzz\\y2d"), "a\\xzz\\y2d");
}

std::vector<NamespaceState> namespaces(bool pid, bool mnt) {
  return {{"mnt", mnt ? 2u : 1u, 1u}, {"pid", pid ? 4u : 3u, 3u}};
}

CgroupPlace place(const std::string& path) {
  CgroupPlace place;
  place.path = path;
  return place;
}

TEST(ContainerFinding, claims_only_what_namespaces_support) {
  using Evidence = ContainerFinding::Evidence;
  const std::vector<CgroupPlace> docker{place("/docker/" + id)};
  const auto evidence = [&](const std::vector<NamespaceState>& each) {
    return find_container(docker, each).evidence;
  };
  EXPECT_EQ(evidence(namespaces(true, true)), Evidence::namespaces);
  EXPECT_EQ(evidence(namespaces(true, false)), Evidence::name);
  EXPECT_EQ(evidence(namespaces(false, true)), Evidence::name);
  EXPECT_EQ(evidence({}), Evidence::unknown);
  EXPECT_TRUE(find_container({place("/a")}, namespaces(true, true)).isolated);
  EXPECT_FALSE(find_container(docker, namespaces(false, true)).isolated);
}

TEST(ContainerFinding, is_that_of_the_first_hierarchy_with_a_name) {
  const auto names = find_container({place("/"), place("/docker/" + id),
                                     place("/system.slice/containerd.service")},
                                    {})
                         .names;
  ASSERT_TRUE(names.container);
  EXPECT_EQ(names.container->id, id);
  EXPECT_EQ(names.unit, std::nullopt);
  EXPECT_EQ(find_container({place("/"), place("/system.slice/a.service")}, {})
                .names.unit,
            "a.service");
}

TEST(MatchName, is_by_id_prefix_name_or_unit) {
  using Kind = Subject::Kind;
  const std::string scope = "/system.slice/docker-" + id + ".scope";
  EXPECT_EQ(match_name(scope, id), Kind::container);
  EXPECT_EQ(match_name(scope, id.substr(0, 4)), Kind::container);
  EXPECT_EQ(match_name(scope, id.substr(0, 3)), std::nullopt);
  EXPECT_EQ(match_name(scope, id.substr(1)), std::nullopt);
  EXPECT_EQ(match_name(scope + "/below", id), std::nullopt);
  EXPECT_EQ(match_name("/lxc/web", "web"), Kind::container);
  EXPECT_EQ(match_name("/lxc/web", "we"), std::nullopt);
  EXPECT_EQ(match_name("/system.slice/web.service", "web"), Kind::unit);
  EXPECT_EQ(match_name("/system.slice/web.service", "web.service"), Kind::unit);
  EXPECT_EQ(match_name("/a/my\\x2dapp.scope", "my-app"), Kind::unit);
  EXPECT_EQ(match_name("/system.slice", "system"), Kind::unit);
  EXPECT_EQ(match_name("/web", "web"), std::nullopt);
}

cgroupfs::Hierarchy folder_as_hierarchy(const std::string& folder) {
  cgroupfs::Hierarchy hierarchy;
  hierarchy.mount_point = folder;
  hierarchy.mount_root = "/";
  return hierarchy;
}

/// On v1 a service without limits is in the hierarchy of systemd alone.
TEST(NamedCgroups, are_those_of_all_hierarchies) {
  const TempFolder memory;
  const TempFolder systemd;
  memory.add_file("system.slice/web.service/cgroup.procs", "");
  systemd.add_file("system.slice/web.service/cgroup.procs", "");
  systemd.add_file("system.slice/cron.service/cgroup.procs", "");
  systemd.add_file("other/web.service/cgroup.procs", "");
  const std::vector<cgroupfs::Hierarchy> hierarchies{
      folder_as_hierarchy(memory.path()), folder_as_hierarchy(systemd.path())};
  using Kind = Subject::Kind;
  EXPECT_EQ(find_named_cgroups(hierarchies, "cron"),
            (std::vector<NamedCgroup>{
                {Kind::unit, "/system.slice/cron.service",
                 systemd.path_of("system.slice/cron.service")}}));
  EXPECT_EQ(
      find_named_cgroups(hierarchies, "web"),
      (std::vector<NamedCgroup>{{Kind::unit, "/system.slice/web.service",
                                 memory.path_of("system.slice/web.service")},
                                {Kind::unit, "/other/web.service",
                                 systemd.path_of("other/web.service")}}));
}

/// In a container the same part of each hierarchy is mounted.
TEST(NamedCgroups, have_the_path_in_their_hierarchy) {
  const TempFolder memory;
  memory.add_file("web.service/cgroup.procs", "");
  cgroupfs::Hierarchy hierarchy = folder_as_hierarchy(memory.path());
  hierarchy.mount_root = "/docker/x";
  const auto named = find_named_cgroups({hierarchy}, "web");
  ASSERT_EQ(named.size(), 1u);
  EXPECT_EQ(named.front().path, "/docker/x/web.service");
}

/// In other hierarchies the same path may be that of an unrelated cgroup.
TEST(CgroupPlaces, are_only_its_own_without_a_process_inside) {
  const TempFolder memory;
  const TempFolder pids;
  memory.add_file("a/cgroup.procs", "");
  pids.add_file("a/cgroup.procs", "");
  std::vector<cgroupfs::Mount> mounts(2);
  mounts[0] = {1, 0, "/docker/x", memory.path(), {}, "cgroup", "", {"memory"}};
  mounts[1] = {2, 0, "/docker/x", pids.path(), {}, "cgroup", "", {"pids"}};
  const CgroupPlaces found =
      places_at(memory.path_of("a"), mounts, std::nullopt);
  ASSERT_TRUE(found.own);
  EXPECT_EQ(found.own->path, "/docker/x/a");
  EXPECT_EQ(found.own->directory, memory.path_of("a"));
  EXPECT_EQ(found.member, std::nullopt);
  ASSERT_EQ(found.all.size(), 1u);
  EXPECT_EQ(found.all.front().controllers,
            (std::vector<std::string>{"memory"}));
}

TEST(RuntimeAnswer, is_a_pid_and_an_id) {
  const RuntimeAnswer answer = parse_runtime_answer("4242 " + id + "\n");
  EXPECT_EQ(answer.pid, 4242);
  EXPECT_EQ(answer.id, id);
  EXPECT_EQ(parse_runtime_answer("0 abc").pid, 0);
  for (const char* const text : {"", "4242", "x y", "99999999999 a", "1 2 3"}) {
    EXPECT_THROW(parse_runtime_answer(text), cgroupfs::ParseError) << text;
  }
}

}  // namespace
}  // namespace lab
