// SPDX-License-Identifier: MIT
#include "tests/cli/own_world.h"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

void require(bool done) {
  if (!done) ::_exit(unprepared_status);
}

bool mount(const char* source, const std::string& target, const char* type,
           unsigned long flags) {
  return ::mount(source, target.c_str(), type, flags, nullptr) == 0;
}

bool try_leave_mounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
}

bool try_become_user(unsigned id) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 &&
         ::setresuid(id, id, id) == 0;
}

}  // namespace

void leave_mounts() {
  require(try_leave_mounts());
}

void make_read_only(const std::string& path) {
  require(mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY));
}

void hide(const std::string& path) {
  require(mount("none", path, "tmpfs", 0));
}

void replace_file(const std::string& path, const std::string& file) {
  require(mount(file.c_str(), path, nullptr, MS_BIND));
}

void become_user(unsigned id) {
  require(try_become_user(id));
}

std::string missing_for_own_mounts() {
  return succeeds_in_child(try_leave_mounts)
             ? ""
             : "mount namespaces: this process may not make one";
}

std::string missing_for_user(unsigned id) {
  const std::string name = std::to_string(id);
  if (!succeeds_in_child([id] { return try_become_user(id); })) {
    return "root: this process may not become user " + name;
  }
  const bool reachable = succeeds_in_child([id] {
    return try_become_user(id) && ::access(cglab_path().c_str(), X_OK) == 0;
  });
  return reachable ? "" : "user " + name + " may not read the build folder";
}

}  // namespace cli_test
