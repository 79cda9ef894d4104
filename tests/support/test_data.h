// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <stdlib.h>

/// The path of `name` below tests/data, or below the folder that the
/// environment variable CGLAB_TEST_DATA names.
inline std::string test_data(std::string_view name) {
  const char* other = ::getenv("CGLAB_TEST_DATA");
  return std::string(other ? other : CGLAB_TEST_DATA).append("/").append(name);
}
