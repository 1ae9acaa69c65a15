"""Where things lie: the root's listing, folders with a README, names that say something, files of one idea."""

import re
from pathlib import PurePosixPath

from source_tree import Finding
from layers import MAY_INCLUDE, MODEL

ROOT = {"CMakeLists.txt", "CMakePresets.json", "README.md",
        "daemon", "ingest", "store", "monitors", "alerts", "config", "tests"}
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "impl", "misc"}
LINES_MAX = 500
SENTENCE_MAX = 300


def root_holds_what_was_agreed(tree):
    for name in sorted({path.split("/")[0] for path in tree.files}):
        if name not in ROOT and not name.startswith("."):
            yield Finding(name, 1, "is not in the agreed listing of the root: find the folder where it belongs")


def names_say_something(tree):
    for path in tree.files:
        for part in PurePosixPath(path).parts:
            words = re.split(r"[_.-]", part.lower())
            if EMPTY_NAMES & set(words) and not part.startswith("_"):
                yield Finding(path, 1, f"`{part}` says nothing: name what it does, or find where it belongs")


def files_hold_one_idea(tree):
    for path in tree.code():
        if len(tree.lines(path)) > LINES_MAX:
            yield Finding(path, LINES_MAX + 1, f"is longer than {LINES_MAX} lines: split it where a second idea begins")


def folders_with_a_readme(tree):
    """The root, every layer, and every folder that is a target of its own; tests/X mirrors X and needs none."""
    mirrors = {f"tests/{layer}" for layer in MAY_INCLUDE} | {"tests/store/model"}
    folders = {str(PurePosixPath(path).parent) for path in tree.files if path.endswith("CMakeLists.txt")}
    return sorted((folders | {layer for layer in MAY_INCLUDE if layer != MODEL}) - mirrors)


def opening_of(lines):
    """The first paragraph after the heading, as one line, and where it starts."""
    start = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    paragraph = []
    for line in lines[start:]:
        if not line.strip():
            break
        paragraph.append(line.strip())
    return start + 1, " ".join(paragraph)


def readmes_open_with_a_sentence(tree):
    for folder in folders_with_a_readme(tree):
        path = "README.md" if folder == "." else f"{folder}/README.md"
        if path not in tree.files:
            yield Finding(path, 1, "is missing: open it with one sentence that says what the folder is")
            continue
        line, opening = opening_of(tree.lines(path))
        sentence = re.match(r"[A-Z`*(][^|]*?[.:](\s|$)", opening)
        if not sentence or len(sentence.group()) > SENTENCE_MAX:
            yield Finding(path, line, "does not open with one plain sentence that says what the folder is")


RULES = [root_holds_what_was_agreed, names_say_something, files_hold_one_idea, readmes_open_with_a_sentence]
