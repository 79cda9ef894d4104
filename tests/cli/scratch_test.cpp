// SPDX-License-Identifier: MIT
// `cglab explain scratch PROGRAM`: what it says, and whether it is true.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include "cgroupfs/text.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

constexpr uid_t other_user = 65534;
/// What a shell and chroot(1) exit with where execve() fails.
constexpr int not_found = 127;
constexpr int not_executable = 126;

Ending explain_scratch(const Words& more) {
  Words words{"explain", "scratch"};
  words.insert(words.end(), more.begin(), more.end());
  return cglab(std::move(words));
}

std::string answer_on(const std::string& program) {
  const Ending ending = explain_scratch({program});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  return ending.out;
}

/// In this folder.
Ending shell_in(const TempFolder& folder, const std::string& commands) {
  ProcessSpec spec;
  spec.program = "/bin/sh";
  spec.arguments = {"-c", "cd '" + folder.path() + "' && " + commands};
  spec.environment = {{"LC_ALL", "C.UTF-8"}};
  return test_support::run_process(spec);
}

std::string bytes_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string add_program(const TempFolder& folder, const std::string& name,
                        const std::string& text) {
  const std::string path = folder.add_file(name, text);
  fs::permissions(path, fs::perms(0755));
  return path;
}

std::string own_path() {
  return fs::read_symlink("/proc/self/exe");
}

/// Whether execve() fails with `error`; execvp() would call a shell.
bool fails_to_start(const std::string& path, int error) {
  return succeeds_in_child([&] {
    char* arguments[] = {nullptr};
    ::execve(path.c_str(), arguments, environ);
    return errno == error;
  });
}

/// The commands of the answer that make a root file system and run the program
/// in it.
std::string trial_of(const std::string& answer) {
  std::string commands;
  bool inside = false;
  for (const std::string_view line : cgroupfs::split_lines(answer)) {
    if (line == "    mkdir root") inside = true;
    if (line.empty()) inside = false;
    if (inside) commands.append(line).append("\n");
  }
  return commands;
}

/// A program that succeeds with these arguments in an empty directory.
struct ScratchSubject {
  const char* name;
  std::string (*program)(const TempFolder& folder);
  const char* arguments;
};

std::ostream& operator<<(std::ostream& stream, const ScratchSubject& subject) {
  return stream << subject.name;
}

class ScratchTruth : public testing::TestWithParam<ScratchSubject> {};

INSTANTIATE_TEST_SUITE_P(
    Programs, ScratchTruth,
    testing::Values(
        ScratchSubject{
            "ls", [](const TempFolder&) { return std::string("ls"); }, " /"},
        ScratchSubject{"cglab", [](const TempFolder&) { return cglab_path(); },
                       " --version"},
        ScratchSubject{"script",
                       [](const TempFolder& folder) {
                         return add_program(folder, "script",
                                            "#!/bin/sh\necho script\n");
                       },
                       ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(ScratchTruth, is_that_the_listed_files_are_needed_and_enough) {
  const TempFolder folder;
  const ScratchSubject& subject = GetParam();
  const std::string answer = answer_on(subject.program(folder));
  const std::string trial = trial_of(answer);
  ASSERT_TRUE(has(trial, "cp -L --parents ")) << answer;
  if (::geteuid() != 0) GTEST_SKIP() << "root: chroot(2)";

  const Ending whole =
      shell_in(folder, trial.substr(0, trial.size() - 1) + subject.arguments);
  EXPECT_EQ(whole.status, 0) << trial << whole.err;
  EXPECT_NE(whole.out, "");

  const std::size_t at = trial.rfind("chroot root ") + 12;
  const std::string path = trial.substr(at, trial.size() - at - 1);
  const Ending alone = shell_in(
      folder, "mkdir alone && cp -L --parents " + path +
                  " alone && exec chroot alone " + path + subject.arguments);
  if (has(answer, "NOTHING IS MISSING ON SCRATCH")) {
    EXPECT_EQ(alone.status, 0) << alone.err;
  } else {
    EXPECT_TRUE(has(answer, "MISSING ON SCRATCH: "));
    EXPECT_TRUE(has(answer, "no such file or directory") ||
                has(answer, "\"no\nsuch file or directory\""))
        << answer;
    EXPECT_EQ(alone.status, not_found) << alone.out;
    EXPECT_TRUE(has(alone.err, "No such file or directory")) << alone.err;
  }
}

TEST(Scratch, names_the_interpreter_of_a_script) {
  const TempFolder folder;
  const std::string script =
      add_program(folder, "script", "#!/nonexistent/shell -e\n");
  const std::string answer = answer_on(script);
  EXPECT_TRUE(has(answer, "MISSING ON SCRATCH: 1 FILE\n")) << answer;
  EXPECT_TRUE(has(answer, "/nonexistent/shell  not found  script\n")) << answer;
  EXPECT_EQ(trial_of(answer), "");
  const Ending run = shell_in(folder, "./script");
  EXPECT_EQ(run.status, not_found) << run.err;
}

TEST(Scratch, finds_the_program_that_env_looks_for) {
  const TempFolder folder;
  const std::string answer =
      answer_on(add_program(folder, "script", "#!/usr/bin/env sh\n"));
  EXPECT_TRUE(has(answer, "/usr/bin/env")) << answer;
  EXPECT_TRUE(has(answer, "/sh ")) << answer;
}

TEST(Scratch, ends_for_a_script_that_is_its_own_interpreter) {
  const TempFolder folder;
  const std::string script = folder.path_of("script");
  add_program(folder, "script", "#!" + script + "\n");
  EXPECT_TRUE(fails_to_start(script, ELOOP));
  EXPECT_TRUE(has(answer_on(script), script));
}

TEST(Scratch, warns_of_words_that_the_kernel_does_not_split) {
  const TempFolder folder;
  const std::string script =
      add_program(folder, "script", "#!/usr/bin/env sh -e\nexit 0\n");
  const Ending run = shell_in(folder, "./script");
  EXPECT_EQ(run.status, not_found);
  EXPECT_TRUE(has(run.err, "sh -e")) << run.err;
  const std::string answer = answer_on(script);
  EXPECT_TRUE(has(answer, "\n  sh -e ")) << answer;
  EXPECT_TRUE(has(answer, "#!/usr/bin/env -S sh -e")) << answer;
  EXPECT_EQ(trial_of(answer), "");
  folder.add_file("script", "#!/usr/bin/env -S sh -e\nexit 0\n");
  EXPECT_EQ(shell_in(folder, "./script").status, 0);
}

/// The interpreter is found, and refuses the argument.
TEST(Scratch, warns_of_line_ends_of_windows_in_an_argument) {
  const TempFolder folder;
  const std::string script =
      add_program(folder, "script", "#!/bin/sh -e\r\nexit 0\n");
  const Ending run = shell_in(folder, "./script");
  EXPECT_NE(run.status, 0);
  EXPECT_NE(run.status, not_found) << run.err;
  EXPECT_TRUE(has(answer_on(script), "an argument reaches"));
}

TEST(Scratch, warns_of_line_ends_of_windows) {
  const TempFolder folder;
  const std::string script =
      add_program(folder, "script", "#!/bin/sh\r\nexit 0\n");
  EXPECT_NE(shell_in(folder, "./script").status, 0);
  const std::string answer = answer_on(script);
  EXPECT_TRUE(has(answer, "CR LF"));
  const std::string repair = "sed -i 's/\\r$//' " + script;
  ASSERT_TRUE(has(answer, "\n    " + repair + "\n")) << answer;
  EXPECT_EQ(shell_in(folder, repair + " && ./script").status, 0);
}

TEST(Scratch, warns_of_a_missing_execute_bit) {
  const TempFolder folder;
  const std::string script = folder.add_file("script", "#!/bin/sh\nexit 0\n");
  fs::permissions(script, fs::perms(0644));
  EXPECT_EQ(shell_in(folder, "./script").status, not_executable);
  const std::string answer = answer_on(script);
  EXPECT_TRUE(has(answer, "EACCES")) << answer;
  ASSERT_TRUE(has(answer, "\n    chmod +x " + script + "\n")) << answer;
  EXPECT_EQ(shell_in(folder, "chmod +x script && ./script").status, 0);
}

TEST(Scratch, says_what_is_not_a_program) {
  const TempFolder folder;
  for (const auto& [text, said] :
       std::vector<std::pair<std::string, std::string>>{
           {"echo hello\n", "begins neither with an ELF header nor with #!"},
           {std::string("\x1f\x8b\x08\0\0", 5), "begins neither"},
           {"#!/" + std::string(400, 'a') + "\n", "first 256 bytes"},
           {"", "The file is empty"}}) {
    const std::string path = add_program(folder, "file", text);
    const std::string answer = answer_on(path);
    EXPECT_TRUE(answer.starts_with("NOT A PROGRAM\n")) << answer;
    EXPECT_TRUE(has(answer, said)) << answer;
    EXPECT_TRUE(fails_to_start(path, ENOEXEC)) << text;
  }
}

TEST(Scratch, says_that_a_program_is_for_another_machine) {
  const TempFolder folder;
  std::string bytes = bytes_of(own_path());
  constexpr std::size_t machine_at = 18;
  const bool is_aarch64 = bytes.at(machine_at) == '\xb7';
  bytes[machine_at] = is_aarch64 ? '\x3e' : '\xb7';
  const std::string path = add_program(folder, "program", bytes);
  const std::string answer = answer_on(path);
  EXPECT_TRUE(answer.starts_with("BUILT FOR ANOTHER MACHINE\n")) << answer;
  EXPECT_TRUE(has(answer, is_aarch64 ? "x86-64" : "AArch64")) << answer;
  EXPECT_TRUE(fails_to_start(path, ENOEXEC));
  EXPECT_EQ(trial_of(answer), "");
}

TEST(Scratch, refuses_a_truncated_program) {
  const TempFolder folder;
  const std::string bytes = bytes_of(own_path());
  for (const std::size_t size : {4u, 40u, 100u}) {
    const std::string path =
        add_program(folder, "program", bytes.substr(0, size));
    const Ending ending = explain_scratch({path});
    EXPECT_EQ(ending.status, 3) << size;
    EXPECT_EQ(ending.out, "");
    EXPECT_TRUE(has(ending.err, path + ": a damaged ELF file: expected "))
        << ending.err;
  }
}

TEST(Scratch, refuses_what_is_not_a_file) {
  const TempFolder folder;
  const std::string fifo = folder.path_of("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0700), 0);
  const std::string text = folder.add_file("here", "");
  for (const auto& [program, said] :
       std::vector<std::pair<std::string, std::string>>{
           {folder.path(), "is a directory, not a program"},
           {fifo, "is a device, a FIFO or a socket, not a program"},
           {"/dev/null", "is a device, a FIFO or a socket"},
           {folder.path_of("none"), "there is no program '" + folder.path()},
           {text + "/below", "there is no program"},
           {"cglab-none", "there is no program 'cglab-none' on PATH"},
           {"", "the name of the program is empty"}}) {
    const Ending ending = explain_scratch({program});
    EXPECT_EQ(ending.status, 2) << program << ending.err;
    EXPECT_EQ(ending.out, "");
    EXPECT_TRUE(has(ending.err, said)) << ending.err;
  }
  EXPECT_TRUE(has(explain_scratch({}).err, "missing argument: a program"));
  EXPECT_EQ(explain_scratch({}).status, 2);
  EXPECT_EQ(explain_scratch({"ls", "cat"}).status, 2);
}

TEST(Scratch, finds_on_path_what_a_shell_finds) {
  const TempFolder folder;
  add_program(folder, "program", "#!/bin/sh\n");
  fs::create_directories(folder.path_of("first/program"));
  for (const char* const path : {"first:", ":/bin", "", "first::/bin"}) {
    const Ending ending =
        shell_in(folder, "PATH=" + std::string(path) + " exec '" +
                             cglab_path() + "' explain scratch program");
    EXPECT_TRUE(has(ending.out, " " + folder.path_of("program") + "\n"))
        << path << ending.err;
  }
}

TEST(Scratch, reports_a_program_that_cannot_be_read) {
  if (::geteuid() != 0) GTEST_SKIP() << "root, to become another user";
  const auto become_other = [] {
    return ::setgid(other_user) == 0 && ::setuid(other_user) == 0;
  };
  const std::string program = cglab_path();
  if (!succeeds_in_child([&] {
        return become_other() && ::access(program.c_str(), X_OK) == 0;
      })) {
    GTEST_SKIP() << program << " that another user may run";
  }
  const TempFolder folder;
  const std::string secret = folder.add_file("secret", "#!/bin/sh\n");
  fs::permissions(secret, fs::perms(0700));
  ProcessSpec spec = cglab_spec({"explain", "scratch", secret});
  spec.prepare = [&] { become_other(); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3) << ending.err;
  EXPECT_TRUE(has(ending.err, "open " + secret + ": Permission denied"))
      << ending.err;
}

TEST(Scratch, quotes_a_name_for_the_containerfile) {
  const TempFolder folder;
  const std::string answer =
      answer_on(add_program(folder, "a \"b\" $c", bytes_of(own_path())));
  EXPECT_TRUE(has(answer, R"(/a \"b\" \\$c", ")")) << answer;
}

TEST(Scratch, does_not_write_over_the_program) {
  const TempFolder folder;
  const std::string script = add_program(folder, "script", "#!/bin/sh\n");
  for (const std::string& program : {script, std::string("script")}) {
    ProcessSpec spec = cglab_spec(
        {"explain", "scratch", program, "--format", "text", "-o", script});
    spec.environment = {{"PATH", folder.path()}};
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 2) << program;
    EXPECT_TRUE(has(ending.err, "is also the input")) << ending.err;
    EXPECT_EQ(bytes_of(script), "#!/bin/sh\n");
  }
}

TEST(Scratch, is_written_in_each_language_and_format) {
  const std::string program = own_path();
  EXPECT_TRUE(has(explain_scratch({program, "--lang", "zh"}).out,
                  "写进 Containerfile"));
  EXPECT_TRUE(has(explain_scratch({program, "--format", "markdown"}).out,
                  "\n## For the Containerfile\n"));
  EXPECT_TRUE(has(explain_scratch({program, "--format", "html"}).out,
                  "COPY --from=build"));
}

/// Programs that the compiler of this host makes.
class ScratchBuilt : public testing::Test {
 protected:
  void SetUp() override {
    if (shell_in(folder_, "command -v cc").status != 0) {
      GTEST_SKIP() << "a C compiler";
    }
    folder_.add_file("one.c", "int one(void) { return 0; }\n");
    folder_.add_file("main.c", "int one(void); int main() { return one(); }\n");
  }

  void build(const std::string& commands) {
    const Ending ending = shell_in(folder_, commands);
    ASSERT_EQ(ending.status, 0) << ending.err;
  }
  std::string answer() const { return answer_on(folder_.path_of("program")); }

  TempFolder folder_;
};

constexpr const char* with_library =
    "mkdir lib && cc -shared -fPIC -o lib/libone.so one.c && "
    "cc -o program main.c -Llib -lone ";

TEST_F(ScratchBuilt, finds_a_library_by_its_run_path) {
  for (const char* const kind : {"--enable-new-dtags", "--disable-new-dtags"}) {
    build(std::string("rm -rf lib && ") + with_library + "-Wl," + kind +
          " '-Wl,-rpath,$ORIGIN/lib'");
    EXPECT_EQ(shell_in(folder_, "./program").status, 0);
    EXPECT_TRUE(has(answer(), folder_.path_of("lib/libone.so"))) << answer();
    if (::geteuid() != 0) GTEST_SKIP() << "root: chroot(2)";
    const Ending trial = shell_in(folder_, trial_of(answer()) + "rm -r root");
    EXPECT_EQ(trial.err, "");
  }
}

/// DT_RPATH also holds for the libraries of a library, DT_RUNPATH does not.
TEST_F(ScratchBuilt, finds_libraries_of_libraries_as_the_linker_does) {
  folder_.add_file("two.c", "int one(void); int two(void) { return one(); }\n");
  folder_.add_file("top.c", "int two(void); int main() { return two(); }\n");
  build(
      "mkdir lib && cc -shared -fPIC -o lib/libone.so one.c && "
      "cc -shared -fPIC -o lib/libtwo.so two.c -Llib -lone");
  for (const auto& [kind, status] :
       {std::pair("--disable-new-dtags", 0),
        std::pair("--enable-new-dtags", not_found)}) {
    build(std::string("cc -o program top.c -Llib -ltwo "
                      "-Wl,-rpath-link,lib -Wl,") +
          kind + " '-Wl,-rpath,${ORIGIN}/lib'");
    EXPECT_EQ(shell_in(folder_, "./program").status, status) << kind;
    const std::string text = answer();
    EXPECT_TRUE(has(text, folder_.path_of("lib/libtwo.so"))) << text;
    EXPECT_EQ(has(text, folder_.path_of("lib/libone.so")), status == 0) << text;
  }
}

TEST_F(ScratchBuilt, skips_a_library_for_another_machine) {
  build(std::string(with_library) + "'-Wl,-rpath,$ORIGIN/other:$ORIGIN/lib'");
  build(
      "mkdir other && cp lib/libone.so other && "
      "printf '\\377' | dd of=other/libone.so bs=1 seek=18 conv=notrunc");
  EXPECT_EQ(shell_in(folder_, "./program").status, 0);
  EXPECT_TRUE(has(answer(), folder_.path_of("lib/libone.so"))) << answer();
}

/// $ORIGIN is the directory of the file, not that of a link to it.
TEST_F(ScratchBuilt, finds_a_library_relative_to_what_a_link_names) {
  build(std::string("mkdir real && cd real && cp ../*.c . && ") + with_library +
        "'-Wl,-rpath,$ORIGIN/lib' && ln -s real/program ../program");
  EXPECT_EQ(shell_in(folder_, "./program").status, 0);
  const std::string text = answer();
  EXPECT_TRUE(has(text, folder_.path_of("real/lib/libone.so"))) << text;
  EXPECT_TRUE(has(text, "chroot root " + folder_.path_of("real/program")))
      << text;
}

/// The kernel follows links, a text does not.
TEST_F(ScratchBuilt, finds_the_directory_of_a_linked_program) {
  build(std::string(with_library) + "'-Wl,-rpath,$ORIGIN/lib' && mkdir -p " +
        "far/away && ln -s ../program far/link && ln -s . here && ln -s "
        "far/away away");
  for (const char* const path :
       {"far/link", "here/program", "away/../../program", "far/../program"}) {
    EXPECT_EQ(shell_in(folder_, path).status, 0) << path;
    const std::string text = answer_on(folder_.path_of(path));
    EXPECT_FALSE(has(text, "not found")) << text;
    EXPECT_TRUE(has(text, " " + folder_.path_of("program") + " ")) << text;
  }
}

TEST_F(ScratchBuilt, finds_a_library_that_is_named_by_a_path) {
  build(
      "mkdir lib && cc -shared -fPIC '-Wl,-soname,$ORIGIN/lib/libone.so' -o "
      "lib/libone.so one.c && cc -o program main.c lib/libone.so && "
      "./program");
  EXPECT_TRUE(has(answer(), folder_.path_of("lib/libone.so"))) << answer();
}

TEST_F(ScratchBuilt, says_that_a_library_is_not_found) {
  build(with_library);
  EXPECT_EQ(shell_in(folder_, "./program").status, not_found);
  const std::string text = answer();
  EXPECT_TRUE(has(text, "libone.so")) << text;
  EXPECT_TRUE(has(text, "not found")) << text;
  EXPECT_FALSE(has(text, "COPY --from=build")) << text;
}

TEST_F(ScratchBuilt, distinguishes_static_pie_from_a_library) {
  build("cc -static-pie -o program main.c one.c");
  EXPECT_TRUE(has(answer(), "statically linked (static-pie)")) << answer();
  EXPECT_TRUE(answer().starts_with("NOTHING IS MISSING ON SCRATCH\n"));
  build("cc -shared -fPIC -o program one.c");
  EXPECT_TRUE(answer().starts_with("NOT A PROGRAM\n")) << answer();
  EXPECT_TRUE(has(answer(), "It is a shared library")) << answer();
  build("cc -c -o program one.c");
  EXPECT_TRUE(has(answer(), "an object file")) << answer();
}

/// musl's dynamic linker is its C library: one file.
TEST_F(ScratchBuilt, recognizes_the_dynamic_linker_of_musl) {
  folder_.add_file("start.c", "int one(void); void _start() { one(); }\n");
  build(
      "cc -shared -nostdlib -fPIC -Wl,-soname,libc.so -o ld-musl-test.so.1 "
      "one.c && cp ld-musl-test.so.1 libc.so && cc -nostdlib -o program "
      "start.c -L. -l:libc.so -Wl,--dynamic-linker=" +
      folder_.path_of("ld-musl-test.so.1"));
  const std::string text = answer();
  EXPECT_TRUE(text.starts_with("MISSING ON SCRATCH: 1 FILE\n")) << text;
}

/// A directory that only ld.so.conf names: without the cache, the dynamic
/// linker does not look there.
TEST_F(ScratchBuilt, lists_the_cache_for_a_library_in_another_directory) {
  if (::geteuid() != 0) GTEST_SKIP() << "root: chroot(2)";
  if (shell_in(folder_, "test -x /sbin/ldconfig").status != 0) {
    GTEST_SKIP() << "ldconfig";
  }
  std::string trial = trial_of(answer_on("/bin/sh"));
  trial.erase(trial.rfind("chroot"));
  build(trial);
  build(
      "mkdir -p root/opt/lib root/etc && "
      "for each in root/opt/lib root/lib root/lib/*-linux-*; do "
      "echo ${each#root}; done > root/etc/ld.so.conf && cc -shared -fPIC -o "
      "root/opt/lib/libone.so one.c && "
      "cc -o root/program main.c -Lroot/opt/lib -lone && "
      "/sbin/ldconfig -r root && cp '" +
      cglab_path() + "' root/cglab && chroot root /program");
  const Ending listed =
      shell_in(folder_, "chroot root /cglab explain scratch /program");
  if (listed.status == not_found) GTEST_SKIP() << "a statically linked cglab";
  EXPECT_TRUE(has(listed.out, "/opt/lib/libone.so")) << listed.out;
  EXPECT_TRUE(has(listed.out, "COPY --from=build /etc/ld.so.cache /etc/\n"))
      << listed.out;
  EXPECT_FALSE(
      has(shell_in(folder_, "chroot root /cglab explain scratch /bin/sh").out,
          "/etc/ld.so.cache"));
  const Ending without =
      shell_in(folder_, "rm root/etc/ld.so.cache && exec chroot root /program");
  EXPECT_EQ(without.status, not_found) << without.err;
}

/// As ldd(1) lists them, which asks the dynamic linker.
TEST_F(ScratchBuilt, agrees_with_the_dynamic_linker) {
  for (const char* const program : {"ls", "cc", "sh"}) {
    const Ending ldd =
        shell_in(folder_, "ldd \"$(command -v " + std::string(program) +
                              ")\" | sed -n 's/.*=> \\(\\/[^ ]*\\).*/\\1/p'");
    if (ldd.out.empty())
      GTEST_SKIP() << "ldd, or a dynamically linked " << program;
    const std::string text = answer_on(program);
    for (const std::string_view path : cgroupfs::split_lines(ldd.out)) {
      EXPECT_TRUE(has(text, "\n  " + std::string(path) + " ")) << path << text;
    }
  }
}

}  // namespace
}  // namespace cli_test
