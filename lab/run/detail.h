// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// What a run is read for.
enum class Detail {
  record,   ///< all that records have
  verdict,  ///< no samples, and nothing of the host that no verdict needs
};

}  // namespace lab
