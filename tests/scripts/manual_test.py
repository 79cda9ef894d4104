#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of manual pages and completions: tests/scripts/manual_test.py -v

CGLAB_TEST_BUILD names the build folder that has them (build)."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
MANUAL = os.path.join(BUILD, "lab/app/manual")
CGLAB = os.path.join(BUILD, "lab/cglab")
MALLOC_DEMO = os.path.join(BUILD, "malloc_demo/malloc_demo")


def output(*command, **options):
    done = subprocess.run(
        command, check=False, text=True, capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8"}, **options
    )
    if done.returncode != 0 and not done.stdout:
        raise AssertionError(f"{command}\n{done.stderr}")
    return done.stdout


def described(program):
    return json.loads(output(program, "--describe"))


def commands():
    return [each["name"] for each in described(CGLAB)["commands"]]


def options(name):
    """Of a command of cglab."""
    (command,) = [each for each in described(CGLAB)["commands"]
                  if each["name"] == name]
    return {f"--{option['name']}" for option in command["options"]}


def options_of_malloc_demo():
    return {f"--{each['name']}" for each in described(MALLOC_DEMO)["options"]}


def needs(shell):
    return unittest.skipUnless(shutil.which(shell), f"{shell} is missing")


class ManualPageTest(unittest.TestCase):
    """The pages as a reader gets them."""

    def render(self, path):
        done = subprocess.run(
            ["groff", "-ww", "-man", "-Tutf8", "-P-c", "-rLL=80n", path],
            check=True, text=True, capture_output=True,
        )
        self.assertEqual(done.stderr, "")
        return re.sub(r".\x08", "", done.stdout).replace("‐", "-")

    @needs("groff")
    def test_pages_render_without_a_warning(self):
        for path in (
            os.path.join(MANUAL, "cglab.1"),
            os.path.join(MANUAL, "malloc_demo.1"),
            os.path.join(ROOT, "cgroupfs/cgroupfs.3"),
        ):
            text = self.render(path)
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"):
                self.assertIn(f"\n{section}\n", "\n" + text)

    @needs("groff")
    def test_every_command_and_option_is_listed(self):
        page = self.render(os.path.join(MANUAL, "cglab.1"))
        self.assertGreater(len(commands()), 8)
        for command in commands():
            self.assertRegex(page, rf"\n +cglab {command}\b")
            for option in options(command):
                self.assertIn(option, page)
        page = self.render(os.path.join(MANUAL, "malloc_demo.1"))
        for option in options_of_malloc_demo():
            self.assertIn(option, page)


class Completions:
    """Completions that every shell offers; complete() is the shell's."""

    def check(self, line, *expected):
        offered = self.complete(line)
        self.assertEqual(set(offered), set(expected), line)

    def test_commands(self):
        offered = set(self.complete("cglab "))
        self.assertLessEqual(set(commands()), offered)
        self.check("cglab wa", "watch")

    def test_options_of_a_command(self):
        self.check("cglab oom --li", "--limit")
        for command in commands():
            offered = self.complete(f"cglab {command} --")
            self.assertLessEqual(options(command), set(offered), command)

    def test_choices_of_an_option(self):
        self.check("cglab oom --cgroup ", "auto", "v1", "v2")
        self.check("cglab check --lang z", "zh")
        self.check("cglab report --color a", "auto", "always")
        self.check("cglab oom --on v1", "v1", "v1,v2")
        self.check("cglab oom --order c", "course")
        self.check("cglab compare --format h", "html")
        self.check("cglab check --format j", "json", "junit")
        self.check("cglab check --only o", "oom")

    def test_names_of_a_sweep(self):
        for option in ("-L", "--sweep"):
            self.check(f"cglab bench {option} li", "limit=")
            self.check(f"cglab bench {option} mo", "mode=max,high")
        self.assertIn("experiment=leak", self.complete("cglab bench -L exp"))

    def test_options_of_the_experiment_of_a_bench(self):
        for words in ("bench oom", "bench --runs 3 oom", "bench -L a=b oom"):
            self.check(f"cglab {words} -- --li", "--limit")
            offered = self.complete(f"cglab {words} -- ")
            self.assertLessEqual(options("oom"), set(offered), words)
            self.assertFalse({"--warmup", "oom"} & set(offered), words)

    def test_experiments(self):
        self.check("cglab bench le", "leak")
        self.check("cglab help le", "leak")

    def test_files(self):
        with tempfile.TemporaryDirectory(prefix="cglab-") as folder:
            for name in ("a.json", "b.json", "c"):
                with open(os.path.join(folder, name), "w",
                          encoding="utf-8"):
                    pass
            for words in ("report", "compare x.json", "oom --json",
                          "report -o"):
                offered = self.complete(f"cglab {words} {folder}/a")
                self.assertEqual(offered, [f"{folder}/a.json"], words)
            self.check(f"cglab oom --limit {folder}/a")
            self.check(f"cglab explain {folder}/a")
            self.check(f"cglab explain scratch {folder}/a", f"{folder}/a.json")

    def test_topics(self):
        self.check("cglab explain mo", "move")
        self.check("cglab help wat", "watch")

    def test_malloc_demo(self):
        self.check("malloc_demo --tot", "--total")


class BashTest(Completions, unittest.TestCase):
    """bash, by the function that it would call."""

    def complete(self, line):
        # As bash splits it: "=" is a word.
        words = [part for word in line.split(" ")
                 for part in (re.findall("=|[^=]+", word) or [""])]
        quoted = " ".join(f"'{word}'" for word in words)
        script = (
            f". '{MANUAL}/{words[0]}'; COMP_WORDS=({quoted}); "
            f"COMP_CWORD={len(words) - 1}; _{words[0]}; "
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        return output("bash", "-c", script).split()

    def test_a_command_after_the_dashes(self):
        self.assertIn("true", self.complete("cglab run -- tru"))

    def test_what_follows_an_equals_sign(self):
        self.check("cglab oom --cgroup=v", "v1", "v2")
        self.check("cglab oom --cgroup=", "auto", "v1", "v2")
        self.check("cglab bench -L mode=", "max,high")
        self.check("cglab bench -L experiment=le", "leak")
        self.check("cglab bench -L limit=16M --warm", "--warmup")

    @needs("shellcheck")
    def test_the_file_is_clean(self):
        for name in ("cglab", "malloc_demo"):
            done = subprocess.run(
                ["shellcheck", "-s", "bash", os.path.join(MANUAL, name)],
                check=False, text=True, capture_output=True,
            )
            self.assertEqual(done.stdout, "")


@needs("fish")
class FishTest(Completions, unittest.TestCase):
    """fish, asked as a user asks."""

    def complete(self, line):
        name = line.split(" ", 1)[0]
        script = (
            f"complete -e -c {name}; source '{MANUAL}/{name}.fish'; "
            f"complete -C '{line}'"
        )
        lines = output("fish", "--no-config", "-c", script).splitlines()
        return [each.split("\t")[0] for each in lines]


@needs("zsh")
class ZshTest(unittest.TestCase):
    """zsh runs the function; its calls of the completion system are checked."""

    SPY = (
        "_arguments() { print -rl -- \"$@\"; }; "
        "_describe() { print -rl -- ${(P)2}; }; "
    )

    def passed_on(self, line):
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        script = (
            f"{self.SPY} words=({quoted}); CURRENT={len(words)}; "
            f"source '{MANUAL}/_{words[0]}'"
        )
        return output("zsh", "-f", "-c", script).splitlines()

    def test_commands(self):
        offered = [each.split(":")[0] for each in self.passed_on("cglab ")]
        self.assertEqual(offered, commands())

    def test_every_option_of_every_command(self):
        for command in commands():
            text = "\n".join(self.passed_on(f"cglab {command} -"))
            for option in options(command):
                self.assertIn(option, text, command)

    def test_choices_files_and_topics(self):
        lines = self.passed_on("cglab oom -")
        (version,) = [each for each in lines if "--cgroup=" in each]
        self.assertTrue(version.endswith(":(auto v1 v2)"), version)
        (record,) = [each for each in lines if "--json=" in each]
        self.assertTrue(record.endswith(":_files"), record)
        (sweep,) = [each for each in self.passed_on("cglab bench -")
                    if "--sweep=" in each]
        self.assertIn(" limit= ", sweep)
        for command in ("report", "compare"):
            self.assertTrue(
                self.passed_on(f"cglab {command} ")[-1].endswith(":_files"))
        self.assertIn(" leak ", self.passed_on("cglab bench ")[-1])
        rest = "\n".join(self.passed_on("cglab bench --runs 3 leak -- -"))
        self.assertIn("--limit=", rest)
        self.assertNotIn("--warmup=", rest)
        topics = self.passed_on("cglab explain ")
        self.assertIn(" move ", topics[-1])
        self.assertEqual(topics[-2], "2:file:_files")
        self.assertIn("'*::argument:_normal'".strip("'"),
                      self.passed_on("cglab run ")[-1])

    def test_malloc_demo(self):
        self.assertIn("--total=", "\n".join(self.passed_on("malloc_demo -")))


if __name__ == "__main__":
    unittest.main()
