# SPDX-License-Identifier: MIT
"""Measuring several ways by turns, and tables of the results."""

import dataclasses
import statistics
import time
import typing

from peers.command import Failure


@dataclasses.dataclass
class Way:
    """One of the things compared."""

    name: str
    measure: typing.Callable  # returns one figure, or throws Failure
    why_not: typing.Optional[str] = None  # why it cannot run here
    clean: typing.Callable = lambda: None  # also after a failure


@dataclasses.dataclass
class Measure:
    """One of the tables."""

    title: str
    measure: typing.Callable  # of a Setting and a number of runs; the results
    text: typing.Callable  # the table of its results


def milliseconds(function):
    """How long it runs."""
    begin = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - begin)


def _one_round(ways, results, counts):
    for way in ways:
        samples = results[way.name].get("samples")
        if samples is None:
            continue
        try:
            figure = way.measure()
        except (Failure, OSError) as error:
            results[way.name] = {"reason": str(error), "failed": True}
            way.clean()
            continue
        if counts:
            samples.append(figure)


def take_turns(ways, rounds):
    """{name: {"samples": [...]} or {"reason": ..., "failed": bool}}."""
    results = {way.name: {"reason": way.why_not, "failed": False}
               if way.why_not else {"samples": []} for way in ways}
    try:
        for number in range(rounds + 1):
            # The first round warms caches up.
            _one_round(ways, results, number > 0)
    finally:
        for way in ways:
            if not way.why_not:
                way.clean()
    return results


def has_failed(results):
    return any(row.get("failed") for row in results.values())


def _p95(values):
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def table(results, header, cells_of):
    """A row for each way: its name and cells_of(samples), or the reason."""
    lines = [_line(header), "|" + "---|" * len(header)]
    for name, row in results.items():
        if "reason" in row:
            reason = " ".join(row["reason"].replace("|", "/").split())
            cells = [reason, *[""] * (len(header) - 2)]
        else:
            cells = cells_of(row["samples"])
        lines.append(_line([name, *cells]))
    return "\n".join(lines)


def ratio_to(results, base):
    """A function from samples to the ratio of their median to that way's."""
    of_base = results[base].get("samples")
    return lambda samples: (
        f"{statistics.median(samples) / statistics.median(of_base):.2f}"
        if of_base else "")


def table_of_times(results, base):
    """Of samples in ms, with ratios to the way that is called `base`."""
    ratio = ratio_to(results, base)
    return table(results, ["way", "median ms", "p95", "min", "ratio"],
                 lambda samples: [f"{statistics.median(samples):.1f}",
                                  f"{_p95(samples):.1f}", f"{min(samples):.1f}",
                                  ratio(samples)])
