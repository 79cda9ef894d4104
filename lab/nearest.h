// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// How many letters have to be put in, left out, replaced or swapped with their
/// neighbour to make `b` of `a` (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `known` that was probably meant by `word`: the nearest, when no
/// more than a third of it (rounded up) is wrong. nullopt when none is.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& known);

}  // namespace lab
