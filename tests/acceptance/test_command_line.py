#!/usr/bin/python3
"""The commands of `bonewatch`: replay, explain, timeline, monitor, publish; what they print and how they end."""
import gzip
import json
import unittest

from under_test import CONFIG, OneDaemon, Scratch, brief, day, native, nhs, person, run_client, simulated, supply, vitamin_d

PARTS = ("applied", "duplicate", "superseded", "disputed", "not_used", "quarantined", "rejected")


def summary(error):
    """The summary that replay and publish print last on standard error."""
    return json.loads(error.splitlines()[-1])


class Publishing(OneDaemon):
    def test_a_large_file_is_published_whole_and_its_summary_adds_up(self):
        file = simulated(self.folder, patients=200, years=3, seed=7)
        lines = len(file.read_text().splitlines())
        code, out, error = self.one.client("publish", file, "--publisher", "clinic")
        self.assertEqual((code, out), (0, ""), error)
        counts = summary(error)
        self.assertEqual(list(counts), ["messages", "records", *PARTS, "seconds"])
        self.assertEqual(counts["records"], lines)
        self.assertEqual(sum(counts[part] for part in PARTS), lines)
        self.assertGreater(min(counts[part] for part in ("applied", "duplicate", "superseded", "disputed", "quarantined")), 0)

        code, out, error = self.one.client("publish", file, "--publisher", "clinic", "--output", "ndjson")
        again = summary(error)
        self.assertEqual((code, again["applied"], again["quarantined"]), (0, 0, counts["quarantined"]))
        outcomes = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(outcomes), lines)
        self.assertNotIn("", {outcome["id"] for outcome in outcomes if outcome["type"] != "patient"})


if __name__ == "__main__":
    unittest.main()
