// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cgroupfs/text.h"
#include "lab/base/version.h"
#include "lab/report/layout.h"

namespace lab {
namespace {

using Json = nlohmann::ordered_json;

std::string mark(Health health, const Terminal& terminal) {
  std::string text(to_string(health));
  switch (health) {
    case Health::ok:
      return terminal.green(text);
    case Health::limited:
      return terminal.yellow(text);
    case Health::missing:
      return terminal.red(text);
    case Health::absent:
    case Health::unknown:
      return terminal.dim(text);
  }
  return text;
}

/// "memory_peak" as words.
std::string title(std::string id) {
  std::replace(id.begin(), id.end(), '_', ' ');
  return id;
}

/// The words of `line` with one blank between them: it may stand in columns.
std::string squeezed(std::string_view line) {
  return fmt::format("{}", fmt::join(cgroupfs::split_words(line), " "));
}

/// Commands as they are, for pasting; `add_prose` adds each other line.
template <typename AddProse>
void add_cure(const std::string& cure, Layout& layout,
              const AddProse& add_prose) {
  for (const std::string_view line : cgroupfs::split_lines(cure)) {
    if (line.empty()) continue;
    if (line.starts_with("  ")) {
      layout.line(line);
    } else {
      add_prose(line);
    }
  }
}

/// A place that was not found has a reason a line.
void add(const Requirement& requirement, const Terminal& terminal,
         Layout& layout) {
  const auto lines = cgroupfs::split_lines(requirement.found);
  layout.row(title(requirement.id), lines.empty() ? "" : lines.front(),
             mark(requirement.health, terminal) + ": ");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    layout.row("", "- " + squeezed(lines[i]));
  }
  layout.row("", "(" + requirement.purpose + ")");
  if (!requirement.fix) return;
  if (requirement.health == Health::missing) {
    layout.row("", "what to do: see above");
    return;
  }
  layout.row("", "what to do:");
  add_cure(*requirement.fix, layout,
           [&layout](std::string_view prose) { layout.row("", prose); });
}

/// What has to be done before anything else, where it can be pasted from.
void add_first_steps(const Diagnosis& diagnosis, Layout& layout) {
  std::set<std::string> shown;
  for (const Requirement& each : diagnosis.requirements) {
    if (each.health != Health::missing || !each.fix) continue;
    if (!shown.insert(*each.fix).second) continue;
    layout.line(fmt::format("For the {}:", title(each.id)));
    add_cure(*each.fix, layout,
             [&layout](std::string_view prose) { layout.paragraph(prose); });
  }
}

/// Without the line end that a cure which begins with a command begins with.
Json json_of_fix(const std::optional<std::string>& fix) {
  if (!fix) return nullptr;
  return fix->starts_with('\n') ? fix->substr(1) : *fix;
}

Json json(const Requirement& requirement) {
  return {{"id", requirement.id},
          {"purpose", requirement.purpose},
          {"state", std::string(to_string(requirement.health))},
          {"found", requirement.found},
          {"fix", json_of_fix(requirement.fix)}};
}

Json json(const Placement& placement) {
  return {{"parent", placement.parent},
          {"strategy", placement.strategy},
          {"cgroup", std::string(to_string(placement.version))}};
}

}  // namespace

std::string doctor_report(const Diagnosis& diagnosis,
                          const Terminal& terminal) {
  Layout layout(terminal);
  layout.line(diagnosis.oom_runs ? terminal.green("cglab oom RUNS HERE")
                                 : terminal.red("cglab oom DOES NOT RUN HERE"));
  add_first_steps(diagnosis, layout);
  layout.line("");
  for (const Requirement& each : diagnosis.requirements) {
    add(each, terminal, layout);
  }
  return layout.text();
}

std::string doctor_json(const Diagnosis& diagnosis) {
  Json requirements = Json::array();
  for (const Requirement& each : diagnosis.requirements) {
    requirements.push_back(json(each));
  }
  const Json document = {
      {"schema", "cglab.doctor/1"},
      {"tool", {{"name", "cglab"}, {"version", version}}},
      {"oom_runs", diagnosis.oom_runs},
      {"placement", diagnosis.placement ? json(*diagnosis.placement) : Json()},
      {"requirements", std::move(requirements)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lab
