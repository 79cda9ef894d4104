# SPDX-License-Identifier: MIT
"""One emulated machine: the QEMU process and its sockets."""

import contextlib
import json
import os
import socket
import subprocess

from host.common import EXIT_UNABLE, Problem, attempt, note
from host.install import install
from host.interrupt import Held
from host.programs import find_program

QEMU = "qemu-system-x86_64"
# norandmaps: QEMU translates a program anew at every address where it runs.
_KERNEL_OPTIONS = (
    "console=ttyS0 panic=-1 reboot=t psi=1 tsc=reliable no_timer_check "
    "cryptomgr.notests mitigations=off norandmaps hugepages=1"
)
# The first is for our init, which has them as its environment.
_SYSTEMD_OPTIONS = (
    "cglab_systemd=1 rdinit=/init systemd.show_status=0 "
    "systemd.log_target=kmsg systemd.log_level=notice"
)
# systemd 256 and 257 mount v1 only when they are forced.
_SYSTEMD_V1 = (
    "systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 "
)
_SYSTEMD_LAYOUTS = {
    "v2": "systemd.unified_cgroup_hierarchy=1",
    "hybrid": _SYSTEMD_V1 + "systemd.legacy_systemd_cgroup_controller=0",
    "v1": _SYSTEMD_V1 + "systemd.legacy_systemd_cgroup_controller=1",
}


def find_qemu():
    path = find_program(QEMU)
    if not path:
        install("vm")
        path = find_program(QEMU)
    if path:
        return path
    raise Problem(
        EXIT_UNABLE,
        f"{QEMU} is missing; install it with: "
        "sudo apt-get install qemu-system-x86",
    )


def _tsc_khz():
    """The rate of this host's time stamp counter, which the machine reads.

    As a kernel parameter it saves the calibration, and makes it keep time by
    this counter rather than by ticks.
    """
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            text = file.read(8192)
    except OSError:
        return None
    if "constant_tsc" not in text or "bogomips" not in text:
        return None
    return int(
        float(text.split("bogomips", 1)[1].split(":")[1].split()[0]) * 500
    )


def kernel_options(loud, systemd=None):
    """The kernel's command line; systemd is the layout that it is to mount."""
    rate = _tsc_khz()
    level = "loglevel=7" if loud else "quiet loglevel=1"
    words = [_KERNEL_OPTIONS, level]
    if rate:
        words.append(f"tsc_early_khz={rate}")
    if systemd:
        words += [_SYSTEMD_OPTIONS, _SYSTEMD_LAYOUTS[systemd]]
    return " ".join(words)


def hardware(kind, memory, cpus):
    """QEMU's arguments that make up the hardware, without file descriptors."""
    # Only through ACPI does the kernel find more CPUs; without, it boots faster.
    acpi = "on" if cpus > 1 else "off"
    board = f"{kind},acpi={acpi}"
    return [
        "-M",
        board + ",memory-backend=ram",
        "-accel",
        "tcg",
        "-cpu",
        "qemu64",
        "-smp",
        str(cpus),
        "-m",
        f"{memory >> 20}M",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
    ]


class Control:
    """QEMU's machine protocol (QMP) on a socket."""

    def __init__(self, connection):
        self._socket = connection
        self._pending = b""

    def send(self, command, descriptor=None, **arguments):
        message = {"execute": command, "arguments": arguments}
        data = json.dumps(message).encode() + b"\n"
        descriptors = [] if descriptor is None else [descriptor]
        with contextlib.suppress(OSError):
            socket.send_fds(self._socket, [data], descriptors)

    def open(self):
        """Begins, and sets up migration for memory that is a file of ours."""
        self.send("qmp_capabilities")
        names = ("events", "x-ignore-shared")
        self.send(
            "migrate-set-capabilities",
            capabilities=[
                {"capability": name, "state": True} for name in names
            ],
        )

    def receive(self):
        """The messages that are there; None when QEMU has gone."""
        try:
            got = self._socket.recv(65536)
        except OSError:
            got = b""
        if not got:
            return None
        *lines, self._pending = (self._pending + got).split(b"\n")
        found = []
        for line in filter(bytes.strip, lines):
            # A QEMU that dies may cut its last line off.
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found


class Machine:
    """A running QEMU. Use it as a context manager: it ends with the block."""

    def __init__(self, arguments, memory, incoming=False):
        self.memory = memory
        self._arguments = arguments
        self._incoming = incoming
        self._process = None
        with attempt(f"set up a machine of {memory >> 20} MiB"):
            self.memory_fd = os.memfd_create("cglab-vm")
            os.ftruncate(self.memory_fd, memory)
            self.serial, serial = socket.socketpair()
            self.debug, debug = socket.socketpair()
            self.control_socket, control = socket.socketpair()
            self._errors = os.memfd_create("cglab-vm-errors")
        self.control = Control(self.control_socket)
        self._ends = (serial, debug, control)

    def _start(self):
        serial, debug, control = (end.fileno() for end in self._ends)
        command = [
            *self._arguments,
            "-object",
            "memory-backend-file,id=ram,share=on,"
            f"mem-path=/proc/self/fd/{self.memory_fd},size={self.memory}",
            "-chardev",
            f"socket,id=serial,fd={serial}",
            "-serial",
            "chardev:serial",
            "-chardev",
            f"socket,id=debug,fd={debug}",
            "-device",
            "isa-debugcon,chardev=debug,iobase=0xe9",
            "-chardev",
            f"socket,id=control,fd={control}",
            "-mon",
            "chardev=control,mode=control",
        ]
        kept = [self.memory_fd, serial, debug, control]
        if self._incoming:
            command += ["-incoming", "defer"]
        guard = find_program("setpriv")
        if not guard:
            raise Problem(EXIT_UNABLE, "setpriv is missing; install util-linux")
        # Should this script be killed, QEMU dies with it.
        command = [guard, "--pdeathsig", "KILL", "--", *command]
        with attempt(f"start {self._arguments[0]}"), Held():
            self._process = subprocess.Popen(
                command,
                pass_fds=kept,
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                start_new_session=True,
            )
        for end in self._ends:
            end.close()
        note(f"started QEMU, process {self._process.pid}")

    def errors(self):
        """QEMU's own error messages."""
        return os.pread(self._errors, 4096, 0).decode(errors="replace").strip()

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process:
            self._process.kill()
            self._process.wait()
        for connection in (self.serial, self.debug, self.control_socket):
            connection.close()
        os.close(self._errors)
        os.close(self.memory_fd)
