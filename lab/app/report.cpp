// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/record/output_file.h"
#include "lab/record/record_reader.h"
#include "lab/report/csv.h"
#include "lab/report/html.h"
#include "lab/report/picture.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

constexpr std::size_t most_files = 100;

std::vector<std::string> report_formats() {
  return {"text", "csv", "markdown", "html", "svg", "png"};
}

struct Options {
  std::vector<NamedRecord> runs;
  RenderTarget target;
  View view;
  Length length = Length::terminal;
};

Description describe_report(const Command&) {
  Description description{
      .about = {"Renders saved records exactly as shown live; - is stdin."},
      .arguments = {"FILE...", most_files, files()},
      .options = render_options(report_formats()),
      .notes =
          {"svg and png are drawn by gnuplot (package gnuplot-nox). Chinese "
           "text in a png needs a font (such as fonts-wqy-microhei)."},
      .exit_statuses = {{"0", "rendered"},
                        {"1", "a saved verdict contradicts its evidence"},
                        {"2", "usage error"},
                        {"3", "a record cannot be read"},
                        {"77", "gnuplot or a font is not installed"}},
  };
  description.options.push_back(brief_option());
  add(description.options, view_options());
  return description;
}

std::string text_of(const NamedRecord& run, const Options& options) {
  const Terminal terminal = terminal_of(options.target, options.view.color);
  std::string text = render_text(denial(run, options.view.language), terminal);
  if (!text.empty()) text += '\n';
  return text + text_report(run.record, terminal, options.view.language,
                            options.length);
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
  const std::string& format = options.target.format;
  const Language language = options.view.language;
  if (format == "html") return html_report(runs, language);
  if (format == "svg") return draw_picture(runs, PictureFormat::svg, language);
  if (format == "png") return draw_picture(runs, PictureFormat::png, language);
  if (format == "csv") {
    if (runs.size() > 1) {
      throw UsageError(
          "csv has the samples of one run; cglab compare takes several");
    }
    return csv_report(runs.front().record);
  }
  if (format == "markdown") {
    return one_by_one(runs, markdown_name, [&](const NamedRecord& run) {
      Document document = denial(run, language);
      document.append(run_document(run.record, language, Length::full));
      return render_markdown(document);
    });
  }
  return one_by_one(runs, text_name, [&](const NamedRecord& run) {
    return text_of(run, options);
  });
}

int report(const Command&, const CommandLine& line) {
  const auto& inputs = line.positional;
  if (inputs.empty()) throw UsageError("give at least one record");
  Options options{
      {}, read_render_target(line, report_formats()), read_view(line)};
  if (line.has("brief")) {
    if (options.target.format != "text") {
      throw UsageError("--brief is for --format text");
    }
    options.length = Length::brief;
  }
  require_one_stdin(inputs);
  for (const std::string& file : inputs) {
    options.runs.push_back(rechecked(file, read_record(file)));
  }
  const bool denied = warn_of_denied(options.runs);
  write_rendered(options.target, render(options), inputs);
  return denied ? exit_other : exit_expected;
}

const CommandRegistration report_registration(
    {"report", "render saved records: text, page, picture, table",
     describe_report, report});

}  // namespace
}  // namespace lab
