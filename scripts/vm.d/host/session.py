# SPDX-License-Identifier: MIT
"""Runs one command in a machine that has booted."""

import codecs
import contextlib
import os
import select
import stat
import time

from host import channel as wire
from host.common import (
    EXIT_DEADLINE,
    EXIT_FAILED,
    Problem,
    note,
    reason_of,
    say,
    verbose,
    visible,
)
from host.terminal import TTY_INPUT

_CONSOLE_KEPT = 16384
_ENTROPY_BYTES = 256
_NAP = 60
# The most that a writable pipe accepts without blocking.
_PIPE_STEP = select.PIPE_BUF
_FILE_STEP = wire.SLOT_SIZE


class MachineStopped(Problem):
    """The machine has gone before the command ended."""


class Ended(Exception):
    """The command has ended with this status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Output:
    """One slot's way to a descriptor of ours."""

    def __init__(self, fd):
        self.fd = fd
        self.rest = None
        regular = fd is not None and stat.S_ISREG(os.fstat(fd).st_mode)
        self._step = _FILE_STEP if regular else _PIPE_STEP

    def write(self):
        """Writes on. Returns whether all is written."""
        try:
            done = os.write(self.fd, self.rest[: self._step])
        except BlockingIOError:
            return False
        self.rest = self.rest[done:]
        return not self.rest


class Session:
    """The loop between a machine's channel and our standard streams."""

    def __init__(self, machine, streams, deadline):
        self._machine = machine
        self._streams = streams
        self._deadline = deadline
        self._poll = select.poll()
        self._handlers = {}
        self._console = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._acknowledged = False
        self._on_message = None
        self._on_hello = None
        self._on_acknowledged = lambda: None
        self._outputs = {}
        self.channel = wire.Channel(
            machine.debug, machine.serial, machine.memory_fd, machine.memory
        )
        self._watch(machine.debug.fileno(), select.POLLIN, self._receive)
        self._watch(machine.serial.fileno(), select.POLLIN, self._read_console)
        self._watch(
            machine.control_socket.fileno(), select.POLLIN, self._control
        )

    def _watch(self, fd, events, handler):
        self._handlers[fd] = handler
        self._poll.register(fd, events)

    def _forget(self, fd):
        if self._handlers.pop(fd, None):
            self._poll.unregister(fd)

    def run_until(self, done, seconds=None):
        """Serves everything until done() holds.

        Returns whether it did within seconds. Raises Ended when the command
        ends and Problem at the deadline or when the machine fails.
        """
        timeout = time.monotonic() + seconds if seconds else None
        while not done():
            now = time.monotonic()
            if now >= self._deadline:
                raise Problem(
                    EXIT_DEADLINE, "the deadline has passed (--timeout)"
                )
            if timeout and now >= timeout:
                return False
            end = min(self._deadline, timeout or self._deadline, now + _NAP)
            for fd, _ in self._poll.poll((end - now) * 1000 + 1):
                handler = self._handlers.get(fd)
                if handler:
                    handler()
        return True

    # From QEMU

    def _read_console(self):
        try:
            data = self._machine.serial.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._forget(self._machine.serial.fileno())
        elif verbose():
            self._show(data)
        self._console = (self._console + data)[-_CONSOLE_KEPT:]

    def _show(self, data):
        text = self._decoder.decode(data).replace("\r", "")
        end = "\r\n" if os.isatty(2) else "\n"
        # A message that cannot be shown is not a failure.
        with contextlib.suppress(OSError):
            os.write(2, visible(text).replace("\n", end).encode())

    def _control(self):
        messages = self._machine.control.receive()
        if messages is None:
            self._forget(self._machine.control_socket.fileno())
            return
        for message in messages:
            if self._on_message:
                self._on_message(message)

    def _receive(self):
        frames = self.channel.receive()
        if frames is None:
            raise MachineStopped(
                EXIT_FAILED,
                "the machine has stopped; QEMU and the kernel said last:",
                self._last_words() or "(nothing)",
            )
        for kind, slot, length, value in frames:
            if kind == wire.HELLO and self._on_hello:
                self._on_hello(value)
            elif kind == wire.ACK:
                self._acknowledged = True
                self._on_acknowledged()
            elif kind == wire.DATA and slot in self._outputs:
                self._take_output(slot, min(length, wire.SLOT_SIZE))
            elif kind == wire.CLOSE:
                self._stop_input()
            elif kind == wire.EXIT:
                raise Ended(value & 0xFF)
            elif kind == wire.FAIL:
                length = min(length, wire.SLOT_SIZE)
                text = bytes(self.channel.slot(wire.ERROR, length))
                raise Problem(value & 0xFF or EXIT_FAILED, os.fsdecode(text))
            else:
                # Any program in the VM may write to the port as init does.
                raise Problem(
                    EXIT_FAILED,
                    f"the VM sent a damaged message (kind {kind}, slot "
                    f"{slot}); start it again, or without a saved state: "
                    "--no-state",
                )

    def _last_words(self):
        # The kernel's last messages may still be on their way.
        self._machine.serial.setblocking(False)
        while self._machine.serial.fileno() in self._handlers:
            before = len(self._console)
            self._read_console()
            if len(self._console) == before:
                break
        console = os.fsdecode(self._console).replace("\r", "")
        words = (self._machine.errors(), console)
        return "\n".join(part.strip() for part in words if part.strip())

    # Starting

    def wait_boot(self):
        """Waits for a cold boot and returns the buffer's address."""
        address = []
        self._on_hello = address.append
        self.run_until(lambda: address)
        self.channel.attach(address[0])
        return address[0]

    def control_until(self, decide, seconds):
        """Hands QEMU's messages to decide() until it returns a truth."""
        answer = []

        def on_message(message):
            result = decide(message)
            if result is not None:
                answer.append(result)

        self._on_message = on_message
        self.run_until(lambda: answer, seconds)
        self._on_message = None
        return answer[0] if answer else None

    def request(self, kind, data, value=0, seconds=None):
        """Sends data and waits until the machine has dealt with it."""
        self._acknowledged = False
        self.channel.send_bytes(kind, data, value)
        return self.run_until(lambda: self._acknowledged, seconds)

    def set_time(self, seconds=None):
        """Clock and entropy of this start. Returns whether that was taken."""
        return self.request(
            wire.TIME, os.urandom(_ENTROPY_BYTES), time.time_ns(), seconds
        )

    def send_archive(self, archive):
        view = self.channel.slot(wire.INPUT)
        total = 0
        while length := archive.read_into(view):
            self._acknowledged = False
            self.channel.send(wire.ARCHIVE, wire.INPUT, length)
            self.run_until(lambda: self._acknowledged)
            total += length
        note(f"sent {total >> 10} KiB of programs")

    # Running

    def run(self, settings):
        """Runs the command and returns its exit status."""
        for slot, fd in (
            (wire.OUTPUT, 1),
            (wire.ERROR, 2),
            (wire.TERMINAL, self._streams.screen),
        ):
            self._outputs[slot] = Output(fd)
        try:
            self.request(wire.START, settings)
            note("started the command")
            self._on_acknowledged = self._ready_for_input
            if self._streams.input is None:
                self._end_input()
            self._ready_for_input()
            self.run_until(lambda: False)
        except Ended as ended:
            note(f"the command has ended with status {ended.status}")
            return ended.status
        return EXIT_FAILED

    def resize(self):
        self.channel.send(wire.WINDOW, value=self._streams.window())

    def _ready_for_input(self):
        if self._streams.input is not None:
            self._watch(self._streams.input, select.POLLIN, self._read_input)

    def _end_input(self):
        self._stop_input()
        self.channel.send(wire.DATA, wire.INPUT, 0)

    def _stop_input(self):
        self._forget(self._streams.input)
        self._streams.input = None

    def _read_input(self):
        fd = self._streams.input
        view = self.channel.slot(wire.INPUT)
        try:
            got = os.readv(fd, [view])
        except BlockingIOError:
            return
        except OSError:
            got = 0
        if got == 0:
            self._end_input()
            return
        if self._streams.terminals & TTY_INPUT and self._streams.escape.seen(
            view[:got]
        ):
            say("ended by Ctrl-]")
            raise Ended(EXIT_FAILED)
        # The slot is the machine's until it has taken everything.
        self._forget(fd)
        self._acknowledged = False
        self.channel.send(wire.DATA, wire.INPUT, got)

    def _take_output(self, slot, length):
        output = self._outputs[slot]
        output.rest = self.channel.slot(slot, length)
        self._watch(output.fd, select.POLLOUT, lambda: self._write_output(slot))

    def _write_output(self, slot):
        output = self._outputs[slot]
        try:
            if not output.write():
                return
            answer = wire.ACK
        except BrokenPipeError:
            answer = wire.CLOSE
        except OSError as error:
            raise Problem(
                EXIT_FAILED,
                f"cannot write the command's output: {reason_of(error)}",
            ) from error
        output.rest = None
        self._forget(output.fd)
        self.channel.send(answer, slot)
