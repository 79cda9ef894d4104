# SPDX-License-Identifier: MIT
"""Measuring several ways by turns, and tables of the results."""

import dataclasses
import statistics
import typing

from peers.command import Failure


@dataclasses.dataclass
class Way:
    """One of the things compared."""

    name: str
    measure: typing.Callable  # returns one figure, or throws Failure
    why_not: typing.Optional[str] = None  # why it cannot run here
    clean: typing.Callable = lambda: None  # after a failure


def take_turns(ways, rounds):
    """{name: {"samples": [...]} or {"reason": ..., "failed": bool}}."""
    results = {way.name: {"reason": way.why_not, "failed": False}
               if way.why_not else {"samples": []} for way in ways}
    for number in range(rounds + 1):
        for way in ways:
            samples = results[way.name].get("samples")
            if samples is None:
                continue
            try:
                figure = way.measure()
            except Failure as error:
                results[way.name] = {"reason": str(error), "failed": True}
                way.clean()
                continue
            # The first round warms caches up.
            if number > 0:
                samples.append(figure)
    return results


def has_failed(results):
    return any(row.get("failed") for row in results.values())


def _p95(values):
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def reason_cell(row):
    return " ".join(row["reason"].replace("|", "/").split())


def table_of_times(results, base):
    """Of samples in ms, with ratios to the way that is called `base`."""
    of_base = results[base].get("samples")
    lines = ["| way | median ms | p95 | min | ratio |", "|---|---|---|---|---|"]
    for name, row in results.items():
        if "reason" in row:
            lines.append(f"| {name} | {reason_cell(row)} | | | |")
            continue
        values = row["samples"]
        median = statistics.median(values)
        ratio = (f"{median / statistics.median(of_base):.2f}" if of_base
                 else "")
        lines.append(f"| {name} | {median:.1f} | {_p95(values):.1f} | "
                     f"{min(values):.1f} | {ratio} |")
    return "\n".join(lines)
