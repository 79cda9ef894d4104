// SPDX-License-Identifier: MIT
#include "lab/report/environment_rows.h"

#include <fmt/format.h>

#include "lab/report/record_words.h"

namespace lab {

std::vector<std::vector<std::string>> environment_rows(
    const Environment& environment) {
  return {
      {"kernel", environment.kernel},
      {"machine",
       fmt::format("{}, {} CPUs{}", environment.machine, environment.cpus,
                   environment.emulated == true ? ", emulated" : "")},
      {"memory controller",
       fmt::format("cgroup {} ({} host)", to_string(environment.memory_version),
                   environment.cgroup_mode)},
      {"memory", size_words(environment.memory_total)},
      {"swap", size_words(environment.swap_total)},
      {"transparent huge pages", environment.thp.value_or("unknown")},
      {"PSI", environment.psi ? "on" : "off"},
      {"root", held_words(environment.root)},
  };
}

}  // namespace lab
