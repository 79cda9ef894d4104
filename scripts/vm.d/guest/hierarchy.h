// SPDX-License-Identifier: MIT
#pragma once

// Mounts the control groups as "v1", "v2" or "hybrid". With "systemd-" before
// it systemd has done so, and it is checked. A kernel or a systemd that cannot
// do so ends the machine with status 77 and the reason.
void setup_hierarchy(const char* layout);
