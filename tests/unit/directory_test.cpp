// SPDX-License-Identifier: MIT
#include "cgroupfs/directory.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroupfs/error.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace cgroupfs {
namespace {

// errno of the FileError that `action` throws; 0 and a failure for none.
template <typename Action>
int error_of(Action action) {
  try {
    action();
  } catch (const FileError& error) {
    return error.code().value();
  }
  ADD_FAILURE() << "nothing was thrown";
  return 0;
}

// During its lifetime root's file accesses are those of user nobody.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) ::setfsuid(65534);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() { ::setfsuid(::geteuid()); }

  // setfsuid(2) does not report failure; an invalid id returns the current one.
  bool effective() const { return ::setfsuid(static_cast<uid_t>(-1)) != 0; }
};

class DirectoryTest : public testing::Test {
 protected:
  TempFolder folder_;
  Directory directory_ = Directory::open(folder_.path());
};

TEST_F(DirectoryTest, reads_a_whole_file) {
  folder_.add_file("memory.max", "max\n");
  folder_.add_file("empty", "");
  std::string large(100000, 'x');
  folder_.add_file("large", large);
  EXPECT_EQ(directory_.read("memory.max"), "max\n");
  EXPECT_EQ(directory_.read("empty"), "");
  EXPECT_EQ(directory_.read("large"), large);
  EXPECT_EQ(directory_.try_read("memory.max"), "max\n");
}

TEST_F(DirectoryTest, names_the_file_that_cannot_be_read) {
  std::string message =
      error_text<FileError>([&] { directory_.read("memory.peak"); });
  EXPECT_TRUE(has(message, "open " + folder_.path_of("memory.peak")));
  EXPECT_TRUE(has(message, "No such file"));
}

TEST_F(DirectoryTest, treats_a_missing_file_as_absent) {
  EXPECT_EQ(directory_.try_read("memory.peak"), std::nullopt);
  EXPECT_FALSE(directory_.try_open_file("memory.peak", O_RDONLY));
  EXPECT_FALSE(Directory::try_open(folder_.path_of("child")));
  EXPECT_EQ(try_read_file(folder_.path_of("memory.peak")), std::nullopt);
  EXPECT_FALSE(directory_.exists("memory.peak"));
}

TEST_F(DirectoryTest, treats_no_other_error_as_absent) {
  folder_.add_file("file", "");
  std::string below = folder_.path_of("file/below");
  EXPECT_EQ(error_of([&] { directory_.try_read("file/below"); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { directory_.try_open_file("file/below", O_RDONLY); }),
            ENOTDIR);
  EXPECT_EQ(error_of([&] { Directory::try_open(below); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { try_read_file(below); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { directory_.exists("file/below"); }), ENOTDIR);
}

TEST_F(DirectoryTest, does_not_treat_a_forbidden_file_as_absent) {
  std::string path = folder_.add_file("secret", "text");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  AsNobody nobody;
  if (!nobody.effective()) {
    GTEST_SKIP() << "CAP_SETUID, to drop root's permission to read everything";
  }
  EXPECT_EQ(error_of([&] { directory_.try_read("secret"); }), EACCES);
  EXPECT_EQ(error_of([&] { directory_.read("secret"); }), EACCES);
  EXPECT_EQ(error_of([&] { directory_.write("secret", "1"); }), EACCES);
  EXPECT_EQ(error_of([&] { try_read_file(path); }), EACCES);
  EXPECT_TRUE(directory_.exists("secret"));
  EXPECT_FALSE(directory_.writable("secret"));
}

TEST_F(DirectoryTest, knows_what_is_writable) {
  folder_.add_file("file", "");
  EXPECT_TRUE(directory_.writable("file"));
  EXPECT_FALSE(directory_.writable("missing"));
}

TEST_F(DirectoryTest, writes_to_an_existing_file) {
  folder_.add_file("memory.max", "");
  directory_.write("memory.max", "104960000");
  EXPECT_EQ(directory_.read("memory.max"), "104960000");
}

TEST_F(DirectoryTest, never_creates_a_file) {
  std::string message = error_text<FileError>(
      [&] { directory_.write("memory.high", "104960000"); });
  EXPECT_TRUE(has(message, "write '104960000'"));
  EXPECT_TRUE(has(message, folder_.path_of("memory.high")));
  EXPECT_FALSE(std::filesystem::exists(folder_.path_of("memory.high")));
}

TEST_F(DirectoryTest, names_file_and_value_when_the_kernel_refuses_a_write) {
  Directory devices = Directory::open("/dev");
  std::string message =
      error_text<FileError>([&] { devices.write("full", "100M"); });
  EXPECT_TRUE(has(message, "write '100M'"));
  EXPECT_TRUE(has(message, "/dev/full"));
  EXPECT_TRUE(has(message, "No space left"));
}

TEST_F(DirectoryTest, opens_with_close_on_exec) {
  folder_.add_file("file", "");
  UniqueFd fd = directory_.open_file("file", O_RDONLY);
  EXPECT_EQ(::fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(directory_.fd(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(directory_.duplicate().fd(), F_GETFD), FD_CLOEXEC);
}

TEST_F(DirectoryTest, follows_the_descriptor_and_not_the_path) {
  folder_.add_file("old/file", "kept");
  Directory child = directory_.open_directory("old");
  std::filesystem::rename(folder_.path_of("old"), folder_.path_of("new"));
  EXPECT_EQ(child.read("file"), "kept");
  EXPECT_EQ(child.path(), folder_.path_of("old"));
}

TEST_F(DirectoryTest, duplicates_into_an_object_of_its_own) {
  folder_.add_file("file", "text");
  Directory second = directory_.duplicate();
  EXPECT_NE(second.fd(), directory_.fd());
  EXPECT_EQ(second.path(), directory_.path());
  { Directory gone = std::move(directory_); }
  EXPECT_EQ(second.read("file"), "text");
}

TEST_F(DirectoryTest, lists_subdirectories_sorted) {
  for (const char* name : {"b/x", "a/x", "c/d/x", ".hidden/x", "file"}) {
    folder_.add_file(name, "");
  }
  std::filesystem::create_directory_symlink("a", folder_.path_of("link"));
  std::vector<std::string> expected = {".hidden", "a", "b", "c"};
  EXPECT_EQ(directory_.subdirectories(), expected);
  EXPECT_EQ(directory_.subdirectories(), expected) << "the second time";
  EXPECT_TRUE(directory_.open_directory("a").subdirectories().empty());
}

TEST_F(DirectoryTest, makes_and_removes_a_directory) {
  directory_.make_directory("child");
  EXPECT_TRUE(directory_.exists("child"));
  EXPECT_EQ(directory_.open_directory("child").path(),
            folder_.path_of("child"));
  EXPECT_EQ(error_of([&] { directory_.make_directory("child"); }), EEXIST);
  directory_.remove_directory("child");
  EXPECT_FALSE(directory_.exists("child"));
}

TEST_F(DirectoryTest, names_the_directory_that_cannot_be_removed) {
  folder_.add_file("child/file", "");
  std::string message =
      error_text<FileError>([&] { directory_.remove_directory("child"); });
  EXPECT_TRUE(has(message, "remove directory"));
  EXPECT_TRUE(has(message, folder_.path_of("child")));
  EXPECT_TRUE(has(message, "not empty"));
}

TEST_F(DirectoryTest, opens_only_directories) {
  std::string path = folder_.add_file("file", "");
  EXPECT_EQ(error_of([&] { Directory::open(path); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { directory_.open_directory("file"); }), ENOTDIR);
  EXPECT_EQ(error_of([&] { Directory::open(folder_.path_of("missing")); }),
            ENOENT);
  EXPECT_TRUE(Directory::try_open(folder_.path()));
}

TEST(DirectoryPath, joins_with_one_slash) {
  EXPECT_EQ(Directory::open("/").path_of("proc"), "/proc");
  EXPECT_EQ(Directory::open("/proc").path_of("self"), "/proc/self");
  EXPECT_EQ(Directory::open("/proc/").path_of("self"), "/proc/self");
}

TEST(ReadFile, reads_or_names_the_file) {
  TempFolder folder;
  EXPECT_EQ(read_file(folder.add_file("file", "text\n")), "text\n");
  std::string missing = folder.path_of("missing");
  EXPECT_TRUE(has(error_text<FileError>([&] { read_file(missing); }), missing));
}

TEST(ReadFile, names_a_folder_given_as_a_file) {
  TempFolder folder;
  std::string message =
      error_text<FileError>([&] { read_file(folder.path()); });
  EXPECT_TRUE(has(message, "read " + folder.path()));
  EXPECT_TRUE(has(message, "Is a directory"));
}

TEST(ReadAll, reads_a_pipe_to_its_end) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  ASSERT_EQ(::write(writing.get(), "abc", 3), 3);
  writing.reset();
  EXPECT_EQ(read_all(reading.get(), "a pipe"), "abc");
}

TEST(ReadAll, names_the_path_it_was_given) {
  EXPECT_TRUE(has(error_text<FileError>([] { read_all(-1, "/g/file"); }),
                  "read /g/file"));
}

}  // namespace
}  // namespace cgroupfs
