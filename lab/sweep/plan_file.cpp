// SPDX-License-Identifier: MIT
#include "lab/sweep/plan_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/errors.h"

namespace lab {
namespace {

/// A pipe could be read only once, and each run needs the plan.
std::size_t size_of_plan(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) cgroupfs::throw_errno("read the plan", path);
  if (!S_ISREG(status.st_mode)) {
    throw UsageError(fmt::format("the plan {} is not a regular file", path));
  }
  if (status.st_size == 0) {
    throw RunError(fmt::format(
        "the plan {} is empty; write it with: cglab sweep plan -o {}", path,
        path));
  }
  return static_cast<std::size_t>(status.st_size);
}

/// Where the line after the one at `begin` begins.
std::size_t next_line(std::string_view text, std::size_t begin) {
  const std::size_t newline = text.find('\n', begin);
  return newline == text.npos ? text.size() : newline + 1;
}

}  // namespace

PlanFile::PlanFile(std::string path) : path_(std::move(path)) {
  const cgroupfs::UniqueFd fd(
      ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) cgroupfs::throw_errno("open the plan", path_);
  const std::size_t size = size_of_plan(fd.get(), path_);
  void* const memory =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (memory == MAP_FAILED) cgroupfs::throw_errno("map the plan", path_);
  text_ = {static_cast<const char*>(memory), size};
}

PlanFile::~PlanFile() {
  ::munmap(const_cast<char*>(text_.data()), text_.size());
}

/// The cell in the line that begins at `begin`.
Cell PlanFile::cell_at(std::size_t begin) const {
  const std::string_view line =
      text_.substr(begin, next_line(text_, begin) - begin);
  try {
    return parse_cell(line, path_);
  } catch (const RunError&) {
    // Lines are counted only for this.
    const auto number =
        std::count(text_.begin(), text_.begin() + begin, '\n') + 1;
    parse_cell(line, fmt::format("{}, line {}", path_, number));
    throw;
  }
}

void PlanFile::for_each(
    const std::function<void(std::size_t, Cell)>& visit) const {
  std::size_t index = 0;
  for (std::size_t at = 0; at < text_.size(); at = next_line(text_, at)) {
    visit(++index, cell_at(at));
  }
}

std::vector<Cell> PlanFile::between(std::size_t first, std::size_t last) const {
  std::vector<Cell> cells;
  std::size_t index = 0;
  for (std::size_t at = 0; at < text_.size() && index < last;
       at = next_line(text_, at)) {
    if (++index >= first) cells.push_back(cell_at(at));
  }
  if (index < last) {
    throw UsageError(fmt::format("--index: {} has no cell {}, only 1 to {}",
                                 path_, last, index));
  }
  return cells;
}

/// An id may also stand in the content of another cell.
Cell PlanFile::with_id(const std::string& id) const {
  for (std::size_t at = text_.find(id); !id.empty() && at < text_.size();
       at = text_.find(id, at + 1)) {
    const std::size_t newline = text_.rfind('\n', at);
    Cell cell = cell_at(newline == text_.npos ? 0 : newline + 1);
    if (cell.id == id) return cell;
  }
  throw UsageError(fmt::format("{} has no cell with the id '{}'", path_, id));
}

}  // namespace lab
