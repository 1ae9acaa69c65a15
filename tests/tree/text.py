"""What lines may say: no clock or chance outside its file, no mark of unfinished work, no path of one machine."""

import re

from source_tree import Finding

LINE_MAX = 120
CLOCK_FILES = {"daemon/clock.h", "daemon/clock.cpp"}
CHANCE_FILES = {"daemon/random.h", "daemon/random.cpp"}

# What may stand only in the files named; tests/ are free.
IMPURE = [
    (re.compile(r"\b(system_clock|gettimeofday|clock_gettime|localtime(_r)?|gmtime(_r)?|utc_clock)\b|\bstd::time\("),
     "the wall clock", CLOCK_FILES),
    (re.compile(r"\b(steady_clock|high_resolution_clock)\b"), "the steady clock", CLOCK_FILES),
    (re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\("), "sleeping", CLOCK_FILES),
    (re.compile(r"\b(random_device|getrandom|arc4random\w*|randombytes\w*)\b|(?<![\w.>])s?rand\("), "chance",
     CHANCE_FILES),
]
MARK = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
HOME = re.compile(r"(?<![\w.$}-])/(home|Users)/[A-Za-z]|(?<![\w.$}-])/(?:root)/")
REGISTRY = re.compile(r"https?://(deb|security|registry|files|static|proxy|repo1?|snapshot)\.")
SHARED_PATHS = {"bin", "boot", "dev", "etc", "lib", "mnt", "opt", "proc", "run", "sbin", "srv", "sys", "tmp", "usr",
                "var"}


def without_comment(line):
    return line.split("//")[0]


def clock_sleep_and_chance_have_one_file(tree):
    for path in tree.cpp():
        if path.startswith("tests/"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for pattern, what, allowed in IMPURE:
                match = pattern.search(without_comment(line))
                if match and path not in allowed:
                    places = ", ".join(sorted(allowed))
                    message = f"`{match.group()}` is {what}, which stands only in {places}: pass it in as a value"
                    yield Finding(path, number, message)


def work_is_finished(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            match = MARK.search(line)
            if match:
                yield Finding(path, number, f"`{match.group()}` marks unfinished work: finish it, or write an issue")


def machine_paths(tree):
    """This checkout's own place, and the first folder of it where that is no folder of every machine."""
    parts = tree.root.parts[1:]
    places = [str(tree.root), str(tree.root.parent)] if len(parts) > 2 else [str(tree.root)]
    if parts and parts[0] not in SHARED_PATHS:
        places.append("/" + parts[0])
    return re.compile("|".join(rf"(?<![\w.$}}-]){re.escape(place)}/" for place in places))


def nothing_names_this_machine(tree):
    here = machine_paths(tree)
    for path in tree.files:
        if path == ".gitignore":
            continue
        for number, line in enumerate(tree.lines(path), 1):
            match = HOME.search(line) or here.search(line)
            if match:
                message = f"`{match.group()}` is a path of one machine: use a relative one or a setting"
                yield Finding(path, number, message)
            match = REGISTRY.search(line)
            if match:
                message = f"`{match.group()}` is a registry's address: leave it to the package tool's own setup"
                yield Finding(path, number, message)


def lines_fit(tree):
    for path in tree.code():
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > LINE_MAX:
                yield Finding(path, number, f"is {len(line)} characters long: break it at {LINE_MAX}")


def headers_start_with_pragma_once(tree):
    for path in tree.cpp():
        if path.endswith(".h") and tree.lines(path)[:1] != ["#pragma once"]:
            yield Finding(path, 1, "a header starts with `#pragma once`")


RULES = [clock_sleep_and_chance_have_one_file, work_is_finished, nothing_names_this_machine, lines_fit,
         headers_start_with_pragma_once]
