// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "cgroupfs/hierarchy.h"
#include "lab/base/message.h"

namespace lab {

/// A row of a lesson's table: a subject and two more columns.
using LessonRow = std::array<Message, 3>;

/// A part of a lesson's text. Made by the functions below.
struct LessonPart {
  enum class Kind { paragraph, item, question, table, commands };
  Kind kind = Kind::paragraph;
  Message text{"", ""};             ///< empty in a table and in commands
  std::span<const LessonRow> rows;  ///< a table's, its head first
  /// POSIX sh to be pasted: one command, possibly over several lines.
  std::string_view commands;
  /// Shown only if the memory controller is on this version; nullopt: on both.
  std::optional<cgroupfs::Version> only_on;
};

/// A short lesson on one behaviour of the kernel: a constant in the source.
/// Passive data.
struct Lesson {
  std::string_view id;  ///< as typed
  Message title;
  Message summary;   ///< a clause for the list of lessons
  Message question;  ///< that it answers; to be guessed first
  std::span<const LessonPart> body;
  std::span<const LessonPart> experiments;  ///< its section "Try it"
};

constexpr LessonPart paragraph(const char* en, const char* zh) {
  return {LessonPart::Kind::paragraph, {en, zh}, {}, {}, {}};
}

/// An item of a list.
constexpr LessonPart item(const char* en, const char* zh) {
  return {LessonPart::Kind::item, {en, zh}, {}, {}, {}};
}

/// To be guessed before the next commands are run.
constexpr LessonPart question(const char* en, const char* zh) {
  return {LessonPart::Kind::question, {en, zh}, {}, {}, {}};
}

constexpr LessonPart table(std::span<const LessonRow> rows) {
  return {LessonPart::Kind::table, {"", ""}, rows, {}, {}};
}

constexpr LessonPart command(std::string_view line) {
  return {LessonPart::Kind::commands, {"", ""}, {}, line, {}};
}

constexpr LessonPart on_v1(LessonPart part) {
  part.only_on = cgroupfs::Version::v1;
  return part;
}

constexpr LessonPart on_v2(LessonPart part) {
  part.only_on = cgroupfs::Version::v2;
  return part;
}

/// Text that is the same in all languages: names of files, commands.
constexpr Message same(const char* text) {
  return {text, text};
}

/// For lessons that use malloc_demo.
inline constexpr LessonPart malloc_demo_note = paragraph(
    "`malloc_demo` is the memory hog that comes with cglab; in a checkout it "
    "is `build/malloc_demo/malloc_demo`.",
    "`malloc_demo` 是随 cglab 提供的小程序；在源码目录里，它是 "
    "`build/malloc_demo/malloc_demo`。");

/// For lessons on a feature of v2 only.
inline constexpr LessonPart vm_note = on_v1(paragraph(
    "cgroup v1 cannot do this. The commands therefore boot a disposable VM "
    "with cgroup v2: run them in a checkout of cglab, on a machine with QEMU. "
    "No root is needed.",
    "cgroup v1 做不到这一点。因此下面的命令会启动一个带 cgroup v2 的内核，"
    "用完即弃：请在 cglab 的源码目录里运行，机器上要有 QEMU，不需要 root。"));

}  // namespace lab
