// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

/// Arguments as they were typed, to be passed on to another run.
namespace lab {

/// The value of the last `--name VALUE` or `--name=VALUE`; `name` has its
/// dashes.
std::optional<std::string> value_in(const std::vector<std::string>& arguments,
                                    const std::string& name);

/// `arguments` without that option and its value.
std::vector<std::string> without_option(
    const std::vector<std::string>& arguments, const std::string& name);

/// `arguments` without that word, of an option that takes no value.
std::vector<std::string> without_flag(const std::vector<std::string>& arguments,
                                      const std::string& flag);

}  // namespace lab
