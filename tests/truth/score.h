// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace truth_test {

enum class Score { right, weak, wrong };

/// Adds the score of one situation.
void note_score(Score score);

/// "62 situations, 62 right, 0 weak, 0 false".
std::string scores();

}  // namespace truth_test
