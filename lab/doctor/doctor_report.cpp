// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor_report.h"

#include <set>

#include "cgroupfs/text.h"
#include "lab/base/version.h"
#include "lab/doctor/doctor_messages.h"
#include "lab/record/json_values.h"
#include "lab/report/fact_words.h"

namespace lab {
namespace {

namespace messages = doctor_messages;

Tone tone_of(Health health) {
  switch (health) {
    case Health::ok:
      return Tone::good;
    case Health::missing:
      return Tone::bad;
    case Health::absent:
      return Tone::none;
    case Health::limited:
    case Health::unknown:
      break;
  }
  return Tone::unknown;
}

/// nullptr: the mark says enough of what is as it should be.
const Message* word_of(Health health) {
  switch (health) {
    case Health::limited:
      return &messages::limited;
    case Health::missing:
      return &messages::missing;
    case Health::unknown:
      return &messages::unknown;
    case Health::ok:
    case Health::absent:
      break;
  }
  return nullptr;
}

/// The words of `line` with one blank between them: some lines are in columns.
std::string shown(std::string_view line) {
  std::string text;
  for (const std::string_view word : cgroupfs::split_words(line)) {
    text += text.empty() ? "" : " ";
    text += outside_text(std::string(word));
  }
  return text;
}

/// Lines that begin with two blanks are commands.
void add_cure(const std::string& cure, Document& document) {
  for (const std::string_view line : cgroupfs::split_lines(cure)) {
    if (line.starts_with("  ")) {
      document.command(std::string(line.substr(2)));
    } else if (!line.empty()) {
      document.paragraph(std::string(line));
    }
  }
}

/// A place that was not found has a line for each reason.
void add(const Requirement& requirement, Language language,
         Document& document) {
  const auto lines = cgroupfs::split_lines(requirement.found);
  std::string first = lines.empty() ? "" : shown(lines.front());
  if (const Message* const word = word_of(requirement.health)) {
    first = say(language, messages::state, say(language, *word), first);
  }
  document.check(tone_of(requirement.health),
                 say(language, messages::state, requirement.title, first),
                 requirement.purpose);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    document.item(shown(lines[i]));
  }
  // What is missing has its cure at the top.
  if (!requirement.fix || requirement.health == Health::missing) return;
  document.paragraph(say(language, messages::what_to_do));
  add_cure(*requirement.fix, document);
}

/// What is missing for a run comes first, with commands that can be pasted.
void add_first_steps(const Diagnosis& diagnosis, Document& document) {
  std::set<std::string> added;
  for (const Requirement& each : diagnosis.requirements) {
    if (each.health != Health::missing || !each.fix) continue;
    if (!added.insert(*each.fix).second) continue;
    document.section(say(diagnosis.language, messages::for_the, each.title));
    add_cure(*each.fix, document);
  }
}

/// Without the newline before a command at its start.
Json json_of_fix(const std::optional<std::string>& fix) {
  if (!fix) return nullptr;
  return fix->starts_with('\n') ? fix->substr(1) : *fix;
}

Json json_of(const Requirement& requirement) {
  return {{"id", requirement.id},
          {"purpose", requirement.purpose},
          {"state", std::string(to_string(requirement.health))},
          {"found", requirement.found},
          {"fix", json_of_fix(requirement.fix)}};
}

Json json_of(const Placement& placement) {
  return {{"parent", placement.parent},
          {"strategy", std::string(to_string(placement.strategy))},
          {"cgroup", std::string(to_string(placement.version))}};
}

}  // namespace

Document doctor_document(const Diagnosis& diagnosis) {
  Document document;
  const Language language = diagnosis.language;
  if (diagnosis.oom_runs) {
    document.headline(say(language, messages::runs), Tone::good);
  } else {
    document.headline(say(language, messages::does_not_run), Tone::bad);
  }
  add_first_steps(diagnosis, document);
  document.section(say(language, messages::requirements));
  for (const Requirement& each : diagnosis.requirements) {
    add(each, language, document);
  }
  return document;
}

std::string doctor_json(const Diagnosis& diagnosis) {
  Json requirements = Json::array();
  for (const Requirement& each : diagnosis.requirements) {
    requirements.push_back(json_of(each));
  }
  const Json document = {
      {"schema", "cglab.doctor/1"},
      {"tool", {{"name", "cglab"}, {"version", version}}},
      {"oom_runs", diagnosis.oom_runs},
      {"placement",
       diagnosis.placement ? json_of(*diagnosis.placement) : Json()},
      {"requirements", std::move(requirements)}};
  return indented(document);
}

}  // namespace lab
