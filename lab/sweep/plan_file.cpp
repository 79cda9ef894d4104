// SPDX-License-Identifier: MIT
#include "lab/sweep/plan_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

}  // namespace

PlanFile::PlanFile(std::string path) : path_(std::move(path)) {
  const cgroupfs::UniqueFd fd(
      ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) cgroupfs::throw_errno("open the plan", path_);
  const std::size_t size = size_of_plan(fd.get(), path_);
  void* const memory =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (memory == MAP_FAILED) cgroupfs::throw_errno("map the plan", path_);
  text_ = {static_cast<const char*>(memory), size};
}

PlanFile::~PlanFile() {
  ::munmap(const_cast<char*>(text_.data()), text_.size());
}

std::string PlanFile::where(std::size_t index) const {
  return fmt::format("{}, line {}", path_, index);
}

void PlanFile::for_each_line(
    const std::function<bool(std::size_t, std::string_view)>& visit) const {
  std::size_t index = 0;
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    if (!visit(++index, text_.substr(begin, end - begin))) return;
    begin = end + 1;
  }
}

void PlanFile::for_each(
    const std::function<void(std::size_t, Cell)>& visit) const {
  for_each_line([&](std::size_t index, std::string_view line) {
    visit(index, parse_cell(line, where(index)));
    return true;
  });
}

std::vector<Cell> PlanFile::between(std::size_t first, std::size_t last) const {
  std::vector<Cell> cells;
  std::size_t count = 0;
  for_each_line([&](std::size_t index, std::string_view line) {
    count = index;
    if (index >= first) cells.push_back(parse_cell(line, where(index)));
    return index < last;
  });
  if (count < last) {
    throw UsageError(fmt::format("--index: {} has no cell {}, only 1 to {}",
                                 path_, last, count));
  }
  return cells;
}

Cell PlanFile::with_id(const std::string& id) const {
  std::vector<Cell> found;
  // Lines are parsed only where the id occurs.
  if (text_.find(id) != text_.npos) {
    for_each_line([&](std::size_t index, std::string_view line) {
      if (line.find(id) == line.npos) return true;
      Cell cell = parse_cell(line, where(index));
      if (cell.id == id) found.push_back(std::move(cell));
      return found.empty();
    });
  }
  if (found.empty()) {
    throw UsageError(fmt::format("{} has no cell with the id '{}'", path_, id));
  }
  return found.front();
}

}  // namespace lab
