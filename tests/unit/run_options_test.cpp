// SPDX-License-Identifier: MIT
#include "lab/command/run_options.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "lab/base/errors.h"
#include "lab/experiments/experiment.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using cgroupfs::Version;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Words = std::vector<std::string>;

RunOptions options_of(const std::string& experiment, const Words& arguments) {
  return parse_run_options(&experiment_named(experiment), arguments);
}

RunOptions oom_options(const Words& arguments) {
  return options_of("oom", arguments);
}

/// Of `cglab run` for "".
std::string help_of(const std::string& experiment) {
  return help_text(
      "x",
      describe_run(experiment.empty() ? nullptr
                                      : &experiment_named(experiment)),
      80);
}

std::string refusal_of(const std::string& experiment, const Words& arguments) {
  return error_text<UsageError>([&] { options_of(experiment, arguments); });
}

std::string refusal(const Words& arguments) {
  return refusal_of("oom", arguments);
}

/// For `cglab run`.
Plan command_plan(const Words& arguments) {
  return make_command_plan(parse_run_options(nullptr, arguments).parameters);
}

std::string command_refusal(const Words& arguments) {
  return error_text<UsageError>([&] { command_plan(arguments); });
}

TEST(OomOptions, have_defaults_without_arguments) {
  const RunOptions options = oom_options({});
  const Parameters& asked = options.parameters;
  EXPECT_EQ(asked.limit, std::nullopt);
  EXPECT_EQ(asked.swap, std::nullopt);
  EXPECT_EQ(asked.total, std::nullopt);
  EXPECT_EQ(asked.block, std::nullopt);
  EXPECT_EQ(asked.ramp, std::nullopt);
  EXPECT_EQ(asked.poll, std::nullopt);
  EXPECT_EQ(asked.timeout, std::nullopt);
  EXPECT_EQ(asked.version, std::nullopt);
  EXPECT_EQ(asked.parent, std::nullopt);
  EXPECT_FALSE(asked.keep);
  EXPECT_FALSE(asked.control);
  EXPECT_FALSE(options.course_order);
  EXPECT_TRUE(options.on.empty());
  EXPECT_EQ(options.outputs.json, std::nullopt);
  EXPECT_EQ(options.color, ColorChoice::automatic);
  EXPECT_EQ(options.verbosity, Verbosity::normal);
  EXPECT_FALSE(options.with_control);
  EXPECT_FALSE(options.explain);
  EXPECT_FALSE(options.dry_run);
}

TEST(OomOptions, reads_each_option) {
  const RunOptions options = oom_options(
      {"--limit",  "100M",     "--swap",    "1M",     "--total=150M",
       "--block",  "10M",      "--ramp",    "200ms",  "--poll=5ms",
       "--order",  "course",   "--timeout", "9s",     "--cgroup",
       "v1",       "--parent", "/a b",      "--keep", "--json",
       "out.json", "--color",  "never",     "-v",     "--explain"});
  const Parameters& asked = options.parameters;
  EXPECT_EQ(asked.limit, Bytes{100 * mebi});
  EXPECT_EQ(asked.swap, Limit::of(Bytes{mebi}));
  EXPECT_EQ(asked.total, Bytes{150 * mebi});
  EXPECT_EQ(asked.block, Bytes{10 * mebi});
  EXPECT_EQ(asked.ramp, milliseconds(200));
  EXPECT_EQ(asked.poll, milliseconds(5));
  EXPECT_EQ(asked.timeout, seconds(9));
  EXPECT_EQ(asked.version, Version::v1);
  EXPECT_EQ(asked.parent, "/a b");
  EXPECT_TRUE(asked.keep);
  EXPECT_TRUE(options.course_order);
  EXPECT_EQ(options.outputs.json, "out.json");
  EXPECT_EQ(options.color, ColorChoice::never);
  EXPECT_EQ(options.verbosity, Verbosity::verbose);
  EXPECT_TRUE(options.explain);
  EXPECT_TRUE(oom_options({"--dry-run"}).dry_run);
  EXPECT_TRUE(oom_options({"--control"}).parameters.control);
  EXPECT_TRUE(oom_options({"--with-control"}).with_control);
  EXPECT_EQ(oom_options({"--on", "v2,v1"}).on,
            (std::vector{Version::v2, Version::v1}));
}

TEST(OomOptions, accepts_every_word_of_a_choice) {
  EXPECT_EQ(oom_options({"--cgroup", "auto"}).parameters.version, std::nullopt);
  EXPECT_EQ(oom_options({"--cgroup=v2"}).parameters.version, Version::v2);
  EXPECT_FALSE(oom_options({"--order=limit-first"}).course_order);
  EXPECT_EQ(oom_options({"--swap=max"}).parameters.swap, Limit::max());
  EXPECT_EQ(oom_options({"--color=always"}).color, ColorChoice::always);
  EXPECT_EQ(oom_options({"--color=auto"}).color, ColorChoice::automatic);
  EXPECT_EQ(oom_options({"--ramp", "0"}).parameters.ramp, seconds(0));
  EXPECT_EQ(oom_options({"--lang", "zh"}).language, Language::zh);
}

TEST(OomOptions, accept_a_dash_for_standard_output) {
  EXPECT_EQ(oom_options({"--json", "-"}).outputs.json, "-");
  EXPECT_EQ(oom_options({"--json=-"}).outputs.json, "-");
  EXPECT_TRUE(oom_options({"--csv=-"}).outputs.take_stdout());
  EXPECT_FALSE(oom_options({"--html=x"}).outputs.take_stdout());
  EXPECT_THROW(oom_options({"--html=-", "--json=-"}), UsageError);
  EXPECT_THROW(oom_options({"--html", "--json=-"}), UsageError);
}

TEST(OomOptions, have_short_forms) {
  EXPECT_EQ(oom_options({"-q"}).verbosity, Verbosity::quiet);
  EXPECT_EQ(oom_options({"--quiet"}).verbosity, Verbosity::quiet);
  EXPECT_EQ(oom_options({"--verbose"}).verbosity, Verbosity::verbose);
}

TEST(OomOptions, name_the_option_and_the_value_that_is_wrong) {
  struct {
    Words arguments;
    const char* option;
    const char* value;
  } cases[] = {
      {{"--limit", "100MB"}, "--limit: ", "'100MB'"},
      {{"--limit", ""}, "--limit: ", "''"},
      {{"--limit=max"}, "--limit: ", "'max'"},
      {{"--swap=none"}, "--swap: ", "'none'"},
      {{"--total=x"}, "--total: ", "'x'"},
      {{"--block=1.5"}, "--block: ", "'1.5'"},
      {{"--ramp=3"}, "--ramp: ", "'3'"},
      {{"--poll=fast"}, "--poll: ", "'fast'"},
      {{"--timeout=1d"}, "--timeout: ", "'1d'"},
      {{"--order=random"}, "--order: ", "'random'"},
      {{"--cgroup=v3"}, "--cgroup: ", "'v3'"},
      {{"--color=red"}, "--color: ", "red"},
      {{"--parent", ""}, "--parent: ", "is empty"},
      {{"--json", ""}, "--json: ", "is empty"},
  };
  for (const auto& c : cases) {
    const std::string error = refusal(c.arguments);
    EXPECT_TRUE(error.starts_with(c.option)) << error;
    EXPECT_TRUE(has(error, c.value));
  }
}

TEST(OomOptions, say_what_may_be_used_instead) {
  EXPECT_TRUE(has(refusal({"--order=x"}), "limit-first or course"));
  EXPECT_TRUE(has(refusal({"--cgroup=x"}), "auto, v1 or v2"));
  EXPECT_TRUE(has(refusal({"--color=x"}), "auto, always or never"));
}

TEST(OomOptions, name_unknown_options) {
  EXPECT_TRUE(has(refusal({"--limti", "1M"}), "--limti"));
  EXPECT_TRUE(has(refusal({"-x"}), "-x"));
  EXPECT_TRUE(has(refusal({"surplus"}), "unexpected argument 'surplus'"));
  EXPECT_TRUE(has(refusal({"--keep", "--", "rest"}), "'rest'"));
  EXPECT_TRUE(has(refusal({"--keep=1"}), "--keep"));
}

TEST(OomOptions, cannot_be_abbreviated) {
  EXPECT_TRUE(has(refusal({"--lim", "1M"}), "--lim"));
  EXPECT_TRUE(has(refusal({"--dry"}), "--dry"));
}

TEST(OomOptions, need_their_value_only_once) {
  EXPECT_TRUE(has(refusal({"--limit"}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit="}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit", "--keep"}), "--limit"));
  EXPECT_EQ(refusal({"--limit=1M", "--limit=2M"}), "--limit is given twice");
}

TEST(OomOptions, exclude_each_other_where_they_make_no_sense_together) {
  EXPECT_TRUE(has(refusal({"-q", "-v"}), "--quiet and --verbose"));
  EXPECT_TRUE(has(refusal({"--dry-run", "--json=x"}),
                  "cannot be combined with --json"));
  EXPECT_TRUE(has(refusal({"--dry-run", "--html=x"}),
                  "cannot be combined with --json"));
  EXPECT_TRUE(
      has(refusal({"--dry-run", "--csv=x"}), "cannot be combined with --json"));
  EXPECT_TRUE(
      has(refusal({"--explain", "-q"}), "--explain cannot be combined"));
  EXPECT_TRUE(
      has(refusal({"--explain", "--dry-run"}), "--explain cannot be combined"));
  for (const char* const other : {"--explain", "--quiet", "--dry-run"}) {
    EXPECT_TRUE(has(refusal({"--brief", other}), "--brief cannot be combined"));
  }
  EXPECT_TRUE(
      has(refusal({"--on=v1", "--brief"}), "--brief cannot be combined"));
}

TEST(OomOptionsHelp, names_every_option_of_the_contract) {
  const std::string help = help_of("oom");
  for (const char* option : {"--limit SIZE",
                             "--swap SIZE|max",
                             "--total SIZE",
                             "--block SIZE",
                             "--ramp TIME",
                             "--control",
                             "--with-control",
                             "--order limit-first|course",
                             "--cgroup auto|v1|v2",
                             "--on v1,v2",
                             "--parent PATH",
                             "--poll TIME",
                             "--timeout TIME",
                             "--keep",
                             "--dry-run",
                             "--json FILE|-",
                             "--html FILE|-",
                             "--csv FILE|-",
                             "--quiet",
                             "--verbose",
                             "--explain",
                             "--lang en|zh",
                             "--brief",
                             "--color auto|always|never"}) {
    EXPECT_TRUE(has(help, option));
  }
  EXPECT_EQ(help.find("positional"), help.npos);
}

TEST(OomOptions, allocate_less_than_the_limit_in_the_control_run) {
  const RunOptions options = oom_options({"--control", "--limit", "8M"});
  EXPECT_TRUE(options.parameters.control);
  EXPECT_EQ(make_plan(experiment_named("oom"), options.parameters).total,
            Bytes{6 * mebi});
  EXPECT_TRUE(has(refusal({"--control", "--total", "4M"}), "--total"));
}

/// The control run of the course's order is that of the course.
TEST(OomOptions, have_a_control_run_in_the_courses_order) {
  const RunOptions options =
      oom_options({"--control", "--order", "course", "--limit", "8M"});
  EXPECT_TRUE(options.course_order);
  EXPECT_EQ(make_plan(experiment_named("course"), options.parameters).total,
            Bytes{6 * mebi});
}

TEST(WithControl, is_refused_with_options_of_a_single_run) {
  for (const Words& more :
       {Words{"--control"}, Words{"--total", "4M"}, Words{"--keep"},
        Words{"--dry-run"}, Words{"--csv", "x.csv"}, Words{"--on", "v1"}}) {
    Words words{"--with-control"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_TRUE(has(refusal(words), more.front() + " cannot be combined"));
  }
  EXPECT_TRUE(
      has(refusal({"--with-control", "--json=-"}), "needs a file name"));
  EXPECT_TRUE(has(refusal_of("leak", {"--with-control", "--keep"}),
                  "--keep cannot be combined"));
  EXPECT_TRUE(has(command_refusal({"--with-control", "--csv=x", "--", "a"}),
                  "--csv cannot be combined"));
}

TEST(WithControl, can_be_combined_with_a_page_and_a_record) {
  const RunOptions options =
      oom_options({"--with-control", "--json", "r.json", "--html=-"});
  EXPECT_TRUE(options.with_control);
  EXPECT_FALSE(options.parameters.control);
  EXPECT_EQ(options.outputs.json, "r.json");
  EXPECT_TRUE(options_of("leak", {"--with-control"}).with_control);
}

TEST(ExperimentOptions, are_those_of_every_run) {
  const RunOptions options = options_of(
      "leak",
      {"--limit",   "64M",      "--swap", "max",    "--ramp", "4s",
       "--control", "--cgroup", "v2",     "--poll", "1ms",    "--timeout",
       "9s",        "--parent", "/p",     "-q",     "--keep", "--json",
       "j",         "--html",   "h",      "--csv",  "c",      "--color",
       "always",    "--lang",   "zh"});
  const Parameters& asked = options.parameters;
  EXPECT_EQ(asked.limit, Bytes{64 * mebi});
  EXPECT_EQ(asked.swap, Limit::max());
  EXPECT_EQ(asked.ramp, seconds(4));
  EXPECT_TRUE(asked.control);
  EXPECT_EQ(asked.version, Version::v2);
  EXPECT_EQ(asked.poll, milliseconds(1));
  EXPECT_EQ(asked.timeout, seconds(9));
  EXPECT_EQ(asked.parent, "/p");
  EXPECT_TRUE(asked.keep);
  EXPECT_EQ(options.verbosity, Verbosity::quiet);
  EXPECT_EQ(options.outputs.json, "j");
  EXPECT_EQ(options.outputs.html, "h");
  EXPECT_EQ(options.outputs.csv, "c");
  EXPECT_EQ(options.color, ColorChoice::always);
  EXPECT_EQ(options.language, Language::zh);
  EXPECT_TRUE(options_of("leak", {"--explain"}).explain);
  EXPECT_TRUE(options_of("leak", {"--dry-run"}).dry_run);
}

/// With its own swap limit, or memory that is allocated in one call, they have
/// no effect.
TEST(ExperimentOptions, refuse_meaningless_options) {
  const struct {
    const char* experiment;
    const char* option;
  } meaningless[] = {
      {"leak", "--total"},  {"leak", "--block"},   {"leak", "--order"},
      {"leak", "--high"},   {"leak", "--pids"},    {"swap", "--swap"},
      {"locked", "--ramp"}, {"course", "--order"}, {"oom", "--high"},
      {"oom", "--pids"},
  };
  for (const auto& each : meaningless) {
    EXPECT_TRUE(
        has(refusal_of(each.experiment, {each.option, "1M"}), each.option))
        << each.experiment;
    EXPECT_FALSE(has(help_of(each.experiment), std::string(each.option) + " "))
        << each.experiment;
  }
  for (const char* const option : {"--env", "--oom-group"}) {
    EXPECT_TRUE(has(refusal_of("leak", {option}), option));
  }
}

TEST(ExperimentOptions, accept_a_ramp_where_a_process_has_one) {
  for (const char* const experiment : {"oom", "course", "leak", "move", "swap",
                                       "untouched", "page-cache", "tmpfs"}) {
    EXPECT_EQ(options_of(experiment, {"--ramp", "1s"}).parameters.ramp,
              seconds(1))
        << experiment;
  }
}

TEST(ExperimentOptions, of_the_course_size_its_hog) {
  const RunOptions options =
      options_of("course", {"--total", "30M", "--block", "3M"});
  EXPECT_EQ(options.parameters.total, Bytes{30 * mebi});
  EXPECT_EQ(options.parameters.block, Bytes{3 * mebi});
  EXPECT_FALSE(options.course_order);
}

TEST(CommandOptions, pass_everything_after_the_mark_to_the_command) {
  const Words command{"prog", "--limit", "1M", "--", "-v"};
  Words arguments{"--limit", "100M", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const Plan plan = command_plan(arguments);
  EXPECT_EQ(plan.command, command);
  EXPECT_EQ(plan.limit, Limit::of(Bytes{100 * mebi}));
}

TEST(CommandOptions, limit_swap_only_with_a_limit) {
  EXPECT_EQ(command_plan({"--", "a"}).swap, Limit::max());
  EXPECT_EQ(command_plan({"--", "a"}).limit, Limit::max());
  EXPECT_EQ(command_plan({"--limit", "2M", "--", "a"}).swap,
            Limit::of(Bytes{0}));
  EXPECT_EQ(command_plan({"--limit", "2M", "--swap", "max", "--", "a"}).swap,
            Limit::max());
  EXPECT_EQ(command_plan({"--swap", "3M", "--", "a"}).swap,
            Limit::of(Bytes{3 * mebi}));
  EXPECT_EQ(command_plan({"--swap", "0", "--", "a"}).swap, Limit::of(Bytes{0}));
}

TEST(CommandOptions, have_no_deadline_unless_asked_for) {
  EXPECT_EQ(command_plan({"--", "a"}).timeout, std::nullopt);
  EXPECT_EQ(command_plan({"--timeout", "2s", "--", "a"}).timeout,
            std::chrono::seconds(2));
}

TEST(CommandOptions, accept_all_limits) {
  const Parameters asked =
      parse_run_options(nullptr, {"--high", "8M", "--oom-group", "--pids", "12",
                                  "--env", "--", "a"})
          .parameters;
  EXPECT_EQ(asked.high, Bytes{8 * mebi});
  EXPECT_TRUE(asked.oom_group);
  EXPECT_EQ(asked.pids, 12u);
  EXPECT_TRUE(asked.limits_in_environment);
}

TEST(CommandOptions, have_the_files_and_the_story_of_a_run) {
  const RunOptions options = parse_run_options(
      nullptr, {"--json", "j", "--html=h", "--csv=c", "--explain", "--lang=zh",
                "--keep", "-v", "--", "a"});
  EXPECT_EQ(options.outputs.json, "j");
  EXPECT_EQ(options.outputs.html, "h");
  EXPECT_EQ(options.outputs.csv, "c");
  EXPECT_TRUE(options.explain);
  EXPECT_EQ(options.language, Language::zh);
  EXPECT_TRUE(options.parameters.keep);
  EXPECT_EQ(options.verbosity, Verbosity::verbose);
  EXPECT_TRUE(parse_run_options(nullptr, {"--dry-run", "--", "a"}).dry_run);
  EXPECT_TRUE(
      parse_run_options(nullptr, {"--with-control", "--", "a"}).with_control);
}

/// Standard output belongs to the command.
TEST(CommandOptionsHelp, names_files_alone_for_the_record) {
  const std::string help = help_of("");
  for (const char* const option :
       {"--limit SIZE", "--high SIZE", "--swap SIZE|max", "--oom-group",
        "--pids N", "--env", "--control", "--with-control",
        "--cgroup auto|v1|v2", "--parent PATH", "--poll TIME", "--timeout TIME",
        "--keep", "--dry-run", "--json FILE ", "--html FILE ", "--csv FILE ",
        "--explain", "--lang en|zh"}) {
    EXPECT_TRUE(has(help, option));
  }
  EXPECT_EQ(help.find("FILE|-"), help.npos);
}

TEST(CommandOptions, want_a_command_behind_the_mark) {
  EXPECT_TRUE(has(command_refusal({}), "no command"));
  EXPECT_TRUE(has(command_refusal({"--"}), "no command"));
  EXPECT_TRUE(has(command_refusal({"--", ""}), "empty"));
  EXPECT_TRUE(has(command_refusal({"true"}), "'true'"));
  EXPECT_TRUE(has(command_refusal({"true"}), "cglab run -- true"));
}

TEST(CommandOptions, refuse_meaningless_values) {
  EXPECT_TRUE(
      has(command_refusal({"--json", "-", "--", "a"}), "give a file name"));
  EXPECT_TRUE(
      has(command_refusal({"--html", "-", "--", "a"}), "give a file name"));
  EXPECT_TRUE(
      has(command_refusal({"--csv", "-", "--", "a"}), "give a file name"));
  EXPECT_TRUE(has(command_refusal({"--pids", "0", "--", "a"}), "--pids"));
  EXPECT_TRUE(has(command_refusal({"--pids", "-1", "--", "a"}), "--pids"));
  EXPECT_TRUE(has(command_refusal({"--pids", "x", "--", "a"}), "'x'"));
  EXPECT_TRUE(has(command_refusal({"--limit", "4K", "--", "a"}), "--limit"));
  EXPECT_TRUE(has(command_refusal({"--high", "4K", "--", "a"}), "--high"));
  EXPECT_TRUE(has(command_refusal({"--timeout", "0", "--", "a"}), "--timeout"));
}

TEST(CommandOptions, refuse_options_of_experiments) {
  for (const char* const option :
       {"--total", "--block", "--ramp", "--order", "--on"}) {
    EXPECT_TRUE(has(command_refusal({option, "v1", "--", "a"}), option));
    EXPECT_FALSE(has(help_of(""), std::string(option).append(" ")));
  }
}

}  // namespace
}  // namespace lab
