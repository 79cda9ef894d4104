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

std::string show_error(std::uint64_t number) {
  if (number == 0) return "no refusal";
  return fmt::format("{} (errno {})",
                     std::generic_category().message(static_cast<int>(number)),
                     number);
}

/// A task's state is its letter in /proc/PID/stat.
std::string show(const std::string& key, const Number& number) {
  if (!number) return key == "limit" ? "max" : "unknown";
  if (key == "state") return std::string(1, static_cast<char>(*number));
  if (key == "refused") return show_error(*number);
  if (is_size(key)) return exact_size(Bytes{*number});
  return std::to_string(*number);
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
    result.seen = compares_with_before
                      ? fmt::format("{} -> {}", show(claim.what.key, before),
                                    show(claim.what.key, seen))
                      : show(claim.what.key, seen);
    result.held = held(claim.relation, seen, before, operand);
    // A control run is decided by what is known.
    const bool may_be_unknown =
        claim.may_be_unknown ||
        (record_.plan.control && claim.decided_by_cause);
    if (!result.held && !may_be_unknown) result.held = false;
    return result;
  }

  ClaimRecord unjudged(const Claim& claim) const {
    return {claim.text,      name(claim.what), "not reached",
            expected(claim), std::nullopt,     claim.decided_by_cause};
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
      return *number / claim.of_quantity.denominator *
             claim.of_quantity.numerator;
    }
    return std::get<std::uint64_t>(claim.operand);
  }

  std::string expected(const Claim& claim) const {
    std::string number = show(claim.what.key, number_of(claim));
    switch (claim.relation) {
      case Relation::rises:
        return "a rise";
      case Relation::stays:
        return "unchanged";
      case Relation::equals:
        return number;
      case Relation::at_least:
        return "at least " + number;
      case Relation::at_most:
        return "at most " + number;
    }
    return "";
  }

  std::string name(const Quantity& what) const {
    const std::string file =
        file_of(what.key, record_.environment.memory_version);
    return fmt::format("{} of {}{}", what.key, what.subject,
                       file.empty() ? "" : fmt::format(" ({})", file));
  }

  const RunRecord& record_;
};

std::string describe(const ClaimRecord& claim) {
  return fmt::format("{}. {}: {}, expected: {}.", claim.text, claim.what,
                     claim.seen, claim.expected);
}

Verdict conclude_prediction(const std::vector<ClaimRecord>& claims) {
  Verdict verdict;
  for (const ClaimRecord& claim : claims) {
    if (claim.held.value_or(true)) continue;
    verdict.status = Status::not_as_predicted;
    verdict.reason = "Claim failed: " + describe(claim);
    return verdict;
  }
  const auto known =
      std::count_if(claims.begin(), claims.end(),
                    [](const ClaimRecord& claim) { return claim.held; });
  verdict.status = Status::as_predicted;
  verdict.reason = fmt::format("All {} claims hold.", known);
  return verdict;
}

/// All that the cause decides has to fail by what is known.
Verdict conclude_control(const std::vector<ClaimRecord>& claims) {
  Verdict verdict = conclude_prediction(claims);
  const ClaimRecord* decided = nullptr;
  for (const ClaimRecord& claim : claims) {
    if (!claim.decided_by_cause) continue;
    if (claim.held != false) {
      verdict.reason =
          fmt::format("Control run failed: {}: {}",
                      claim.held ? "this claim should not hold without the "
                                   "cause, but does"
                                 : "it is unknown whether this claim holds "
                                   "without the cause",
                      describe(claim));
      return verdict;
    }
    if (decided == nullptr) decided = &claim;
  }
  if (decided == nullptr) return verdict;
  verdict.reason = "Without the cause the effect is gone; this claim fails: " +
                   describe(*decided);
  return verdict;
}

/// cgroup.kill, a step of the run.
bool is_killed_by_step(const RunRecord& record, const std::string& cgroup) {
  return std::any_of(
      record.events.begin(), record.events.end(), [&](const Event& event) {
        return event.kind == EventKind::step && event.subject == cgroup &&
               event.source == name_of(File::cgroup_kill);
      });
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
  const std::string signal = fmt::format("signal of {}", process.name);
  const bool matters = std::any_of(
      claims.begin(), claims.end(),
      [&](const ClaimRecord& claim) { return claim.what == signal; });
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
  Verdict verdict;
  if (record.evidence.interrupted_by) {
    verdict.status = Status::interrupted;
    verdict.reason = fmt::format("A signal ({}) ended the run.",
                                 signal_name(*record.evidence.interrupted_by)) +
                     kills_text(record, Language::en);
    return verdict;
  }
  if (record.evidence.deadline_passed) {
    verdict.status = Status::deadline;
    verdict.reason = fmt::format("The run did not finish within {}.",
                                 time_argument(*record.plan.timeout)) +
                     kills_text(record, Language::en);
    return verdict;
  }
  if (const ProcessRecord* failed = failed_process(record)) {
    verdict.status = Status::child_failed;
    verdict.reason = fmt::format("{} (pid {}) failed with exit status {}: {}",
                                 failed->name, failed->pid, *failed->exit_code,
                                 failed->output.value_or(""));
    return verdict;
  }
  if (const ProcessRecord* ended =
          find_ended_from_outside(record, Proof::proven)) {
    verdict.status =
        ended->signal == SIGKILL ? Status::killed : Status::crashed;
    verdict.reason = fmt::format(
        "{} (pid {}) ended by {}, which neither the OOM killer nor cglab sent: "
        "the claims cannot be judged.",
        ended->name, ended->pid, signal_name(*ended->signal));
    return verdict;
  }
  const auto counted = oom_kills_in(record);
  const std::uint64_t killed = killed_processes(record);
  if (counted && killed > *counted) {
    verdict.status = Status::killed;
    verdict.reason = fmt::format(
        "{} processes ended by SIGKILL, but only {} OOM kills were counted: "
        "the claims cannot be judged.",
        killed, *counted);
    return verdict;
  }
  if (const ProcessRecord* ended =
          find_ended_from_outside(record, Proof::undetermined)) {
    verdict.status = Status::killed_undetermined;
    verdict.reason = fmt::format(
        "{} (pid {}) was killed by SIGKILL; whether by the OOM killer is "
        "undetermined, so the claims cannot be judged. {}",
        ended->name, ended->pid, missing_evidence(record, Language::en));
    return verdict;
  }
  const auto& claims = record.verdict.claims;
  return record.plan.control ? conclude_control(claims)
                             : conclude_prediction(claims);
}

}  // namespace lab
