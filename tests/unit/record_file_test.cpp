// SPDX-License-Identifier: MIT
#include "lab/record/record_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::FileError;
using cgroupfs::read_file;
using std::filesystem::exists;

TEST(RecordFile, makes_the_file) {
  const TempFolder folder;
  const std::string path = folder.path_of("new.json");
  RecordFile(path).write("{}\n");
  EXPECT_EQ(read_file(path), "{}\n");
}

TEST(RecordFile, leaves_no_empty_file_behind) {
  const TempFolder folder;
  const std::string path = folder.path_of("new.json");
  { const RecordFile unused(path); }
  EXPECT_FALSE(exists(path));
}

TEST(RecordFile, replaces_a_file_whole) {
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "a longer old record\n");
  RecordFile(path).write("new\n");
  EXPECT_EQ(read_file(path), "new\n");
}

TEST(RecordFile, keeps_the_old_content_until_there_is_new) {
  const TempFolder folder;
  const std::string path = folder.add_file("old.json", "old\n");
  { const RecordFile unused(path); }
  EXPECT_EQ(read_file(path), "old\n");
}

TEST(RecordFile, fails_before_the_run_where_it_cannot_be_written) {
  const TempFolder folder;
  for (const std::string& path :
       {folder.path_of("none/record.json"), folder.path(), std::string()}) {
    const std::string error =
        error_text<FileError>([&] { const RecordFile file(path); });
    EXPECT_TRUE(has(error, "open the record file")) << path;
    EXPECT_TRUE(has(error, path));
  }
}

TEST(RecordFile, writes_into_a_pipe) {
  const TempFolder folder;
  const std::string path = folder.path_of("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string received;
  // Opening an end of a fifo waits for the other.
  std::thread reader([&] { received = read_file(path); });
  RecordFile(path).write("{}\n");
  reader.join();
  EXPECT_EQ(received, "{}\n");
  EXPECT_TRUE(exists(path));
}

TEST(RecordFile, names_a_full_device) {
  RecordFile full("/dev/full");
  const std::string error = error_text<FileError>([&] { full.write("{}\n"); });
  EXPECT_TRUE(has(error, "write the record file"));
  EXPECT_TRUE(has(error, "/dev/full"));
}

TEST(RecordFile, takes_a_dash_for_standard_output) {
  testing::internal::CaptureStdout();
  RecordFile("-").write("{\"schema\":\"x\"}\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "{\"schema\":\"x\"}\n");
  EXPECT_FALSE(exists("-"));
}

}  // namespace
}  // namespace lab
