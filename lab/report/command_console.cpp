// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/console.h"
#include "lab/report/console_parts.h"

namespace lab {
namespace {

void add_pids(const PidsRecord& pids, Layout& layout) {
  const std::string max = pids.max ? std::to_string(*pids.max) : "max";
  const std::string refused = pids.refused
                                  ? fmt::format("{} refused", *pids.refused)
                                  : "refusals not counted by this kernel";
  layout.row("pids limit",
             fmt::format("{}, {}; forks: {}", max,
                         name_of(cgroupfs::File::pids_max), refused));
}

}  // namespace

std::string command_report(const RunRecord& record, const Terminal& terminal,
                           Language language) {
  Layout layout(terminal);
  layout.line(headline(record.verdict, terminal, language));
  layout.paragraph(reason_in(language, record));
  add_limits(record, layout);
  add_peak(record, layout);
  if (record.pids) add_pids(*record.pids, layout);
  if (!record.cleanup.left.empty()) add_left_behind(record, layout);
  return layout.text();
}

}  // namespace lab
