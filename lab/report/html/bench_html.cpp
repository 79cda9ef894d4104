// SPDX-License-Identifier: MIT
#include "lab/report/html/bench_html.h"

#include "lab/report/bench.h"
#include "lab/report/html/bench_page.h"

namespace lab {
namespace {

/// Nothing in it can end the script element that holds it, or begin a comment
/// there: JSON may write any character by its number.
std::string without_markup(const std::string& json) {
  std::string result;
  result.reserve(json.size());
  for (const char c : json) {
    switch (c) {
      case '<':
        result += "\\u003c";
        break;
      case '>':
        result += "\\u003e";
        break;
      case '&':
        result += "\\u0026";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string bench_html(const BenchOutcome& outcome) {
  std::string page(bench_page_before_data());
  page += without_markup(bench_json(outcome));
  page += bench_page_after_data();
  return page;
}

}  // namespace lab
