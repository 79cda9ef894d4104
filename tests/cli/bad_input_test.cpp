// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

/// A command line that cannot be understood, and what the message has to name.
struct Mistake {
  Words arguments;
  Words named;
};

std::ostream& operator<<(std::ostream& stream, const Mistake& mistake) {
  for (const std::string& word : mistake.arguments) stream << word << ' ';
  return stream;
}

class BadInput : public testing::TestWithParam<Mistake> {};

TEST_P(BadInput, IsRefusedByName) {
  const Ending ending = cglab(GetParam().arguments);
  EXPECT_EQ(ending.status, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err.find("cglab: "), 0u) << ending.err;
  for (const std::string& part : GetParam().named) {
    EXPECT_TRUE(has(ending.err, part));
  }
  EXPECT_TRUE(has(ending.err, "\nTry 'cglab"));
  EXPECT_EQ(groups_of(ending.pid), Words());
}

Mistake value(const std::string& option, const std::string& text,
              const std::string& hint = "") {
  return {{"oom", option, text}, {option, text, hint}};
}

INSTANTIATE_TEST_SUITE_P(
    Commands, BadInput,
    testing::Values(Mistake{{"bogus"}, {"'bogus'"}},
                    Mistake{{"--bogus"}, {"--bogus"}}, Mistake{{""}, {"''"}},
                    Mistake{{"oom", "--bogus"}, {"--bogus"}},
                    Mistake{{"oom", "-z"}, {"-z"}},
                    Mistake{{"oom", "100M"}, {"'100M'"}},
                    Mistake{{"oom", "--", "x"}, {"'x'"}},
                    Mistake{{"clean", "--bogus"}, {"--bogus"}},
                    Mistake{{"clean", "all"}, {"'all'"}},
                    Mistake{{"clean", "--limit", "1M"}, {"--limit"}}));

INSTANTIATE_TEST_SUITE_P(
    Options, BadInput,
    testing::Values(
        Mistake{{"oom", "--lim", "100M"}, {"--lim"}},
        Mistake{{"oom", "--limi=100M"}, {"--limi"}},
        Mistake{{"oom", "--dry"}, {"--dry"}},
        Mistake{{"oom", "--limit"}, {"--limit needs a value"}},
        Mistake{{"oom", "--color"}, {"--color needs a value"}},
        Mistake{{"oom", "--json"}, {"--json needs a value"}},
        Mistake{{"oom", "--limit="}, {"--limit"}},
        Mistake{{"oom", "--json="}, {"--json"}},
        Mistake{{"oom", "--json", "--quiet"}, {"--json needs", "./--quiet"}},
        Mistake{{"oom", "--json", ""}, {"--json", "empty"}},
        Mistake{{"oom", "--parent", ""}, {"--parent", "empty"}},
        Mistake{{"oom", "--limit", "8M", "--limit", "9M"},
                {"--limit is given twice"}},
        Mistake{{"oom", "--keep", "--keep"}, {"--keep is given twice"}},
        Mistake{{"oom", "--keep=yes"}, {"--keep"}},
        Mistake{{"oom", "--quiet", "--verbose"}, {"--quiet", "--verbose"}},
        Mistake{{"oom", "-q", "-v"}, {"--quiet", "--verbose"}},
        Mistake{{"oom", "--dry-run", "--json", "-"}, {"--dry-run", "--json"}},
        value("--order", "backwards", "limit-first or course"),
        value("--order", "", "limit-first or course"),
        value("--cgroup", "v3", "auto, v1 or v2"),
        value("--cgroup", "1", "auto, v1 or v2"),
        value("--color", "red", "auto, always or never"),
        value("--color", "", "auto, always or never"),
        value("--parent", "/no/such/cgroup", "no such cgroup under"),
        value("--parent", "../../..", "no such cgroup under")));

INSTANTIATE_TEST_SUITE_P(
    Sizes, BadInput,
    testing::Values(value("--limit", "100MB", "write 100M or 100MiB"),
                    value("--limit", "1.5gb", "write 1.5G or 1.5GiB"),
                    value("--total", "100kB", "write 100K or 100KiB"),
                    value("--limit", "-5"), value("--limit", "-100M"),
                    value("--limit", "+100M"), value("--limit", ""),
                    value("--limit", "abc"), value("--limit", "M"),
                    value("--limit", "1.5", "invalid size"),
                    value("--limit", "1.5b"), value("--limit", ".5M"),
                    value("--limit", "5.M"), value("--limit", "1.2.3M"),
                    value("--limit", "1e3"), value("--limit", "0x100000"),
                    value("--limit", " 8M"), value("--limit", "8M "),
                    value("--limit", "8 M"), value("--limit", "8MM"),
                    value("--limit", "8MiBs"), value("--limit", "max"),
                    value("--limit", "nan"), value("--limit", "inf"),
                    value("--swap", "maximum"), value("--swap", "-1"),
                    value("--block", "ten"), value("--total", "1E")));

INSTANTIATE_TEST_SUITE_P(
    SizesOutOfRange, BadInput,
    testing::Values(
        value("--limit", "0", "too small"),
        Mistake{{"oom", "--limit", "4096"}, {"--limit 4K", "too small"}},
        value("--limit", "1023K", "1 MiB (1048576 bytes)"),
        value("--limit", "9000000T", "too large"),
        value("--limit", "18446744073709551615", "too large"),
        value("--limit", "18446744073709551616", "too large"),
        value("--limit", "99999999999999999999999", "too large"),
        value("--swap", "99999999999T", "too large"),
        value("--total", "0", "larger than 0"),
        value("--block", "0", "larger than 0"),
        Mistake{{"course", "--limit", "8M", "--total", "3M", "--block", "2M"},
                {"--total 3M", "--block 2M", "use at least 4M"}},
        Mistake{{"course", "--limit", "16M", "--control", "--block", "20M"},
                {"--block 20M", "12M in all", "use at most 6M"}},
        Mistake{{"run", "--pids", "4194305", "--", "true"},
                {"--pids 4194305", "use at most 4194304"}},
        Mistake{{"oom", "--on", "v3"}, {"'v3'", "use v1, v2 or v1,v2"}},
        Mistake{{"oom", "--on", "auto"}, {"'auto'", "use v1, v2 or v1,v2"}}));

INSTANTIATE_TEST_SUITE_P(
    Times, BadInput,
    testing::Values(
        value("--ramp", "3", "a number with a unit"), value("--ramp", "abc"),
        value("--ramp", ""), value("--ramp", "s"), value("--ramp", "-3s"),
        value("--ramp", "3sec"), value("--ramp", "3 s"),
        value("--ramp", "1e3s"), value("--ramp", "3d"),
        value("--ramp", "99999999999h", "too long"),
        value("--ramp", "99999999999999999999999s", "too long"),
        value("--timeout", "0", "longer than 0"), value("--timeout", "-1s"),
        value("--timeout", "soon"), value("--poll", "0", "at least 100us"),
        value("--poll", "99us", "at least 100us"), value("--poll", "10")));

TEST(BadInputOfAnyBytes, IsRefusedAndNotACrash) {
  const std::string long_one(100000, '9');
  for (const std::string& text :
       {long_one, long_one + "M", std::string("\xff\xfe"), std::string("1\n"),
        std::string("1;reboot"), std::string("%s%n"), std::string("{}")}) {
    for (const char* const option : {"--limit", "--ramp"}) {
      const Ending ending = cglab({"oom", option, text});
      EXPECT_EQ(ending.status, 2) << option << " " << text.substr(0, 20);
      EXPECT_TRUE(has(ending.err, option));
    }
  }
}

}  // namespace
}  // namespace cli_test
