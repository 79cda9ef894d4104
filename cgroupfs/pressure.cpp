// SPDX-License-Identifier: MIT
#include "cgroupfs/pressure.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace cgroupfs {
namespace {

/// The value after "`key`=" in a line.
std::string_view value_of(std::string_view key, std::string_view line) {
  for (const auto word : split_words(line)) {
    if (word.size() > key.size() && word.substr(0, key.size()) == key &&
        word[key.size()] == '=') {
      return word.substr(key.size() + 1);
    }
  }
  throw ParseError(fmt::format("a PSI line with {}=", key), line);
}

double parse_average(std::string_view key, std::string_view line) {
  const auto text = value_of(key, line);
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(value) ||
      value < 0) {
    throw ParseError(fmt::format("a percentage in PSI {}=", key), line);
  }
  return value;
}

std::chrono::microseconds parse_total(std::string_view line) {
  using Count = std::chrono::microseconds::rep;
  const auto value = parse_u64(value_of("total", line));
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Count>::max())) {
    throw ParseError("microseconds in PSI total=", line);
  }
  return std::chrono::microseconds(static_cast<Count>(value));
}

PressureLine parse_line(std::string_view line) {
  return {parse_average("avg10", line), parse_average("avg60", line),
          parse_average("avg300", line), parse_total(line)};
}

}  // namespace

Pressure parse_pressure(std::string_view text) {
  std::optional<PressureLine> some;
  std::optional<PressureLine> full;
  for (const auto line : split_lines(text)) {
    const auto words = split_words(line);
    if (words.empty()) continue;
    if (words.front() == "some") some = parse_line(line);
    if (words.front() == "full") full = parse_line(line);
  }
  if (!some) throw ParseError("PSI text with a `some` line", text);
  return {*some, full};
}

PressureWatch PressureWatch::open(const Cgroup& group,
                                  const PressureTrigger& trigger) {
  constexpr File file = File::memory_pressure;
  group.require(file);
  const auto text = fmt::format("{} {} {}", trigger.full ? "full" : "some",
                                trigger.stall.count(), trigger.window.count());
  try {
    const Directory& directory = group.directory();
    UniqueFd fd = directory.open_file(name_of(file), O_RDWR | O_NONBLOCK);
    if (::write(fd.get(), text.data(), text.size()) < 0) {
      throw_errno("write", directory.path_of(name_of(file)), text);
    }
    return PressureWatch(std::move(fd));
  } catch (const FileError& error) {
    // The file exists, but PSI is disabled.
    if (error.code().value() != EOPNOTSUPP) throw;
    throw NotSupported(name_of(file), why_absent(file, group.version()));
  }
}

short PressureWatch::poll_events() noexcept {
  return POLLPRI;
}

}  // namespace cgroupfs
