// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

/// what() of the `Error` that `action` throws; a failure of the test when it
/// throws none (an error of another type ends the test).
template <typename Error, typename Action>
std::string error_text(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// Whether `text` contains `part`, for EXPECT_TRUE.
inline testing::AssertionResult has(std::string_view text,
                                    std::string_view part) {
  if (text.find(part) != text.npos) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "\"" << part << "\" is not in \"" << text << "\"";
}
