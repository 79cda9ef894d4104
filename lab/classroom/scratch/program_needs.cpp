// SPDX-License-Identifier: MIT
#include "lab/classroom/scratch/program_needs.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"
#include "lab/os/find_program.h"

namespace lab {
namespace {

namespace fs = std::filesystem;

using Paths = std::vector<std::string>;
using FileKind = NeededFile::Kind;

constexpr std::string_view origin_names[] = {"$ORIGIN", "${ORIGIN}"};
/// Where dynamic linkers look without a cache: Debian's in the directories of
/// their machine, others' in those of their width. Files of another machine are
/// skipped anyway.
constexpr const char* default_directories[] = {
    "/lib/*-linux-*", "/usr/lib/*-linux-*", "/lib64", "/usr/lib64", "/lib",
    "/usr/lib"};
constexpr const char* loader_cache_file = "/etc/ld.so.cache";
/// execve() follows as many scripts that name a script.
constexpr int most_scripts = 5;

/// A regular file, open for reading. Others are not opened: a FIFO would wait
/// for a writer, and a device may act.
class RegularFile {
 public:
  /// nullopt where `path` is absent or another kind of file. Throws
  /// cgroupfs::FileError.
  static std::optional<RegularFile> try_open(const std::string& path);

  std::uint64_t size() const noexcept {
    return static_cast<std::uint64_t>(status_.st_size);
  }
  bool is_executable() const noexcept { return (status_.st_mode & 0111) != 0; }
  /// As ReadAt.
  std::string read(std::uint64_t offset, std::size_t size) const;

 private:
  std::string path_;
  cgroupfs::UniqueFd fd_;
  struct stat status_ {};
};

bool is_missing(int error) {
  return error == ENOENT || error == ENOTDIR;
}

std::optional<RegularFile> RegularFile::try_open(const std::string& path) {
  RegularFile file;
  file.path_ = path;
  if (::stat(path.c_str(), &file.status_) != 0) {
    if (is_missing(errno)) return std::nullopt;
    cgroupfs::throw_errno("find", path);
  }
  if (!S_ISREG(file.status_.st_mode)) return std::nullopt;
  // It may have been replaced by a FIFO meanwhile.
  file.fd_ = cgroupfs::UniqueFd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.fd_ || ::fstat(file.fd_.get(), &file.status_) != 0) {
    if (is_missing(errno)) return std::nullopt;
    cgroupfs::throw_errno("open", path);
  }
  if (!S_ISREG(file.status_.st_mode)) return std::nullopt;
  return file;
}

std::string RegularFile::read(std::uint64_t offset, std::size_t size) const {
  std::string bytes;
  constexpr auto highest =
      static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > highest - size) return bytes;
  bytes.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(fd_.get(), bytes.data() + filled, size - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) cgroupfs::throw_errno("read", path_);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

ElfFile elf_of(const RegularFile& file) {
  return parse_elf([&](std::uint64_t offset, std::size_t size) {
    return file.read(offset, size);
  });
}

/// By the machine of this program; kernels of 64 bits mostly run 32 bits, too.
bool runs_here(const ElfFile& file) {
  const auto self = RegularFile::try_open("/proc/self/exe");
  if (!self) return true;
  const std::uint16_t own = elf_of(*self).machine;
  return file.machine == own || (own == EM_X86_64 && file.machine == EM_386) ||
         (own == EM_AARCH64 && file.machine == EM_ARM);
}

bool fit_together(const ElfFile& one, const ElfFile& other) {
  return one.machine == other.machine && one.is_64 == other.is_64 &&
         one.is_little_endian == other.is_little_endian;
}

std::string directory_of(const std::string& path) {
  return fs::path(path).parent_path();
}

/// Whether libraries are looked for in places relative to the file itself.
bool uses_origin(const ElfFile& elf) {
  const std::string all = fmt::format("{}:{}:{}", elf.rpath, elf.runpath,
                                      fmt::join(elf.needed, ":"));
  return std::any_of(
      std::begin(origin_names), std::end(origin_names),
      [&](std::string_view name) { return all.find(name) != all.npos; });
}

/// `text` of the file `object` with the directory of that in place of $ORIGIN.
std::string with_origin(std::string text, const std::string& object) {
  for (const std::string_view name : origin_names) {
    const std::size_t at = text.find(name);
    if (at != text.npos) text.replace(at, name.size(), directory_of(object));
  }
  return text;
}

/// The directories of a DT_RPATH or DT_RUNPATH in the file `object`.
Paths run_path(std::string_view text, const std::string& object) {
  Paths directories;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    directories.push_back(
        with_origin(std::string(text.substr(0, end)), object));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return directories;
}

Paths matching(const std::string& pattern) {
  Paths found;
  glob_t matches{};
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  return found;
}

/// The directories that ldconfig(8) searches, for ld.so.cache.
void add_configured(const std::string& file, int depth, Paths& directories) {
  const auto text = cgroupfs::try_read_file(file);
  if (!text || depth == 0) return;
  for (std::string_view line : cgroupfs::split_lines(*text)) {
    line = cgroupfs::trim(line.substr(0, line.find('#')));
    const auto words = cgroupfs::split_words(line);
    if (words.empty()) continue;
    if (words[0] != "include") {
      directories.emplace_back(line);
      continue;
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
      const fs::path pattern = fs::path(file).parent_path() / words[i];
      for (const std::string& each : matching(pattern)) {
        add_configured(each, depth - 1, directories);
      }
    }
  }
}

Paths configured_directories() {
  constexpr int deepest = 4;
  Paths directories;
  add_configured("/etc/ld.so.conf", deepest, directories);
  return directories;
}

Paths default_paths() {
  Paths directories;
  for (const char* const pattern : default_directories) {
    const Paths more = matching(pattern);
    directories.insert(directories.end(), more.begin(), more.end());
  }
  return directories;
}

std::string real_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored);
}

/// Finds what an ELF file needs, and what that needs, in the order in which the
/// dynamic linker loads it: breadth first, each name once.
class LibrarySearch {
 public:
  LibrarySearch(const std::string& path, const ElfFile& elf,
                std::vector<NeededFile>& files)
      : files_(files) {
    objects_.push_back({path, elf, std::nullopt});
  }

  void run();

 private:
  struct Object {
    std::string path;
    ElfFile elf;
    std::optional<std::size_t> loaded_by;  ///< index of its parent
  };

  void add_loader();
  void add_library(const std::string& name, std::size_t object);
  bool find_library(std::size_t object, NeededFile& file, ElfFile& elf);
  void add_cache();
  bool is_loader(const std::string& name) const;
  Paths directories_of(std::size_t object) const;
  bool found_in(const std::string& path, NeededFile& file, ElfFile& elf) const;
  bool is_default(const std::string& directory) const;

  std::vector<NeededFile>& files_;
  std::vector<Object> objects_;
  Paths configured_ = configured_directories();
  Paths default_ = default_paths();
  std::set<std::string> names_;
  std::string loader_;         ///< its path; empty: none
  std::string loader_soname_;  ///< libraries may name it as well
  bool needs_cache_ = false;
};

void LibrarySearch::run() {
  add_loader();
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    const std::vector<std::string> needed = objects_[i].elf.needed;
    for (const std::string& name : needed) {
      if (names_.insert(name).second) add_library(name, i);
    }
  }
  add_cache();
}

void LibrarySearch::add_loader() {
  const Object& program = objects_.front();
  if (program.elf.interpreter.empty()) return;
  loader_ = program.elf.interpreter;
  NeededFile file{FileKind::loader, loader_, "", 0, program.path};
  ElfFile elf;
  if (found_in(loader_, file, elf)) loader_soname_ = elf.soname;
  files_.push_back(std::move(file));
}

/// musl's dynamic linker is its C library, too.
bool LibrarySearch::is_loader(const std::string& name) const {
  if (loader_.empty()) return false;
  const bool is_musl =
      fs::path(loader_).filename().string().starts_with("ld-musl-");
  return name == loader_soname_ || (is_musl && name.starts_with("libc."));
}

void LibrarySearch::add_library(const std::string& name, std::size_t object) {
  if (is_loader(name)) return;
  NeededFile file{FileKind::library, name, "", 0, objects_[object].path};
  ElfFile elf;
  const bool found =
      name.find('/') != name.npos
          ? found_in(with_origin(name, objects_[object].path), file, elf)
          : find_library(object, file, elf);
  if (found) objects_.push_back({file.path, std::move(elf), object});
  files_.push_back(std::move(file));
}

bool LibrarySearch::find_library(std::size_t object, NeededFile& file,
                                 ElfFile& elf) {
  const auto is_in = [&](const std::string& directory) {
    return found_in(directory + "/" + file.name, file, elf);
  };
  const Paths own = directories_of(object);
  if (std::any_of(own.begin(), own.end(), is_in)) return true;
  for (const std::string& directory : configured_) {
    if (!is_in(directory)) continue;
    needs_cache_ = needs_cache_ || !is_default(directory);
    return true;
  }
  return std::any_of(default_.begin(), default_.end(), is_in);
}

/// DT_RPATH holds for all that the object loads, unless it has a DT_RUNPATH,
/// which holds only for what it names itself.
Paths LibrarySearch::directories_of(std::size_t object) const {
  const Object& asking = objects_[object];
  if (!asking.elf.runpath.empty()) {
    return run_path(asking.elf.runpath, asking.path);
  }
  Paths directories;
  for (std::optional<std::size_t> i = object; i; i = objects_[*i].loaded_by) {
    if (!objects_[*i].elf.runpath.empty()) continue;
    const Paths more = run_path(objects_[*i].elf.rpath, objects_[*i].path);
    directories.insert(directories.end(), more.begin(), more.end());
  }
  return directories;
}

/// The dynamic linker skips files that are unreadable, or of another machine.
bool LibrarySearch::found_in(const std::string& path, NeededFile& file,
                             ElfFile& elf) const {
  try {
    const auto opened = RegularFile::try_open(path);
    if (!opened) return false;
    elf = elf_of(*opened);
    if (!fit_together(elf, objects_.front().elf)) return false;
    file.path = path;
    file.size = opened->size();
    return true;
  } catch (const cgroupfs::ParseError&) {
    return false;
  } catch (const cgroupfs::FileError&) {
    return false;
  }
}

bool LibrarySearch::is_default(const std::string& directory) const {
  return std::any_of(default_.begin(), default_.end(),
                     [real = real_path(directory)](const std::string& each) {
                       return real_path(each) == real;
                     });
}

void LibrarySearch::add_cache() {
  const auto cache = RegularFile::try_open(loader_cache_file);
  if (loader_.empty() || !needs_cache_ || !cache) return;
  files_.push_back({FileKind::loader_cache, loader_cache_file,
                    loader_cache_file, cache->size(), loader_});
}

ProgramNeeds::Kind kind_of(const ElfFile& elf) {
  using Kind = ProgramNeeds::Kind;
  if (elf.type != ET_EXEC && elf.type != ET_DYN) return Kind::object;
  if (!elf.interpreter.empty()) return Kind::dynamic_program;
  if (elf.type == ET_EXEC || elf.is_pie) return Kind::static_program;
  return Kind::library;
}

void examine(const RegularFile& file, int depth, ProgramNeeds& needs);

/// `name` is a path.
void add_program(FileKind kind, const std::string& name, int depth,
                 ProgramNeeds& needs, const std::string& needed_by) {
  NeededFile file{kind, name, "", 0, needed_by};
  const auto opened = RegularFile::try_open(name);
  if (opened) {
    file.path = name;
    file.size = opened->size();
  }
  needs.files.push_back(std::move(file));
  if (!opened || depth == 0) return;
  ProgramNeeds its;
  its.path = name;
  examine(*opened, depth - 1, its);
  for (NeededFile& each : its.files) needs.files.push_back(std::move(each));
  if (!its.origin.empty()) needs.origin = its.origin;
}

/// As env finds it; the name itself where PATH does not have it.
std::string on_path_or_name(const std::string& name) {
  if (name.find('/') != name.npos) return name;
  return find_on_path(name).value_or(name);
}

void add_script_needs(int depth, ProgramNeeds& needs) {
  const Shebang& shebang = *needs.shebang;
  add_program(FileKind::script_interpreter, shebang.interpreter, depth, needs,
              needs.path);
  const std::string program = shebang.program_of_env();
  if (program.empty()) return;
  add_program(FileKind::env_program, on_path_or_name(program), depth, needs,
              shebang.interpreter);
}

void remove_repeated(std::vector<NeededFile>& files) {
  std::set<std::string> seen;
  std::erase_if(files, [&](const NeededFile& file) {
    return !seen.insert(file.path.empty() ? file.name : file.path).second;
  });
}

void examine_elf(const RegularFile& file, ProgramNeeds& needs) {
  try {
    needs.elf = elf_of(file);
  } catch (const cgroupfs::ParseError& error) {
    throw RunError(fmt::format(
        "{}: a damaged ELF file: {}. Was it copied or downloaded completely?",
        needs.path, error.what()));
  }
  if (uses_origin(*needs.elf)) {
    // The kernel follows links first: $ORIGIN is where the file itself is.
    needs.path = real_path(needs.path);
    needs.origin = directory_of(needs.path);
  }
  needs.kind = kind_of(*needs.elf);
  needs.is_foreign = !runs_here(*needs.elf);
  if (needs.kind == ProgramNeeds::Kind::object) return;
  LibrarySearch(needs.path, *needs.elf, needs.files).run();
}

void examine(const RegularFile& file, int depth, ProgramNeeds& needs) {
  needs.size = file.size();
  needs.is_executable = file.is_executable();
  const std::string head = file.read(0, program_head_size);
  needs.shebang = parse_shebang(head);
  if (has_elf_magic(head)) {
    examine_elf(file, needs);
  } else if (needs.shebang) {
    needs.kind = ProgramNeeds::Kind::script;
    add_script_needs(depth, needs);
  } else if (head.empty()) {
    needs.kind = ProgramNeeds::Kind::empty;
  }
  remove_repeated(needs.files);
}

[[noreturn]] void refuse(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw UsageError(fmt::format("there is no program '{}'", path));
  }
  throw UsageError(fmt::format("'{}' is {}, not a program", path,
                               fs::is_directory(status)
                                   ? "a directory"
                                   : "a device, a FIFO or a socket"));
}

/// A name without a slash is looked for as a shell does it.
std::string path_of(const std::string& program) {
  if (program.empty()) throw UsageError("the name of the program is empty");
  if (program.find('/') != program.npos) return program;
  if (const auto found = find_on_path(program)) return *found;
  std::error_code ignored;
  const bool is_here = fs::exists(program, ignored);
  throw UsageError(
      fmt::format("there is no program '{0}' on PATH{1}", program,
                  is_here ? fmt::format("; for the file here: ./{}", program)
                          : std::string(" (a path has a slash)")));
}

/// Absolute, without "." and ".."; where a link is before a "..", without
/// links.
std::string plain_path(const std::string& path) {
  const fs::path whole = fs::absolute(path);
  const fs::path plain = whole.lexically_normal();
  std::error_code ignored;
  return fs::equivalent(whole, plain, ignored) ? plain : fs::canonical(whole);
}

}  // namespace

ProgramNeeds needs_of(const std::string& program) {
  const std::string path = path_of(program);
  const auto file = RegularFile::try_open(path);
  if (!file) refuse(path);
  ProgramNeeds needs;
  needs.path = plain_path(path);
  examine(*file, most_scripts, needs);
  return needs;
}

}  // namespace lab
