// SPDX-License-Identifier: MIT
#include "cgroupfs/text.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "cgroupfs/error.h"

namespace cgroupfs {
namespace {

template <typename Number>
Number parse_number(std::string_view text, std::string_view kind) {
  std::string_view digits = text;
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  Number number = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end) throw ParseError(kind, text);
  return number;
}

std::uint64_t parse_clamped(std::string_view word) {
  if (!word.starts_with('-')) return parse_u64(word);
  parse_u64(word.substr(1));
  return 0;
}

pid_t parse_pid(std::string_view line) {
  auto pid = parse_number<pid_t>(line, "a process id");
  if (pid < 0) throw ParseError("a process id", line);
  return pid;
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view spaces = " \t\n";
  std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string_view> split_words(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> words;
  std::size_t begin = text.find_first_not_of(blanks);
  while (begin != std::string_view::npos) {
    std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(blanks, end);
  }
  return words;
}

std::uint64_t parse_u64(std::string_view text) {
  return parse_number<std::uint64_t>(text, "an unsigned 64-bit number");
}

Bytes parse_bytes(std::string_view text) {
  return Bytes{parse_number<std::uint64_t>(text, "a number of bytes")};
}

Limit parse_limit_v2(std::string_view text) {
  if (text == "max" || text == "max\n") return Limit::max();
  return Limit::of(
      Bytes{parse_number<std::uint64_t>(text, "\"max\" or a number of bytes")});
}

Limit parse_limit_v1(std::string_view text, Bytes page) {
  constexpr std::uint64_t longest = std::numeric_limits<std::int64_t>::max();
  std::uint64_t unit = std::max<std::uint64_t>(page.count, 1);
  Bytes bytes = parse_bytes(text);
  return bytes.count >= longest / unit * unit ? Limit::max() : Limit::of(bytes);
}

bool parse_flag(std::string_view text) {
  if (text == "0" || text == "0\n") return false;
  if (text == "1" || text == "1\n") return true;
  throw ParseError(R"("0" or "1")", text);
}

std::vector<pid_t> parse_pids(std::string_view text) {
  std::vector<pid_t> pids;
  for (std::string_view line : split_lines(text)) {
    pids.push_back(parse_pid(line));
  }
  return pids;
}

FlatKeyed parse_flat_keyed(std::string_view text) {
  FlatKeyed values;
  for (std::string_view line : split_lines(text)) {
    auto words = split_words(line);
    if (words.size() != 2) throw ParseError("a \"KEY NUMBER\" line", line);
    values.insert_or_assign(std::string(words[0]), parse_clamped(words[1]));
  }
  return values;
}

std::optional<std::uint64_t> find(const FlatKeyed& values,
                                  std::string_view key) {
  auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

}  // namespace cgroupfs
