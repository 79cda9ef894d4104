// SPDX-License-Identifier: MIT
#include "lab/app/run_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/command/command_line.h"
#include "lab/command/options.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

OptionList description() {
  return {
      {"limit", "SIZE", "memory limit (none: only measured)"},
      {"high", "SIZE", "throttle above this much (v2)"},
      {"swap", "SIZE|max",
       "swap that it may use besides (0 with --limit, else max)"},
      {"oom-group", nullptr, "an OOM kill kills all of it together (v2)"},
      {"pids", "N", "most processes and threads at a time"},
      {"env", nullptr,
       "give it CGLAB_LIMIT, _HIGH, _SWAP, _PIDS (as in force, or max) and "
       "CGLAB_CGROUP (the directory)"},
      {"cgroup", "auto|v1|v2", "version to use"},
      {"parent", "PATH", "make the cgroup under this one"},
      {"poll", "TIME", "time between samples (10ms)"},
      {"timeout", "TIME", "kill all of it after this time"},
      {"keep", nullptr, "leave the cgroup to look at"},
      {"json", "FILE", "write the record as JSON"},
      {"quiet,q", nullptr, "no report"},
      {"verbose,v", nullptr, "say each event as it happens"},
      {"lang", "en|zh", "language of the verdict (of the environment)"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

/// Where the command begins; without `--` it would be unclear whose options
/// stand behind it.
Words::const_iterator find_command(const Words& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--");
}

Words command_of(const Words& arguments) {
  const auto mark = find_command(arguments);
  if (mark == arguments.end() || mark + 1 == arguments.end()) {
    throw UsageError(
        "there is no command to run; write it behind --, such as: cglab run "
        "--limit 100M -- make");
  }
  if ((mark + 1)->empty()) throw UsageError("the command's name is empty");
  return {mark + 1, arguments.end()};
}

CommandLine parse_before_command(const Words& arguments) {
  constexpr std::size_t any = 1;
  const Words options(arguments.begin(), find_command(arguments));
  CommandLine line = parse_command_line(description(), options, any);
  if (line.positional.empty()) return line;
  throw UsageError(fmt::format(
      "unexpected argument '{0}'; a command stands behind --, such as: cglab "
      "run -- {0}",
      line.positional.front()));
}

std::uint64_t parse_count(const std::string& text) {
  try {
    return cgroupfs::parse_u64(text);
  } catch (const cgroupfs::ParseError&) {
    throw UsageError(fmt::format("'{}' is no number of processes", text));
  }
}

/// The command's own output must stay whole.
std::string parse_record_path(const std::string& text) {
  if (text == "-") {
    throw UsageError("stdout belongs to the command: name a file");
  }
  if (text.starts_with("--")) {
    throw UsageError(fmt::format(
        "the file is missing; for one that is called {0} write ./{0}", text));
  }
  return parse_text(text);
}

CommandPlan read_command(const CommandLine& line) {
  CommandPlan command;
  const auto high = value_of(line, "high", parse_size);
  if (high) command.high = Limit::of(*high);
  command.pids = value_of(line, "pids", parse_count);
  command.oom_group = line.has("oom-group");
  command.tell = line.has("env");
  return command;
}

}  // namespace

CommandOptions parse_command_options(const Words& arguments) {
  const CommandLine line = parse_before_command(arguments);
  CommandOptions options;
  options.help = line.has("help");
  if (options.help) return options;
  options.parameters = read_parameters(line);
  options.command = read_command(line);
  options.json = value_of(line, "json", parse_record_path);
  options.verbosity = read_verbosity(line);
  options.color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  options.language = choose_language(value_of(line, "lang", parse_language));
  options.command.command = command_of(arguments);
  return options;
}

std::string command_options_help() {
  return options_text(description());
}

}  // namespace lab
