// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lab/base/language.h"
#include "lab/record/record.h"

namespace lab {

/// Hosts whose times may be compared with each other: of the same kernel,
/// processors, memory (within a twentieth), controller and settings, measured
/// by the same version of cglab.
struct HostKind {
  Environment environment;   ///< of one of its runs
  std::string tool_version;  ///< of cglab
  /// The host of the VMs in which the runs were made; empty: of none.
  std::string vm_host;
  std::vector<std::string> hosts;  ///< their names, in order of appearance
};

/// Label and value of each property that all hosts of the kind have.
std::vector<std::vector<std::string>> rows_of(const HostKind& kind,
                                              Language language);

/// Sorts runs by the kind of their hosts.
class HostKinds {
 public:
  /// The number of the kind of `record`, made on the host called `host`, in a
  /// VM where `vm_host` is not empty; counted from 0.
  std::size_t kind_of(const RunRecord& record, const std::string& host,
                      const std::string& vm_host);

  const std::vector<HostKind>& all() const noexcept { return kinds_; }

 private:
  std::vector<HostKind> kinds_;
};

}  // namespace lab
