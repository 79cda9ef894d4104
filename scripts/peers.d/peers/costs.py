# SPDX-License-Identifier: MIT
"""What the container layer costs: a start, memory, page faults."""

import contextlib
import functools
import pathlib
import statistics
import subprocess
import time

from peers.command import Failure, end, run
from peers.starters import make_starters
from peers.turns import (Measure, Way, milliseconds, ratio_to, table,
                         table_of_times, take_turns)

_BASE = "bare exec"
_MIB = 1 << 20
_HELD = 8 * _MIB
_BLOCK = 64 * _MIB
_DEADLINE = 60


def _of_starters(measure_one, setting, runs):
    return take_turns(
        [Way(each.name, functools.partial(measure_one, each), each.why_not(),
             each.clean) for each in make_starters(setting)], runs)


def _start_ms(starter):
    command = starter.command("true")
    return milliseconds(lambda: run(*command, expected={0}))


def _field(pid, name):
    """A size in bytes of a file like /proc/PID/smaps_rollup."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) << 10
    raise Failure(f"/proc/{pid}/smaps_rollup has no {name}")


def _wait_until_touched(pid):
    last = time.monotonic() + _DEADLINE
    while time.monotonic() < last:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
        # ESRCH: it has called execve() between open() and read().
        with contextlib.suppress(ProcessLookupError):
            if state.split()[0] == "S" and _field(pid, "Anonymous") >= _HELD:
                return
        time.sleep(0.02)
    raise Failure(f"process {pid} did not touch {_HELD} bytes in {_DEADLINE} s")


def _charged(cgroup, version):
    name = "memory.usage_in_bytes" if version == "v1" else "memory.current"
    return int((cgroup / name).read_text())


def _held_bytes(starter):
    version = starter.setting.version
    held = starter.hold("malloc_demo", "--quiet", "--total", str(_HELD),
                        "--block", str(_HELD), "--ramp", "0", "--hold")
    _wait_until_touched(held.pid)
    figures = {"cgroup": _charged(held.cgroup, version)}
    if held.helper:
        figures["helper_pss"] = _field(held.helper, "Pss")
    if held.helper_cgroup:
        figures["helper_cgroup"] = _charged(held.helper_cgroup, version)
    starter.release()
    return figures


def _fault_rate(starter):
    """MiB/s, from the program's line on its first block to that on its second:
    without its start."""
    command = starter.command(
        "malloc_demo", "--total", str(2 * _BLOCK), "--block", str(_BLOCK),
        "--ramp", "0")
    times = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        try:
            for line in process.stdout:
                if b": block " in line:
                    times.append(time.perf_counter())
        except BaseException:
            end(process)
            raise
    if process.returncode != 0 or len(times) != 2:
        raise Failure(f"{' '.join(command)} ended with {process.returncode} "
                      f"after {len(times)} of 2 blocks")
    return _BLOCK / _MIB / (times[1] - times[0])


def _median_kib(samples, name):
    values = [figures[name] for figures in samples if name in figures]
    return statistics.median(values) / 1024 if values else None


def _memory_text(results):
    base = _median_kib(results[_BASE].get("samples", []), "cgroup")

    def cells(samples):
        inside, *of_helper = (_median_kib(samples, name) for name in (
            "cgroup", "helper_pss", "helper_cgroup"))
        beyond = None if base is None else inside - base
        return ["-" if value is None else f"{value:.0f}"
                for value in (inside, beyond, *of_helper)]
    return table(results, ["way", "its cgroup", "more than bare", "helper's PSS",
                           "helper's cgroup"], cells)


def _faults_text(results):
    ratio = ratio_to(results, _BASE)
    return table(results, ["way", "median MiB/s", "min", "max", "ratio"],
                 lambda samples: [f"{statistics.median(samples):.0f}",
                                  f"{min(samples):.0f}", f"{max(samples):.0f}",
                                  ratio(samples)])


START = Measure("start to exit of `true`",
                functools.partial(_of_starters, _start_ms),
                functools.partial(table_of_times, base=_BASE))
MEMORY = Measure(f"charged while a program holds {_HELD // _MIB} MiB, in KiB "
                 "(medians)",
                 functools.partial(_of_starters, _held_bytes), _memory_text)
FAULTS = Measure(f"page faults: {_BLOCK // _MIB} MiB, without the start",
                 functools.partial(_of_starters, _fault_rate), _faults_text)
