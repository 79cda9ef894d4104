// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>

#include "tests/cli/own_terminal.h"
#include "tests/cli/watch_run.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using test_support::MemoryGroup;

/// `cglab watch --all` as the foreground job of a terminal of its own.
class WatchAllTerminal : public WatchTest {
 protected:
  Subprocess start(const Words& more = {}) const {
    Words arguments{"watch", "--all", path(), "--interval", "50ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ProcessSpec spec = cglab_spec(std::move(arguments));
    spec.environment.push_back({"TERM", "xterm"});
    spec.prepare = [this] { terminal_.become_controlling(true); };
    return Subprocess::start(spec);
  }

  void type(std::string_view text) const { terminal_.type(text); }

  /// Reads what it shows until that contains `text`.
  bool shows(std::string_view text) {
    seen_.clear();
    for (;;) {
      pollfd ready{terminal_.master(), POLLIN, 0};
      if (::poll(&ready, 1, 20000) <= 0) return false;
      std::array<char, 4096> buffer;
      const ssize_t count =
          ::read(terminal_.master(), buffer.data(), buffer.size());
      if (count <= 0) return false;
      seen_.append(buffer.data(), static_cast<std::size_t>(count));
      if (seen_.find(text) != seen_.npos) return true;
    }
  }

  bool has_echo() const {
    termios mode{};
    ::tcgetattr(terminal_.slave(), &mode);
    return (mode.c_lflag & ECHO) != 0;
  }

  const OwnTerminal& terminal() const { return terminal_; }

  std::string seen_;

 private:
  OwnTerminal terminal_;
};

TEST_F(WatchAllTerminal, QuitsByAKeyAndRestoresTheTerminal) {
  Subprocess run = start();
  ASSERT_TRUE(shows("q: quit"));
  EXPECT_FALSE(has_echo());
  type("q");
  EXPECT_TRUE(shows("quit: 0 OOM kills"));
  EXPECT_EQ(run.wait().status, 0);
  EXPECT_TRUE(has_echo());
}

TEST_F(WatchAllTerminal, RestoresTheTerminalAfterCtrlC) {
  Subprocess run = start();
  ASSERT_TRUE(shows("q: quit"));
  type("\x03");
  EXPECT_EQ(run.wait().status, 128 + SIGINT);
  EXPECT_TRUE(has_echo());
}

TEST_F(WatchAllTerminal, FoldsAndUnfolds) {
  MemoryGroup child = make_below(watched().group);
  const std::string name =
      child.group.path().substr(child.group.path().rfind('/') + 1);
  Subprocess run = start();
  ASSERT_TRUE(shows(name));
  type(" ");
  EXPECT_TRUE(shows("+ ")) << seen_;
  EXPECT_TRUE(shows("q: quit"));
  EXPECT_TRUE(shows("q: quit"));
  EXPECT_EQ(seen_.find(name), seen_.npos) << seen_;
  type("\x1b[C");
  EXPECT_TRUE(shows(name));
  type("q");
  EXPECT_EQ(run.wait().status, 0);
}

TEST_F(WatchAllTerminal, SortsByAKey) {
  MemoryGroup one = make_below(watched().group);
  MemoryGroup two = make_below(watched().group);
  Subprocess run = start();
  for (const char* const key : {"k", "p", "u", "\x1b[B", "\x1b[A", "x"}) {
    type(key);
    EXPECT_TRUE(shows("q: quit")) << key;
  }
  type("q");
  EXPECT_EQ(run.wait().status, 0);
}

/// `cglab watch --all` as a job of a shell that does not reset its terminal.
class WatchAllJob : public WatchAllTerminal {
 protected:
  Subprocess start_shell() const {
    ProcessSpec spec;
    spec.program = "dash";
    spec.arguments = {"-i"};
    spec.environment = {{"TERM", "xterm"}, {"PS1", "ready> "}, {"ENV", {}}};
    spec.prepare = [this] {
      terminal().become_controlling(true);
      ::dup2(STDOUT_FILENO, STDERR_FILENO);
    };
    return Subprocess::start(spec);
  }

  std::string command(const std::string& log) const {
    const ProcessSpec spec = cglab_spec(
        {"watch", "--all", path(), "--interval", "50ms", "--log", log});
    std::string text = "'" + spec.program + "'";
    for (const std::string& word : spec.arguments) text += " '" + word + "'";
    return text + "\n";
  }
};

TEST_F(WatchAllJob, StopsAndGoesOnInTheBackground) {
  if (test_support::run_process(
          {"sh", {"-c", "command -v dash"}, {}, [] {}, false, ""})
          .status != 0) {
    GTEST_SKIP() << "dash, a shell that leaves its terminal as it is";
  }
  const TempFolder folder;
  Subprocess shell = start_shell();
  ASSERT_TRUE(shows("ready> "));
  type(command(folder.path_of("log")));
  ASSERT_TRUE(shows("q: quit")) << seen_;
  EXPECT_FALSE(has_echo());
  type("\x1a");
  ASSERT_TRUE(shows("Stopped")) << seen_;
  EXPECT_TRUE(has_echo());
  type("bg\n");
  ASSERT_TRUE(shows("q: quit")) << seen_;
  // The lines of the shell are not keys, and do not stop it, although they can
  // be read for a while.
  type("sleep 0.5\necho o''ne\n");
  ASSERT_TRUE(shows("one")) << seen_;
  ASSERT_TRUE(shows("q: quit")) << seen_;
  type("jobs\n");
  ASSERT_TRUE(shows("Running")) << seen_;
  EXPECT_TRUE(has_echo());
  type("fg\n");
  ASSERT_TRUE(test_support::wait_until([this] { return !has_echo(); }));
  ASSERT_TRUE(shows("q: quit")) << seen_;
  type("q");
  EXPECT_TRUE(shows("quit: 0 OOM kills")) << seen_;
  EXPECT_TRUE(shows("ready> ")) << seen_;
  EXPECT_TRUE(has_echo());
  type("exit\n");
  EXPECT_EQ(shell.wait().status, 0);
}

}  // namespace
}  // namespace cli_test
