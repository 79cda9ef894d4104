// SPDX-License-Identifier: MIT
#include "lab/os/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "cgroupfs/error.h"

namespace lab {

Pipe make_pipe(const char* object) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    cgroupfs::throw_errno("create", object);
  }
  return {cgroupfs::UniqueFd(ends[0]), cgroupfs::UniqueFd(ends[1])};
}

}  // namespace lab
