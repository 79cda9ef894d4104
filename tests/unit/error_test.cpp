// SPDX-License-Identifier: MIT
#include "cgroupfs/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

TEST(ParseErrorText, says_what_was_expected_and_quotes_the_text) {
  std::string message = ParseError("a process id", "12x").what();
  EXPECT_TRUE(has(message, "a process id"));
  EXPECT_TRUE(has(message, "'12x'"));
}

TEST(ParseErrorText, truncates_long_text_and_gives_its_length) {
  std::string message = ParseError("a flag", std::string(5000, 'x')).what();
  EXPECT_TRUE(has(message, "xxx"));
  EXPECT_TRUE(has(message, "5000 bytes"));
  EXPECT_LT(message.size(), 200u);
}

TEST(NotSupportedError, keeps_feature_and_reason) {
  NotSupported error("memory.high", "cgroup v1 has no limit that throttles");
  EXPECT_EQ(error.feature(), "memory.high");
  EXPECT_EQ(error.reason(), "cgroup v1 has no limit that throttles");
  EXPECT_TRUE(has(error.what(), "memory.high"));
  EXPECT_TRUE(has(error.what(), "cgroup v1 has no limit that throttles"));
}

TEST(FileErrorText, names_operation_file_and_the_kernels_error) {
  FileError error(EACCES, "open", "/sys/fs/cgroup/x");
  EXPECT_EQ(error.code().value(), EACCES);
  EXPECT_EQ(error.operation(), "open");
  EXPECT_EQ(error.path(), "/sys/fs/cgroup/x");
  EXPECT_EQ(error.value(), "");
  EXPECT_TRUE(has(error.what(), "open /sys/fs/cgroup/x"));
  EXPECT_TRUE(has(error.what(), "Permission denied"));
}

TEST(FileErrorText, names_the_value_that_was_written) {
  FileError error(EBUSY, "write", "/g/memory.limit_in_bytes", "104960000");
  EXPECT_EQ(error.value(), "104960000");
  EXPECT_TRUE(has(error.what(), "write '104960000'"));
  EXPECT_TRUE(has(error.what(), "/g/memory.limit_in_bytes"));
  EXPECT_TRUE(has(error.what(), "busy"));
}

TEST(FileErrorText, truncates_a_long_value_but_keeps_it_whole) {
  FileError error(EINVAL, "write", "/g/f", std::string(5000, 'v'));
  EXPECT_LT(std::string(error.what()).size(), 300u);
  EXPECT_EQ(error.value().size(), 5000u);
}

TEST(ThrowErrno, uses_the_current_errno) {
  try {
    errno = ENOSPC;
    throw_errno("mkdir", "/g/child", "v");
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), ENOSPC);
    EXPECT_EQ(error.operation(), "mkdir");
    EXPECT_EQ(error.path(), "/g/child");
    EXPECT_EQ(error.value(), "v");
    return;
  }
  FAIL() << "nothing was thrown";
}

TEST(IsAbsent, only_for_enoent_and_enodev) {
  EXPECT_TRUE(is_absent(ENOENT));
  EXPECT_TRUE(is_absent(ENODEV));
  for (int error : {0, EACCES, EPERM, EROFS, ENOTDIR, EOPNOTSUPP, ESRCH}) {
    EXPECT_FALSE(is_absent(error)) << error;
  }
}

}  // namespace
}  // namespace cgroupfs
