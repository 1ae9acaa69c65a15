#!/usr/bin/python3
"""The READMEs' own commands, run as they stand there: what they print is what the README says that they print.

A block of a README is a shell's session: `$ ` begins a command, `> ` goes on with it, a heredoc's lines stand as they
are, and all else is what it prints, standard error included. `…` stands for anything within a line, and a line of it
for any lines. The programs and tables under test stand where a build of the source would have put them.
"""
import fcntl
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from under_test import BONEWATCH, CONFIG, PATIENCE

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ALONE = "BONEWATCH_TEST_IS_ALONE"
IS_BUILDING = ("$ daemon/install ", "$ daemon/build ")


def section(readme, title):
    """The lines of a section, up to the next of its level."""
    lines = (SOURCE / readme).read_text().split("\n")
    begin = lines.index(title)
    level = title.split(" ")[0] + " "
    end = next((n for n in range(begin + 1, len(lines)) if lines[n].startswith(level)), len(lines))
    return lines[begin:end]


def sessions(lines):
    """(command, what it prints) of each command in the blocks of a section."""
    found, is_inside, heredoc = [], False, None
    for line in lines:
        if line.startswith("```"):
            is_inside = not is_inside
        elif not is_inside:
            continue
        elif heredoc is not None:
            found[-1][0].append(line)
            heredoc = None if line == heredoc else heredoc
        elif line.startswith("$ ") or line.startswith("> "):
            if line.startswith("$ "):
                found.append(([], []))
            found[-1][0].append(line[2:])
            begun = re.search(r"<<'?(\w+)'?", line)
            heredoc = begun and begun.group(1)
        elif found:
            found[-1][1].append(line)
    return [("\n".join(command), printed) for command, printed in found]


def pattern_of(printed):
    """A regular expression for the whole of what a command prints."""
    return "".join("(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + "\n"
                   for line in printed)


class Shell:
    """A bash that is given one command after the other."""
    DONE = "--- done ---\n"

    def __init__(self, folder, home):
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        self.bash = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=folder, env=environment,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.bash.stdout.fileno(), False)
        self.unread = ""

    def close(self):
        self.bash.stdin.write(b"\nkill $(jobs -p); wait\n")
        self.bash.stdin.close()
        self.bash.wait(PATIENCE)
        self.bash.stdout.close()

    def read(self):
        more = self.bash.stdout.read()
        self.unread += (more or b"").decode()
        time.sleep(0.01)

    def prints(self, command, pattern):
        """What the command prints; waits for what one in the background is to print."""
        self.bash.stdin.write(f"{command}\nprintf '%s' '{self.DONE}'\n".encode())
        self.bash.stdin.flush()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.read()
            out, is_done, late = self.unread.partition(self.DONE)
            if is_done and (re.fullmatch(pattern, out + late) or not command.endswith("&")):
                self.unread = ""
                return out + late
        out, self.unread = self.unread.replace(self.DONE, ""), ""
        return out


class Readme(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bw-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.source, self.home = self.folder / "bonewatch", self.folder / "home"
        self.home.mkdir()
        (self.source / "build" / "release").mkdir(parents=True)
        (self.source / "build" / "release" / "daemon").symlink_to(pathlib.Path(BONEWATCH).parent)
        (self.source / "config").symlink_to(CONFIG)

    def run_session(self, commands):
        shell = Shell(self.source, self.home)
        try:
            for command, printed in commands:
                pattern = pattern_of(printed)
                out = shell.prints(command, pattern)
                self.assertTrue(re.fullmatch(pattern, out),
                                f"$ {command}\nthe README says:\n" + "\n".join(printed) + f"\nit prints:\n{out}")
        finally:
            shell.close()

    def afternoon(self):
        """Its commands, without those that install and build."""
        commands = sessions(section("ingest/README.md", "## The afternoon"))
        self.assertEqual([f"$ {command}".startswith(IS_BUILDING) for command, _printed in commands[:3]],
                         [True, True, False])
        return commands[2:]

    def test_the_afternoon(self):
        commands = self.afternoon()
        self.assertGreater(len(commands), 15)
        self.run_session(commands)

    def test_the_examples_of_files(self):
        """Of the client, each of which ends well where the afternoon's daemon runs."""
        commands = self.afternoon()
        begun = next(n for n, (command, _printed) in enumerate(commands, 1) if command.endswith("&"))
        text = "\n".join(section("daemon/README.md", "### Files"))
        examples = text.split("```\n")[1].splitlines()
        self.assertEqual([example.split(" ")[1] for example in examples], ["simulate", "replay", "publish"])
        self.run_session(commands[:begun] + [(f"{example}; echo ended with $?", ["…", "ended with 0"])
                                             for example in examples])


def alone():
    """Runs the tests in a network of their own, where the ports that the READMEs name are free."""
    if os.environ.get(ALONE):
        interface = struct.pack("16sh", b"lo", 0x1)  # IFF_UP
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, 0x8914, interface)  # SIOCSIFFLAGS
        unittest.main()
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        print("no network of one's own can be made here")
        sys.exit(77)
    sys.exit(subprocess.run([*unshare, sys.executable, "-B", *sys.argv], env={**os.environ, ALONE: "1"},
                            check=False).returncode)


if __name__ == "__main__":
    alone()
