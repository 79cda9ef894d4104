# SPDX-License-Identifier: MIT
"""Frames and the shared buffer: see guest/protocol.h."""

import contextlib
import mmap
import struct

from host.common import EXIT_FAILED, Problem, attempt

_FRAME = struct.Struct("<BBHIQ")
_MAGIC = b"cglab.vm buffer"
BUFFER_SIZE = 2 << 20
INPUT, OUTPUT, ERROR, TERMINAL = range(4)
SLOT_SIZE = BUFFER_SIZE // 4

DATA, ACK, CLOSE = b"DAQ"
HELLO, EXIT, FAIL = b"HXF"
TIME, ARCHIVE, START, WINDOW = b"TPCW"


class Channel:
    """The host's end: sockets of the debug port and the serial line."""

    def __init__(self, debug, serial, memory_fd, memory_size):
        self._debug = debug
        self._serial = serial
        with attempt("map the machine's memory"):
            self._map = mmap.mmap(memory_fd, memory_size)
        self._base = None
        self._pending = b""

    def attach(self, address):
        """Takes the buffer at this physical address into use."""
        end = address + len(_MAGIC)
        if self._map[address:end] != _MAGIC:
            raise Problem(EXIT_FAILED, f"no buffer at {address:#x} in the VM")
        self._base = address

    def slot(self, index, length=SLOT_SIZE):
        start = self._base + index * SLOT_SIZE
        return memoryview(self._map)[start : start + length]

    def send(self, kind, slot=INPUT, length=0, value=0):
        # That the machine has gone is seen where its frames are read.
        with contextlib.suppress(OSError):
            self._serial.sendall(_FRAME.pack(kind, slot, 0, length, value))

    def send_bytes(self, kind, data, value=0):
        """Sends data, which must fit into the input slot."""
        if len(data) > SLOT_SIZE:
            raise Problem(
                EXIT_FAILED,
                f"command and environment are too long for the VM: {len(data)} "
                f"of at most {SLOT_SIZE} bytes",
            )
        self.slot(INPUT, len(data))[:] = data
        self.send(kind, INPUT, len(data), value)

    def receive(self):
        """The frames that are there: (kind, slot, length, value). None: end."""
        try:
            got = self._debug.recv(4096)
        except OSError:
            got = b""
        if not got:
            return None
        self._pending += got
        whole = len(self._pending) // _FRAME.size * _FRAME.size
        frames = [
            (kind, slot, length, value)
            for kind, slot, _, length, value in _FRAME.iter_unpack(
                self._pending[:whole]
            )
        ]
        self._pending = self._pending[whole:]
        return frames
