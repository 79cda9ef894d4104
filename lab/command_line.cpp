// SPDX-License-Identifier: MIT
#include "lab/command_line.h"

#include <sstream>

#include "lab/nearest.h"

namespace lab {

namespace po = boost::program_options;

namespace {

/// With the option that was perhaps meant.
UsageError unknown_option(const po::unknown_option& error,
                          const po::options_description& description) {
  std::vector<std::string> names;
  for (const auto& option : description.options()) {
    names.push_back(option->long_name());
  }
  std::string name = error.get_option_name();
  name.erase(0, name.find_first_not_of('-'));
  const auto meant = nearest(name, names);
  return UsageError(
      fmt::format("{}{}", error.what(),
                  meant ? fmt::format("; did you mean --{}?", *meant) : ""));
}

}  // namespace

CommandLine parse_command_line(const po::options_description& description,
                               const std::vector<std::string>& arguments,
                               std::size_t most_positional) {
  namespace style = po::command_line_style;
  constexpr int exact = style::unix_style & ~style::allow_guessing;
  CommandLine line;
  // Without a positional description such arguments would be errors that name
  // no argument.
  po::options_description all = description;
  all.add_options()("positional", po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add("positional", -1);
  try {
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(exact)
                  .run(),
              line.values);
  } catch (const po::unknown_option& error) {
    throw unknown_option(error, description);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  if (line.has("positional")) {
    line.positional = line.values["positional"].as<std::vector<std::string>>();
  }
  if (line.positional.size() > most_positional) {
    throw UsageError(fmt::format("unexpected argument '{}'",
                                 line.positional[most_positional]));
  }
  return line;
}

std::string options_text(const po::options_description& description) {
  std::ostringstream text;
  text << description;
  return text.str();
}

po::typed_value<std::string>* text_value(const char* name) {
  return po::value<std::string>()->value_name(name);
}

std::optional<cgroupfs::Version> parse_version(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "v1") return cgroupfs::Version::v1;
  if (text == "v2") return cgroupfs::Version::v2;
  throw UsageError(
      fmt::format("'{}' is no cgroup version; take auto, v1 or v2", text));
}

std::string parse_text(const std::string& text) {
  if (text.empty()) throw UsageError("a value is missing");
  return text;
}

Verbosity read_verbosity(const CommandLine& line) {
  if (line.has("quiet") && line.has("verbose")) {
    throw UsageError("--quiet and --verbose exclude each other");
  }
  if (line.has("quiet")) return Verbosity::quiet;
  return line.has("verbose") ? Verbosity::verbose : Verbosity::normal;
}

}  // namespace lab
