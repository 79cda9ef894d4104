# SPDX-License-Identifier: MIT
"""The signals that end scripts/vm."""

import signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Interrupted(BaseException):
    """A signal that ends us; its number is in args[0]."""

    def __str__(self):
        return f"interrupted by {signal.Signals(self.args[0]).name}"


class _State:
    held = 0
    waiting = None
    is_ending = False


def _on_signal(number, _):
    # Later signals must not stop the clean-up.
    if _State.is_ending:
        return
    if _State.held:
        _State.waiting = number
        return
    _State.is_ending = True
    raise Interrupted(number)


def catch():
    """From here on these signals raise Interrupted; those ignored stay so."""
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _on_signal)


def ignore():
    """From here on they change nothing: the exit status is known.

    Raises Interrupted when one has come before.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class Held:
    """Within, a signal waits: what is made can be noted for its removal."""

    def __enter__(self):
        _State.held += 1

    def __exit__(self, *_):
        _State.held -= 1
        if _State.waiting and not _State.held:
            number, _State.waiting = _State.waiting, None
            _on_signal(number, None)
