// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace lab {

/// The path of the project's program `name`: $CGLAB_<NAME> if set, next to this
/// executable, or in the build tree. Throws RunError.
std::string find_program(const std::string& name);

/// The program `name` in the folders of $PATH; nullopt when it is in none.
std::optional<std::string> find_on_path(const std::string& name);

/// The script of the disposable VM, scripts/vm: in the checkout that this
/// program was built in, or where it is installed. Throws Unavailable.
std::string find_vm();

/// The build folder that this program runs from; empty when it is installed.
std::string own_build_folder();

}  // namespace lab
