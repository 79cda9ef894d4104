// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/shebang.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

TEST(Shebang, names_an_interpreter_and_one_argument) {
  EXPECT_EQ(parse_shebang("#!/bin/sh\necho\n"), (Shebang{"/bin/sh", ""}));
  EXPECT_EQ(parse_shebang("#! \t/bin/sh -e  -x \necho\n"),
            (Shebang{"/bin/sh", "-e  -x"}));
  EXPECT_EQ(parse_shebang("#!/bin/sh"), (Shebang{"/bin/sh", ""}));
  EXPECT_EQ(parse_shebang(std::string_view("#!/bin/sh\0x\n", 12)),
            (Shebang{"/bin/sh", ""}));
}

TEST(Shebang, of_windows_ends_with_a_carriage_return) {
  EXPECT_EQ(parse_shebang("#!/bin/sh\r\necho\r\n"),
            (Shebang{"/bin/sh", "", true}));
  EXPECT_EQ(parse_shebang("#!/usr/bin/env bash\r\n"),
            (Shebang{"/usr/bin/env", "bash", true}));
}

TEST(Shebang, is_none_where_the_kernel_sees_none) {
  for (const char* const text : {"", "#", "#!", "#!\n/bin/sh\n", "#! \t\n",
                                 " #!/bin/sh\n", "echo\n", "#!\r\n"}) {
    EXPECT_EQ(parse_shebang(text), std::nullopt) << text;
  }
}

/// The kernel sees 256 bytes.
TEST(Shebang, needs_a_whole_path_within_what_the_kernel_reads) {
  const std::string path = "/" + std::string(250, 'a');
  EXPECT_EQ(parse_shebang("#!" + path + "\n" + std::string(99, 'x')),
            (Shebang{path, ""}));
  const std::string cut = "#!/" + std::string(400, 'a');
  EXPECT_EQ(parse_shebang(cut.substr(0, program_head_size)), std::nullopt);
  const std::string long_argument = "#!/bin/sh " + std::string(400, 'a');
  EXPECT_EQ(parse_shebang(long_argument)->interpreter, "/bin/sh");
}

TEST(Shebang, of_env_names_another_program) {
  const auto program = [](const char* line) {
    return parse_shebang(line)->program_of_env();
  };
  EXPECT_EQ(program("#!/usr/bin/env python3\n"), "python3");
  EXPECT_EQ(program("#!/usr/bin/env -S python3 -u\n"), "python3");
  EXPECT_EQ(program("#!/usr/bin/env -Sperl -w\n"), "perl");
  EXPECT_EQ(program("#!/usr/bin/env -vS python3\n"), "python3");
  EXPECT_EQ(program("#!/usr/bin/env --split-string=python3 -u\n"), "python3");
  EXPECT_EQ(program("#!/usr/bin/env -S -u HOME -C / A=b 'sh' -e\n"), "sh");
  EXPECT_EQ(program("#!/usr/bin/env\n"), "");
  EXPECT_EQ(program("#!/bin/sh python3\n"), "");
}

/// The kernel passes one argument.
TEST(Shebang, of_env_without_its_option_splits_nothing) {
  const auto program = [](const char* line) {
    return parse_shebang(line)->program_of_env();
  };
  EXPECT_EQ(program("#!/usr/bin/env python3 -u\n"), "python3 -u");
  EXPECT_EQ(program("#!/usr/bin/env A=b sh\n"), "");
  EXPECT_EQ(program("#!/usr/bin/env -i sh\n"), "");
}

}  // namespace
}  // namespace lab
