// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "lab/record/record.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/record_schema.h"

namespace cli_test {
namespace {

using Set = std::set<std::string>;

/// The words of a schema's enum, null left out.
Set words_at(const char* pointer) {
  Set words;
  const Json document = record_schema_document();
  for (const Json& word : document.at(Json::json_pointer(pointer))) {
    if (!word.is_null()) words.insert(word);
  }
  return words;
}

/// What to_string() says for every value of `Enum` from 0 to `last`.
template <typename Enum>
Set words_of(Enum last) {
  Set words;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    words.insert(std::string(lab::to_string(static_cast<Enum>(i))));
  }
  return words;
}

TEST(Schema, HasEveryKindOfEvent) {
  EXPECT_EQ(words_at("/definitions/event/properties/kind/enum"),
            words_of(lab::EventKind::actor_ended));
  EXPECT_EQ(to_string(lab::EventKind(int(lab::EventKind::actor_ended) + 1)),
            "unknown")
      << "there is a later kind";
}

TEST(Schema, HasEveryStatus) {
  EXPECT_EQ(words_at("/definitions/verdict/properties/status/enum"),
            words_of(lab::Status::not_as_predicted));
  EXPECT_EQ(to_string(lab::Status(int(lab::Status::not_as_predicted) + 1)),
            "unknown")
      << "there is a later status";
}

TEST(Schema, HasEveryLimitOwner) {
  EXPECT_EQ(words_at("/definitions/verdict/properties/limit_owner/enum"),
            words_of(lab::LimitOwner::unknown));
}

TEST(Schema, HasEveryOrder) {
  EXPECT_EQ(words_at("/definitions/plan/properties/order/enum"),
            words_of(lab::Order::course));
}

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

  /// Whether the record is refused with `value` at `pointer`.
  bool refuses(const char* pointer, const Json& value) const {
    Json damaged = record_;
    damaged[Json::json_pointer(pointer)] = value;
    return !schema_errors(damaged).empty();
  }

  Json record_;
};

TEST_F(DamagedRecord, IsRefusedWithoutAnyOneKey) {
  std::function<void(Json::json_pointer)> without_each =
      [&](const Json::json_pointer& at) {
        for (const auto& item : record_.at(at).items()) {
          Json damaged = record_;
          damaged.at(at).erase(item.key());
          EXPECT_NE(schema_errors(damaged), "") << at / item.key();
          if (item.value().is_object()) without_each(at / item.key());
        }
      };
  without_each(Json::json_pointer(""));
}

TEST_F(DamagedRecord, IsRefusedWithAnUnknownKeyAnywhere) {
  EXPECT_TRUE(refuses("/extra", 1));
  std::function<void(Json::json_pointer)> with_extra =
      [&](const Json::json_pointer& at) {
        for (const auto& item : record_.at(at).items()) {
          if (!item.value().is_object()) continue;
          Json damaged = record_;
          damaged.at(at / item.key())["extra"] = nullptr;
          EXPECT_NE(schema_errors(damaged), "") << at / item.key();
          with_extra(at / item.key());
        }
      };
  with_extra(Json::json_pointer(""));
  EXPECT_TRUE(refuses("/events/0/extra", 1));
  EXPECT_TRUE(refuses("/limits/0/extra", 1));
}

TEST_F(DamagedRecord, IsRefusedWithAWordThatIsNone) {
  EXPECT_TRUE(refuses("/schema", "cglab.run/2"));
  EXPECT_TRUE(refuses("/tool/name", "other"));
  EXPECT_TRUE(refuses("/verdict/status", "dead"));
  EXPECT_TRUE(refuses("/verdict/status", nullptr));
  EXPECT_TRUE(refuses("/verdict/limit_owner", "me"));
  EXPECT_TRUE(refuses("/events/0/kind", "unknown"));
  EXPECT_TRUE(refuses("/plan/order", "limit_first"));
  EXPECT_TRUE(refuses("/environment/memory_hierarchy", "hybrid"));
  EXPECT_TRUE(refuses("/environment/thp", "sometimes"));
  EXPECT_TRUE(refuses("/child/joined_by", "prayer"));
  EXPECT_TRUE(refuses("/limits/0/file", "lowest"));
  EXPECT_TRUE(refuses("/plan/swap", "unlimited"));
}

TEST_F(DamagedRecord, IsRefusedWithAValueOfAnotherKind) {
  EXPECT_TRUE(refuses("/plan/limit", "8388608"));
  EXPECT_TRUE(refuses("/plan/limit", -1));
  EXPECT_TRUE(refuses("/plan/limit", 1.5));
  EXPECT_TRUE(refuses("/plan/limit", nullptr));
  EXPECT_TRUE(refuses("/plan/keep", 0));
  EXPECT_TRUE(refuses("/child/signal", "SIGKILL"));
  EXPECT_TRUE(refuses("/child/touched", "8388608"));
  EXPECT_TRUE(refuses("/counters/after/oom_kill", -1));
  EXPECT_TRUE(refuses("/counters/after/oom_kill", "1"));
  EXPECT_TRUE(refuses("/peak", 8388608));
  EXPECT_TRUE(refuses("/victim", "malloc_demo"));
  EXPECT_TRUE(refuses("/samples/usage/0", -4096));
  EXPECT_TRUE(refuses("/samples/usage/0", nullptr));
  EXPECT_TRUE(refuses("/samples/time_ns", Json::array()));
  EXPECT_TRUE(refuses("/events", Json::array()));
  EXPECT_TRUE(refuses("/cleanup/left", nullptr));
  EXPECT_TRUE(refuses("/group", "relative/path"));
}

TEST_F(DamagedRecord, IsAcceptedWhereTheKernelSaidNothing) {
  for (const char* const pointer :
       {"/peak", "/victim", "/counters/after/oom_kill",
        "/counters/before/failcnt", "/environment/memory_total",
        "/environment/thp", "/child/last_touch_ns", "/limits/0/actual"}) {
    EXPECT_FALSE(refuses(pointer, nullptr)) << pointer;
  }
}

}  // namespace
}  // namespace cli_test
