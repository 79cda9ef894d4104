// SPDX-License-Identifier: MIT
#include "lab/sweep/merge.h"

#include <map>
#include <unordered_map>
#include <utility>

#include "lab/base/visible.h"
#include "lab/report/run_document.h"
#include "lab/sweep/cell_result.h"

namespace lab {
namespace {

class Merge {
 public:
  explicit Merge(const std::vector<std::string>& folders) {
    for (const std::string& each : folders) {
      folders_.emplace_back(each, /*may_create=*/false);
    }
    outcome_.sweep.emplace();
  }

  void add(std::size_t index, const Cell& cell) {
    ++outcome_.planned;
    const std::size_t case_number = number_of(cell.of);
    bool is_known = false;
    for (const ResultsFolder& folder : folders_) {
      try {
        const auto result = folder.find(cell);
        if (result) add(index, cell, case_number, folder, *result);
        is_known = is_known || result;
      } catch (const DamagedResult& error) {
        fail(index, cell, "", std::nullopt, error.what());
        is_known = true;
      }
    }
    if (!is_known) {
      outcome_.sweep->missing.push_back({index, cell.id, cell.of.label});
    }
  }

  BenchOutcome finish() && {
    numbers_ = {};
    outcome_.results.reserve(results_.size());
    outcome_.sweep->cells = outcome_.planned;
    outcome_.sweep->kinds = kinds_.all();
    while (!results_.empty()) {
      outcome_.results.push_back(std::move(results_.begin()->second));
      results_.erase(results_.begin());
    }
    return std::move(outcome_);
  }

 private:
  void add(std::size_t index, const Cell& cell, std::size_t case_number,
           const ResultsFolder& folder, const CellResult& result) {
    if (result.error) {
      fail(index, cell, result.host, result.status, *result.error);
      return;
    }
    const NamedRecord run = rechecked(folder.path_of(cell), *result.record);
    if (run.denied) {
      fail(index, cell, result.host, result.status,
           run.name + ": its saved verdict does not follow from its evidence");
      return;
    }
    const std::size_t kind = kinds_.kind_of(run.record, result.host);
    BenchResult& of = results_[{kind, case_number}];
    of.of = cell.of;
    of.kind = kind;
    add_run(of, run.record, result.wall_ns);
    of.hosts.push_back(result.host);
    ++outcome_.done;
  }

  void fail(std::size_t index, const Cell& cell, const std::string& host,
            std::optional<int> status, const std::string& error) {
    outcome_.sweep->failed.push_back(
        {index, cell.id, cell.of.label, host, status, error});
  }

  /// Its number in the plan. Cases are the same if all their arguments are.
  std::size_t number_of(const BenchCase& of) {
    const std::string key = make_cell(of, 1).id;
    return numbers_.emplace(key, numbers_.size()).first->second;
  }

  std::vector<ResultsFolder> folders_;
  HostKinds kinds_;
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
