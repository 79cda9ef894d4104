// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/console.h"
#include "lab/report/console_parts.h"

namespace lab {
namespace {

void add_pids(const RunRecord& record, Layout& layout) {
  if (!limit_of(record, cgroupfs::File::pids_max)) return;
  const auto refused =
      reading_of(record, "after", record.cgroups.front().name, "forks_refused");
  layout.row("forks", refused ? fmt::format("{} refused", *refused)
                              : "refusals not counted by this kernel");
}

}  // namespace

std::string command_report(const RunRecord& record, const Terminal& terminal,
                           Language language) {
  Layout layout(terminal);
  layout.line(headline(record, terminal, language));
  layout.paragraph(reason_in(language, record));
  add_findings(record, language, layout);
  add_limits(record, layout);
  add_peak(record, layout);
  add_pids(record, layout);
  if (!record.cleanup.left.empty()) add_left_behind(record, layout);
  return layout.text();
}

}  // namespace lab
