// SPDX-License-Identifier: MIT
#include "lab/verdict/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <string_view>
#include <system_error>
#include <variant>

#include "lab/verdict/verdict_parts.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Key;
using cgroupfs::Version;
using Number = std::optional<std::uint64_t>;

/// Where a reading comes from: an interface file, a key whose file or name
/// differs between the versions, or something else.
struct ReadingSource {
  std::string_view reading;
  std::variant<File, Key, std::string_view> source;
};

constexpr ReadingSource sources[] = {
    {"usage", File::memory_current},
    {"peak", File::memory_peak},
    {"limit", File::memory_max},
    {"swap", Key::swap},
    {"oom_kill", Key::oom_kill_local},
    {"oom_kills", Key::oom_kill},
    {"under_oom", File::memory_oom_control},
    {"oom", File::memory_events_local},
    {"high", File::memory_events_local},
    {"low", File::memory_events_local},
    {"max", File::memory_events_local},
    {"oom_group_kill", File::memory_events_local},
    {"failcnt", File::memory_failcnt},
    {"anon", Key::anon},
    {"file", Key::file},
    {"shmem", Key::shmem},
    {"huge", Key::anon_thp},
    {"huge_pages", "AnonHugePages in /proc/PID/smaps"},
    {"processes", File::cgroup_procs},
    {"forks_refused", File::pids_events},
    {"stalled_us", File::memory_pressure},
};

std::string name_of_key(Key key, std::string_view reading, Version version) {
  const auto place = place_of(key, version);
  if (!place) return "";
  const std::string file = name_of(place->file, version);
  // "oom_kill of hog (memory.events.local)" names the key already.
  return reading.starts_with(place->key) ? file : file + " " + place->key;
}

bool is_size(const std::string& key) {
  static const std::set<std::string> sizes{
      "usage", "peak",  "limit", "swap",       "anon",
      "file",  "shmem", "huge",  "huge_pages", "touched"};
  return sizes.contains(key);
}

Fact show_error(std::uint64_t number) {
  if (number == 0) return fact(FactKind::no_refusal);
  return fact(FactKind::refusal,
              std::generic_category().message(static_cast<int>(number)),
              number);
}

/// A task's state is its letter in /proc/PID/stat.
Fact show(const std::string& key, const Number& number) {
  if (!number) {
    return key == "limit" ? fact(FactKind::value, "max")
                          : fact(FactKind::unknown);
  }
  if (key == "state") {
    return fact(FactKind::value, std::string(1, static_cast<char>(*number)));
  }
  if (key == "refused") return show_error(*number);
  return fact(is_size(key) ? FactKind::size : FactKind::value, *number);
}

Number find(const RunRecord& record, const Quantity& what) {
  return reading_of(record, what.mark, what.subject, what.key);
}

class Judge {
 public:
  explicit Judge(const RunRecord& record) : record_(record) {}

  ClaimRecord operator()(const Claim& claim) const {
    const Number seen = find(record_, claim.what);
    const Number before = find(record_, at_the_beginning(claim.what));
    const Number operand = number_of(claim);
    ClaimRecord result = unjudged(claim);
    const bool compares_with_before =
        claim.relation == Relation::rises || claim.relation == Relation::stays;
    result.seen = show(claim.what.key, seen);
    if (compares_with_before) {
      result.seen = fact(FactKind::change, show(claim.what.key, before),
                         std::move(result.seen));
    }
    result.held = held(claim.relation, seen, before, operand);
    // A control run is decided by what is known.
    const bool may_be_unknown =
        claim.may_be_unknown ||
        (record_.plan.control && claim.decided_by_cause);
    if (!result.held && !may_be_unknown) result.held = false;
    return result;
  }

  ClaimRecord unjudged(const Claim& claim) const {
    ClaimRecord result;
    result.text = claim.text;
    result.what = name(claim.what);
    result.seen = fact(FactKind::not_reached);
    result.expected = expected(claim);
    result.decided_by_cause = claim.decided_by_cause;
    return result;
  }

 private:
  static Quantity at_the_beginning(Quantity what) {
    what.mark = "before";
    return what;
  }

  static std::optional<bool> held(Relation relation, const Number& seen,
                                  const Number& before, const Number& operand) {
    if (!seen) return std::nullopt;
    switch (relation) {
      case Relation::rises:
        return before ? std::optional(*seen > *before) : std::nullopt;
      case Relation::stays:
        return before ? std::optional(*seen == *before) : std::nullopt;
      case Relation::equals:
        return operand ? std::optional(*seen == *operand) : std::nullopt;
      case Relation::at_least:
        return operand ? std::optional(*seen >= *operand) : std::nullopt;
      case Relation::at_most:
        return operand ? std::optional(*seen <= *operand) : std::nullopt;
    }
    return std::nullopt;
  }

  Number number_of(const Claim& claim) const {
    if (const auto* part = std::get_if<Part>(&claim.operand)) {
      return part->of(record_.plan.size()).count;
    }
    if (const auto* other = std::get_if<Quantity>(&claim.operand)) {
      const Number number = find(record_, *other);
      if (!number) return std::nullopt;
      const auto [numerator, denominator] = claim.of_quantity;
      // In this order nothing overflows, and little is rounded off.
      return *number / denominator * numerator +
             *number % denominator * numerator / denominator;
    }
    return std::get<std::uint64_t>(claim.operand);
  }

  Fact expected(const Claim& claim) const {
    Fact number = show(claim.what.key, number_of(claim));
    switch (claim.relation) {
      case Relation::rises:
        return fact(FactKind::rise);
      case Relation::stays:
        return fact(FactKind::unchanged);
      case Relation::equals:
        return number;
      case Relation::at_least:
        return fact(FactKind::at_least, number);
      case Relation::at_most:
        return fact(FactKind::at_most, number);
    }
    return fact(FactKind::unknown);
  }

  Fact name(const Quantity& what) const {
    const std::string file =
        file_of(what.key, record_.environment.memory_version);
    return file.empty()
               ? fact(FactKind::reading, what.key, what.subject)
               : fact(FactKind::reading_in, what.key, what.subject, file);
  }

  const RunRecord& record_;
};

Fact about(FactKind kind, const ClaimRecord& claim) {
  return fact(kind, fact(FactKind::text, claim.text.en, claim.text.zh),
              claim.what, claim.seen, claim.expected);
}

Verdict conclude_prediction(const std::vector<ClaimRecord>& claims) {
  for (const ClaimRecord& claim : claims) {
    if (claim.held.value_or(true)) continue;
    return plain(Status::not_as_predicted,
                 about(FactKind::claim_failed, claim));
  }
  const auto known =
      std::count_if(claims.begin(), claims.end(),
                    [](const ClaimRecord& claim) { return claim.held; });
  return plain(Status::as_predicted, fact(FactKind::all_claims_hold, known));
}

/// All that the cause decides has to fail by what is known.
Verdict conclude_control(const std::vector<ClaimRecord>& claims) {
  Verdict verdict = conclude_prediction(claims);
  const ClaimRecord* decided = nullptr;
  for (const ClaimRecord& claim : claims) {
    if (!claim.decided_by_cause) continue;
    if (claim.held != false) {
      return plain(verdict.status,
                   about(claim.held ? FactKind::control_not_decided
                                    : FactKind::control_undecided,
                         claim));
    }
    if (decided == nullptr) decided = &claim;
  }
  if (decided == nullptr) return verdict;
  return plain(verdict.status, about(FactKind::control_decided, *decided));
}

/// cgroup.kill, a step of the run.
bool is_killed_by_step(const RunRecord& record, const std::string& cgroup) {
  return std::any_of(
      record.events.begin(), record.events.end(), [&](const Event& event) {
        return event.kind == EventKind::step && event.subject == cgroup &&
               event.source == name_of(File::cgroup_kill);
      });
}

bool is_reading(const Fact& what, const std::string& key,
                const std::string& subject) {
  const auto is = [&](std::size_t index, const std::string& text) {
    const auto* value = std::get_if<std::string>(&what.values[index].value);
    return value && *value == text;
  };
  return what.values.size() >= 2 && is(0, key) && is(1, subject);
}

/// Whether neither the OOM killer nor the run itself has ended `process`.
Proof ended_from_outside(const RunRecord& record,
                         const ProcessRecord& process) {
  if (!process.signal || process.ended_by_cglab ||
      is_killed_by_step(record, process.cgroup)) {
    return Proof::ruled_out;
  }
  if (process.signal != SIGKILL) return Proof::proven;
  switch (oom_kill_of(record, process)) {
    case Proof::proven:
      return Proof::ruled_out;
    case Proof::ruled_out:
      return Proof::proven;
    case Proof::undetermined:
      break;
  }
  const auto& claims = record.verdict.claims;
  const bool matters =
      std::any_of(claims.begin(), claims.end(), [&](const ClaimRecord& claim) {
        return is_reading(claim.what, "signal", process.name);
      });
  return matters ? Proof::undetermined : Proof::ruled_out;
}

/// How many neither a step nor cglab itself has killed.
std::uint64_t killed_processes(const RunRecord& record) {
  const auto& processes = record.processes;
  return static_cast<std::uint64_t>(std::count_if(
      processes.begin(), processes.end(), [&](const ProcessRecord& process) {
        return process.signal == SIGKILL && !process.ended_by_cglab &&
               !is_killed_by_step(record, process.cgroup);
      }));
}

/// The first process of which that is so; nullptr when there is none.
const ProcessRecord* find_ended_from_outside(const RunRecord& record,
                                             Proof proof) {
  for (const ProcessRecord& process : record.processes) {
    if (ended_from_outside(record, process) == proof) return &process;
  }
  return nullptr;
}

/// One that could not do its part.
const ProcessRecord* failed_process(const RunRecord& record) {
  for (const ProcessRecord& process : record.processes) {
    if (process.exit_code.value_or(0) != 0) return &process;
  }
  return nullptr;
}

}  // namespace

std::optional<cgroupfs::KeyPlace> place_of_reading(const std::string& reading,
                                                   Version version) {
  for (const auto& [name, source] : sources) {
    if (name != reading) continue;
    if (const auto* const key = std::get_if<Key>(&source)) {
      return cgroupfs::place_of(*key, version);
    }
    const auto* const file = std::get_if<File>(&source);
    if (!file || !is_on(*file, version)) return std::nullopt;
    const bool keyed =
        *file == File::memory_events_local || *file == File::memory_oom_control;
    if (*file == File::pids_events) return {{*file, "max"}};
    // The names in the table last as long as the program.
    return {{*file, keyed ? name.data() : ""}};
  }
  return std::nullopt;
}

std::string file_of(const std::string& reading, Version version) {
  for (const auto& [name, source] : sources) {
    if (name != reading) continue;
    if (const auto* const file = std::get_if<File>(&source)) {
      return name_of(*file, version);
    }
    if (const auto* const key = std::get_if<Key>(&source)) {
      return name_of_key(*key, reading, version);
    }
    return std::string(std::get<std::string_view>(source));
  }
  return "";
}

std::vector<ClaimRecord> judge(const std::vector<Claim>& claims,
                               const RunRecord& record) {
  const bool ended_early =
      record.evidence.deadline_passed || record.evidence.interrupted_by;
  const Judge judge(record);
  std::vector<ClaimRecord> results;
  std::transform(claims.begin(), claims.end(), std::back_inserter(results),
                 [&](const Claim& claim) {
                   return ended_early ? judge.unjudged(claim) : judge(claim);
                 });
  return results;
}

Verdict conclude_claims(const RunRecord& record) {
  if (record.evidence.interrupted_by) {
    return plain(Status::interrupted,
                 fact(FactKind::run_interrupted,
                      signal_name(*record.evidence.interrupted_by)),
                 kills_fact(record));
  }
  if (record.evidence.deadline_passed) {
    return plain(
        Status::deadline,
        fact(FactKind::run_not_finished, time_argument(*record.plan.timeout)),
        kills_fact(record));
  }
  if (const ProcessRecord* failed = failed_process(record)) {
    return plain(Status::child_failed,
                 fact(FactKind::process_failed, failed->name, failed->pid,
                      *failed->exit_code, failed->output.value_or("")));
  }
  if (const ProcessRecord* ended =
          find_ended_from_outside(record, Proof::proven)) {
    return plain(ended->signal == SIGKILL ? Status::killed : Status::crashed,
                 fact(FactKind::ended_from_outside, ended->name, ended->pid,
                      signal_name(*ended->signal)));
  }
  const auto counted = oom_kills_in(record);
  const std::uint64_t killed = killed_processes(record);
  if (counted && killed > *counted) {
    return plain(Status::killed,
                 fact(FactKind::killed_from_outside, killed, *counted));
  }
  if (const ProcessRecord* ended =
          find_ended_from_outside(record, Proof::undetermined)) {
    return plain(Status::killed_undetermined,
                 fact(FactKind::killed_for_unknown_reason,
                      fact(FactKind::process, ended->name, ended->pid),
                      missing_evidence(record)));
  }
  const auto& claims = record.verdict.claims;
  return record.plan.control ? conclude_control(claims)
                             : conclude_prediction(claims);
}

}  // namespace lab
