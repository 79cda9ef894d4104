// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// The project's version, set by the build.
inline constexpr const char* version = CGLAB_VERSION;

}  // namespace lab
