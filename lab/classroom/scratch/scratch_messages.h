// SPDX-License-Identifier: MIT
#pragma once

// The texts of `cglab explain scratch PROGRAM` in both languages.

#include "lab/base/message.h"

namespace lab::scratch_messages {

inline constexpr Message one_missing_headline("MISSING ON SCRATCH: 1 FILE",
                                              "空镜像里缺少 1 个文件");
inline constexpr Message missing_headline("MISSING ON SCRATCH: {0} FILES",
                                          "空镜像里缺少 {0} 个文件");
inline constexpr Message complete_headline("NOTHING IS MISSING ON SCRATCH",
                                           "空镜像里什么也不缺");
inline constexpr Message foreign_headline("BUILT FOR ANOTHER MACHINE",
                                          "这是为另一种机器编译的");
inline constexpr Message unusable_headline("NOT A PROGRAM",
                                           "这不是可以执行的程序");

inline constexpr Message dynamic_reason(
    "In an image `FROM scratch` with only this program, execve() fails with "
    "ENOENT, \"no such file or directory\". The missing file is not the "
    "program but the interpreter that its ELF header names, `{0}`: the dynamic "
    "linker, which loads the libraries.",
    "如果 `FROM scratch` 的镜像里只有这个程序，execve() 会以 ENOENT 失败："
    "“no such file or directory”。缺的不是程序本身，而是它的 ELF "
    "头里写着的解释器 `{0}`，也就是负责加载各个库的动态链接器。");
inline constexpr Message script_reason(
    "In an image `FROM scratch` with only this script, execve() fails with "
    "ENOENT, \"no such file or directory\". The missing file is not the script "
    "but the interpreter that its first line names, `{0}`.",
    "如果 `FROM scratch` 的镜像里只有这个脚本，execve() 会以 ENOENT 失败："
    "“no such file or directory”。缺的不是脚本本身，而是它第一行里写着的解释器 "
    "`{0}`。");
inline constexpr Message static_reason(
    "Its ELF header names neither an interpreter nor a library: the kernel "
    "loads this file and no other, so it starts in an image `FROM scratch`.",
    "它的 ELF 头里既没有解释器，也没有库：内核只加载这一个文件，所以在 `FROM "
    "scratch` 的镜像里也能启动。");
inline constexpr Message foreign_reason(
    "It is for {0}. On the kernel of this host, execve() fails with ENOEXEC, "
    "\"exec format error\", unless an emulator is registered for it "
    "(binfmt_misc). On a kernel for {0} it needs these files:",
    "它是为 {0} 编译的。在本机内核上 execve() 会以 ENOEXEC 失败：“exec format "
    "error”，除非为它登记了模拟器（binfmt_misc）。在 {0} "
    "的内核上，它需要下列文件：");
inline constexpr Message foreign_static_reason(
    "It is for {0}. On the kernel of this host, execve() fails with ENOEXEC, "
    "\"exec format error\", unless an emulator is registered for it "
    "(binfmt_misc). On a kernel for {0} it needs no other file.",
    "它是为 {0} 编译的。在本机内核上 execve() 会以 ENOEXEC 失败：“exec format "
    "error”，除非为它登记了模拟器（binfmt_misc）。在 {0} "
    "的内核上，它不需要别的文件。");
inline constexpr Message library_reason(
    "It is a shared library: it names no interpreter and does not have the "
    "flag of a static-pie program. Programs load it; executed, most crash; a "
    "dynamic linker runs.",
    "这是共享库：没有写明解释器，也没有 static-pie 程序的标志。它由程序来加载；"
    "直接执行多半会崩溃，动态链接器则可以运行。");
inline constexpr Message object_reason(
    "It is an ELF file, but an object file or a core dump: execve() fails with "
    "ENOEXEC, \"exec format error\".",
    "它虽是 ELF 文件，却是目标文件或核心转储：execve() 以 ENOEXEC 失败，"
    "“exec format error”。");
inline constexpr Message other_reason(
    "It begins neither with an ELF header nor with `#!` and a path that ends "
    "within its first 256 bytes: execve() fails with ENOEXEC, \"exec format "
    "error\". A shell runs a text file of this kind as a shell script; a "
    "container runtime does not. For a script, write `#!/bin/sh` into its "
    "first line; then it needs that shell.",
    "它开头既不是 ELF 头，也不是 `#!` 加一个在前 256 "
    "字节内结束的路径：execve() 以 ENOEXEC 失败，“exec format "
    "error”。shell "
    "会把这样的文本文件当作脚本运行，容器运行时却不会。"
    "如果是脚本，请在第一行写上 "
    "`#!/bin/sh`；那样它就需要这个 shell。");
inline constexpr Message empty_reason(
    "The file is empty: execve() fails with ENOEXEC, \"exec format error\".",
    "文件是空的：execve() 以 ENOEXEC 失败，“exec format error”。");

inline constexpr Message carriage_return(
    "The first line ends with CR LF, as in files from Windows. To the kernel, "
    "the CR is part of the last word: an interpreter with such a name does not "
    "exist (\"no such file or directory\"), and an argument reaches the "
    "interpreter with the CR. This is so on every system. Remove it:",
    "第一行以 CR LF 结尾，是 Windows 的换行方式。内核把 CR "
    "当作最后一个词的一部分：叫这个名字的解释器不存在（“no such file or "
    "directory”），参数则会带着 CR "
    "传给解释器。在任何系统上都是如此。请删掉它：");
inline constexpr Message one_argument(
    "The kernel passes `{0}` as one argument, and env looks for a program of "
    "that name. With `-S`, env splits it into words: `#!/usr/bin/env -S {0}`.",
    "内核把 `{0}` 作为一个参数传递，env 就去找叫这个名字的程序。加上 `-S`，env "
    "会把它拆成几个词：`#!/usr/bin/env -S {0}`。");
inline constexpr Message not_executable(
    "It has no execute bit: execve() fails with EACCES, \"permission denied\". "
    "`COPY` keeps the mode of a file. Set it:",
    "它没有执行权限位：execve() 以 EACCES 失败，“permission denied”。`COPY` "
    "会保留文件的权限。请设置：");
inline constexpr Message absent_here(
    "A file marked \"not found\" is missing on this host as well: it is not "
    "where the dynamic linker or the kernel looks for it. Install its package "
    "first.",
    "标有“未找到”的，在本机上、在动态链接器或内核会去找的位置，也没有。"
    "请先安装相应的软件包。");

inline constexpr Message program("program", "程序");
inline constexpr Message format("format", "格式");
inline constexpr Message to_copy("to copy", "要复制");
inline constexpr Message one_file_size("the program, {0}", "程序本身，{0}");
inline constexpr Message files_size("{0} files, {1}", "{0} 个文件，{1}");
inline constexpr Message elf_64("ELF, 64 bits, {0}", "ELF，64 位，{0}");
inline constexpr Message elf_32("ELF, 32 bits, {0}", "ELF，32 位，{0}");
inline constexpr Message dynamic_format("dynamically linked", "动态链接");
inline constexpr Message static_format("statically linked", "静态链接");
inline constexpr Message static_pie_format("statically linked (static-pie)",
                                           "静态链接（static-pie）");
inline constexpr Message library_format("shared library", "共享库");
inline constexpr Message script_format("script", "脚本");

inline constexpr Message files("Files that it needs", "它需要的文件");
inline constexpr Message file_head("file", "文件");
inline constexpr Message size_head("size", "大小");
inline constexpr Message needed_by_head("needed by", "谁需要它");
inline constexpr Message not_found("not found", "未找到");

inline constexpr Message containerfile("For the Containerfile",
                                       "写进 Containerfile");
inline constexpr Message containerfile_lines(
    "For a stage `build` of the same distribution as this host; the files "
    "keep their places:",
    "适用于名为 `build`、与本机发行版相同的阶段；文件的位置不变：");
inline constexpr Message try_it("Try it without a container", "不用容器先试试");
inline constexpr Message try_it_lines(
    "As root, in an empty directory: a root file system with these files and "
    "no others.",
    "以 root 身份，在一个空目录里：根文件系统里只有这些文件。");
inline constexpr Message origin(
    "For `$ORIGIN`, glibc's dynamic linker needs `/proc`, which containers "
    "have. Here `LD_ORIGIN_PATH` names the directory.",
    "glibc 的动态链接器要靠 `/proc` 才知道 `$ORIGIN` 是哪个目录，容器里有 "
    "`/proc`；这里由 `LD_ORIGIN_PATH` 指明。");
inline constexpr Message without("Or without these files",
                                 "也可以不要这些文件");
inline constexpr Message static_c("C, C++: link with `-static`",
                                  "C、C++：链接时加 `-static`");
inline constexpr Message static_go("Go: build with `CGO_ENABLED=0`",
                                   "Go：编译时设 `CGO_ENABLED=0`");
inline constexpr Message static_rust(
    "Rust: build for a target such as `x86_64-unknown-linux-musl`",
    "Rust：编译目标选 `x86_64-unknown-linux-musl` 之类");

inline constexpr Message hidden("What no header shows", "文件头里看不到的");
inline constexpr Message hidden_head("an empty image also lacks", "空镜像还缺");
inline constexpr Message hidden_use_head("which is needed for", "用途");
inline constexpr Message dlopened("libraries opened with dlopen()",
                                  "用 dlopen() 打开的库");
inline constexpr Message dlopened_use(
    "plug-ins; glibc: names of users and hosts (NSS), iconv()",
    "插件；glibc 的用户名和主机名查询（NSS）、iconv()");
inline constexpr Message certificates_use("TLS: certificates of authorities",
                                          "TLS：证书颁发机构的证书");
inline constexpr Message users_use("names of users; `USER name`",
                                   "用户名；`USER 名字`");
inline constexpr Message tmp_use("temporary files", "临时文件");
inline constexpr Message zones_use("local time other than UTC",
                                   "UTC 以外的本地时间");
inline constexpr Message shell_use(
    "system(), popen(); `RUN` and `CMD` without brackets",
    "system()、popen()；不带方括号的 `RUN` 和 `CMD`");
inline constexpr Message modules("modules of an interpreter", "解释器的模块");
inline constexpr Message modules_use("scripts of Python, Perl and others",
                                     "Python、Perl 等的脚本");

}  // namespace lab::scratch_messages
