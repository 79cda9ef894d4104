// SPDX-License-Identifier: MIT
#include "lab/command/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/command/on_option.h"
#include "lab/command/option_groups.h"

namespace lab {
namespace {

using cgroupfs::File;
using Words = std::vector<std::string>;

/// Whether it has a swap limit of its own, or leaves no room for one.
bool limits_swap(const Experiment& experiment) {
  // v1 takes no new limit of memory above that of memory and swap.
  const auto& steps = experiment.procedure.steps;
  const bool sets =
      std::any_of(steps.begin(), steps.end(), [](const Step& each) {
        return each.kind == Step::Kind::set &&
               each.setting->file == File::memory_max;
      });
  if (sets) return true;
  const auto& cgroups = experiment.procedure.cgroups;
  return std::any_of(
      cgroups.begin(), cgroups.end(), [](const CgroupSpec& each) {
        return std::any_of(each.settings.begin(), each.settings.end(),
                           [](const Setting& setting) {
                             return setting.file == File::memory_swap_max;
                           });
      });
}

/// Whether it has a process that takes its memory page by page.
bool climbs(const Experiment& experiment) {
  const auto& processes = experiment.procedure.processes;
  return std::any_of(
      processes.begin(), processes.end(), [](const ProcessSpec& each) {
        return !each.when.control.value_or(false) && each.touch != "none" &&
               each.memory != "populate" && each.memory != "locked";
      });
}

bool is_oom(const Experiment* experiment) {
  return experiment && std::string_view(experiment->name) == "oom";
}

void add_sizes(const Experiment& experiment, OptionList& options) {
  if (!experiment.sized_by_user) {
    add(options, {{"limit", "SIZE",
                   "base size; all limits and allocations are fractions of it "
                   "(64M)"}});
  } else {
    add(options,
        {{"limit", "SIZE", "memory limit of the cgroup (100M)"},
         {"total", "SIZE",
          "how much the hog allocates (twice the limit); below the limit it "
          "survives"},
         {"block", "SIZE",
          is_oom(&experiment)
              ? "allocation size (100M, at most the limit)"
              : "allocation size: one block before the move, one before the "
                "limit is set (a quarter of the limit)"}});
  }
  if (!limits_swap(experiment)) {
    add(options, {{"swap", "SIZE|max", "swap limit of each cgroup (0)"}});
  }
  if (!climbs(experiment)) return;
  add(options,
      {{"ramp", "TIME",
        experiment.sized_by_user
            ? "time to reach the limit at an even rate (3s); 0: full speed"
            : "time to reach --limit at an even rate, for all processes "
              "(default: set by the experiment)"}});
}

void add_command_limits(OptionList& options) {
  add(options,
      {{"limit", "SIZE", "memory limit (none: only measured)"},
       {"high", "SIZE", "throttle above this size (v2)"},
       {"swap", "SIZE|max", "swap limit (0 with --limit, else max)"},
       {"oom-group", "", "an OOM kill kills all processes together (v2)"},
       {"pids", "N", "pids limit: most processes and threads at a time"},
       {"no-wait", "",
        "kill what the command leaves behind instead of waiting for it"},
       {"env", "",
        "export CGLAB_LIMIT, _HIGH, _SWAP, _PIDS (the limits in force, or max) "
        "and CGLAB_CGROUP (the directory)"}});
}

/// What is run, and as which control.
OptionList subject_options(const Experiment* experiment) {
  OptionList options;
  if (experiment) {
    add_sizes(*experiment, options);
  } else {
    add_command_limits(options);
  }
  add(options,
      {{"control", "",
        experiment
            ? "control run: remove the cause, expect the effect to disappear"
            : "control run: measure, but set no limit"},
       {"with-control", "", "do the run and its control run, and show both"}});
  if (is_oom(experiment)) {
    options.push_back(choice("order", {"limit-first", "course"},
                             "course: the same as 'cglab course'"));
  }
  return options;
}

/// Where and how any run is made.
OptionList run_options(const Experiment* experiment) {
  OptionList options{version_option()};
  if (experiment) options.push_back(on_option());
  add(options,
      {{"parent", "PATH", "parent cgroup", directories()},
       {"poll", "TIME",
        !experiment                  ? "sampling interval (10ms)"
        : !experiment->sized_by_user ? "sampling interval (5ms)"
                                     : "sampling interval (10ms; 1ms without "
                                       "ramp)"},
       {"timeout", "TIME",
        !experiment                  ? "kill everything after this time"
        : !experiment->sized_by_user ? "deadline (2m plus the ramps)"
                                     : "deadline (the ramp plus a minute)"},
       {"keep", "", "keep the cgroups for inspection"},
       {"dry-run", "", "print the equivalent shell commands and exit"}});
  return options;
}

/// What is written of it.
OptionList report_options(const Experiment* experiment) {
  OptionList options = output_options(/*stdout_too=*/experiment != nullptr);
  add(options, {experiment ? quiet_option() : quiet_option("no report"),
                verbose_option(),
                brief_option(),
                {"explain", "", "explain the run with its own numbers"}});
  add(options, view_options());
  return options;
}

bool parse_order(const std::string& text) {
  if (text == "limit-first") return false;
  if (text == "course") return true;
  throw UsageError(
      fmt::format("invalid order '{}' (use limit-first or course)", text));
}

std::uint64_t parse_count(const std::string& text) {
  try {
    return cgroupfs::parse_u64(text);
  } catch (const cgroupfs::ParseError&) {
    throw UsageError(fmt::format("invalid number of processes '{}'", text));
  }
}

Parameters read_parameters(const CommandLine& line) {
  Parameters parameters;
  parameters.limit = value_of(line, "limit", parse_size);
  parameters.swap = value_of(line, "swap", parse_size_or_max);
  parameters.total = value_of(line, "total", parse_size);
  parameters.block = value_of(line, "block", parse_size);
  parameters.ramp = value_of(line, "ramp", parse_time);
  parameters.poll = value_of(line, "poll", parse_time);
  parameters.timeout = value_of(line, "timeout", parse_time);
  parameters.version = read_version(line);
  parameters.parent = value_of(line, "parent", parse_text);
  parameters.keep = line.has("keep");
  parameters.control = line.has("control");
  parameters.high = value_of(line, "high", parse_size);
  parameters.pids = value_of(line, "pids", parse_count);
  parameters.oom_group = line.has("oom-group");
  parameters.no_wait = line.has("no-wait");
  parameters.limits_in_environment = line.has("env");
  return parameters;
}

void check_together(const RunOptions& options, const CommandLine& line) {
  const bool quiet = options.verbosity == Verbosity::quiet;
  if (options.parameters.control && line.has("total")) {
    throw UsageError("--control and --total cannot be combined");
  }
  if (options.with_control && options.parameters.control) {
    throw UsageError("--with-control and --control cannot be combined");
  }
  if (options.explain && (options.dry_run || quiet)) {
    throw UsageError("--explain cannot be combined with --quiet or --dry-run");
  }
  if (options.brief && (options.explain || options.dry_run || quiet)) {
    throw UsageError(
        "--brief cannot be combined with --explain, --quiet or --dry-run");
  }
  const OutputNames& outputs = options.outputs;
  if (options.dry_run && (outputs.json || outputs.html || outputs.csv)) {
    throw UsageError(
        "--dry-run cannot be combined with --json, --html or --csv");
  }
  if (options.dry_run && options.parameters.limits_in_environment) {
    throw UsageError("--dry-run and --env cannot be combined");
  }
  if (!options.with_control) return;
  for (const char* const name : {"total", "keep", "dry-run", "csv", "on"}) {
    if (line.has(name)) {
      throw UsageError(
          fmt::format("--with-control and --{} cannot be combined", name));
    }
  }
  if (outputs.json == "-") {
    throw UsageError(
        "--with-control writes two records: --json needs a file name");
  }
}

/// Without `--` it would be unclear to which of the two an option belongs.
Words command_in(const CommandLine& line) {
  if (!line.positional.empty()) {
    throw UsageError(fmt::format(
        "unexpected argument '{0}'; put the command after --, for example: "
        "cglab run -- {0}",
        line.positional.front()));
  }
  if (!line.rest || line.rest->empty()) {
    throw UsageError(
        "no command given; put it after --, for example: cglab run --limit "
        "100M -- make");
  }
  if (line.rest->front().empty()) {
    throw UsageError("the command's name is empty");
  }
  return *line.rest;
}

}  // namespace

Description describe_run(const Experiment* experiment) {
  Description description;
  description.options = subject_options(experiment);
  add(description.options, run_options(experiment));
  add(description.options, report_options(experiment));
  if (experiment) return description;
  // A command without the mark before it gets a message of its own.
  description.arguments.most = 1;
  description.rest = {.usage = "-- COMMAND [ARGUMENT]...",
                      .completion = {Completion::Kind::program}};
  return description;
}

RunOptions read_run_options(const Experiment* experiment,
                            const CommandLine& line) {
  RunOptions options;
  options.parameters = read_parameters(line);
  options.course_order = value_of(line, "order", parse_order).value_or(false);
  if (experiment) options.on = read_on_option(line);
  options.outputs = read_output_names(line);
  options.verbosity = read_verbosity(line);
  const View view = read_view(line);
  options.language = view.language;
  options.color = view.color;
  options.with_control = line.has("with-control");
  options.explain = line.has("explain");
  options.brief = line.has("brief");
  options.dry_run = line.has("dry-run");
  check_together(options, line);
  if (experiment) return options;
  if (options.outputs.take_stdout()) {
    throw UsageError("stdout belongs to the command: give a file name");
  }
  options.parameters.command = command_in(line);
  return options;
}

RunOptions parse_run_options(const Experiment* experiment,
                             const Words& arguments) {
  return read_run_options(
      experiment, parse_command_line(describe_run(experiment), arguments));
}

}  // namespace lab
