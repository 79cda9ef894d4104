// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/command/command_line.h"
#include "lab/command/option_groups.h"
#include "lab/report/document.h"

namespace lab {

/// In which format a command writes what it has made, and where to.
struct RenderTarget {
  std::string format = "text";
  std::string file = "-";  ///< "-": standard output

  bool is_stdout() const { return file == "-"; }
};

/// --format, one of `formats`, and --output.
OptionList render_options(const std::vector<std::string>& formats);

/// What they say; without --format the ending of the file decides, and text is
/// the default. Throws UsageError that names the formats or the endings.
RenderTarget read_render_target(const CommandLine& line,
                                const std::vector<std::string>& formats);

/// One for each --output, where that may be repeated; empty where neither
/// option is given. Throws UsageError.
std::vector<RenderTarget> read_render_targets(
    const CommandLine& line, const std::vector<std::string>& formats);

/// The formats of every Document.
std::vector<std::string> document_formats();

/// `document`, which is in the language of `view`, in the format of `target`,
/// one of document_formats(). Colours are for standard output only.
std::string render_document(const Document& document,
                            const RenderTarget& target, const View& view);

/// For text that goes to `target`.
Terminal terminal_of(const RenderTarget& target, ColorChoice color);

/// Writes `text`. Throws UsageError where that would replace one of the files
/// `inputs`, cgroupfs::FileError, and as write_stdout().
void write_rendered(const RenderTarget& target, const std::string& text,
                    const std::vector<std::string>& inputs = {});

}  // namespace lab
