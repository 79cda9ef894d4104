// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <string_view>

#include "tests/truth/actor.h"
#include "tests/truth/score.h"

namespace truth_test {
namespace {

std::map<Score, unsigned>& counts() {
  static std::map<Score, unsigned> counts;
  return counts;
}

}  // namespace

void note_score(Score score) {
  ++counts()[score];
}

std::string scores() {
  const unsigned right = counts()[Score::right];
  const unsigned weak = counts()[Score::weak];
  const unsigned wrong = counts()[Score::wrong];
  return std::to_string(right + weak + wrong) + " situations, " +
         std::to_string(right) + " right, " + std::to_string(weak) + " weak, " +
         std::to_string(wrong) + " false";
}

}  // namespace truth_test

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "actor") {
    return truth_test::act({argv + 2, argv + argc});
  }
  testing::InitGoogleTest(&argc, argv);
  const int status = RUN_ALL_TESTS();
  if (!testing::GTEST_FLAG(list_tests)) {
    std::cout << truth_test::scores() << std::endl;
  }
  return status;
}
