// SPDX-License-Identifier: MIT
// The schema and the structs of records say the same.
#include <gtest/gtest.h>

#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "lab/record/fields.h"
#include "lab/record/json_values.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/record_schema.h"

namespace cli_test {
namespace {

using Set = std::set<std::string>;
using Node = lab::Json;  ///< of the schema, its keys in their order

/// What `node` of `document` may be: references are followed, and alternatives
/// stand next to each other.
std::vector<const Node*> alternatives(const Node& document, const Node& node) {
  if (node.contains("$ref")) {
    const std::string place = node["$ref"].get<std::string>().substr(1);
    return alternatives(document, document.at(Node::json_pointer(place)));
  }
  if (!node.contains("oneOf")) return {&node};
  std::vector<const Node*> found;
  for (const Node& each : node["oneOf"]) {
    const auto more = alternatives(document, each);
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::string type_of(const Node& value) {
  return value.is_number_integer() ? "integer" : value.type_name();
}

template <typename Value>
struct Optional : std::false_type {};
template <typename Value>
struct Optional<std::optional<Value>> : std::true_type {};
template <typename Value>
struct List : std::false_type {};
template <typename Item>
struct List<std::vector<Item>> : std::true_type {};
template <typename Value>
struct Map : std::false_type {};
template <typename Value>
struct Map<std::map<std::string, Value>> : std::true_type {};

/// The types of JSON that a `Value` is written as.
template <typename Value>
Set types_of() {
  if constexpr (Optional<Value>()) {
    Set types = types_of<typename Value::value_type>();
    types.insert("null");
    return types;
  } else if constexpr (std::same_as<Value, lab::Limit>) {
    return {type_of(lab::json(lab::Limit::max())),
            type_of(lab::json(lab::Limit::of(lab::Bytes{1})))};
  } else if constexpr (std::same_as<Value, lab::FactValue>) {
    return {"integer", "string", "object"};
  } else {
    return {type_of(lab::json(Value{}))};
  }
}

/// Compares the fields of a type with a schema.
class Comparison {
 public:
  explicit Comparison(const Node& document) : document_(document) {}

  /// `node` is the schema of a `Value` that is at `place` in a record.
  template <typename Value>
  void compare(const Node& node, const std::string& place) {
    EXPECT_EQ(types_in(node), types_of<Value>()) << place;
    compare_parts<Value>(node, place);
  }

  /// The fields of an `Object`, in their order, with the properties of `node`;
  /// the names of those that are no fields stand before.
  template <typename Object>
  void compare_fields(const Node& node, const std::string& place,
                      Words names = {}) {
    const Node properties = part(node, "properties");
    const auto visit = [&](const char* name, const auto& value) {
      using Value = std::remove_cvref_t<decltype(value)>;
      names.emplace_back(name);
      if (!properties.contains(name)) return;
      compare<Value>(properties[name], place + "/" + name);
    };
    const Object object{};
    lab::fields(visit, object);
    Words properties_in_order;
    for (const auto& item : properties.items()) {
      properties_in_order.push_back(item.key());
    }
    EXPECT_EQ(properties_in_order, names) << place;
  }

 private:
  template <typename Value>
  void compare_parts(const Node& node, const std::string& place) {
    if constexpr (Optional<Value>()) {
      compare_parts<typename Value::value_type>(node, place);
    } else if constexpr (List<Value>()) {
      compare<typename Value::value_type>(part(node, "items"), place + "/0");
    } else if constexpr (Map<Value>()) {
      compare<typename Value::mapped_type>(part(node, "additionalProperties"),
                                           place + "/key");
    } else if constexpr (std::is_enum_v<Value>) {
      const auto& table = lab::EnumWords<Value>::table;
      EXPECT_EQ(words_in(node), Set(table.begin(), table.end())) << place;
    } else if constexpr (lab::HasFields<Value>) {
      compare_fields<Value>(node, place);
    }
  }

  Set types_in(const Node& node) const {
    Set types;
    for (const Node* each : alternatives(document_, node)) {
      for (const Node& word : each->value("enum", Node::array())) {
        types.insert(type_of(word));
      }
      const Node type = each->value("type", Node::array());
      if (type.is_string()) types.insert(type);
      if (type.is_array()) types.insert(type.begin(), type.end());
    }
    return types;
  }

  /// The words of an enum, null left out.
  Set words_in(const Node& node) const {
    Set words;
    for (const Node* each : alternatives(document_, node)) {
      for (const Node& word : each->value("enum", Node::array())) {
        if (word.is_string()) words.insert(word);
      }
    }
    return words;
  }

  /// What the schema has under `key`; nothing where it has none.
  Node part(const Node& node, const char* key) const {
    for (const Node* each : alternatives(document_, node)) {
      if (each->contains(key)) return (*each)[key];
    }
    return Node::object();
  }

  const Node& document_;
};

TEST(Schema, HasTheFieldsOfRecordsInTheirOrder) {
  const Node document = record_schema_document();
  Comparison(document).compare_fields<lab::RunRecord>(document, "", {"schema"});
}

}  // namespace
}  // namespace cli_test
