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

/// MemTotal of equal hosts differs by what their firmware and kernel keep.
bool is_near(const std::optional<Bytes>& a, const std::optional<Bytes>& b) {
  if (!a || !b) return !a && !b;
  const auto [least, most] = std::minmax(a->count, b->count);
  return most - least <= most / 20;
}

std::string memory_words(const std::optional<Bytes>& total, Language language) {
  if (!total) return unknown_words(language);
  return say(language, about_memory, human_size(*total));
}

bool is_same(const HostKind& a, const HostKind& b) {
  auto rows = rows_of(a, Language::en);
  auto others = rows_of(b, Language::en);
  const auto of_memory = [](const auto& row) {
    return row.front() == memory_row_label(Language::en);
  };
  std::erase_if(rows, of_memory);
  std::erase_if(others, of_memory);
  return rows == others &&
         is_near(a.environment.memory_total, b.environment.memory_total);
}

}  // namespace

std::vector<std::vector<std::string>> rows_of(const HostKind& kind,
                                              Language language) {
  Environment environment = kind.environment;
  environment.memory_total.reset();
  auto rows = environment_rows(environment, language);
  for (auto& row : rows) {
    if (row.front() == memory_row_label(language)) {
      row.back() = memory_words(kind.environment.memory_total, language);
    }
  }
  rows.push_back(
      {say(language, page_size_label), human_size(kind.environment.page_size)});
  rows.push_back({say(language, vm_host_label),
                  kind.vm_host.empty() ? "-" : outside_text(kind.vm_host)});
  rows.push_back({"cglab", outside_text(kind.tool_version)});
  return rows;
}

std::size_t HostKinds::kind_of(const RunRecord& record, const std::string& host,
                               const std::string& vm_host) {
  HostKind found{record.environment, record.tool.version, vm_host, {}};
  auto kind = std::find_if(
      kinds_.begin(), kinds_.end(),
      [&](const HostKind& known) { return is_same(known, found); });
  if (kind == kinds_.end()) kind = kinds_.insert(kind, std::move(found));
  auto& hosts = kind->hosts;
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) {
    hosts.push_back(host);
  }
  return static_cast<std::size_t>(kind - kinds_.begin());
}

}  // namespace lab
