# SPDX-License-Identifier: MIT
"""Full disks, damaged files, and output of other programs."""

import glob
import os
import shutil
import subprocess
import tempfile

from vm import packages
from vm.fixture import VM, VmTest

# Runs scripts/vm with its cache on a file system of this size, then once more
# when that has become read-only.
_ON_SMALL_DISK = """
mount -t tmpfs -o "mode=755,size=$SIZE" tmpfs "$XDG_CACHE_HOME" || exit 77
mkdir -p "$XDG_CACHE_HOME/cglab/vm"
ln -s "$KERNELS" "$XDG_CACHE_HOME/cglab/vm/kernels"
"$@"
echo "status $?"
find "$XDG_CACHE_HOME" -name '*.part*'
mount -o remount,ro "$XDG_CACHE_HOME"
"$@"
echo "status $?"
"""
# Writes to the debug port as init does, but no frame.
_NOISE = """
#include <sys/io.h>
int main(void) {
  if (ioperm(0xe9, 1, 1) != 0) return 1;
  for (int i = 0; i < 16; ++i) outb('D', 0xe9);
  return 0;
}
"""


class DiskTest(VmTest):
    """In a mount namespace of its own."""

    def on_disk_of(self, size):
        """Lines of output and errors with a cache on so small a disk."""
        place = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, place)
        done = self.run_command(
            ["unshare", "--mount", "sh", "-c", _ON_SMALL_DISK, "sh",
             *self.command("--", "echo", "up")],
            env={
                **self.environment,
                "SIZE": size,
                "XDG_CACHE_HOME": place,
                "KERNELS": os.path.realpath(os.path.join(self.cache, "kernels")),
            },
            capture_output=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        text = done.stdout.decode()
        if done.returncode != 0:
            self.skipTest("mounts of its own: " + text)
        return text.replace(place, "PLACE").splitlines()

    def test_too_small_for_the_compiler(self):
        full, status, _, status_2 = self.on_disk_of("16k")
        self.assertRegex(
            full, "^vm: .*cannot compile the machine's init in PLACE.*: No space "
            "left on device; free some space there, or name another cache")
        self.assertEqual((status, status_2), ("status 3", "status 3"))

    def test_too_small_for_the_initramfs(self):
        full, status, read_only, status_2 = self.on_disk_of("1M")
        self.assertRegex(
            full, r"^vm: cannot write PLACE.*\.cpio: No space left on device; "
            "free some space there, or name another cache folder")
        self.assertRegex(
            read_only, "^vm: cannot make a temporary folder in PLACE.*: "
            "Read-only file system; name another cache folder with XDG_CACHE_")
        self.assertEqual((status, status_2), ("status 3", "status 3"))

    def test_too_small_for_the_state_is_said_and_it_starts(self):
        full, up, status, read_only, up_2, status_2 = self.on_disk_of("6M")
        for line, reason in ((full, "No space left on device"),
                             (read_only, "Read-only file system")):
            self.assertRegex(
                line, rf"^vm: cannot write PLACE.*\.state: {reason}; .*; "
                r"continuing without \(--no-state does not try\)$")
        self.assertEqual([up, up_2], ["up", "up"])
        self.assertEqual([status, status_2], ["status 0", "status 0"])

    def test_a_cache_that_became_read_only_with_all_in_it_starts(self):
        lines = self.on_disk_of("400M")
        self.assertEqual(lines, ["up", "status 0", "up", "status 0"])


class DamageTest(VmTest):
    def assert_starts(self, *options):
        done = self.vm(*options, "--", "echo", "up")
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr), (0, b"up\n", b""))

    def test_an_initramfs_that_is_cut_off_is_made_anew(self):
        self.assert_starts()
        (path,) = glob.glob(os.path.join(self.cache, "initramfs", "*.cpio"))
        whole = packages.read(path)
        for size in (0, len(whole) // 2):
            os.truncate(path, size)
            self.assert_starts("--no-state")
            self.assertEqual(len(packages.read(path)), len(whole))

    def test_a_list_of_libraries_that_is_damaged_is_made_anew(self):
        store = os.path.join(self.cache, "libraries.json")
        program = shutil.which("true")
        for text in (b"", b"[]", b'{"' + program.encode() + b'": {"a": 1}}', b"\xff"):
            packages.write(store, text)
            self.assertEqual(self.vm("--", program).returncode, 0)

    def test_a_kernel_of_the_users_that_is_cut_off_is_refused(self):
        kernels = os.path.join(self.cache, "kernels", "default")
        (whole,) = glob.glob(os.path.join(kernels, "vmlinux")) or glob.glob(
            os.path.join(kernels, "bzImage"))
        path = os.path.join(self.folder, "cut")
        data = packages.read(whole)
        for size in (len(data) // 2, 100):
            packages.write(path, data[:size])
            done = self.vm("--kernel", path, "--", "true")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertRegex(done.stderr.decode(), "^vm: .*" + path)

    def test_what_is_not_a_regular_file_is_refused(self):
        path = os.path.join(self.folder, "fifo")
        os.mkfifo(path)
        self.addCleanup(os.unlink, path)
        for option in ("--kernel", "--add"):
            done = self.vm(option, path, "--", "true")
            self.assertEqual(done.returncode, 2)
            self.assertIn(path.encode(), done.stderr)

    def test_output_that_cannot_be_written_is_an_error(self):
        for option in ("--help", "--packages"):
            with open("/dev/full", "wb") as full:
                done = self.vm(
                    option, capture_output=False, stdout=full,
                    stderr=subprocess.PIPE)
            self.assertEqual(
                (done.returncode, done.stderr),
                (3, b"vm: cannot write to standard output: No space left on "
                    b"device\n"))
        script = '"$1" --help | true; echo "status $?"'
        done = self.run_command(["bash", "-o", "pipefail", "-c", script, "sh", VM])
        self.assertEqual(done.stderr, b"")

    def test_a_damaged_message_of_the_machine_is_an_error(self):
        path = os.path.join(self.build, "noise")
        subprocess.run(["cc", "-static", "-x", "c", "-", "-o", path],
                       input=_NOISE.encode(), check=True)
        self.addCleanup(os.unlink, path)
        done = self.vm("--", "sh", "-c", "noise; sleep 1000")
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        self.assertRegex(done.stderr, rb"^vm: the VM sent a damaged message .*\n$")


class WordsTest(VmTest):
    """What the machine and names say is shown without its control characters."""

    def test_last_words_of_a_machine(self):
        script = (r"printf '<0>\033[31mred\r\n' >/dev/kmsg; "
                  "echo c >/proc/sysrq-trigger; sleep 1000")
        done = self.vm("--", "sh", "-c", script)
        self.assertEqual((done.returncode, done.stdout), (3, b""))
        lines = done.stderr.decode().splitlines()
        self.assertEqual(
            lines[0], "vm: the machine has stopped; QEMU and the kernel said last:")
        self.assertTrue(any("\\x1b[31mred" in line for line in lines), lines)
        for line in lines[1:]:
            self.assertTrue(line.startswith("  "), line)
        self.assertNotIn(b"\x1b", done.stderr)

    def test_messages_of_the_kernel(self):
        script = r"printf '<0>\033[31mred\n' >/dev/kmsg"
        done = self.vm("--verbose", "--", "sh", "-c", script)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"\x1b", done.stderr)
        self.assertNotIn(b"\r", done.stderr)

    def test_names(self):
        name = "no\x1b[31m\nvm: done\u202e"
        for arguments in (["--kernel", name], ["--add", name], [name],
                          ["--build", name], ["--", name], ["--", "/" + name],
                          ["--kernel", "/" + name], ["--memory", name]):
            done = self.vm(*arguments)
            self.assertIn(done.returncode, (2, 127))
            self.assertIn(rb"no\x1b[31m", done.stderr)
            self.assertIn(rb"vm: done\u202e", done.stderr)
            self.assertNotIn(b"\x1b", done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        done = self.vm("--", os.fsencode("/no\udcff"))
        self.assertIn(rb"/no\xff: ", done.stderr)
