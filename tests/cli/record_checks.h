// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace cli_test {

/// Fails the test where `record` is not as the schema wants it, or contradicts
/// itself: what holds for every run, whatever became of it.
void check_record(const nlohmann::json& record);

/// Fails the test where the reader refuses `record`, or its verdict does not
/// follow from its evidence.
void check_verdict(const nlohmann::json& record);

/// Fails the test where something in `record` has the name of no cgroup or
/// process of the run.
void check_names(const nlohmann::json& record);

/// check_record() for a run of a command that was removed afterwards, unless a
/// process is held in it.
void check_command_record(const nlohmann::json& record);

/// What `record` has of the limit that was first written to `file`; fails the
/// test where there is none.
nlohmann::json limit_of(const nlohmann::json& record, const std::string& file);

/// The same of the hard limit, on either version.
nlohmann::json hard_limit(const nlohmann::json& record);

}  // namespace cli_test
