// SPDX-License-Identifier: MIT
// A separate program, because cglab is static: libsystemd exists only as a
// shared library. It writes entries to systemd's journal, which it reads from
// standard input: a line FIELD=VALUE for each field, and an empty line at the
// end of an entry (systemd.journal-fields(7)). To standard output it writes an
// int for each: 0, or the errno that kept it from the journal. It ends with its
// input.
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr char journal_socket[] = "/run/systemd/journal/socket";

/// 0 or an errno.
int send(std::vector<std::string>& fields) {
  // libsystemd ignores that there is no journal.
  if (::access(journal_socket, W_OK) != 0) return errno;
  std::vector<iovec> parts;
  for (std::string& field : fields) {
    parts.push_back({field.data(), field.size()});
  }
  return -sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace

int main() {
  std::vector<std::string> fields;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) {
      fields.push_back(line);
      continue;
    }
    const int result = send(fields);
    fields.clear();
    if (::write(STDOUT_FILENO, &result, sizeof(result)) != sizeof(result)) {
      return 1;
    }
  }
  return 0;
}
