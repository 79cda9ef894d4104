// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/classroom/scratch/elf_file.h"
#include "lab/classroom/scratch/shebang.h"

namespace lab {

/// A file that has to be in an image along with the program.
struct NeededFile {
  enum class Kind {
    script_interpreter,  ///< of the first line of a script
    env_program,         ///< that env, named there, looks for
    loader,              ///< the interpreter of an ELF file: the dynamic linker
    library,
    loader_cache,  ///< ld.so.cache, for libraries in other directories
  };
  Kind kind = Kind::library;
  std::string name;        ///< as it is asked for: a path or a library's name
  std::string path;        ///< on this host; empty: not found
  std::uint64_t size = 0;  ///< of the file
  std::string needed_by;   ///< the path of the file that asks for it
};

/// What execve() makes of a program, and which files it needs. Passive data.
struct ProgramNeeds {
  enum class Kind {
    dynamic_program,
    static_program,  ///< also static-pie
    script,
    library,  ///< a shared library
    object,   ///< another ELF file: an object file, a core dump
    other,    ///< neither ELF nor a script: text without "#!"
    empty,
  };
  Kind kind = Kind::other;
  /// Absolute. Not that of a symbolic link where libraries are looked for in
  /// places relative to the file ($ORIGIN).
  std::string path;
  std::uint64_t size = 0;
  bool is_executable = false;  ///< has an execute bit
  std::optional<ElfFile> elf;
  std::optional<Shebang> shebang;
  /// The kernel of this host does not run files of its machine.
  bool is_foreign = false;
  /// The directory for $ORIGIN in the run path of the ELF program that runs;
  /// empty where that does not use it.
  std::string origin;
  std::vector<NeededFile> files;  ///< in the order in which they are opened
};

/// Reads the headers of `program`, a path or a name on PATH, and of all that it
/// needs; nothing is run. Libraries are looked for as glibc's dynamic linker
/// does it (ld.so(8)), in DT_RPATH or DT_RUNPATH, the directories of
/// /etc/ld.so.conf, /lib and /usr/lib. LD_LIBRARY_PATH is ignored, as the image
/// would not have it; $LIB, $PLATFORM and glibc-hwcaps are not supported.
/// Throws UsageError where there is no such program, cgroupfs::FileError where
/// it cannot be read, and RunError where it is damaged.
ProgramNeeds needs_of(const std::string& program);

}  // namespace lab
