// SPDX-License-Identifier: MIT
#include "lab/sweep/plan_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"

namespace lab {
namespace {

/// Of a UUID.
constexpr std::size_t id_length = 36;
constexpr std::size_t block_size = 64u << 10;
/// More than all arguments that the kernel accepts (MAX_ARG_STRINGS).
constexpr std::size_t longest_line = 16u << 20;

/// Each run needs the plan, and a pipe can be read only once.
void require_file(int fd, const std::string& path) {
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
}

}  // namespace

PlanFile::PlanFile(std::string path)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!fd_) cgroupfs::throw_errno("open the plan", path_);
  require_file(fd_.get(), path_);
}

void PlanFile::for_each_line(
    const std::function<bool(std::size_t, std::string_view)>& visit) const {
  std::vector<char> block(block_size);
  std::string rest;
  std::size_t index = 0;
  for (off_t offset = 0;;) {
    const ssize_t count =
        ::pread(fd_.get(), block.data(), block.size(), offset);
    if (count < 0) cgroupfs::throw_errno("read the plan", path_);
    if (count == 0) break;
    offset += count;
    std::string_view text(block.data(), static_cast<std::size_t>(count));
    for (std::size_t end; (end = text.find('\n')) != text.npos;
         text.remove_prefix(end + 1)) {
      std::string_view line = text.substr(0, end);
      if (!rest.empty()) line = rest.append(line);
      if (!visit(++index, line)) return;
      rest.clear();
    }
    rest.append(text);
    if (rest.size() > longest_line) cell_of(index + 1, "");
  }
  if (!rest.empty()) visit(++index, rest);
}

Cell PlanFile::cell_of(std::size_t index, std::string_view line) const {
  return parse_cell(line, fmt::format("{}, line {}", path_, index));
}

void PlanFile::for_each(
    const std::function<void(std::size_t, Cell)>& visit) const {
  for_each_line([&](std::size_t index, std::string_view line) {
    visit(index, cell_of(index, line));
    return true;
  });
}

std::vector<Cell> PlanFile::between(std::size_t first, std::size_t last) const {
  std::vector<Cell> cells;
  std::size_t count = 0;
  for_each_line([&](std::size_t index, std::string_view line) {
    count = index;
    if (index >= first) cells.push_back(cell_of(index, line));
    return index < last;
  });
  if (count < last) {
    throw UsageError(
        fmt::format("{} has no cell {}, only 1 to {}", path_, last, count));
  }
  return cells;
}

/// An id may also stand in the content of another cell.
Cell PlanFile::with_id(const std::string& id) const {
  std::optional<Cell> found;
  for_each_line([&](std::size_t index, std::string_view line) {
    if (id.size() != id_length || line.find(id) == line.npos) return true;
    Cell cell = cell_of(index, line);
    if (cell.id == id) found = std::move(cell);
    return !found;
  });
  if (found) return *std::move(found);
  throw UsageError(fmt::format("{} has no cell with the id '{}'", path_, id));
}

}  // namespace lab
