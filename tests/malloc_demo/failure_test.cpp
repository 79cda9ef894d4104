// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "hog_process.h"
#include "tests/support/error_text.h"

namespace {

class NoMemoryTest : public testing::TestWithParam<const char*> {};

TEST_P(NoMemoryTest, IsReportedWithSizeAndErrno) {
  const Ending ending = run_malloc_demo(
      {"--block", "1000000T", "--count", "1", "--interval", "0", "--quiet",
       "--memory", GetParam()},
      [] {
        // AddressSanitizer would abort instead of refusing.
        setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
      });
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "block 1 of 1: cannot allocate 1000000 TiB "
                  "(1099511627776000000 bytes) with "));
  EXPECT_TRUE(has(ending.errors, "Cannot allocate memory (errno 12)"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, NoMemoryTest,
                         testing::Values("anon", "shm", "mlock"));

Ending run_with_limit(decltype(RLIMIT_AS) resource, const char* memory) {
  return run_malloc_demo(
      {"--total", "200M", "--block", "200M", "--interval", "0", "--quiet",
       "--touch", "none", "--memory", memory},
      [resource] {
        const rlimit limit = {100 << 20, 100 << 20};
        setrlimit(resource, &limit);
      });
}

TEST(Failure, AddressSpaceLimitIsNamed) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs more address space";
#endif
  for (const char* const memory : {"anon", "shm"}) {
    const Ending ending = run_with_limit(RLIMIT_AS, memory);
    EXPECT_EQ(ending.exit_status, 1);
    EXPECT_TRUE(has(ending.errors, "Cannot allocate memory (errno 12); "));
    EXPECT_TRUE(has(ending.errors,
                    "RLIMIT_AS, 100 MiB (104857600 bytes): raise it with "
                    "ulimit -v unlimited"));
  }
}

TEST(Failure, DataLimitIsNamed) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs more private memory";
#endif
  const Ending ending = run_with_limit(RLIMIT_DATA, "anon");
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "RLIMIT_DATA, 100 MiB (104857600 bytes): raise it with "
                  "ulimit -d unlimited"));
  EXPECT_EQ(run_with_limit(RLIMIT_DATA, "shm").exit_status, 0)
      << "shared memory does not count";
}

TEST(Failure, FileThatMayNotGrowIsReported) {
  const Ending ending = run_malloc_demo(
      {"--memory", "file", "--block", "64K", "--interval", "0", "--quiet"}, [] {
        const rlimit limit = {65536, 65536};
        setrlimit(RLIMIT_FSIZE, &limit);
        signal(SIGXFSZ, SIG_IGN);
      });
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "block 2 of 10: cannot extend the temporary file to 128 KiB "
                  "(131072 bytes) (ftruncate): File too large (errno "
                  "27)"));
}

TEST(Failure, MissingFolderIsReportedBeforeTheGate) {
  const Ending ending = run_malloc_demo(
      {"--memory", "file", "--file-dir", "/proc/none", "--gate-fd", "987"});
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "cannot create a temporary file in /proc/none: No such file "
                  "or directory (errno 2)"));
}

TEST(Failure, DefaultFolderIsTmpdir) {
  const Ending ending =
      run_malloc_demo({"--memory", "file", "--total", "64K"},
                      [] { setenv("TMPDIR", "/proc/none", 1); });
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors, "temporary file in /proc/none:"));
}

TEST(Failure, LockLimitIsNamed) {
  const Ending ending = run_malloc_demo(
      {"--memory", "mlock", "--total", "1M", "--interval", "0", "--quiet"}, [] {
        const rlimit limit = {65536, 65536};
        setrlimit(RLIMIT_MEMLOCK, &limit);
        // Root is above the limit by this capability; others have none.
        prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0);
      });
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors,
                  "cannot lock 1 MiB (1048576 bytes) with mlock2: Cannot "
                  "allocate memory (errno 12)"));
  EXPECT_TRUE(has(ending.errors, "RLIMIT_MEMLOCK, 64 KiB (65536 bytes)"));
}

TEST(Failure, FullOutputIsReported) {
  const Ending ending = run_malloc_demo({"--total", "64K"}, [] {
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
  });
  EXPECT_EQ(ending.exit_status, 1);
  EXPECT_TRUE(has(ending.errors, "cannot write to standard output: No space"));
}

}  // namespace
