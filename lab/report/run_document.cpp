// SPDX-License-Identifier: MIT
#include "lab/report/run_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "lab/report/timeline.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;

std::string number_or_unknown(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "unknown";
}

std::string size_or_unknown(const std::optional<Bytes>& bytes) {
  return bytes ? exact_size(*bytes) : "unknown";
}

std::string change(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  return fmt::format("{} -> {}", number_or_unknown(before),
                     number_or_unknown(after));
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

std::vector<Row> environment_rows(const Environment& environment) {
  return {
      {"kernel", environment.kernel},
      {"machine",
       fmt::format("{}, {} CPUs{}", environment.machine, environment.cpus,
                   environment.emulated == true ? ", emulated" : "")},
      {"memory controller",
       fmt::format("cgroup {} ({} host)", to_string(environment.memory_version),
                   environment.cgroup_mode)},
      {"memory", size_or_unknown(environment.memory_total)},
      {"swap", size_or_unknown(environment.swap_total)},
      {"transparent huge pages", environment.thp.value_or("unknown")},
      {"PSI", environment.psi ? "on" : "off"},
      {"root", yes_or_no(environment.root)},
  };
}

std::string end_of(const ChildRecord& child) {
  if (child.signal) return signal_name(*child.signal);
  if (child.exit_code) return fmt::format("exit status {}", *child.exit_code);
  return "unknown";
}

std::string verdict_of(const RunRecord& record) {
  std::string text(to_string(record.verdict.status));
  std::replace(text.begin(), text.end(), '_', ' ');
  if (record.scenario && record.scenario->control) text += " (control run)";
  return text;
}

std::string limit_of(const RunRecord& record) {
  const LimitRecord* limit = hard_limit(record);
  if (!limit || !limit->actual) return "none";
  return exact_limit(*limit->actual);
}

/// Between two moments; one that was not seen has no number.
std::string span_of(const RunRecord& record,
                    const std::optional<std::int64_t>& from,
                    const std::optional<std::int64_t>& to) {
  if (!from || !to) return "not seen";
  return human_ms(nanoseconds(*to - *from)) +
         (record.environment.emulated == true ? " (emulated)" : "");
}

std::optional<std::int64_t> end_time(const RunRecord& record) {
  const auto reaped = time_of(record, EventKind::reaped);
  return reaped ? reaped : time_of(record, EventKind::actor_ended);
}

void add_claims(const ScenarioRecord& scenario, Document& document) {
  document.section("Claims");
  std::vector<Row> rows{{"Holds", "Claim", "Read", "Seen", "Expected"}};
  for (const ClaimRecord& claim : scenario.claims) {
    rows.push_back({claim.held ? yes_or_no(*claim.held) : "unknown", claim.text,
                    claim.what, claim.seen, claim.expected});
  }
  document.table(std::move(rows));
}

}  // namespace

Document run_document(const NamedRecord& run) {
  const RunRecord& record = run.record;
  Document document;
  document.title(
      fmt::format("{}: {}", record.plan.experiment, verdict_of(record)));
  document.paragraph(record.verdict.reason);
  if (record.scenario) add_claims(*record.scenario, document);
  document.section("Proof");
  document.table(
      {{"What", "Value"},
       {"child",
        fmt::format("pid {}, {}", record.child.pid, end_of(record.child))},
       {"oom_kill", change(record.before.oom_kills, record.after.oom_kills)},
       {"peak", record.peak
                    ? fmt::format("{}, {}", exact_size(record.peak->bytes),
                                  record.peak->source)
                    : "unknown"},
       {"touched", size_or_unknown(record.child.touched)}});
  document.section("Limits");
  std::vector<Row> limits{{"File", "Asked", "The kernel has", "Refusal"}};
  for (const LimitRecord& limit : record.limits) {
    limits.push_back({limit.file, limit.asked,
                      limit.actual ? exact_limit(*limit.actual) : "unknown",
                      limit.error.value_or("")});
  }
  document.table(std::move(limits));
  document.section("Events");
  std::vector<Row> events{{"Time", "Event", "Source"}};
  for (const Event& event : record.events) {
    events.push_back({human_ms(nanoseconds(event.time_ns)),
                      std::string(event_name(event.kind)), event.source});
  }
  document.table(std::move(events));
  document.section("Environment");
  std::vector<Row> environment{{"What", "Value"}};
  for (Row& row : environment_rows(record.environment)) {
    environment.push_back(std::move(row));
  }
  document.table(std::move(environment));
  return document;
}

namespace {

/// Runs whose times tell of an emulator, beside others whose times do not.
void warn_of_emulation(const std::vector<NamedRecord>& runs,
                       Document& document) {
  std::string emulated;
  std::size_t count = 0;
  for (const NamedRecord& run : runs) {
    if (run.record.environment.emulated != true) continue;
    ++count;
    emulated += (emulated.empty() ? "" : ", ") + run.name;
  }
  if (count == 0) return;
  document.paragraph(fmt::format(
      "Emulated by software: {}. The behaviour and the counters are a real "
      "kernel's; the times are the emulator's and compare with no other "
      "machine's.",
      emulated));
}

/// Claims beside each other, where all runs make the same ones.
void add_claims_of_all(const std::vector<NamedRecord>& runs, const Row& head,
                       Document& document) {
  std::vector<Row> rows{head};
  const auto& first = runs.front().record.scenario;
  if (!first) return;
  for (std::size_t i = 0; i < first->claims.size(); ++i) {
    Row row{first->claims[i].text};
    for (const NamedRecord& run : runs) {
      const auto& scenario = run.record.scenario;
      const bool same = scenario &&
                        scenario->claims.size() == first->claims.size() &&
                        scenario->claims[i].text == first->claims[i].text;
      if (!same) return;
      const ClaimRecord& claim = scenario->claims[i];
      row.push_back(fmt::format("{}: {}",
                                claim.held ? yes_or_no(*claim.held) : "unknown",
                                claim.seen));
    }
    rows.push_back(std::move(row));
  }
  document.section("Claims");
  document.table(std::move(rows));
}

}  // namespace

Document comparison_document(const std::vector<NamedRecord>& runs) {
  Document document;
  document.title(runs.size() == 1
                     ? "1 run"
                     : fmt::format("{} runs compared", runs.size()));
  Row head{"What"};
  for (const NamedRecord& run : runs) head.push_back(run.name);

  document.section("What differs in the environment");
  std::vector<Row> differing{head};
  const auto labels = environment_rows(runs.front().record.environment);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Row row{labels[i].front()};
    std::set<std::string> values;
    for (const NamedRecord& run : runs) {
      row.push_back(environment_rows(run.record.environment)[i].back());
      values.insert(row.back());
    }
    if (values.size() > 1) differing.push_back(std::move(row));
  }
  if (differing.size() > 1) {
    document.table(std::move(differing));
  } else {
    document.paragraph("Nothing that the records tell.");
  }
  warn_of_emulation(runs, document);

  document.section("What came of it");
  std::vector<Row> rows{head};
  const auto add = [&](const char* label,
                       const std::function<std::string(const RunRecord&)>& of) {
    Row row{label};
    for (const NamedRecord& run : runs) row.push_back(of(run.record));
    rows.push_back(std::move(row));
  };
  add("experiment", [](const RunRecord& r) { return r.plan.experiment; });
  add("verdict", verdict_of);
  add("limit", limit_of);
  add("peak", [](const RunRecord& r) {
    return r.peak ? exact_size(r.peak->bytes) : "unknown";
  });
  add("touched",
      [](const RunRecord& r) { return size_or_unknown(r.child.touched); });
  add("child", [](const RunRecord& r) { return end_of(r.child); });
  add("oom_kill", [](const RunRecord& r) {
    return change(r.before.oom_kills, r.after.oom_kills);
  });
  add("limit hits", [](const RunRecord& r) {
    if (r.after.failcnt) return change(r.before.failcnt, r.after.failcnt);
    if (!r.after.local_events || !r.before.local_events) {
      return std::string("unknown");
    }
    return change(r.before.local_events->max, r.after.local_events->max);
  });
  add("time to the end", [](const RunRecord& r) {
    return span_of(r, std::int64_t{0}, end_time(r));
  });
  add("detection after the last touch", [](const RunRecord& r) {
    return span_of(r, r.child.last_touch_ns,
                   time_of(r, EventKind::notification));
  });
  document.table(std::move(rows));
  add_claims_of_all(runs, head, document);
  return document;
}

}  // namespace lab
