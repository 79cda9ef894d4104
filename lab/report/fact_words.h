// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/record.h"

/// Facts in words: every sentence about a verdict is made here, in any language
/// and at any time after the run. Texts from outside are escaped.
namespace lab {

std::string say(Language language, const Fact& fact);

/// The facts as sentences of one paragraph.
std::string say(Language language, const std::vector<Fact>& facts);

/// `text`, which is from outside, in one line: a path is code, and so is what
/// has a backtick in it.
std::string outside_text(const std::string& text);

/// "104857600" or, of large sizes, "100 MiB (104857600 bytes)".
std::string size_text(Language language, Bytes bytes);

}  // namespace lab
