// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// How many letters have to be inserted, deleted, changed or swapped with their
/// neighbour to turn `a` into `b` (Damerau-Levenshtein; no letter is edited
/// twice). Letters are bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `known` that was most likely meant by `word`, the first of
/// several; nullopt when more than a third of the letters of `word`, rounded
/// up, would have to be edited.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& known);

}  // namespace lab
