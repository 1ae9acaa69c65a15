"""Quarantine as a workplace: groups, retry after a mapping changed, dismissal, export; killed at any moment."""
import json
import random
import signal
import time
import unittest

from under_test import (PATIENCE, Scratch, day, native, nhs, person, result, run_client)

MAPPING = '[units]\n"furlong" = "mU/L"\n"fathom" = "mU/L"\n'


def bundle(*resources):
    return json.dumps({"resourceType": "Bundle", "type": "collection",
                       "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources]}).encode()


def tsh_resource(fact, value, unit, at):
    """A TSH whose patient is another resource of the Bundle."""
    return {"resourceType": "Observation", "id": fact, "status": "final",
            "meta": {"lastUpdated": f"{at}T09:00:00Z"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "3016-3"}]},
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": at,
            "valueQuantity": {"value": value, "unit": unit}}


def patient_resource(identifier):
    return {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1955-03-01",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": identifier.split(":")[1]}]}


class Workplace(Scratch):
    def lab(self, name="d"):
        """A daemon whose publisher `lab` has a mapping file that maps nothing yet."""
        daemon = self.daemon(name, more='[publishers.lab]\nmapping = "lab.toml"\n')
        (daemon.folder / "lab.toml").write_text("[units]\n")
        daemon.start()
        return daemon

    def reload(self, daemon, mapping, event="event=publishers_read"):
        (daemon.folder / "lab.toml").write_text(mapping)
        before = daemon.log.read_text().count(event)
        daemon.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while daemon.log.read_text().count(event) == before:
            self.assertLess(time.monotonic(), deadline, daemon.log.read_text())
            time.sleep(0.05)

    def retry(self, daemon, *arguments):
        """Exit code, number → outcome, and what is said at the end."""
        code, out, error = daemon.client("quarantine", "retry", *arguments, "--output", "ndjson")
        return code, {row["number"]: row["outcome"] for row in map(json.loads, out.splitlines())}, error

    def test_a_unit_is_mapped_and_the_alert_is_raised(self):
        daemon = self.lab()
        patient = nhs(1)
        with daemon.peer("ingest", "lab") as lab:
            self.assertEqual(lab.publish(person(patient), *(
                result(f"t{n}", patient, "tsh", 0.02, "furlong", day(at)) for n, at in enumerate((-200, -30)))),
                ["applied", "quarantined", "quarantined"])
            self.assertEqual(lab.publish(result("x", patient, "tsh", 0.02, "mU/L", "2026-02-30")), ["quarantined"])
        self.assertEqual(daemon.rows("alerts"), [])
        groups = daemon.rows("quarantine", "groups")
        self.assertEqual([(g["publisher"], g["reason"], g["place"], g["waiting"], g["example"], g["text"])
                          for g in groups],
                         [("lab", "unknown_unit", "$.unit", 2, 1, "furlong"),
                          ("lab", "bad_time", "$.at", 1, 3, "2026-02-30")])
        status = daemon.rows("status")[0]
        self.assertEqual((status["quarantine_waiting"], status["quarantine_by_group"]),
                         (3, {"lab unknown_unit $.unit": 2, "lab bad_time $.at": 1}))
        timeline = daemon.client("timeline", patient)[1]
        self.assertIn("3 more lie in quarantine", timeline)

        self.assertEqual(self.retry(daemon, "--reason", "unknown_unit")[:2], (1, {1: "quarantined", 2: "quarantined"}))
        self.reload(daemon, MAPPING)
        self.assertIn("event=publisher_changed publisher=lab changed=units", daemon.log.read_text())
        before = daemon.rows("status")[0]["now"]
        code, outcomes, error = self.retry(daemon, "--reason", "unknown_unit")
        self.assertEqual((code, outcomes), (0, {1: "applied", 2: "applied"}), error)
        alerts = daemon.rows("alerts")
        self.assertEqual([alert["monitor"] for alert in alerts], ["tsh-suppressed"])
        self.assertGreaterEqual(alerts[0]["recorded_at"], before, "it was not known before")
        self.assertIn("1 more lies in quarantine", daemon.client("timeline", patient)[1])
        self.assertIn("1 more lies in quarantine", daemon.client("explain", patient)[1])

        self.assertEqual(self.retry(daemon, "1", "2")[:2], (0, {1: "resolved", 2: "resolved"}))
        self.assertEqual([row["number"] for row in daemon.rows("quarantine", "list")], [3])
        done = daemon.rows("quarantine", "list", "--state", "done")
        self.assertEqual([(row["number"], row["outcome"], row["tried"]) for row in done],
                         [(1, "applied", 2), (2, "applied", 2)])
        self.assertEqual([one["outcome"] for one in done[0]["tries"]], ["quarantined", "applied"])
        shown = daemon.client("quarantine", "show", "3")[1]
        self.assertRegex(shown, r"(?m)^text +2026-02-30$")
        self.assertRegex(shown, r"(?m)^remedy +\S")
        self.assertNotIn(patient.split(":")[1], daemon.log.read_text())

        # All of it is in the store.
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(daemon.rows("quarantine", "list", "--state", "done"), done)
        self.assertEqual([g["waiting"] for g in daemon.rows("quarantine", "groups", "--state", "all")], [1, 0])
        with daemon.peer("ingest", "lab") as lab:
            self.assertEqual(lab.publish(result("t0", patient, "tsh", 0.02, "furlong", day(-200))), ["duplicate"])

    def test_a_resource_is_read_again_with_what_stood_beside_it(self):
        daemon = self.lab()
        patient = nhs(2)
        body = bundle(*(tsh_resource(f"o{n}", 0.02, "furlong", day(at)) for n, at in enumerate((-200, -30))),
                      patient_resource(patient))
        with daemon.peer("ingest", "lab") as lab:
            answer = lab.publish_raw(body, format="fhir")
            self.assertEqual(sorted(outcome["outcome"] for outcome in answer["outcomes"]),
                             ["applied", "quarantined", "quarantined"])
        self.reload(daemon, MAPPING)
        self.assertEqual(self.retry(daemon, "--all")[:2], (0, {1: "applied", 2: "applied"}))
        alerts = daemon.rows("alerts")
        self.assertEqual([(a["monitor"], a["patient"]) for a in alerts], [("tsh-suppressed", patient)])

    def test_a_wrong_mapping_changes_nothing_and_says_where_it_is_wrong(self):
        daemon = self.lab()
        self.reload(daemon, MAPPING)
        self.reload(daemon, '[units]\n"furlong" = "no such unit"\n', "event=publishers_kept")
        self.assertRegex(daemon.log.read_text(), r'event=publishers_kept place="\S*lab\.toml:2:\d+"')
        with daemon.peer("ingest", "lab") as lab:
            self.assertEqual(lab.publish(result("t", nhs(3), "tsh", 1, "furlong", day(-3))), ["applied"])

    def test_what_was_published_again_in_good_order_is_not_put_in_doubt(self):
        daemon = self.lab()
        patient = nhs(4)
        with daemon.peer("ingest", "lab") as lab:
            bad = result("t", patient, "tsh", 3, "furlong", day(-3))
            self.assertEqual(lab.publish(bad), ["quarantined"])
            self.assertEqual(lab.publish(result("t", patient, "tsh", 3, "mU/L", day(-3))), ["applied"])
            self.reload(daemon, MAPPING)
            self.assertEqual(self.retry(daemon, "1")[:2], (0, {1: "replaced"}))
            self.assertNotIn("DISPUTED", daemon.client("timeline", patient)[1])
            # A greater version stands above it as ever.
            self.assertEqual(lab.publish(result("u", patient, "tsh", 3, "league", day(-3))), ["quarantined"])
            self.assertEqual(lab.publish(result("u", patient, "tsh", 4, "mU/L", day(-3), version=2)), ["applied"])
        self.reload(daemon, MAPPING + '"league" = "mU/L"\n')
        self.assertEqual(self.retry(daemon, "2")[:2], (0, {2: "superseded"}))

    def test_dismissal_and_export_lose_nothing(self):
        daemon = self.lab()
        bad = [result(f"t{n}", nhs(5), "tsh", n, unit, day(-3)) for n, unit in enumerate(("furlong", "league", "ell"))]
        with daemon.peer("ingest", "lab") as lab, daemon.peer("ingest", "ward") as ward:
            lab.publish(*bad)
            ward.publish(result("w", nhs(5), "tsg", 1, "mU/L", day(-3)))
        code, out, _error = daemon.client("quarantine", "dismiss", "2", "3", "--by", "Ann", "--note", "a test")
        self.assertEqual((code, out), (0, "2 dismissed by Ann\n3 dismissed by Ann\n"))
        self.assertEqual(daemon.client("quarantine", "dismiss", "2", "--by", "Bea")[0], 0)
        self.reload(daemon, MAPPING)
        self.assertEqual(self.retry(daemon, "--publisher", "lab")[:2], (0, {1: "applied"}))
        code, _out, error = daemon.client("quarantine", "dismiss", "1", "--by", "Ann")
        self.assertEqual(code, 64)
        self.assertIn("1 waits no longer: applied", error)
        code, out, error = daemon.client("quarantine", "export")
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((code, error), (0, "4 exported\n"))
        self.assertEqual([(r["number"], r["publisher"], r["state"]) for r in rows],
                         [(1, "lab", "resolved"), (2, "lab", "dismissed"), (3, "lab", "dismissed"),
                          (4, "ward", "waiting")])
        self.assertEqual([json.loads(row["raw"]) for row in rows[:3]], bad)
        self.assertEqual((rows[1]["dismissed_by"], rows[1]["note"]), ("Ann", "a test"))
        code, out, _error = daemon.client("quarantine", "export", "--publisher", "ward", "--reason", "unknown_code")
        self.assertEqual([json.loads(line)["number"] for line in out.splitlines()], [4])
        # Who thinks again names it by number.
        self.assertEqual(self.retry(daemon, "2")[1], {2: "quarantined"})
        self.assertEqual([row["number"] for row in daemon.rows("quarantine", "list")], [4])
        code, _out, error = daemon.client("quarantine", "retry")
        self.assertEqual(code, 64)
        self.assertIn("say which", error)

    def waiting(self, daemon):
        """Monitor → what the open alerts say that waits."""
        return {alert["monitor"]: alert.get("waiting", []) for alert in daemon.rows("alerts")}

    def test_an_alert_says_what_waits_until_it_is_mended(self):
        """Before the alert and after it, over a restart; everybody hears the same bytes of the feed."""
        daemon = self.lab()
        early, late = nhs(6), nhs(7)
        low = [[result(f"{p[-4:]}-{n}", p, "tsh", 0.02, "mU/L", day(at)) for n, at in enumerate((-200, -30))]
               for p in (early, late)]
        normal = [result(f"{p[-4:]}-n", p, "tsh", 1.5, "furlong", day(-5)) for p in (early, late)]
        with daemon.peer("ingest", "lab") as lab, daemon.subscriber("a") as first, daemon.subscriber("b") as second:
            self.assertEqual(lab.publish(normal[0]), ["quarantined"])
            lab.publish(person(early), *low[0])
            lab.publish(person(late), *low[1])
            self.assertEqual(lab.publish(normal[1]), ["quarantined"])
            said = f"Thyrotropin (TSH) of {day(-5)} (its unit is not known)"
            for patient in (early, late):
                alert, = daemon.rows("alerts", "--patient", patient)
                self.assertEqual((alert["monitor"], alert["waiting"]), ("tsh-suppressed", [said]))
                shown = daemon.client("alert", "show", alert["alert"])[1]
                self.assertRegex(shown, r"(?m)^    not known +waits in quarantine, not counted: Thyrotropin \(TSH\) of")
                explained = daemon.client("explain", patient, "tsh-suppressed")[1]
                self.assertIn(f"waiting in quarantine, and not counted\n  {said}\n", explained)
            first.drain()
            second.drain()
            self.assertEqual(first.entries, second.entries)
            self.assertEqual(len(first.entries), 2, "what waits tells nobody anew")
        before = daemon.rows("alerts")
        self.assertEqual(daemon.kill(), -9)
        daemon.start()
        self.assertEqual(daemon.rows("alerts"), before)
        self.reload(daemon, MAPPING)
        self.assertEqual(self.retry(daemon, "--all")[:2], (0, {1: "applied", 2: "applied"}))
        self.assertEqual(daemon.rows("alerts"), [], "a TSH of 1.5 mU/L ends it")
        for alert in daemon.rows("alerts", "--state", "all"):
            self.assertEqual((alert["transition"], "waiting" in alert), ("resolved", False))

    def test_an_order_without_days_waits_beside_the_alert_of_no_treatment(self):
        daemon = self.lab()
        patient = nhs(8)
        order = {"type": "supply", "id": "P", "patient": patient, "drug": "alendronic-acid", "route": "oral",
                 "at": day(-60)}
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(person(patient), {"type": "result", "id": "D", "patient": patient, "code": "tscore-hip",
                                          "value": -3.1, "at": day(-300)})
            self.assertEqual(self.waiting(daemon)["osteoporosis-untreated"], [])
            self.assertEqual(lab.publish(order), ["quarantined"])
            self.assertEqual(self.waiting(daemon)["osteoporosis-untreated"],
                             [f"alendronic acid of {day(-60)} (how many days it lasts is missing)"])
            self.assertEqual(lab.publish({**order, "days": 84}), ["applied"])
        self.assertNotIn("osteoporosis-untreated", self.waiting(daemon), "it is treated")
        self.assertEqual(daemon.client("quarantine", "dismiss", "1", "--by", "Ann")[0], 0)
        self.assertNotIn("quarantine", daemon.client("timeline", patient)[1])

    def test_of_merged_records_what_waits_of_both_is_said(self):
        daemon = self.lab()
        patient, other = nhs(9), "mrn:9"
        waits = {at: f"Thyrotropin (TSH) of {day(at)} (its unit is not known)" for at in (-5, -9)}
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(person(patient), *(result(f"t{n}", patient, "tsh", 0.02, "mU/L", day(at))
                                           for n, at in enumerate((-200, -30))))
            lab.publish(result("w", patient, "tsh", 1, "furlong", day(-5)))
            lab.publish(person(other), result("v", other, "tsh", 1, "furlong", day(-9)))
            self.assertEqual(self.waiting(daemon), {"tsh-suppressed": [waits[-5]]})
            self.assertEqual(lab.publish({"type": "merge", "id": "m", "patient": patient, "from": other,
                                          "at": day(-2)}), ["applied"])
            self.assertEqual(self.waiting(daemon), {"tsh-suppressed": [waits[-5], waits[-9]]})
            self.assertEqual(lab.publish({"type": "unmerge", "id": "u", "patient": patient, "of": "m",
                                          "at": day(-1)}), ["applied"])
            self.assertEqual(self.waiting(daemon), {"tsh-suppressed": [waits[-5]]})

    def test_a_fhir_order_that_states_no_version_waits_for_its_patient(self):
        daemon = self.lab()
        patient = nhs(10)
        order = {"resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "order",
                 "medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "M05BA04"}]},
                 "subject": {"reference": "Patient/p1"}, "authoredOn": day(-60)}
        with daemon.peer("ingest", "lab") as lab:
            lab.publish({"type": "result", "id": "D", "patient": patient, "code": "tscore-hip", "value": -3.1,
                         "at": day(-300)})
            answer = lab.publish_raw(bundle(order, patient_resource(patient)), format="fhir")
            self.assertEqual(sorted(outcome["outcome"] for outcome in answer["outcomes"]), ["applied", "quarantined"])
        self.assertEqual(self.waiting(daemon)["osteoporosis-untreated"],
                         [f"alendronic acid of {day(-60)} (how many days it lasts is missing)"])

    def test_a_retry_of_many_pages_is_one_line_in_the_log(self):
        daemon = self.lab()
        with daemon.peer("ingest", "lab") as lab:
            lab.publish(*(result(f"t{n}", nhs(n % 9), "tsh", 2, "furlong", day(-9)) for n in range(300)))
        self.assertEqual(len(self.retry(daemon, "--all")[1]), 300)
        self.assertEqual(self.retry(daemon, "7")[1], {7: "quarantined"})
        said = [line[line.index("event=retried"):] for line in daemon.log.read_text().splitlines()
                if "event=retried" in line]
        self.assertEqual(said, ["event=retried count=300 quarantined=300", "event=retried count=1 quarantined=1"])

    def test_killed_during_retry(self):
        """Whatever is killed when: each is resolved or waits, and in the end stands once."""
        count = 3000
        daemon = self.lab()
        with daemon.peer("ingest", "lab") as lab:
            for first in range(0, count, 500):
                lab.publish(*(event for n in range(first, first + 500)
                              for event in (person(nhs(n)), result(f"t{n}", nhs(n), "tsh", 2, "furlong", day(-9)))))
        (daemon.folder / "lab.toml").write_text(MAPPING)
        self.assertEqual(daemon.stop(), 0)
        dice = random.Random()
        kills = 0
        while True:
            daemon.start()
            waiting = daemon.rows("status")[0]["quarantine_waiting"]
            done = daemon.rows("quarantine", "list", "--state", "done")
            self.assertEqual(len(done) + waiting, count)
            self.assertEqual({row["outcome"] for row in done} - {"applied"}, set(), "never twice")
            if kills == 8 or waiting == 0:
                break
            with daemon.peer("command") as peer:
                peer.send(b"\x41", b"1", {"action": "retry"})
                time.sleep(dice.uniform(0, 0.06))
                kills += 1
                self.assertEqual(daemon.kill(), -9)
        print(f"{kills} kills, {len(done)} resolved before the last")
        code, outcomes, error = self.retry(daemon, "--all")
        self.assertEqual((code, set(outcomes.values()) - {"applied"}), (0, set()), error)
        self.assertEqual(daemon.rows("status")[0]["quarantine_waiting"], 0)
        for n in (0, 1, count - 1):
            self.assertEqual(daemon.client("timeline", nhs(n))[1].count("result"), 1)


class Parse(Scratch):
    def parsed(self, text, *arguments):
        return run_client("parse", "-", *arguments, stdin=text)

    def test_exit_codes(self):
        good = native(result("t", nhs(1), "tsh", "<0.01", "mU/L", day(-3))).decode()
        bad = native(result("u", nhs(1), "tsh", 1, "furlong", day(-3))).decode()
        self.assertEqual(self.parsed(good)[0], 0)
        self.assertEqual(self.parsed(good + bad)[0], 1)
        self.assertEqual(self.parsed(good + bad + '{"type":"fax"}\n')[0], 65)
        self.assertEqual(self.parsed("no events at all")[0], 65)
        self.assertEqual(run_client("parse", self.folder / "none")[0], 65)
        self.assertEqual(run_client("parse")[0], 64)

    def test_a_file_of_nothing_cannot_be_read_and_is_a_day_without_events(self):
        for nothing in ("", " \n\n"):
            code, out, error = self.parsed(nothing, "--explain")
            self.assertEqual((code, out), (65, ""))
            self.assertIn("there is nothing in it", error)
            self.assertEqual(run_client("replay", "-", stdin=nothing)[0], 0)

    def test_where_each_field_came_from(self):
        text = native({**result("t", nhs(1), "tsh", "<0.01", "mU/L", "2026-03-01T08:30"), "colour": "red"}).decode()
        code, out, error = self.parsed(text, "--explain", "--publisher", "lab")
        self.assertEqual((code, error), (0, "1 stored\n"))
        for pattern in (r"^1  stored  result tsh  t  ", r"^    publisher +lab +connection",
                        r"^    value +\S.* line 1, \$\.value +'<0\.01'",
                        r"^    at +2026-03-01T08:30:00Z.*Europe/London",
                        r"^    version +1 +default", r"^    warning +unknown_key", r"^    not read +\$\.colour$"):
            self.assertRegex(out, "(?m)" + pattern)
        code, out, _error = self.parsed(text.replace("mU/L", "furlong"), "--explain")
        self.assertEqual(code, 1)
        for pattern in (r"^1  quarantined  result tsh  unknown_unit at line 1, \$\.unit$",
                        r"^    there stands  furlong$", r"^    remedy +\S"):
            self.assertRegex(out, "(?m)" + pattern)
        row = json.loads(self.parsed(text, "--explain", "--output", "ndjson")[1])
        fields = {field["field"]: field for field in row["fields"]}
        self.assertEqual((row["outcome"], fields["unit"]["value"], fields["unit"]["place"], row["not_read"]),
                         ("stored", "mU/L", "line 1, $.unit", ["$.colour"]))

    def test_what_a_laboratory_sent_and_nobody_read(self):
        text = "MSH|^~\\&|LABSYS|RX1|||20260302101500+0000||ORU^R01|M1|P|2.5.1\n" \
               "PID|1||9990000018^^^NHS^NH||TEST^ALEX||19580714|F\nNK1|1|TEST^SAM\n" \
               "OBR|1||F1^LAB|TFT^^L|||202603010830|||||||||||||||20260302|||F\n" \
               "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|0.27-4.2|L|||F\n"
        code, out, _error = self.parsed(text, "--explain")
        self.assertEqual(code, 0)
        for pattern in (r"^    not read +PID\[1\]-1, -5$", r"^    not read +NK1\[1\]$",
                        r"^    not read +OBX\[1\]-1, -8$", r"^    version +\S.* OBR\[1\]-22 +'20260302'",
                        r"^    type +result +by what it is: OBX$"):
            self.assertRegex(out, "(?m)" + pattern)
        rows = [json.loads(line) for line in self.parsed(text, "--explain", "--output", "ndjson")[1].splitlines()]
        self.assertIn("OBX[1]-8", rows[-1]["not_read"])
        self.assertEqual([field for row in rows for field in row["fields"]
                          if not field["place"] and not field["made"]], [], "each field has an origin")

    def test_what_of_a_resource_came_into_no_field(self):
        text = json.dumps({"resourceType": "Observation", "id": "o", "status": "final", "subject": {
            "reference": "Patient/p"}, "effectiveDateTime": "2026-03-01", "interpretation": [{"text": "low"}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "3016-3"}]},
            "valueQuantity": {"value": 1, "unit": "mU/L"}})
        code, out, _error = self.parsed(text, "--explain")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^    in no field +\$\.interpretation$")
        code, out, _error = self.parsed(text.replace("mU/L", "furlong"), "--explain")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"(?m)^1  quarantined  .* unknown_unit at \$\.valueQuantity\.unit$")

    def test_by_the_settings_of_a_publisher(self):
        daemon = self.daemon(more='[publishers.lab]\nmapping = "lab.toml"\n')
        (daemon.folder / "lab.toml").write_text(MAPPING)
        text = native(result("t", nhs(1), "tsh", 1, "furlong", day(-3))).decode()
        self.assertEqual(self.parsed(text, "--publisher", "lab", "--config", daemon.config)[0], 0)
        self.assertEqual(self.parsed(text, "--publisher", "ward", "--config", daemon.config)[0], 1)


if __name__ == "__main__":
    unittest.main()
