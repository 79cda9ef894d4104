// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/command/command_line.h"

namespace lab {

/// Arguments that are not options.
struct Operands {
  std::string usage = {};  ///< "FILE..."; empty: none
  std::size_t most = 0;    ///< that are accepted
  Completion completion = {};
  /// --help lists the words of `completion` under it ("Topics"); empty: not.
  std::string heading = {};
};

/// "77" and "cannot run here".
struct ExitMeaning {
  std::string code;
  std::string meaning;
};

/// A row of a help: "Question" and the question.
struct HelpRow {
  std::string label;
  std::string text;
};

/// A command for people and shells: --help, the manual page and the
/// completions are made of it, and its arguments are parsed by it. Passive
/// data.
struct Description {
  std::vector<std::string> about;  ///< paragraphs
  std::vector<HelpRow> rows = {};
  Operands arguments = {};
  Operands rest = {};  ///< what may follow `--`; empty usage: nothing
  OptionList options = {};
  std::vector<std::string> notes = {};     ///< paragraphs after the options
  std::vector<std::string> examples = {};  ///< for a shell
  std::vector<ExitMeaning> exit_statuses = {};
};

/// "[OPTION]... FILE...", as it follows the command's name.
std::string usage_of(const Description& description);

/// `notes`, and before them how a SIZE and a TIME are written where an option
/// takes one.
std::vector<std::string> notes_of(const Description& description);

/// The text of `cglab NAME --help` in lines of `width` columns.
std::string help_text(const std::string& name, const Description& description,
                      std::size_t width);

/// The width that a help has on a terminal of so many columns: 60 to 80.
std::size_t help_width(std::size_t columns);

/// Appends `text`, wrapped to `width`, the first line after `first` and the
/// others indented by `indent` columns.
void append_wrapped(std::string& to, const std::string& first,
                    std::size_t indent, const std::string& text,
                    std::size_t width);

/// Parses by it. Throws UsageError.
CommandLine parse_command_line(const Description& description,
                               const std::vector<std::string>& arguments);

}  // namespace lab
