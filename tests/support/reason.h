// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/json_values.h"
#include "lab/record/record.h"
#include "lab/record/record_node.h"
#include "lab/report/document.h"
#include "lab/report/fact_words.h"

/// Verdicts in English, for tests on what they state.
namespace test_support {

/// As a terminal shows it, with whole paths.
inline std::string as_read(const std::string& text) {
  return lab::plain_text(text, std::string::npos);
}

inline std::string reason_of(const lab::Verdict& verdict) {
  return as_read(lab::say(lab::Language::en, verdict.reason));
}

inline std::string text_of(const lab::Finding& finding) {
  return as_read(lab::say(lab::Language::en, finding.fact));
}

/// A claim about which only its words matter.
inline lab::ClaimRecord claim_of(const char* text, const char* what,
                                 const char* seen, const char* expected,
                                 std::optional<bool> held,
                                 bool decided_by_cause = false) {
  lab::ClaimRecord claim;
  claim.text = lab::Message(text, text);
  claim.what = lab::fact(lab::FactKind::value, what);
  claim.seen = lab::fact(lab::FactKind::value, seen);
  claim.expected = lab::fact(lab::FactKind::value, expected);
  claim.held = held;
  claim.decided_by_cause = decided_by_cause;
  return claim;
}

/// The reason in a record's JSON.
inline std::string reason_in(const lab::Json& record) {
  std::vector<lab::Fact> reason;
  const std::string file = "record";
  const lab::reading::Node node(record["verdict"]["reason"], "", file);
  lab::reading::read(node, reason);
  return as_read(lab::say(lab::Language::en, reason));
}

}  // namespace test_support
