// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "lab/place/limit_chain.h"

namespace lab {

inline LimitReading limited(const std::string& path, std::uint64_t limit_mib,
                            std::uint64_t usage_mib,
                            cgroupfs::File file = cgroupfs::File::memory_max) {
  return {path, file, Limit::of(Bytes{limit_mib * mebi}),
          Bytes{usage_mib * mebi}};
}

inline LimitReading unlimited(const std::string& path) {
  return {path, cgroupfs::File::memory_max, Limit::max(), Bytes{mebi}};
}

}  // namespace lab
