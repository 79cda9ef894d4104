// SPDX-License-Identifier: MIT
#include "lab/base/language.h"

#include <fmt/format.h>

#include <cstdlib>

#include "lab/base/errors.h"

namespace lab {

Language parse_language(const std::string& text) {
  if (text == "en") return Language::en;
  if (text == "zh") return Language::zh;
  throw UsageError(fmt::format("invalid language '{}' (use en or zh)", text));
}

Language choose_language(std::optional<Language> asked,
                         const ReadVariable& read) {
  if (asked) return *asked;
  for (const char* const name :
       {"CGLAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = read(name);
    if (!value || !*value) continue;
    const bool chinese = std::string_view(value).starts_with("zh");
    return chinese ? Language::zh : Language::en;
  }
  return Language::en;
}

Language choose_language(std::optional<Language> asked) {
  return choose_language(
      asked, [](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace lab
