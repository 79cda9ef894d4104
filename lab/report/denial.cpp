// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <utility>

#include "lab/base/message.h"
#include "lab/base/visible.h"
#include "lab/report/run_document.h"
#include "lab/verdict/recheck.h"

namespace lab {
namespace {

constexpr Message contradicted("SAVED VERDICT CONTRADICTED BY ITS EVIDENCE",
                               "保存的结论与证据矛盾");
constexpr Message reasons_contradicted(
    "SAVED REASONS CONTRADICTED BY THE EVIDENCE", "保存的理由与证据矛盾");
constexpr Message replaced(
    "The verdict saved in this file, \"{0}\", does not follow from its "
    "evidence. From the evidence this cglab concludes \"{1}\", which is shown "
    "here.",
    "这个文件里保存的结论“{0}”不能由其中的证据得出。"
    "由证据，本版 cglab 得出的结论是“{1}”；报告按后者给出。");
constexpr Message reasons_replaced(
    "The verdict saved in this file, \"{0}\", follows from its evidence, but "
    "what the file states with it does not. The report shows what follows.",
    "这个文件里保存的结论“{0}”可以由其中的证据得出，"
    "但随它保存的理由或论断不能。报告只给出能得出的。");

bool has_other_name(const NamedRecord& run) {
  return *run.denied != outcome_of(run.record);
}

std::string text_of(const NamedRecord& run, Language language) {
  const std::string saved = verdict_words(*run.denied, language);
  const std::string concluded = verdict_words(run.record, language);
  return has_other_name(run) ? say(language, replaced, saved, concluded)
                             : say(language, reasons_replaced, saved);
}

}  // namespace

NamedRecord rechecked(std::string name, RunRecord record) {
  NamedRecord run{std::move(name), std::move(record)};
  if (auto verdict = recheck(run.record)) {
    run.denied = outcome_of(run.record);
    run.record.verdict = *std::move(verdict);
  }
  return run;
}

Document denial(const NamedRecord& run, Language language) {
  Document document;
  if (!run.denied) return document;
  document.headline(
      say(language, has_other_name(run) ? contradicted : reasons_contradicted),
      Tone::bad);
  document.paragraph(text_of(run, language));
  return document;
}

bool warn_of_denied(const std::vector<NamedRecord>& runs) {
  bool any = false;
  for (const NamedRecord& run : runs) {
    if (!run.denied) continue;
    any = true;
    write_stderr(
        fmt::format("cglab: {}: {}\n",
                    run.name == "-" ? "standard input" : visible_line(run.name),
                    text_of(run, Language::en)));
  }
  return any;
}

}  // namespace lab
