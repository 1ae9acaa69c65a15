#!/usr/bin/env python3
"""Checks every C++ file against .clang-format with clang-format-19: format.py ROOT [--fix]."""

import subprocess
import sys

from source_tree import SourceTree


def main():
    tree = SourceTree(sys.argv[1])
    files = [str(tree.root / path) for path in tree.cpp()]
    if not files:
        sys.exit("no C++ files found")
    if "--fix" in sys.argv[2:]:
        sys.exit(subprocess.run(["clang-format-19", "-i", *files]).returncode)
    result = subprocess.run(["clang-format-19", "--dry-run", "-Werror", "--ferror-limit=1", *files]).returncode
    if result:
        print("To mend: python3 tests/tree/format.py . --fix")
    sys.exit(result)


if __name__ == "__main__":
    main()
