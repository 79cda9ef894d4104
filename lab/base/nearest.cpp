// SPDX-License-Identifier: MIT
#include "lab/base/nearest.h"

#include <algorithm>
#include <utility>

namespace lab {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows of the table of distances between prefixes of both.
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last.back();
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& known) {
  std::size_t best = (word.size() + 2) / 3;
  std::optional<std::string> found;
  for (const std::string& each : known) {
    const std::size_t distance = edit_distance(word, each);
    if (distance < best || (distance == best && !found)) {
      best = distance;
      found = each;
    }
  }
  return found;
}

}  // namespace lab
