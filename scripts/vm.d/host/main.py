# SPDX-License-Identifier: MIT
"""scripts/vm: from the options to the exit status."""

import os
import platform
import signal
import sys
import time

from host import build, common, install, modules, options, programs, trust
from host.archive import Archive
from host.common import EXIT_FAILED, EXIT_UNABLE, Problem, attempt, note

_PASSED = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "TZ", "LD_LIBRARY_PATH")
_PASSED_PREFIXES = ("LC_", "GTEST_", "CGLAB_", "BENCHMARK_")
_DEFAULT_TIMEOUT = 600
_MODULES = "/lib/modules"
_AS_LOGIN = (
    "/usr/bin/systemd-run",
    "--quiet",
    "--scope",
    "--collect",
    "--slice=user.slice",
    "--unit=login.scope",
)


def _environment(layout):
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED
        or name.startswith(_PASSED_PREFIXES)
        or name.endswith("SAN_OPTIONS")
    }
    return {
        "TERM": "dumb",
        **passed,
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": "/root",
        "USER": "root",
        "LOGNAME": "root",
        "SHELL": "/bin/sh",
        "PS1": f"vm {layout}:\\w \\$ ",
        "CGLAB_VM": layout,
    }


def _command(chosen):
    command = chosen.command or ["/bin/sh"]
    if not chosen.systemd:
        return command
    # Out of init's own scope, and where a login of root would be. The shell is
    # there for its exit status when the command cannot be run.
    return [*_AS_LOGIN, "/bin/sh", "-c", 'exec "$@"', "sh", *command]


def _settings(chosen, streams, module_paths):
    """The text of FRAME_START: see guest/command.c."""
    pairs = [
        ("layout", ("systemd-" if chosen.systemd else "") + chosen.cgroup),
        ("swap", chosen.swap),
        ("terminals", streams.terminals),
        ("merge", int(streams.merged)),
        ("window", streams.window()),
        ("loglevel", 7 if common.verbose() else 1),
        ("directory", os.getcwd()),
        *(("module", path) for path in module_paths),
        *(("env", f"{k}={v}") for k, v in _environment(chosen.cgroup).items()),
        *(("arg", argument) for argument in _command(chosen)),
    ]
    return b"".join(os.fsencode(f"{name}={value}\0") for name, value in pairs)


def _swap_modules(kernel):
    """{path in the machine: content}."""
    found = modules.ordered(kernel.modules)
    if kernel.modules is None:
        note("no modules next to the kernel; --swap needs zram built in")
    return {f"{_MODULES}/{name}.ko": content for name, content in found}


def _run(chosen, root):
    # Imported here: --help and usage errors need none of it.
    from host.boot import Boot
    from host.image import applets, find_busybox
    from host.terminal import Streams

    if platform.machine() != "x86_64":
        raise Problem(
            EXIT_UNABLE,
            "the VM is an x86_64 machine that gets the programs of this host, "
            f"which is {platform.machine()}; use a host with x86_64",
        )
    streams = Streams()
    shell = not chosen.command and streams.terminals
    timeout = chosen.timeout or (float("inf") if shell else _DEFAULT_TIMEOUT)
    boot = Boot(chosen)
    build.bring_up_to_date(chosen, root)
    begin = time.monotonic()
    extra = _swap_modules(boot.kernel) if chosen.swap else {}

    def serve(session):
        session.send_archive(Archive(files, links, extra))
        signal.signal(signal.SIGWINCH, lambda *_: session.resize())
        with streams.raw():
            return session.run(_settings(chosen, streams, list(extra)))

    if boot.rootfs:
        files, links = programs.collect_for(boot.rootfs, chosen)
    else:
        files, links = programs.collect(chosen, lambda: applets(find_busybox()))
    return boot.run(streams, begin + timeout, serve)


def _print(text):
    # As bytes, which a path may have in any encoding.
    sys.stdout.buffer.write(os.fsencode(text) + b"\n")


def _dispatch(root, arguments):
    chosen = options.parse(arguments, root)
    common.set_verbose(chosen.verbose)
    trust.check_temporary()
    if chosen.packages:
        _print("\n".join(install.packages("vm", "rootfs")))
        return 0
    if chosen.make_systemd:
        from host import rootfs

        _print(rootfs.base(chosen.include).image)
        return 0
    if chosen.fetch_kernel is not None:
        from host.fetch import fetch

        _print(fetch(chosen.fetch_kernel))
        return 0
    return _run(chosen, root)


def _open_standard_streams():
    """A stream that is closed must not become a descriptor of our own."""
    for fd, flags in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            # The lowest number that is free is this one.
            os.set_inheritable(os.open(os.devnull, flags), True)


def _dispatch_and_flush(root, arguments):
    try:
        status = _dispatch(root, arguments)
    except SystemExit as done:  # argparse has printed the help
        status = done.code
    try:
        sys.stdout.flush()
    except OSError as error:
        # Python would try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):
            raise Problem(
                EXIT_FAILED,
                f"cannot write to standard output: {error.strerror}",
            ) from error
        status = 128 + signal.SIGPIPE
    return status


def main(root, arguments):
    """Runs scripts/vm and returns its exit status. Raises Interrupted."""
    _open_standard_streams()
    # Files made here are never writable by others.
    os.umask(os.umask(0o022) | 0o022)
    try:
        with attempt("go on"):
            return _dispatch_and_flush(root, arguments)
    except Problem as problem:
        common.say(str(problem), problem.details)
        return problem.status
