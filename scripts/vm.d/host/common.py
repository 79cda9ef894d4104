# SPDX-License-Identifier: MIT
"""Failures and messages."""

import contextlib
import errno
import os
import time

EXIT_USAGE = 2
EXIT_FAILED = 3
EXIT_UNABLE = 77
EXIT_DEADLINE = 124
EXIT_NOT_FOUND = 127

_settings = {"verbose": False}

_SPACE = "free some space there"
_OTHER_CACHE = "name another cache folder with XDG_CACHE_HOME"
_CURES = {
    errno.ENOSPC: f"{_SPACE}, or {_OTHER_CACHE}",
    errno.EDQUOT: f"{_SPACE}, or {_OTHER_CACHE}",
    errno.EROFS: _OTHER_CACHE,
    errno.EACCES: _OTHER_CACHE,
    errno.EPERM: _OTHER_CACHE,
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "the host has no more open files; end other programs",
    errno.ENOMEM: "end other programs, or give the VM less with --memory",
    errno.EAGAIN: "raise the limit of processes (ulimit -u)",
}


class Problem(Exception):
    """A failure that ends scripts/vm: an exit status and what to print.

    The message is one line, whatever the names in it; details are lines of
    another program.
    """

    def __init__(self, status, message, details=""):
        super().__init__(message)
        self.status = status
        self.details = details


def set_verbose(on):
    _settings["verbose"] = on


def verbose():
    return _settings["verbose"]


def _escaped(char):
    code = ord(char)
    # A byte that is not UTF-8, as Python reads it from the system.
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else ascii(char)[1:-1]


def visible(text, kept="\n\t"):
    """text with its control characters, which a terminal may obey, as \\xHH."""
    return "".join(
        char if char in kept or char.isprintable() else _escaped(char)
        for char in text
    )


def say(message, details=""):
    lines = [f"vm: {visible(message, kept='')}"]
    # Set apart: another program's output.
    lines += [f"  {line}" for line in visible(details).splitlines()]
    # Carriage returns, because the terminal may be in raw mode.
    end = "\r\n" if os.isatty(2) else "\n"
    with contextlib.suppress(OSError):
        os.write(2, "".join(line + end for line in lines).encode())


_begin = time.monotonic()


def note(message):
    """One line of progress for --verbose."""
    if verbose():
        say(f"{time.monotonic() - _begin:6.3f} s  {message}")


def reason_of(error):
    """What the kernel said to an OSError, in words, and what to do."""
    text = error.strerror or str(error) or type(error).__name__
    return text + (f"; {_CURES[error.errno]}" if error.errno in _CURES else "")


def cure(text, otherwise):
    """The advice on an error message (in English) of a program."""
    is_full = os.strerror(errno.ENOSPC) in text
    return _CURES[errno.ENOSPC] if is_full else otherwise


def failure_of(program, output, advice):
    """The Problem that a program of the host has failed, with its output.

    program names it and what it does. The advice is replaced where the output,
    which is English, says that a file system is full.
    """
    if os.strerror(errno.ENOSPC) in output:
        reason = os.strerror(errno.ENOSPC)
        return Problem(EXIT_FAILED, f"{program}: {reason}; {cure(output, '')}")
    return Problem(EXIT_FAILED, f"{program}; {advice}. It said:", output)


@contextlib.contextmanager
def attempt(what):
    """Turns an OSError into the Problem that this could not be done."""
    try:
        yield
    except OSError as error:
        named = error.filename and "/" not in what
        path = f" ({error.filename})" if named else ""
        raise Problem(
            EXIT_FAILED, f"cannot {what}{path}: {reason_of(error)}"
        ) from error
