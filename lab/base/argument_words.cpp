// SPDX-License-Identifier: MIT
#include "lab/base/argument_words.h"

namespace lab {

std::optional<std::string> value_in(const std::vector<std::string>& arguments,
                                    const std::string& name) {
  std::optional<std::string> value;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with(name + "=")) {
      value = arguments[i].substr(name.size() + 1);
    } else if (arguments[i] == name && i + 1 < arguments.size()) {
      value = arguments[i + 1];
    }
  }
  return value;
}

std::vector<std::string> without_option(
    const std::vector<std::string>& arguments, const std::string& name) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == name) {
      ++i;
    } else if (!arguments[i].starts_with(name + "=")) {
      rest.push_back(arguments[i]);
    }
  }
  return rest;
}

std::vector<std::string> without_flag(const std::vector<std::string>& arguments,
                                      const std::string& flag) {
  std::vector<std::string> rest = arguments;
  std::erase(rest, flag);
  return rest;
}

}  // namespace lab
