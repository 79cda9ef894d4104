// SPDX-License-Identifier: MIT
#include "lab/command/render_target.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "lab/record/output_file.h"
#include "lab/report/html/page.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

struct Format {
  std::string_view name;
  std::vector<std::string_view> endings;
};

/// All formats that a command can have, and the endings of their files.
const std::vector<Format>& known_formats() {
  static const std::vector<Format> all{
      {"text", {".txt", ".text"}}, {"markdown", {".md", ".markdown"}},
      {"html", {".html", ".htm"}}, {"csv", {".csv"}},
      {"json", {".json"}},         {"svg", {".svg"}},
      {"png", {".png"}},           {"tap", {".tap"}},
      {"junit", {".xml"}}};
  return all;
}

struct DocumentFormat {
  std::string_view name;
  std::string (*render)(const Document& document, const Terminal& terminal,
                        Language language);
};

constexpr DocumentFormat formats_of_documents[] = {
    {"text", [](const Document& document, const Terminal& terminal,
                Language) { return render_text(document, terminal); }},
    {"markdown", [](const Document& document, const Terminal&,
                    Language) { return render_markdown(document); }},
    {"html",
     [](const Document& document, const Terminal&, Language language) {
       return document_page(document, language);
     }},
};

bool contains(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// By the ending of the file; text for a name without one, such as a pipe's.
std::string format_of_ending(const std::string& file, const Words& formats) {
  std::string ending = std::filesystem::path(file).extension().string();
  for (char& letter : ending) {
    if (letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
  }
  if (ending.empty()) return "text";
  Words known;
  for (const Format& format : known_formats()) {
    if (!contains(formats, format.name)) continue;
    for (const std::string_view each : format.endings) {
      if (each == ending) return std::string(format.name);
    }
    known.emplace_back(format.endings.front());
  }
  throw UsageError(fmt::format(
      "--output: '{}' has an unknown ending (use {}, or give --format)", file,
      alternatives(known)));
}

std::string parse_format(const std::string& text, const Words& formats) {
  if (contains(formats, text)) return text;
  throw UsageError(
      fmt::format("invalid format '{}' (use {})", text, alternatives(formats)));
}

}  // namespace

OptionList render_options(const Words& formats) {
  return {choice("format", formats,
                 "format (default: by the ending of --output, else text)"),
          {"output,o", "FILE|-", "where to write it; -: stdout (-)", files()}};
}

std::vector<RenderTarget> read_render_targets(const CommandLine& line,
                                              const Words& formats) {
  const auto format = value_of(line, "format", [&](const std::string& text) {
    return parse_format(text, formats);
  });
  const Words outputs = line.all("output");
  if (outputs.empty() && format) return {{*format, "-"}};
  if (outputs.size() > 1 && format) {
    throw UsageError(
        "--format is for one --output; of several, the endings decide");
  }
  std::vector<RenderTarget> targets;
  for (const std::string& output : outputs) {
    if (output.empty()) throw UsageError("--output: the value is empty");
    targets.push_back(
        {format ? *format : format_of_ending(output, formats), output});
  }
  return targets;
}

RenderTarget read_render_target(const CommandLine& line, const Words& formats) {
  const auto targets = read_render_targets(line, formats);
  return targets.empty() ? RenderTarget{} : targets.front();
}

Words document_formats() {
  Words names;
  for (const DocumentFormat& format : formats_of_documents) {
    names.emplace_back(format.name);
  }
  return names;
}

std::string render_document(const Document& document,
                            const RenderTarget& target, const View& view) {
  const auto* const format = std::find_if(
      std::begin(formats_of_documents), std::end(formats_of_documents),
      [&](const DocumentFormat& each) { return each.name == target.format; });
  return format->render(document, terminal_of(target, view.color),
                        view.language);
}

Terminal terminal_of(const RenderTarget& target, ColorChoice color) {
  return target.is_stdout() ? Terminal(stdout, color) : Terminal();
}

void write_rendered(const RenderTarget& target, const std::string& text,
                    const Words& inputs) {
  if (target.is_stdout()) return write_stdout(text);
  OutputFile file(target.file);
  for (const std::string& input : inputs) file.require_no_input(input);
  file.write(text);
}

}  // namespace lab
