// SPDX-License-Identifier: MIT
#include "lab/command/command_line.h"

#include <boost/program_options.hpp>
#include <sstream>

#include "lab/base/nearest.h"

namespace lab {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

po::options_description describe(const OptionList& options) {
  po::options_description description("Options");
  for (const Option& option : options) {
    if (!option.value_name) {
      description.add_options()(option.name, option.help);
    } else if (option.repeats) {
      description.add_options()(
          option.name, po::value<Words>()->value_name(option.value_name),
          option.help);
    } else {
      description.add_options()(
          option.name, po::value<std::string>()->value_name(option.value_name),
          option.help);
    }
  }
  return description;
}

/// With the option that was perhaps meant.
UsageError unknown_option(const po::unknown_option& error,
                          const po::options_description& description) {
  Words names;
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

po::variables_map parse(const po::options_description& description,
                        const Words& arguments) {
  namespace style = po::command_line_style;
  constexpr int exact = style::unix_style & ~style::allow_guessing;
  // Without a positional description such arguments would be errors that name
  // no argument.
  po::options_description all = description;
  all.add_options()("positional", po::value<Words>());
  po::positional_options_description positional;
  positional.add("positional", -1);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(exact)
                  .run(),
              values);
  } catch (const po::unknown_option& error) {
    throw unknown_option(error, description);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  return values;
}

/// An option that takes no value has an empty one.
Words words_of(const boost::any& value) {
  if (const auto* words = boost::any_cast<Words>(&value)) return *words;
  return {boost::any_cast<std::string>(value)};
}

}  // namespace

std::vector<std::string> CommandLine::all(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() ? Words() : found->second;
}

CommandLine parse_command_line(const OptionList& options,
                               const std::vector<std::string>& arguments,
                               std::size_t most_positional) {
  CommandLine line;
  for (const auto& [name, value] : parse(describe(options), arguments)) {
    line.values.emplace(name, words_of(value.value()));
  }
  line.positional = line.all("positional");
  line.values.erase("positional");
  if (line.positional.size() > most_positional) {
    throw UsageError(fmt::format("unexpected argument '{}'",
                                 line.positional[most_positional]));
  }
  return line;
}

std::string options_text(const OptionList& options) {
  std::ostringstream text;
  text << describe(options);
  return text.str();
}

std::optional<cgroupfs::Version> parse_version(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "v1") return cgroupfs::Version::v1;
  if (text == "v2") return cgroupfs::Version::v2;
  throw UsageError(
      fmt::format("invalid cgroup version '{}' (use auto, v1 or v2)", text));
}

std::string parse_text(const std::string& text) {
  if (text.empty()) throw UsageError("a value is missing");
  return text;
}

Verbosity read_verbosity(const CommandLine& line) {
  if (line.has("quiet") && line.has("verbose")) {
    throw UsageError("--quiet and --verbose cannot be combined");
  }
  if (line.has("quiet")) return Verbosity::quiet;
  return line.has("verbose") ? Verbosity::verbose : Verbosity::normal;
}

}  // namespace lab
