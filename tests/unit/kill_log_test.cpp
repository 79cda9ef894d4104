// SPDX-License-Identifier: MIT
#include "lab/watch/kill_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/os/signal_fd.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::FileError;
using cgroupfs::read_file;
using cgroupfs::UniqueFd;

TreeKill kill_in(const std::string& path) {
  TreeKill kill;
  kill.place = {path, true, PlaceSource::counter};
  return kill;
}

class KillLogFile : public testing::Test {
 protected:
  KillLogFile() { ::signal(SIGPIPE, SIG_IGN); }
  ~KillLogFile() override { ::signal(SIGPIPE, SIG_DFL); }

  std::string make_pipe() const {
    std::string path = folder_.path_of("pipe");
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }

  static UniqueFd open_pipe(const std::string& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }

  static std::string read_from(const UniqueFd& pipe) {
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
      const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
      if (count <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
  }

  TempFolder folder_;
};

TEST_F(KillLogFile, waits_for_the_reader_of_a_pipe) {
  const std::string path = make_pipe();
  const auto log = open_kill_log(path);
  testing::internal::CaptureStderr();
  log->on_kill({}, kill_in("/first"));
  log->on_kill({}, kill_in("/second"));
  EXPECT_TRUE(has(testing::internal::GetCapturedStderr(), "trying again"));
  const UniqueFd reader = open_pipe(path);
  log->flush();
  const std::string text = read_from(reader);
  EXPECT_TRUE(has(text, "/first"));
  EXPECT_TRUE(has(text, "/second"));
  log->on_kill({}, kill_in("/third"));
  EXPECT_TRUE(has(read_from(reader), "/third"));
}

TEST_F(KillLogFile, does_not_wait_for_a_full_pipe) {
  const std::string path = make_pipe();
  const UniqueFd reader = open_pipe(path);
  const auto log = open_kill_log(path);
  const std::string name = "/" + std::string(3000, 'x');
  constexpr int kills = 40;  // more than a pipe holds
  testing::internal::CaptureStderr();
  for (int i = 0; i < kills; ++i) log->on_kill({}, kill_in(name));
  EXPECT_TRUE(has(testing::internal::GetCapturedStderr(), "trying again"));
  std::string text = read_from(reader);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), kills);
  for (int i = 0; i < kills; ++i) {
    log->flush();
    text += read_from(reader);
  }
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kills);
}

TEST_F(KillLogFile, gives_the_next_reader_of_a_pipe_whole_lines) {
  const std::string path = make_pipe();
  UniqueFd reader = open_pipe(path);
  const auto log = open_kill_log(path);
  testing::internal::CaptureStderr();
  // Longer than a pipe holds.
  log->on_kill({}, kill_in("/" + std::string(100000, 'x')));
  reader.reset();
  log->flush();
  testing::internal::GetCapturedStderr();
  reader = open_pipe(path);
  log->flush();
  EXPECT_TRUE(read_from(reader).starts_with("{"));
}

/// The rest of a line follows its beginning, although the file was renamed.
TEST_F(KillLogFile, writes_each_line_into_one_file) {
  const std::string path = folder_.path_of("kills.jsonl");
  const auto log = open_kill_log(path);
  ignore_file_size_signal();
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{50, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  testing::internal::CaptureStderr();
  log->on_kill({}, kill_in("/first"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  // It is a file as well.
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(read_file(path).size(), 50u);
  ASSERT_EQ(::rename(path.c_str(), (path + ".1").c_str()), 0);
  log->flush();
  log->on_kill({}, kill_in("/second"));
  const std::string rotated = read_file(path + ".1");
  EXPECT_TRUE(has(rotated, "/first"));
  EXPECT_TRUE(rotated.ends_with("}\n"));
  EXPECT_TRUE(read_file(path).starts_with("{"));
}

TEST_F(KillLogFile, keeps_a_bounded_number) {
  const std::string path = make_pipe();
  auto log = open_kill_log(path);
  testing::internal::CaptureStderr();
  constexpr int most = 100000;
  for (int i = 0; i < most + 2; ++i) log->on_kill({}, kill_in("/a"));
  const UniqueFd reader = open_pipe(path);
  ASSERT_EQ(::fcntl(reader.get(), F_SETFL, 0), 0);
  std::string text;
  std::thread reading([&] {
    // Until the log is closed.
    text = read_from(reader);
  });
  // On a busy machine the reader may be late.
  for (int i = 0; i < 50; ++i) log->flush();
  log.reset();
  reading.join();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), most);
  EXPECT_TRUE(
      has(testing::internal::GetCapturedStderr(), "2 entries were dropped"));
}

TEST_F(KillLogFile, is_not_a_socket_or_a_folder) {
  const std::string path = folder_.path_of("socket");
  const UniqueFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address)),
            0);
  for (const std::string& each : {path, folder_.path()}) {
    EXPECT_TRUE(has(error_text<FileError>([&] { open_kill_log(each); }),
                    "append to the log " + each));
  }
}

}  // namespace
}  // namespace lab
