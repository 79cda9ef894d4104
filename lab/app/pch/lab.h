// SPDX-License-Identifier: MIT
// Precompiled for every file of the lab: what most of them include. A file
// still includes what it uses: scripts/check builds without this one.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/base/errors.h"
#include "lab/base/message.h"
#include "lab/record/record.h"
