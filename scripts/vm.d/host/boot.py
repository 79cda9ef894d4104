# SPDX-License-Identifier: MIT
"""Brings a machine to the point at which init waits for a command."""

from host import build, image, kernel, machine, rootfs
from host.common import EXIT_DEADLINE, EXIT_FAILED, Problem, note, say, verbose
from host.session import MachineStopped, Session
from host.states import BROKEN, State

# Far above the usual times, also on a busy machine.
_RESTORE_SECONDS = 20
_SAVE_SECONDS = 30
_NO_LIMIT = 1 << 40

_BOARDS = ("microvm", "pc")


class Boot:
    """A bootable VM: kernel, initramfs and hardware."""

    def __init__(self, options):
        self._qemu = machine.find_qemu()
        self.kernel = kernel.choose(options.kernel)
        self.rootfs = (
            rootfs.base(options.include) if options.systemd else None
        )
        self._initramfs = (
            self.rootfs.image
            if self.rootfs
            else image.base(needs_shell=not build.runs_only_own(options))
        )
        self._layout = options.cgroup if options.systemd else None
        self._memory = options.memory
        self._cpus = options.cpus
        self._keep_state = not options.no_state and not verbose()
        self._restore = not options.no_state

    def _arguments(self, board):
        return [
            self._qemu,
            *machine.hardware(board, self._memory, self._cpus),
            "-kernel",
            self.kernel.image,
            "-initrd",
            self._initramfs,
            "-append",
            machine.kernel_options(verbose(), self._layout),
        ]

    def _state(self, board):
        quiet = self._arguments(board)[:-1] + [
            machine.kernel_options(False, self._layout)
        ]
        return State(quiet, (self._qemu, self.kernel.image, self._initramfs))

    def run(self, streams, deadline, serve):
        """Boots, calls serve(session) and returns what that returns."""
        for board in _BOARDS:
            restored = self._restore and self._run_restored(
                board, streams, deadline, serve
            )
            if restored:
                return restored[0]
            with machine.Machine(self._arguments(board), self._memory) as new:
                session = Session(new, streams, deadline)
                try:
                    address = session.wait_boot()
                except Problem as problem:
                    if problem.status == EXIT_DEADLINE or board == _BOARDS[-1]:
                        raise
                    note(f"{board} does not boot: {problem}")
                    continue
                note(f"{board} has booted")
                if self._keep_state:
                    _save(session, new, self._state(board), address)
                session.set_time()
                return serve(session)

    def _run_restored(self, board, streams, deadline, serve):
        """A list with serve's answer, or None if nothing could be restored."""
        state = self._state(board)
        with state.opened() as saved:
            if not saved:
                return None
            with machine.Machine(
                self._arguments(board), self._memory, True
            ) as new:
                session = Session(new, streams, deadline)
                try:
                    failure = _resume(session, new, saved)
                except Problem as problem:
                    if problem.status == EXIT_DEADLINE:
                        raise
                    failure = str(problem)
                if not failure:
                    note("restored the saved state")
                    return [_serve_restored(session, state, serve)]
            state.discard(failure)
            return None


def _serve_restored(session, state, serve):
    try:
        return serve(session)
    except MachineStopped:
        state.discard("the machine has stopped")
        raise


def _resume(session, new, saved):
    """Waits until a restored machine runs. Returns why not, or None."""
    try:
        saved.fill(new.memory_fd)
    except BROKEN as error:
        return str(error)
    note("filled the memory")
    new.control.open()
    new.control.send("getfd", descriptor=saved.fd, fdname="state")
    new.control.send("migrate-incoming", uri="fd:state")

    def running(message):
        if "error" in message:
            return message["error"].get("desc", "error")
        return "" if message.get("event") == "RESUME" else None

    failure = session.control_until(running, _RESTORE_SECONDS)
    if failure != "":
        return failure or "it does not run"
    session.channel.attach(saved.address)
    if not session.set_time(_RESTORE_SECONDS):
        return "it does not answer"
    return None


def _save(session, new, state, address):
    """Saves the machine that waits for a command. A failure here is harmless."""
    finished = ("completed", "failed", "cancelled")

    def decide(message):
        if "error" in message:
            return message["error"].get("desc", "error")
        if message.get("event") == "MIGRATION":
            status = message["data"]["status"]
            return status if status in finished else None
        return None

    try:
        with state.saving(address, new.memory_fd) as fd:
            new.control.open()
            new.control.send(
                "migrate-set-parameters", **{"max-bandwidth": _NO_LIMIT}
            )
            new.control.send("getfd", descriptor=fd, fdname="state")
            new.control.send("migrate", uri="fd:state")
            result = session.control_until(decide, _SAVE_SECONDS)
            if result != "completed":
                raise Problem(
                    EXIT_FAILED,
                    f"cannot save the machine's state: QEMU says: {result}",
                )
    except Problem as problem:
        if problem.status == EXIT_DEADLINE:
            raise
        say(f"{problem}; continuing without (--no-state does not try)")
    new.control.send("cont")
