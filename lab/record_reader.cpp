// SPDX-License-Identifier: MIT
#include "lab/record_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

#include "cgroupfs/error.h"
#include "lab/report/json_values.h"

namespace lab {
namespace {

/// Deeper than any record; the parser itself knows no bound.
constexpr int deepest = 32;

/// What a terminal would obey is shown instead.
std::string visible(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t')) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (c1) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      result += text[i];
    }
  }
  return result;
}

/// One value of the document and where it is.
class Node {
 public:
  Node(const Json& value, std::string path, const std::string& file)
      : value_(value), path_(std::move(path)), file_(file) {}

  [[noreturn]] void fail(const std::string& expected) const {
    std::string found =
        value_.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 60) found = found.substr(0, 57) + "...";
    throw RecordError(fmt::format("{}: {} is {}, not {}", file_,
                                  path_.empty() ? "the document" : path_,
                                  visible(found), expected));
  }

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }

  Node at(const char* key) const {
    if (!value_.is_object()) fail("an object");
    const auto place = value_.find(key);
    if (place == value_.end()) {
      throw RecordError(fmt::format("{}: {}/{} is missing", file_, path_, key));
    }
    return Node(*place, fmt::format("{}/{}", path_, key), file_);
  }
  /// nullopt for a key that is not there or is null.
  std::optional<Node> find(const char* key) const {
    if (!value_.is_object()) fail("an object");
    const auto place = value_.find(key);
    if (place == value_.end() || place->is_null()) return std::nullopt;
    return Node(*place, fmt::format("{}/{}", path_, key), file_);
  }
  template <typename Take>
  void each(const Take& take) const {
    if (!value_.is_array()) fail("an array");
    for (std::size_t i = 0; i < value_.size(); ++i) {
      take(Node(value_[i], fmt::format("{}/{}", path_, i), file_));
    }
  }
  template <typename Take>
  void each_member(const Take& take) const {
    if (!value_.is_object()) fail("an object");
    for (const auto& [key, value] : value_.items()) {
      take(key, Node(value, fmt::format("{}/{}", path_, key), file_));
    }
  }

  std::string text() const {
    if (!value_.is_string()) fail("a text");
    return visible(value_.get<std::string>());
  }
  bool boolean() const {
    if (!value_.is_boolean()) fail("true or false");
    return value_.get<bool>();
  }
  std::uint64_t natural() const {
    if (!value_.is_number_unsigned()) fail("a whole number from 0 on");
    return value_.get<std::uint64_t>();
  }
  std::int64_t integer() const {
    const bool fits = value_.is_number_integer() &&
                      (!value_.is_number_unsigned() ||
                       value_.get<std::uint64_t>() <=
                           static_cast<std::uint64_t>(
                               std::numeric_limits<std::int64_t>::max()));
    if (!fits) fail("a whole number of 64 bits");
    return value_.get<std::int64_t>();
  }
  int small() const {
    const std::int64_t number = integer();
    if (number != static_cast<int>(number)) fail("a whole number of 32 bits");
    return static_cast<int>(number);
  }

 private:
  const Json& value_;
  std::string path_;
  const std::string& file_;
};

void read(const Node& node, std::string& value) {
  value = node.text();
}
void read(const Node& node, bool& value) {
  value = node.boolean();
}
void read(const Node& node, std::uint64_t& value) {
  value = node.natural();
}
void read(const Node& node, std::int64_t& value) {
  value = node.integer();
}
void read(const Node& node, int& value) {
  value = node.small();
}
void read(const Node& node, unsigned& value) {
  value = static_cast<unsigned>(node.small());
}
void read(const Node& node, Bytes& value) {
  value = Bytes{node.natural()};
}
void read(const Node& node, nanoseconds& value) {
  value = nanoseconds(node.integer());
}
void read(const Node& node, Limit& value) {
  if (!node.is_string()) {
    value = Limit::of(Bytes{node.natural()});
  } else if (node.text() == "max") {
    value = Limit::max();
  } else {
    node.fail("\"max\" or a number of bytes");
  }
}

/// The value of `Enum`, from 0 to `last`, that to_string() calls so.
template <typename Enum>
Enum word(const Node& node, Enum last) {
  const std::string text = node.text();
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  node.fail("a word that this version knows");
}
void read(const Node& node, cgroupfs::Version& value) {
  value = word(node, cgroupfs::Version::v2);
}
void read(const Node& node, Order& value) {
  value = word(node, Order::course);
}
void read(const Node& node, EventKind& value) {
  value = word(node, EventKind::actor_ended);
}
void read(const Node& node, Status& value) {
  value = word(node, Status::not_as_predicted);
}
void read(const Node& node, LimitOwner& value) {
  value = word(node, LimitOwner::unknown);
}

void read(const Node& node, cgroupfs::MemoryEvents& value);
void read(const Node& node, Counters& value);
void read(const Node& node, Peak& value);
void read(const Node& node, Event& value);
void read(const Node& node, LimitRecord& value);
void read(const Node& node, Rejection& value);
void read(const Node& node, Ancestor& value);
void read(const Node& node, Victim& value);
void read(const Node& node, CourseRecord& value);
void read(const Node& node, PidsRecord& value);
void read(const Node& node, StageGroupRecord& value);
void read(const Node& node, ActorRecord& value);
void read(const Node& node, Reading& value);
void read(const Node& node, ClaimRecord& value);
void read(const Node& node, ScenarioRecord& value);
void read(const Node& node, StatSamples& value);

template <typename Item>
void read(const Node& node, std::vector<Item>& values) {
  node.each([&](const Node& item) {
    Item value{};
    read(item, value);
    values.push_back(std::move(value));
  });
}

template <typename Value>
void take(const Node& node, const char* key, Value& value) {
  read(node.at(key), value);
}

/// What is unknown is null; what an older version did not write is unknown.
template <typename Value>
void take(const Node& node, const char* key, std::optional<Value>& value) {
  const auto found = node.find(key);
  if (!found) return;
  Value known{};
  read(*found, known);
  value = std::move(known);
}

void take(const Node& node, const char* key, std::optional<Limit>& value) {
  const auto found = node.find(key);
  if (!found) return;
  Limit known = Limit::max();
  read(*found, known);
  value = known;
}

void read(const Node& node, cgroupfs::MemoryEvents& events) {
  take(node, "low", events.low);
  take(node, "high", events.high);
  take(node, "max", events.max);
  take(node, "oom", events.oom);
  take(node, "oom_kill", events.oom_kill);
  take(node, "oom_group_kill", events.oom_group_kill);
}

void read(const Node& node, Counters& counters) {
  take(node, "oom_kill", counters.oom_kills);
  take(node, "events", counters.events);
  take(node, "local_events", counters.local_events);
  take(node, "failcnt", counters.failcnt);
  take(node, "memsw_failcnt", counters.memsw_failcnt);
  take(node, "swap", counters.swap);
  take(node, "stalled_ns", counters.stalled);
}

void read(const Node& node, Peak& peak) {
  take(node, "bytes", peak.bytes);
  take(node, "source", peak.source);
}

void read(const Node& node, Event& event) {
  take(node, "time_ns", event.time_ns);
  take(node, "kind", event.kind);
  take(node, "source", event.source);
}

void read(const Node& node, LimitRecord& limit) {
  take(node, "file", limit.file);
  take(node, "asked", limit.asked);
  take(node, "actual", limit.actual);
  take(node, "error", limit.error);
  take(node, "group", limit.group);
}

void read(const Node& node, Rejection& rejection) {
  take(node, "strategy", rejection.strategy);
  take(node, "reason", rejection.reason);
  if (const auto fix = node.find("fix")) rejection.fix = fix->text();
}

void read(const Node& node, Ancestor& ancestor) {
  take(node, "path", ancestor.path);
  take(node, "max", ancestor.max);
  take(node, "hits_before", ancestor.hits_before);
  take(node, "hits_after", ancestor.hits_after);
}

void read(const Node& node, Victim& victim) {
  take(node, "pid", victim.pid);
  take(node, "name", victim.name);
  take(node, "constraint", victim.constraint);
  take(node, "oom_memcg", victim.oom_memcg);
  take(node, "task_memcg", victim.task_memcg);
  take(node, "anon_rss", victim.anon_rss);
  take(node, "lines", victim.lines);
}

void read(const Node& node, CourseRecord& course) {
  take(node, "touched_outside", course.touched_outside);
  take(node, "usage_after_move", course.usage_after_move);
  take(node, "outside_after_move", course.outside_after_move);
  take(node, "usage_before_limit", course.usage_before_limit);
  take(node, "limit_before", course.limit_before);
}

/// No limit is the kernel's own word.
std::optional<std::uint64_t> tasks(const Node& node) {
  if (node.is_string() && node.text() == "max") return std::nullopt;
  return node.natural();
}

void read(const Node& node, PidsRecord& pids) {
  take(node, "group", pids.group);
  pids.max = tasks(node.at("max"));
  take(node, "refused", pids.refused);
}

void require_equal(const Node& node, std::size_t a, std::size_t b) {
  if (a != b) node.fail("columns of equal length");
}

void read(const Node& node, StageGroupRecord& group) {
  take(node, "name", group.name);
  take(node, "path", group.path);
  const Node samples = node.at("samples");
  take(samples, "time_ns", group.samples.time_ns);
  take(samples, "usage", group.samples.usage);
  require_equal(samples, group.samples.time_ns.size(),
                group.samples.usage.size());
}

void read(const Node& node, ActorRecord& actor) {
  take(node, "name", actor.name);
  take(node, "group", actor.group);
  take(node, "pid", actor.pid);
  take(node, "arguments", actor.arguments);
  take(node, "exit_code", actor.exit_code);
  take(node, "signal", actor.signal);
  take(node, "ended_by_cglab", actor.ended_by_cglab);
  take(node, "touched", actor.touched);
  take(node, "output", actor.output);
}

void read(const Node& node, Reading& reading) {
  take(node, "mark", reading.mark);
  take(node, "time_ns", reading.time_ns);
  take(node, "subject", reading.subject);
  node.at("values").each_member([&](const std::string& key, const Node& value) {
    reading.values[visible(key)] =
        value.is_null() ? std::nullopt : std::optional(value.natural());
  });
}

void read(const Node& node, ClaimRecord& claim) {
  take(node, "text", claim.text);
  take(node, "what", claim.what);
  take(node, "seen", claim.seen);
  take(node, "expected", claim.expected);
  take(node, "held", claim.held);
  if (const auto decided = node.find("decided_by_knob")) {
    claim.decided_by_knob = decided->boolean();
  }
}

void read(const Node& node, ScenarioRecord& scenario) {
  take(node, "control", scenario.control);
  take(node, "question", scenario.question);
  take(node, "prediction", scenario.prediction);
  take(node, "knob", scenario.knob);
  take(node, "groups", scenario.groups);
  take(node, "actors", scenario.actors);
  take(node, "readings", scenario.readings);
  take(node, "claims", scenario.claims);
}

void read_environment(const Node& node, Environment& environment) {
  take(node, "kernel", environment.kernel);
  take(node, "machine", environment.machine);
  take(node, "cgroup_mode", environment.cgroup_mode);
  take(node, "memory_hierarchy", environment.memory_version);
  take(node, "memory_mount", environment.memory_mount);
  take(node, "memory_total", environment.memory_total);
  take(node, "memory_available", environment.memory_available);
  take(node, "swap_total", environment.swap_total);
  take(node, "page_size", environment.page_size);
  take(node, "thp", environment.thp);
  take(node, "psi", environment.psi);
  take(node, "cpus", environment.cpus);
  take(node, "root", environment.root);
  // Records of version 0.1.0's first days have none.
  if (const auto emulated = node.find("emulated")) {
    environment.emulated = emulated->boolean();
  }
}

void read_command(const Node& node, Plan& plan) {
  CommandPlan command;
  take(node, "command", command.command);
  take(node, "limit", command.limit);
  take(node, "high", command.high);
  take(node, "oom_group", command.oom_group);
  take(node, "timeout_ns", command.timeout);
  command.pids = tasks(node.at("pids"));
  plan.run = std::move(command);
}

void read_plan(const Node& node, Plan& plan) {
  take(node, "experiment", plan.experiment);
  take(node, "swap", plan.swap);
  take(node, "poll_ns", plan.poll);
  take(node, "keep", plan.keep);
  if (node.find("command")) return read_command(node, plan);
  take(node, "order", plan.order);
  take(node, "limit", plan.limit);
  take(node, "total", plan.total);
  take(node, "block", plan.block);
  take(node, "ramp_ns", plan.ramp);
  take(node, "timeout_ns", plan.timeout);
}

void read_child(const Node& node, ChildRecord& child) {
  take(node, "pid", child.pid);
  take(node, "joined_by", child.joined_by);
  take(node, "exit_code", child.exit_code);
  take(node, "signal", child.signal);
  take(node, "touched", child.touched);
  take(node, "last_touch_ns", child.last_touch_ns);
  if (const auto output = node.find("output")) child.output = output->text();
}

void read(const Node& node, StatSamples& stat) {
  take(node, "time_ns", stat.time_ns);
  for (const auto& [key, column] : stat.columns()) {
    if (const auto found = node.find(key)) read(*found, *column);
    if (!column->empty()) {
      require_equal(node, column->size(), stat.time_ns.size());
    }
  }
}

void read_samples(const Node& node, Samples& samples) {
  take(node, "time_ns", samples.time_ns);
  take(node, "usage", samples.usage);
  if (const auto touched = node.find("touched")) {
    read(*touched, samples.touched);
    require_equal(node, samples.touched.size(), samples.time_ns.size());
  }
  if (const auto stat = node.find("stat")) read(*stat, samples.stat);
  require_equal(node, samples.usage.size(), samples.time_ns.size());
}

void read_verdict(const Node& node, Verdict& verdict) {
  take(node, "status", verdict.status);
  take(node, "reason", verdict.reason);
  take(node, "limit_owner", verdict.limit_owner);
  take(node, "limit_owner_path", verdict.limit_owner_path);
}

void read_cleanup(const Node& node, Cleanup& cleanup) {
  take(node, "removed", cleanup.removed);
  take(node, "left", cleanup.left);
  take(node, "orphans_removed", cleanup.orphans_removed);
  take(node, "error", cleanup.error);
}

RunRecord read_document(const Node& node) {
  if (node.at("schema").text() != "cglab.run/1") {
    node.at("schema").fail("\"cglab.run/1\", a run of cglab");
  }
  RunRecord record;
  read_environment(node.at("environment"), record.environment);
  read_plan(node.at("plan"), record.plan);
  take(node, "group", record.group);
  take(node, "strategy", record.strategy);
  take(node, "rejected_strategies", record.rejected);
  take(node, "limits", record.limits);
  take(node, "events", record.events);
  take(node.at("counters"), "before", record.before);
  take(node.at("counters"), "after", record.after);
  take(node, "ancestors", record.ancestors);
  take(node, "peak", record.peak);
  read_child(node.at("child"), record.child);
  take(node, "victim", record.victim);
  take(node, "victim_absent_because", record.victim_absent_because);
  take(node, "course", record.course);
  take(node, "pids", record.pids);
  take(node, "scenario", record.scenario);
  take(node, "interrupted_by", record.interrupted_by);
  take(node, "deadline_passed", record.deadline_passed);
  read_verdict(node.at("verdict"), record.verdict);
  read_cleanup(node.at("cleanup"), record.cleanup);
  read_samples(node.at("samples"), record.samples);
  return record;
}

Json parse_json(std::string_view text, const std::string& name) {
  bool too_deep = false;
  const auto bounded = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > deepest) {
      too_deep = true;
      throw RecordError(fmt::format(
          "{}: nested deeper than {} levels, as no record is", name, deepest));
    }
    return true;
  };
  try {
    return Json::parse(text, bounded);
  } catch (const Json::exception& error) {
    throw RecordError(fmt::format("{}: no JSON text, or damaged: {}", name,
                                  visible(error.what())));
  }
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
      throw RecordError(fmt::format("{}: larger than any record ({} MiB)", name,
                                    largest_record >> 20));
    }
  }
}

}  // namespace

RunRecord parse_record(std::string_view text, const std::string& name) {
  const Json document = parse_json(text, name);
  return read_document(Node(document, "", name));
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

}  // namespace lab
