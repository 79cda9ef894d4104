// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/record/experiment.h"

namespace lab {

/// Where an experiment is: its data are made when they are asked for, for a run
/// needs those of one.
struct ExperimentEntry {
  const char* name;
  Message summary;
  Experiment (*make)();
};

/// All of them, sorted by name.
const std::vector<ExperimentEntry>& experiment_entries();
std::vector<const Experiment*> all_experiments();

/// The name of `file`, which is the same in every language.
inline Message name_in_texts(cgroupfs::File file) {
  return {name_of(file), name_of(file)};
}

/// The one of that name, which lasts as long as the program. Throws
/// std::logic_error when there is none.
const Experiment& experiment_named(std::string_view name);

/// Where `experiment` exists, for people: "v2", "v1, v2; swap".
std::string availability(const Experiment& experiment);

/// Options of scripts/vm that give the machine what `experiment` needs
/// (" --swap 256M"); empty: nothing.
std::string machine_needs(const Experiment& experiment);

/// A static object of this type in an experiment's file adds it to them.
class ExperimentRegistration {
 public:
  ExperimentRegistration(const char* name, const Message& summary,
                         Experiment (*make)());
};

}  // namespace lab
