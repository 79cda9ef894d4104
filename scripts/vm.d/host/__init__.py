# SPDX-License-Identifier: MIT
"""The host's side of scripts/vm: from options to a command's exit status."""
