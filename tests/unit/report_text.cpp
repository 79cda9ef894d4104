// SPDX-License-Identifier: MIT
#include "tests/unit/report_text.h"

#include <string_view>

#include "cgroupfs/text.h"
#include "lab/report/run_document.h"
#include "lab/verdict/analyze.h"
#include "tests/support/temp_stream.h"

namespace lab {

std::string raw_report(RunRecord record, ColorChoice color) {
  record.verdict = analyze(record);
  const test_support::TempStream stream;
  return text_report(record, Terminal(stream.get(), color), Language::en);
}

std::string report(const RunRecord& record) {
  const std::string raw = raw_report(record);
  std::string joined;
  for (std::string_view line : cgroupfs::split_lines(raw)) {
    const bool goes_on = line.starts_with("      ");
    joined += goes_on ? ' ' : '\n';
    bool first = true;
    for (std::string_view word : cgroupfs::split_words(line)) {
      if (!first) joined += ' ';
      joined += word;
      first = false;
    }
  }
  return joined + "\n";
}

}  // namespace lab
