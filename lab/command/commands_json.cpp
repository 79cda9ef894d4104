// SPDX-License-Identifier: MIT
#include "lab/command/command.h"
#include "lab/record/json_values.h"

namespace lab {
namespace {

const char* word_of(Completion::Kind kind) {
  switch (kind) {
    case Completion::Kind::none:
      return "none";
    case Completion::Kind::file:
      return "file";
    case Completion::Kind::directory:
      return "directory";
    case Completion::Kind::program:
      return "program";
    case Completion::Kind::words:
      return "words";
    case Completion::Kind::options:
      return "options";
  }
  return "";
}

Json json_of(const Completion& completion) {
  Json words = Json::array();
  for (const Word& word : completion.words) {
    words.push_back({{"name", word.name},
                     {"summary", word.summary},
                     {"takes_file", word.takes_file}});
  }
  return {{"kind", word_of(completion.kind)}, {"words", std::move(words)}};
}

Json json_of(const Operands& arguments) {
  return {{"usage", arguments.usage},
          {"heading", arguments.heading},
          {"completion", json_of(arguments.completion)}};
}

Json json_of(const OptionList& options) {
  Json list = Json::array();
  for (const Option& option : options) {
    list.push_back({{"name", long_name(option)},
                    {"short", short_name(option)},
                    {"value", option.value},
                    {"help", option.help},
                    {"completion", json_of(option.completion)},
                    {"repeats", option.repeats}});
  }
  return list;
}

Json json_of(const Command& command) {
  const Description description = description_of(command);
  Json rows = Json::array();
  for (const HelpRow& row : description.rows) {
    rows.push_back({row.label, row.text});
  }
  Json statuses = Json::array();
  for (const ExitMeaning& status : description.exit_statuses) {
    statuses.push_back({status.code, status.meaning});
  }
  return {{"name", command.name},
          {"summary", command.summary},
          {"usage", usage_of(description)},
          {"about", description.about},
          {"rows", std::move(rows)},
          {"arguments", json_of(description.arguments)},
          {"rest", json_of(description.rest)},
          {"options", json_of(description.options)},
          {"notes", notes_of(description)},
          {"examples", description.examples},
          {"exit_statuses", std::move(statuses)}};
}

}  // namespace

std::string commands_json() {
  Json commands = Json::array();
  for (const Command& command : all_commands()) {
    commands.push_back(json_of(command));
  }
  return indented(
      {{"name", "cglab"},
       {"options", json_of(OptionList{{"help,h", "", "list the commands"},
                                      {"version", "", "show the version"}})},
       {"commands", std::move(commands)}});
}

}  // namespace lab
