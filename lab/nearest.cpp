// SPDX-License-Identifier: MIT
#include "lab/nearest.h"

#include <algorithm>

namespace lab {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // rows[i][j]: between the first i letters of a and the first j of b.
  std::vector<std::vector<std::size_t>> rows(
      a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      const std::size_t wrong = a[i - 1] == b[j - 1] ? 0 : 1;
      std::size_t best = std::min(
          {rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + wrong});
      const bool swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) best = std::min(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[a.size()][b.size()];
}

std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& known) {
  std::optional<std::string> found;
  std::size_t least = 0;
  for (const std::string& each : known) {
    const std::size_t distance = edit_distance(word, each);
    const std::size_t most = (std::max(word.size(), each.size()) + 2) / 3;
    if (distance > most || (found && distance >= least)) continue;
    found = each;
    least = distance;
  }
  return found;
}

}  // namespace lab
