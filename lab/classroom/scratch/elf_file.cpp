// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <limits>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using cgroupfs::ParseError;

/// Linux accepts no more program headers, and no longer path.
constexpr std::size_t most_segment_bytes = 65536;
constexpr std::size_t longest_path = 4096;
/// Real ones have some dozens of entries of 16 bytes.
constexpr std::size_t most_dynamic_bytes = 65536;

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Entry = Elf32_Dyn;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Entry = Elf64_Dyn;
};

/// Throws unless there are `size` bytes.
std::string read_exactly(const ReadAt& read, std::uint64_t offset,
                         std::size_t size, std::string_view what) {
  std::string bytes = read(offset, size);
  if (bytes.size() != size) {
    throw ParseError(
        fmt::format("{} of {} bytes at offset {}", what, size, offset),
        fmt::format("{} bytes", bytes.size()));
  }
  return bytes;
}

/// One class of files. The structures of elf.h have no padding.
template <typename Class>
class ElfReader {
 public:
  ElfReader(const ReadAt& read, ElfFile file)
      : read_(read), file_(std::move(file)) {}

  ElfFile parse();

 private:
  using Header = typename Class::Header;
  using Segment = typename Class::Segment;
  using Entry = typename Class::Entry;

  /// Which strings the dynamic section names, by their offsets.
  struct Strings {
    std::uint64_t table = 0;  ///< an address
    std::uint64_t size = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::uint64_t> needed;
    std::uint64_t soname = 0;
    std::uint64_t rpath = 0;
    std::uint64_t runpath = 0;
  };

  /// `stored` in the byte order of this machine.
  template <typename Number>
  Number number(Number stored) const;
  template <typename Item>
  std::vector<Item> items(std::uint64_t offset, std::size_t count,
                          std::string_view what) const;
  void read_segments(const Header& header);
  void read_interpreter(const Segment& segment);
  void read_dynamic(const Segment& segment);
  void add_entry(const Entry& entry, Strings& strings);
  void read_strings(const Strings& strings);
  std::uint64_t offset_of(std::uint64_t address) const;
  std::string string_at(std::uint64_t table, const Strings& strings,
                        std::uint64_t offset) const;

  const ReadAt& read_;
  ElfFile file_;
  std::vector<Segment> segments_;
};

template <typename Class>
template <typename Number>
Number ElfReader<Class>::number(Number stored) const {
  const bool is_native =
      file_.is_little_endian == (std::endian::native == std::endian::little);
  if (is_native) return stored;
  unsigned char bytes[sizeof stored];
  std::memcpy(bytes, &stored, sizeof stored);
  std::reverse(std::begin(bytes), std::end(bytes));
  std::memcpy(&stored, bytes, sizeof stored);
  return stored;
}

template <typename Class>
template <typename Item>
std::vector<Item> ElfReader<Class>::items(std::uint64_t offset,
                                          std::size_t count,
                                          std::string_view what) const {
  const std::string bytes =
      read_exactly(read_, offset, count * sizeof(Item), what);
  std::vector<Item> all(count);
  if (count > 0) std::memcpy(all.data(), bytes.data(), bytes.size());
  return all;
}

template <typename Class>
ElfFile ElfReader<Class>::parse() {
  const Header header = items<Header>(0, 1, "an ELF header").front();
  file_.type = number(header.e_type);
  file_.machine = number(header.e_machine);
  read_segments(header);
  const Segment* dynamic = nullptr;
  for (const Segment& segment : segments_) {
    if (number(segment.p_type) == PT_INTERP) read_interpreter(segment);
    if (number(segment.p_type) == PT_DYNAMIC) dynamic = &segment;
  }
  // The dynamic linker uses the last of several. A crafted file may have a
  // thousand of them, each of thousands of entries.
  if (dynamic) read_dynamic(*dynamic);
  return std::move(file_);
}

template <typename Class>
void ElfReader<Class>::read_segments(const Header& header) {
  const std::size_t count = number(header.e_phnum);
  if (count == 0) return;
  const std::size_t size = number(header.e_phentsize);
  if (size != sizeof(Segment) || count * size > most_segment_bytes) {
    throw ParseError(fmt::format("program headers of {} bytes, {} in all",
                                 sizeof(Segment), most_segment_bytes),
                     fmt::format("{} of {} bytes", count, size));
  }
  segments_ = items<Segment>(number(header.e_phoff), count, "program headers");
}

/// The kernel uses the first of several.
template <typename Class>
void ElfReader<Class>::read_interpreter(const Segment& segment) {
  if (!file_.interpreter.empty()) return;
  const std::uint64_t size = number(segment.p_filesz);
  if (size < 2 || size > longest_path) {
    throw ParseError("an interpreter's path of 2 to 4096 bytes",
                     fmt::format("{} bytes", size));
  }
  const std::string path = read_exactly(read_, number(segment.p_offset), size,
                                        "an interpreter's path");
  if (path.back() != '\0') {
    throw ParseError("an interpreter's path that ends with NUL", path);
  }
  file_.interpreter = path.substr(0, path.find('\0'));
}

template <typename Class>
void ElfReader<Class>::read_dynamic(const Segment& segment) {
  const std::uint64_t size = number(segment.p_filesz);
  if (size > most_dynamic_bytes) {
    throw ParseError("a dynamic section of at most 64 KiB",
                     fmt::format("{} bytes", size));
  }
  Strings strings;
  for (const Entry& entry :
       items<Entry>(number(segment.p_offset),
                    static_cast<std::size_t>(size) / sizeof(Entry),
                    "a dynamic section")) {
    if (number(entry.d_tag) == DT_NULL) break;
    add_entry(entry, strings);
  }
  read_strings(strings);
}

template <typename Class>
void ElfReader<Class>::add_entry(const Entry& entry, Strings& strings) {
  const std::uint64_t value = number(entry.d_un.d_val);
  switch (number(entry.d_tag)) {
    case DT_STRTAB:
      strings.table = value;
      break;
    case DT_STRSZ:
      strings.size = value;
      break;
    case DT_NEEDED:
      strings.needed.push_back(value);
      break;
    case DT_SONAME:
      strings.soname = value;
      break;
    case DT_RPATH:
      strings.rpath = value;
      break;
    case DT_RUNPATH:
      strings.runpath = value;
      break;
    case DT_FLAGS_1:
      file_.is_pie = (value & DF_1_PIE) != 0;
      break;
    default:
      break;
  }
}

template <typename Class>
void ElfReader<Class>::read_strings(const Strings& strings) {
  if (strings.needed.empty() && strings.soname == 0 && strings.rpath == 0 &&
      strings.runpath == 0) {
    return;
  }
  const std::uint64_t table = offset_of(strings.table);
  file_.soname = string_at(table, strings, strings.soname);
  file_.rpath = string_at(table, strings, strings.rpath);
  file_.runpath = string_at(table, strings, strings.runpath);
  for (const std::uint64_t offset : strings.needed) {
    file_.needed.push_back(string_at(table, strings, offset));
  }
}

/// Where the byte that is loaded at `address` is in the file.
template <typename Class>
std::uint64_t ElfReader<Class>::offset_of(std::uint64_t address) const {
  for (const Segment& segment : segments_) {
    if (number(segment.p_type) != PT_LOAD) continue;
    const std::uint64_t begin = number(segment.p_vaddr);
    if (address < begin || address - begin >= number(segment.p_filesz)) {
      continue;
    }
    return number(segment.p_offset) + (address - begin);
  }
  throw ParseError("a string table inside a loaded segment",
                   fmt::format("address {:#x}", address));
}

template <typename Class>
std::string ElfReader<Class>::string_at(std::uint64_t table,
                                        const Strings& strings,
                                        std::uint64_t offset) const {
  if (offset != 0 && offset >= strings.size) {
    throw ParseError(
        fmt::format("a string in a table of {} bytes", strings.size),
        fmt::format("offset {}", offset));
  }
  if (offset == 0) return "";  // of every table
  const std::string text = read_(table + offset, longest_path);
  const std::size_t end = text.find('\0');
  if (end == text.npos) {
    throw ParseError("a string of at most 4095 bytes that ends with NUL", text);
  }
  return text.substr(0, end);
}

struct MachineName {
  std::uint16_t machine;
  std::string_view name;
};

constexpr MachineName machine_names[] = {
    {EM_X86_64, "x86-64"},       {EM_386, "x86 (32 bits)"},
    {EM_AARCH64, "AArch64"},     {EM_ARM, "Arm (32 bits)"},
    {EM_RISCV, "RISC-V"},        {EM_PPC64, "PowerPC (64 bits)"},
    {EM_S390, "IBM Z (s390)"},   {EM_MIPS, "MIPS"},
    {EM_LOONGARCH, "LoongArch"},
};

}  // namespace

bool has_elf_magic(std::string_view head) noexcept {
  return head.starts_with(std::string_view(ELFMAG, SELFMAG));
}

ElfFile parse_elf(const ReadAt& read) {
  const std::string ident = read_exactly(read, 0, EI_NIDENT, "an ELF header");
  if (!has_elf_magic(ident)) throw ParseError("the bytes 7f 45 4c 46", ident);
  const char width = ident[EI_CLASS];
  const char order = ident[EI_DATA];
  ElfFile file;
  file.is_64 = width == ELFCLASS64;
  file.is_little_endian = order == ELFDATA2LSB;
  if (!file.is_64 && width != ELFCLASS32) {
    throw ParseError("ELF class 1 or 2", fmt::format("{}", int{width}));
  }
  if (!file.is_little_endian && order != ELFDATA2MSB) {
    throw ParseError("ELF byte order 1 or 2", fmt::format("{}", int{order}));
  }
  return file.is_64 ? ElfReader<Elf64>(read, file).parse()
                    : ElfReader<Elf32>(read, file).parse();
}

std::string machine_name(const ElfFile& file) {
  for (const MachineName& each : machine_names) {
    if (each.machine == file.machine) return std::string(each.name);
  }
  return fmt::format("machine {}", file.machine);
}

}  // namespace lab
