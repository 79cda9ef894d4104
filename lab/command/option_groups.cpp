// SPDX-License-Identifier: MIT
#include "lab/command/option_groups.h"

#include <utility>

namespace lab {

Option color_option() {
  return choice("color", {"auto", "always", "never"}, "when to use colours");
}

OptionList view_options() {
  return {
      choice("lang", {"en", "zh"}, "language (default: from the environment)"),
      color_option()};
}

View read_view(const CommandLine& line) {
  return {
      choose_language(value_of(line, "lang", parse_language)),
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic)};
}

Option version_option(std::string help) {
  return choice("cgroup", {"auto", "v1", "v2"}, std::move(help));
}

std::optional<cgroupfs::Version> read_version(const CommandLine& line) {
  return value_of(line, "cgroup", parse_version).value_or(std::nullopt);
}

Option quiet_option(std::string help) {
  return {"quiet,q", "", std::move(help)};
}

Option verbose_option() {
  return {"verbose,v", "", "print each event"};
}

Verbosity read_verbosity(const CommandLine& line) {
  if (line.has("quiet") && line.has("verbose")) {
    throw UsageError("--quiet and --verbose cannot be combined");
  }
  if (line.has("quiet")) return Verbosity::quiet;
  return line.has("verbose") ? Verbosity::verbose : Verbosity::normal;
}

Option json_option() {
  return {"json", "", "the same as --format json"};
}

bool has_json(const CommandLine& line) {
  if (!line.has("json")) return false;
  if (value_of(line, "format", parse_text).value_or("json") != "json") {
    throw UsageError("--json and --format cannot be combined");
  }
  return true;
}

Option brief_option() {
  return {"brief", "", "at most eight lines a run, with the verdict last"};
}

}  // namespace lab
