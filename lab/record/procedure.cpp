// SPDX-License-Identifier: MIT
#include "lab/record/procedure.h"

#include <algorithm>
#include <limits>

namespace lab {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

bool applies(const When& when, const Choice& choice) {
  return when.control.value_or(choice.control) == choice.control &&
         when.version.value_or(choice.version) == choice.version &&
         when.reads_share_a_page.value_or(choice.reads_share_a_page) ==
             choice.reads_share_a_page;
}

template <typename Item>
void keep(std::vector<Item>& items, const Choice& choice) {
  std::erase_if(items,
                [&](const Item& item) { return !applies(item.when, choice); });
}

template <typename Item>
bool any_asks(const std::vector<Item>& items) {
  return std::any_of(items.begin(), items.end(), [](const Item& item) {
    return item.when.reads_share_a_page.has_value();
  });
}

}  // namespace

Bytes Part::of(Bytes limit) const noexcept {
  // The kernel rounds it, and shows that.
  if (numerator == denominator) return limit;
  std::uint64_t product = 0;
  const bool overflows =
      __builtin_mul_overflow(limit.count / denominator, numerator, &product);
  return cgroupfs::round_down_to_page(Bytes{overflows ? largest : product});
}

Bytes add_saturated(Bytes left, Bytes right) noexcept {
  std::uint64_t sum = 0;
  return Bytes{__builtin_add_overflow(left.count, right.count, &sum) ? largest
                                                                     : sum};
}

Limit resolve(const Value& value, Limit limit) {
  if (const auto* part = std::get_if<Part>(&value)) {
    return Limit::of(part->of(limit.bytes()));
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return Limit::of(Bytes{*number});
  }
  return Limit::max();
}

Procedure select(Procedure procedure, const Choice& choice) {
  for (CgroupSpec& cgroup : procedure.cgroups) keep(cgroup.settings, choice);
  keep(procedure.processes, choice);
  keep(procedure.steps, choice);
  keep(procedure.claims, choice);
  return procedure;
}

bool has_setting(const std::vector<Setting>& settings, cgroupfs::File file) {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const Setting& each) { return each.file == file; });
}

bool is_above_others(const Procedure& procedure, const std::string& name) {
  return std::any_of(procedure.cgroups.begin(), procedure.cgroups.end(),
                     [&](const CgroupSpec& other) {
                       return other.name.starts_with(name + "/");
                     });
}

bool limits_tasks(const Procedure& procedure) {
  return std::any_of(procedure.cgroups.begin(), procedure.cgroups.end(),
                     [](const CgroupSpec& each) {
                       return has_setting(each.settings,
                                          cgroupfs::File::pids_max);
                     });
}

bool is_limited_later(const Procedure& procedure, const CgroupSpec& cgroup) {
  return procedure.guard && !makes_claims(procedure) && cgroup.settings.empty();
}

bool asks_for_zero_page(const Procedure& procedure) {
  return any_asks(procedure.processes) || any_asks(procedure.steps) ||
         any_asks(procedure.claims);
}

}  // namespace lab
