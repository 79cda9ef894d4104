// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab {
namespace {

/// Built on first use: registrations run in no certain order.
std::vector<const Experiment*>& registry() {
  static std::vector<const Experiment*> experiments;
  return experiments;
}

std::string word_of(Need need) {
  switch (need) {
    case Need::swap:
      return "swap";
    case Need::disk:
      return "a folder on a disk";
    case Need::huge_pages:
      return "huge pages";
    case Need::pressure:
      return "PSI";
    case Need::locked_memory:
      return "locked memory";
    case Need::pids:
      return "the pids controller";
    case Need::cgroup_kill:
      return fmt::format("{} (Linux {})", name_of(cgroupfs::File::cgroup_kill),
                         since(cgroupfs::File::cgroup_kill));
  }
  return "";
}

}  // namespace

const std::vector<const Experiment*>& all_experiments() {
  return registry();
}

std::string availability(const Experiment& experiment) {
  std::string text =
      experiment.only ? std::string(to_string(*experiment.only)) : "v1, v2";
  for (const Need need : experiment.needs) {
    text += fmt::format("; {}", word_of(need));
  }
  return text;
}

std::string machine_needs(const Experiment& experiment) {
  const auto is_met_by_swap = [](Need need) {
    return need == Need::swap || need == Need::disk;
  };
  const bool needed = std::any_of(experiment.needs.begin(),
                                  experiment.needs.end(), is_met_by_swap);
  return needed ? " --swap 256M" : "";
}

ExperimentRegistration::ExperimentRegistration(const Experiment& experiment) {
  auto& experiments = registry();
  const auto place =
      std::lower_bound(experiments.begin(), experiments.end(), &experiment,
                       [](const Experiment* a, const Experiment* b) {
                         return std::string_view(a->name) < b->name;
                       });
  experiments.insert(place, &experiment);
}

}  // namespace lab
