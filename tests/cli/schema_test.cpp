// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "tests/cli/cli_test.h"
#include "tests/cli/record_schema.h"

namespace cli_test {
namespace {

using Set = std::set<std::string>;

/// Calls `visit` with every object in `node`.
void for_each_object(const Json& node,
                     const std::function<void(const Json&)>& visit) {
  if (node.is_object()) visit(node);
  if (!node.is_structured()) return;
  for (const Json& part : node) for_each_object(part, visit);
}

void check_keys(const Json& node) {
  if (!node.contains("type") || node["type"] != "object") return;
  // A map of names that are data.
  const bool is_map = node.contains("additionalProperties") &&
                      node["additionalProperties"].is_object();
  if (is_map) return;
  ASSERT_TRUE(node.contains("properties")) << node.dump();
  EXPECT_EQ(node["additionalProperties"], false) << node.dump();
  Set keys;
  for (const auto& item : node["properties"].items()) keys.insert(item.key());
  EXPECT_EQ(node["required"].get<Set>(), keys);
}

TEST(Schema, RequiresEveryKeyThatItKnowsAndAllowsNoOther) {
  for_each_object(record_schema_document(), check_keys);
  for_each_object(watch_schema_document(), check_keys);
  for_each_object(watch_all_schema_document(), check_keys);
  for_each_object(inspect_schema_document(), check_keys);
}

/// Adds the places of the objects in `node`, which is at `at`; of a list those
/// in its first item.
void add_objects(const Json& node, const Json::json_pointer& at,
                 std::vector<Json::json_pointer>& found) {
  if (node.is_array()) {
    if (!node.empty()) add_objects(node.front(), at / 0, found);
    return;
  }
  if (!node.is_object()) return;
  found.push_back(at);
  for (const auto& item : node.items()) {
    add_objects(item.value(), at / item.key(), found);
  }
}

/// Damages of a real record, each of which the schema must refuse.
class DamagedRecord : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const Ending ending = oom({"--limit", "8M", "--ramp", "0", "--json", "-"});
    ASSERT_EQ(ending.status, 0) << ending.err;
    record_ = parse_record(ending.out);
    ASSERT_EQ(schema_errors(record_), "");
  }

  std::vector<Json::json_pointer> objects() const {
    std::vector<Json::json_pointer> found;
    add_objects(record_, Json::json_pointer(), found);
    return found;
  }

  /// Whether the record is refused with `value` at `pointer`.
  bool refuses(const char* pointer, const Json& value) const {
    Json damaged = record_;
    damaged[Json::json_pointer(pointer)] = value;
    return !schema_errors(damaged).empty();
  }

  Json record_;
};

TEST_F(DamagedRecord, IsRefusedWithoutAnyOneKey) {
  for (const auto& at : objects()) {
    for (const auto& item : record_.at(at).items()) {
      Json damaged = record_;
      damaged.at(at).erase(item.key());
      EXPECT_NE(schema_errors(damaged), "") << at / item.key();
    }
  }
}

TEST_F(DamagedRecord, IsRefusedWithAnUnknownKeyAnywhere) {
  for (const auto& at : objects()) {
    Json damaged = record_;
    damaged.at(at)["extra"] = nullptr;
    EXPECT_NE(schema_errors(damaged), "") << at;
  }
}

TEST_F(DamagedRecord, IsRefusedWithAnUnknownWord) {
  EXPECT_TRUE(refuses("/schema", "cglab.run/1"));
  EXPECT_TRUE(refuses("/schema", "cglab.run/3"));
  EXPECT_TRUE(refuses("/tool/name", "other"));
  EXPECT_TRUE(refuses("/verdict/status", "dead"));
  EXPECT_TRUE(refuses("/verdict/status", nullptr));
  EXPECT_TRUE(refuses("/verdict/limit_owner", "me"));
  EXPECT_TRUE(refuses("/events/0/kind", "unknown"));
  EXPECT_TRUE(refuses("/plan/experiment", "Of the course"));
  EXPECT_TRUE(refuses("/date", "yesterday"));
  EXPECT_TRUE(refuses("/environment/memory_hierarchy", "hybrid"));
  EXPECT_TRUE(refuses("/environment/thp", "sometimes"));
  EXPECT_TRUE(refuses("/processes/0/joined_by", "prayer"));
  EXPECT_TRUE(refuses("/limits/0/file", "lowest"));
  EXPECT_TRUE(refuses("/plan/swap", "unlimited"));
}

TEST_F(DamagedRecord, IsRefusedWithAValueOfAnotherKind) {
  EXPECT_TRUE(refuses("/plan/limit", "8388608"));
  EXPECT_TRUE(refuses("/plan/limit", -1));
  EXPECT_TRUE(refuses("/plan/limit", 1.5));
  EXPECT_TRUE(refuses("/plan/limit", nullptr));
  EXPECT_TRUE(refuses("/plan/keep", 0));
  EXPECT_TRUE(refuses("/processes/0/signal", "SIGKILL"));
  EXPECT_TRUE(refuses("/processes/0/signal", 65));
  EXPECT_TRUE(refuses("/processes/0/touched", "8388608"));
  EXPECT_TRUE(refuses("/evidence/after/oom_kill", -1));
  EXPECT_TRUE(refuses("/evidence/after/oom_kill", "1"));
  EXPECT_TRUE(refuses("/peak", 8388608));
  EXPECT_TRUE(refuses("/evidence/victims", "malloc_demo"));
  EXPECT_TRUE(refuses("/evidence/victims", nullptr));
  EXPECT_TRUE(refuses("/samples/usage/0/0", -4096));
  EXPECT_TRUE(refuses("/samples/usage/0/0", nullptr));
  EXPECT_TRUE(refuses("/samples/usage/0", nullptr));
  EXPECT_TRUE(refuses("/samples/usage", Json::array()));
  EXPECT_TRUE(refuses("/samples/time_ns", Json::array()));
  EXPECT_TRUE(refuses("/events", Json::array()));
  EXPECT_TRUE(refuses("/cgroups", Json::array()));
  EXPECT_TRUE(refuses("/processes", Json::array()));
  EXPECT_TRUE(refuses("/cleanup/left", nullptr));
  EXPECT_TRUE(refuses("/cgroups/0/path", "relative/path"));
}

TEST_F(DamagedRecord, IsAcceptedWhereTheKernelSaidNothing) {
  for (const char* const pointer :
       {"/peak", "/evidence/after/oom_kill", "/evidence/before/failcnt",
        "/environment/memory_total", "/environment/thp",
        "/processes/0/last_touch_ns", "/limits/0/actual"}) {
    EXPECT_FALSE(refuses(pointer, nullptr)) << pointer;
  }
  EXPECT_FALSE(refuses("/evidence/victims", Json::array()));
}

}  // namespace
}  // namespace cli_test
