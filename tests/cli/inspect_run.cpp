// SPDX-License-Identifier: MIT
#include "tests/cli/inspect_run.h"

#include "tests/cli/record_schema.h"

namespace cli_test {

ProcessSpec inspect_spec(const std::string& argument,
                         const std::function<void()>& prepare) {
  ProcessSpec spec = cglab_spec({"inspect", argument, "--json"});
  spec.prepare = prepare;
  return spec;
}

Json inspect(const std::string& argument,
             const std::function<void()>& prepare) {
  const Ending ending =
      test_support::run_process(inspect_spec(argument, prepare));
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  Json document = parse_record(ending.out);
  EXPECT_EQ(inspect_schema_errors(document), "") << ending.out;
  return document;
}

Json gap_of(const Json& document, const std::string& what) {
  for (const Json& gap : document.at("gaps")) {
    if (gap.at("what") == what) return gap;
  }
  return nullptr;
}

Json namespace_of(const Json& document, const std::string& kind) {
  for (const Json& each : document.at("namespaces")) {
    if (each.at("kind") == kind) return each;
  }
  return nullptr;
}

void expect_refused(const std::string& argument, const std::string& why) {
  const Ending ending = test_support::run_process(inspect_spec(argument));
  EXPECT_EQ(ending.status, 2) << argument;
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, why));
  EXPECT_TRUE(has(ending.err, "Try 'cglab inspect --help'."));
}

}  // namespace cli_test
