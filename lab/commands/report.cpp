// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <optional>

#include "lab/command.h"
#include "lab/command_line.h"
#include "lab/exit_code.h"
#include "lab/record_file.h"
#include "lab/record_reader.h"
#include "lab/report/console.h"
#include "lab/report/csv.h"
#include "lab/report/html.h"
#include "lab/report/picture.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

namespace po = boost::program_options;

constexpr std::size_t most_files = 100;

struct Options {
  std::vector<NamedRecord> runs;
  std::string format;
  std::string output = "-";
  ColorChoice color = ColorChoice::automatic;
  Language language = Language::en;
};

po::options_description description() {
  po::options_description options("Options");
  options.add_options()  //
      ("format", text_value("text|csv|markdown|html|svg|png"),
       "what to make (by the name of --output; text)")             //
      ("output,o", text_value("FILE|-"), "where to write it (-)")  //
      ("lang", text_value("en|zh"), "language of the verdict")     //
      ("color", text_value("auto|always|never"), "colours")        //
      ("help,h", "this text");
  return options;
}

constexpr char help_head[] =
    "Usage: cglab report FILE... [OPTION]...\n"
    "Renders records that --json wrote, as they were told live; - is standard "
    "input.\n\n";
constexpr char help_tail[] =
    "\nsvg and png are drawn by gnuplot (package gnuplot-nox).\n"
    "Exit status: 0, 2 usage, 3 a record cannot be read, 77 no gnuplot.\n";

std::string format_of(const CommandLine& line, const std::string& output) {
  constexpr std::array known{"text", "csv", "markdown", "html", "svg", "png"};
  const auto is_known = [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  };
  if (const auto asked = value_of(line, "format", parse_text)) {
    if (is_known(*asked)) return *asked;
    throw UsageError(fmt::format(
        "--format: '{}' is none of text, csv, markdown, html, svg, png",
        *asked));
  }
  const std::string suffix = output.substr(output.rfind('.') + 1);
  if (suffix == "md") return "markdown";
  return is_known(suffix) ? suffix : "text";
}

std::string text_of(const NamedRecord& run, const Options& options) {
  const Terminal terminal(
      stdout, options.output == "-" ? options.color : ColorChoice::never);
  if (run.record.scenario) {
    return scenario_report(run.record, terminal, options.language);
  }
  if (run.record.plan.run) {
    return command_report(run.record, terminal, options.language);
  }
  return console_report(run.record, terminal, options.language);
}

/// One after the other, each under its name.
template <typename Render>
std::string one_by_one(const std::vector<NamedRecord>& runs,
                       const char* heading, const Render& render) {
  if (runs.size() == 1) return render(runs.front());
  std::string text;
  for (const NamedRecord& run : runs) {
    text +=
        fmt::format(fmt::runtime(heading), text.empty() ? "" : "\n", run.name) +
        render(run);
  }
  return text;
}

std::string render(const Options& options) {
  const auto& runs = options.runs;
  if (options.format == "html") return html_report(runs);
  if (options.format == "svg") return draw_picture(runs, PictureFormat::svg);
  if (options.format == "png") return draw_picture(runs, PictureFormat::png);
  if (options.format == "csv") {
    if (runs.size() > 1) {
      throw UsageError(
          "csv has the samples of one run; cglab compare takes several");
    }
    return csv_report(runs.front().record);
  }
  if (options.format == "markdown") {
    return one_by_one(runs, "{}<!-- {} -->\n", [](const NamedRecord& run) {
      return render_markdown(run_document(run));
    });
  }
  return one_by_one(runs, "{}== {}\n", [&](const NamedRecord& run) {
    return text_of(run, options);
  });
}

int report(const Command&, const std::vector<std::string>& arguments) {
  const CommandLine line =
      parse_command_line(description(), arguments, most_files);
  if (line.has("help")) {
    write_stdout(help_head + options_text(description()) + help_tail);
    return exit_expected;
  }
  if (line.positional.empty()) throw UsageError("no record is named");
  Options options;
  options.output = value_of(line, "output", parse_text).value_or("-");
  options.format = format_of(line, options.output);
  options.language = choose_language(value_of(line, "lang", parse_language));
  if (const auto color = value_of(line, "color", parse_color)) {
    options.color = *color;
  }
  for (const std::string& file : line.positional) {
    options.runs.push_back({file, read_record(file)});
  }
  const std::string text = render(options);
  if (options.output == "-") {
    write_stdout(text);
  } else {
    RecordFile(options.output).write(text);
  }
  return exit_expected;
}

const CommandRegistration registration(
    {"report", "render saved records: text, page, picture, table", report});

}  // namespace
}  // namespace lab
