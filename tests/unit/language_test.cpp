// SPDX-License-Identifier: MIT
#include "lab/base/language.h"

#include <gtest/gtest.h>

#include <map>

#include "lab/base/errors.h"
#include "lab/base/message.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

Language chosen(const std::map<std::string, std::string>& variables,
                std::optional<Language> asked = std::nullopt) {
  return choose_language(asked, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Language, is_english_by_default) {
  EXPECT_EQ(chosen({}), Language::en);
  EXPECT_EQ(chosen({{"LANG", "C"}}), Language::en);
  EXPECT_EQ(chosen({{"LANG", "de_DE.UTF-8"}}), Language::en);
}

TEST(Language, is_chinese_for_a_locale_with_that_prefix) {
  EXPECT_EQ(chosen({{"LANG", "zh_CN.UTF-8"}}), Language::zh);
  EXPECT_EQ(chosen({{"LC_MESSAGES", "zh"}}), Language::zh);
  EXPECT_EQ(chosen({{"LC_ALL", "zh_TW"}}), Language::zh);
  EXPECT_EQ(chosen({{"CGLAB_LANG", "zh"}}), Language::zh);
}

TEST(Language, is_decided_by_the_first_variable_that_is_not_empty) {
  EXPECT_EQ(chosen({{"CGLAB_LANG", "en"}, {"LC_ALL", "zh_CN"}}), Language::en);
  EXPECT_EQ(chosen({{"LC_ALL", "C"}, {"LC_MESSAGES", "zh_CN"}}), Language::en);
  EXPECT_EQ(chosen({{"LC_MESSAGES", "en_US"}, {"LANG", "zh_CN"}}),
            Language::en);
  EXPECT_EQ(chosen({{"CGLAB_LANG", ""}, {"LC_ALL", ""}, {"LANG", "zh_CN"}}),
            Language::zh);
}

TEST(Language, is_the_requested_one_whatever_the_environment) {
  EXPECT_EQ(chosen({{"CGLAB_LANG", "zh"}}, Language::en), Language::en);
  EXPECT_EQ(chosen({{"LC_ALL", "C"}}, Language::zh), Language::zh);
}

TEST(Language, that_is_unknown_is_refused) {
  EXPECT_EQ(parse_language("zh"), Language::zh);
  EXPECT_EQ(error_text<UsageError>([] { parse_language("fr"); }),
            "invalid language 'fr' (use en or zh)");
}

/// The error of a constexpr Message at compile time.
bool is_refused(const char* en, const char* zh) {
  try {
    [[maybe_unused]] const Message message(en, zh);
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

TEST(Message, says_the_same_in_each_language) {
  constexpr Message message("{0} of {1}", "{1} 中的 {0}");
  EXPECT_EQ(say(Language::en, message, 3, "four"), "3 of four");
  EXPECT_EQ(say(Language::zh, message, 3, "four"), "four 中的 3");
  EXPECT_FALSE(is_refused("{0}, {0}", "{0}"));
  EXPECT_FALSE(is_refused("{{a}}", "{{甲}}"));
}

TEST(Message, has_the_same_placeholders_in_each_language) {
  EXPECT_TRUE(is_refused("{0} of {1}", "{0}"));
  EXPECT_TRUE(is_refused("all", "{0}"));
  EXPECT_TRUE(is_refused("{0}", "{1}"));
}

TEST(Message, is_there_in_each_language) {
  EXPECT_TRUE(is_refused("text", ""));
  EXPECT_TRUE(is_refused("", "文字"));
}

TEST(Message, has_no_brace_that_could_not_be_filled) {
  EXPECT_TRUE(is_refused("{}", "{}"));
  EXPECT_TRUE(is_refused("{a}", "{a}"));
  EXPECT_TRUE(is_refused("}", "}"));
  EXPECT_TRUE(is_refused("{0", "{0"));
}

}  // namespace
}  // namespace lab
