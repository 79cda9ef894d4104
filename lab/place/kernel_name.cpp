// SPDX-License-Identifier: MIT
#include "lab/place/kernel_name.h"

#include <fmt/format.h>

#include <charconv>

#include "lab/os/namespaces.h"

namespace lab {

bool is_in_cgroup(std::string_view path, std::string_view name) noexcept {
  for (std::size_t at = path.find(name); at != path.npos;
       at = path.find(name, at + 1)) {
    const std::string_view rest = path.substr(at + name.size());
    if (rest.empty() || rest.front() == '/') return true;
  }
  return false;
}

bool may_be_cut(std::string_view path) noexcept {
  constexpr std::size_t most = 950;
  return path.size() > most;
}

std::string log_escaped(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < ' ' || byte >= 127 || byte == '\\') {
      escaped += fmt::format("\\x{:02x}", byte);
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string unescaped_log_text(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    unsigned byte = 0;
    const bool is_escaped =
        text.size() >= 4 && text.starts_with("\\x") &&
        std::from_chars(text.data() + 2, text.data() + 4, byte, 16).ptr ==
            text.data() + 4;
    bytes += is_escaped ? static_cast<char>(byte) : text.front();
    text.remove_prefix(is_escaped ? 4 : 1);
  }
  return bytes;
}

std::string unescaped_path(std::string_view path) {
  constexpr std::string_view backslash = "\\x5c";
  std::string text(path);
  for (std::size_t at = text.find(backslash); at != text.npos;
       at = text.find(backslash, at + 1)) {
    text.replace(at, backslash.size(), "\\");
  }
  return text;
}

KernelName::KernelName(const std::string& path, bool whole)
    : path_(log_escaped(path)), whole_(whole) {}

KernelName KernelName::of(const std::string& path,
                          const cgroupfs::Hierarchy& hierarchy) {
  const std::string below = path.substr(hierarchy.mount_point.size());
  const std::string& root = hierarchy.mount_root;
  if (!in_initial_cgroup_namespace()) return {below, false};
  return {root == "/" ? below : root + below, true};
}

bool KernelName::is(std::string_view memcg) const noexcept {
  if (path_.empty()) return whole_ && memcg == "/";
  return whole_ ? memcg == path_ : memcg.ends_with(path_);
}

bool KernelName::holds(std::string_view memcg) const noexcept {
  if (path_.empty()) return whole_;
  if (!whole_) return is_in_cgroup(memcg, path_);
  return memcg.starts_with(path_) &&
         (memcg.size() == path_.size() || memcg[path_.size()] == '/');
}

}  // namespace lab
