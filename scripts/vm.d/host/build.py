# SPDX-License-Identifier: MIT
"""Builds the project's own programs before the machine gets them."""

import os

from host import children
from host.common import EXIT_FAILED, EXIT_UNABLE, Problem, note, say

OWN = ("cglab", "malloc_demo")


def _is_wanted(chosen):
    """Whether they are for this command; a shell may ask for any of them."""
    return not chosen.build_is_named and (
        not chosen.command or chosen.command[0] in OWN
    )


def runs_only_own(chosen):
    """Whether the command starts no other programs, such as a shell."""
    words = chosen.command
    return bool(words) and words[0] in OWN and "run" not in words


def bring_up_to_date(chosen, root):
    """Has scripts/cglab set up and build what the command needs.

    A folder that was named with --build is used as it is, and so are installed
    programs, and those built before where nothing can be built now. Raises Problem with
    the exit status of scripts/cglab.
    """
    if chosen.is_installed or not _is_wanted(chosen):
        return
    script = os.path.join(root, "scripts", "cglab")
    done = children.run(
        [script, "--version"], is_patient=True, stderr=2
    )
    built = os.path.exists(os.path.join(chosen.build, "lab", "cglab"))
    if done.returncode == 0:
        note("the programs in build/ are up to date")
    elif done.returncode == EXIT_UNABLE and built:
        say("going on with the programs in build/ as they are")
    else:
        status = max(done.returncode, 0) or EXIT_FAILED
        raise Problem(status, f"{script} could not build the programs")
