// SPDX-License-Identifier: MIT
// A separate program, because cglab is static: libsystemd exists only as a
// shared library. It writes entries to systemd's journal, which it reads from
// standard input: a line FIELD=VALUE for each field, and an empty line at the
// end of an entry (systemd.journal-fields(7)). It ends with its input.
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

namespace {

/// 0 or a negative errno.
int send(std::vector<std::string>& fields) {
  std::vector<iovec> parts;
  for (std::string& field : fields) {
    parts.push_back({field.data(), field.size()});
  }
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

}  // namespace

int main() {
  std::vector<std::string> fields;
  int failed = 0;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) {
      fields.push_back(line);
      continue;
    }
    const int result = fields.empty() ? 0 : send(fields);
    fields.clear();
    if (result >= 0) continue;
    if (failed++ == 0) {
      std::fprintf(stderr, "cglab_journal: write to the journal: %s\n",
                   std::strerror(-result));
    }
  }
  return failed == 0 ? 0 : 1;
}
