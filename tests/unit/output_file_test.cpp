// SPDX-License-Identifier: MIT
#include "lab/record/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/signal_fd.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::FileError;
using cgroupfs::read_file;
using cgroupfs::UniqueFd;
using std::filesystem::exists;

/// RLIMIT_FSIZE, of this process.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(OutputFile, creates_the_file) {
  const TempFolder folder;
  const std::string path = folder.path_of("new.json");
  OutputFile(path).write("{}\n");
  EXPECT_EQ(read_file(path), "{}\n");
}

TEST(OutputFile, leaves_no_empty_file_behind) {
  const TempFolder folder;
  const std::string path = folder.path_of("new.json");
  { const OutputFile unused(path); }
  EXPECT_FALSE(exists(path));
}

TEST(OutputFile, replaces_a_file_whole) {
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "a longer old record\n");
  OutputFile(path).write("new\n");
  EXPECT_EQ(read_file(path), "new\n");
}

TEST(OutputFile, appears_when_it_is_complete) {
  const TempFolder folder;
  const std::string path = folder.path_of("new.json");
  OutputFile file(path);
  EXPECT_FALSE(exists(path));
  file.write("{}\n");
  EXPECT_EQ(read_file(path), "{}\n");
}

TEST(OutputFile, has_the_mode_of_a_new_file_or_of_the_old_one) {
  const TempFolder folder;
  const mode_t before = ::umask(027);
  const std::string path = folder.path_of("new.json");
  OutputFile(path).write("{}\n");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  ASSERT_EQ(::chmod(path.c_str(), 0604), 0);
  OutputFile(path).write("new\n");
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0604u);
}

TEST(OutputFile, follows_a_symbolic_link) {
  const TempFolder folder;
  const std::string target = folder.path_of("target");
  const std::string link = folder.path_of("link");
  ASSERT_EQ(::symlink(target.c_str(), link.c_str()), 0);
  OutputFile(link).write("1\n");
  OutputFile(link).write("2\n");
  EXPECT_EQ(read_file(target), "2\n");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(OutputFile, leaves_the_old_content_where_the_new_does_not_fit) {
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "old\n");
  ignore_file_size_signal();
  const FileSizeLimit limit(8);
  const std::string text(100, 'x');
  for (const std::string& each : {path, folder.path_of("new.json")}) {
    OutputFile file(each);
    const std::string error = error_text<FileError>([&] { file.write(text); });
    EXPECT_TRUE(has(error, "write the output file " + each)) << error;
    EXPECT_TRUE(has(error, "File too large")) << error;
  }
  EXPECT_EQ(read_file(path), "old\n");
  const auto files = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

/// The name of a mount point cannot be given to another file.
TEST(OutputFile, is_overwritten_where_it_is_a_mount_point) {
  if (::geteuid() != 0) GTEST_SKIP() << "root, to mount";
  const TempFolder folder;
  const std::string source = folder.add_file("source", "a longer old one\n");
  const std::string path = folder.add_file("mounted", "");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_mounted =
        ::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0;
    if (!is_mounted) ::_exit(77);
    try {
      OutputFile(path).write("new\n");
    } catch (const std::exception&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "a mount namespace";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(source), "new\n");
}

TEST(OutputFile, is_written_where_it_has_no_name) {
  const TempFolder folder;
  const std::string path = folder.add_file("gone", "old\n");
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::unlink(path.c_str()), 0);
  const std::string link = "/proc/self/fd/" + std::to_string(fd.get());
  OutputFile(link).write("new\n");
  EXPECT_EQ(read_file(link), "new\n");
  EXPECT_FALSE(exists(path));
}

/// Nothing would find what is written into a file that was removed.
TEST(OutputFile, fails_where_its_folder_was_replaced) {
  const TempFolder folder;
  const std::string path = folder.add_file("own/run.json", "old\n");
  OutputFile file(path);
  std::filesystem::remove_all(folder.path_of("own"));
  std::filesystem::create_directory(folder.path_of("own"));
  const std::string error = error_text<FileError>([&] { file.write("new\n"); });
  EXPECT_TRUE(has(error, "write the output file " + path)) << error;
  EXPECT_FALSE(exists(path));
}

TEST(OutputFile, differs_from_a_file_that_something_else_writes) {
  const TempFolder folder;
  const std::string old = folder.add_file("old", "");
  const std::string link = folder.path_of("link");
  ASSERT_EQ(::link(old.c_str(), link.c_str()), 0);
  const std::string absent = folder.path_of("absent");
  const std::string by_link = folder.path_of("by_link");
  ASSERT_EQ(::symlink("absent", by_link.c_str()), 0);
  for (const auto& [one, other] :
       {std::pair(old, old), std::pair(old, link), std::pair(absent, absent),
        std::pair(absent, by_link)}) {
    const OutputFile file(one);
    EXPECT_TRUE(
        has(error_text<UsageError>([&] { file.require_other_file(other); }),
            "two outputs go to the same file: " + one + " and " + other));
  }
  OutputFile(old).require_other_file(absent);
  OutputFile(absent).require_other_file(old);
  OutputFile(absent).require_other_file(folder.path_of("too"));
  OutputFile("/dev/null").require_other_file("/dev/null");
  EXPECT_FALSE(exists(absent));
}

/// The owner of the folder cannot make root write elsewhere.
TEST(OutputFile, stays_in_its_folder_when_another_gets_its_name) {
  const TempFolder folder;
  const std::string other = folder.add_file("other/run.json", "theirs\n");
  const std::string path = folder.add_file("own/run.json", "old\n");
  OutputFile file(path);
  std::filesystem::rename(folder.path_of("own"), folder.path_of("moved"));
  std::filesystem::create_symlink(folder.path_of("other"),
                                  folder.path_of("own"));
  file.write("new\n");
  EXPECT_EQ(read_file(other), "theirs\n");
  EXPECT_EQ(read_file(folder.path_of("moved/run.json")), "new\n");
}

/// A folder in which no file can be created.
TEST(OutputFile, is_overwritten_where_it_cannot_be_replaced) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "a longer old one\n");
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  OutputFile(path).write("new\n");
  EXPECT_EQ(read_file(path), "new\n");
  ignore_file_size_signal();
  const FileSizeLimit limit(8);
  OutputFile file(path);
  EXPECT_TRUE(has(error_text<FileError>([&] { file.write("123456789"); }),
                  "File too large"));
  EXPECT_EQ(read_file(path), "new\n");
  ::chmod(folder.path().c_str(), 0755);
}

TEST(OutputFile, keeps_the_old_content_until_there_is_new) {
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "old\n");
  { const OutputFile unused(path); }
  EXPECT_EQ(read_file(path), "old\n");
}

TEST(OutputFile, fails_before_the_run_where_it_cannot_be_written) {
  const TempFolder folder;
  for (const std::string& path :
       {folder.path_of("none/record.json"), folder.path(), std::string()}) {
    const std::string error =
        error_text<FileError>([&] { const OutputFile file(path); });
    EXPECT_TRUE(has(error, "open the output file")) << path;
    EXPECT_TRUE(has(error, path));
  }
}

TEST(OutputFile, writes_into_a_pipe) {
  const TempFolder folder;
  const std::string path = folder.path_of("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string received;
  // Opening an end of a fifo waits for the other.
  std::thread reader([&] { received = read_file(path); });
  OutputFile(path).write("{}\n");
  reader.join();
  EXPECT_EQ(received, "{}\n");
  EXPECT_TRUE(exists(path));
}

TEST(OutputFile, names_a_full_device) {
  OutputFile full("/dev/full");
  const std::string error = error_text<FileError>([&] { full.write("{}\n"); });
  EXPECT_TRUE(has(error, "write the output file"));
  EXPECT_TRUE(has(error, "/dev/full"));
}

TEST(OutputFile, accepts_a_dash_for_standard_output) {
  testing::internal::CaptureStdout();
  OutputFile("-").write("{\"schema\":\"x\"}\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"schema\":\"x\"}\n");
  EXPECT_FALSE(exists("-"));
}

}  // namespace
}  // namespace lab
