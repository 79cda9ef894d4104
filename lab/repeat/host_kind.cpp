// SPDX-License-Identifier: MIT
#include "lab/repeat/host_kind.h"

#include <algorithm>

#include "lab/base/units.h"
#include "lab/repeat/bench_messages.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

using namespace bench_messages;  // NOLINT(google-build-using-namespace)

/// MemTotal of equal hosts differs by what their firmware and kernel keep. The
/// memory that is installed is a power of two, or one and a half.
Bytes installed_memory(Bytes total) {
  for (std::uint64_t size = mebi;; size *= 2) {
    if (total.count <= size) return Bytes{size};
    if (total.count <= size / 2 * 3) return Bytes{size / 2 * 3};
  }
}

std::string installed_words(const std::optional<Bytes>& total,
                            Language language) {
  if (!total) return unknown_words(language);
  return say(language, at_most_memory, human_size(installed_memory(*total)));
}

}  // namespace

std::vector<std::vector<std::string>> rows_of(const HostKind& kind,
                                              Language language) {
  Environment environment = kind.environment;
  environment.memory_total.reset();
  auto rows = environment_rows(environment, language);
  for (auto& row : rows) {
    if (row.front() == memory_row_label(language)) {
      row.back() = installed_words(kind.environment.memory_total, language);
    }
  }
  rows.push_back({say(language, vm_host_label),
                  kind.vm_host.empty() ? "-" : outside_text(kind.vm_host)});
  rows.push_back({"cglab", outside_text(kind.tool_version)});
  return rows;
}

std::size_t HostKinds::kind_of(const RunRecord& record, const std::string& host,
                               const std::string& vm_host) {
  HostKind found{record.environment, record.tool.version, vm_host, {}};
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
