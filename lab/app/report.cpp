// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>

#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"
#include "lab/record/record_file.h"
#include "lab/record/record_reader.h"
#include "lab/report/csv.h"
#include "lab/report/html.h"
#include "lab/report/picture.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

constexpr std::size_t most_files = 100;

struct Options {
  std::vector<NamedRecord> runs;
  std::string format;
  std::string output = "-";
  ColorChoice color = ColorChoice::automatic;
  Language language = Language::en;
};

OptionList description() {
  return {
      {"format", "text|csv|markdown|html|svg|png",
       "what to make (by the name of --output; text)"},
      {"output,o", "FILE|-", "where to write it (-)"},
      {"lang", "en|zh", "language of the verdict"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

constexpr char help_head[] =
    "Usage: cglab report FILE... [OPTION]...\n"
    "Renders records that --json wrote, as they were told live; - is standard "
    "input.\n\n";
constexpr char help_tail[] =
    "\nsvg and png are drawn by gnuplot (package gnuplot-nox).\n"
    "Exit status: 0, 2 usage, 3 a record cannot be read, 77 no gnuplot.\n";

struct Format {
  std::string_view name;
  std::vector<std::string_view> endings;
};

const std::vector<Format>& formats() {
  static const std::vector<Format> all{{"text", {".txt", ".text"}},
                                       {"csv", {".csv"}},
                                       {"markdown", {".md", ".markdown"}},
                                       {"html", {".html", ".htm"}},
                                       {"svg", {".svg"}},
                                       {"png", {".png"}}};
  return all;
}

std::string known_format(const std::string& asked) {
  for (const Format& format : formats()) {
    if (format.name == asked) return asked;
  }
  throw UsageError(fmt::format(
      "--format: '{}' is none of text, csv, markdown, html, svg, png", asked));
}

/// By the ending of the file; text for a name without one, such as a pipe's.
std::string format_of_ending(const std::string& output) {
  const std::string ending = std::filesystem::path(output).extension().string();
  if (ending.empty()) return "text";
  for (const Format& format : formats()) {
    const auto& known = format.endings;
    if (std::find(known.begin(), known.end(), ending) != known.end()) {
      return std::string(format.name);
    }
  }
  throw UsageError(fmt::format(
      "--output: the ending of '{}' is none of .txt, .csv, .md, .html, .svg, "
      ".png; say the format by --format",
      output));
}

std::string format_of(const CommandLine& line, const std::string& output) {
  const auto asked = value_of(line, "format", parse_text);
  return asked ? known_format(*asked) : format_of_ending(output);
}

std::string text_of(const NamedRecord& run, const Options& options) {
  const Terminal terminal(
      stdout, options.output == "-" ? options.color : ColorChoice::never);
  return text_report(run.record, terminal, options.language);
}

std::string text_name(const std::string& name) {
  return fmt::format("== {}\n", visible_line(name));
}

std::string markdown_name(const std::string& name) {
  Document document;
  document.paragraph(name);
  return render_markdown(document) + "\n";
}

/// One after the other, each under its name.
template <typename Heading, typename Render>
std::string one_by_one(const std::vector<NamedRecord>& runs,
                       const Heading& heading, const Render& render) {
  if (runs.size() == 1) return render(runs.front());
  std::string text;
  for (const NamedRecord& run : runs) {
    if (!text.empty()) text += '\n';
    text += heading(run.name) + render(run);
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
    return one_by_one(runs, markdown_name, [&](const NamedRecord& run) {
      return render_markdown(
          run_document(run.record, options.language, Length::full));
    });
  }
  return one_by_one(runs, text_name, [&](const NamedRecord& run) {
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
  require_one_stdin(line.positional);
  for (const std::string& file : line.positional) {
    options.runs.push_back({file, read_record(file)});
  }
  const std::string text = render(options);
  if (options.output == "-") {
    write_stdout(text);
  } else {
    RecordFile file(options.output);
    for (const std::string& input : line.positional)
      file.require_no_input(input);
    file.write(text);
  }
  return exit_expected;
}

const CommandRegistration registration(
    {"report", "render saved records: text, page, picture, table", report});

}  // namespace
}  // namespace lab
