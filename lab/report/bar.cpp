// SPDX-License-Identifier: MIT
#include "lab/report/bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace lab {
namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace

bool locale_is_utf8() {
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(variable);
    if (!value || !*value) continue;
    const std::string_view text(value);
    return text.find("UTF-8") != text.npos || text.find("utf8") != text.npos;
  }
  return false;
}

std::string usage_bar(const Terminal& terminal, bool unicode, double share,
                      std::size_t width) {
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  const std::string done = repeat(unicode ? "\u2588" : "#", full);
  const std::string open = repeat(unicode ? "\u2591" : "-", width - full);
  const std::string painted = share < 0.7   ? terminal.green(done)
                              : share < 0.9 ? terminal.yellow(done)
                                            : terminal.red(done);
  return fmt::format("[{}{}]", painted, terminal.dim(open));
}

}  // namespace lab
