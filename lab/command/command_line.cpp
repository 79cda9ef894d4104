// SPDX-License-Identifier: MIT
#include "lab/command/command_line.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <iterator>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/nearest.h"

namespace lab {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

po::options_description describe(const OptionList& options) {
  po::options_description description;
  for (const Option& option : options) {
    const char* const name = option.name.c_str();
    if (option.value.empty()) {
      description.add_options()(name, "");
    } else if (option.repeats) {
      description.add_options()(name, po::value<Words>());
    } else {
      description.add_options()(name, po::value<std::string>());
    }
  }
  return description;
}

/// "--format json" for "json" where that is one of its values.
std::optional<std::string> value_called(const std::string& name,
                                        const OptionList& options) {
  for (const Option& option : options) {
    if (option.name != "format") continue;
    for (const Word& word : option.completion.words) {
      if (word.name == name) return "format " + name;
    }
  }
  return std::nullopt;
}

/// With the option that was perhaps meant.
UsageError unknown_option(const std::string& typed, const OptionList& options) {
  Words names;
  for (const Option& option : options) names.push_back(long_name(option));
  std::string name = typed;
  name.erase(0, name.find_first_not_of('-'));
  auto meant = value_called(name, options);
  if (!meant) meant = nearest(name, names);
  return UsageError(
      fmt::format("unknown option '{}'{}", typed,
                  meant ? fmt::format("; did you mean --{}?", *meant) : ""));
}

/// The option's long spelling, also where the short one was typed.
std::string spelling_of(const po::error_with_option_name& error,
                        const OptionList& options) {
  std::string name = error.get_option_name();
  name.erase(0, name.find_first_not_of('-'));
  for (const Option& option : options) {
    if (short_name(option) == name) name = long_name(option);
  }
  return "--" + name;
}

/// In the same words as malloc_demo.
UsageError invalid_syntax(const po::invalid_command_line_syntax& error,
                          const OptionList& options) {
  const std::string option = spelling_of(error, options);
  switch (error.kind()) {
    case po::invalid_syntax::missing_parameter:
    case po::invalid_syntax::empty_adjacent_parameter:
      return UsageError(option + " needs a value");
    case po::invalid_syntax::extra_parameter:
      return UsageError(option + " takes no value");
    default:
      return UsageError(error.what());
  }
}

po::variables_map parse(const OptionList& options, const Words& arguments) {
  namespace style = po::command_line_style;
  constexpr int exact = style::unix_style & ~style::allow_guessing;
  po::options_description all = describe(options);
  // Without a positional description such arguments would be errors that name
  // no argument.
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
    throw unknown_option(error.get_option_name(), options);
  } catch (const po::invalid_command_line_syntax& error) {
    throw invalid_syntax(error, options);
  } catch (const po::multiple_occurrences& error) {
    throw UsageError(spelling_of(error, options) + " is given twice");
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

Completion one_of(std::vector<Word> words) {
  return {Completion::Kind::words, std::move(words)};
}

Completion one_of(const std::vector<std::string>& words) {
  Completion completion{Completion::Kind::words};
  for (const std::string& word : words) completion.words.push_back({word});
  return completion;
}

Option choice(std::string name, const std::vector<std::string>& words,
              std::string help) {
  return {std::move(name), fmt::format("{}", fmt::join(words, "|")),
          std::move(help), one_of(words)};
}

void add(OptionList& options, OptionList more) {
  std::move(more.begin(), more.end(), std::back_inserter(options));
}

std::string long_name(const Option& option) {
  return option.name.substr(0, option.name.find(','));
}

std::string short_name(const Option& option) {
  const std::size_t comma = option.name.find(',');
  return comma == option.name.npos ? "" : option.name.substr(comma + 1);
}

std::vector<std::string> CommandLine::all(const std::string& name) const {
  const auto found = values.find(name);
  return found == values.end() ? Words() : found->second;
}

CommandLine parse_command_line(const OptionList& options,
                               const std::vector<std::string>& arguments,
                               std::size_t most_positional) {
  CommandLine line;
  for (const auto& [name, value] : parse(options, arguments)) {
    line.values.emplace(name, words_of(value.value()));
  }
  line.typed = arguments;
  line.positional = line.all("positional");
  line.values.erase("positional");
  if (line.positional.size() > most_positional) {
    throw UsageError(fmt::format("unexpected argument '{}'",
                                 line.positional[most_positional]));
  }
  return line;
}

std::string alternatives(const Words& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += words[i];
  }
  return text;
}

std::optional<cgroupfs::Version> parse_version(const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "v1") return cgroupfs::Version::v1;
  if (text == "v2") return cgroupfs::Version::v2;
  throw UsageError(
      fmt::format("invalid cgroup version '{}' (use auto, v1 or v2)", text));
}

std::string parse_text(const std::string& text) {
  if (text.empty()) throw UsageError("the value is empty");
  return text;
}

std::uint64_t parse_number(const std::string& text, std::uint64_t least,
                           std::uint64_t most) {
  try {
    const std::uint64_t number = cgroupfs::parse_u64(text);
    if (number >= least && number <= most) return number;
  } catch (const cgroupfs::ParseError&) {
    // The same message for both.
  }
  throw UsageError(
      fmt::format("invalid number '{}' (use {} to {})", text, least, most));
}

}  // namespace lab
