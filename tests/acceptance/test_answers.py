#!/usr/bin/python3
"""Lists and their order, status, the log, exit codes, and who may read what the daemon keeps."""
import datetime
import json
import os
import pathlib
import re
import stat
import time
import unittest

from under_test import (BONEWATCHD, TODAY, ERROR, HELLO, PUBLISH, WELCOME, OneDaemon, Scratch, day, native, nhs, person,
                        result, run_client, vitamin_d)


class Lists(OneDaemon):
    COUNT = 1005

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.one.peer("ingest", "lab") as lab:
            for first in range(0, cls.COUNT, 200):
                lab.publish(*(event for n in range(first, min(first + 200, cls.COUNT))
                              for event in (person(nhs(n)), vitamin_d(f"v{n}", nhs(n), 18, day(-20 - n % 50)))))
            lab.publish(*(result(f"t{n}", nhs(0), "tsh", 0.02, "mU/L", day(at)) for n, at in enumerate((-200, -30))))
            lab.publish(*(result(f"b{n}", nhs(n), "tsh", 1, "furlong", day(-9)) for n in range(cls.COUNT)))

    def test_every_alert_is_listed_the_most_urgent_first_then_the_longest_open(self):
        alerts = self.one.rows("alerts")
        self.assertGreater(len(alerts), self.COUNT)
        self.assertEqual(len({alert["alert"] for alert in alerts}), len(alerts))
        ranks = {"urgent": 0, "warning": 1, "info": 2}
        order = [(ranks[alert["severity"]], alert["since"]) for alert in alerts]
        self.assertEqual(order, sorted(order))
        self.assertEqual(order[0][0], 0)

    def test_a_limit_says_how_many_there_are(self):
        alerts = self.one.rows("alerts")
        code, out, error = self.one.client("alerts", "--limit", "3", "--output", "ndjson")
        self.assertEqual((code, [json.loads(line) for line in out.splitlines()]), (0, alerts[:3]))
        self.assertEqual(error, f"3 of {len(alerts)}; without --limit all\n")

    def test_quarantine_is_listed_whole(self):
        rows = self.one.rows("quarantine", "list")
        self.assertEqual([row["number"] for row in rows], list(range(1, self.COUNT + 1)))
        self.assertEqual(self.one.client("quarantine", "list", "--limit", "2")[2],
                         f"2 of {self.COUNT}; without --limit all\n")

    def test_one_alert_is_found_by_its_id(self):
        last = self.one.rows("alerts")[-1]
        self.assertEqual(self.one.rows("alert", "show", last["alert"]), [last])

    def test_status_tells_the_totals_and_counts_since_the_start(self):
        status = self.one.rows("status")[0]
        alerts = self.one.rows("alerts")
        self.assertEqual(status["patients"], self.COUNT)
        self.assertEqual(status["open_alerts"], len(alerts))
        self.assertEqual(status["open_by_monitor"]["vitamin-d-deficient"], self.COUNT)
        self.assertEqual(sum(status["open_by_monitor"].values()), len(alerts))
        self.assertEqual(status["since_start"]["intake"]["quarantined"], self.COUNT)
        self.assertNotIn("seconds", status["since_start"]["intake"])
        with self.one.peer("ingest", "lab"), self.one.subscriber("ward"):
            connected = self.one.rows("status")[0]
            self.assertGreaterEqual(connected["publishers_connected"], 1)
            self.assertGreaterEqual(connected["subscribers_connected"], 1)
        self.assertRegex(self.one.client("status")[1], r"(?m)^open_by_monitor\n    \S+ +\d+\n")


class Acknowledging(Scratch):
    def test_who_takes_over_is_told_from_whom_and_the_table_shows_the_note(self):
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(person(nhs(1)), vitamin_d("v1", nhs(1), 18, day(-20)))
        alert = daemon.rows("alerts")[0]["alert"]
        self.assertEqual(daemon.client("alert", "ack", alert, "--by", "Dr Who", "--note", "I call her")[:2],
                         (0, "acknowledged by Dr Who\n"))
        self.assertIn("owner       Dr Who: I call her\n", daemon.client("alert", "show", alert)[1])
        self.assertEqual(daemon.client("alert", "ack", alert, "--by", "Nurse Joy")[:2],
                         (0, "acknowledged by Nurse Joy; until now by Dr Who: I call her\n"))
        code, _out, error = daemon.client("alert", "ack", "0" * 32, "--by", "me")
        self.assertEqual(code, 1)
        self.assertIn("no open alert has the id", error)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        status = daemon.rows("status")[0]
        self.assertEqual((status["patients"], status["open_by_monitor"]), (1, {"vitamin-d-deficient": 1}))
        self.assertEqual(daemon.client("alert", "ack", alert, "--by", "me")[0], 0, "found after a restart too")
        log = daemon.log.read_text()
        self.assertIn(f'event=acknowledged alert={alert} actor="Nurse Joy" before="Dr Who"', log)
        self.assertNotIn("I call her", log)


class WhatFallsSilent(Scratch):
    def test_each_monitor_says_whom_it_watches_and_why_it_cannot_say(self):
        daemon = self.started()
        count = 401  # More than two pages.
        with daemon.peer("ingest", "lab") as lab:
            for first in range(0, count, 200):
                lab.publish(*(event for n in range(first, min(first + 200, count)) for event in (
                    person(nhs(n)), vitamin_d(f"v{n}", nhs(n), 18 if n % 2 else 80, day(-n)))))
            lab.publish(vitamin_d("v0", nhs(0), "Haemolysed", day(-20), version=2))
            lab.publish({**person(nhs(1)), "died": day(-2), "at": day(-1)})
        rows = {row["monitor"]: row for row in daemon.rows("monitor", "status")}
        self.assertEqual(len(rows), 52, "the monitors that are on")
        low = rows["vitamin-d-deficient"]
        self.assertEqual({name: low[name] for name in ("eligible", "open", "indeterminate", "causes", "newest_fact")},
                         {"eligible": count - 1, "open": count // 2 - 1, "indeterminate": 1,
                          "causes": {"latest(vitd25) < deficient": 1}, "newest_fact": day(-1)})
        self.assertTrue(low["last_raised"].startswith(str(TODAY)), low)
        silent = rows["tsh-suppressed"]
        self.assertEqual([silent[name] for name in ("eligible", "open", "last_raised", "newest_fact")],
                         [0, 0, "never", "none"])
        self.assertRegex(daemon.client("monitor", "status")[1],
                         r"(?m)^vitamin-d-deficient +400 +199 +1  \S+ +\S+\n    1 unknown by  latest\(vitd25\)")

    def test_codes_and_units_that_no_table_knows_are_counted_for_good(self):
        daemon = self.started()
        haemoglobin = {"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}
        with daemon.peer("ingest", "lab") as lab:
            self.assertEqual(lab.publish(*(result(f"h{n}", nhs(1), haemoglobin, 13, "g/dL", day(-9))
                                           for n in range(3))), ["not_used"] * 3)
            self.assertEqual(lab.publish(result("t1", nhs(1), "tsh", 1, "furlong", day(-9)),
                                         result("t2", nhs(1), "tsg", 1, "mU/L", day(-9)),
                                         result("t3", nhs(1), "tsh", 1, "mU/L", day(-9))),
                             ["quarantined", "quarantined", "applied"])
        expected = [(3, "lab", "unknown_code", "http://loinc.org|718-7 'Hemoglobin'"),
                    (1, "lab", "unknown_code", "analyte 'tsg'"), (1, "lab", "unknown_unit", "tsh in 'furlong'")]

        def counted():
            return [(row["count"], row["publisher"], row["reason"], row["words"]) for row in daemon.rows("codes")]

        self.assertEqual(counted(), expected)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(counted(), expected)
        code, out, error = daemon.client("codes", "--limit", "1")
        self.assertEqual((code, error), (0, "1 of 3; without --limit all\n"))
        self.assertRegex(out, r"^ +3  \S+  lab  unknown_code  http://loinc.org\|718-7 'Hemoglobin'\n$")


class KnownThen(Scratch):
    def test_a_correction_leaves_what_was_known_before_it_also_after_a_restart(self):
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(person(nhs(1)), vitamin_d("v1", nhs(1), 18, day(-20)))
            time.sleep(0.01)
            before = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            time.sleep(0.01)
            self.assertEqual(lab.publish(vitamin_d("v1", nhs(1), 80, day(-20), version=2)), ["applied"])
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        question = ("explain", nhs(1), "vitamin-d-deficient")
        self.assertIn(": not open", daemon.client(*question)[1])
        self.assertIn(": OPEN", daemon.client(*question, "--as-known-at", before)[1])
        self.assertIn("18 nmol/L", daemon.client("timeline", nhs(1), "--as-known-at", before)[1])


class TheLog(Scratch):
    def test_it_tells_what_operators_must_know_and_nothing_of_patients(self):
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab:
            command, _meta, _bodies = lab.ask(HELLO, {"client": "lab link 3\n", "publisher": "lab"})
            self.assertEqual(command, WELCOME)
            for n in range(5):
                lab.publish(result(f"L-{n}", nhs(7), "tsh", 1, "furlong", day(-9)))
            lab.publish(vitamin_d("v1", nhs(7), 80, day(-9)))
            self.assertEqual(lab.publish(vitamin_d("v1", nhs(7), 81, day(-9))), ["disputed"])
            lab.publish_raw(b"{nonsense}\n")
            self.assertEqual(lab.ask(PUBLISH, {"format": "fax"}, b"x")[0], ERROR)
        self.assertEqual(daemon.stop(), 0)
        log = daemon.log.read_text()
        self.assertIn('event=hello door=ingest publisher=lab client="lab_link_3_" peers=', log)
        for words in ("event=quarantined publisher=lab reason=unknown_unit", "event=disputed publisher=lab",
                      "event=rejected publisher=lab reason=bad_json",
                      "event=refused door=ingest reason=unknown_format"):
            lines = re.findall(rf"{words} count=(\d+) since_start=(\d+)", log)
            self.assertTrue(lines, words)
            self.assertLess(len(lines), 5, "a line a second, not one for each")
            self.assertEqual(sum(int(count) for count, _all in lines), int(lines[-1][1]))
        for secret in (nhs(7).removeprefix("nhs:"), "L-1", "furlong"):
            self.assertNotIn(secret, log)


class ExitCodes(OneDaemon):
    def test_wrong_arguments_are_64_and_name_what_was_meant(self):
        file = self.folder / "file.ndjson"
        file.write_bytes(native(person(nhs(1))))
        self.one.client("publish", file)
        for arguments, words in (
                (["publish", file, "--publisher", "a b"], "without spaces"),
                (["feed", "tail", "--consumer", "a b"], "without spaces"),
                (["feed", "tail", "--consumer", "x", "--from", "junk"], "last, earliest, now, or a cursor"),
                (["explain", nhs(1), "--at", "garbage"], "'garbage' is not a time"),
                (["explain", nhs(1), "--at", day(9)], "the future is not known"),
                (["alerts", "--monitor", "tsh-lo"], "no monitor 'tsh-lo'; did you mean 'tsh-low'?"),
                (["quarantine", "show", "x"], "'x' is not a whole number from 1"),
                (["quarantine", "show", "0"], "'0' is not a whole number from 1"),
                (["alerts", "--limit", "none"], "'none' is not a whole number from 1")):
            with self.subTest(arguments):
                code, out, error = self.one.client(*arguments)
                self.assertEqual((code, out), (64, ""), error)
                self.assertIn(words, error)
                self.assertLess(len(error), 400)
        code, out, error = run_client("quarentine", "list")
        self.assertEqual((code, out), (64, ""))
        self.assertIn("'quarentine' is no command; did you mean 'quarantine'?", error)

    def test_the_future_is_refused_of_files_too(self):
        file = self.folder / "file.ndjson"
        file.write_bytes(native(person(nhs(1)), vitamin_d("v1", nhs(1), 18, day(-20))))
        code, out, error = run_client("explain", nhs(1), "--at", day(9), "--file", file)
        self.assertEqual((code, out), (64, ""))
        self.assertIn("the future is not known", error)
        self.assertEqual(run_client("explain", nhs(1), "--at", day(-1), "--file", file)[0], 0)

    def test_a_folder_in_the_place_of_a_file_is_said_to_be_one(self):
        for arguments in (["publish", self.folder], ["replay", self.folder]):
            door = ["--connect", self.one.endpoints["ingest"]] if arguments[0] == "publish" else []
            answer = run_client(*arguments, *door)
            self.assertEqual(answer, (65, "", f"bonewatch: {self.folder}: cannot be read: Is a directory\n"))
        code, _out, error = run_client("monitor", "list", "--config", self.folder)
        self.assertEqual((code, error), (78, f"bonewatch: {self.folder}: cannot be read: Is a directory\n"))


class Starting(Scratch):
    def test_a_settings_file_that_cannot_be_read_says_why(self):
        daemon = self.daemon()
        for path, why in ((self.folder, "Is a directory"), (self.folder / "nope.toml", "No such file or directory")):
            daemon.config = path
            self.assertEqual(daemon.run(), (78, "", f"bonewatchd: {path}: cannot be read: {why}\n"))

    def test_without_tables_it_says_how_to_name_them(self):
        environment = os.environ.get("BONEWATCH_CONFIG")
        os.environ["BONEWATCH_CONFIG"] = str(self.folder / "nowhere")
        self.addCleanup(os.environ.__setitem__, "BONEWATCH_CONFIG", environment)
        code, out, error = run_client("monitor", "list")
        self.assertEqual((code, out), (78, ""))
        for words in ("nowhere/vocabulary: cannot be read: No such file or directory", "--config", "BONEWATCH_CONFIG"):
            self.assertIn(words, error)

    def test_what_is_kept_is_its_owner_s_alone(self):
        store = self.folder / "d" / "store"
        store.mkdir(parents=True, mode=0o755)
        daemon = self.started(doors="ipc", before_exec=lambda: os.umask(0o022))
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(person(nhs(1)))
        for path in (store, *store.rglob("*"), *(self.folder / "d" / door for door in ("ingest", "feed", "command"))):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_a_store_of_somebody_else_is_not_allowed(self):
        self.folder.chmod(0o755)
        daemon = self.daemon(before_exec=None)
        store = self.folder / "d" / "store"
        store.mkdir(mode=0o700)
        if os.getuid() == 0:
            nobody = 65534
            readable = all(os.stat(parent).st_mode & stat.S_IXOTH for parent in pathlib.Path(BONEWATCHD).parents)
            if not readable:
                self.skipTest("another user cannot reach the program")
            daemon.command_prefix = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups"]
        else:
            store.chmod(0o000)
            self.addCleanup(store.chmod, 0o700)
        code, out, error = daemon.run()
        self.assertEqual((code, out), (77, ""))
        self.assertIn(str(store), error)
        self.assertIn("Permission denied", error)


if __name__ == "__main__":
    unittest.main()
