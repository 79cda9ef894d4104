// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/app/run_commands.h"
#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/classroom/lessons/lessons.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/experiments/experiment.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr Message legend(
    "*: runs on this host. 'cglab help NAME' shows the question, the "
    "prediction and the options.",
    "*：可以在这台主机上运行。“cglab help 名称”显示实验的问题、预测和选项。");
constexpr Message with_lesson("{0} (cglab explain {1})",
                              "{0}（cglab explain {1}）");
constexpr Message lacks("missing: {0}", "缺少：{0}");
constexpr Message more("More on reclaim", "内存回收的其他实验");

constexpr std::size_t name_column = 2;
constexpr std::size_t mark_column = 14;
constexpr std::size_t text_column = 16;

Description describe_list(const Command&) {
  return {
      .about = {"Lists the experiments by lesson, with a mark for those that "
                "run on this host and, for the others, what is missing. "
                "Nothing is run and no cgroup is created."},
      .options = view_options(),
      .exit_statuses = {{"0", "listed"}, {"2", "usage error"}},
  };
}

/// The experiments as text, as wide as a help.
class Listing {
 public:
  Listing(const Terminal& terminal, Language language)
      : terminal_(terminal),
        language_(language),
        width_(help_width(terminal.width())) {}

  /// Those that belong to the lesson `id` under `title`; nothing without one.
  void add(const std::string& title, std::string_view id) {
    bool first = true;
    for (const Experiment* each : all_experiments()) {
      if (each->lesson != id) continue;
      if (first) add_title(title, id);
      add(*each);
      first = false;
    }
  }

  void add_end() {
    text_ += '\n';
    append_wrapped(text_, "", 0, say(language_, legend), width_);
  }

  const std::string& text() const noexcept { return text_; }

 private:
  void add_title(const std::string& title, std::string_view id) {
    if (!text_.empty()) text_ += '\n';
    std::string lines;
    append_wrapped(lines, "", 0,
                   id.empty() ? title : say(language_, with_lesson, title, id),
                   width_);
    lines.pop_back();
    text_ += terminal_.bold(lines) + "\n";
  }

  void add(const Experiment& experiment) {
    const auto missing = missing_here(experiment, language_);
    const std::string name =
        padded(std::string(name_column, ' ') + experiment.name, mark_column);
    append_wrapped(text_, name + (missing ? "  " : terminal_.green("*") + " "),
                   text_column, std::string(experiment.summary.text(language_)),
                   width_);
    if (!missing) return;
    append_wrapped(text_, std::string(text_column, ' '), text_column,
                   say(language_, lacks, visible_line(*missing)), width_);
  }

  const Terminal& terminal_;
  Language language_;
  std::size_t width_;
  std::string text_;
};

int list(const Command&, const CommandLine& line) {
  const View view = read_view(line);
  const Terminal terminal(stdout, view.color);
  Listing listing(terminal, view.language);
  for (const Lesson* const lesson : all_lessons()) {
    listing.add(say(view.language, lesson->title), lesson->id);
  }
  listing.add(say(view.language, more), "");
  listing.add_end();
  write_stdout(listing.text());
  return exit_expected;
}

const CommandRegistration list_registration({"list",
                                             "list the experiments by lesson",
                                             describe_list, list});

}  // namespace
}  // namespace lab
