"""Who may include whom: only downward, always by the full path from the root."""

import re

from source_tree import Finding

MODEL = "store/model"
MAY_INCLUDE = {
    MODEL: {MODEL},
    "store": {MODEL, "store"},
    "config": {MODEL, "config"},
    "ingest": {MODEL, "config", "ingest"},
    "monitors": {MODEL, "config", "monitors"},
    "alerts": {MODEL, "store", "config", "monitors", "alerts"},
    "daemon": {MODEL, "store", "config", "ingest", "monitors", "alerts", "daemon"},
    "tests": {MODEL, "store", "config", "ingest", "monitors", "alerts", "daemon", "tests"},
}
LIBRARIES = {("bonewatch_model" if layer == MODEL else f"bonewatch_{layer}"): layer for layer in MAY_INCLUDE}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer that a file belongs to; nothing for a file of the root."""
    if path.startswith(MODEL + "/"):
        return MODEL
    folder = path.split("/")[0]
    return folder if "/" in path and folder in MAY_INCLUDE else None


def includes(tree, path):
    for number, line in enumerate(tree.lines(path), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def includes_point_downward(tree):
    files = set(tree.files)
    for path in tree.cpp():
        layer = layer_of(path)
        for number, is_quoted, target in includes(tree, path):
            if not is_quoted:
                if layer_of(target) and target in files:
                    yield Finding(path, number, f'<{target}> is ours: write "{target}"')
            elif target not in files:
                yield Finding(path, number, f'"{target}" is no path from the root; <> is for libraries')
            elif layer and layer_of(target) not in MAY_INCLUDE[layer]:
                allowed = ", ".join(sorted(MAY_INCLUDE[layer]))
                message = f"{layer} must not include {target}: it may include only {allowed}; move the idea down"
                yield Finding(path, number, message)


def own_header_comes_first(tree):
    files = set(tree.files)
    for path in tree.cpp():
        own = path[:-4] + ".h"
        if path.endswith(".cpp") and own in files:
            number, _, target = next(includes(tree, path), (1, True, ""))
            if target != own:
                yield Finding(path, number, f'"{own}" must be the first include')


def libraries_depend_downward(tree):
    for path in tree.files:
        layer = layer_of(path)
        if layer in (None, "tests") or not path.endswith("CMakeLists.txt"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for name in re.findall(r"\bbonewatch_\w+", line.split("#")[0]):
                if name in LIBRARIES and LIBRARIES[name] not in MAY_INCLUDE[layer]:
                    yield Finding(path, number, f"{layer} must not link {name}: it lies above or beside it")


RULES = [includes_point_downward, own_header_comes_first, libraries_depend_downward]
