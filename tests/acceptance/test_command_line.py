#!/usr/bin/python3
"""The commands of `bonewatch`: replay, explain, timeline, monitor, publish; what they print and how they end."""
import gzip
import json
import os
import pathlib
import pty
import select
import subprocess
import unittest

from under_test import (BONEWATCH, CONFIG, OneDaemon, Scratch, brief, day, native, nhs, person, result, run_client,
                        simulated, supply, vitamin_d)

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
        self.assertGreater(min(counts[part] for part in ("applied", "duplicate", "superseded", "disputed",
                                                         "quarantined")), 0)

        code, out, error = self.one.client("publish", file, "--publisher", "clinic", "--output", "ndjson")
        again = summary(error)
        self.assertEqual((code, again["applied"], again["quarantined"]), (0, 0, counts["quarantined"]))
        outcomes = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(outcomes), lines)
        self.assertNotIn("", {outcome["id"] for outcome in outcomes if outcome["type"] != "patient"})


    def test_a_day_without_events_is_no_bad_data(self):
        for text in ("", "\n \r\n"):
            code, out, error = self.one.client("publish", "-", "--publisher", "clinic", stdin=text)
            self.assertEqual((code, out, summary(error)["records"]), (0, "", 0), error)


class Replaying(Scratch):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "file.ndjson"
        self.events = [person(nhs(1)), vitamin_d("v1", nhs(1), 18, "2026-01-10"),
                       vitamin_d("v2", nhs(1), 78, "2026-03-10"),
                       person(nhs(2)), vitamin_d("v3", nhs(2), 27, "2026-02-01"),
                       person(nhs(3)),
                       *[supply(f"s{n}", nhs(3), "prednisolone", "5 mg", f"2026-0{n}-01", 28) for n in range(1, 5)]]
        self.file.write_bytes(native(*self.events))

    def replay(self, *arguments, stdin=None):
        """Entries, and the summary."""
        code, out, error = run_client("replay", *arguments, "--output", "ndjson", stdin=stdin)
        self.assertEqual(code, 0, error)
        return [json.loads(line) for line in out.splitlines()], summary(error)

    def told(self, *arguments):
        return [f"{entry['at'][:10]} {brief(entry)}" for entry in self.replay(*arguments)[0]]

    def test_each_line_has_exactly_the_nine_members(self):
        entries, counts = self.replay(self.file)
        self.assertEqual(len(entries), 3)
        for entry in entries:
            self.assertEqual(list(entry), ["at", "recorded_at", "patient", "monitor", "transition", "severity", "alert",
                                           "headline", "evidence"])
        self.assertEqual({name: counts[name] for name in ("records", *PARTS)},
                         {"records": len(self.events), **dict.fromkeys(PARTS, 0), "applied": len(self.events)})

    def test_what_is_told_and_when(self):
        self.assertEqual(self.told(self.file),
                         [f"2026-01-10 {nhs(1)} vitamin-d-deficient raised warning",
                          f"2026-03-10 {nhs(1)} vitamin-d-deficient resolved warning",
                          f"2026-04-01 {nhs(3)} steroid-5mg-90d raised warning"])

    def test_until_moves_the_clock_on_and_cuts(self):
        on_the_day = self.told(self.file, "--until", "2026-04-01")
        self.assertEqual(len(on_the_day), 3)
        self.assertEqual(self.told(self.file, "--until", "2026-03-31T23:59:59Z"), on_the_day[:2])
        later = self.told(self.file, "--until", "2026-12-31")
        self.assertEqual(later[:3], on_the_day)
        self.assertIn(f"{nhs(3)} steroid-5mg-90d resolved warning", " ".join(later))

    def test_set_tunes_a_threshold_for_this_run(self):
        more = self.told(self.file, "--set", "vitamin-d-deficient.deficient=28 nmol/L")
        self.assertIn(f"2026-02-01 {nhs(2)} vitamin-d-deficient raised warning", more)
        for setting, ends, words in (
                ("vitamin-d-deficient.deficent=28 nmol/L", 78, "did you mean 'vitamin-d-deficient.deficient'?"),
                ("vitamin-d-deficient.deficient=90 nmol/L", 78, "must lie between 20 nmol/L and 30 nmol/L"),
                ("vitamin-d-deficient.deficient", 64,
                 "--set: 'vitamin-d-deficient.deficient' sets nothing: write MONITOR.THRESHOLD=VALUE")):
            code, out, error = run_client("replay", self.file, "--set", setting)
            self.assertEqual((code, out), (ends, ""))
            self.assertIn(words, error)

    def test_input_may_be_standard_input_gzipped_or_several_files(self):
        whole = self.told(self.file)
        packed = self.folder / "file.ndjson.gz"
        packed.write_bytes(gzip.compress(self.file.read_bytes()))
        self.assertEqual(self.told(packed), whole)
        entries, _counts = self.replay("-", stdin=self.file.read_text())
        self.assertEqual([f"{entry['at'][:10]} {brief(entry)}" for entry in entries], whole)
        second = self.folder / "second.ndjson"
        self.file.write_bytes(native(*self.events[:4]))
        second.write_bytes(native(*self.events[4:]))
        self.assertEqual(sorted(self.told(second, self.file)), sorted(whole), "several files are one feed")

    def test_monitors_from_another_folder(self):
        monitors = self.folder / "monitors"
        monitors.mkdir()
        for name in ("_common.toml", "malabsorption/vitamin-d-deficient.toml"):
            (monitors / pathlib.Path(name).name).write_bytes((CONFIG / "monitors" / name).read_bytes())
        self.assertEqual({line.split()[2] for line in self.told(self.file, "--monitors", monitors)},
                         {"vitamin-d-deficient"})
        code, out, _error = run_client("monitor", "list", "--monitors", monitors, "--output", "ndjson")
        self.assertEqual((code, [json.loads(line)["id"] for line in out.splitlines()]), (0, ["vitamin-d-deficient"]))

    def test_the_table_is_for_people(self):
        code, out, _error = run_client("replay", self.file)
        self.assertEqual(code, 0)
        for words in (f"2026-01-10  RAISED (warning)  {nhs(1)}  vitamin-d-deficient", "what to do  Load, then maintain",
                      "evidence    25-hydroxyvitamin D total 18 nmol/L on 2026-01-10  [v1]",
                      "ends with   One level of 50 nmol/L or more",
                      "no clinical sign-off"):
            self.assertIn(words, out)

    def test_bad_input_has_its_exit_code(self):
        code, out, error = run_client("replay", self.folder / "nothing")
        self.assertEqual((code, out), (65, ""))
        self.assertEqual(error, f"bonewatch: {self.folder}/nothing: cannot be read: No such file or directory\n")
        code, out, error = run_client("replay", "-", stdin="nonsense\n")
        self.assertEqual((code, out), (65, ""))
        self.assertIn("neither native lines nor FHIR JSON", error)
        code, out, error = run_client("replay", self.file, "--until", "someday")
        self.assertEqual((code, out), (64, ""))
        self.assertIn("'someday' is not a time: write 2026-03-01T08:30:00Z", error)
        code, out, error = run_client("replay", self.file, "--config", self.folder / "nothing.toml")
        self.assertEqual((code, out), (78, ""))

    def test_a_day_without_events_is_no_bad_data(self):
        for text in ("", "\n \r\n"):
            code, out, error = run_client("replay", "-", stdin=text)
            self.assertEqual((code, out, summary(error)["records"]), (0, "", 0), error)

    def test_what_cannot_be_used_is_said_and_counted(self):
        self.file.write_bytes(native(vitamin_d("v1", nhs(1), 18, "2026-01-10"),
                                     vitamin_d("v1", nhs(1), 18, "2026-01-10"),
                                     vitamin_d("v2", nhs(1), 18, "2026-02-30"), {"type": "fax"},
                                     vitamin_d("v1", nhs(1), 81, "2026-01-10"),
                                     *[{**vitamin_d(f"o{n}", nhs(1), 18, "2026-01-10"),
                                        "code": {"system": "http://loinc.org", "code": code}}
                                       for n, code in enumerate(("00000-0", "718-7", "718-7"))]))
        code, _out, error = run_client("replay", self.file)
        self.assertEqual(code, 65, "something was rejected, as publish says it")
        self.assertRegex(error, r"(?m)^quarantined: result vitd25: .*2026-02-30.* at line 3, \$\.at$")
        self.assertRegex(error, r"(?m)^rejected: .* at line 4, \$\.type$")
        counts = summary(error)
        self.assertEqual([counts[part] for part in PARTS], [1, 1, 0, 1, 3, 1, 1])
        self.assertEqual(counts["records"], 8)
        self.assertEqual(error.splitlines()[-4:-1],
                         ["disputed: result v1 of file: its version has another content too; "
                          "neither counts until a greater one comes",
                          "not_used: 2 × result http://loinc.org|718-7",
                          "not_used: 1 × result http://loinc.org|00000-0"])

    def test_fhir_is_recognised(self):
        (self.folder / "p.json").write_text(json.dumps(
            {"resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/7"},
             "code": {"coding": [{"system": "http://loinc.org", "code": "3016-3"}]}, "effectiveDateTime": "2026-01-02",
             "valueQuantity": {"value": 0.05, "unit": "mU/L"}}))
        _entries, counts = self.replay(self.folder / "p.json")
        self.assertEqual((counts["records"], counts["applied"]), (1, 1))


class AFileAndTheDaemon(Scratch):
    def test_a_replay_of_what_was_published_tells_what_the_daemon_told(self):
        file = simulated(self.folder, patients=600, years=3, seed=11, until=day(-2))
        patients = {}
        for line in map(json.loads, file.read_bytes().splitlines()):
            patients.setdefault(line["patient"], []).append(line)
        # One message for each patient; the file says that each was recorded in a millisecond of its own, today.
        file.write_bytes(b"".join(native(*({**event,
                                            "recorded": f"{day(0)}T00:00:00.{number:03d}Z"} for event in events))
                                  for number, events in enumerate(patients.values())))
        daemon = self.started()
        with daemon.peer("ingest", "file") as publisher, daemon.subscriber() as subscriber:
            for events in patients.values():
                publisher.publish(*events)
            told = subscriber.drain()
        code, out, error = run_client("replay", file, "--output", "ndjson")
        self.assertEqual(code, 0, error)
        ours = [json.loads(line) for line in out.splitlines()]
        self.assertGreater(len(told), 5)
        names = ("patient", "monitor", "transition", "severity", "headline", "evidence")
        self.assertEqual(sorted([entry[name] for name in names] for entry in ours),
                         sorted([entry[name] for name in names] for entry in told))


class AskingWithoutADaemon(Scratch):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "file.ndjson"
        self.file.write_bytes(native(
            person(nhs(1)), vitamin_d("v1", nhs(1), 18, "2026-01-10"),
            vitamin_d("v2", nhs(1), 30, "2026-02-10", status="preliminary"),
            vitamin_d("v3", nhs(1), 31, "2026-02-11"), {"type": "retraction", "id": "r1", "patient": nhs(1), "of": "v3",
                                                        "at": "2026-02-12"}))

    def ask(self, *arguments):
        code, out, error = run_client(*arguments, "--file", self.file)
        self.assertEqual(code, 0, error)
        return out

    def test_timeline_shows_the_facts_as_they_stand(self):
        lines = self.ask("timeline", nhs(1)).splitlines()
        self.assertEqual(lines[1:], [
            "2026-01-10  result          vitd25 18 nmol/L  [file v1]",
            "2026-02-10  result          vitd25 30 nmol/L (preliminary: not counted)  [file v2]",
            "1 more retracted, or moved to another patient"])
        self.assertIn("female born 1955-03-01", lines[0])

    def test_control_characters_of_others_reach_no_terminal(self):
        self.file.write_bytes(native(
            {**vitamin_d("E\x1b[31mX\nY\x9b", nhs(1), "hae\x1b[2J\nml", "2026-01-10")},
            {**vitamin_d("v2", nhs(1), 18, "2026-01-10"), "code": {"system": "x", "code": "\x1b]0;t\x07"}},
            {**vitamin_d("v3\x1b", nhs(1), 18, "2026-01-10"), "unit": "\x1b[31mkg"}))
        for arguments in (["timeline", nhs(1)], ["explain", nhs(1), "vitamin-d-deficient"], ["codes"],
                          ["replay", self.file]):
            code, out, error = run_client(*arguments, *([] if self.file in arguments else ["--file", self.file]))
            self.assertEqual(code, 0, error)
            self.assertNotRegex(out + error, r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", arguments)
            self.assertNotRegex(out + error, r"(?m)^Y|^ml", "a line end is no row's end")

    def test_explain_says_why_why_not_and_when_next(self):
        text = self.ask("explain", nhs(1), "vitamin-d-deficient")
        for words in ("vitamin-d-deficient: Vitamin D deficiency\n", ": OPEN; could change next: ",
                      "latest(vitd25) < deficient",
                      "18 nmol/L", "2026-01-10  result vitd25 18 nmol/L  [v1]",
                      "deficient = 25 nmol/L (from 20 nmol/L to 30 nmol/L"):
            self.assertIn(words, text)
        before = self.ask("explain", nhs(1), "vitamin-d-deficient", "--at", "2026-01-09")
        self.assertIn("at 2026-01-09T00:00:00Z: not open", before)
        every = self.ask("explain", nhs(1)).splitlines()
        self.assertGreater(len(every), 50)
        self.assertEqual([line.split()[0] for line in every if " not open " not in line], ["vitamin-d-deficient"])

    def test_explain_names_what_was_set_aside_and_why(self):
        def tsh(fact, value, at, **more):
            return result(fact, nhs(1), "tsh", value, "mU/L", at, **more)

        self.file.write_bytes(native(
            person(nhs(1), born="1985-03-01"), tsh("A", 0.05, "2025-01-10"),
            {"type": "condition", "id": "P", "patient": nhs(1), "code": "pregnancy", "at": "2025-03-10",
             "until": "2025-11-10"},
            tsh("B", 0.05, "2025-05-10"), tsh("C", "Haemolysed", "2026-01-10"), tsh("D", 0.05, "2026-06-10"),
            tsh("D", 0.06, "2026-06-10"), tsh("E", 0.05, "2026-07"), tsh("F", 0.05, "2026-07-11", status="preliminary"),
            tsh("G", "-", "2026-07-12", status="no_result"), vitamin_d("v1", nhs(1), "Haemolysed", "2026-07-12")))
        text = self.ask("explain", nhs(1), "tsh-suppressed")
        section = text[text.index("facts set aside\n"):text.index("\nthresholds")].splitlines()[1:]
        self.assertEqual([line.rsplit(": ", 1)[1] for line in section], [
            "Pregnancy since 2025-03-10 until 2025-11-10  [B]", "no number can be read in it  [C]",
            "one version with two contents  [D]", "one version with two contents  [D]", "its day is not known  [E]",
            "preliminary  [F]", "could not be done  [G]"])
        self.assertIn("mU/L: cannot be compared: Pregnancy", section[0])

    def test_monitor_status_and_codes_of_files(self):
        code, out, _error = run_client("monitor", "status", "--file", self.file, "--output", "ndjson")
        rows = {row["monitor"]: row for row in map(json.loads, out.splitlines())}
        self.assertEqual((code, rows["vitamin-d-deficient"]["open"], rows["tsh-low"]["eligible"]), (0, 1, 0))
        self.assertEqual(run_client("codes", "--file", self.file), (0, "every code and unit in them is known\n", ""))
        self.file.write_bytes(native(vitamin_d("v1", nhs(1), 18, "2026-01-10") | {"unit": "stone"}))
        self.assertRegex(run_client("codes", "--file", self.file)[1],
                         r"^ +1  \S+  file  unknown_unit  vitd25 in 'stone'")

    def test_what_was_known_at_a_time_is_without_what_came_later(self):
        self.file.write_bytes(native(
            person(nhs(1)), vitamin_d("v1", nhs(1), 18, "2026-01-10"),
            vitamin_d("v1", nhs(1), 58, "2026-01-10", version=2, recorded="2026-01-20T12:00:00Z")))
        self.assertIn(": not open; could", self.ask("explain", nhs(1), "vitamin-d-deficient"))
        then = self.ask("explain", nhs(1), "vitamin-d-deficient", "--as-known-at", "2026-01-20")
        self.assertRegex(then, r"^as known at 2026-01-20T00:00:00Z, by the monitors of revision [0-9a-f]{32}\n")
        self.assertIn("at 2026-01-20T00:00:00Z: OPEN", then)
        self.assertIn("vitd25 18 nmol/L", self.ask("timeline", nhs(1), "--as-known-at", "2026-01-20"))
        self.assertIn("vitd25 58 nmol/L", self.ask("timeline", nhs(1)))

    def test_an_order_that_was_dispensed_is_not_counted_and_says_so(self):
        order = supply("o1", nhs(1), "prednisolone", "5 mg", "2026-01-01", 28)
        self.file.write_bytes(native(person(nhs(1)), order, {**order, "id": "d1", "at": "2026-01-03", "fulfils": "o1"}))
        self.assertEqual(self.ask("timeline", nhs(1)).splitlines()[1:], [
            "2026-01-01  supply          prednisolone 5 mg oral a day for 28 days"
            "  NOT COUNTED: an order, counted as dispensed by d1  [file o1]",
            "2026-01-03  supply          prednisolone 5 mg oral a day for 28 days, on order o1  [file d1]"])
        text = self.ask("explain", nhs(1), "steroid-5mg-90d")
        self.assertIn("not counted: supply prednisolone 5 mg oral a day for 28 days on 2026-01-01: "
                      "an order, counted as dispensed by d1  [o1]\n", text)
        self.assertIn("since 2026-01-03", text)

    def test_what_is_not_known_says_what_to_write(self):
        for arguments, code, words in (
                (("explain", nhs(1), "vitamin-d-defficient"), 1, "did you mean 'vitamin-d-deficient'?"),
                (("explain", nhs(2)), 1, "no patient is known by this identifier"),
                (("timeline", "9990000018"), 64, "write a patient as SYSTEM:VALUE, as in nhs:9990000018"),
                (("explain", nhs(1), "--at", "noon"), 64, "'noon' is not a time"),
                (("explain", nhs(1), "--as-known-at", "2026-01-09"), 1, "nothing was known of this patient by"),
                (("explain", nhs(1), "--at", "2026-02-02", "--as-known-at", "2026-02-01"), 64, "which came later")):
            with self.subTest(arguments):
                answer = run_client(*arguments, "--file", self.file)
                self.assertEqual(answer[:2], (code, ""))
                self.assertIn(words, answer[2])


class Endpoints(unittest.TestCase):
    def test_an_endpoint_that_is_none_is_a_wrong_argument(self):
        for arguments in (("status",), ("feed", "tail", "--consumer", "ward"), ("feed", "look")):
            with self.subTest(arguments):
                code, out, message = run_client(*arguments, "--connect", "garbage")
                self.assertEqual((code, out), (64, ""), message)
                self.assertIn("Not an endpoint: garbage", message)


class Progress(Scratch):
    def test_a_terminal_is_told_how_far_long_work_has_come_and_a_file_is_not(self):
        file = simulated(self.folder, patients=500, years=3, seed=7)
        mine, theirs = pty.openpty()
        self.addCleanup(os.close, mine)
        with subprocess.Popen([BONEWATCH, "replay", file], stdout=subprocess.DEVNULL, stderr=theirs) as replaying:
            os.close(theirs)
            shown = b""
            while replaying.poll() is None or select.select([mine], [], [], 0)[0]:
                try:
                    shown += os.read(mine, 65536)
                except OSError:  # The other end is closed.
                    break
        self.assertEqual(replaying.returncode, 0)
        self.assertRegex(shown, rb"\r\x1b\[K\d+ of \d+ events")
        self.assertNotIn("\r", run_client("replay", file)[2])


class Monitors(Scratch):
    def test_list_show_and_check(self):
        code, out, _error = run_client("monitor", "list")
        self.assertEqual((code, len(out.splitlines())), (0, 56))
        self.assertRegex(out, r"(?m)^tsh-suppressed +on +TSH persistently suppressed$")
        code, out, _error = run_client("monitor", "show", "tsh-low")
        self.assertEqual((code, out), (0, (CONFIG / "monitors" / "thyroid" / "tsh-low.toml").read_text()))
        code, out, error = run_client("monitor", "show", "tsh-lo")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("no monitor 'tsh-lo'", error)
        code, out, _error = run_client("monitor", "check")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^\d+ monitors are good, revision [0-9a-f]{32}\n$")

    def test_check_names_each_problem_by_its_place(self):
        for name in ("_common.toml", "malabsorption/vitamin-d-deficient.toml"):
            text = (CONFIG / "monitors" / name).read_text()
            text = text.replace("latest(vitd25) < deficient or", "latest(vitd25) < 5 mU/L or")
            (self.folder / pathlib.Path(name).name).write_text(text)
        code, out, error = run_client("monitor", "check", "--monitors", self.folder)
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(error, r"monitors/vitamin-d-deficient\.toml:3:\d+: .*mU/L")


if __name__ == "__main__":
    unittest.main()
