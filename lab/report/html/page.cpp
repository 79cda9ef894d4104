// SPDX-License-Identifier: MIT
#include "lab/report/html/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/message.h"
#include "lab/report/document_html.h"
#include "lab/report/html/assets.h"
#include "lab/report/html/without_markup.h"

namespace lab {
namespace {

constexpr Message theme_button("Dark / light", "深色 / 浅色");
constexpr Message large_button("Large type", "大字");
constexpr Message needs_script(
    "The charts need JavaScript; the tables have the same numbers.",
    "图表需要 JavaScript；表格里有同样的数字。");

constexpr char head[] =
    "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src "
    "data: blob:\">\n<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n"
    "<div class=\"bar\" hidden>"
    "<button type=\"button\" id=\"large\" aria-pressed=\"false\">{}</button>"
    "<button type=\"button\" id=\"theme\">{}</button></div>\n"
    "{}<main>\n";

}  // namespace

std::string html_page(const HtmlPage& page, Language language) {
  const std::string without_charts =
      page.script.empty()
          ? ""
          : fmt::format("<noscript><p class=\"dim\">{}</p></noscript>\n",
                        say(language, needs_script));
  return fmt::format(head, language == Language::zh ? "zh-CN" : "en",
                     html_text(page.title), page_css(), page.style,
                     say(language, large_button), say(language, theme_button),
                     without_charts) +
         page.body + "</main>\n<script>" + std::string(page_js()) +
         "</script>\n<script>" + page.script + "</script>\n</body>\n</html>\n";
}

std::string document_page(const Document& document, Language language) {
  const auto& blocks = document.blocks();
  const auto title =
      std::find_if(blocks.begin(), blocks.end(), [](const Block& block) {
        return block.kind == Block::Kind::title ||
               block.kind == Block::Kind::headline;
      });
  return html_page({title == blocks.end() ? "cglab" : title->text,
                    render_html(document), "", ""},
                   language);
}

std::string download_button(const std::string& label, const std::string& file,
                            const std::string& json, bool is_text) {
  return fmt::format(
      "<button type=\"button\" class=\"download\" data-file=\"{}\"{} "
      "hidden>{}</button><script type=\"application/json\">{}</script>\n",
      html_text(file), is_text ? " data-text" : "", html_text(label),
      without_markup(json));
}

}  // namespace lab
