"""The tree as the checks see it: its files, their lines, and what is wrong with them."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

CODE = (".h", ".cpp", ".py", ".cmake")
CPP = (".h", ".cpp")
NOT_OURS = (".git", "__pycache__", "build")


class Finding(NamedTuple):
    """One thing that is wrong, where, and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class SourceTree:
    """What is, or is about to be, under version control below `root`; without git, everything but build folders."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = sorted(path for path in self._list() if (self.root / path).is_file())
        self._lines = {}

    def _list(self):
        command = ["git", "-C", str(self.root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        if (self.root / ".git").exists():
            try:
                listing = subprocess.run(command, capture_output=True, check=True).stdout.decode()
                return [path for path in listing.split("\0") if path]
            except (OSError, subprocess.CalledProcessError):
                pass
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith("build-")]
            found += [str((Path(folder) / name).relative_to(self.root)) for name in names]
        return found

    def lines(self, path):
        """The lines of a text file; none of a binary one."""
        if path not in self._lines:
            content = (self.root / path).read_bytes()
            text = "" if b"\0" in content else content.decode("utf-8", "replace")
            self._lines[path] = text.splitlines()
        return self._lines[path]

    def cpp(self):
        return [path for path in self.files if path.endswith(CPP)]

    def code(self):
        """Files that people write as code: sources, CMake files, scripts with a first line `#!`."""
        return [path for path in self.files if self._is_code(path)]

    def _is_code(self, path):
        return path.endswith((*CODE, "CMakeLists.txt")) or "".join(self.lines(path)[:1]).startswith("#!")
