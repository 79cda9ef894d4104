// SPDX-License-Identifier: MIT
#include "lab/inspect/inspect_json.h"

#include "lab/base/version.h"
#include "lab/inspect/inspect.h"
#include "lab/record/json_values.h"

namespace lab {
namespace {

using InspectedVersion = cgroupfs::Version;

template <typename Item, typename Convert>
Json list_of(const std::vector<Item>& items, const Convert& convert) {
  Json array = Json::array();
  for (const Item& item : items) array.push_back(convert(item));
  return array;
}

template <typename Value, typename Convert>
Json value_or_null(const std::optional<Value>& value, const Convert& convert) {
  return value ? convert(*value) : Json(nullptr);
}

Json subject_json(const Subject& subject) {
  return {{"kind", json(subject.kind)},
          {"argument", subject.argument},
          {"pid", json(subject.pid)},
          {"asked", json(subject.asked)}};
}

Json place_json(const CgroupPlace& place) {
  return {{"version", json(place.version)},
          {"controllers", json(place.controllers)},
          {"path", place.path},
          {"directory", json(place.directory)}};
}

Json limit_json(const LimitReading& reading, InspectedVersion version) {
  return {{"file", std::string(name_of(reading.file, version))},
          {"limit", json(reading.limit)},
          {"usage", json(reading.usage)}};
}

Json level_json(const MemoryLevel& level, InspectedVersion version) {
  return {{"path", level.path},
          {"usage", json(level.usage)},
          {"limits", list_of(level.limits,
                             [&](const LimitReading& each) {
                               return limit_json(each, version);
                             })},
          {"hits", json(level.hits)},
          {"ooms", json(level.ooms)},
          {"oom_kills", json(level.kills)}};
}

Json tightest_json(const std::optional<BindingLimit>& limit,
                   InspectedVersion version) {
  return value_or_null(limit, [&](const BindingLimit& each) -> Json {
    return {{"path", each.path},
            {"file", std::string(name_of(each.file, version))},
            {"limit", json(each.limit)},
            {"usage", json(each.usage)},
            {"headroom", json(each.headroom)}};
  });
}

Json stall_json(const cgroupfs::PressureLine& line) {
  return {{"avg10", line.avg10},
          {"avg60", line.avg60},
          {"avg300", line.avg300},
          {"total_us", line.total.count()}};
}

Json stalls_json(const cgroupfs::Pressure& pressure) {
  return {{"some", stall_json(pressure.some)},
          {"full", value_or_null(pressure.full, stall_json)}};
}

Json parts_json(const Composition& parts) {
  return {{"anon", json(parts.anon)},
          {"file", json(parts.file)},
          {"shmem", json(parts.shmem)},
          {"kernel", json(parts.kernel)}};
}

Json memory_json(const MemoryState& memory) {
  const auto limits = limits_in(memory);
  const InspectedVersion version = memory.version;
  return {{"version", json(version)},
          {"mount_point", memory.mount_point},
          {"path", memory.path},
          {"complete", memory.complete()},
          {"binding", tightest_json(binding_limit(limits), version)},
          {"binding_high", tightest_json(binding_high(limits), version)},
          {"binding_swap", tightest_json(binding_swap(limits), version)},
          {"levels", list_of(memory.levels,
                             [&](const MemoryLevel& each) {
                               return level_json(each, version);
                             })},
          {"oom_kills", json(memory.kills)},
          {"swap", json(memory.swap)},
          {"peak", json(memory.peak)},
          {"parts", parts_json(memory.parts)},
          {"pressure", value_or_null(memory.pressure, stalls_json)},
          {"oom_kill_disabled", json(memory.kill_disabled)},
          {"under_oom", json(memory.under_oom)},
          {"oom_group", json(memory.group_kill)}};
}

template <typename Level>
Json path_of(const Level* level) {
  return level ? Json(level->path) : Json(nullptr);
}

Json pids_json(const Chain<PidsLevel>& chain) {
  if (chain.levels.empty()) return nullptr;
  return {{"binding", path_of(binding_pids(chain.levels))},
          {"complete", chain.complete},
          {"levels", list_of(chain.levels, [](const PidsLevel& each) -> Json {
             return {{"path", each.path},
                     {"current", json(each.current)},
                     {"max", each.max ? Json(*each.max) : Json("max")},
                     {"refused_forks", json(each.refused)}};
           })}};
}

Json cpu_json(const Chain<CpuLevel>& chain) {
  if (chain.levels.empty()) return nullptr;
  return {{"binding", path_of(binding_cpu(chain.levels))},
          {"complete", chain.complete},
          {"levels", list_of(chain.levels, [](const CpuLevel& each) -> Json {
             return {{"path", each.path},
                     {"quota_us",
                      each.quota_us ? Json(*each.quota_us) : Json("max")},
                     {"period_us", json(each.period_us)},
                     {"periods", json(each.periods)},
                     {"throttled", json(each.throttled)},
                     {"throttled_ns", json(each.throttled_time)}};
           })}};
}

Json range_json(const IdRange& range) {
  return {{"inside", range.inside},
          {"outside", range.outside},
          {"count", range.count}};
}

Json map_json(const std::optional<std::vector<IdRange>>& map) {
  return value_or_null(map, [](const std::vector<IdRange>& ranges) {
    return list_of(ranges, range_json);
  });
}

Json root_json(const RootFileSystem& root) {
  return {{"type", root.type},
          {"source", root.source},
          {"read_only", root.read_only},
          {"lower_directories", root.lower_directories}};
}

Json privileges_json(const ProcessState& process) {
  const ProcStatusText& status = process.status;
  return {{"capabilities", value_or_null(status.capabilities,
                                         [](std::uint64_t set) {
                                           return json(capability_names(set));
                                         })},
          {"no_new_privs", json(status.no_new_privs)},
          {"seccomp", json(status.seccomp)},
          {"seccomp_filters", json(status.seccomp_filters)}};
}

Json process_json(const ProcessState& process) {
  const ProcStatusText& status = process.status;
  return {{"name", status.name},
          {"state", status.state},
          {"pid", status.process},
          {"thread", status.pid},
          {"parent", status.parent},
          {"threads", json(status.threads)},
          {"pids", json(status.pids)},
          {"program", json(process.program)},
          {"started", value_or_null(process.started,
                                    [](const auto& time) {
                                      return Json(utc_time(time));
                                    })},
          {"uid", json(status.uid)},
          {"gid", json(status.gid)},
          {"rss", json(status.rss)},
          {"rss_anon", json(status.anon)},
          {"rss_file", json(status.file)},
          {"rss_shmem", json(status.shmem)},
          {"swap", json(status.swap)},
          {"oom_score", json(process.oom_score)},
          {"oom_score_adj", json(process.oom_score_adj)},
          {"uid_map", map_json(process.uid_map)},
          {"gid_map", map_json(process.gid_map)},
          {"root", value_or_null(process.root, root_json)},
          {"privileges", privileges_json(process)}};
}

Json namespace_json(const NamespaceState& state) {
  return {{"kind", state.kind},
          {"inode", state.inode},
          {"caller_inode", state.own_inode},
          {"differs", state.differs()}};
}

Json container_json(const ContainerFinding& finding) {
  const CgroupNames& names = finding.names;
  const auto& container = names.container;
  return {{"runtime", container ? json(container->runtime) : Json(nullptr)},
          {"id", container ? Json(container->id) : Json(nullptr)},
          {"cgroup", container ? Json(container->cgroup) : Json(nullptr)},
          {"evidence", container ? json(finding.evidence) : Json(nullptr)},
          {"isolated", finding.isolated},
          {"pod", json(names.pod)},
          {"unit", json(names.unit)},
          {"user", json(names.user)}};
}

Json interface_json(const Interface& link) {
  return {{"index", link.index},
          {"name", link.name},
          {"up", link.up},
          {"carrier", link.carrier},
          {"addresses",
           list_of(link.addresses, [](const InterfaceAddress& each) -> Json {
             return {{"address", each.address}, {"prefix", each.prefix}};
           })}};
}

Json route_json(const DefaultRoute& route) {
  return {{"family", route.is_v6 ? "inet6" : "inet"},
          {"gateway", json(route.gateway)},
          {"interface", json(route.interface)},
          {"metric", json(route.metric)}};
}

Json network_json(const NetworkState& network) {
  return {{"interfaces", list_of(network.interfaces, interface_json)},
          {"default_routes", list_of(network.routes, route_json)}};
}

/// Records are in English, whatever the language of the terminal.
Json gap_json(const Gap& gap) {
  return {{"kind", json(gap.kind)},
          {"what", gap.what.en},
          {"file", gap.file.empty() ? Json(nullptr) : Json(gap.file)},
          {"reason", gap.reason},
          {"fix", gap.fix ? Json(gap.fix->en) : Json(nullptr)}};
}

Json members_json(const Members& members) {
  return {{"count", members.count}, {"first", json(members.first)}};
}

}  // namespace

std::string inspect_json(const Inspection& inspection) {
  const Json document = {
      {"schema", "cglab.inspect/1"},
      {"tool", {{"name", "cglab"}, {"version", version}}},
      {"time", utc_time(inspection.time)},
      {"subject", subject_json(inspection.subject)},
      {"ended", inspection.ended},
      {"container", container_json(inspection.container)},
      {"cgroups", list_of(inspection.cgroups, place_json)},
      {"cgroups_of", json(inspection.member)},
      {"memory", value_or_null(inspection.memory, memory_json)},
      {"pids", pids_json(inspection.pids)},
      {"cpu", cpu_json(inspection.cpu)},
      {"members", value_or_null(inspection.members, members_json)},
      {"process", value_or_null(inspection.process, process_json)},
      {"namespaces", list_of(inspection.namespaces, namespace_json)},
      {"network", value_or_null(inspection.network, network_json)},
      {"gaps", list_of(inspection.gaps, gap_json)}};
  return indented(document);
}

}  // namespace lab
