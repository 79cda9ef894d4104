// SPDX-License-Identifier: MIT
#include "lab/vm_command.h"

#include <fmt/format.h>

#include <optional>

#include "lab/errors.h"
#include "lab/options.h"
#include "lab/plan.h"
#include "lab/report/dry_run.h"
#include "lab/requirements.h"
#include "lab/units.h"

namespace lab {
namespace {

using Arguments = std::vector<std::string>;

/// Memory of scripts/vm by default, and what its kernel takes of it.
constexpr Bytes default_memory{gibi};
constexpr Bytes kernel_share{256 * mebi};

/// `--name VALUE` or `--name=VALUE`, from the last one that is given.
std::optional<std::string> value_of(const Arguments& arguments,
                                    const std::string& name) {
  std::optional<std::string> value;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(name + "=")) {
      value = arguments[i].substr(name.size() + 1);
    } else if (arguments[i] == name && i + 1 < arguments.size()) {
      value = arguments[i + 1];
    }
  }
  return value;
}

Arguments without(const Arguments& arguments, const std::string& name) {
  Arguments rest;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == name) {
      ++i;
    } else if (!arguments[i].starts_with(name + "=")) {
      rest.push_back(arguments[i]);
    }
  }
  return rest;
}

/// A file in there would be lost.
Arguments without_own_files(const Arguments& arguments) {
  Arguments rest = arguments;
  for (const char* name : {"--parent", "--json", "--html", "--csv"}) {
    rest = without(rest, name);
  }
  return rest;
}

/// What the machine needs so that the run claims a safe share of its memory.
std::string memory_option(const Arguments& arguments) {
  try {
    const Arguments options(arguments.begin() + 1, arguments.end());
    const Plan plan =
        make_plan(arguments.front(), parse_run_options(options).parameters);
    const std::uint64_t needed =
        largest_claim(plan).count / safe_share_percent * 100 +
        kernel_share.count;
    if (needed <= default_memory.count) return "";
    return fmt::format(" --memory {}M", needed / mebi + 1);
  } catch (const UsageError&) {
    return "";
  }
}

}  // namespace

std::string vm_command(const Arguments& arguments,
                       const std::string& vm_options) {
  std::string line = fmt::format("scripts/vm{}", vm_options);
  const bool v1_named = vm_options.find("--cgroup") != std::string::npos;
  if (!v1_named && value_of(arguments, "--cgroup") == "v1") {
    line += " --cgroup v1";
  }
  if (!arguments.empty()) line += memory_option(arguments);
  line += " -- cglab";
  for (const std::string& word : without_own_files(arguments)) {
    line += ' ';
    line += shell_quote(word);
  }
  return line;
}

}  // namespace lab
