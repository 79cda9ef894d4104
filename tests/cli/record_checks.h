// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

namespace cli_test {

/// Fails the test where `record` is not as the schema wants it, or contradicts
/// itself: what holds for every run, whatever became of it.
void check_record(const nlohmann::json& record);

/// The same for a run of a command that was removed afterwards.
void check_command_record(const nlohmann::json& record);

}  // namespace cli_test
