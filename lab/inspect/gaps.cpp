// SPDX-License-Identifier: MIT
#include "lab/inspect/gaps.h"

#include <unistd.h>

#include <cerrno>

#include "lab/inspect/inspect_messages.h"

namespace lab {
namespace {

/// Root is refused by a security module, or where it lacks capabilities.
Text cure_of_refusal() {
  return ::geteuid() == 0 ? inspect_messages::not_even_root
                          : inspect_messages::be_root;
}

}  // namespace

void add_gap(Gaps& gaps, const Message& what,
             const cgroupfs::FileError& error) {
  const int number = error.code().value();
  Gap gap{Gap::Kind::refused, what, error.path(), error.code().message(), {}};
  if (number == EPERM || number == EACCES) gap.fix = cure_of_refusal();
  gaps.push_back(std::move(gap));
}

void add_absence(Gaps& gaps, const Message& what, std::string file,
                 std::string reason) {
  gaps.push_back({Gap::Kind::absent, what, std::move(file), std::move(reason),
                  std::nullopt});
}

}  // namespace lab
