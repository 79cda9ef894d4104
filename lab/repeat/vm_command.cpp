// SPDX-License-Identifier: MIT
#include "lab/repeat/vm_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cgroupfs/text.h"
#include "lab/base/argument_words.h"
#include "lab/base/errors.h"
#include "lab/base/shell_quote.h"
#include "lab/base/units.h"
#include "lab/command/run_options.h"
#include "lab/experiments/experiment.h"
#include "lab/os/find_program.h"
#include "lab/run/requirements.h"

namespace lab {
namespace {

using Arguments = std::vector<std::string>;

/// The default memory of scripts/vm, and the part that its kernel uses.
constexpr Bytes default_memory{gibi};
constexpr Bytes kernel_share{256 * mebi};

/// A file in the VM would be lost. The words of a command of `run` stay.
Arguments without_own_files(const Arguments& arguments) {
  const bool is_run = !arguments.empty() && arguments.front() == "run";
  const auto end = is_run ? std::find(arguments.begin(), arguments.end(), "--")
                          : arguments.end();
  Arguments rest(arguments.begin(), end);
  for (const char* name :
       {"--parent", "--json", "--html", "--csv", "--output", "-o"}) {
    rest = without_option(rest, name);
  }
  rest.insert(rest.end(), end, arguments.end());
  return rest;
}

/// The option with which the run uses a safe share of the VM's memory.
std::string memory_option(const Arguments& arguments) {
  const auto& all = experiment_entries();
  const auto named =
      std::find_if(all.begin(), all.end(), [&](const ExperimentEntry& each) {
        return each.name == arguments.front();
      });
  if (named == all.end()) return "";
  try {
    const Experiment& experiment = experiment_named(named->name);
    const RunOptions options = parse_run_options(
        &experiment, {arguments.begin() + 1, arguments.end()});
    Plan plan = make_plan(
        options.course_order ? experiment_named("course") : experiment,
        options.parameters);
    fit(plan, {.control = plan.control});
    const std::uint64_t needed =
        largest_claim(plan)->count / safe_share_percent * 100 +
        kernel_share.count;
    if (needed <= default_memory.count) return "";
    return fmt::format(" --memory {}M", needed / mebi + 1);
  } catch (const UsageError&) {
    return "";
  }
}

/// As it can be typed: in a clone its name in the project, else its path.
std::string name_of_vm() {
  if (!own_build_folder().empty()) return "scripts/vm";
  try {
    return shell_quote(find_vm());
  } catch (const Unavailable&) {
    return "scripts/vm";
  }
}

}  // namespace

Arguments vm_words(const Arguments& arguments, const std::string& vm_options) {
  std::string options = vm_options;
  const bool v1_named = vm_options.find("--cgroup") != std::string::npos;
  if (!v1_named && value_in(arguments, "--cgroup") == "v1") {
    options += " --cgroup v1";
  }
  if (!arguments.empty()) options += memory_option(arguments);
  Arguments words;
  for (const std::string_view word : cgroupfs::split_words(options)) {
    words.emplace_back(word);
  }
  words.insert(words.end(), {"--", "cglab"});
  for (std::string& word : without_own_files(arguments)) {
    words.push_back(std::move(word));
  }
  return words;
}

Arguments recording_vm_words(const Arguments& run,
                             const std::string& vm_options) {
  Arguments words{"vm"};
  const std::string build = own_build_folder();
  if (!build.empty()) words.insert(words.end(), {"--build", build});
  const Arguments rest = vm_words(run, vm_options);
  words.insert(words.end(), rest.begin(), rest.end());
  // vm_words() removes files of the host; this is not one.
  words.insert(words.end(), {"--json", "-"});
  return words;
}

std::string vm_command(const Arguments& arguments,
                       const std::string& vm_options) {
  std::string line = name_of_vm();
  for (const std::string& word : vm_words(arguments, vm_options)) {
    line += ' ';
    line += shell_quote(word);
  }
  return line;
}

}  // namespace lab
