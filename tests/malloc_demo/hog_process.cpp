// SPDX-License-Identifier: MIT
#include "hog_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/system_failure.h"
#include "tests/support/wait.h"

namespace {

using malloc_demo::ProgressPage;
using test_support::fail;

constexpr std::size_t page_bytes = 4096;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {ends[0], ends[1]};
}

int make_progress_page() {
  const int fd = memfd_create("progress", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, page_bytes) != 0) fail("memfd_create");
  return fd;
}

/// Gives the descriptor to the program that is about to be executed.
void inherit(int fd) {
  fcntl(fd, F_SETFD, 0);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  ssize_t length = 0;
  while ((length = read(fd, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(length));
  }
  return text;
}

struct Outputs {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
};

pid_t start(std::vector<std::string> arguments, const Outputs& outputs,
            const HogProcess::Preparation& prepare) {
  arguments.insert(arguments.begin(), malloc_demo_path());
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(outputs.out.write_end, STDOUT_FILENO);
    dup2(outputs.err.write_end, STDERR_FILENO);
    prepare();
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(outputs.out.write_end);
  close(outputs.err.write_end);
  return pid;
}

/// What the program writes fits into a pipe, so it may be read after the end.
Ending finish(pid_t pid, int out, int err) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) fail("waitpid");
  Ending ending;
  if (WIFEXITED(status)) ending.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  ending.output = read_all(out);
  ending.errors = read_all(err);
  close(out);
  close(err);
  return ending;
}

}  // namespace

std::string malloc_demo_path() {
  if (const char* path = std::getenv("CGLAB_MALLOC_DEMO")) return path;
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  return self.parent_path().parent_path().parent_path() / "malloc_demo" /
         "malloc_demo";
}

Ending run_malloc_demo(const std::vector<std::string>& arguments,
                       const HogProcess::Preparation& prepare) {
  const Outputs outputs;
  const pid_t pid = start(arguments, outputs, prepare);
  return finish(pid, outputs.out.read_end, outputs.err.read_end);
}

HogProcess::HogProcess(const std::vector<std::string>& arguments,
                       const Preparation& prepare) {
  const Pipe gate = make_pipe();
  const int page = make_progress_page();
  void* const address =
      mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
  if (address == MAP_FAILED) fail("mmap");
  progress_ = static_cast<ProgressPage*>(address);
  std::vector<std::string> all = {"--gate-fd", std::to_string(gate.read_end),
                                  "--progress-fd", std::to_string(page)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Outputs outputs;
  pid_ = start(all, outputs, [&] {
    inherit(gate.read_end);
    inherit(page);
    prepare();
  });
  close(gate.read_end);
  close(page);
  gate_ = gate.write_end;
  output_ = outputs.out.read_end;
  errors_ = outputs.err.read_end;
}

HogProcess::~HogProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  if (gate_ >= 0) close(gate_);
  munmap(progress_, page_bytes);
}

std::uint64_t HogProcess::touched() const noexcept {
  return progress_->touched_bytes.load(std::memory_order_acquire);
}

std::uint64_t HogProcess::last_touch_ns() const noexcept {
  return progress_->last_touch_ns.load(std::memory_order_relaxed);
}

bool HogProcess::sleeps() const {
  const std::string folder = "/proc/" + std::to_string(pid_);
  // Before exec the child is this program.
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink(folder + "/exe", ignored);
  if (program != std::filesystem::canonical(malloc_demo_path())) return false;
  std::ifstream stream(folder + "/stat");
  std::string text;
  std::getline(stream, text);
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] == 'S';
}

bool HogProcess::stops_at(std::uint64_t bytes) const {
  return test_support::wait_until(
      [&] { return touched() == bytes && sleeps(); });
}

void HogProcess::open_gate() {
  if (write(gate_, "g", 1) != 1) fail("write to the gate");
}

void HogProcess::close_gate() {
  close(gate_);
  gate_ = -1;
}

std::string HogProcess::read_line() {
  std::string line;
  char character = 0;
  while (read(output_, &character, 1) == 1 && character != '\n') {
    line += character;
  }
  return line;
}

Ending HogProcess::wait() {
  const pid_t pid = pid_;
  pid_ = -1;
  return finish(pid, output_, errors_);
}
