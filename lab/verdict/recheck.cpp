// SPDX-License-Identifier: MIT
#include "lab/verdict/recheck.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "lab/base/version.h"
#include "lab/verdict/analyze.h"

namespace lab {
namespace {

using Number = std::optional<std::uint64_t>;

Number number_in(const Fact& fact);

/// A number, or that of a fact.
Number number_in(const FactValue& value) {
  if (const auto* const fact = std::get_if<Fact>(&value.value)) {
    return number_in(*fact);
  }
  const auto* const number = std::get_if<std::uint64_t>(&value.value);
  return number ? Number(*number) : std::nullopt;
}

/// As a claim's numbers are shown; nullopt for what is not known.
Number number_in(const Fact& fact) {
  switch (fact.kind) {
    case FactKind::value:
    case FactKind::size:
    case FactKind::at_least:
    case FactKind::at_most:
      return number_in(fact.values[0]);
    case FactKind::refusal:
      return number_in(fact.values[1]);
    case FactKind::no_refusal:
      return 0;
    default:
      return std::nullopt;
  }
}

/// Whether it holds, by its own numbers; nullopt where one is unknown.
std::optional<bool> held_by_numbers(const ClaimRecord& claim) {
  const Fact& seen = claim.seen;
  const FactKind expected = claim.expected.kind;
  if (expected == FactKind::rise || expected == FactKind::unchanged) {
    if (seen.kind != FactKind::change) return std::nullopt;
    const Number before = number_in(seen.values[0]);
    const Number after = number_in(seen.values[1]);
    if (!before || !after) return std::nullopt;
    return expected == FactKind::rise ? *after > *before : *after == *before;
  }
  const Number number = number_in(seen);
  const Number bound = number_in(claim.expected);
  if (!number || !bound) return std::nullopt;
  if (expected == FactKind::at_least) return *number >= *bound;
  if (expected == FactKind::at_most) return *number <= *bound;
  return *number == *bound;
}

/// nullopt where all of them agree.
std::optional<std::vector<ClaimRecord>> corrected_claims(
    const std::vector<ClaimRecord>& claims) {
  std::vector<ClaimRecord> corrected = claims;
  bool differ = false;
  for (ClaimRecord& claim : corrected) {
    const auto held = held_by_numbers(claim);
    if (!held || held == claim.held) continue;
    claim.held = held;
    differ = true;
  }
  return differ ? std::optional(std::move(corrected)) : std::nullopt;
}

/// Of control characters and broken UTF-8 nothing is left in a record, and a
/// backslash may stand for one.
bool is_kept_by_json(const std::string& path) {
  return path.find('\\') == path.npos && path.find("\xef\xbf\xbd") == path.npos;
}

/// Whether all paths can be compared with those of the kernel's log.
bool has_comparable_paths(const RunRecord& record) {
  const std::string below = record.environment.memory_mount + "/";
  const auto& cgroups = record.cgroups;
  const auto& ancestors = record.evidence.ancestors;
  return std::all_of(cgroups.begin(), cgroups.end(),
                     [&](const CgroupRecord& cgroup) {
                       return cgroup.path.starts_with(below) &&
                              is_kept_by_json(cgroup.path);
                     }) &&
         std::all_of(ancestors.begin(), ancestors.end(),
                     [](const Ancestor& ancestor) {
                       return is_kept_by_json(ancestor.path);
                     });
}

auto conclusions(const Verdict& verdict) {
  return std::tie(verdict.status, verdict.oom_kill, verdict.limit_owner,
                  verdict.limit_owner_path);
}

/// Older records have neither the named cgroup nor the proof.
template <typename Value>
bool is_unknown_or(const std::optional<Value>& saved,
                   const std::optional<Value>& concluded) {
  return !saved || saved == concluded;
}

bool agree(const Verdict& saved, const Verdict& concluded, bool same_version) {
  if (conclusions(saved) != conclusions(concluded)) return false;
  return !same_version ||
         (saved.reason == concluded.reason &&
          saved.findings == concluded.findings &&
          is_unknown_or(saved.oom_memcg, concluded.oom_memcg) &&
          is_unknown_or(saved.proof, concluded.proof));
}

}  // namespace

std::optional<Verdict> recheck(const RunRecord& record) {
  if (!has_comparable_paths(record)) return std::nullopt;
  if (auto claims = corrected_claims(record.verdict.claims)) {
    RunRecord corrected = record;
    corrected.verdict.claims = *std::move(claims);
    return analyze(corrected);
  }
  Verdict concluded = analyze(record);
  const bool same_version = record.tool.version == version;
  if (agree(record.verdict, concluded, same_version)) return std::nullopt;
  return concluded;
}

}  // namespace lab
