// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace lab {
namespace {

/// Built on first use: registrations run in no certain order.
std::vector<ExperimentEntry>& experiment_registry() {
  static std::vector<ExperimentEntry> entries;
  return entries;
}

std::string word_of(HostFeature feature) {
  switch (feature) {
    case HostFeature::swap:
      return "swap";
    case HostFeature::disk:
      return "a folder on a disk";
    case HostFeature::huge_pages:
      return "huge pages";
    case HostFeature::pressure:
      return "PSI";
    case HostFeature::locked_memory:
      return "locked memory";
    case HostFeature::pids:
      return "the pids controller";
    case HostFeature::cgroup_kill:
      return fmt::format("{} (Linux {})", name_of(cgroupfs::File::cgroup_kill),
                         since(cgroupfs::File::cgroup_kill));
  }
  return "";
}

}  // namespace

const std::vector<ExperimentEntry>& experiment_entries() {
  return experiment_registry();
}

std::vector<const Experiment*> all_experiments() {
  std::vector<const Experiment*> experiments;
  for (const ExperimentEntry& entry : experiment_registry()) {
    experiments.push_back(&experiment_named(entry.name));
  }
  return experiments;
}

const Experiment& experiment_named(std::string_view name) {
  static std::map<std::string_view, Experiment> made;
  const auto known = made.find(name);
  if (known != made.end()) return known->second;
  for (const ExperimentEntry& entry : experiment_registry()) {
    if (entry.name != name) continue;
    Experiment& experiment =
        made.emplace(entry.name, entry.make()).first->second;
    experiment.name = entry.name;
    experiment.summary = entry.summary;
    return experiment;
  }
  throw std::logic_error(fmt::format("there is no experiment {}", name));
}

std::string availability(const Experiment& experiment) {
  std::string text =
      experiment.only ? std::string(to_string(*experiment.only)) : "v1, v2";
  for (const HostFeature feature : experiment.requirements) {
    text += fmt::format("; {}", word_of(feature));
  }
  return text;
}

std::string machine_needs(const Experiment& experiment) {
  const auto is_met_by_swap = [](HostFeature feature) {
    return feature == HostFeature::swap || feature == HostFeature::disk;
  };
  const bool needed =
      std::any_of(experiment.requirements.begin(),
                  experiment.requirements.end(), is_met_by_swap);
  return needed ? " --swap 256M" : "";
}

ExperimentRegistration::ExperimentRegistration(const char* name,
                                               const Message& summary,
                                               Experiment (*make)()) {
  auto& entries = experiment_registry();
  const auto place = std::lower_bound(
      entries.begin(), entries.end(), std::string_view(name),
      [](const ExperimentEntry& entry, std::string_view other) {
        return entry.name < other;
      });
  entries.insert(place, {name, summary, make});
}

}  // namespace lab
