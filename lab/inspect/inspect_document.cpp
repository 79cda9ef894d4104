// SPDX-License-Identifier: MIT
#include "lab/inspect/inspect_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "lab/inspect/inspect.h"
#include "lab/inspect/inspect_messages.h"
#include "lab/report/fact_words.h"

namespace lab {
namespace {

namespace messages = inspect_messages;

using cgroupfs::File;
using cgroupfs::Version;
using Count = std::optional<std::uint64_t>;

/// Of a container's id, as its own tools show it.
constexpr std::size_t short_id_digits = 12;
constexpr std::size_t most_capabilities = 6;
constexpr std::size_t most_missing = 4;
constexpr std::size_t most_interfaces = 6;

class Writer {
 public:
  Writer(const Inspection& from, Language language)
      : from_(from), language_(language) {}

  Document write();

 private:
  void add_answer();
  void add_headline();
  void add_limit();
  void add_kills();
  void add_container();
  void add_unit();
  void add_memory();
  void add_levels(const MemoryState& memory);
  std::vector<std::string> row_of(const MemoryLevel& level) const;
  void add_memory_values(const MemoryState& memory);
  void add_swap(const MemoryState& memory);
  void add_oom_killer(const MemoryState& memory);
  void add_other_limits();
  void add_pids();
  void add_cpu();
  void add_places();
  void add_process();
  void add_identity(const ProcessState& process);
  void add_root(const RootFileSystem& root);
  void add_namespaces();
  void add_network();
  void add_routes(const NetworkState& network);
  void add_gaps();

  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(language_, message, values...);
  }
  void field(const Message& label, std::string value) {
    document_.field(say(label), std::move(value));
  }
  std::string comma() const { return language_ == Language::zh ? "，" : ", "; }
  std::string joined(const std::vector<std::string>& parts) const {
    return fmt::format("{}", fmt::join(parts, comma()));
  }
  std::string kill_words(const Count& own, const Count& all) const;
  std::string below_mount(const std::string& path) const;
  std::string parts_of(const MemoryState& memory) const;
  std::string container_words(const ContainerName& name) const;
  bool has_own_users() const;
  std::string user_words(const ProcessState& process) const;
  std::string privilege_words(const ProcessState& process) const;
  std::string capability_words(std::uint64_t set, Count last) const;
  std::string interface_words(const Interface& link) const;
  std::string route_words(const DefaultRoute& route,
                          const NetworkState& network) const;

  const Inspection& from_;
  Language language_;
  std::optional<BindingLimit> binding_;
  Document document_;
};

Document Writer::write() {
  if (from_.memory) binding_ = binding_limit(limits_in(*from_.memory));
  add_answer();
  add_memory();
  add_other_limits();
  add_process();
  add_network();
  add_gaps();
  return std::move(document_);
}

void Writer::add_answer() {
  add_headline();
  add_limit();
  add_kills();
  add_container();
  add_unit();
  if (from_.ended) field(messages::note, say(messages::ended));
}

void Writer::add_headline() {
  const bool killed = from_.memory && from_.memory->kills.value_or(0) > 0;
  const Tone tone = killed ? Tone::bad : Tone::none;
  if (binding_) {
    document_.headline(
        say(messages::binding_headline, human_size(binding_->limit),
            human_size(binding_->headroom)),
        tone);
  } else if (from_.memory && from_.memory->complete()) {
    document_.headline(say(messages::unlimited_headline), tone);
  } else if (from_.memory && !from_.memory->levels.empty()) {
    document_.headline(say(messages::no_visible_headline), tone);
  } else {
    document_.headline(say(messages::unknown_headline), Tone::unknown);
  }
}

void Writer::add_limit() {
  if (!from_.memory) return;
  const MemoryState& memory = *from_.memory;
  std::string text;
  if (binding_) {
    const bool own = binding_->path == memory.path;
    text = say(own ? messages::own_limit : messages::ancestor_limit,
               name_of(binding_->file, memory.version),
               below_mount(binding_->path));
  } else if (memory.complete()) {
    text = say(messages::no_limit);
  } else {
    text = say(messages::no_visible_limit);
  }
  if (!memory.reaches_root) {
    text += comma() +
            say(messages::chain_incomplete, outside_text(memory.mount_point));
  }
  if (!memory.all_read) text += comma() + say(messages::levels_failed);
  field(messages::limit, text);
}

/// The sum of what the ancestors counted, as far as it is known.
template <typename Value>
std::uint64_t sum_above(const std::vector<MemoryLevel>& levels,
                        const Value& value) {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    sum += value(levels[i]).value_or(0);
  }
  return sum;
}

std::string Writer::kill_words(const Count& own, const Count& all) const {
  // On v1 the counter of a descendant is removed with it.
  const bool v1 = from_.memory->version == Version::v1;
  if (!own && !all) return say(messages::unknown);
  if (all == 0u) return say(v1 ? messages::no_known_kills : messages::no_kills);
  if (!all) return say(messages::own_kills, *own);
  if (!own) {
    return say(v1 ? messages::kills_with_existing_descendants
                  : messages::kills_with_descendants,
               *all);
  }
  if (*own == *all) return say(messages::own_kills, *own);
  return say(v1 ? messages::kills_of_both_existing : messages::kills_of_both,
             *own, *all);
}

void Writer::add_kills() {
  if (!from_.memory || from_.memory->levels.empty()) return;
  const MemoryState& memory = *from_.memory;
  const MemoryLevel& own = memory.levels.front();
  field(messages::oom_kills, kill_words(own.kills, memory.kills));
  const auto add = [&](const Message& label, const Count& at_own,
                       std::uint64_t above) {
    if (!at_own || *at_own + above == 0) return;
    field(label, say(messages::own_and_ancestors, *at_own, above));
  };
  add(messages::oom_events, own.ooms,
      sum_above(memory.levels, [](const auto& each) { return each.ooms; }));
  add(messages::limit_hits, own.hits,
      sum_above(memory.levels, [](const auto& each) { return each.hits; }));
}

const Message& name_of(Runtime runtime) {
  switch (runtime) {
    case Runtime::docker:
      return messages::docker_container;
    case Runtime::podman:
      return messages::podman_container;
    case Runtime::containerd:
      return messages::containerd_container;
    case Runtime::crio:
      return messages::crio_container;
    case Runtime::kubernetes:
      return messages::kubernetes_container;
    case Runtime::machine:
      return messages::machine;
    case Runtime::lxc:
      return messages::lxc_container;
    case Runtime::unknown:
      break;
  }
  return messages::unknown_container;
}

const Message& sentence_for(ContainerFinding::Evidence evidence) {
  switch (evidence) {
    case ContainerFinding::Evidence::namespaces:
      return messages::by_namespaces;
    case ContainerFinding::Evidence::name:
      return messages::by_name_only;
    case ContainerFinding::Evidence::unknown:
      break;
  }
  return messages::by_name_alone;
}

std::string Writer::container_words(const ContainerName& name) const {
  const bool is_id = name.id.size() == 64;
  const std::string id =
      visible_line(is_id ? name.id.substr(0, short_id_digits) : name.id);
  std::string text = say(name_of(name.runtime), outside_text(id));
  if (const auto& user = from_.container.names.user) {
    text = say(messages::user_container, text, visible_line(*user));
  }
  return say(sentence_for(from_.container.evidence), text);
}

void Writer::add_container() {
  const CgroupNames& names = from_.container.names;
  if (names.container) {
    field(messages::container, container_words(*names.container));
  } else if (from_.container.isolated) {
    field(messages::container, say(messages::isolated));
  }
  if (names.pod) field(messages::pod, outside_text(*names.pod));
}

void Writer::add_unit() {
  const CgroupNames& names = from_.container.names;
  if (!names.unit) return;
  std::string text = outside_text(*names.unit);
  const bool inside_user = names.user && !names.container &&
                           *names.unit != "user@" + *names.user + ".service";
  if (inside_user) {
    text = say(messages::user_unit, text, visible_line(*names.user));
  }
  field(messages::unit, text);
}

std::string Writer::below_mount(const std::string& path) const {
  const std::string& mount = from_.memory->mount_point;
  if (!path.starts_with(mount)) return outside_text(path);
  const std::string below = path.substr(mount.size());
  return outside_text(below.empty() ? "/" : below);
}

const LimitReading* hard_limit(const MemoryLevel& level) {
  for (const LimitReading& each : level.limits) {
    if (each.file == File::memory_max) return &each;
  }
  return nullptr;
}

std::string headroom_words(const LimitReading& reading) {
  if (reading.limit.is_max()) return "-";
  const std::uint64_t limit = reading.limit.bytes().count;
  return human_size({limit - std::min(limit, reading.usage.count)});
}

std::string limit_words(const LimitReading& reading) {
  return reading.limit.is_max() ? "max" : human_size(reading.limit.bytes());
}

std::string count_words(const Count& count) {
  return count ? std::to_string(*count) : "?";
}

std::vector<std::string> Writer::row_of(const MemoryLevel& level) const {
  const LimitReading* const hard = hard_limit(level);
  const bool binds = binding_ && binding_->path == level.path;
  std::string headroom = hard ? headroom_words(*hard) : "?";
  if (binds) headroom = human_size(binding_->headroom) + " *";
  std::vector<std::string> row{below_mount(level.path),
                               level.usage ? human_size(*level.usage) : "?",
                               hard ? limit_words(*hard) : "?",
                               std::move(headroom), count_words(level.hits)};
  // v1 does not count them.
  if (from_.memory->version == Version::v2) {
    row.push_back(count_words(level.ooms));
  }
  row.push_back(count_words(level.kills));
  return row;
}

void Writer::add_levels(const MemoryState& memory) {
  std::vector<std::vector<std::string>> rows{
      {say(messages::cgroup_column), say(messages::usage_column),
       say(messages::limit_column), say(messages::headroom_column),
       say(messages::hits_column)}};
  if (memory.version == Version::v2) {
    rows.front().push_back(say(messages::ooms_column));
  }
  rows.front().push_back(say(messages::kills_column));
  for (const MemoryLevel& level : memory.levels) rows.push_back(row_of(level));
  document_.table(std::move(rows));
}

std::string Writer::parts_of(const MemoryState& memory) const {
  std::vector<std::string> parts;
  std::uint64_t sum = 0;
  const auto add = [&](const char* name, const Count& part) {
    if (!part) return;
    parts.push_back(fmt::format("{} {}", name, human_size({*part})));
    sum += *part;
  };
  add("anon", memory.parts.anon);
  add("file", memory.parts.file);
  add("shmem", memory.parts.shmem);
  add("kernel", memory.parts.kernel);
  const std::uint64_t usage =
      memory.levels.front().usage.value_or(Bytes{}).count;
  // Statistics lag behind the usage by up to 2 s.
  if (usage > sum)
    parts.push_back(say(messages::other, human_size({usage - sum})));
  return joined(parts);
}

void Writer::add_swap(const MemoryState& memory) {
  if (!memory.swap) return;
  const auto limits = limits_in(memory);
  const auto binding = binding_swap(limits);
  const bool has_memsw =
      std::any_of(limits.begin(), limits.end(), [](const LimitReading& each) {
        return each.file == File::memory_memsw_max && !each.limit.is_max();
      });
  const std::string used = human_size(*memory.swap);
  if (binding) {
    field(
        messages::swap,
        say(messages::limited_by, used, name_of(binding->file, memory.version),
            below_mount(binding->path), human_size(binding->limit),
            human_size(binding->headroom)));
  } else {
    const Message& none = memory.complete() ? messages::no_swap_limit
                                            : messages::no_visible_swap_limit;
    field(messages::swap, has_memsw ? used : say(none, used));
  }
}

void Writer::add_oom_killer(const MemoryState& memory) {
  const bool waits = memory.under_oom.value_or(false);
  if (memory.kill_disabled.value_or(false)) {
    field(messages::oom_killer, say(waits ? messages::kill_disabled_waiting
                                          : messages::kill_disabled));
  } else if (waits) {
    field(messages::oom_killer, say(messages::under_oom));
  } else if (memory.group_kill.value_or(false)) {
    field(messages::oom_killer, say(messages::group_kill));
  }
}

std::string percent(double value) {
  return fmt::format("{:.2f}", value);
}

void Writer::add_memory_values(const MemoryState& memory) {
  field(messages::usage, parts_of(memory));
  if (memory.peak) field(messages::peak, human_size(*memory.peak));
  add_swap(memory);
  if (const auto high = binding_high(limits_in(memory))) {
    document_.field(
        name_of(File::memory_high),
        say(messages::high, name_of(File::memory_high), below_mount(high->path),
            human_size(high->limit), human_size(high->headroom)));
  }
  if (const auto& pressure = memory.pressure) {
    const std::string total = human_seconds(pressure->some.total);
    const std::string some = percent(pressure->some.avg10);
    field(messages::pressure, pressure->full
                                  ? say(messages::full_pressure, some,
                                        percent(pressure->full->avg10), total)
                                  : say(messages::some_pressure, some, total));
  }
  add_oom_killer(memory);
}

void Writer::add_memory() {
  if (!from_.memory || from_.memory->levels.empty()) return;
  const MemoryState& memory = *from_.memory;
  document_.section(say(messages::memory_section, to_string(memory.version),
                        outside_text(memory.mount_point)));
  add_levels(memory);
  add_memory_values(memory);
}

/// Where no level has a limit.
template <typename Level>
const Message& absence_in(const Chain<Level>& chain) {
  return chain.complete ? messages::unlimited : messages::not_visibly_limited;
}

void Writer::add_pids() {
  const auto& levels = from_.pids.levels;
  if (levels.empty()) return;
  const PidsLevel* const binding = binding_pids(levels);
  std::string text;
  if (binding) {
    text =
        say(messages::pids_limit, binding->current.value_or(0), *binding->max,
            outside_text(binding->path), headroom_of(*binding));
  } else {
    const PidsLevel& own = levels.front();
    text = say(absence_in(from_.pids));
    if (own.current) {
      text = say(messages::pids_in, text, *own.current, outside_text(own.path));
    }
  }
  const PidsLevel& shown = binding ? *binding : levels.front();
  if (shown.refused.value_or(0) > 0) {
    text += say(messages::refused_forks, *shown.refused);
  }
  field(messages::pids, text);
}

void Writer::add_cpu() {
  if (from_.cpu.levels.empty()) return;
  const CpuLevel* const binding = binding_cpu(from_.cpu.levels);
  if (!binding) return field(messages::cpu, say(absence_in(from_.cpu)));
  std::string text =
      say(messages::cpu_limit, fmt::format("{:.2f}", cpus_of(*binding)),
          outside_text(binding->path), *binding->quota_us,
          binding->period_us.value_or(0));
  if (binding->throttled && binding->periods) {
    text += say(messages::throttled, *binding->throttled, *binding->periods);
  }
  if (binding->throttled.value_or(0) > 0 && binding->throttled_time) {
    text +=
        say(messages::throttled_time, human_seconds(*binding->throttled_time));
  }
  field(messages::cpu, text);
}

/// Controllers in one cgroup share a line.
void Writer::add_places() {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const CgroupPlace& place : from_.cgroups) {
    auto found = std::find_if(
        groups.begin(), groups.end(),
        [&](const auto& group) { return group.first == place.path; });
    if (found == groups.end()) {
      found = groups.insert(groups.end(), {place.path, {}});
    }
    if (place.version == Version::v2) {
      found->second.push_back(say(messages::unified));
    }
    for (const std::string& each : place.controllers) {
      found->second.push_back(visible_line(each));
    }
  }
  bool first = true;
  for (const auto& [path, controllers] : groups) {
    document_.field(
        first ? say(messages::cgroups) : "",
        say(messages::place, outside_text(path), joined(controllers)));
    first = false;
  }
  if (from_.member) {
    document_.field("", say(messages::cgroups_of_member, *from_.member));
  }
}

void Writer::add_other_limits() {
  document_.section(say(messages::other_section));
  const auto& pids = from_.pids;
  const auto& cpu = from_.cpu;
  const bool unlimited = !pids.levels.empty() && !cpu.levels.empty() &&
                         !binding_pids(pids.levels) && !binding_cpu(cpu.levels);
  if (unlimited && pids.complete == cpu.complete) {
    field(messages::pids_and_cpu, say(absence_in(pids)));
  } else {
    add_pids();
    add_cpu();
  }
  add_places();
  if (!from_.members) return;
  std::vector<std::string> members;
  for (const pid_t pid : from_.members->first) {
    members.push_back(std::to_string(pid));
  }
  if (from_.members->count > members.size()) members.emplace_back("...");
  field(messages::members, members.empty()
                               ? "0"
                               : say(messages::member_list,
                                     from_.members->count, joined(members)));
}

/// Ids and capabilities are those of its user namespace.
bool Writer::has_own_users() const {
  return std::any_of(
      from_.namespaces.begin(), from_.namespaces.end(),
      [](const auto& each) { return each.kind == "user" && each.differs(); });
}

/// In words, where the user namespace is another one: only there ids have
/// another meaning.
std::string Writer::user_words(const ProcessState& process) const {
  const ProcStatusText& status = process.status;
  if (!status.uid || !status.gid) return "?";
  std::string text = say(messages::uid_here, *status.uid, *status.gid);
  if (!has_own_users() || !process.uid_map) return text;
  const auto root = mapped_id(*process.uid_map, 0);
  return root ? say(messages::root_is, text, *root)
              : say(messages::root_is_nobody, text);
}

std::string Writer::capability_words(std::uint64_t set, Count last) const {
  if (set == 0) return say(messages::no_capabilities);
  if (last) {
    const auto missing = capability_names(~set & all_capabilities(*last));
    if (missing.empty()) return say(messages::all_capabilities);
    if (missing.size() <= most_missing) {
      return say(messages::capabilities_but, joined(missing));
    }
  }
  std::vector<std::string> names = capability_names(set);
  const std::size_t count = names.size();
  names.resize(std::min(count, most_capabilities));
  std::string text = joined(names);
  if (count > names.size()) {
    text = say(messages::more_capabilities, text, count - names.size());
  }
  return say(messages::some_capabilities, text);
}

std::string Writer::privilege_words(const ProcessState& process) const {
  const ProcStatusText& status = process.status;
  std::vector<std::string> parts;
  if (status.seccomp == 0u) parts.push_back(say(messages::no_seccomp));
  if (status.seccomp == 1u) parts.push_back(say(messages::strict_seccomp));
  if (status.seccomp == 2u) {
    parts.push_back(status.seccomp_filters ? say(messages::seccomp_filters,
                                                 *status.seccomp_filters)
                                           : say(messages::seccomp_filter));
  }
  if (status.no_new_privs.value_or(false)) {
    parts.push_back(say(messages::no_new_privs));
  }
  if (status.capabilities) {
    const std::string words =
        capability_words(*status.capabilities, process.last_capability);
    parts.push_back(has_own_users() && *status.capabilities != 0
                        ? say(messages::in_own_users, words)
                        : words);
  }
  return joined(parts);
}

void Writer::add_root(const RootFileSystem& root) {
  std::string text = visible_line(root.type);
  if (root.lower_directories > 0) {
    text = say(messages::overlay_root, text, root.lower_directories);
  }
  if (root.read_only) text = say(messages::read_only_root, text);
  field(messages::root_file_system, text);
}

void Writer::add_namespaces() {
  if (from_.namespaces.empty()) return;
  std::vector<std::string> others;
  for (const NamespaceState& each : from_.namespaces) {
    if (!each.differs()) continue;
    others.push_back(
        say(messages::other_namespace, each.kind, each.inode, each.own_inode));
  }
  field(messages::namespaces,
        others.empty() ? say(messages::same_namespaces)
                       : say(messages::other_namespaces, joined(others)));
}

void Writer::add_identity(const ProcessState& process) {
  const ProcStatusText& status = process.status;
  const bool thread = from_.subject.kind == Subject::Kind::thread;
  const std::string name = outside_text(status.name);
  const std::string state = visible_line(status.state);
  field(messages::process,
        thread ? say(messages::thread_line, status.pid, name, state,
                     status.process, status.parent)
               : say(messages::process_line, status.process, name, state,
                     status.threads.value_or(1), status.parent));
  if (status.pids.size() > 1) {
    field(messages::pid_inside,
          say(messages::pids_inside, status.pids.back(), status.pids.front()));
  }
  const std::string start = process.started ? utc_time(*process.started) : "";
  if (process.program) {
    const std::string program = outside_text(*process.program);
    field(messages::program, process.started
                                 ? say(messages::program_since, program, start)
                                 : program);
  } else if (process.started) {
    field(messages::start_time, start);
  }
}

void Writer::add_process() {
  if (!from_.process) return;
  const ProcessState& process = *from_.process;
  const ProcStatusText& status = process.status;
  document_.section(say(messages::process_section));
  add_identity(process);
  if (status.rss) {
    std::string text =
        status.anon && status.file && status.shmem
            ? say(messages::resident_parts, human_size(*status.rss),
                  human_size(*status.anon), human_size(*status.file),
                  human_size(*status.shmem))
            : human_size(*status.rss);
    if (status.swap) {
      text = say(messages::and_swap, text, human_size(*status.swap));
    }
    field(messages::resident, text);
  }
  if (process.oom_score && process.oom_score_adj) {
    field(messages::oom_score,
          say(messages::score, *process.oom_score, *process.oom_score_adj));
  }
  field(messages::user, user_words(process));
  field(messages::privileges, privilege_words(process));
  if (process.root) add_root(*process.root);
  add_namespaces();
}

std::string Writer::interface_words(const Interface& link) const {
  std::vector<std::string> parts;
  if (!link.up) parts.push_back(say(messages::down));
  if (link.up && !link.carrier) parts.push_back(say(messages::no_carrier));
  for (const InterfaceAddress& each : link.addresses) {
    parts.push_back(fmt::format("{}/{}", each.address, each.prefix));
  }
  return joined(parts);
}

std::string Writer::route_words(const DefaultRoute& route,
                                const NetworkState& network) const {
  std::string name = "?";
  for (const Interface& each : network.interfaces) {
    if (each.index == route.interface) name = visible_line(each.name);
  }
  return route.gateway ? say(messages::route_via, *route.gateway, name)
                       : say(messages::route_on, name);
}

void Writer::add_routes(const NetworkState& network) {
  std::vector<std::string> routes;
  for (const DefaultRoute& each : network.routes) {
    routes.push_back(route_words(each, network));
  }
  field(messages::default_route,
        routes.empty() ? say(messages::no_route)
                       : fmt::format("{}", fmt::join(routes, "; ")));
}

void Writer::add_network() {
  if (!from_.network) return;
  const bool own = std::none_of(
      from_.namespaces.begin(), from_.namespaces.end(),
      [](const auto& each) { return each.kind == "net" && each.differs(); });
  document_.section(
      say(own ? messages::own_network_section : messages::network_section));
  std::size_t others = 0;
  std::size_t shown = 0;
  for (const Interface& link : from_.network->interfaces) {
    if (link.addresses.empty() || shown == most_interfaces) {
      ++others;
      continue;
    }
    document_.field(visible_line(link.name), interface_words(link));
    ++shown;
  }
  if (others > 0) {
    field(messages::more_interfaces, std::to_string(others));
  }
  add_routes(*from_.network);
}

void Writer::add_gaps() {
  if (from_.gaps.empty()) return;
  document_.section(say(messages::gap_section));
  for (const Gap& gap : from_.gaps) {
    const std::string& what = gap.what.in(language_);
    const std::string reason = visible_line(gap.reason);
    const bool has_file = !gap.file.empty() && gap.kind == Gap::Kind::refused;
    std::string text = !has_file ? say(messages::gap_line, what, reason)
                                 : say(messages::gap_of_file, what,
                                       outside_text(gap.file), reason);
    if (gap.fix) text = say(messages::gap_fix, text, gap.fix->in(language_));
    document_.item(text);
  }
}

}  // namespace

Document inspect_document(const Inspection& inspection, Language language) {
  return Writer(inspection, language).write();
}

}  // namespace lab
