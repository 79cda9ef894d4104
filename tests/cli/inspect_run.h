// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "tests/cli/cli_test.h"

namespace cli_test {

/// `cglab inspect ARGUMENT --json`.
ProcessSpec inspect_spec(
    const std::string& argument, const std::function<void()>& prepare = [] {});

/// Its document, as the schema wants it; the command must succeed.
Json inspect(
    const std::string& argument, const std::function<void()>& prepare = [] {});

/// The gap of that name; null without one.
Json gap_of(const Json& document, const std::string& what);

/// The state of the namespace of a kind; null without it.
Json namespace_of(const Json& document, const std::string& kind);

/// The command must refuse `argument` with exit status 2 and say `why`.
void expect_refused(const std::string& argument, const std::string& why);

}  // namespace cli_test
