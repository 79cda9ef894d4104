#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/publish-image with Debian's docker-registry on loopback, buildah, and
podman where it is installed: tests/peers/image_test.py -v

The registry is not installed; see peer_packages.py."""

import contextlib
import glob
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../support")]

from peer_packages import ROOT, peer_programs  # noqa: E402
from podman_vm import run_in_vm  # noqa: E402
from service import TIMEOUT, free_port, wait_for  # noqa: E402

import host_image  # noqa: E402

_MEGABYTES_10 = 10 * 1000 * 1000
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_LABEL = "org.opencontainers.image."
_SERVER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_AUTHOR = {
    f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "test"), ("EMAIL", "test@localhost"),
                        ("DATE", "1700000000 +0000"))}
_COMMITTED = "2023-11-14T22:13:20Z"
# As README says, in a root file system in memory, where pivot_root() fails.
_PODMAN = r"""set -e
mkdir -p /etc/containers
printf '[engine]\nno_pivot_root = true\n' >/etc/containers/containers.conf
image=$(podman pull --quiet "oci-archive:$1")
podman run --rm --network none --security-opt unmask=/sys/fs/cgroup "$image" \
  oom --limit 32M --ramp 0
"""
# A step that is long enough to be interrupted, and what it starts.
_SLEEP = ("sleep", "86399")
_SMALL = """\
ARG BASE
FROM ${{BASE}} AS build
RUN {step}
FROM scratch
COPY --from=build /file /file
"""


def _git(folder, *words):
    done = subprocess.run(
        ["git", "-C", folder, "-c", "safe.directory=*", *words], check=False,
        text=True, capture_output=True, stdin=subprocess.DEVNULL,
        env={**os.environ, **_AUTHOR, "GIT_CONFIG_GLOBAL": os.devnull})
    if done.returncode != 0:
        raise AssertionError(f"git {words}: {done.stderr}")
    return done.stdout.strip()


def _commit(folder):
    _git(folder, "init", "-q")
    _git(folder, "add", "--all")
    _git(folder, "commit", "-q", "-m", "all")


def _processes(*words):
    """Those with these words as their whole command line."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            if file.read() == b"".join(os.fsencode(w) + b"\0" for w in words):
                found.append(int(path.split("/")[2]))
    return found


class Registry:
    """Debian's registry on a free port, which stores in a folder."""

    def __init__(self, folder, options=""):
        program = os.path.join(peer_programs("docker-registry"),
                               "docker-registry")
        self.folder = os.path.join(folder, "registry")
        os.makedirs(self.folder)
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        path = os.path.join(self.folder, "config.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(
                "version: 0.1\nhttp: {addr: '%s', secret: test}\n"
                "storage:\n  filesystem: {rootdirectory: '%s/data'}\n%s"
                % (self.host, self.folder, options))
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", path], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        try:
            wait_for("the registry listens", self._listens)
        except BaseException:
            self.end()
            raise

    def _listens(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
                raise AssertionError(f"the registry ended: {log.read()}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def end(self):
        self.process.kill()
        self.process.wait(TIMEOUT)

    def get(self, path, accept=_MANIFEST):
        request = urllib.request.Request(
            f"http://{self.host}/v2/{path}", headers={"Accept": accept})
        with _SERVER.open(request, timeout=TIMEOUT) as answer:
            return answer.headers, answer.read()

    def begun_uploads(self):
        return [path for path in
                glob.glob(f"{self.folder}/data/**/_uploads/*/data",
                          recursive=True) if os.path.getsize(path) > 0]


class ImageCase(unittest.TestCase):
    """One storage for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        missing = host_image.missing() or ("" if shutil.which("git") else "git")
        if missing:
            raise unittest.SkipTest(missing)
        cls.folder = tempfile.mkdtemp(prefix="image_test.")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        storage = os.path.join(cls.folder, "images")
        os.mkdir(storage)
        cls.storage = host_image.Storage(storage)
        cls.addClassCleanup(cls.storage.remove)
        cls.temporary = os.path.join(cls.folder, "temporary")
        os.mkdir(cls.temporary)

    @classmethod
    def environment(cls):
        return {**os.environ, **cls.storage.environment, "LC_ALL": "C",
                "TMPDIR": cls.temporary}

    @classmethod
    def publish(cls, root, *words, prefix=(), base=host_image.BASE):
        return subprocess.run(
            [*prefix, os.path.join(root, "scripts", "publish-image"), "--base",
             base, *words], check=False, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=host_image.TIMEOUT,
            env=cls.environment())

    @classmethod
    def published(cls, *arguments, **options):
        """The lines of data."""
        done = cls.publish(*arguments, **options)
        if done.returncode != 0:
            raise AssertionError(f"{done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.splitlines()

    def assert_nothing_is_left(self):
        self.assertEqual(self.storage.buildah(
            "containers", "--all", "--quiet").stdout, "")
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual(_processes(*_SLEEP), [])


class PublishedTest(ImageCase):
    """The project's image, built in two clones; one is pushed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(cls.folder)
        cls.addClassCleanup(cls.registry.end)
        first = os.path.join(cls.folder, "first")
        shutil.copytree(ROOT, first, symlinks=True, ignore=shutil.
                        ignore_patterns(".git", ".cache", "build*"))
        _commit(first)
        cls.revision = _git(first, "rev-parse", "HEAD")
        cls.pushed = cls.published(first, cls.registry.host + "/lab/cglab:1.0")
        cls.digest = cls.pushed[0]
        second = os.path.join(cls.folder, "the second clone")
        before = os.umask(0o077)
        try:
            _git(cls.folder, "clone", "-q", first, second)
        finally:
            os.umask(before)
        cls.built = cls.published(second)
        cls.wipe()
        cls.pull("buildah")
        cls.mounted = cls.storage.mount(cls.name())

    @classmethod
    def name(cls):
        return f"{cls.registry.host}/lab/cglab@{cls.digest}"

    @classmethod
    def wipe(cls):
        cls.storage.buildah("rm", "--all")
        cls.storage.buildah("rmi", "--all", "--force")
        cls.addClassCleanup(cls.storage.buildah, "rm", "--all", check=False)
        assert cls.storage.buildah("images", "--quiet").stdout == ""

    @classmethod
    def pull(cls, tool):
        """By the command that was printed."""
        words = cls.pushed[1].split()
        assert words[:2] == ["podman", "pull"], words
        done = subprocess.run(
            [tool, *words[1:]], check=False, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=TIMEOUT, env=cls.environment())
        if done.returncode != 0:
            raise AssertionError(f"{tool} {words[1:]}: {done.stderr}")

    def manifest(self):
        return json.loads(self.registry.get(
            f"lab/cglab/manifests/{self.digest}")[1])

    def test_the_pushed_digest_is_that_of_the_registry(self):
        self.assertRegex(self.digest, r"^sha256:[0-9a-f]{64}$")
        headers, _ = self.registry.get("lab/cglab/manifests/1.0")
        self.assertEqual(headers["Docker-Content-Digest"], self.digest)

    def test_the_pushed_digest_is_the_pulled_one(self):
        pulled = json.loads(self.storage.buildah(
            "inspect", "--type", "image", self.name()).stdout)
        self.assertEqual(pulled["FromImageDigest"], self.digest)

    def test_a_build_elsewhere_has_the_same_digest(self):
        self.assertEqual(self.built, [self.digest])

    def test_the_commands_pull_the_digest(self):
        self.assertEqual(self.pushed[1:], [
            f"podman pull --tls-verify=false {self.name()}",
            f"docker pull {self.name()}"])

    def test_the_labels(self):
        config = self.manifest()["config"]["digest"]
        found = json.loads(self.registry.get(f"lab/cglab/blobs/{config}")[1])
        with open(os.path.join(ROOT, "meson.build"), encoding="utf-8") as file:
            version = re.search(r"version: '(.*?)'", file.read()).group(1)
        labels = found["config"]["Labels"]
        self.assertEqual(
            {name: value for name, value in labels.items()
             if name != _LABEL + "description"},
            {_LABEL + "title": "cglab", _LABEL + "licenses": "MIT",
             _LABEL + "version": version, _LABEL + "revision": self.revision,
             _LABEL + "created": _COMMITTED})
        self.assertIn("control groups", labels[_LABEL + "description"])
        self.assertEqual(found["created"], _COMMITTED)

    def test_it_is_small(self):
        layers = self.manifest()["layers"]
        self.assertLess(sum(each["size"] for each in layers), _MEGABYTES_10)
        unpacked = sum(len(gzip.decompress(self.registry.get(
            f"lab/cglab/blobs/{each['digest']}")[1])) for each in layers)
        self.assertLess(unpacked, _MEGABYTES_10)

    def test_the_pulled_image_runs(self):
        done = host_image.run_in(self.mounted, "/bin/cglab", "--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("cglab ", done.stdout)

    def test_the_pulled_image_proves_an_oom_kill(self):
        done = host_image.run_in(self.mounted, "/bin/cglab", "oom", "--limit",
                                 "32M", "--ramp", "0")
        if done.returncode == 77:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("OOM KILL PROVEN", done.stdout)

    def test_podman_runs_the_pulled_image_on_cgroup_v2(self):
        archive = os.path.join(self.folder, "pulled.tar")
        self.storage.buildah("push", "--quiet", self.name(),
                             f"oci-archive:{archive}")
        done = run_in_vm([archive], "sh", "-c", _PODMAN, "sh", archive)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("OOM KILL PROVEN", done.stdout)
        self.assertIn("memory controller on cgroup\n                      v2",
                      done.stdout)

    def test_podman_pulls_it(self):
        if not shutil.which("podman"):
            self.skipTest("podman")
        self.pull("podman")
        done = subprocess.run(
            ["podman", "image", "inspect", "--format", "{{.Digest}}",
             self.name()], check=False, text=True, capture_output=True,
            env=self.environment())
        self.assertEqual(done.stdout.strip(), self.digest, done.stderr)


class SmallTest(ImageCase):
    """An image of one file, which is built at once."""

    def setUp(self):
        self.root = os.path.join(self.folder, self.id().rpartition(".")[2])
        scripts = os.path.join(self.root, "scripts")
        os.makedirs(scripts)
        for name in ("publish-image", "setup.d"):
            source = os.path.join(ROOT, "scripts", name)
            copy = shutil.copytree if os.path.isdir(source) else shutil.copy
            copy(source, os.path.join(scripts, name))
        shutil.copy(os.path.join(ROOT, "meson.build"), self.root)
        self.step("echo content >/file")
        self.addCleanup(self.assert_nothing_is_left)

    def step(self, step):
        """What makes the file."""
        with open(os.path.join(self.root, "scripts", "Containerfile"), "w",
                  encoding="utf-8") as file:
            file.write(_SMALL.format(step=step))

    def registry(self, options=""):
        registry = Registry(self.root, options)
        self.addCleanup(registry.end)
        return registry

    def assert_fails(self, done, *words):
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        # The tool's last words, then those of the script.
        self.assertRegex(done.stderr.splitlines()[-1], "^publish-image: ")

    def test_two_tools_give_one_digest(self):
        if not shutil.which("podman"):
            self.skipTest("podman")
        _commit(self.root)
        host = self.registry().host
        by_buildah, by_podman = (
            self.published(self.root, "--tool", tool, f"{host}/a:{tool}")[0]
            for tool in ("buildah", "podman"))
        self.assertEqual(by_buildah, by_podman)

    def test_a_changed_clone_is_marked(self):
        _commit(self.root)
        with open(os.path.join(self.root, "new"), "wb"):
            pass
        done = self.publish(self.root)
        self.assertEqual(done.returncode, 0, done.stderr)
        marked = _git(self.root, "rev-parse", "HEAD") + "-dirty"
        self.assertIn(f"publish-image: there are changes that are not committed: "
                      f"the image is marked {marked}\n", done.stderr)
        (name,) = re.findall(r"localhost/cglab:\S+", done.stderr)[:1]
        self.assertIn(f'{_LABEL}revision": "{marked}"', self.storage.buildah(
            "inspect", "--type", "image", name).stdout)

    def test_no_registry(self):
        name = f"127.0.0.1:{free_port()}/a:1"
        self.assert_fails(self.publish(self.root, name), "connection refused",
                          f"cannot push {name}")

    def test_a_registry_that_refuses_to_write(self):
        host = self.registry("  maintenance: {readonly: {enabled: true}}\n").host
        self.assert_fails(self.publish(self.root, f"{host}/a:1"),
                          f"cannot push {host}/a:1")

    def test_a_registry_that_wants_a_login(self):
        path = os.path.join(self.root, "htpasswd")
        host = self.registry(
            "auth:\n  htpasswd: {realm: test, path: '%s'}\n" % path).host
        self.assert_fails(self.publish(self.root, f"{host}/a:1"),
                          "authentication required", f"buildah login {host}")

    def test_a_registry_that_dies(self):
        self.step("head -c 256M /dev/urandom >/file")
        registry = self.registry()
        name = registry.host + "/a:1"
        with subprocess.Popen(
                [self.root + "/scripts/publish-image", "--base",
                 host_image.BASE, name], text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self.environment()) as process:
            wait_for("an upload", registry.begun_uploads)
            registry.end()
            out, errors = process.communicate(timeout=TIMEOUT)
        self.assertEqual((process.returncode, out), (3, ""), errors)
        self.assertIn(f"cannot push {name}", errors)

    def test_a_missing_base(self):
        done = self.publish(self.root, base="localhost:1/no/base:1")
        self.assert_fails(done, "localhost:1/no/base:1", "--base IMAGE")

    def test_a_step_that_fails(self):
        self.step("echo last words >&2; exit 7")
        self.assert_fails(self.publish(self.root), "last words", "status 7")

    def test_a_full_disk(self):
        self.step("head -c 4M /dev/urandom >/file")
        script = 'mount -t tmpfs -o size=1m cglab "$1"; shift; "$@"'
        done = self.publish(self.root, prefix=(
            "unshare", "--mount", "sh", "-c", script, "sh", self.temporary))
        self.assert_fails(done, f"{self.temporary} has 1 MiB free")

    def containers(self):
        return glob.glob(self.storage.folder + "/storage/vfs-containers/*/")

    def interrupt(self, number, *words, when=None):
        """When is true for the first time: by default, in the step."""
        self.step(" ".join(_SLEEP))
        with subprocess.Popen(
                [self.root + "/scripts/publish-image", "--base",
                 host_image.BASE, *words], text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self.environment()) as process:
            wait_for("the build", when or (lambda: _processes(*_SLEEP)))
            process.send_signal(number)
            out, errors = process.communicate(timeout=TIMEOUT)
        self.assertEqual((process.returncode, out), (128 + number, ""), errors)
        self.assertIn("publish-image: interrupted by SIG", errors)
        self.assert_nothing_is_left()

    def test_an_interrupt_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                self.interrupt(number)

    def test_an_interrupt_leaves_nothing_of_podman(self):
        if not shutil.which("podman"):
            self.skipTest("podman")
        self.interrupt(signal.SIGINT, "--tool", "podman")

    def test_an_interrupt_before_the_step_leaves_nothing(self):
        for tool in ("buildah", "podman"):
            if shutil.which(tool):
                with self.subTest(tool=tool):
                    self.interrupt(signal.SIGTERM, "--tool", tool,
                                   when=self.containers)

    def test_a_reader_that_has_gone(self):
        for errors in (subprocess.PIPE, subprocess.STDOUT):
            reader, writer = os.pipe()
            os.close(reader)
            with subprocess.Popen(
                    [self.root + "/scripts/publish-image", "--base",
                     host_image.BASE], stdin=subprocess.DEVNULL, stdout=writer,
                    stderr=errors, env=self.environment()) as process:
                os.close(writer)
                said = process.communicate(timeout=host_image.TIMEOUT)[1]
            self.assertEqual(process.returncode, 3, said)
            self.assert_nothing_is_left()


if __name__ == "__main__":
    unittest.main()
