// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// The purpose of the readings of a run.
enum class Detail {
  record,   ///< everything in records
  verdict,  ///< no samples, and only the host values that a verdict needs
};

}  // namespace lab
