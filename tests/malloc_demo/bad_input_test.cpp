// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "hog_process.h"
#include "tests/support/error_text.h"

namespace {

struct BadInput {
  std::vector<std::string> arguments;
  const char* part;
};

class BadInputTest : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputTest, IsAUsageErrorInOneLine) {
  const Ending ending = run_malloc_demo(GetParam().arguments);
  EXPECT_EQ(ending.exit_status, 2);
  EXPECT_EQ(ending.output, "");
  EXPECT_TRUE(has(ending.errors, GetParam().part));
  EXPECT_TRUE(has(ending.errors, "malloc_demo --help"));
  EXPECT_EQ(std::count(ending.errors.begin(), ending.errors.end(), '\n'), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, BadInputTest,
    testing::Values(
        BadInput{{"--nonsense"}, "unknown option '--nonsense'"},
        BadInput{{"-x"}, "unknown option '-x'"},
        BadInput{{"--tot", "1M"}, "unknown option '--tot'"},
        BadInput{{"100M"}, "unexpected argument '100M'"},
        BadInput{{""}, "unexpected argument ''"},
        BadInput{{"--hold=yes"}, "--hold takes no value"},
        BadInput{{"--block"}, "--block needs a value"},
        BadInput{{"--block="}, "--block: '' is not a size"},
        BadInput{{"--block", "0"}, "--block: '0' must be more than zero"},
        BadInput{{"--block", "-1"}, "--block: '-1' is not a size"},
        BadInput{{"--block", "100MB"}, "write 100M or 100MiB"},
        BadInput{{"--block", "1Mx"}, "--block: '1Mx' is not a size"},
        BadInput{{"--block", "99999999999999999999"}, "is too large"},
        BadInput{{"--block", "16777215T"}, "more than a process can address"},
        BadInput{{"--count", "0"}, "--count: '0' is below 1"},
        BadInput{{"--count", "-3"}, "--count: '-3' is not a whole number"},
        BadInput{{"--count", "3.5"}, "'3.5' is not a whole number"},
        BadInput{{"--count", "1000001"}, "is above 1000000"},
        BadInput{{"--count", "1000000", "--block", "4194303T"},
                 "--count times --block is too large"},
        BadInput{{"--total", "0"}, "--total: '0' must be more than zero"},
        BadInput{{"--total", "1T", "--block", "4K"}, "use a larger --block"},
        BadInput{{"--interval", "3"}, "--interval: '3' is not a time"},
        BadInput{{"--interval", "-1s"}, "--interval: '-1s' is not a time"},
        BadInput{{"--ramp", "fast"}, "--ramp: 'fast' is not a time"},
        BadInput{{"--ramp", "9999999h"}, "--ramp: '9999999h' is too large"},
        BadInput{{"--touch", "all"},
                 "invalid value 'all' (use write, read or none)"},
        BadInput{{"--memory", "swap"},
                 "invalid value 'swap' (use anon, shm, file, mlock, thp"},
        BadInput{{"--file-dir", ""},
                 "--file-dir: the name of a folder is empty"},
        BadInput{{"--gate-fd", "-1"}, "--gate-fd: '-1' is not a whole"},
        BadInput{{"--gate-fd", "2147483648"}, "is above 2147483647"},
        BadInput{{"--progress-fd", "x"}, "--progress-fd: 'x' is not"},
        BadInput{{"--gate-at", "1M"}, "--gate-at needs --gate-fd"},
        BadInput{{"--gate-fd", "0", "--gate-at", "0"}, "more than zero"},
        BadInput{{"--gate-fd", "0", "--gate-at", "2M", "--gate-at", "1M"},
                 "--gate-at must ascend"},
        BadInput{{"--gate-fd", "0", "--gate-at", "1M", "--gate-at", "1M"},
                 "--gate-at must ascend"},
        BadInput{{"--total", "1M", "--gate-fd", "0", "--gate-at", "1025K"},
                 "is larger than the total of 1048576 bytes"}));

}  // namespace
