// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace malloc_demo {

/// What the command line asks for.
enum class Command { run, help, version, describe };

/// How each page is touched: `write` makes it resident and charged; `read` maps
/// the shared zero page for anonymous memory (not charged), but fills the page
/// cache for shm and file (charged); `none` only allocates.
enum class Touch { write, read, none };

/// The source of the memory: see allocator.h.
enum class MemoryKind { anon, shm, file, mlock, thp, small, populate, locked };

/// The checked command line. All sizes are bytes in whole pages.
struct Options {
  Command command = Command::run;
  std::uint64_t block = std::uint64_t{100} << 20;
  std::uint64_t count = 10;
  /// The size of all blocks together; the last one may be shorter than `block`.
  std::uint64_t total = 0;
  std::chrono::nanoseconds interval = std::chrono::minutes(1);
  /// The time in which everything is touched at an even rate; 0 is full speed.
  /// If it is set, `interval` is not used.
  std::optional<std::chrono::nanoseconds> ramp;
  Touch touch = Touch::write;
  MemoryKind memory = MemoryKind::anon;
  /// The directory of the file of MemoryKind::file; empty: $TMPDIR or /tmp.
  std::string file_dir;
  /// An existing file to be used instead of a temporary one.
  std::string file;
  std::uint64_t file_offset = 0;  ///< of the first block in `file`
  /// Processes forked before anything is allocated; they wait for a signal.
  unsigned children = 0;
  bool hold = false;
  bool quiet = false;
  std::optional<int> gate_fd;
  /// Ascending byte counts at which the hog waits at the gate again.
  std::vector<std::uint64_t> gate_at;
  std::optional<int> progress_fd;
};

/// Reads the arguments that follow the program's name and rounds sizes up to
/// `page_size`. Touches no file and no environment. Throws UsageError.
Options parse_options(std::span<const char* const> arguments,
                      std::size_t page_size);

/// The text of --help.
std::string help_text();

/// The same as JSON, for lab/app/manual/generate.py.
std::string description_json();

/// Its name on the command line.
std::string_view name_of(Touch touch) noexcept;
std::string_view name_of(MemoryKind kind) noexcept;

}  // namespace malloc_demo
