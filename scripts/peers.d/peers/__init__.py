# SPDX-License-Identifier: MIT
"""scripts/compare-peers: cglab and other tools that run programs in cgroups."""
