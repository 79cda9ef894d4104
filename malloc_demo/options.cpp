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
    known.append(known.empty() ? "" : ", ").append(name);
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

struct Option {
  std::string_view name;
  bool takes_value;
  void (*set)(Options&, std::string_view);
};

constexpr std::array known_options = {
    Option{"--block", true,
           [](Options& o, std::string_view v) { o.block = positive_size(v); }},
    Option{"--count", true,
           [](Options& o, std::string_view v) {
             o.count = parse_number(v, 1, max_blocks);
           }},
    Option{"--total", true,
           [](Options& o, std::string_view v) { o.total = positive_size(v); }},
    Option{"--interval", true,
           [](Options& o, std::string_view v) { o.interval = parse_time(v); }},
    Option{"--ramp", true,
           [](Options& o, std::string_view v) { o.ramp = parse_time(v); }},
    Option{"--touch", true,
           [](Options& o, std::string_view v) {
             o.touch = value_of(touch_names, v);
           }},
    Option{"--memory", true,
           [](Options& o, std::string_view v) {
             o.memory = value_of(memory_kind_names, v);
           }},
    Option{"--file-dir", true,
           [](Options& o, std::string_view v) { o.file_dir = directory(v); }},
    Option{"--file", true,
           [](Options& o, std::string_view v) { o.file = file_path(v); }},
    Option{
        "--file-offset", true,
        [](Options& o, std::string_view v) { o.file_offset = parse_size(v); }},
    Option{"--children", true,
           [](Options& o, std::string_view v) {
             o.children =
                 static_cast<unsigned>(parse_number(v, 0, most_children));
           }},
    Option{"--hold", false,
           [](Options& o, std::string_view) { o.hold = true; }},
    Option{"--quiet", false,
           [](Options& o, std::string_view) { o.quiet = true; }},
    Option{"--help", false,
           [](Options& o, std::string_view) { o.command = Command::help; }},
    Option{"--version", false,
           [](Options& o, std::string_view) { o.command = Command::version; }},
    Option{"--gate-fd", true,
           [](Options& o, std::string_view v) { o.gate_fd = descriptor(v); }},
    Option{"--gate-at", true,
           [](Options& o, std::string_view v) {
             o.gate_at.push_back(positive_size(v));
           }},
    Option{
        "--progress-fd", true,
        [](Options& o, std::string_view v) { o.progress_fd = descriptor(v); }},
};

const Option& find_option(std::string_view name) {
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
    if (!option.takes_value) {
      throw UsageError(std::string(option.name) + " takes no value");
    }
    set_option(options, option, argument.substr(equals + 1));
    return arguments.subspan(1);
  }
  if (!option.takes_value) {
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

std::string_view help_text() noexcept {
  return R"(Usage: malloc_demo [OPTION]...
Allocates memory block by block, touches every page, holds it and reports it.

  --block SIZE      size of one block (100M)
  --count N         number of blocks (10)
  --total SIZE      all blocks together, instead of --count; the last block
                    may be shorter
  --interval TIME   wait after each block (1m)
  --ramp TIME       touch everything at an even rate within TIME, instead of
                    --interval; 0: full speed
  --touch HOW       write (each page becomes resident), read (anonymous memory
                    maps the shared zero page) or none (only allocate)
  --memory KIND     anon   memory from malloc
                    shm    a shared anonymous mapping
                    file   page cache, written to an unlinked file
                    mlock  like anon, each page locked when it is touched
                    thp    transparent huge pages
                    small  like anon, never huge pages
                    populate  each block mapped and filled by one system call
                           (mmap with MAP_POPULATE)
                    locked each block filled and locked by one mlock()
  --file-dir DIR    directory of that file ($TMPDIR or /tmp)
  --file PATH       use this file or block device instead; it is kept
  --file-offset SIZE  start at this offset (0)
  --children N      first fork N processes that wait until they are killed
  --hold            keep everything at the end until a signal arrives
  --quiet           print only errors
  --help, --version

For a program that starts this one:
  --gate-fd N       before allocating wait for one byte from descriptor N
  --gate-at SIZE    wait for one more byte when SIZE is touched; may be
                    repeated, ascending
  --progress-fd N   keep the bytes touched in this memfd (progress.h)

A SIZE is like 4096, 64K, 100M or 1.5G, in powers of 1024, and is rounded up to
whole pages. A TIME is like 200ms, 3s or 1m.

Exit status: 0 done, 1 memory or a file was refused, 2 usage error, 3 the gate
was closed.
)";
}

std::string_view name_of(Touch touch) noexcept {
  return find_name(touch_names, touch);
}

std::string_view name_of(MemoryKind kind) noexcept {
  return find_name(memory_kind_names, kind);
}

}  // namespace malloc_demo
