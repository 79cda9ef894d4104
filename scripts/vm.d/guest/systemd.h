// SPDX-License-Identifier: MIT
#pragma once

// Whether this machine boots systemd: the kernel passes "cglab_systemd=..." of
// its command line to init as an environment variable.
int systemd_wanted(void);

// Makes this process, PID 1, systemd. Returns in a child of it, which goes on
// as the host's partner when systemd has started everything.
void systemd_start(void);
