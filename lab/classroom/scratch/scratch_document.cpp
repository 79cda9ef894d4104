// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/scratch_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "lab/base/shell_quote.h"
#include "lab/base/units.h"
#include "lab/base/visible.h"
#include "lab/classroom/scratch/scratch_messages.h"

namespace lab {
namespace {

namespace texts = scratch_messages;

using NeedsKind = ProgramNeeds::Kind;

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename();
}

/// A path in a Containerfile: one word, or a string of JSON.
bool is_plain_word(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char letter) {
    return (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view("/._-+:@,~=").find(static_cast<char>(letter)) !=
               std::string_view::npos;
  });
}

/// COPY replaces $NAME there, too.
std::string json_string(std::string_view path) {
  std::string text = "\"";
  for (const char letter : visible_line(path)) {
    if (letter == '"' || letter == '\\') text += '\\';
    if (letter == '$') text += "\\\\";
    text += letter;
  }
  return text + '"';
}

/// One instruction for the files of a directory.
std::string copy_instruction(const std::string& directory,
                             const std::vector<std::string>& paths) {
  std::vector<std::string> words = paths;
  words.push_back(directory == "/" ? directory : directory + "/");
  const bool plain = std::all_of(words.begin(), words.end(), is_plain_word);
  if (!plain) {
    for (std::string& word : words) word = json_string(word);
    return fmt::format("COPY --from=build [{}]", fmt::join(words, ", "));
  }
  const char* const between = words.size() > 2 ? " \\\n  " : " ";
  return fmt::format("COPY --from=build{}{}", between,
                     fmt::join(words, between));
}

class ScratchWriter {
 public:
  ScratchWriter(const ProgramNeeds& needs, Language language)
      : needs_(needs), language_(language) {}

  Document write();

 private:
  bool is_program() const;
  bool all_found() const;
  const Message& headline() const;
  std::string reason() const;
  std::string format_words() const;
  void add_headline();
  void add_warnings();
  void add_fields();
  void add_files();
  void add_copies();
  void add_trial();
  void add_advice();
  void add_hidden();
  std::vector<std::string> paths() const;

  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(language_, message, values...);
  }

  const ProgramNeeds& needs_;
  Language language_;
  Document document_;
};

Document ScratchWriter::write() {
  add_headline();
  add_fields();
  add_warnings();
  add_files();
  if (is_program() && all_found()) {
    add_copies();
    if (!needs_.is_foreign) add_trial();
  }
  if (needs_.kind == NeedsKind::dynamic_program) add_advice();
  if (is_program()) add_hidden();
  return std::move(document_);
}

bool ScratchWriter::is_program() const {
  return needs_.kind == NeedsKind::dynamic_program ||
         needs_.kind == NeedsKind::static_program ||
         needs_.kind == NeedsKind::script;
}

bool ScratchWriter::all_found() const {
  return std::none_of(needs_.files.begin(), needs_.files.end(),
                      [](const NeededFile& file) { return file.path.empty(); });
}

const Message& ScratchWriter::headline() const {
  if (!is_program()) return texts::unusable_headline;
  if (needs_.is_foreign) return texts::foreign_headline;
  if (needs_.files.empty()) return texts::complete_headline;
  return needs_.files.size() == 1 ? texts::one_missing_headline
                                  : texts::missing_headline;
}

std::string ScratchWriter::reason() const {
  if (is_program() && needs_.is_foreign) {
    return say(needs_.files.empty() ? texts::foreign_static_reason
                                    : texts::foreign_reason,
               machine_name(*needs_.elf));
  }
  switch (needs_.kind) {
    case NeedsKind::dynamic_program:
      return say(texts::dynamic_reason, visible_line(needs_.elf->interpreter));
    case NeedsKind::static_program:
      return say(texts::static_reason);
    case NeedsKind::script:
      return say(texts::script_reason,
                 visible_line(needs_.shebang->interpreter));
    case NeedsKind::library:
      return say(texts::library_reason);
    case NeedsKind::object:
      return say(texts::object_reason);
    case NeedsKind::other:
      return say(texts::other_reason);
    case NeedsKind::empty:
      return say(texts::empty_reason);
  }
  return "";
}

void ScratchWriter::add_headline() {
  const bool complete =
      is_program() && needs_.files.empty() && !needs_.is_foreign;
  document_.headline(say(headline(), needs_.files.size()),
                     complete ? Tone::good : Tone::bad);
  document_.paragraph(reason());
}

std::string ScratchWriter::format_words() const {
  if (needs_.kind == NeedsKind::script) return say(texts::script_format);
  if (!needs_.elf) return "";
  std::string words = say(needs_.elf->is_64 ? texts::elf_64 : texts::elf_32,
                          machine_name(*needs_.elf));
  const char* const comma = language_ == Language::zh ? "，" : ", ";
  if (needs_.kind == NeedsKind::dynamic_program) {
    words += comma + say(texts::dynamic_format);
  } else if (needs_.kind == NeedsKind::static_program) {
    words += comma + say(needs_.elf->is_pie ? texts::static_pie_format
                                            : texts::static_format);
  } else if (needs_.kind == NeedsKind::library) {
    words += comma + say(texts::library_format);
  }
  return words;
}

void ScratchWriter::add_fields() {
  document_.field(say(texts::program), code_text(visible_line(needs_.path)));
  const std::string format = format_words();
  if (!format.empty()) document_.field(say(texts::format), format);
  if (!is_program()) return;
  std::uint64_t bytes = needs_.size;
  for (const NeededFile& file : needs_.files) bytes += file.size;
  const std::string size = human_size(Bytes{bytes});
  document_.field(say(texts::to_copy),
                  needs_.files.empty()
                      ? say(texts::one_file_size, size)
                      : say(texts::files_size, needs_.files.size() + 1, size));
}

void ScratchWriter::add_warnings() {
  const std::string path = shell_quote(needs_.path);
  if (needs_.shebang && needs_.shebang->has_carriage_return) {
    document_.paragraph(say(texts::carriage_return));
    document_.command(fmt::format("sed -i 's/\\r$//' {}", path));
  }
  if (needs_.shebang) {
    const std::string program = needs_.shebang->program_of_env();
    if (program.find_first_of(" \t") != program.npos) {
      document_.paragraph(say(texts::one_argument, visible_line(program)));
    }
  }
  if (is_program() && !needs_.is_executable) {
    document_.paragraph(say(texts::not_executable));
    document_.command(fmt::format("chmod +x {}", path));
  }
}

void ScratchWriter::add_files() {
  if (needs_.files.empty()) return;
  document_.section(say(texts::files));
  std::vector<std::vector<std::string>> rows = {{say(texts::file_head),
                                                 say(texts::size_head),
                                                 say(texts::needed_by_head)}};
  for (const NeededFile& file : needs_.files) {
    const bool found = !file.path.empty();
    rows.push_back(
        {code_text(visible_line(found ? file.path : file.name)),
         found ? human_size(Bytes{file.size}) : say(texts::not_found),
         code_text(visible_line(file_name(file.needed_by)))});
  }
  document_.table(std::move(rows));
  if (!all_found()) document_.paragraph(say(texts::absent_here));
}

/// All that has to be copied, the program first.
std::vector<std::string> ScratchWriter::paths() const {
  std::vector<std::string> all{needs_.path};
  for (const NeededFile& file : needs_.files) all.push_back(file.path);
  return all;
}

void ScratchWriter::add_copies() {
  std::map<std::string, std::vector<std::string>> by_directory;
  for (const std::string& path : paths()) {
    by_directory[std::filesystem::path(path).parent_path()].push_back(path);
  }
  document_.section(say(texts::containerfile));
  document_.paragraph(say(texts::containerfile_lines));
  for (const auto& [directory, files] : by_directory) {
    document_.command(copy_instruction(directory, files));
  }
}

void ScratchWriter::add_trial() {
  std::string words;
  for (const std::string& path : paths()) {
    words += fmt::format("  {} \\\n", shell_quote(path));
  }
  std::string run = fmt::format("chroot root {}", shell_quote(needs_.path));
  document_.section(say(texts::try_it));
  document_.paragraph(say(texts::try_it_lines));
  if (!needs_.origin.empty()) {
    document_.paragraph(say(texts::origin));
    run = fmt::format("LD_ORIGIN_PATH={} {}", shell_quote(needs_.origin), run);
  }
  document_.command("mkdir root");
  document_.command(fmt::format("cp -L --parents \\\n{}  root/", words));
  document_.command(run);
}

void ScratchWriter::add_advice() {
  document_.section(say(texts::without));
  document_.item(say(texts::static_c));
  document_.item(say(texts::static_go));
  document_.item(say(texts::static_rust));
}

void ScratchWriter::add_hidden() {
  document_.section(say(texts::hidden));
  std::vector<std::vector<std::string>> rows = {
      {say(texts::hidden_head), say(texts::hidden_use_head)},
      {say(texts::dlopened), say(texts::dlopened_use)},
      {"`/etc/ssl/certs`", say(texts::certificates_use)},
      {"`/etc/passwd`", say(texts::users_use)},
      {"`/tmp`", say(texts::tmp_use)},
      {"`/usr/share/zoneinfo`", say(texts::zones_use)},
      {"`/bin/sh`", say(texts::shell_use)}};
  if (needs_.kind == NeedsKind::script) {
    rows.push_back({say(texts::modules), say(texts::modules_use)});
  }
  document_.table(std::move(rows));
}

}  // namespace

Document scratch_document(const ProgramNeeds& needs, Language language) {
  return ScratchWriter(needs, language).write();
}

}  // namespace lab
