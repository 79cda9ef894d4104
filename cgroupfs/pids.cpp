// SPDX-License-Identifier: MIT
#include "cgroupfs/pids.h"

#include <string>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace cgroupfs {

PidsController::PidsController(const Cgroup& group)
    : directory_(group.directory().duplicate()) {
  if (directory_.exists("pids.max")) return;
  throw NotSupported("pids.max", directory_.path() + " has no pids controller");
}

void PidsController::set_max(std::optional<std::uint64_t> tasks) const {
  directory_.write("pids.max", tasks ? std::to_string(*tasks) : "max");
}

std::optional<std::uint64_t> PidsController::max() const {
  const std::string text = directory_.read("pids.max");
  if (trim(text) == "max") return std::nullopt;
  return parse_u64(text);
}

std::uint64_t PidsController::current() const {
  return parse_u64(directory_.read("pids.current"));
}

std::optional<std::uint64_t> PidsController::refused() const {
  const auto text = directory_.try_read("pids.events");
  if (!text) return std::nullopt;
  return find(parse_flat_keyed(*text), "max");
}

}  // namespace cgroupfs
