# SPDX-License-Identifier: MIT
"""The command line of scripts/vm."""

import argparse
import os
import re

from host.common import EXIT_USAGE, Problem

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3600}

LEAST_MEMORY = 128 << 20
# Above 3 GiB the memory of the machine has a hole, and the shared buffer
# would not lie where its physical address says.
MOST_MEMORY = 3 << 30
MOST_CPUS = 64
_DEFAULT_MEMORY = 1 << 30
# Extra memory for the whole system, which is kept in memory.
_SYSTEMD_MEMORY = 512 << 20

_EPILOG = """\
Without a command: a shell. The programs of the build are on its PATH.

exit status: the command's own, 128+n when signal n killed it, and
  2    usage error
  3    the machine failed
  77   something is missing here (it is named, with what to do)
  124  deadline
  126  the command cannot be run   127  the command was not found

examples:
  scripts/vm -- cglab oom --limit 100M
  scripts/vm --cgroup v1 --swap 256M -- cglab oom --limit 64M --swap 32M
  scripts/vm --cgroup hybrid
  scripts/vm --systemd -- cglab doctor
  scripts/vm --kernel 5.10 -- cglab list

environment: CGLAB_VM_KERNEL (a default for --kernel), XDG_CACHE_HOME. Only
this user and root may be able to write in the cache and in TMPDIR.
Inside, CGLAB_VM holds the layout (v1, v2 or hybrid).
In a terminal, three times Ctrl-] within a second ends the machine.
"""


def size(text):
    """Bytes of a size in the kernel's notation: 104960000, 100M, 1.5G."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)(i?B)?", text, re.IGNORECASE)
    if (
        not match
        or (match[3] and match[3][0] not in "iI")
        or (match[3] and not match[2])
    ):
        hint = "; units are powers of 1024: 100M or 100MiB"
        raise argparse.ArgumentTypeError(f"'{text}' is not a size{hint}")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def duration(text):
    """Seconds of a time: 90, 200ms, 3s, 10m."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|)", text)
    if not match or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a time; write 200ms, 90s or 10m"
        )
    return float(match[1]) * _SECONDS[match[2]]


def _cpus(text):
    if (
        not text.isascii()
        or not text.isdigit()
        or not 1 <= int(text) <= MOST_CPUS
    ):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number of CPUs from 1 to {MOST_CPUS}"
        )
    return int(text)


def _memory(text):
    bytes_ = size(text)
    if not LEAST_MEMORY <= bytes_ <= MOST_MEMORY:
        raise argparse.ArgumentTypeError(f"'{text}' is not from 128M to 3G")
    return bytes_ >> 20 << 20


def _swap(text):
    bytes_ = size(text)
    if bytes_ < 1 << 20:
        raise argparse.ArgumentTypeError(f"'{text}' is less than 1M")
    return bytes_ >> 12 << 12


def _package(text):
    # The form of names in Debian's policy; mmdebstrap splits lists at commas.
    if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", text):
        raise argparse.ArgumentTypeError(f"'{text}' does not name a package")
    return text


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Problem(EXIT_USAGE, f"{message} (try 'scripts/vm --help')")


def _add_machine_options(add):
    add(
        "--cgroup",
        choices=("v1", "v2", "hybrid"),
        default="v2",
        help="cgroup layout (default: v2)",
    )
    add(
        "--systemd",
        action="store_true",
        help="boot a Debian or Ubuntu system with systemd, made once; "
        "the command runs as root, in a scope like that of a login; for "
        "testing there are the users student, and delegated, who may linger",
    )
    add(
        "--include",
        metavar="PACKAGE",
        type=_package,
        action="append",
        default=[],
        help="with --systemd: a package of the distribution that its system has "
        "as well, without those that it recommends (repeatable; each choice of "
        "packages is made once)",
    )
    add(
        "--memory",
        metavar="SIZE",
        type=_memory,
        help="memory of the VM, 128M to 3G (default: 1G; with --systemd "
        "1536M)",
    )
    add(
        "--cpus",
        metavar="N",
        type=_cpus,
        default=1,
        help="CPUs of the VM (default: 1, which is the fastest)",
    )
    add(
        "--swap",
        metavar="SIZE",
        type=_swap,
        default=0,
        help="give it a compressed swap in memory (zram)",
    )
    add(
        "--kernel",
        metavar="KERNEL",
        help="a version (6.12), a suite of Debian (debian:trixie) or a package "
        "(linux-image-...), each fetched into the cache on first use; or the "
        "path of a bzImage or vmlinux (default: this distribution's kernel for "
        "virtual machines)",
    )


def _add_run_options(add):
    add(
        "--timeout",
        metavar="TIME",
        type=duration,
        help="deadline for all but the build (default: 10m; a shell in a "
        "terminal has none)",
    )
    add(
        "--build",
        metavar="DIR",
        help="build folder whose programs it gets, without the tests (default: "
        "build, which scripts/cglab brings up to date if they are needed; if "
        "cglab is installed, its own programs)",
    )
    add(
        "--add",
        metavar="PATH",
        action="append",
        default=[],
        help="put this file or folder into it, at the same path (repeatable)",
    )
    add(
        "--no-state",
        action="store_true",
        help="neither use nor save the state of a booted VM",
    )
    add(
        "--verbose",
        action="store_true",
        help="print each step and the kernel's messages on stderr",
    )


def _add_other_actions(add):
    add(
        "--fetch-kernel",
        metavar="KERNEL",
        nargs="?",
        const="",
        help="fetch the newest such kernel into the cache (not onto this "
        "system) and print its path; KERNEL as above, without a path "
        "(debian:SUITE is the main archive, without security updates)",
    )
    add(
        "--make-systemd",
        action="store_true",
        help="make the root file system for --systemd in advance, in the cache",
    )
    add(
        "--packages",
        action="store_true",
        help="list the packages that this script needs",
    )
    add("command", nargs="*", help=argparse.SUPPRESS)


def _parser():
    parser = _Parser(
        prog="scripts/vm",
        usage="scripts/vm [OPTION]... [-- COMMAND [ARGUMENT]...]",
        description="Runs a command in a disposable VM, emulated by QEMU.\n"
        "It needs neither root nor KVM.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_machine_options(parser.add_argument)
    _add_run_options(parser.add_argument)
    _add_other_actions(parser.add_argument)
    return parser


def parse(arguments, root):
    """The options; root is the folder of the project."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = _parser().parse_args(arguments[:end])
    if options.command:
        raise Problem(
            EXIT_USAGE,
            f"unexpected '{options.command[0]}'; write -- before the command",
        )
    options.command = arguments[end + 1 :]
    if options.include and not (options.systemd or options.make_systemd):
        raise Problem(EXIT_USAGE, "--include needs --systemd")
    if end < len(arguments) and not options.command:
        raise Problem(EXIT_USAGE, "no command after --")
    options.build_is_named = options.build is not None
    # Not in a checkout, but in PREFIX/libexec/cglab.
    options.is_installed = not options.build_is_named and not os.path.exists(
        os.path.join(root, "scripts", "cglab")
    )
    if options.is_installed:
        options.build = os.path.join(os.path.dirname(root), "../bin")
    elif not options.build_is_named:
        options.build = os.path.join(root, "build")
    elif not os.path.isdir(options.build):
        raise Problem(EXIT_USAGE, f"--build {options.build}: no such folder")
    for path in options.add:
        if not os.path.exists(path):
            raise Problem(EXIT_USAGE, f"--add {path}: no such file")
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise Problem(
                EXIT_USAGE, f"--add {path}: neither a regular file nor a folder"
            )
    if options.memory is None:
        options.memory = _DEFAULT_MEMORY + options.systemd * _SYSTEMD_MEMORY
    if options.kernel is None:
        options.kernel = os.environ.get("CGLAB_VM_KERNEL") or None
    return options
