// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// Makes each experiment, and `run`, a sub-command: it parses its options,
/// plans, checks, runs, concludes and reports.
void add_run_commands();

}  // namespace lab
