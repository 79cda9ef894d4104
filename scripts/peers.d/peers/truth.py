# SPDX-License-Identifier: MIT
"""Who reports OOM kills rightly: each tool on each situation, many times.

Two questions are asked after each run: was a process OOM-killed in it, and was
it the main process? An answer is right, unknown or false. A run in which the
kernel log shows other victims than the situation has is repeated, and one that
a tool keeps from happening is `not made`.
"""

import os
import sys

from peers.command import Failure
from peers.reporters import REPORTERS, World
from peers.situations import SITUATIONS, KernelLog, NotMade, Play
from peers.turns import Measure, table

QUESTIONS = ("inside", "main")
SCORES = ("right", "unknown", "false")
_MOST_TRIES = 3
# See reporters.for_the_run().
_NO_VICTIM = """\
systemd, podman and runc do not name the victim: after an OOM kill in the run,
"unknown" is counted for a main process with the exit status 137, and "no" for
any other."""


def _score(answer, truth):
    return "unknown" if answer is None else "right" if answer == truth else "false"


def _say(text):
    print("compare-peers:", text, file=sys.stderr, flush=True)


class _Asking:
    """One machine, on which the plays have numbers."""

    def __init__(self, setting):
        self.log = KernelLog()
        world = World(setting)
        self.reporters = [kind(world) for kind in REPORTERS]
        self.played = 0

    def _play(self, reporter, situation):
        self.played += 1
        self.log.skip()
        name = f"cglab-peers.{os.getpid()}.{self.played}"
        answer = reporter.ask(Play(situation, name))
        victims = self.log.victims()
        if victims != situation.victims():
            raise NotMade(f"OOM-killed: {', '.join(victims) or 'no process'}")
        return answer

    def _answer(self, reporter, situation, counts):
        for number in range(_MOST_TRIES):
            try:
                return self._play(reporter, situation)
            except NotMade as error:
                counts["discarded"] = counts.get("discarded", 0) + 1
                reason = error
        raise reason

    def ask(self, reporter, situation, counts):
        """Adds to the counts of one reporter in one situation."""
        if "not_made" in counts:
            return
        try:
            answer = self._answer(reporter, situation, counts)
        except NotMade as error:
            counts["not_made"] = str(error)
            return
        for question in QUESTIONS:
            score = _score(getattr(answer, question), getattr(situation, question))
            of_question = counts.setdefault(question, {})
            of_question[score] = of_question.get(score, 0) + 1


def measure(setting, runs):
    """{reporter: {"asked", "samples": {situation: {question: {score: number}}}}},
    where a situation may have "discarded", a number of runs, and "not_made"; for
    a reporter that failed also {"reason", "failed"}."""
    asking = _Asking(setting)
    results = {reporter.name: {"asked": reporter.asked, "samples":
                               {each.name: {} for each in SITUATIONS}}
               for reporter in asking.reporters}
    for number in range(runs):
        _say(f"round {number + 1} of {runs}")
        for situation in SITUATIONS:
            for reporter in asking.reporters:
                row = results[reporter.name]
                if "reason" in row:
                    continue
                try:
                    asking.ask(reporter, situation, row["samples"][situation.name])
                except (Failure, OSError) as error:
                    row.update(reason=f"{situation.name}: {error}", failed=True)
                    _say(f"{reporter.name}: {row['reason']}")
    return results


def _numbered(results):
    """The columns of the tables of situations are numbers."""
    return {f"{number} {name}": row
            for number, (name, row) in enumerate(results.items(), 1)}


def _totals(samples):
    return [str(sum(counts.get(question, {}).get(score, 0)
                    for counts in samples.values()
                    if "not_made" not in counts))
            for question in QUESTIONS for score in SCORES]


def _cell(counts, question):
    if "not_made" in counts:
        return "not made"
    scores = counts[question]
    if len(scores) == 1:
        return next(iter(scores))
    return ", ".join(f"{scores[score]} {score}" for score in SCORES
                     if score in scores)


def _by_situation(results, question):
    shown = {name: row for name, row in _numbered(results).items()
             if "reason" not in row}
    numbers = (name.partition(" ")[0] for name in shown)
    lines = [f"| situation | truth | {' | '.join(numbers)} |",
             "|" + "---|" * (len(shown) + 2)]
    for situation in SITUATIONS:
        truth = "yes" if getattr(situation, question) else "no"
        cells = [_cell(row["samples"][situation.name], question)
                 for row in shown.values()]
        lines.append(f"| {situation.name} | {truth} | {' | '.join(cells)} |")
    return lines


def _not_made(samples):
    """{reason: [situation...]}"""
    reasons = {}
    for situation, counts in samples.items():
        if "not_made" in counts:
            reasons.setdefault(counts["not_made"], []).append(situation)
    return reasons


def _notes(results):
    lines = []
    for name, row in _numbered(results).items():
        lines.append(f"- {name}: {row['asked']}.")
        lines += [f"  Not made: {', '.join(names)} ({reason})."
                  for reason, names in _not_made(row["samples"]).items()]
        discarded = sum(counts.get("discarded", 0)
                        for counts in row["samples"].values())
        if discarded:
            lines.append(f"  Runs discarded, in which something else happened: {discarded}.")
    return lines


def text(results):
    return "\n".join([
        "The first three columns: was a process of the run OOM-killed? The others: "
        "was\nit the main process?\n",
        table(_numbered(results), ["reporter", *2 * SCORES], _totals),
        "\nWas a process of the run OOM-killed?\n",
        *_by_situation(results, "inside"), "\nWas the main process?\n",
        *_by_situation(results, "main"), f"\n{_NO_VICTIM}\n",
        "How each was asked:\n",
        *_notes(results)])


MEASURE = Measure("reports of OOM kills, of runs whose truth is known", measure,
                  text)
