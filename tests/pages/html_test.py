#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the HTML report in a browser: tests/pages/html_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
CGLAB = os.path.join(BUILD, "lab/cglab")
RECORDS = os.path.join(ROOT, "tests/data/records")
# The first colour of the charts, and how far its blending may lead.
CURVE = (0x2F, 0x7E, 0xD8)
NEAR = 12


def find_browser():
    """Chromium; not a snap, which reads no file of a temporary folder."""
    path = shutil.which("chromium")
    if not path:
        return None
    with open(path, "rb") as file:
        snap = b"/snap/" in file.read(4096)
    return None if snap or "/snap/" in os.path.realpath(path) else path


BROWSER = find_browser()


def pixels(path):
    """(width, rows of RGB or RGBA bytes, bytes a pixel) of a PNG of 8 bits."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, packed, head = 8, b"", None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            head = struct.unpack(">IIBBBBB", content)
        elif kind == b"IDAT":
            packed += content
        place += length + 12
    width, height, depth, color = head[:4]
    assert depth == 8 and color in (2, 6)
    step = 3 if color == 2 else 4
    raw, rows, before = zlib.decompress(packed), [], bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        row = bytearray(raw[start + 1 : start + 1 + width * step])
        unfilter(raw[start], row, before, step)
        rows.append(row)
        before = row
    return width, rows, step


def unfilter(kind, row, above, step):
    """Undoes a filter of PNG's section 9 in place."""
    for i in range(len(row)):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 2:
            row[i] = (row[i] + above[i]) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            guess = left + above[i] - corner
            far = (abs(guess - left), abs(guess - above[i]), abs(guess - corner))
            best = (left, above[i], corner)[far.index(min(far))]
            row[i] = (row[i] + best) & 255


def count_near(path, color):
    _, rows, step = pixels(path)
    return sum(
        all(abs(row[i + c] - color[c]) <= NEAR for c in range(3))
        for row in rows
        for i in range(0, len(row), step)
    )


@unittest.skipUnless(BROWSER, "no Chromium (package chromium of Debian)")
class PageTest(unittest.TestCase):
    """The page as a browser without network shows it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def page(self, *records, status=0):
        path = os.path.join(self.folder, "page.html")
        command = "report" if len(records) == 1 else "compare"
        done = subprocess.run(
            [CGLAB, command, *records, "-o", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        self.assertEqual(done.returncode, status, done.stderr)
        return path

    def browse(self, path, *options):
        """What the browser prints, and what it says on its console."""
        done = subprocess.run(
            [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-background-networking", "--hide-scrollbars",
             f"--user-data-dir={self.folder}/profile",
             "--window-size=1200,1600", "--virtual-time-budget=3000",
             "--enable-logging=stderr", *options, "file://" + path],
            check=False, text=True, capture_output=True, timeout=120,
            env={**os.environ, "HOME": self.folder},
        )
        console = [line for line in done.stderr.splitlines()
                   if "CONSOLE" in line]
        return done.stdout, console

    def dom(self, path):
        text, console = self.browse(path, "--dump-dom")
        self.assertEqual(console, [])
        return text

    def shot(self, path, *options):
        picture = os.path.join(self.folder, "shot.png")
        _, console = self.browse(path, f"--screenshot={picture}", *options)
        self.assertEqual(console, [])
        return picture

    def record(self, name):
        with open(os.path.join(RECORDS, name), encoding="utf-8") as file:
            return json.load(file)

    def kept(self, name):
        return os.path.join(RECORDS, name)

    def write(self, record):
        path = os.path.join(self.folder, "record.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(record, file)
        return path

    def test_every_kept_record_is_drawn(self):
        for name in sorted(os.listdir(RECORDS)):
            with self.subTest(name):
                dom = self.dom(self.page(self.kept(name)))
                self.assertIn("<canvas", dom)
                strip = re.search(r'<div class="marks".*?</div>', dom).group()
                self.assertIn("</span>", strip)
                self.assertIn("gate opened", strip)

    def test_the_curve_is_there_in_pixels(self):
        drawn = count_near(self.shot(self.page(self.kept("oom-v1.json"))), CURVE)
        record = self.record("oom-v1.json")
        samples = record["samples"]
        samples["usage"] = [[0] * len(samples["time_ns"])]
        samples["touched"] = None
        flat = count_near(self.shot(self.page(self.write(record))), CURVE)
        self.assertGreater(drawn, 500)
        self.assertNotEqual(drawn, flat)

    def test_the_verdict_the_claims_and_the_log_are_shown(self):
        dom = self.dom(self.page(self.kept("victim-v1.json")))
        self.assertIn("as predicted", dom.lower())
        for text in ("the OOM killer came", "oom_score_adj",
                     "Processes", "memory.limit_in_bytes", "Host"):
            self.assertIn(text, dom)

    def test_runs_are_compared(self):
        dom = self.dom(self.page(self.kept("oom-v1.json"),
                                 self.kept("oom-v2.json")))
        self.assertIn("Differences between the plans", dom)
        self.assertIn("2 runs compared", dom)
        self.assertIn("<canvas", dom)

    def test_experiments_are_compared_by_processes_and_claims(self):
        record = self.record("victim-v1.json")
        record["plan"]["control"] = True
        record["verdict"]["claims"][0]["text"]["en"] = "only in one"
        dom = self.dom(self.page(self.kept("victim-v1.json"),
                                 self.write(record), status=1))
        for text in ("control run", "SAVED REASONS CONTRADICTED",
                     "still running at the end (killed by cglab)",
                     "only in one", "Processes"):
            self.assertIn(text, dom)
        self.assertNotIn(">time to the end<", dom)

    def test_swap_is_drawn_where_there_was_any(self):
        record = self.record("throttle-v2.json")
        stat = record["samples"]["stat"]
        for bytes_, drawn in ((0, False), (1 << 20, True)):
            stat["swap"] = [bytes_] * len(stat["time_ns"])
            dom = self.dom(self.page(self.write(record)))
            self.assertEqual("<figcaption>Swap<" in dom, drawn)

    def test_nothing_is_fetched_or_run_of_what_a_record_says(self):
        record = self.record("victim-v1.json")
        evil = "</script><script>document.title='evil'</script><img src=//x/y>"
        record["verdict"]["reason"] = [
            {"fact": "log_unreadable", "values": [evil]}
        ]
        record["cgroups"][0]["name"] = evil
        record["cgroups"][0]["path"] = evil
        record["environment"]["kernel"] = evil
        record["processes"][0]["name"] = evil
        record["verdict"]["claims"][0]["text"] = {"en": evil, "zh": evil}
        record["events"][0]["subject"] = evil
        record["events"][1]["source"] = evil
        path = self.page(self.write(record))
        dom = self.dom(path)
        self.assertNotIn("<title>evil", dom)
        self.assertNotIn("<img", dom)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIsNone(re.search(r'<(?:script|link|img)[^>]*(?:src|href)=',
                                    text))
        self.assertIn("default-src 'none'", text)

    def test_a_long_run_keeps_its_peak(self):
        record = self.record("oom-v1.json")
        count = 100000
        record["samples"]["time_ns"] = list(range(0, count * 1000, 1000))
        record["samples"]["usage"] = [[i * 160 for i in range(count)]]
        record["samples"]["usage"][0][333] = 987654321
        record["samples"]["touched"] = None
        path = self.page(self.write(record))
        self.assertLess(os.path.getsize(path), 3 << 20)
        dom = self.dom(path)
        self.assertIn("of 100000 samples are shown", dom)
        self.assertRegex(dom, r"Save \d+ of 100000 samples \(CSV\)")
        self.assertRegex(dom, r"Save the record with \d+ of 100000 samples")
        self.assertIn("987654321", dom)


if __name__ == "__main__":
    unittest.main()
