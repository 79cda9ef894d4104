// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <optional>

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"
#include "lab/record/record_file.h"
#include "lab/record/record_reader.h"
#include "lab/report/html.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

constexpr std::size_t most_files = 12;

OptionList description() {
  return {
      {"html", "FILE|-", "write a page with the curves over each other"},
      {"markdown", nullptr, "print Markdown"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

constexpr char help_head[] =
    "Usage: cglab compare FILE FILE... [OPTION]...\n"
    "Puts runs side by side, of records that --json wrote: first what differs "
    "in\ntheir environments, then what came of each.\n\n";
constexpr char help_tail[] =
    "\nExit status: 0, 2 usage, 3 a record cannot be read.\n";

/// On standard error where standard output takes the page.
void tell(const Document& document, const CommandLine& line, bool to_stderr) {
  const auto write = to_stderr ? write_stderr : write_stdout;
  if (line.has("markdown")) return write(render_markdown(document));
  const Terminal terminal(
      to_stderr ? stderr : stdout,
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic));
  write(render_text(document, terminal));
}

int compare(const Command&, const std::vector<std::string>& arguments) {
  const CommandLine line =
      parse_command_line(description(), arguments, most_files);
  if (line.has("help")) {
    write_stdout(help_head + options_text(description()) + help_tail);
    return exit_expected;
  }
  if (line.positional.size() < 2) {
    throw UsageError("a comparison takes two records or more");
  }
  require_one_stdin(line.positional);
  std::vector<NamedRecord> runs;
  for (const std::string& file : line.positional) {
    runs.push_back({file, read_record(file)});
  }
  const auto page = value_of(line, "html", parse_text);
  if (page) {
    RecordFile file(*page);
    for (const std::string& input : line.positional)
      file.require_no_input(input);
    file.write(html_report(runs));
  }
  tell(comparison_document(runs, Language::en), line, page == "-");
  return exit_expected;
}

const CommandRegistration registration({"compare", "put runs side by side",
                                        compare});

}  // namespace
}  // namespace lab
