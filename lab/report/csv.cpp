// SPDX-License-Identifier: MIT
#include "lab/report/csv.h"

#include <fmt/format.h>

#include <iterator>

namespace lab {

std::string csv_report(const RunRecord& record) {
  const Samples& samples = record.samples;
  const bool tells = samples.touched.size() == samples.time_ns.size();
  std::string text = "time_ns,usage_bytes,touched_bytes\r\n";
  for (std::size_t i = 0; i < samples.time_ns.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{},{},", samples.time_ns[i],
                   samples.usage[i]);
    if (tells) {
      fmt::format_to(std::back_inserter(text), "{}", samples.touched[i]);
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace lab
