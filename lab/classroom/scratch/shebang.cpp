// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/shebang.h"

#include <algorithm>

#include "cgroupfs/text.h"

namespace lab {
namespace {

constexpr std::string_view script_magic = "#!";
/// What ends the path of the interpreter.
constexpr std::string_view path_ends{" \t\0", 3};

/// The text after "#!". A line that the kernel's buffer cuts must at least have
/// its interpreter's path in it.
std::optional<std::string_view> first_line(std::string_view head) {
  const bool is_cut = head.size() >= program_head_size;
  head = head.substr(0, program_head_size);
  if (!head.starts_with(script_magic)) return std::nullopt;
  head.remove_prefix(script_magic.size());
  const std::size_t end = head.find('\n');
  if (end != head.npos) return head.substr(0, end);
  const std::size_t begin = head.find_first_not_of(" \t");
  const bool has_path =
      begin != head.npos && head.find_first_of(path_ends, begin) != head.npos;
  if (is_cut && !has_path) return std::nullopt;
  return head;
}

}  // namespace

std::optional<Shebang> parse_shebang(std::string_view head) {
  std::optional<std::string_view> line = first_line(head);
  if (!line) return std::nullopt;
  Shebang shebang;
  shebang.has_carriage_return = line->ends_with('\r');
  if (shebang.has_carriage_return) line->remove_suffix(1);
  const std::string_view text = cgroupfs::trim(*line);
  const std::size_t end = std::min(text.find_first_of(path_ends), text.size());
  shebang.interpreter = text.substr(0, end);
  const std::string_view rest = text.substr(end);
  shebang.argument = cgroupfs::trim(rest.substr(0, rest.find('\0')));
  if (shebang.interpreter.empty()) return std::nullopt;
  return shebang;
}

std::string Shebang::program_of_env() const {
  const std::string_view path = interpreter;
  if (path.substr(path.rfind('/') + 1) != "env") return "";
  for (std::string_view word : cgroupfs::split_words(argument)) {
    if (word.starts_with("-S")) word.remove_prefix(2);
    const bool is_program =
        !word.empty() && word.front() != '-' && word.find('=') == word.npos;
    if (is_program) return std::string(word);
  }
  return "";
}

}  // namespace lab
