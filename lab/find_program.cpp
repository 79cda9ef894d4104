// SPDX-License-Identifier: MIT
#include "lab/find_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "lab/errors.h"

namespace lab {

std::string find_program(const std::string& name) {
  std::string variable = "CGLAB_" + name;
  for (char& letter : variable)
    letter = static_cast<char>(std::toupper(letter));
  if (const char* const path = std::getenv(variable.c_str())) return path;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& path : {self / name, self.parent_path() / name / name,
                           self.parent_path() / "libexec" / "cglab" / name}) {
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw RunError(fmt::format("{} was found neither in {} nor in {}; set {}",
                             name, self.string(),
                             (self.parent_path() / name).string(), variable));
}

}  // namespace lab
