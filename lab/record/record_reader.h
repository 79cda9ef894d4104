// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lab/record/record.h"

namespace lab {

/// A record that cannot be read. what() names the file, the position in it (a
/// JSON pointer, RFC 6901), the value found and the expected one.
class RecordError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A larger file is not a record of a run, whose samples are bounded: ten
/// cgroups with the maximum of samples need 30 MiB.
inline constexpr std::size_t largest_record = 48u << 20;

/// The record that to_json() wrote as `text`; `name` is for messages. Unknown
/// keys are ignored, because later versions add some; control characters in
/// strings are made visible, because a terminal may obey them. Throws
/// RecordError.
RunRecord parse_record(std::string_view text, const std::string& name);

/// The same of the member `key` of `document`, which has been parsed.
RunRecord record_in(const nlohmann::ordered_json& document,
                    const std::string& key, const std::string& name);

/// The record in the file at `path`; "-" is standard input. Throws RecordError
/// and cgroupfs::FileError.
RunRecord read_record(const std::string& path);

/// Throws UsageError when "-" is among `files` more than once.
void require_one_stdin(const std::vector<std::string>& files);

}  // namespace lab
