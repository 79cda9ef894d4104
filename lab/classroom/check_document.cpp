// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>

#include "lab/classroom/check_report.h"
#include "lab/classroom/hint_messages.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr Message heading("{0}, limit {1} bytes (cgroup {2})",
                          "{0}，上限 {1} 字节（cgroup {2}）");
constexpr Message total("{0} of {1} points", "得分：{0} / {1}");
constexpr Message see_above("see hint {0} above", "见上面的提示 {0}");
constexpr Message commands_above("the commands of hint {0} above",
                                 "命令同上面的提示 {0}");
constexpr Message read_more("more: `cglab explain {0}`",
                            "详见：`cglab explain {0}`");

/// The hints of a grade. Neither text nor commands are printed twice.
class Hints {
 public:
  /// Borrows `document`.
  Hints(Language language, Document& document)
      : language_(language), document_(document) {}

  void add(const Hint& hint, const char* topic) {
    if (!texts_.insert(hint.id).second) {
      return document_.hint(say(language_, see_above, hint.id));
    }
    const auto [before, is_new] = commands_.emplace(hint.commands, hint.id);
    document_.hint(fmt::format("{} {}: {}", say(language_, hint_messages::mark),
                               hint.id, hint.text),
                   is_new ? hint.commands : std::vector<std::string>());
    if (!is_new && !hint.commands.empty()) {
      document_.hint(say(language_, commands_above, before->second));
    }
    document_.hint(say(language_, read_more, topic));
  }

 private:
  Language language_;
  Document& document_;
  std::set<std::string> texts_;  ///< ids
  /// The id of the hint that had them.
  std::map<std::vector<std::string>, std::string> commands_;
};

Tone tone_of(bool passed) {
  return passed ? Tone::good : Tone::bad;
}

/// In columns, which a terminal shows.
std::string check_line(const CheckResult& result, Language language) {
  const std::string_view name = result.check->name;
  const std::string points =
      fmt::format("{}/{}", result.passed ? result.points : 0, result.points);
  return fmt::format("`{}`{:{}}{} {:>6}", name, "", 9 - name.size(),
                     padded(say(language, result.check->title), 34), points);
}

}  // namespace

Document check_document(const Grade& grade) {
  const Language language = grade.plan.language;
  Document document;
  document.title(say(language, heading, grade.plan.assignment.group,
                     grade.plan.assignment.limit.count,
                     to_string(grade.version)));
  Hints hints(language, document);
  for (const CheckResult& result : grade.results) {
    document.check(tone_of(result.passed), check_line(result, language),
                   result.evidence);
    if (result.hint) hints.add(*result.hint, result.check->topic);
  }
  document.headline(say(language, total, grade.earned, grade.points),
                    tone_of(grade.is_full()));
  return document;
}

}  // namespace lab
