#!/usr/bin/env python3
"""Runs clang-tidy-19 with .clang-tidy over the layers' sources, two at a time: tidy.py ROOT BUILD [--deep] [FILE…].

--deep adds the static analyzer, which takes three times as long.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from layers import layer_of

JOBS = 1


def sources_of(root, build):
    """The sources of all layers but tests, in the database's order."""
    commands = json.loads((build / "compile_commands.json").read_text())
    sources = []
    for command in commands:
        path = (Path(command["directory"]) / command["file"]).resolve()
        if path.is_relative_to(root) and not path.is_relative_to(build):
            name = str(path.relative_to(root))
            if layer_of(name) not in (None, "tests"):
                sources.append(name)
    return sources


def tidy(root, build, source, is_deep):
    # The database is g++'s: what only g++ knows is not clang's business.
    command = ["clang-tidy-19", "--quiet", "-p", str(build), "--extra-arg=-Wno-unknown-warning-option"]
    command += ["--checks=clang-analyzer-*"] if is_deep else []
    start = time.monotonic()
    run = subprocess.run([*command, source], cwd=root, capture_output=True, text=True)
    return source, time.monotonic() - start, run


def main():
    is_deep = "--deep" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--deep"]
    if len(arguments) < 2:
        sys.exit("usage: tidy.py ROOT BUILD [--deep] [FILE…]")
    root, build = Path(arguments[0]).resolve(), Path(arguments[1]).resolve()
    sources = arguments[2:] or sources_of(root, build)
    if not sources:
        sys.exit("no sources found in compile_commands.json")
    failures = 0
    with ThreadPoolExecutor(JOBS) as pool:
        for source, seconds, run in pool.map(lambda source: tidy(root, build, source, is_deep), sources):
            print(f"{source}: {seconds:.1f} s", flush=True)
            if run.returncode:
                failures += 1
                print(run.stdout + run.stderr, flush=True)
    print(f"{len(sources)} sources, {failures} with findings")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
