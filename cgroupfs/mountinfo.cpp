// SPDX-License-Identifier: MIT
#include "cgroupfs/mountinfo.h"

#include <algorithm>
#include <charconv>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace cgroupfs {
namespace {

bool is_octal(char c) noexcept {
  return c >= '0' && c <= '7';
}

bool is_escape(std::string_view text) noexcept {
  return text.size() >= 4 && text[0] == '\\' && text[1] >= '0' &&
         text[1] <= '3' && is_octal(text[2]) && is_octal(text[3]);
}

// Removes the text up to `separator` from the front of `rest`.
std::string_view take(std::string_view& rest, char separator) noexcept {
  std::size_t end = std::min(rest.find(separator), rest.size());
  std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

std::vector<std::string> parse_options(std::string_view text) {
  std::vector<std::string> options;
  while (!text.empty()) options.push_back(unescape_octal(take(text, ',')));
  return options;
}

unsigned parse_id(std::string_view word, std::string_view line) {
  unsigned id = 0;
  const char* end = word.data() + word.size();
  auto [stop, error] = std::from_chars(word.data(), end, id);
  if (error != std::errc() || stop != end) {
    throw ParseError("a mountinfo line that begins with two ids", line);
  }
  return id;
}

Mount parse_mount(std::string_view line) {
  constexpr std::string_view separator = " - ";
  std::size_t middle = line.find(separator);
  if (middle == std::string_view::npos) {
    throw ParseError("a mountinfo line with \" - \"", line);
  }
  auto fields = split_words(line.substr(0, middle));
  // An empty source leaves two spaces in a row, and on WSL the super options
  // may contain bare spaces: so only the first two spaces separate here.
  std::string_view rest = line.substr(middle + separator.size());
  std::string_view type = take(rest, ' ');
  if (fields.size() < 6 || type.empty()) {
    throw ParseError("a mountinfo line with 10 fields", line);
  }
  Mount mount;
  mount.id = parse_id(fields[0], line);
  mount.parent_id = parse_id(fields[1], line);
  mount.root = unescape_octal(fields[3]);
  mount.mount_point = unescape_octal(fields[4]);
  mount.options = parse_options(fields[5]);
  mount.type = unescape_octal(type);
  mount.source = unescape_octal(take(rest, ' '));
  mount.super_options = parse_options(rest);
  return mount;
}

bool lies_below(std::string_view path, std::string_view folder) noexcept {
  if (folder == "/") folder = {};
  return path.starts_with(folder) && path.substr(folder.size()).size() > 1 &&
         path[folder.size()] == '/';
}

bool is_covered(const Mount& mount, const std::vector<Mount>& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const Mount& other) {
    return other.parent_id == mount.id && other.id != mount.id &&
           other.mount_point == mount.mount_point;
  });
}

bool is_shadowed(const Mount& mount, const std::vector<Mount>& mounts) {
  // The root of an initramfs is its own parent, and that of its children.
  return std::any_of(mounts.begin(), mounts.end(), [&](const Mount& other) {
    return other.parent_id == mount.parent_id && other.id != mount.id &&
           other.id != mount.parent_id &&
           lies_below(mount.mount_point, other.mount_point);
  });
}

const Mount* find_parent(const Mount& mount,
                         const std::vector<Mount>& mounts) noexcept {
  for (const Mount& other : mounts) {
    if (other.id == mount.parent_id && other.id != mount.id) return &other;
  }
  return nullptr;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (std::string_view line : split_lines(text)) {
    mounts.push_back(parse_mount(line));
  }
  return mounts;
}

bool is_reachable(const Mount& mount, const std::vector<Mount>& mounts) {
  if (is_covered(mount, mounts)) return false;
  const Mount* hop = &mount;
  // Bounded, because in made-up text the parents may form a cycle.
  for (std::size_t step = 0; hop != nullptr && step < mounts.size(); ++step) {
    if (is_shadowed(*hop, mounts)) return false;
    hop = find_parent(*hop, mounts);
  }
  return true;
}

std::string unescape_octal(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::size_t length = is_escape(text) ? 4 : 1;
    plain += length == 1
                 ? text[0]
                 : static_cast<char>((text[1] - '0') * 64 +
                                     (text[2] - '0') * 8 + (text[3] - '0'));
    text.remove_prefix(length);
  }
  return plain;
}

}  // namespace cgroupfs
