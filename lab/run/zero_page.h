// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// Whether this kernel, when anonymous memory is read that was never written,
/// maps one shared page of zeros: most do, some give each page memory of its
/// own. Measured by reading 1 MiB of this process; true where its own smaps
/// cannot be read.
bool reads_share_a_page();

}  // namespace lab
