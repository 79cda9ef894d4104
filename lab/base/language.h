// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// The language of texts for people. Keys and enum values of records, ids,
/// options and the kernel's own terms are the same in both.
enum class Language { en, zh };

/// A value of --lang: "en" or "zh". Throws UsageError.
Language parse_language(const std::string& text);

/// Reads an environment variable; nullptr when it is not set.
using ReadVariable = std::function<const char*(const char* name)>;

/// `asked`, else determined by the first non-empty variable of CGLAB_LANG,
/// LC_ALL, LC_MESSAGES and LANG (locale(7)): Chinese when its value begins with
/// "zh". No locale needs to be installed.
Language choose_language(std::optional<Language> asked,
                         const ReadVariable& read);

/// The same with the environment of this process.
Language choose_language(std::optional<Language> asked);

}  // namespace lab
