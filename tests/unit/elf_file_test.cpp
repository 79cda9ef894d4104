// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/elf_file.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using cgroupfs::ParseError;

/// A small ELF file of either class and byte order, written field by field
/// (elf(5)). What a member overrides is damaged.
struct ElfImage {
  bool is_64 = true;
  bool is_little_endian = true;

  std::uint16_t type = 3;
  std::uint16_t machine = 62;
  std::uint16_t segments = 3;
  std::optional<std::uint16_t> segment_size;
  std::optional<std::uint64_t> segments_offset;
  std::optional<std::uint64_t> path_offset;
  std::optional<std::uint64_t> path_size;
  std::optional<std::uint64_t> dynamic_size;
  std::optional<std::uint64_t> table_address;
  std::optional<std::uint64_t> table_size;
  std::uint64_t first_needed = 1;
  bool path_ends = true;

  std::string bytes() const;

 private:
  static constexpr std::uint64_t address = 0x400000;
  static constexpr std::string_view path{"/lib/ld.so\0", 11};
  static constexpr std::string_view table{
      "\0libone.so\0own.so\0$ORIGIN/../lib\0libtwo.so\0", 43};
  static constexpr std::uint64_t entries = 8;

  std::uint64_t word() const { return is_64 ? 8 : 4; }
  std::uint64_t header_size() const { return is_64 ? 64 : 52; }
  std::uint64_t real_segment_size() const { return is_64 ? 56 : 32; }
  std::uint64_t path_at() const {
    return header_size() + 3 * real_segment_size();
  }
  std::uint64_t dynamic_at() const { return path_at() + path.size(); }
  std::uint64_t table_at() const { return dynamic_at() + entries * 2 * word(); }

  void put(std::string& to, std::uint64_t value, std::uint64_t size) const;
  void put_segment(std::string& to, std::uint32_t kind, std::uint64_t offset,
                   std::uint64_t size) const;
  void put_entry(std::string& to, std::uint64_t tag, std::uint64_t value) const;
};

void ElfImage::put(std::string& to, std::uint64_t value,
                   std::uint64_t size) const {
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint64_t place = is_little_endian ? i : size - 1 - i;
    to += static_cast<char>(value >> (8 * place) & 0xff);
  }
}

void ElfImage::put_segment(std::string& to, std::uint32_t kind,
                           std::uint64_t offset, std::uint64_t size) const {
  put(to, kind, 4);
  if (is_64) put(to, 4, 4);  // flags
  put(to, offset, word());
  put(to, address + offset, word());
  put(to, address + offset, word());
  put(to, size, word());
  put(to, size, word());
  if (!is_64) put(to, 4, 4);
  put(to, 1, word());
}

void ElfImage::put_entry(std::string& to, std::uint64_t tag,
                         std::uint64_t value) const {
  put(to, tag, word());
  put(to, value, word());
}

std::string ElfImage::bytes() const {
  std::string to =
      "\x7f"
      "ELF";
  to += is_64 ? '\2' : '\1';
  to += is_little_endian ? '\1' : '\2';
  to += '\1';
  to.resize(16);
  put(to, type, 2);
  put(to, machine, 2);
  put(to, 1, 4);
  put(to, 0, word());
  put(to, segments_offset.value_or(header_size()), word());
  put(to, 0, word());
  put(to, 0, 4);
  put(to, header_size(), 2);
  put(to, segment_size.value_or(real_segment_size()), 2);
  put(to, segments, 2);
  for (int i = 0; i < 3; ++i) put(to, 0, 2);
  put_segment(to, 1, 0, table_at() + table.size());
  put_segment(to, 3, path_offset.value_or(path_at()),
              path_size.value_or(path.size()));
  put_segment(to, 2, dynamic_at(), dynamic_size.value_or(entries * 2 * word()));
  to += path;
  if (!path_ends) to.back() = 'x';
  put_entry(to, 1, first_needed);
  put_entry(to, 5, table_address.value_or(address + table_at()));
  put_entry(to, 10, table_size.value_or(table.size()));
  put_entry(to, 14, 11);                  // DT_SONAME
  put_entry(to, 29, 18);                  // DT_RUNPATH
  put_entry(to, 0x6ffffffb, 0x08000000);  // DT_FLAGS_1: DF_1_PIE
  put_entry(to, 1, 33);                   // DT_NEEDED
  put_entry(to, 0, 0);
  return to += table;
}

ElfFile parsed(const std::string& bytes) {
  return parse_elf([&](std::uint64_t offset, std::size_t size) {
    return offset < bytes.size() ? bytes.substr(offset, size) : std::string();
  });
}

std::string refusal(const ElfImage& image) {
  try {
    parsed(image.bytes());
  } catch (const ParseError& error) {
    return error.what();
  }
  return "accepted";
}

/// Both classes in both byte orders.
class ElfFiles : public testing::TestWithParam<std::tuple<bool, bool>> {
 protected:
  static ElfImage image() {
    ElfImage image;
    image.is_64 = std::get<0>(GetParam());
    image.is_little_endian = std::get<1>(GetParam());
    return image;
  }
};

INSTANTIATE_TEST_SUITE_P(All, ElfFiles,
                         testing::Combine(testing::Bool(), testing::Bool()));

TEST_P(ElfFiles, name_their_interpreter_and_libraries) {
  const ElfFile expected{image().is_64,
                         image().is_little_endian,
                         3,
                         62,
                         "/lib/ld.so",
                         {"libone.so", "libtwo.so"},
                         "own.so",
                         "",
                         "$ORIGIN/../lib",
                         true};
  EXPECT_EQ(parsed(image().bytes()), expected);
}

TEST_P(ElfFiles, are_refused_at_every_shorter_length) {
  const std::string whole = image().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parsed(whole.substr(0, size)), ParseError) << size;
  }
}

TEST_P(ElfFiles, without_segments_name_nothing) {
  ElfImage object = image();
  object.type = 1;
  object.segments = 0;
  object.segment_size = 0;
  const ElfFile file = parsed(object.bytes());
  EXPECT_EQ(file.type, 1);
  EXPECT_EQ(file.interpreter, "");
  EXPECT_TRUE(file.needed.empty());
}

TEST_P(ElfFiles, are_refused_with_a_segment_table_that_the_kernel_refuses) {
  ElfImage narrow = image();
  narrow.segment_size = 12;
  EXPECT_NE(refusal(narrow).find("program headers of"), std::string::npos);
  ElfImage many = image();
  many.segments = 65535;
  EXPECT_NE(refusal(many).find("65535 of"), std::string::npos);
  ElfImage far = image();
  far.segments_offset = UINT64_MAX;
  EXPECT_NE(refusal(far).find("program headers of"), std::string::npos);
}

TEST_P(ElfFiles, are_refused_with_an_interpreter_that_the_kernel_refuses) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4097}, UINT64_MAX}) {
    ElfImage odd = image();
    odd.path_size = size;
    EXPECT_NE(refusal(odd).find("of 2 to 4096 bytes"), std::string::npos);
  }
  ElfImage endless = image();
  endless.path_ends = false;
  EXPECT_NE(refusal(endless).find("ends with NUL"), std::string::npos);
  ElfImage far = image();
  far.path_offset = UINT64_MAX - 3;
  EXPECT_NE(refusal(far).find("an interpreter's path of"), std::string::npos);
}

TEST_P(ElfFiles, are_refused_with_strings_outside_of_their_table) {
  ElfImage outside = image();
  outside.first_needed = 4711;
  EXPECT_NE(refusal(outside).find("offset 4711"), std::string::npos);
  ElfImage unloaded = image();
  unloaded.table_address = 0x10;
  EXPECT_NE(refusal(unloaded).find("address 0x10"), std::string::npos);
  ElfImage empty = image();
  empty.table_size = 0;
  EXPECT_NE(refusal(empty).find("a table of 0 bytes"), std::string::npos);
  ElfImage large = image();
  large.dynamic_size = 1 << 30;
  EXPECT_NE(refusal(large).find("at most 64 KiB"), std::string::npos);
}

/// As by the dynamic linker: a crafted file may have a thousand of them.
TEST_P(ElfFiles, name_the_libraries_of_one_dynamic_section) {
  std::string bytes = image().bytes();
  const std::size_t header = image().is_64 ? 64 : 52;
  const std::size_t segment = image().is_64 ? 56 : 32;
  const std::size_t second = header + segment;
  bytes.replace(second, segment, bytes.substr(second + segment, segment));
  EXPECT_EQ(parsed(bytes).interpreter, "");
  EXPECT_EQ(parsed(bytes).needed, parsed(image().bytes()).needed);
}

/// Damaged bytes, the same on every run.
TEST_P(ElfFiles, are_read_or_refused_whatever_is_damaged) {
  const std::string whole = image().bytes();
  std::mt19937 random;
  int returned = 0;
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = whole;
    for (std::uint32_t i = random() % 4 + 1; i > 0; --i) {
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    }
    try {
      parsed(damaged);
      ++returned;
    } catch (const ParseError&) {
      ++refused;
    }
  }
  EXPECT_GT(returned, 100);
  EXPECT_GT(refused, 100);
}

TEST(ElfFile, is_recognized_by_its_first_bytes) {
  EXPECT_TRUE(
      has_elf_magic("\x7f"
                    "ELF"));
  EXPECT_FALSE(
      has_elf_magic("\x7f"
                    "EL"));
  EXPECT_FALSE(has_elf_magic("#!/bin/sh\n"));
  EXPECT_THROW(parsed("#!/bin/sh\necho 0123456789\n"), ParseError);
}

TEST(ElfFile, of_an_unknown_class_or_byte_order_is_refused) {
  for (const std::size_t at : {4u, 5u}) {
    std::string bytes = ElfImage{}.bytes();
    bytes[at] = '\3';
    EXPECT_THROW(parsed(bytes), ParseError);
  }
}

TEST(ElfFile, has_a_machine) {
  ElfFile file;
  file.machine = 62;
  EXPECT_EQ(machine_name(file), "x86-64");
  file.machine = 183;
  EXPECT_EQ(machine_name(file), "AArch64");
  file.machine = 4711;
  EXPECT_EQ(machine_name(file), "machine 4711");
}

}  // namespace
}  // namespace lab
