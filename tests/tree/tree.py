#!/usr/bin/env python3
"""Checks the tree's rules: tree.py ROOT. Prints `file:line: what is wrong and what to do`; exit code 1 if anything."""

import sys

import layers
import layout
import text
from source_tree import SourceTree

RULES = layers.RULES + layout.RULES + text.RULES


def findings_of(root):
    tree = SourceTree(root)
    return [(rule.__name__, finding) for rule in RULES for finding in rule(tree)]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: tree.py ROOT")
    findings = findings_of(sys.argv[1])
    for rule, finding in findings:
        print(f"{finding} [{rule}]")
    print(f"{len(RULES)} rules, {len(findings)} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
