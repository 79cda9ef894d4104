// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <optional>

#include "lab/command.h"
#include "lab/command_line.h"
#include "lab/exit_code.h"
#include "lab/record_file.h"
#include "lab/record_reader.h"
#include "lab/report/html.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

namespace po = boost::program_options;

constexpr std::size_t most_files = 12;

po::options_description description() {
  po::options_description options("Options");
  options.add_options()  //
      ("html", text_value("FILE"),
       "write a page with the curves over each other")       //
      ("markdown", "print Markdown")                         //
      ("color", text_value("auto|always|never"), "colours")  //
      ("help,h", "this text");
  return options;
}

constexpr char help_head[] =
    "Usage: cglab compare FILE FILE... [OPTION]...\n"
    "Puts runs side by side, of records that --json wrote: first what differs "
    "in\ntheir environments, then what came of each.\n\n";
constexpr char help_tail[] =
    "\nExit status: 0, 2 usage, 3 a record cannot be read.\n";

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
  std::vector<NamedRecord> runs;
  for (const std::string& file : line.positional) {
    runs.push_back({file, read_record(file)});
  }
  if (const auto page = value_of(line, "html", parse_text)) {
    RecordFile(*page).write(html_report(runs));
  }
  const Document document = comparison_document(runs);
  if (line.has("markdown")) {
    write_stdout(render_markdown(document));
    return exit_expected;
  }
  const Terminal terminal(
      stdout,
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic));
  write_stdout(render_text(document, terminal));
  return exit_expected;
}

const CommandRegistration registration({"compare", "put runs side by side",
                                        compare});

}  // namespace
}  // namespace lab
