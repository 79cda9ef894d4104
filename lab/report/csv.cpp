// SPDX-License-Identifier: MIT
#include "lab/report/csv.h"

#include <fmt/format.h>

#include <iterator>

#include "lab/report/curves.h"

namespace lab {
namespace {

/// A field between quotes where it needs them.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

std::string csv_of_cgroups(const RunRecord& record) {
  std::string text = "cgroup,time_ns,usage_bytes\r\n";
  for (const Curve& curve : curves_of(record)) {
    const std::string name = field(curve.name);
    for (std::size_t i = 0; i < curve.time_ns.size(); ++i) {
      fmt::format_to(std::back_inserter(text), "{},{},{}\r\n", name,
                     curve.time_ns[i], curve.usage[i]);
    }
  }
  return text;
}

}  // namespace

std::string csv_report(const RunRecord& record) {
  if (makes_claims(record)) return csv_of_cgroups(record);
  const Samples& samples = record.samples;
  std::string text = "time_ns,usage_bytes,touched_bytes\r\n";
  for (std::size_t i = 0; i < samples.time_ns.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{},{},", samples.time_ns[i],
                   samples.usage.front()[i]);
    if (samples.touched) {
      fmt::format_to(std::back_inserter(text), "{}", (*samples.touched)[i]);
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace lab
