// SPDX-License-Identifier: MIT
#include "lab/command/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "lab/report/text_width.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t narrowest = 60;
constexpr std::size_t widest = 80;

/// Where the texts of options begin.
constexpr std::size_t option_column = 24;

void append_paragraph(std::string& text, const std::string& paragraph,
                      std::size_t width) {
  append_wrapped(text, "", 0, paragraph, width);
}

/// A label that is too wide for its column has a line of its own.
void append_row(std::string& text, const std::string& label,
                const std::string& value, std::size_t column,
                std::size_t width) {
  if (display_width(label) + 2 <= column) {
    return append_wrapped(text, padded(label, column), column, value, width);
  }
  text += label + "\n";
  append_wrapped(text, std::string(column, ' '), column, value, width);
}

std::string label_of(const Option& option) {
  const std::string letter = short_name(option);
  return fmt::format(
      "  {}--{}{}{}", letter.empty() ? "    " : fmt::format("-{}, ", letter),
      long_name(option), option.value.empty() ? "" : " ", option.value);
}

void append_words(std::string& text, const Operands& arguments,
                  std::size_t width) {
  if (arguments.heading.empty()) return;
  std::size_t column = 0;
  for (const Word& word : arguments.completion.words) {
    column = std::max(column, display_width(word.name) + 4);
  }
  text += fmt::format("\n{}:\n", arguments.heading);
  for (const Word& word : arguments.completion.words) {
    append_row(text, "  " + word.name, word.summary, column, width);
  }
}

void append_rows(std::string& text, const std::vector<HelpRow>& rows,
                 std::size_t width) {
  constexpr std::size_t column = 13;
  if (!rows.empty()) text += '\n';
  for (const HelpRow& row : rows) {
    append_row(text, row.label + ":", row.text, column, width);
  }
}

/// Not wrapped where a blank belongs to a command.
void append_examples(std::string& text, const Words& examples) {
  if (examples.empty()) return;
  text += "\nExamples:\n";
  for (const std::string& example : examples) text += "  " + example + "\n";
}

void append_exit_statuses(std::string& text,
                          const std::vector<ExitMeaning>& statuses,
                          std::size_t width) {
  if (statuses.empty()) return;
  text += "\nExit status:\n";
  for (const ExitMeaning& status : statuses) {
    append_row(text, "  " + status.code, status.meaning, 10, width);
  }
}

bool takes(const OptionList& options, std::string_view value) {
  return std::any_of(options.begin(), options.end(), [&](const Option& each) {
    return std::string_view(each.value).substr(0, value.size()) == value;
  });
}

}  // namespace

std::string usage_of(const Description& description) {
  std::string usage = "[OPTION]...";
  for (const Operands* part : {&description.arguments, &description.rest}) {
    if (!part->usage.empty()) usage += " " + part->usage;
  }
  return usage;
}

Words notes_of(const Description& description) {
  Words notes;
  if (takes(description.options, "SIZE")) {
    notes.emplace_back(
        "SIZE: 104857600, 100M, 100MiB or 1.5G, in powers of 1024.");
  }
  if (takes(description.options, "TIME")) {
    notes.emplace_back("TIME: 200ms, 3s or 1m.");
  }
  notes.insert(notes.end(), description.notes.begin(), description.notes.end());
  return notes;
}

std::size_t help_width(std::size_t columns) {
  return std::clamp(columns, narrowest, widest);
}

void append_wrapped(std::string& to, const std::string& first,
                    std::size_t indent, const std::string& text,
                    std::size_t width) {
  std::string_view left = text;
  std::string prefix = first;
  do {
    const std::string_view part = take_line(left, width - indent);
    to.append(prefix).append(part).append("\n");
    prefix = std::string(indent, ' ');
  } while (!left.empty());
}

std::string help_text(const std::string& name, const Description& description,
                      std::size_t width) {
  std::string text;
  const std::string program = fmt::format("Usage: cglab {} ", name);
  append_wrapped(text, program, program.size(), usage_of(description), width);
  for (const std::string& paragraph : description.about) {
    append_paragraph(text, paragraph, width);
  }
  append_rows(text, description.rows, width);
  append_words(text, description.arguments, width);
  text += "\nOptions:\n";
  for (const Option& option : description.options) {
    append_row(text, label_of(option), option.help, option_column, width);
  }
  const Words notes = notes_of(description);
  if (!notes.empty()) text += '\n';
  for (const std::string& note : notes) append_paragraph(text, note, width);
  append_examples(text, description.examples);
  append_exit_statuses(text, description.exit_statuses, width);
  return text;
}

CommandLine parse_command_line(const Description& description,
                               const Words& arguments) {
  const auto mark = description.rest.usage.empty()
                        ? arguments.end()
                        : std::find(arguments.begin(), arguments.end(), "--");
  CommandLine line =
      parse_command_line(description.options, Words(arguments.begin(), mark),
                         description.arguments.most);
  line.typed = arguments;
  if (mark != arguments.end()) line.rest = Words(mark + 1, arguments.end());
  return line;
}

}  // namespace lab
