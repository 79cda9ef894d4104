// SPDX-License-Identifier: MIT
#include "lab/record/record_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/record/bounded_json.h"
#include "lab/record/record_json.h"
#include "lab/record/record_node.h"

namespace lab {
namespace {

using reading::Node;

void require_equal(const Node& node, std::size_t a, std::size_t b) {
  if (a != b) node.fail("columns of equal length");
}

void require_rising(const Node& node, const std::vector<std::int64_t>& times) {
  if (!std::is_sorted(times.begin(), times.end())) {
    node.at("time_ns").fail("non-decreasing times");
  }
}

/// A process either exits or is ended by a signal, if it was started.
void require_one_end(const Node& node, pid_t pid,
                     const std::optional<int>& exit_code,
                     const std::optional<int>& signal) {
  if (exit_code && signal) {
    node.at("signal").fail("null, as for a process with an exit_code");
  }
  if (pid == 0 && exit_code) {
    node.at("exit_code").fail("null, as for a process with pid 0");
  }
  if (pid == 0 && signal) {
    node.at("signal").fail("null, as for a process with pid 0");
  }
}

/// Whether `text` has the shape of `form`, in which 0 is a digit.
bool has_form(std::string_view text, std::string_view form) {
  return std::equal(
      text.begin(), text.end(), form.begin(), form.end(), [](char c, char of) {
        return of == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0
                         : c == of;
      });
}

/// A moment of the calendar, as utc_date() writes it.
bool is_date(const std::string& text) {
  if (!has_form(text, "0000-00-00T00:00:00.000Z")) return false;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return std::stoi(text.substr(at, digits));
  };
  const auto part = [&](std::size_t at) {
    return static_cast<unsigned>(number(at, 2));
  };
  const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                        std::chrono::month(part(5)),
                                        std::chrono::day(part(8))};
  // 60: a leap second.
  return day.ok() && part(11) < 24 && part(14) < 60 && part(17) <= 60;
}

RunRecord read_document(const Node& node) {
  const Node schema = node.at("schema");
  const std::string name = schema.text();
  if (name.starts_with("cglab.run/") && name != run_schema) {
    schema.fail(fmt::format(
        "{}: written by another version of cglab; repeat the run", run_schema));
  }
  if (name != run_schema) {
    schema.fail(fmt::format("\"{}\", a run of cglab", run_schema));
  }
  RunRecord record;
  read(node, record);
  return record;
}

std::string read_whole(int fd, const std::string& name) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cgroupfs::throw_errno("read the record", name);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_record) {
      throw RecordError(
          fmt::format("{}: larger than any record of cglab ({} MiB)", name,
                      largest_record >> 20));
    }
  }
}

}  // namespace

namespace reading {

void check(const Node& node, const Fact& fact) {
  const auto count = values_of(fact.kind);
  if (count && *count != fact.values.size()) {
    node.at("values").fail(fmt::format("an array of {} values", *count));
  }
}

void check(const Node& node, const ProcessRecord& process) {
  require_one_end(node, process.pid, process.exit_code, process.signal);
}

void check(const Node& node, const Member& member) {
  require_one_end(node, member.pid, member.exit_code, member.signal);
  if (member.last_seen_ns < member.first_seen_ns) {
    node.at("last_seen_ns").fail("a time from first_seen_ns on");
  }
}

void check(const Node& node, const Verdict& verdict) {
  const std::size_t claims = verdict.claims.size();
  for (const Fact& fact : verdict.reason) {
    if (fact.kind != FactKind::all_claims_hold) continue;
    const auto* const held = std::get_if<std::uint64_t>(&fact.values[0].value);
    if (held && *held <= claims) continue;
    node.at("reason").fail(
        fmt::format("a number of claims from 0 to {}", claims));
  }
}

void check(const Node& node, const StatSamples& stat) {
  require_rising(node, stat.time_ns);
  for (const auto* const column :
       {&stat.anon, &stat.file, &stat.shmem, &stat.kernel, &stat.swap,
        &stat.stalled_us}) {
    if (*column) require_equal(node, (*column)->size(), stat.time_ns.size());
  }
}

void check(const Node& node, const Samples& samples) {
  require_rising(node, samples.time_ns);
  for (const Column& usage : samples.usage) {
    require_equal(node, usage.size(), samples.time_ns.size());
  }
  if (samples.touched) {
    require_equal(node, samples.touched->size(), samples.time_ns.size());
  }
}

void check(const Node& node, const RunRecord& record) {
  if (!is_date(record.date)) {
    node.at("date").fail("a moment such as 2026-01-31T23:59:59.000Z");
  }
  if (record.cgroups.empty()) node.at("cgroups").fail("at least one cgroup");
  if (record.processes.empty()) {
    node.at("processes").fail("at least one process");
  }
  const Node plan = node.at("plan");
  const bool hog = record.plan.command.empty();
  if (hog && record.plan.limit.is_max()) {
    plan.at("limit").fail("a number of bytes");
  }
  if (hog && !makes_claims(record)) {
    if (!record.plan.total) plan.at("total").fail("a number of bytes");
    if (!record.plan.block) plan.at("block").fail("a number of bytes");
    if (!main_process(record).touched) {
      node.at("processes").fail("processes with a number in touched");
    }
  }
  if (record.evidence.deadline_passed && !record.plan.timeout) {
    plan.at("timeout_ns").fail("a time, since the deadline expired");
  }
  if (record.samples.usage.size() != record.cgroups.size()) {
    node.at("samples").at("usage").fail("one column for each cgroup");
  }
}

}  // namespace reading

RunRecord parse_record(std::string_view text, const std::string& name) {
  const Json document = parse_bounded(text, name);
  return read_document(Node(document, "", name));
}

RunRecord record_in(const Json& document, const std::string& key,
                    const std::string& name) {
  return read_document(Node(document, "", name).at(key.c_str()));
}

RunRecord read_record(const std::string& path) {
  if (path == "-") {
    return parse_record(read_whole(STDIN_FILENO, "standard input"),
                        "standard input");
  }
  const cgroupfs::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) cgroupfs::throw_errno("open the record", path);
  return parse_record(read_whole(fd.get(), path), path);
}

void require_one_stdin(const std::vector<std::string>& files) {
  if (std::count(files.begin(), files.end(), "-") > 1) {
    throw UsageError("standard input (-) can be read only once");
  }
}

}  // namespace lab
