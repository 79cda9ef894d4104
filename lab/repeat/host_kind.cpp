// SPDX-License-Identifier: MIT
#include "lab/repeat/host_kind.h"

#include <algorithm>

#include "lab/report/record_words.h"

namespace lab {
namespace {

/// MemTotal of equal hosts differs by what their firmware and kernel keep. The
/// memory that is installed is a power of two, or one and a half.
Bytes installed_memory(Bytes total) {
  for (std::uint64_t size = mebi;; size *= 2) {
    if (total.count <= size) return Bytes{size};
    if (total.count <= size / 2 * 3) return Bytes{size / 2 * 3};
  }
}

}  // namespace

std::vector<std::vector<std::string>> rows_of(const HostKind& kind,
                                              Language language) {
  Environment environment = kind.environment;
  if (environment.memory_total) {
    environment.memory_total = installed_memory(*environment.memory_total);
  }
  auto rows = environment_rows(environment, language);
  rows.push_back({"cglab", kind.tool_version});
  return rows;
}

std::size_t HostKinds::kind_of(const RunRecord& record,
                               const std::string& host) {
  HostKind found{record.environment, record.tool.version, {}};
  const auto [at, is_new] =
      numbers_.emplace(rows_of(found, Language::en), kinds_.size());
  if (is_new) kinds_.push_back(std::move(found));
  auto& hosts = kinds_[at->second].hosts;
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
    hosts.push_back(host);
  }
  return at->second;
}

}  // namespace lab
