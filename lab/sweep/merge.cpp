// SPDX-License-Identifier: MIT
#include "lab/sweep/merge.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/visible.h"
#include "lab/report/run_document.h"
#include "lab/sweep/cell_result.h"

namespace lab {
namespace {

/// Of a message, which can be 64 KiB long.
constexpr std::size_t longest_error = 1000;

using FileId = std::pair<dev_t, ino_t>;

FileId id_of(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    cgroupfs::throw_errno("open the folder of the results", folder);
  }
  return {status.st_dev, status.st_ino};
}

/// Whether the record is of a run of the cell: a VM gets other arguments.
bool is_of(const Cell& cell, const CellResult& result) {
  const auto& typed = result.record->tool.command_line;
  if (!result.vm_host.empty()) return true;
  if (typed.size() < 2 || typed[1] != cell.of.experiment) return false;
  auto at = typed.begin() + 2;
  for (const std::string& word : cell.of.arguments) {
    at = std::find(at, typed.end(), visible(word));
    if (at++ == typed.end()) return false;
  }
  return true;
}

class Merge {
 public:
  explicit Merge(const std::vector<std::string>& folders) {
    std::set<FileId> known;
    for (const std::string& each : folders) {
      folders_.emplace_back(each, /*may_create=*/false);
      if (!known.insert(id_of(each)).second) {
        throw UsageError(
            fmt::format("sweep merge: the folder {} is given twice", each));
      }
    }
    outcome_.sweep.emplace();
  }

  /// A run that failed in one folder may have succeeded in another.
  void add(std::size_t index, const Cell& cell) {
    if (!ids_.insert(cell.id).second) {
      throw RunError(
          fmt::format("the plan has the cell {} twice, at last in line {}; it "
                      "may have been "
                      "made of several plans. Remove one of the lines",
                      cell.id, index));
    }
    ++outcome_.planned;
    const std::size_t case_number = number_of(cell.of);
    std::vector<CellNote> failures;
    bool is_measured = false;
    for (const ResultsFolder& folder : folders_) {
      CellNote note{index, cell.id, cell.of.label};
      try {
        const auto result = folder.find(cell);
        if (!result) continue;
        is_measured =
            add(cell, case_number, folder, *result, note) || is_measured;
      } catch (const DamagedResult& error) {
        note.error = error.what();
      }
      if (!note.error.empty() || note.status) failures.push_back(note);
    }
    if (is_measured) {
      ++outcome_.done;
    } else if (failures.empty()) {
      outcome_.sweep->missing.push_back({index, cell.id, cell.of.label});
    } else {
      for (CellNote& note : failures) {
        note.error.resize(std::min(note.error.size(), longest_error));
        outcome_.sweep->failed.push_back(std::move(note));
      }
    }
  }

  BenchOutcome finish() && {
    // Of a hundred thousand cases there is no room for two copies.
    numbers_ = {};
    ids_ = {};
    outcome_.results.reserve(results_.size());
    outcome_.sweep->kinds = kinds_.all();
    while (!results_.empty()) {
      outcome_.results.push_back(std::move(results_.begin()->second));
      results_.erase(results_.begin());
    }
    return std::move(outcome_);
  }

 private:
  /// Whether it was measured; else why not is in `note`.
  bool add(const Cell& cell, std::size_t case_number,
           const ResultsFolder& folder, const CellResult& result,
           CellNote& note) {
    if (result.error) {
      note.host = result.host;
      note.status = result.status;
      note.error = *result.error;
      return false;
    }
    if (!is_of(cell, result)) {
      note.host = result.host;
      note.error = folder.path_of(cell) + ": its record is of another run";
      return false;
    }
    const NamedRecord run = rechecked(folder.path_of(cell), *result.record);
    if (run.denied) {
      note.host = result.host;
      note.error =
          run.name + ": its saved verdict does not follow from its evidence";
      return false;
    }
    const std::size_t kind =
        kinds_.kind_of(run.record, result.host, result.vm_host);
    BenchResult& of = results_[{kind, case_number}];
    of.of = cell.of;
    of.kind = kind;
    add_run(of, run.record, result.wall_ns);
    of.hosts.push_back(result.host);
    of.cells.push_back(cell.id);
    return true;
  }

  /// Its number in the plan. Cases are the same if all their arguments are.
  std::size_t number_of(const BenchCase& of) {
    const std::string key = make_cell(of, 1).id;
    return numbers_.emplace(key, numbers_.size()).first->second;
  }

  std::vector<ResultsFolder> folders_;
  HostKinds kinds_;
  std::unordered_set<std::string> ids_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::map<std::pair<std::size_t, std::size_t>, BenchResult> results_;
  BenchOutcome outcome_;
};

}  // namespace

BenchOutcome merge(const PlanFile& plan,
                   const std::vector<std::string>& folders) {
  Merge merge(folders);
  plan.for_each([&](std::size_t index, Cell cell) {
    // A plan may come from anyone, and a terminal obeys control characters.
    cell.of.label = visible_line(cell.of.label);
    merge.add(index, cell);
  });
  return std::move(merge).finish();
}

}  // namespace lab
