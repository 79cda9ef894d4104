// SPDX-License-Identifier: MIT
#include "lab/command/oom_options.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using cgroupfs::Version;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Arguments = std::vector<std::string>;

std::string refusal(const Arguments& arguments) {
  return error_text<UsageError>([&] { parse_oom_options(arguments); });
}

TEST(OomOptions, are_all_left_out_without_arguments) {
  const OomOptions options = parse_oom_options({});
  const Parameters& asked = options.parameters;
  EXPECT_EQ(asked.limit, std::nullopt);
  EXPECT_EQ(asked.swap, Limit::of(Bytes{0}));
  EXPECT_EQ(asked.total, std::nullopt);
  EXPECT_EQ(asked.block, std::nullopt);
  EXPECT_EQ(asked.ramp, std::nullopt);
  EXPECT_EQ(asked.poll, std::nullopt);
  EXPECT_EQ(asked.timeout, std::nullopt);
  EXPECT_EQ(asked.order, Order::limit_first);
  EXPECT_EQ(asked.version, std::nullopt);
  EXPECT_EQ(asked.parent, std::nullopt);
  EXPECT_FALSE(asked.keep);
  EXPECT_EQ(options.outputs.json, std::nullopt);
  EXPECT_EQ(options.color, ColorChoice::automatic);
  EXPECT_EQ(options.verbosity, Verbosity::normal);
  EXPECT_FALSE(options.dry_run);
  EXPECT_FALSE(options.help);
}

TEST(OomOptions, reads_each_option) {
  const OomOptions options = parse_oom_options(
      {"--limit",  "100M",     "--swap",    "1M",     "--total=150M",
       "--block",  "10M",      "--ramp",    "200ms",  "--poll=5ms",
       "--order",  "course",   "--timeout", "9s",     "--cgroup",
       "v1",       "--parent", "/a b",      "--keep", "--json",
       "out.json", "--color",  "never",     "-v"});
  const Parameters& asked = options.parameters;
  EXPECT_EQ(asked.limit, Bytes{100 * mebi});
  EXPECT_EQ(asked.swap, Limit::of(Bytes{mebi}));
  EXPECT_EQ(asked.total, Bytes{150 * mebi});
  EXPECT_EQ(asked.block, Bytes{10 * mebi});
  EXPECT_EQ(asked.ramp, milliseconds(200));
  EXPECT_EQ(asked.poll, milliseconds(5));
  EXPECT_EQ(asked.timeout, seconds(9));
  EXPECT_EQ(asked.order, Order::course);
  EXPECT_EQ(asked.version, Version::v1);
  EXPECT_EQ(asked.parent, "/a b");
  EXPECT_TRUE(asked.keep);
  EXPECT_EQ(options.outputs.json, "out.json");
  EXPECT_EQ(options.color, ColorChoice::never);
  EXPECT_EQ(options.verbosity, Verbosity::verbose);
  EXPECT_TRUE(parse_oom_options({"--dry-run"}).dry_run);
}

TEST(OomOptions, knows_every_word_of_a_choice) {
  EXPECT_EQ(parse_oom_options({"--cgroup", "auto"}).parameters.version,
            std::nullopt);
  EXPECT_EQ(parse_oom_options({"--cgroup=v2"}).parameters.version, Version::v2);
  EXPECT_EQ(parse_oom_options({"--order=limit-first"}).parameters.order,
            Order::limit_first);
  EXPECT_EQ(parse_oom_options({"--swap=max"}).parameters.swap, Limit::max());
  EXPECT_EQ(parse_oom_options({"--color=always"}).color, ColorChoice::always);
  EXPECT_EQ(parse_oom_options({"--color=auto"}).color, ColorChoice::automatic);
  EXPECT_EQ(parse_oom_options({"--ramp", "0"}).parameters.ramp, seconds(0));
}

TEST(OomOptions, take_a_dash_for_standard_output) {
  EXPECT_EQ(parse_oom_options({"--json", "-"}).outputs.json, "-");
  EXPECT_EQ(parse_oom_options({"--json=-"}).outputs.json, "-");
  EXPECT_TRUE(parse_oom_options({"--csv=-"}).outputs.take_stdout());
  EXPECT_FALSE(parse_oom_options({"--html=x"}).outputs.take_stdout());
  EXPECT_THROW(parse_oom_options({"--html=-", "--json=-"}), UsageError);
  EXPECT_THROW(parse_oom_options({"--html", "--json=-"}), UsageError);
}

TEST(OomOptions, have_short_forms) {
  EXPECT_EQ(parse_oom_options({"-q"}).verbosity, Verbosity::quiet);
  EXPECT_EQ(parse_oom_options({"--quiet"}).verbosity, Verbosity::quiet);
  EXPECT_EQ(parse_oom_options({"--verbose"}).verbosity, Verbosity::verbose);
  EXPECT_TRUE(parse_oom_options({"-h"}).help);
  EXPECT_TRUE(parse_oom_options({"--help"}).help);
}

TEST(OomOptions, name_the_option_and_the_value_that_is_wrong) {
  struct {
    Arguments arguments;
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
      {{"--parent", ""}, "--parent: ", "missing"},
      {{"--json", ""}, "--json: ", "missing"},
  };
  for (const auto& c : cases) {
    const std::string error = refusal(c.arguments);
    EXPECT_TRUE(error.starts_with(c.option)) << error;
    EXPECT_TRUE(has(error, c.value));
  }
}

TEST(OomOptions, tell_what_may_be_taken_instead) {
  EXPECT_TRUE(has(refusal({"--order=x"}), "limit-first or course"));
  EXPECT_TRUE(has(refusal({"--cgroup=x"}), "auto, v1 or v2"));
  EXPECT_TRUE(has(refusal({"--color=x"}), "auto, always or never"));
}

TEST(OomOptions, refuse_what_they_do_not_know_by_name) {
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

TEST(OomOptions, want_their_value_and_only_once) {
  EXPECT_TRUE(has(refusal({"--limit"}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit="}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit", "--keep"}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit=1M", "--limit=2M"}), "--limit"));
  EXPECT_TRUE(has(refusal({"--limit=1M", "--limit=2M"}), "more than once"));
}

TEST(OomOptions, exclude_each_other_where_they_make_no_sense_together) {
  EXPECT_TRUE(has(refusal({"-q", "-v"}), "--quiet and --verbose"));
  EXPECT_TRUE(has(refusal({"--dry-run", "--json=x"}), "there is no record"));
  EXPECT_TRUE(has(refusal({"--explain", "-q"}), "--explain tells of a run"));
  EXPECT_TRUE(has(refusal({"--explain", "--dry-run"}), "--explain tells"));
}

TEST(OomOptionsHelp, names_every_option_of_the_contract) {
  const std::string help = oom_options_help();
  for (const char* option :
       {"--limit SIZE", "--swap SIZE|max", "--total SIZE", "--block SIZE",
        "--ramp TIME", "--order limit-first|course", "--cgroup auto|v1|v2",
        "--parent PATH", "--poll TIME", "--timeout TIME", "--keep", "--dry-run",
        "--json FILE|-", "--quiet", "--verbose", "--explain", "--lang en|zh",
        "--color auto|always|never", "--help"}) {
    EXPECT_TRUE(has(help, option));
  }
  EXPECT_EQ(help.find("positional"), help.npos);
}

TEST(OomOptions, take_less_than_the_limit_in_the_control_run) {
  const OomOptions options = parse_oom_options({"--control", "--limit", "8M"});
  EXPECT_TRUE(options.parameters.control);
  EXPECT_EQ(make_plan("oom", options.parameters).total, Bytes{6 * mebi});
  EXPECT_NE(refusal({"--control", "--total", "4M"}), "");
  EXPECT_NE(refusal({"--control", "--order", "course"}), "");
}

}  // namespace
}  // namespace lab
