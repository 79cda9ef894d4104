// SPDX-License-Identifier: MIT
#include "malloc_demo/output.h"

#include <unistd.h>

#include <cerrno>

#include "malloc_demo/system_failure.h"

namespace malloc_demo {

void write_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno, "cannot write to standard output");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Output::line(const std::string& text) const {
  if (!quiet_) write_output("malloc_demo: " + text + "\n");
}

}  // namespace malloc_demo
