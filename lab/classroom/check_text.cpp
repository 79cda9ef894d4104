// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <map>
#include <set>

#include "lab/base/visible.h"
#include "lab/classroom/check_report.h"
#include "lab/report/bar.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr Message heading("{0}, limit {1} bytes (cgroup {2})",
                          "{0}，上限 {1} 字节（cgroup {2}）");
constexpr Message total("{0} of {1} points", "得分：{0} / {1}");
constexpr Message hint_mark("hint", "提示");
constexpr Message see_above("see hint {0} above", "见上面的提示 {0}");
constexpr Message commands_above("the commands of hint {0} above",
                                 "命令同上面的提示 {0}");
constexpr Message read_more("more: cglab explain {0}",
                            "详见：cglab explain {0}");

/// Columns before the details of a check.
constexpr std::size_t indent = 6;

std::string mark(bool passed, const Terminal& terminal) {
  if (locale_is_utf8()) {
    return passed ? terminal.green("✓ ") : terminal.red("✗ ");
  }
  return passed ? terminal.green("ok") : terminal.red("no");
}

/// Hints already printed: the id by the commands of the fix.
using ShownCommands = std::map<std::vector<std::string>, std::string>;

/// The same commands are not printed twice.
void add_commands(const Hint& hint, Language language, ShownCommands& shown,
                  Layout& layout) {
  const std::string blanks(indent, ' ');
  const auto before = shown.find(hint.commands);
  if (!hint.commands.empty() && before != shown.end()) {
    layout.hanging(blanks, say(language, commands_above, before->second));
    return;
  }
  for (const std::string& command : hint.commands) {
    layout.line(fmt::format("{}    {}", blanks, command));
  }
  shown.emplace(hint.commands, hint.id);
}

void add_hint(const CheckResult& result, Language language,
              std::set<std::string>& shown, ShownCommands& shown_commands,
              Layout& layout) {
  if (!result.hint) return;
  const Hint& hint = *result.hint;
  const std::string blanks(indent, ' ');
  if (!shown.insert(hint.id).second) {
    layout.hanging(blanks, say(language, see_above, hint.id));
    return;
  }
  std::string text = hint.text;
  std::erase(text, '`');
  layout.hanging(blanks, fmt::format("{} {}: {}", say(language, hint_mark),
                                     hint.id, text));
  add_commands(hint, language, shown_commands, layout);
  layout.hanging(blanks, say(language, read_more, result.check->topic));
}

}  // namespace

std::string check_text(const Grade& grade, const Terminal& terminal) {
  const Language language = grade.plan.language;
  Layout layout(terminal);
  layout.line(terminal.bold(
      say(language, heading, visible_line(grade.plan.assignment.group),
          grade.plan.assignment.limit.count, to_string(grade.version))));
  layout.line("");
  std::set<std::string> shown;
  ShownCommands shown_commands;
  for (const CheckResult& result : grade.results) {
    const std::string points =
        fmt::format("{}/{}", result.passed ? result.points : 0, result.points);
    layout.line(fmt::format("  {}  {}{} {:>6}", mark(result.passed, terminal),
                            padded(result.check->name, 9),
                            padded(say(language, result.check->title), 34),
                            points));
    layout.hanging(std::string(indent, ' '), result.evidence);
    add_hint(result, language, shown, shown_commands, layout);
  }
  layout.line("");
  const std::string points = say(language, total, grade.earned, grade.points);
  layout.line(grade.is_full() ? terminal.green(points) : terminal.red(points));
  return layout.text();
}

}  // namespace lab
