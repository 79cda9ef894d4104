// SPDX-License-Identifier: MIT
#include "malloc_demo/options.h"

#include <array>
#include <limits>
#include <utility>

#include "malloc_demo/units.h"

namespace malloc_demo {
namespace {

/// Each block needs some bookkeeping, which must stay small compared with the
/// blocks.
constexpr std::uint64_t max_blocks = 1'000'000;

template <typename Value>
using Name = std::pair<std::string_view, Value>;

constexpr std::array<Name<Touch>, 3> touch_names = {
    {{"write", Touch::write}, {"read", Touch::read}, {"none", Touch::none}}};

constexpr std::array<Name<MemoryKind>, 8> memory_kind_names = {
    {{"anon", MemoryKind::anon},
     {"shm", MemoryKind::shm},
     {"file", MemoryKind::file},
     {"mlock", MemoryKind::mlock},
     {"thp", MemoryKind::thp},
     {"small", MemoryKind::small},
     {"populate", MemoryKind::populate},
     {"locked", MemoryKind::locked}}};

template <typename Names>
auto value_of(const Names& names, std::string_view text) {
  std::string known;
  for (const auto& [name, value] : names) {
    if (name == text) return value;
    if (!known.empty())
      known.append(name == names.back().first ? " or " : ", ");
    known.append(name);
  }
  throw UsageError("invalid value " + quoted(text) + " (use " + known + ")");
}

template <typename Names, typename Value>
std::string_view find_name(const Names& names, Value wanted) noexcept {
  for (const auto& [name, value] : names) {
    if (value == wanted) return name;
  }
  return "";
}

std::uint64_t positive_size(std::string_view text) {
  const std::uint64_t size = parse_size(text);
  if (size == 0) {
    throw UsageError(quoted(text) + " must be more than zero");
  }
  return size;
}

int descriptor(std::string_view text) {
  constexpr auto highest = std::numeric_limits<int>::max();
  return static_cast<int>(parse_number(text, 0, highest));
}

std::string directory(std::string_view text) {
  if (text.empty()) throw UsageError("the name of a folder is empty");
  return std::string(text);
}

std::string file_path(std::string_view text) {
  if (text.empty()) throw UsageError("the name of a file is empty");
  return std::string(text);
}

/// More would be a fork storm.
constexpr std::uint64_t most_children = 1000;

/// How a shell completes the value.
enum class Completion { none, file, directory, touch, memory };

struct Option {
  std::string_view name;
  std::string_view value;  ///< its name in the help; empty: it takes none
  std::string_view help;
  Completion completion;
  void (*set)(Options&, std::string_view);
};

/// The first option for a program that starts this one.
constexpr std::string_view first_for_programs = "--gate-fd";

constexpr std::array known_options = {
    Option{"--block", "SIZE", "size of one block (100M)", Completion::none,
           [](Options& o, std::string_view v) { o.block = positive_size(v); }},
    Option{"--count", "N", "number of blocks (10)", Completion::none,
           [](Options& o, std::string_view v) {
             o.count = parse_number(v, 1, max_blocks);
           }},
    Option{"--total", "SIZE",
           "size of all blocks, instead of --count; the last block may be "
           "shorter",
           Completion::none,
           [](Options& o, std::string_view v) { o.total = positive_size(v); }},
    Option{"--interval", "TIME", "wait after each block (1m)", Completion::none,
           [](Options& o, std::string_view v) { o.interval = parse_time(v); }},
    Option{"--ramp", "TIME",
           "touch all of it at an even rate within TIME, instead of "
           "--interval; 0: full speed",
           Completion::none,
           [](Options& o, std::string_view v) { o.ramp = parse_time(v); }},
    Option{"--touch", "HOW",
           "write (each page becomes resident), read (anonymous memory maps "
           "the shared zero page) or none (only allocate)",
           Completion::touch,
           [](Options& o, std::string_view v) {
             o.touch = value_of(touch_names, v);
           }},
    Option{"--memory", "KIND",
           "anon: memory from malloc; shm: a shared anonymous mapping; file: "
           "page cache, by write() to an unlinked file; mlock: like anon, each "
           "page locked when it is touched; thp: transparent huge pages; "
           "small: like anon, never huge pages; populate: each block mapped "
           "and filled by one mmap() with MAP_POPULATE; locked: each block "
           "filled and locked by one mlock()",
           Completion::memory,
           [](Options& o, std::string_view v) {
             o.memory = value_of(memory_kind_names, v);
           }},
    Option{"--file-dir", "DIR", "directory of that file ($TMPDIR or /tmp)",
           Completion::directory,
           [](Options& o, std::string_view v) { o.file_dir = directory(v); }},
    Option{"--file", "PATH",
           "use this file or block device instead; it is not deleted",
           Completion::file,
           [](Options& o, std::string_view v) { o.file = file_path(v); }},
    Option{
        "--file-offset", "SIZE", "offset at which to start in it (0)",
        Completion::none,
        [](Options& o, std::string_view v) { o.file_offset = parse_size(v); }},
    Option{"--children", "N",
           "first fork N processes that wait until they are killed",
           Completion::none,
           [](Options& o, std::string_view v) {
             o.children =
                 static_cast<unsigned>(parse_number(v, 0, most_children));
           }},
    Option{"--hold", "", "at the end keep everything until a signal arrives",
           Completion::none,
           [](Options& o, std::string_view) { o.hold = true; }},
    Option{"--quiet", "", "print only errors", Completion::none,
           [](Options& o, std::string_view) { o.quiet = true; }},
    Option{"--help", "", "show this help", Completion::none,
           [](Options& o, std::string_view) { o.command = Command::help; }},
    Option{"--version", "", "show the version", Completion::none,
           [](Options& o, std::string_view) { o.command = Command::version; }},
    Option{"--gate-fd", "N",
           "before allocating wait for one byte from descriptor N",
           Completion::none,
           [](Options& o, std::string_view v) { o.gate_fd = descriptor(v); }},
    Option{"--gate-at", "SIZE",
           "wait for one more byte when SIZE is touched; may be repeated, "
           "ascending",
           Completion::none,
           [](Options& o, std::string_view v) {
             o.gate_at.push_back(positive_size(v));
           }},
    Option{
        "--progress-fd", "N",
        "keep the number of bytes touched in this memfd (progress.h)",
        Completion::none,
        [](Options& o, std::string_view v) { o.progress_fd = descriptor(v); }},
};

constexpr std::string_view about =
    "Allocates memory block by block, touches every page, holds it and reports "
    "it.";

constexpr std::string_view notes[] = {
    "SIZE: 4096, 64K, 100M or 1.5G, in powers of 1024, rounded up to whole "
    "pages.",
    "TIME: 200ms, 3s or 1m."};

constexpr Name<std::string_view> exit_statuses[] = {
    {"0", "done"},
    {"1", "memory or a file was refused"},
    {"2", "usage error"},
    {"3", "the gate was closed"}};

/// Appends `text` in lines of at most 60 columns; all but the first are
/// indented by `indent`.
void append_wrapped(std::string& to, std::string_view text,
                    std::size_t indent) {
  constexpr std::size_t width = 60;
  while (text.size() > width - indent) {
    const std::size_t blank = text.rfind(' ', width - indent);
    to.append(text.substr(0, blank)).append("\n").append(indent, ' ');
    text.remove_prefix(blank + 1);
  }
  to.append(text).append("\n");
}

/// A label that is too wide for its column has a line of its own.
void append_row(std::string& to, std::string label, std::string_view text,
                std::size_t column) {
  if (label.size() + 2 > column) {
    to.append(label).append("\n");
    label.clear();
  }
  label.resize(column, ' ');
  append_wrapped(to.append(label), text, column);
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + "\"";
}

template <typename Names>
std::string json_words(const Names& names) {
  std::string list;
  for (const auto& [name, value] : names) {
    list += (list.empty() ? "{\"name\": " : ", {\"name\": ") +
            json_string(name) + ", \"summary\": \"\"}";
  }
  return R"({"kind": "words", "words": [)" + list + "]}";
}

std::string json_completion(Completion completion) {
  switch (completion) {
    case Completion::touch:
      return json_words(touch_names);
    case Completion::memory:
      return json_words(memory_kind_names);
    case Completion::file:
      return R"({"kind": "file", "words": []})";
    case Completion::directory:
      return R"({"kind": "directory", "words": []})";
    case Completion::none:
      break;
  }
  return R"({"kind": "none", "words": []})";
}

std::string json_option(const Option& option) {
  return "{\"name\": " + json_string(option.name.substr(2)) +
         ", \"short\": \"\", \"value\": " + json_string(option.value) +
         ", \"help\": " + json_string(option.help) +
         ", \"completion\": " + json_completion(option.completion) + "}";
}

/// For the build, which makes the manual page and the completions from it.
constexpr Option describe_option{
    "--describe", "", "", Completion::none,
    [](Options& o, std::string_view) { o.command = Command::describe; }};

const Option& find_option(std::string_view name) {
  if (name == describe_option.name) return describe_option;
  for (const Option& option : known_options) {
    if (option.name == name) return option;
  }
  if (name.starts_with("-")) throw UsageError("unknown option " + quoted(name));
  throw UsageError("unexpected argument " + quoted(name));
}

void set_option(Options& options, const Option& option,
                std::string_view value) {
  try {
    option.set(options, value);
  } catch (const UsageError& error) {
    throw UsageError(std::string(option.name) + ": " + error.what());
  }
}

/// Applies the first argument, with the next one as its value where it needs
/// one, and returns the remaining arguments.
std::span<const char* const> apply_first(
    Options& options, std::span<const char* const> arguments) {
  const std::string_view argument = arguments[0];
  const std::size_t equals =
      argument.starts_with("--") ? argument.find('=') : argument.npos;
  const Option& option = find_option(argument.substr(0, equals));
  if (equals != argument.npos) {
    if (option.value.empty()) {
      throw UsageError(std::string(option.name) + " takes no value");
    }
    set_option(options, option, argument.substr(equals + 1));
    return arguments.subspan(1);
  }
  if (option.value.empty()) {
    set_option(options, option, "");
    return arguments.subspan(1);
  }
  if (arguments.size() < 2) {
    throw UsageError(std::string(option.name) + " needs a value");
  }
  set_option(options, option, arguments[1]);
  return arguments.subspan(2);
}

/// No object can be larger; sizes near it can be rounded up safely.
constexpr std::uint64_t max_total =
    std::numeric_limits<std::ptrdiff_t>::max() / 2;

std::uint64_t whole_pages(std::uint64_t size, std::uint64_t page_size) {
  if (size > max_total) {
    throw UsageError(format_size(size) + " is more than a process can address");
  }
  return (size + page_size - 1) / page_size * page_size;
}

void settle_total(Options& options, std::uint64_t page_size) {
  options.block = whole_pages(options.block, page_size);
  if (options.total == 0) {
    if (options.count > max_total / options.block) {
      throw UsageError("--count times --block is too large");
    }
    options.total = options.count * options.block;
    return;
  }
  options.total = whole_pages(options.total, page_size);
  options.count = (options.total + options.block - 1) / options.block;
  if (options.count > max_blocks) {
    throw UsageError("--total makes " + std::to_string(options.count) +
                     " blocks, more than " + std::to_string(max_blocks) +
                     ": use a larger --block");
  }
}

void check_gates(Options& options, std::uint64_t page_size) {
  if (!options.gate_at.empty() && !options.gate_fd) {
    throw UsageError("--gate-at needs --gate-fd");
  }
  std::uint64_t before = 0;
  for (std::uint64_t& at : options.gate_at) {
    at = whole_pages(at, page_size);
    if (at <= before) throw UsageError("--gate-at must ascend page by page");
    if (at > options.total) {
      throw UsageError("--gate-at " + std::to_string(at) +
                       " is larger than the total of " +
                       std::to_string(options.total) + " bytes");
    }
    before = at;
  }
}

}  // namespace

Options parse_options(std::span<const char* const> arguments,
                      std::size_t page_size) {
  Options options;
  while (!arguments.empty() && options.command == Command::run) {
    arguments = apply_first(options, arguments);
  }
  if (options.command != Command::run) return options;
  settle_total(options, page_size);
  check_gates(options, page_size);
  return options;
}

std::string help_text() {
  std::string text = "Usage: malloc_demo [OPTION]...\n";
  append_wrapped(text, about, 0);
  text += '\n';
  for (const Option& option : known_options) {
    if (option.name == first_for_programs) {
      text += "\nFor a program that starts this one:\n";
    }
    std::string label = "  " + std::string(option.name);
    if (!option.value.empty()) label.append(" ").append(option.value);
    append_row(text, std::move(label), option.help, 20);
  }
  text += '\n';
  for (const std::string_view note : notes) append_wrapped(text, note, 0);
  text += "\nExit status:\n";
  for (const auto& [status, meaning] : exit_statuses) {
    append_row(text, "  " + std::string(status), meaning, 8);
  }
  return text;
}

std::string description_json() {
  std::string options;
  for (const Option& option : known_options) {
    options += (options.empty() ? "" : ",\n ") + json_option(option);
  }
  std::string paragraphs;
  for (const std::string_view note : notes) {
    paragraphs += (paragraphs.empty() ? "" : ", ") + json_string(note);
  }
  std::string statuses;
  for (const auto& [status, meaning] : exit_statuses) {
    statuses += (statuses.empty() ? "[" : ", [") + json_string(status) + ", " +
                json_string(meaning) + "]";
  }
  return "{\"name\": \"malloc_demo\", \"commands\": [],\n\"options\": [" +
         options + "],\n\"notes\": [" + paragraphs +
         "],\n\"exit_statuses\": [" + statuses + "]}\n";
}

std::string_view name_of(Touch touch) noexcept {
  return find_name(touch_names, touch);
}

std::string_view name_of(MemoryKind kind) noexcept {
  return find_name(memory_kind_names, kind);
}

}  // namespace malloc_demo
