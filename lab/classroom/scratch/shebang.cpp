// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/shebang.h"

#include <algorithm>
#include <vector>

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

/// What env's option -S splits into words, also written -vS or
/// --split-string=; nullopt: the argument has no such option.
std::optional<std::string_view> split_string_of(std::string_view argument) {
  constexpr std::string_view long_option = "--split-string=";
  if (argument.starts_with(long_option)) {
    return argument.substr(long_option.size());
  }
  const std::size_t at = argument.find_first_not_of("iv0", 1);
  const bool splits =
      argument.starts_with('-') && at != argument.npos && argument[at] == 'S';
  if (!splits) return std::nullopt;
  return argument.substr(at + 1);
}

/// The first word that is neither an option of env, nor the value of one, nor
/// a variable; empty: there is none.
std::string program_among(const std::vector<std::string_view>& words) {
  bool is_value = false;
  for (std::string_view word : words) {
    const bool is_option = word.starts_with('-');
    if (!is_value && !is_option && word.find('=') == word.npos) {
      const bool is_quoted = word.size() > 2 && word.front() == word.back() &&
                             (word.front() == '"' || word.front() == '\'');
      if (is_quoted) word = word.substr(1, word.size() - 2);
      return std::string(word);
    }
    is_value = !is_value && (word == "-u" || word == "-C");
  }
  return "";
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
  const std::optional<std::string_view> words = split_string_of(argument);
  // Without -S, env gets one word: "python3 -u" is the name of a program.
  if (words) return program_among(cgroupfs::split_words(*words));
  return program_among({argument});
}

}  // namespace lab
