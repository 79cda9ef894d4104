// SPDX-License-Identifier: MIT
// Properties of the data of every experiment.
#include "lab/experiments/experiment.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cgroupfs/directory.h"
#include "lab/classroom/lessons/lessons.h"
#include "lab/record/plan.h"
#include "lab/verdict/judge.h"
#include "tests/support/matches.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

using cgroupfs::Version;
using Kind = Step::Kind;
using Names = std::set<std::string>;

/// An experiment with the items of one run.
struct OneRun {
  const Experiment& experiment;
  Choice choice;
  Procedure procedure;

  std::string name() const {
    return std::string(experiment.name) + " on " +
           std::string(to_string(choice.version)) +
           (choice.control ? ", control run" : ", run") +
           (choice.reads_share_a_page ? "" : ", pages of its own");
  }
};

std::vector<Choice> choices_of(const Experiment& experiment) {
  std::vector<Choice> choices;
  for (const Version version : {Version::v1, Version::v2}) {
    if (experiment.only.value_or(version) != version) continue;
    for (const bool control : {false, true}) {
      for (const bool shared : {true, false}) {
        choices.push_back({control, version, shared});
      }
    }
  }
  return choices;
}

/// Whether `text` has a character of Chinese: from U+4E00 to U+9FFF.
/// In both languages, and without a placeholder, for which no value is given.
void expect_whole(const Message& message) {
  for (const Language language : {Language::en, Language::zh}) {
    const std::string_view text = message.text(language);
    EXPECT_EQ(has_chinese(text), language == Language::zh) << text;
    EXPECT_EQ(placeholders_of(text), Placeholders{}) << text;
  }
}

/// Calls `check` with every run that there is, of every experiment.
void for_each_run(const std::function<void(const OneRun&)>& check) {
  for (const Experiment* const experiment : all_experiments()) {
    for (const Choice& choice : choices_of(*experiment)) {
      Parameters asked;
      asked.control = choice.control;
      Plan plan = make_plan(*experiment, asked);
      fit(plan, choice);
      const OneRun run{*experiment, choice, plan.procedure};
      SCOPED_TRACE(run.name());
      check(run);
    }
  }
}

Names cgroups_of(const OneRun& run) {
  Names names;
  for (const CgroupSpec& each : run.procedure.cgroups) names.insert(each.name);
  return names;
}

Names processes_of(const OneRun& run) {
  Names names;
  for (const ProcessSpec& each : run.procedure.processes) {
    names.insert(each.name);
  }
  return names;
}

const ProcessSpec& process_named(const OneRun& run, const std::string& name) {
  for (const ProcessSpec& each : run.procedure.processes) {
    if (each.name == name) return each;
  }
  throw std::logic_error("no process " + name);
}

/// The kind of subject of a step of this kind.
enum class ReadSubject { none, process, cgroup, mark };

ReadSubject subject_of(Kind kind) {
  switch (kind) {
    case Kind::start:
    case Kind::settle:
    case Kind::await_end:
    case Kind::move:
    case Kind::go_on:
    case Kind::release_file:
      return ReadSubject::process;
    case Kind::await_value:
    case Kind::await_empty:
    case Kind::set:
    case Kind::limit:
    case Kind::kill:
    case Kind::reclaim:
    case Kind::watch_usage:
    case Kind::watch_pressure:
    case Kind::predict:
      return ReadSubject::cgroup;
    case Kind::mark:
      return ReadSubject::mark;
    case Kind::rest:
      return ReadSubject::none;
  }
  return ReadSubject::none;
}

std::size_t count_steps(const OneRun& run, Kind kind,
                        const std::string& subject) {
  const auto& steps = run.procedure.steps;
  return static_cast<std::size_t>(
      std::count_if(steps.begin(), steps.end(), [&](const Step& step) {
        return step.kind == kind && step.subject == subject;
      }));
}

TEST(Experiments, AreSortedAndHaveNamesThatCanBeTyped) {
  const auto& all = all_experiments();
  EXPECT_GE(all.size(), 23u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const Experiment* a, const Experiment* b) {
                               return std::string(a->name) < b->name;
                             }));
  Names names;
  for (const Experiment* const each : all) {
    EXPECT_TRUE(matches(each->name, "^[a-z][a-z-]*$"));
    EXPECT_TRUE(names.insert(each->name).second) << each->name;
    EXPECT_EQ(&experiment_named(each->name), each);
  }
  EXPECT_THROW(experiment_named("none"), std::logic_error);
}

TEST(Experiments, SayWhatTheyAskAndWhatTheControlRunDoes) {
  for (const Experiment* const each : all_experiments()) {
    SCOPED_TRACE(each->name);
    for (const Message& text :
         {each->summary, each->question, each->prediction, each->control_run}) {
      expect_whole(text);
    }
    for (const Language language : {Language::en, Language::zh}) {
      EXPECT_EQ(each->only.has_value(),
                !each->only_because.text(language).empty());
    }
  }
}

/// A verdict quotes the claim that failed, without those before it.
TEST(Experiments, MakeEachClaimInADistinctClauseThatStandsAlone) {
  const auto connected = "^(and|but|by|inside|not|until|it) ";
  for_each_run([&](const OneRun& run) {
    for (const Language language : {Language::en, Language::zh}) {
      Names texts;
      for (const Claim& claim : run.procedure.claims) {
        const std::string text(claim.text.text(language));
        EXPECT_TRUE(texts.insert(text).second) << text;
        expect_whole(claim.text);
        EXPECT_FALSE(text.ends_with(".") || text.ends_with("。")) << text;
        EXPECT_FALSE(matches(text, connected)) << text;
      }
    }
  });
}

/// `cglab list` shows them by lesson.
TEST(Experiments, BelongToALessonThatThereIs) {
  const Names without_lesson{"protect", "reclaim", "soft"};
  for (const Experiment* const each : all_experiments()) {
    EXPECT_EQ(find_lesson(each->lesson) == nullptr,
              without_lesson.contains(each->name))
        << each->name << ": " << each->lesson;
  }
}

/// What a reader finds there is what `cglab list` says.
TEST(Experiments, AreDescribedAlikeInTheReadme) {
  for (const auto& [name, language] :
       {std::pair{"../../README.md", Language::en},
        std::pair{"../../README.zh-CN.md", Language::zh}}) {
    const std::string readme = cgroupfs::read_file(test_data(name));
    for (const Experiment* const each : all_experiments()) {
      const std::string end =
          " | " + std::string(each->summary.text(language)) + " |\n";
      const std::size_t row =
          readme.find(fmt::format("\n| `{}` | ", each->name));
      ASSERT_NE(row, std::string::npos) << name << ": " << each->name;
      const std::size_t next = readme.find('\n', row + 1);
      EXPECT_TRUE(readme.substr(row, next + 1 - row).ends_with(end))
          << readme.substr(row, next - row) << " is not" << end;
    }
  }
}

TEST(Experiments, UseEachNameOnce) {
  for_each_run([](const OneRun& run) {
    const Names cgroups = cgroups_of(run);
    const Names processes = processes_of(run);
    EXPECT_EQ(cgroups.size(), run.procedure.cgroups.size());
    EXPECT_EQ(processes.size(), run.procedure.processes.size());
    EXPECT_FALSE(cgroups.empty());
    EXPECT_FALSE(processes.empty());
    Names both = cgroups;
    both.insert(processes.begin(), processes.end());
    both.insert(all_cgroups);
    both.insert("");
    EXPECT_EQ(both.size(), cgroups.size() + processes.size() + 2);
  });
}

TEST(Experiments, HaveTheCgroupsThatTheirProcessesStartIn) {
  for_each_run([](const OneRun& run) {
    const Names cgroups = cgroups_of(run);
    for (const ProcessSpec& process : run.procedure.processes) {
      EXPECT_TRUE(cgroups.contains(process.cgroup)) << process.cgroup;
      // v2 allows no process in a cgroup that enables a controller for
      // children.
      const std::string above = process.cgroup + "/";
      EXPECT_TRUE(std::none_of(
          cgroups.begin(), cgroups.end(),
          [&](const auto& name) { return name.starts_with(above); }))
          << process.cgroup;
    }
  });
}

TEST(Experiments, CreateCgroupsBeforeTheirDescendants) {
  for_each_run([](const OneRun& run) {
    Names made;
    for (const CgroupSpec& cgroup : run.procedure.cgroups) {
      const std::size_t end = cgroup.name.rfind('/');
      EXPECT_TRUE(end == std::string::npos ||
                  made.contains(cgroup.name.substr(0, end)))
          << cgroup.name;
      made.insert(cgroup.name);
    }
    // Without a common ancestor there is only one.
    EXPECT_TRUE(run.procedure.guard || made.size() == 1);
  });
}

TEST(Experiments, SetFilesThatTheVersionHas) {
  for_each_run([](const OneRun& run) {
    for (const CgroupSpec& cgroup : run.procedure.cgroups) {
      for (const Setting& setting : cgroup.settings) {
        // v1 limits memory and swap together.
        EXPECT_TRUE(setting.file == cgroupfs::File::memory_swap_max ||
                    is_on(setting.file, run.choice.version))
            << cgroup.name << ": " << name_of(setting.file);
      }
    }
  });
}

TEST(Experiments, ReferOnlyToExistingItemsInTheirSteps) {
  for_each_run([](const OneRun& run) {
    const Names cgroups = cgroups_of(run);
    const Names processes = processes_of(run);
    for (const Step& step : run.procedure.steps) {
      switch (subject_of(step.kind)) {
        case ReadSubject::process:
          EXPECT_TRUE(processes.contains(step.subject)) << step.subject;
          break;
        case ReadSubject::cgroup:
          EXPECT_TRUE(cgroups.contains(step.subject)) << step.subject;
          break;
        case ReadSubject::mark:
          EXPECT_FALSE(Names({"", "before", "after"}).contains(step.subject));
          break;
        case ReadSubject::none:
          EXPECT_EQ(step.subject, "");
          break;
      }
      if (step.kind == Kind::move) {
        EXPECT_TRUE(cgroups.contains(step.other)) << step.other;
      }
      const bool sets = step.kind == Kind::set || step.kind == Kind::limit;
      EXPECT_EQ(step.setting.has_value(), sets);
      if (step.setting) {
        EXPECT_TRUE(is_on(step.setting->file, run.choice.version));
      }
    }
  });
}

TEST(Experiments, StartEachProcessOnceAndBeforeItIsWaitedFor) {
  for_each_run([](const OneRun& run) {
    Names started;
    for (const Step& step : run.procedure.steps) {
      if (step.kind == Kind::start) {
        EXPECT_TRUE(started.insert(step.subject).second) << step.subject;
      } else if (subject_of(step.kind) == ReadSubject::process) {
        EXPECT_TRUE(started.contains(step.subject)) << step.subject;
      }
    }
    EXPECT_EQ(started, processes_of(run));
  });
}

TEST(Experiments, LetAProcessContinueAfterEachPause) {
  for_each_run([](const OneRun& run) {
    for (const ProcessSpec& process : run.procedure.processes) {
      EXPECT_EQ(count_steps(run, Kind::go_on, process.name),
                process.pauses.size())
          << process.name;
    }
  });
}

TEST(Experiments, ReleaseOnlyFilesThatTheyHold) {
  for_each_run([](const OneRun& run) {
    for (const Step& step : run.procedure.steps) {
      if (step.kind != Kind::release_file) continue;
      // In the control run there may be none.
      const auto backing = process_named(run, step.subject).backing;
      EXPECT_TRUE(run.choice.control || backing == Backing::tmpfs);
    }
  });
}

/// Whether a kernel of that version provides `key` at all.
bool is_known_on(Version version, const std::string& key) {
  const Version other = version == Version::v1 ? Version::v2 : Version::v1;
  const bool comes_from_a_file =
      !file_of(key, version).empty() || !file_of(key, other).empty();
  return !comes_from_a_file || !file_of(key, version).empty();
}

void check_quantity(const Quantity& what, const OneRun& run) {
  Names subjects = cgroups_of(run);
  const Names processes = processes_of(run);
  subjects.insert(processes.begin(), processes.end());
  subjects.insert(all_cgroups);
  EXPECT_TRUE(subjects.contains(what.subject)) << what.subject;
  EXPECT_TRUE(what.mark == "before" || what.mark == "after" ||
              count_steps(run, Kind::mark, what.mark) == 1)
      << what.mark;
}

TEST(Experiments, ClaimOnlyReadingsThatExist) {
  for_each_run([](const OneRun& run) {
    for (const Claim& claim : run.procedure.claims) {
      SCOPED_TRACE(claim.text.text(Language::en));
      check_quantity(claim.what, run);
      EXPECT_TRUE(claim.may_be_unknown ||
                  is_known_on(run.choice.version, claim.what.key));
      const auto* const other = std::get_if<Quantity>(&claim.operand);
      if (other) check_quantity(*other, run);
    }
  });
}

/// So that reports show the predicted time.
TEST(Experiments, ClaimWhatTheyPredict) {
  for_each_run([](const OneRun& run) {
    const auto& claims = run.procedure.claims;
    for (const Step& step : run.procedure.steps) {
      if (step.kind != Kind::predict) continue;
      EXPECT_TRUE(
          std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) {
            return claim.what.key == "predicted_ms" &&
                   claim.what.subject == step.subject;
          }));
    }
  });
}

/// Else a control run could show nothing, and a run prove nothing.
TEST(Experiments, HaveAClaimThatTheCauseDecides) {
  for_each_run([](const OneRun& run) {
    const auto& claims = run.procedure.claims;
    const bool makes_claims = !run.experiment.sized_by_user;
    EXPECT_EQ(claims.empty(), !makes_claims);
    EXPECT_EQ(
        std::any_of(claims.begin(), claims.end(),
                    [](const Claim& claim) { return claim.decided_by_cause; }),
        makes_claims);
  });
}

/// The two runs differ in a process, a setting or a step.
TEST(Experiments, RemoveTheCauseInTheControlRun) {
  const auto depends = [](const auto& items) {
    return std::any_of(items.begin(), items.end(), [](const auto& item) {
      return item.when.control.has_value();
    });
  };
  for (const Experiment* const each : all_experiments()) {
    // The plan makes their hog allocate less.
    if (each->sized_by_user) continue;
    const Procedure& procedure = each->procedure;
    const bool in_settings = std::any_of(
        procedure.cgroups.begin(), procedure.cgroups.end(),
        [&](const CgroupSpec& cgroup) { return depends(cgroup.settings); });
    EXPECT_TRUE(in_settings || depends(procedure.processes) ||
                depends(procedure.steps))
        << each->name;
  }
}

}  // namespace
}  // namespace lab
