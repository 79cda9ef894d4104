// SPDX-License-Identifier: MIT
#include "lab/command/on_option.h"

#include <algorithm>
#include <optional>

#include "lab/record/record.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// Options that name one place, or one run, on this host.
constexpr const char* of_one_run[] = {"cgroup",  "parent", "keep", "dry-run",
                                      "explain", "brief",  "csv"};

}  // namespace

Option on_option() {
  return {"on", "v1,v2",
          "run on each version and compare; a version this host lacks runs in "
          "a VM",
          one_of({"v1", "v2", "v1,v2"})};
}

std::vector<Version> parse_versions(const std::string& text) {
  std::vector<Version> versions;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const auto version = from_word<Version>(word);
    if (!version) {
      throw UsageError(fmt::format(
          "invalid cgroup version '{}' (use v1, v2 or v1,v2)", word));
    }
    if (std::find(versions.begin(), versions.end(), *version) !=
        versions.end()) {
      throw UsageError(
          fmt::format("'{}' names {} twice", text, to_string(*version)));
    }
    versions.push_back(*version);
    begin = end + 1;
  }
  return versions;
}

std::vector<Version> read_on_option(const CommandLine& line) {
  const auto versions = value_of(line, "on", parse_versions);
  if (!versions) return {};
  for (const char* const name : of_one_run) {
    if (line.has(name)) {
      throw UsageError(fmt::format("--on and --{} cannot be combined", name));
    }
  }
  if (value_of(line, "json", parse_text) == "-") {
    throw UsageError("--on writes several records: --json needs a file name");
  }
  return *versions;
}

}  // namespace lab
