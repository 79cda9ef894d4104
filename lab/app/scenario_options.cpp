// SPDX-License-Identifier: MIT
#include "lab/app/scenario_options.h"

#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/command/command_line.h"
#include "lab/command/on_option.h"
#include "lab/command/options.h"

namespace lab {
namespace {

/// Shares of a smaller limit would drown in what processes need to start.
constexpr Bytes least_limit{16 * mebi};
constexpr Bytes default_limit{64 * mebi};
constexpr std::chrono::milliseconds default_poll(5);
constexpr std::chrono::minutes default_timeout(2);

OptionList description() {
  OptionList options{
      {"limit", "SIZE",
       "the size of it all: every limit and every hog is a share of this "
       "(64M)"},
      {"control", nullptr,
       "leave out what decides: the other outcome must be seen"},
      {"cgroup", "auto|v1|v2", "version to use"},
  };
  add_on_option(options);
  options.insert(options.end(),
                 {
                     {"parent", "PATH", "make the cgroups under this one"},
                     {"poll", "TIME", "time between samples (5ms)"},
                     {"timeout", "TIME", "deadline (2m)"},
                 });
  add_output_options(options);
  options.insert(options.end(),
                 {
                     {"quiet,q", nullptr,
                      "say nothing; the exit status tells the outcome"},
                     {"verbose,v", nullptr, "say each event as it happens"},
                     {"lang", "en|zh", "language of the headline"},
                     {"color", "auto|always|never", "colours"},
                     {"help,h", nullptr, "this text"},
                 });
  return options;
}

}  // namespace

ScenarioOptions parse_scenario_options(
    const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(description(), arguments);
  ScenarioOptions options;
  options.help = line.has("help");
  options.control = line.has("control");
  options.parameters = read_parameters(line);
  options.on = read_on_option(line);
  options.outputs = read_output_names(line);
  options.verbosity = read_verbosity(line);
  options.language = choose_language(value_of(line, "lang", parse_language));
  options.color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  return options;
}

std::string scenario_options_help() {
  return options_text(description());
}

Plan make_scenario_plan(const Experiment& experiment,
                        const Parameters& parameters) {
  Parameters filled = parameters;
  filled.limit = parameters.limit.value_or(default_limit);
  if (*filled.limit < least_limit) {
    throw UsageError(fmt::format(
        "--limit {} is too small for shares of it: take at least {}",
        size_argument(*filled.limit), exact_size(least_limit)));
  }
  filled.ramp = nanoseconds(0);
  filled.poll = parameters.poll.value_or(default_poll);
  filled.timeout = parameters.timeout.value_or(default_timeout);
  if (*filled.poll > *filled.timeout) {
    throw UsageError(fmt::format(
        "--poll {} is longer than --timeout {}: nothing would be "
        "sampled",
        time_argument(*filled.poll), time_argument(*filled.timeout)));
  }
  Plan plan = make_plan(experiment.name, filled);
  plan.total.reset();
  plan.block.reset();
  plan.ramp.reset();
  return plan;
}

}  // namespace lab
