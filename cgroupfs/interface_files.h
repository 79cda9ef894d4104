// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cgroupfs/hierarchy.h"

/// The kernel's interface files and their names on both versions: a line each
/// in interface_files.def. Source: Documentation/admin-guide/cgroup-v2.rst,
/// cgroup-v1/memory.rst, cgroup-v1/cgroups.rst and cgroup-v1/pids.rst.
namespace cgroupfs {

/// An interface file, named after its name on v2. Of those that only v1 has,
/// memory_memsw_max is memory.memsw.limit_in_bytes, memory_memsw_current its
/// usage, and memory_soft_limit memory.soft_limit_in_bytes.
enum class File {
#define CGROUPFS_ROW(file, ...) file,
#include "cgroupfs/interface_files.def"
#undef CGROUPFS_ROW
};

/// The content of a file: a size in bytes or "max", a number or a flag, or
/// text.
enum class Content { size, number, text };

/// A row of the table; its other columns are described there.
struct InterfaceFile {
  File file;
  Content content;
  const char* id;  ///< "memory_max" and so on, for machines
  const char* v2;
  const char* v1;
  const char* since;
  const char* one_only;
  const char* lacking;
};

/// The table, in the order of File.
std::span<const InterfaceFile> interface_files() noexcept;

/// Its name on `version`; empty where that version has none.
const char* name_of(File file, Version version) noexcept;
/// Its name on v2, or on v1 if only that has it; for files that only one
/// version has, or that have the same name on both.
const char* name_of(File file) noexcept;
/// Whether `version` defines it; a kernel or a cgroup may still lack it.
bool is_on(File file, Version version) noexcept;
/// Whether every cgroup of `version` that has its controller has it.
bool is_mandatory(File file, Version version) noexcept;
/// The Linux release that introduced the file on v2; empty for an old one.
const char* since(File file) noexcept;
/// The file of that name; nullopt for any other name.
std::optional<File> file_named(std::string_view name) noexcept;
/// Whether the file of that name holds a size in bytes; false also for a name
/// that is not in the table.
bool holds_size(std::string_view name) noexcept;
/// Why a cgroup of `version` does not have it, as one clause.
std::string why_absent(File file, Version version);

/// A number in a keyed file for which the versions have different keys or
/// files.
enum class Key {
  oom_kill,        ///< v2: of the whole subtree; v1: of this cgroup only
  oom_kill_local,  ///< of this cgroup only
  swap,            ///< of the whole subtree
  anon,            ///< these, too, are of the whole subtree
  file,            ///< page cache with shmem
  shmem,
  anon_thp,
  kernel,
};

/// Where a number is: a key of a file, or the whole file if `key` is empty.
struct KeyPlace {
  File file;
  const char* key;
};

/// nullopt where `version` does not have it.
std::optional<KeyPlace> place_of(Key key, Version version) noexcept;
/// The name of that file; empty where `version` does not have it.
const char* name_of(Key key, Version version) noexcept;
/// Why a cgroup of `version` does not have it, as one clause.
std::string why_absent(Key key, Version version);

}  // namespace cgroupfs
