// SPDX-License-Identifier: MIT
#include "lab/sweep/cell_result.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/units.h"
#include "lab/base/version.h"
#include "lab/base/visible.h"
#include "lab/place/environment.h"
#include "lab/record/bounded_json.h"
#include "lab/record/output_file.h"
#include "lab/record/record_reader.h"

namespace lab {
namespace {

constexpr const char* result_schema = "cglab.cell-result/1";
constexpr int largest_status = 255;
/// A year, in nanoseconds.
constexpr std::uint64_t longest_run = 31'536'000'000'000'000;

std::string host_name() {
  struct utsname names {};
  return ::uname(&names) == 0 ? names.nodename : "";
}

/// "PROCESSOR, 8 CPUs".
std::string vm_host() {
  Environment host;
  read_host_details(host);
  return fmt::format("{}, {} CPUs", host.cpu_model.value_or("unknown"),
                     host.cpus);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

/// All but the record, which is JSON already.
Json head_of(const Cell& cell, const EndedRun& run, bool in_vm) {
  return {{"schema", result_schema},
          {"tool", {{"name", "cglab"}, {"version", version}}},
          {"date", utc_time(std::chrono::system_clock::now())},
          {"cell", json_of(cell)},
          {"host", host_name()},
          {"vm_host", in_vm ? Json(vm_host()) : Json(nullptr)},
          {"exit_status", run.status},
          {"wall_ns", run.wall_ns},
          {"failed", is_failure(cell.of, run)},
          {"stdout", text_or_null(run.output)},
          {"stderr", text_or_null(run.complaint)}};
}

std::string text_of(const Cell& cell, const EndedRun& run, bool in_vm) {
  std::string text = compact(head_of(cell, run, in_vm));
  text.back() = ',';
  const bool failed = is_failure(cell.of, run);
  return text + "\n\"record\": " + (failed ? "null" : run.record) + "}\n";
}

/// nullopt where there is none. Throws DamagedResult: one file must not hide or
/// hold up all others.
std::optional<std::string> read_regular(const std::string& path) {
  const cgroupfs::UniqueFd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT) return std::nullopt;
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    throw DamagedResult(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    throw DamagedResult(path + ": not a regular file");
  }
  if (static_cast<std::uint64_t>(status.st_size) > largest_record) {
    throw DamagedResult(path + ": larger than any result");
  }
  return cgroupfs::read_all(fd.get(), path);
}

CellResult read_result(const Json& json, const std::string& path) {
  CellResult result;
  result.host = visible_line(json.at("host").get<std::string>());
  const Json& status = json.at("exit_status");
  if (!status.is_number_unsigned() || status > largest_status) {
    throw DamagedResult(path + ": exit_status is not an exit status");
  }
  status.get_to(result.status);
  const Json& vm_host = json.at("vm_host");
  if (!vm_host.is_null()) {
    result.vm_host = visible_line(vm_host.get<std::string>());
  }
  const Json& wall = json.at("wall_ns");
  if (!wall.is_number_unsigned() || wall > longest_run) {
    throw DamagedResult(path + ": wall_ns is not a time in nanoseconds");
  }
  wall.get_to(result.wall_ns);
  if (json.at("failed").get<bool>()) {
    const Json& errors = json.at("stderr");
    result.error = errors.is_null() ? "" : errors.get<std::string>();
  } else {
    result.record = record_in(json, "record", path);
  }
  return result;
}

}  // namespace

ResultsFolder::ResultsFolder(std::string path, bool may_create)
    : path_(std::move(path)) {
  const bool made = may_create && ::mkdir(path_.c_str(), 0777) == 0;
  if (may_create && !made && errno != EEXIST) {
    cgroupfs::throw_errno("create the folder of the results", path_);
  }
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) {
    cgroupfs::throw_errno("open the folder of the results", path_);
  }
  if (!S_ISDIR(status.st_mode)) {
    throw cgroupfs::FileError(ENOTDIR, "open the folder of the results", path_);
  }
}

std::string ResultsFolder::path_of(const Cell& cell) const {
  return fmt::format("{}/{}.json", path_, cell.id);
}

std::optional<CellResult> ResultsFolder::find(const Cell& cell) const {
  const std::string path = path_of(cell);
  const auto text = read_regular(path);
  if (!text) return std::nullopt;
  try {
    const Json json = parse_bounded(*text, path);
    if (json.at("schema") != result_schema ||
        json.at("cell").at("id") != cell.id) {
      throw DamagedResult(fmt::format("{}: not the result of this cell", path));
    }
    return read_result(json, path);
  } catch (const Json::exception&) {
    throw DamagedResult(path +
                        ": a key of a result is missing, or has another type");
  } catch (const RecordError& error) {
    throw DamagedResult(error.what());
  }
}

void ResultsFolder::write(const Cell& cell, const EndedRun& run,
                          bool in_vm) const {
  put_file(path_of(cell), text_of(cell, run, in_vm));
}

}  // namespace lab
