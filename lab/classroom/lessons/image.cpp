// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

/// The first column is what buildah and the kernel print:
/// tests/peers/lessons_test.py looks for each of them.
constexpr LessonRow build_errors[] = {
    {Message("message", "报错"), Message("what is missing", "缺的是什么"),
     Message("remedy", "办法")},
    {same("`no such file or directory`"),
     Message("`RUN`, `CMD`: the interpreter of the program",
             "`RUN`、`CMD`：程序的解释器"),
     Message("link statically, or copy what `cglab explain scratch PROGRAM` "
             "lists",
             "静态链接，或者复制 `cglab explain scratch 程序` 列出的文件")},
    {same("`possible escaping context directory`"),
     Message("`COPY ../x`: only files of the context can be copied",
             "`COPY ../x`：只能复制构建上下文里的文件"),
     Message("make the parent the context: `-f sub/Containerfile .`",
             "以上级目录为上下文：`-f sub/Containerfile .`")},
    {same("`cannot find Containerfile or Dockerfile in context directory`"),
     Message("the context has no file of either name",
             "上下文里没有叫这两个名字的文件"),
     Message("name it with `-f`", "用 `-f` 指明")},
    {same("`Error: stat`"),
     Message("the file of `-f`: its path is relative to the current directory, "
             "not to the context",
             "`-f` 的文件：它的路径相对于当前目录，而不是上下文"),
     Message("`-f sub/Containerfile sub`", "`-f sub/Containerfile sub`")},
    {same("`filtered out using`"),
     Message("`.containerignore` or `.dockerignore` excludes it",
             "被 `.containerignore` 或 `.dockerignore` 排除"),
     Message("correct that file", "修改该文件")},
};

constexpr LessonPart image_body[] = {
    paragraph(
        "The program is there; its interpreter is not. A dynamically linked "
        "program names one in its ELF header, mostly "
        "`/lib64/ld-linux-x86-64.so.2`, and the kernel starts that file to "
        "load the libraries. `scratch` is empty, so execve() fails with ENOENT "
        "(man 2 execve): the error is about the file that is missing, and the "
        "message names the file that was asked for. A script whose `#!` line "
        "names a missing shell fails in the same way.",
        "程序在，它的解释器不在。动态链接的程序在 ELF "
        "头里写着一个解释器，多半是 "
        "`/lib64/ld-linux-x86-64.so.2`，内核启动的是这个文件，由它加载各个库。"
        "`scratch` 是空的，所以 execve() 以 ENOENT 失败（man 2 execve）："
        "错误说的是缺的那个文件，报错里写的却是要执行的文件。脚本的 `#!` "
        "行写了不存在的 shell，也是同样的下场。"),
    table(build_errors),
    item(
        "The runtimes show the difference: runc says `exec /ls: no such file "
        "or directory` where the interpreter is missing and `stat /ls` where "
        "the program is, crun adds `(missing dynamic library?)`.",
        "从运行时的话里看得出区别：解释器不在，runc 说 `exec /ls: no such file "
        "or directory`；程序本身不在，它说 `stat /ls`。crun 会加上 `(missing "
        "dynamic library?)`。"),
    item(
        "`..` at the top of the context stays there, as it does in `/`: `COPY "
        "../x` copies the `x` of the context if it has one.",
        "在上下文顶层，`..` 还是顶层，和在 `/` 里一样：上下文里若有 `x`，`COPY "
        "../x` 复制的就是它。"),
    item("Where the file of `-f` is not in the current directory, buildah also "
         "looks for it in the context.",
         "当前目录里没有 `-f` 的文件时，buildah 还会到上下文里去找。"),
};

constexpr LessonPart image_experiments[] = {
    paragraph(
        "With `buildah` (Debian's package of that name), whose messages "
        "these are; `podman build` and `docker build` take the same "
        "arguments.",
        "用 `buildah`（Debian 的同名软件包），报错是它的；`podman build` 和 "
        "`docker build` 的参数相同。"),
    command("mkdir cglab-image && cd cglab-image"),
    command("cp \"$(command -v ls)\" ls"),
    command("printf '%s\\n' 'FROM scratch' 'COPY ls /' \\\n"
            "  'RUN [\"/ls\"]' > Containerfile"),
    question("`COPY` succeeds. Which file does `RUN` miss?",
             "`COPY` 成功了。`RUN` 缺的是哪个文件？"),
    command("buildah build -t lesson-dynamic ."),
    command("cglab explain scratch ./ls"),
    question("And a static program?", "换成静态链接的程序呢？"),
    malloc_demo_note,
    command("cp \"$(command -v malloc_demo)\" malloc_demo"),
    command("printf '%s\\n' 'FROM scratch' 'COPY malloc_demo /' \\\n"
            "  'RUN [\"/malloc_demo\", \"--version\"]' > Containerfile"),
    command("buildah build -t lesson-static ."),
    question("`ls` is in the parent of the context `sub`, and then in the "
             "context `.` itself. Which build finds it?",
             "`ls` 先是在上下文 `sub` 的上级目录里，后是在上下文 `.` "
             "里。哪一次构建找得到它？"),
    command("mkdir sub"),
    command("printf '%s\\n' 'FROM scratch' 'COPY ../ls /' > sub/Containerfile"),
    command("buildah build -t lesson-parent sub"),
    command("buildah build -t lesson-parent -f sub/Containerfile ."),
    question("Both files exist. Why is each of these \"not found\"?",
             "两个文件都在。为什么下面每一次都“找不到”？"),
    command("rm Containerfile; buildah build ."),
    command("(cd sub; buildah build -f sub/Containerfile .)"),
    command("echo ls > .containerignore"),
    command("buildah build -f sub/Containerfile ."),
    paragraph("To remove all of it:", "全部删除："),
    command("cd .. && rm -r cglab-image"),
    command("buildah rmi lesson-static lesson-parent"),
};

}  // namespace

constexpr Lesson image_lesson = {
    "image",
    {"Building an image: what is \"not found\"", "构建镜像：到底什么“找不到”"},
    {"why a program that is in the image is \"not found\"",
     "程序明明在镜像里，为什么“找不到”"},
    {"An image `FROM scratch` contains `/ls`, and running it fails with `no "
     "such file or directory`. Is the file not there?",
     "`FROM scratch` 的镜像里有 `/ls`，一运行却是 `no such file or "
     "directory`。是文件不在吗？"},
    image_body,
    image_experiments,
};

}  // namespace lab
