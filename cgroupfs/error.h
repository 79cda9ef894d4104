// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace cgroupfs {

/// Text from the kernel or from a caller that has an unexpected form.
class ParseError : public std::runtime_error {
 public:
  /// `what` names the kind of text that was expected; `text` is quoted,
  /// truncated when long.
  ParseError(std::string_view what, std::string_view text);
};

/// This hierarchy or kernel lacks the requested feature; nothing was changed.
class NotSupported : public std::runtime_error {
 public:
  /// `feature` is an interface file or a kernel term, `reason` says why it is
  /// missing here.
  NotSupported(std::string_view feature, std::string_view reason);

  /// The interface file or kernel term that is missing.
  const std::string& feature() const noexcept { return feature_; }
  /// Why it is missing on this hierarchy or kernel.
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::string feature_;
  std::string reason_;
};

/// A failed system call on a file: what() consists of the operation, the file,
/// the value that was written (if any) and the text of errno.
class FileError : public std::system_error {
 public:
  FileError(int error, std::string_view operation, std::string_view path,
            std::string_view value = {});

  /// The call or action that failed, as a verb: "open", "write", "make
  /// directory".
  const std::string& operation() const noexcept { return operation_; }
  /// The file or directory it failed on.
  const std::string& path() const noexcept { return path_; }
  /// The value that was being written; empty for other operations.
  const std::string& value() const noexcept { return value_; }

 private:
  std::string operation_;
  std::string path_;
  std::string value_;
};

/// Throws FileError for the current errno.
[[noreturn]] void throw_errno(std::string_view operation, std::string_view path,
                              std::string_view value = {});

/// Whether `error` means that a file or its cgroup does not exist, or no
/// longer: ENOENT, or ENODEV when the cgroup of an open file was removed.
constexpr bool is_absent(int error) noexcept {
  return error == 2 /* ENOENT */ || error == 19 /* ENODEV */;
}

}  // namespace cgroupfs
