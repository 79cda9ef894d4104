// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/os/signal_fd.h"
#include "lab/repeat/cases.h"

namespace lab {

/// The cases, how often and how many at a time they run, and where.
struct Rounds {
  std::vector<BenchCase> cases;
  std::size_t rounds = 1;  ///< runs of each case
  std::size_t jobs = 1;    ///< at a time; parallel runs disturb each other
  bool in_vm = false;      ///< each in a disposable VM (scripts/vm)
  std::string program = "/proc/self/exe";  ///< that runs a case: cglab
};

/// A run that has ended.
struct EndedRun {
  std::size_t of = 0;     ///< index of its case
  std::size_t round = 0;  ///< counted from 0
  int status = 0;         ///< exit status, 128+n after signal n
  /// The signal that requested its end (SIGTERM and the like), before it had an
  /// outcome.
  std::optional<int> interrupted_by = std::nullopt;
  std::int64_t wall_ns = 0;  ///< the whole program, from start to end
  /// JSON, which parse_record() accepts; empty: there is none.
  std::string record = {};
  std::string output = {};     ///< of a command on stdout, the end of it
  std::string complaint = {};  ///< on stderr, the end of it
};

/// Bytes of `output` and `complaint` that are kept.
inline constexpr std::size_t longest_output = 64u << 10;

/// Whether nothing was measured: there is no record, or an experiment ended
/// with an exit status above 1. That of a command is its own.
bool is_failure(const BenchCase& of, const EndedRun& run);

/// "a run of LABEL ended with exit status 3: MESSAGE".
std::string failure_text(const BenchCase& of, const EndedRun& run);

/// Each run is a process of its own, which frees its memory when it ends. The
/// cases are interleaved, so that a change in the host's speed affects all of
/// them alike. `on_end` gets every run that ends before a signal or a failure
/// ends the others. Returns the number of the signal that ended it. Throws
/// LeftBehind, which takes precedence over a signal and over any exception of
/// `on_end`, which it throws as well; cgroupfs::FileError and Unavailable where
/// no run can be started. Returns or throws only after all runs have ended:
/// after a failure, running ones get SIGTERM.
std::optional<int> run_rounds(const Rounds& plan, const SignalFd& signals,
                              const std::function<void(EndedRun&)>& on_end);

}  // namespace lab
