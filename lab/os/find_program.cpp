// SPDX-License-Identifier: MIT
#include "lab/os/find_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "lab/base/errors.h"

namespace lab {
namespace {

std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return ::access(path.c_str(), X_OK) == 0 &&
         !std::filesystem::is_directory(path, ignored);
}

}  // namespace

std::string find_program(const std::string& name) {
  std::string variable = "CGLAB_" + name;
  for (char& letter : variable)
    letter = static_cast<char>(std::toupper(letter));
  if (const char* const path = std::getenv(variable.c_str())) return path;
  const std::filesystem::path self = own_folder();
  for (const auto& path : {self / name, self.parent_path() / name / name,
                           self.parent_path() / "libexec" / "cglab" / name}) {
    if (is_program(path)) return path;
  }
  throw RunError(fmt::format("{} is neither in {} nor in {}; set {}", name,
                             self.string(),
                             (self.parent_path() / name).string(), variable));
}

std::optional<std::string> find_on_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/bin:/bin";
  for (;;) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    // An empty one is the current directory.
    const std::string_view directory = end == 0 ? "." : rest.substr(0, end);
    std::string file = fmt::format("{}/{}", directory, name);
    if (is_program(file)) return file;
    if (end == rest.size()) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
}

std::string find_vm() {
  const std::filesystem::path above = own_folder().parent_path();
  const auto in_checkout = above.parent_path() / "scripts" / "vm";
  const auto installed = above / "libexec" / "cglab" / "scripts" / "vm";
  for (const auto& path : {in_checkout, installed}) {
    if (is_program(path)) return path;
  }
  throw Unavailable(
      fmt::format(
          "scripts/vm, which runs the disposable VM, is neither {} nor {}",
          in_checkout.string(), installed.string()),
      "run it from a checkout, or install cglab (meson install)",
      /*vm_helps=*/false);
}

std::string own_build_folder() {
  const std::filesystem::path above = own_folder().parent_path();
  return std::filesystem::exists(above / "build.ninja") ? above.string() : "";
}

}  // namespace lab
