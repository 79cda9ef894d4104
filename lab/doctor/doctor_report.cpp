// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cgroupfs/text.h"
#include "lab/base/version.h"
#include "lab/doctor/doctor_messages.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

namespace messages = doctor_messages;

using Json = nlohmann::ordered_json;

/// Columns before the value of a row, with its state.
constexpr std::size_t indent = 31;

std::string mark(Health health, Language language, const Terminal& terminal) {
  switch (health) {
    case Health::ok:
      return terminal.green(messages::ok.text(language));
    case Health::limited:
      return terminal.yellow(messages::limited.text(language));
    case Health::missing:
      return terminal.red(messages::missing.text(language));
    case Health::absent:
      return terminal.dim(messages::absent.text(language));
    case Health::unknown:
      break;
  }
  return terminal.dim(messages::unknown.text(language));
}

/// The words of `line` with one blank between them: some lines are in columns.
/// A path that is wider than `columns` is shortened: nothing here is to be
/// pasted.
std::string fitted(std::string_view line, std::size_t columns) {
  std::string text;
  for (const std::string_view word : cgroupfs::split_words(line)) {
    text += text.empty() ? "" : " ";
    text += word.starts_with('/') ? shortened_path(word, columns) : word;
  }
  return text;
}

/// Commands unchanged, for pasting; `add_prose` adds each other line.
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

/// A place that was not found has a line for each reason.
void add(const Requirement& requirement, Language language,
         const Terminal& terminal, Layout& layout) {
  const auto lines = cgroupfs::split_lines(requirement.found);
  const std::string state = say(language, messages::state,
                                mark(requirement.health, language, terminal));
  const std::size_t columns = layout.width() - indent;
  layout.row(requirement.title,
             lines.empty() ? "" : fitted(lines.front(), columns), state);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    layout.row("", "- " + fitted(lines[i], columns));
  }
  layout.row("", say(language, messages::purpose, requirement.purpose));
  if (!requirement.fix) return;
  if (requirement.health == Health::missing) {
    layout.row("", say(language, messages::see_above));
    return;
  }
  layout.row("", say(language, messages::what_to_do));
  add_cure(*requirement.fix, layout,
           [&layout](std::string_view prose) { layout.row("", prose); });
}

/// What is missing for a run comes first, with commands that can be pasted.
void add_first_steps(const Diagnosis& diagnosis, Layout& layout) {
  std::set<std::string> shown;
  for (const Requirement& each : diagnosis.requirements) {
    if (each.health != Health::missing || !each.fix) continue;
    if (!shown.insert(*each.fix).second) continue;
    layout.line(say(diagnosis.language, messages::for_the, each.title));
    add_cure(*each.fix, layout,
             [&layout](std::string_view prose) { layout.paragraph(prose); });
  }
}

/// Without the newline before a command at its start.
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
  const Language language = diagnosis.language;
  layout.line(diagnosis.oom_runs
                  ? terminal.green(messages::runs.text(language))
                  : terminal.red(messages::does_not_run.text(language)));
  add_first_steps(diagnosis, layout);
  layout.line("");
  for (const Requirement& each : diagnosis.requirements) {
    add(each, language, terminal, layout);
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
