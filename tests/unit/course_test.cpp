// SPDX-License-Identifier: MIT
// The report of a run in the course's order.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"
#include "tests/unit/report_text.h"

namespace lab {
namespace {

using test_support::killed_in_course;
using test_support::killed_on_v2;

TEST(CourseReport, goes_through_the_course_step_by_step) {
  const std::string text = report(killed_in_course());
  for (std::string_view row :
       {"The course's order, step by step\n",
        "observed usage there: 0 bytes; still charged to its old cgroup: "
        "25.1 "
        "MiB (26345472 bytes). Charges do not follow a moved process",
        "usage at that moment: 25.2 MiB (26443776 bytes). It is in effect from "
        "here on; with usage above it, cgroup v2 would have killed at once",
        "it died when it held 124.8 MiB (130830336 bytes): 25 MiB of that was "
        "never charged here",
        "750.000 ms moved hog: cgroup.procs"}) {
    EXPECT_TRUE(has(text, row));
  }
  EXPECT_EQ(report(killed_on_v2()).find("course"), std::string::npos);
}

TEST(CourseReport, says_what_each_version_does_with_usage_above_the_limit) {
  RunRecord v2 = killed_in_course();
  v2.readings.back().values["usage"] = 104960001;
  EXPECT_TRUE(has(report(v2), "cgroup v2 reclaims what it can and then kills"));
  RunRecord swapped = v2;
  main_process(swapped).signal = std::nullopt;
  main_process(swapped).exit_code = 0;
  EXPECT_TRUE(has(report(swapped), "the kernel could reclaim enough"));
  RunRecord v1 = v2;
  v1.environment.memory_version = cgroupfs::Version::v1;
  v1.limits = {{"memorydemo",
                "memory.limit_in_bytes",
                "104960000",
                Limit::max(),
                {},
                "Device or resource busy"}};
  EXPECT_TRUE(has(report(v1),
                  "refused (EBUSY): usage was above the limit, nothing could "
                  "be reclaimed, and cgroup v1 then keeps the old limit"));
  v1.limits.front() = {"memorydemo", "memory.limit_in_bytes",
                       "104960000",  Limit::of(Bytes{104960000}),
                       {},           {}};
  EXPECT_TRUE(has(report(v1), "the kernel could reclaim enough"));
  v1.limits.push_back({"memorydemo",
                       "memory.memsw.limit_in_bytes",
                       "104960000",
                       Limit::max(),
                       {},
                       "Device or resource busy"});
  EXPECT_TRUE(has(report(v1),
                  "accepted, because swap could hold what exceeds it. The "
                  "write to memory.memsw.limit_in_bytes, which counts swap "
                  "too, was refused: Device or resource busy."));
}

}  // namespace
}  // namespace lab
