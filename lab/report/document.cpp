// SPDX-License-Identifier: MIT
#include "lab/report/document.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace lab {

void Document::command(std::string line) {
  if (!blocks_.empty() && blocks_.back().kind == Block::Kind::commands) {
    blocks_.back().text += "\n" + line;
  } else {
    add(Block::Kind::commands, std::move(line));
  }
}

void Document::headline(std::string text, Tone tone) {
  add(Block::Kind::headline, std::move(text));
  blocks_.back().tone = tone;
}

void Document::field(std::string label, std::string value) {
  if (blocks_.empty() || blocks_.back().kind != Block::Kind::fields) {
    add(Block::Kind::fields, "");
  }
  blocks_.back().rows.push_back({std::move(label), std::move(value)});
}

void Document::check(Tone tone, std::string text, std::string detail) {
  add(Block::Kind::check, std::move(text));
  blocks_.back().tone = tone;
  blocks_.back().detail = std::move(detail);
}

void Document::hint(std::string text,
                    const std::vector<std::string>& commands) {
  add(Block::Kind::hint, std::move(text));
  blocks_.back().detail = fmt::format("{}", fmt::join(commands, "\n"));
}

void Document::table(std::vector<std::vector<std::string>> rows) {
  add(Block::Kind::table, "");
  blocks_.back().rows = std::move(rows);
}

void Document::chart(Chart chart) {
  add(Block::Kind::chart, "");
  blocks_.back().plot = std::move(chart);
}

void Document::append(Document other) {
  std::move(other.blocks_.begin(), other.blocks_.end(),
            std::back_inserter(blocks_));
}

}  // namespace lab
