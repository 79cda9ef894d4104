// SPDX-License-Identifier: MIT
#include "tests/cli/watch_run.h"

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/text.h"
#include "tests/cli/record_schema.h"

namespace cli_test {

std::string memory_mount() {
  const auto search = cgroupfs::find_controller("memory");
  return search.v1 ? search.v1->mount_point : search.v2->mount_point;
}

void WatchTest::SetUp() {
  CliTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  watched_.emplace(make_below(nest()));
  path_ = watched_->group.path();
}

void WatchTest::TearDown() {
  remove_watched();
  CliTest::TearDown();
}

void WatchTest::remove_watched() {
  watched_.reset();
}

ProcessSpec WatchTest::watch_spec(const Words& more) const {
  Words arguments{"watch", path()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cglab_spec(std::move(arguments));
}

Ending WatchTest::watch(const Words& more) const {
  return test_support::run_process(watch_spec(more));
}

Subprocess WatchTest::start_json_of(const std::string& target,
                                    const std::string& interval,
                                    const std::function<void()>& prepare) {
  ProcessSpec spec =
      cglab_spec({"watch", target, "--format", "json", "--interval", interval});
  spec.prepare = prepare;
  Subprocess process = Subprocess::start(spec);
  EXPECT_TRUE(process.prints("\"kind\":\"sample\""));
  return process;
}

Subprocess WatchTest::start_json(const std::string& interval,
                                 const std::function<void()>& prepare) const {
  return start_json_of(path(), interval, prepare);
}

std::vector<Json> watch_lines(const std::string& text) {
  std::vector<Json> lines;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    lines.push_back(parse_record(std::string(line)));
    EXPECT_EQ(watch_schema_errors(lines.back()), "") << line;
  }
  return lines;
}

std::vector<Json> of_kind(const std::vector<Json>& lines,
                          const std::string& kind) {
  std::vector<Json> found;
  for (const Json& line : lines) {
    if (line.at("kind") == kind) found.push_back(line);
  }
  return found;
}

}  // namespace cli_test
