// SPDX-License-Identifier: MIT
#include "cgroupfs/mountinfo.h"

#include <algorithm>

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

// Takes the text up to `separator` off the front of `rest`.
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

Mount parse_mount(std::string_view line) {
  constexpr std::string_view separator = " - ";
  std::size_t middle = line.find(separator);
  if (middle == std::string_view::npos) {
    throw ParseError("a mountinfo line with \" - \"", line);
  }
  auto fields = split_words(line.substr(0, middle));
  // An empty source leaves two spaces in a row, and on WSL the super options
  // hold bare spaces: so only the first two single spaces separate here.
  std::string_view rest = line.substr(middle + separator.size());
  std::string_view type = take(rest, ' ');
  if (fields.size() < 6 || type.empty()) {
    throw ParseError("a mountinfo line of 10 fields", line);
  }
  Mount mount;
  mount.root = unescape_octal(fields[3]);
  mount.mount_point = unescape_octal(fields[4]);
  mount.options = parse_options(fields[5]);
  mount.type = unescape_octal(type);
  mount.source = unescape_octal(take(rest, ' '));
  mount.super_options = parse_options(rest);
  return mount;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (std::string_view line : split_lines(text)) {
    mounts.push_back(parse_mount(line));
  }
  return mounts;
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
