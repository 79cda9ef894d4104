// SPDX-License-Identifier: MIT
#pragma once

namespace lab {

/// Whether this kernel maps the shared zero page when anonymous memory is read
/// that was never written: most do, some allocate memory for each page.
/// Measured by reading 1 MiB in this process; true where its smaps cannot be
/// read.
bool reads_share_a_page();

}  // namespace lab
