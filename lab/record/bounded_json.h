// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lab/record/json_values.h"

namespace lab {

/// More values are not in a record of a run; each needs much more memory than
/// its text.
inline constexpr std::size_t most_values = 1'500'000;
/// Of one object; they are searched linearly.
inline constexpr std::size_t most_keys = 1'000;
/// Bytes of one string; an argument of a command has at most 128 KiB.
inline constexpr std::size_t longest_text = 1u << 20;

/// The document in `text`, which is refused before it costs more memory than a
/// record; `name` is for messages. Throws RecordError.
Json parse_bounded(std::string_view text, const std::string& name);

}  // namespace lab
