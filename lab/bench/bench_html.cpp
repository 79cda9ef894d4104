// SPDX-License-Identifier: MIT
#include "lab/bench/bench_html.h"

#include "lab/bench/bench_page.h"
#include "lab/bench/bench_report.h"
#include "lab/report/html/without_markup.h"

namespace lab {
std::string bench_html(const BenchOutcome& outcome) {
  std::string page(bench_page_before_data());
  page += without_markup(bench_json(outcome));
  page += bench_page_after_data();
  return page;
}

}  // namespace lab
