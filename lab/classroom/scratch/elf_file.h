// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// Reads `size` bytes at `offset` of a file; fewer where the file ends before.
using ReadAt =
    std::function<std::string(std::uint64_t offset, std::size_t size)>;

/// What the headers of an ELF file name (elf(5)), of either class and byte
/// order. Passive data.
struct ElfFile {
  bool is_64 = false;
  bool is_little_endian = false;
  std::uint16_t type = 0;           ///< ET_EXEC, ET_DYN
  std::uint16_t machine = 0;        ///< EM_X86_64
  std::string interpreter;          ///< of PT_INTERP; empty: none
  std::vector<std::string> needed;  ///< DT_NEEDED, in order
  std::string soname;
  std::string rpath;
  std::string runpath;
  bool is_pie = false;  ///< DF_1_PIE: a program, not a library

  bool operator==(const ElfFile&) const = default;
};

/// Whether a file that begins like this is an ELF file.
bool has_elf_magic(std::string_view head) noexcept;

/// Reads only the headers and what they point to: a few KiB of a large file.
/// Throws cgroupfs::ParseError for a file that is truncated or damaged, by the
/// rules by which Linux refuses it (fs/binfmt_elf.c).
ElfFile parse_elf(const ReadAt& read);

/// "x86-64", "AArch64"; "machine 4711" for one without a name here.
std::string machine_name(const ElfFile& file);

}  // namespace lab
