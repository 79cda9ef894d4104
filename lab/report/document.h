// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/report/terminal.h"

namespace lab {

/// What a reader should make of a line: its colour and its mark.
enum class Tone { none, good, bad, unknown };

/// Values over time; both columns are of equal length, and times rise.
struct Series {
  std::string name;
  std::vector<std::int64_t> time_ns;
  std::vector<double> values;
};

/// A level in a chart, such as a limit, from the moment it was set.
struct Level {
  std::string name;  ///< with its value: "limit 64 MiB"
  double value = 0;
  std::int64_t from_ns = 0;
  bool is_hard = true;  ///< usage cannot exceed it
  /// When it was replaced; nullopt: it holds to the end of the axis.
  std::optional<std::int64_t> to_ns = std::nullopt;
};

/// An event in a chart.
struct Mark {
  std::int64_t time_ns = 0;
  std::string name;
};

/// A chart as data. A page draws all of it, a terminal the series of `bytes`
/// that are not stacked, Markdown nothing.
struct Chart {
  enum class Unit { bytes, percent };
  std::string title;
  Unit unit = Unit::bytes;
  bool stacked = false;
  std::vector<Series> series;
  std::vector<Level> levels;
  std::vector<Mark> marks;
  /// The axis, which all charts of a run share.
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

/// One part of a Document.
struct Block {
  enum class Kind {
    title,
    headline,
    section,
    paragraph,
    item,
    question,
    commands,
    fields,
    check,
    hint,
    table,
    chart
  };
  Kind kind = Kind::paragraph;
  std::string text;  ///< one command per line in `commands`
  /// Of a table, its head first; of fields, a label and a value each, where an
  /// empty label continues the field before.
  std::vector<std::vector<std::string>> rows;
  Tone tone = Tone::none;  ///< of a headline and a check
  /// Of a check: what was read; of a hint: its commands, one per line.
  std::string detail;
  std::optional<Chart> plot;  ///< of a chart
};

/// A text for people to read: a report, an exercise, a lesson. Passive data;
/// renderers decide how it looks. Names of files and programs are enclosed in
/// `backticks`.
class Document {
 public:
  void title(std::string text) { add(Block::Kind::title, std::move(text)); }
  /// The outcome, in capitals.
  void headline(std::string text, Tone tone);
  void section(std::string text) { add(Block::Kind::section, std::move(text)); }
  void paragraph(std::string text) {
    add(Block::Kind::paragraph, std::move(text));
  }
  /// One of a list.
  void item(std::string text) { add(Block::Kind::item, std::move(text)); }
  /// To think about before the next commands are run.
  void question(std::string text) {
    add(Block::Kind::question, std::move(text));
  }
  /// POSIX sh, one command per line; they can be pasted. Adjacent ones are one
  /// block.
  void command(std::string line);
  /// A labelled value; adjacent ones are one block. An empty label continues
  /// the field before.
  void field(std::string label, std::string value);
  /// A statement that was checked, with what was read.
  void check(Tone tone, std::string text, std::string detail);
  /// Advice on the check before it, and the commands to paste.
  void hint(std::string text, const std::vector<std::string>& commands = {});
  /// Rows of as many cells as the first, which is the head.
  void table(std::vector<std::vector<std::string>> rows);
  void chart(Chart chart);
  void add(Block block) { blocks_.push_back(std::move(block)); }
  /// All blocks of `other`.
  void append(Document other);

  const std::vector<Block>& blocks() const noexcept { return blocks_; }

 private:
  void add(Block::Kind kind, std::string text) {
    blocks_.push_back({kind, std::move(text), {}, Tone::none, "", {}});
  }

  std::vector<Block> blocks_;
};

/// A part of a text: what is code, or what is not.
struct Span {
  std::string_view text;
  bool is_code = false;
};

/// The parts of `text`, in which code is between fences of as many backticks
/// (CommonMark 0.31, 6.1). A fence that is not closed is text.
std::vector<Span> spans_of(std::string_view text);

/// At least `least` backticks, and more than there are anywhere in `text`.
std::string fence_of(std::string_view text, std::size_t least);

/// `text` as code, whatever backticks are in it.
std::string code_text(std::string_view text);

/// `text` without the fences of its code. Code that is a path, and wider than
/// `columns`, is shortened: a path in a sentence is for reading.
std::string plain_text(std::string_view text, std::size_t columns);

/// For a terminal: wrapped to its width, columns aligned, commands indented.
std::string render_text(const Document& document, const Terminal& terminal);

/// CommonMark with tables.
std::string render_markdown(const Document& document);

}  // namespace lab
