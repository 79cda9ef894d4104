// SPDX-License-Identifier: MIT
#include "lab/place/boot_option.h"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/place/advice.h"

namespace lab {
namespace {

constexpr char grub_file[] = "/etc/default/grub";
constexpr char grub_program[] = "/usr/sbin/update-grub";

bool is_there(const char* path) {
  return ::access(path, F_OK) == 0;
}

/// As on Debian and Ubuntu.
bool has_grub() {
  return is_there(grub_file) && is_there(grub_program);
}

/// The file with the command line on a Raspberry Pi, whose firmware disables
/// memory unless that file enables it.
std::optional<std::string> firmware_file() {
  for (const char* const file :
       {"/boot/firmware/cmdline.txt", "/boot/cmdline.txt"}) {
    if (is_there(file)) return file;
  }
  return std::nullopt;
}

bool is_wsl() {
  return cgroupfs::try_read_file("/proc/version")
             .value_or("")
             .find("icrosoft") != std::string::npos;
}

/// "cgroup_disable=cpu,memory" of `boot_options`, if it names `controller`.
std::string disabling_option(const std::string& controller,
                             const std::string& boot_options) {
  constexpr std::string_view name = "cgroup_disable=";
  for (const std::string_view word :
       cgroupfs::split_words(cgroupfs::trim(boot_options))) {
    if (!word.starts_with(name)) continue;
    const std::string list = fmt::format(",{},", word.substr(name.size()));
    if (list.find("," + controller + ",") != list.npos)
      return std::string(word);
  }
  return "";
}

/// Applies `edit` to the line in Debian's file.
std::string grub_cure(const std::string& edit) {
  return "change the kernel's command line and reboot:" +
         root_command(fmt::format("sed -i '{}' {}", edit, grub_file)) +
         root_command("update-grub") + root_command("reboot");
}

}  // namespace

std::string boot_option_cure(const std::string& option) {
  if (is_wsl()) {
    return fmt::format(
        "write these lines into %UserProfile%\\.wslconfig:\n"
        "  [wsl2]\n  kernelCommandLine={}\nand restart WSL from Windows:\n"
        "  wsl.exe --shutdown",
        option);
  }
  if (const auto file = firmware_file()) {
    return "change the kernel's command line and reboot:" +
           root_command(fmt::format("sed -i 's/$/ {}/' {}", option, *file)) +
           root_command("reboot");
  }
  if (has_grub()) {
    return grub_cure(fmt::format("s/^GRUB_CMDLINE_LINUX=\"/&{} /", option));
  }
  return fmt::format("boot the kernel with {} on its command line", option);
}

std::string enable_controller_cure(const std::string& controller,
                                   const std::string& boot_options) {
  const std::string disable = "cgroup_disable=" + controller;
  const std::string listed = disabling_option(controller, boot_options);
  if (firmware_file() || listed.empty()) {
    return boot_option_cure("cgroup_enable=" + controller);
  }
  if (listed != disable) {
    return fmt::format("boot the kernel without {} in its option {}",
                       controller, listed);
  }
  if (has_grub()) {
    return grub_cure(fmt::format("s/{}//", disable));
  }
  return fmt::format("boot the kernel without {} on its command line", disable);
}

}  // namespace lab
