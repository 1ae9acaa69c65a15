#!/usr/bin/env python3
"""Each rule of the tree catches a small bad tree and leaves a small good one alone."""

import tempfile
import unittest
from pathlib import Path

from tree import RULES, findings_of

README = "# A folder\n\nThis folder is a sample.\n"
FOLDERS = ["daemon", "ingest", "store", "store/model", "monitors", "alerts", "config", "tests"]
GOOD = {
    "CMakeLists.txt": "project(sample)\n",
    "README.md": README,
    "store/CMakeLists.txt": "add_layer(bonewatch_store DEPENDS bonewatch_model)\n",
    "store/model/clock.h": "#pragma once\n\n#include <chrono>\n",
    "store/fact.h": '#pragma once\n\n#include "store/model/clock.h"\n',
    "store/fact.cpp": '#include "store/fact.h"\n\n#include "store/model/clock.h"\n',
    "daemon/clock.cpp": "auto now() { return std::chrono::system_clock::now(); }\n",
    "tests/store/CMakeLists.txt": "add_rules(sample)\n",
    **{f"{folder}/README.md": README for folder in FOLDERS},
}

# rule, changed files (None: removed), where it must be found
BAD = [
    ("includes_point_downward",
     {"store/fact.h": '#pragma once\n\n#include "daemon/fold.h"\n', "daemon/fold.h": "#pragma once\n"},
     "store/fact.h:3"),
    ("includes_point_downward", {"ingest/door.h": '#pragma once\n#include "store/fact.h"\n'}, "ingest/door.h:2"),
    ("includes_point_downward", {"store/model/day.h": '#pragma once\n#include "store/fact.h"\n'},
     "store/model/day.h:2"),
    ("includes_point_downward",
     {"monitors/a.h": '#pragma once\n#include "ingest/b.h"\n', "ingest/b.h": "#pragma once\n"}, "monitors/a.h:2"),
    ("includes_point_downward", {"store/late.cpp": '#include "fact.h"\n'}, "store/late.cpp:1"),
    ("includes_point_downward", {"alerts/told.cpp": "#include <store/fact.h>\n"}, "alerts/told.cpp:1"),
    ("own_header_comes_first", {"store/fact.cpp": '#include "store/model/clock.h"\n#include "store/fact.h"\n'},
     "store/fact.cpp:1"),
    ("libraries_depend_downward", {"store/CMakeLists.txt": "add_layer(bonewatch_store\n  DEPENDS bonewatch_alerts)\n"},
     "store/CMakeLists.txt:2"),
    ("root_holds_what_was_agreed", {"docs/plan.md": "Plan.\n"}, "docs:1"),
    ("names_say_something", {"store/utils.h": "#pragma once\n"}, "store/utils.h:1"),
    ("names_say_something", {"store/fact_manager.cpp": "\n"}, "store/fact_manager.cpp:1"),
    ("files_hold_one_idea", {"store/long.cpp": "\n" * 501}, "store/long.cpp:501"),
    ("readmes_open_with_a_sentence", {"alerts/README.md": None}, "alerts/README.md:1"),
    ("readmes_open_with_a_sentence", {"alerts/README.md": "# Alerts\n\n- a list\n"}, "alerts/README.md:3"),
    ("readmes_open_with_a_sentence", {"tests/bench/CMakeLists.txt": "\n"}, "tests/bench/README.md:1"),
    ("clock_sleep_and_chance_have_one_file", {"daemon/loop.cpp": "auto t = std::chrono::system_clock::now();\n"},
     "daemon/loop.cpp:1"),
    ("clock_sleep_and_chance_have_one_file", {"store/log.cpp": "\nauto t = std::chrono::steady_clock::now();\n"},
     "store/log.cpp:2"),
    ("clock_sleep_and_chance_have_one_file", {"ingest/door.cpp": "std::this_thread::sleep_for(1s);\n"},
     "ingest/door.cpp:1"),
    ("clock_sleep_and_chance_have_one_file", {"alerts/id.cpp": "std::random_device chance;\n"}, "alerts/id.cpp:1"),
    ("clock_sleep_and_chance_have_one_file", {"alerts/id.cpp": "int id = rand();\n"}, "alerts/id.cpp:1"),
    ("work_is_finished", {"store/fact.cpp": '#include "store/fact.h"\n// TO' + "DO: more\n"}, "store/fact.cpp:2"),
    ("work_is_finished", {"config/drugs.toml": "# FIX" + "ME\n"}, "config/drugs.toml:1"),
    ("nothing_names_this_machine", {"daemon/run": "cd /ho" + "me/anna/bonewatch\n"}, "daemon/run:1"),
    ("nothing_names_this_machine", {"daemon/run": "{root}/daemon/start\n"}, "daemon/run:1"),
    ("nothing_names_this_machine", {"tests/list": "http" + "://deb.debian.org/debian\n"}, "tests/list:1"),
    ("lines_fit", {"store/fact.cpp": '#include "store/fact.h"\n//' + "x" * 119 + "\n"}, "store/fact.cpp:2"),
    ("headers_start_with_pragma_once", {"store/fact.h": "// A fact.\n#pragma once\n"}, "store/fact.h:1"),
]

# What looks like a fault and is none.
FINE = {
    "a line of 120 characters": {"store/fact.cpp": '#include "store/fact.h"\n//' + "x" * 118 + "\n"},
    "a file of 500 lines": {"store/long.cpp": "\n" * 500},
    "a clock in a test": {"tests/store/clock_test.cpp": "auto t = std::chrono::steady_clock::now();\n"},
    "the word in a comment": {"store/log.cpp": "// Never asks system_clock.\n"},
    "a member named like a function": {"store/log.cpp": "int x = operand(1) + record.rand(2);\n"},
    "a mktemp pattern": {"daemon/run": "mktemp -d /tmp/bonewatch.XXXXXX\n"},
    "a mirrored test folder without a README": {"tests/alerts/CMakeLists.txt": "\n"},
    "a library in angle brackets": {"store/log.cpp": "#include <rocksdb/db.h>\n"},
    "a build folder": {"build/release/x.cpp": '#include "nowhere.h"\n'},
}


class Tree(unittest.TestCase):
    def findings(self, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, content in {**GOOD, **changes}.items():
                if content is not None:
                    file = Path(root) / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(content.replace("{root}", str(Path(root).resolve())))
            return findings_of(root)

    def test_good_tree_is_clean(self):
        self.assertEqual([str(finding) for _, finding in self.findings({})], [])

    def test_each_fault_is_found_at_its_line_and_alone(self):
        for rule, changes, where in BAD:
            with self.subTest(rule=rule, where=where):
                found = [(name, f"{finding.path}:{finding.line}") for name, finding in self.findings(changes)]
                self.assertEqual(found, [(rule, where)])

    def test_what_only_looks_like_a_fault_passes(self):
        for name, changes in FINE.items():
            with self.subTest(name):
                self.assertEqual([str(finding) for _, finding in self.findings(changes)], [])

    def test_every_rule_has_a_fault_that_it_catches(self):
        self.assertEqual({rule.__name__ for rule in RULES} - {rule for rule, _, _ in BAD}, set())


if __name__ == "__main__":
    unittest.main()
