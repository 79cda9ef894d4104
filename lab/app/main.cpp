// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "cgroupfs/error.h"
#include "lab/app/run_commands.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/version.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/os/signal_fd.h"
#include "lab/place/advice.h"
#include "lab/repeat/vm_command.h"
#include "lab/report/terminal.h"
#include "lab/run/requirements.h"

namespace {

using Arguments = std::vector<std::string>;

/// At a time, of one that makes no run.
constexpr std::size_t files_of_any_command = 20;

/// A closed standard stream would be the first number that the next open gets:
/// a record or an interface file would take what is meant for people. Opened
/// for the wrong direction, so that a lost report is an error and not silence.
void open_missing_streams() noexcept {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool missing = ::fcntl(fd, F_GETFD) < 0;
    if (missing) {
      ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

/// Errors quote arguments and paths, which a terminal must not obey.
void say_to_stderr(std::string_view text) {
  lab::write_stderr(lab::visible(text));
}

int report_usage_error(const std::exception& error, const std::string& help) {
  say_to_stderr(fmt::format("cglab: {}\nTry '{}'.\n", error.what(), help));
  return lab::exit_usage;
}

void report_cure(const std::string& cure) {
  if (cure.empty()) return;
  // One that begins with a command has its own first line end.
  const char* const space = cure.front() == '\n' ? "" : " ";
  say_to_stderr(fmt::format("What to do:{}{}\n", space, cure));
}

int report_unavailable(const lab::Unavailable& error,
                       const Arguments& arguments) {
  say_to_stderr(fmt::format("cglab: cannot run here: {}\n", error.what()));
  report_cure(error.fix());
  if (error.vm_helps()) {
    say_to_stderr(fmt::format("Or run it in a disposable VM:\n  {}\n",
                              lab::vm_command(arguments, error.vm_options())));
  }
  return lab::exit_unavailable;
}

int report_failure(const std::exception& error) {
  say_to_stderr(fmt::format("cglab: {}\n", error.what()));
  return lab::exit_failed;
}

int run_command(const lab::Command& command, const Arguments& arguments) {
  try {
    // Too few would fail anywhere, and look like something else.
    if (const auto few = lab::forbidden_by_open_files(files_of_any_command)) {
      throw *few;
    }
    return lab::execute(command, {arguments.begin() + 1, arguments.end()});
  } catch (const lab::UsageError& error) {
    return report_usage_error(error,
                              fmt::format("cglab {} --help", command.name));
  } catch (const lab::Unavailable& error) {
    return report_unavailable(error, arguments);
  } catch (const lab::LeftBehind& error) {
    report_failure(error);
    return lab::exit_left_behind;
  } catch (const lab::Interrupted& interrupted) {
    return lab::exit_signal_base + interrupted.signal;
  } catch (const lab::TerminalGone& error) {
    report_failure(error);
    // A hang-up takes it away, and that is what happened.
    const auto signal = lab::end_signal_taken();
    return signal ? lab::exit_signal_base + *signal : lab::exit_failed;
  } catch (const cgroupfs::FileError& error) {
    report_failure(error);
    report_cure(lab::advice_for(error));
    return lab::exit_failed;
  } catch (const std::exception& error) {
    return report_failure(error);
  }
}

std::string overview_on(std::FILE* stream) {
  const lab::Terminal terminal(stream, lab::ColorChoice::never);
  return lab::overview(lab::help_width(terminal.width()));
}

int run(const Arguments& arguments) {
  if (arguments.empty()) {
    lab::write_stderr(overview_on(stderr));
    return lab::exit_usage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h") {
    lab::write_stdout(overview_on(stdout));
    return lab::exit_expected;
  }
  // For the build, which makes the manual page and the completions of it.
  if (name == "--describe") {
    lab::write_stdout(lab::commands_json());
    return lab::exit_expected;
  }
  if (name == "--version") {
    lab::write_stdout(fmt::format("cglab {}\n", lab::version));
    return lab::exit_expected;
  }
  try {
    return run_command(lab::find_command(name), arguments);
  } catch (const lab::UsageError& error) {
    return report_usage_error(error, "cglab --help");
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_missing_streams();
  lab::ignore_file_size_signal();
  lab::add_run_commands();
  try {
    return run(Arguments(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    return report_failure(error);
  }
}
