// SPDX-License-Identifier: MIT
#include "tests/cli/run_fixture.h"

#include <filesystem>
#include <utility>

#include "cgroupfs/directory.h"
#include "tests/cli/record_checks.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

Words joined(Words first, const Words& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::string hog_path() {
  const fs::path folder = fs::path(cglab_path()).parent_path();
  const fs::path built = folder.parent_path() / "malloc_demo" / "malloc_demo";
  return fs::is_regular_file(built) ? built : folder / "malloc_demo";
}

}  // namespace

ProcessSpec RunTest::run_spec(const Words& options,
                              const Words& command) const {
  const Words before{"run", "--parent", nest().path()};
  return cglab_spec(joined(joined(joined(before, options), {"--"}), command));
}

Ending RunTest::run(const Words& options, const Words& command,
                    std::function<void()> prepare) const {
  ProcessSpec spec = run_spec(options, command);
  spec.prepare = std::move(prepare);
  Ending ending = test_support::run_process(spec);
  EXPECT_EQ(groups_of(ending.pid), Words());
  return ending;
}

Ending RunTest::run_script(const Words& options,
                           const std::string& script) const {
  return run(options, {"sh", "-c", script});
}

Subprocess RunTest::start_script(const Words& options,
                                 const std::string& script) const {
  return Subprocess::start(run_spec(options, {"sh", "-c", script}));
}

Json RunTest::record_of(const Words& options, const std::string& script,
                        int expected_status,
                        std::function<void()> prepare) const {
  TempFolder folder;
  const std::string file = folder.path_of("record.json");
  const Ending ending = run(joined(options, {"--json", file}),
                            {"sh", "-c", script}, std::move(prepare));
  EXPECT_EQ(ending.status, expected_status) << ending.err;
  const auto text = cgroupfs::try_read_file(file);
  if (!text) throw std::runtime_error("no record: " + ending.err);
  Json record = parse_record(*text);
  check_command_record(record);
  return record;
}

std::string hog(const std::string& size, const std::string& ramp) {
  return hog_path() + " --quiet --ramp " + ramp + " --total " + size;
}

}  // namespace cli_test
