#!/usr/bin/python3
"""Whom an identifier means, and how a patient is shown, in each place that a person sees."""
import json
import unittest

from under_test import PUBLISH, RESULT, OneDaemon, Scratch, day, native, nhs, person, run_client, vitamin_d


def fhir_vitamin_d(patient, value, at):
    """A Bundle with one result of the hospital's own patient."""
    observation = {"resourceType": "Observation", "id": "o1", "status": "final",
                   "subject": {"reference": f"Patient/{patient}"},
                   "code": {"coding": [{"system": "http://loinc.org", "code": "1989-3"}]}, "effectiveDateTime": at,
                   "valueQuantity": {"value": value, "unit": "nmol/L"}}
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation}]}).encode()


class OwnIdentifiers(OneDaemon):
    """Two hospitals that number their patients from 1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for hospital, value in (("hospital-a", 11), ("hospital-b", 12)):
            with cls.one.peer("ingest", hospital) as peer:
                command, answer, _bodies = peer.ask(PUBLISH, {"format": "fhir"}, fhir_vitamin_d(1, value, day(-20)))
                assert command == RESULT and answer["results"][0]["outcomes"][0]["outcome"] == "applied", answer
        with cls.one.peer("ingest", "hospital-a") as peer:
            peer.publish(person("mrn:77"), vitamin_d("v77", "mrn:77", 13, day(-20)))

    def test_an_alert_names_the_publisher_whose_patient_it_is(self):
        shown = {alert["patient"] for alert in self.one.rows("alerts")}
        self.assertEqual(shown, {"hospital-a/Patient:1", "hospital-b/Patient:1", "hospital-a/mrn:77"})
        self.assertIn("  hospital-b/Patient:1  vitamin-d-deficient\n", self.one.client("alerts")[1])
        with self.one.subscriber() as subscriber:
            self.assertEqual({entry["patient"] for entry in subscriber.drain()}, shown)

    def test_what_is_shown_can_be_asked_for(self):
        for publisher, value in (("hospital-a", 11), ("hospital-b", 12)):
            for name in ([f"{publisher}/Patient:1"], ["Patient:1", "--publisher", publisher]):
                with self.subTest(name):
                    code, out, error = self.one.client("timeline", *name)
                    self.assertEqual(code, 0, error)
                    self.assertIn(f"vitd25 {value} nmol/L", out)
                    code, out, error = self.one.client("explain", *name, "vitamin-d-deficient")
                    self.assertEqual(code, 0, error)
                    self.assertIn(f"{value} nmol/L", out)
                    listed = self.one.rows("alerts", "--patient", *name)
                    self.assertEqual([alert["patient"] for alert in listed], [f"{publisher}/Patient:1"])

    def test_where_several_are_meant_each_is_named(self):
        for arguments in (["timeline", "Patient:1"], ["explain", "Patient:1"], ["alerts", "--patient", "Patient:1"]):
            with self.subTest(arguments):
                code, out, error = self.one.client(*arguments)
                self.assertEqual((code, out), (64, ""))
                self.assertIn("hospital-a/Patient:1, hospital-b/Patient:1", error)

    def test_where_one_publisher_has_it_none_need_be_named(self):
        self.assertIn("13 nmol/L", self.one.client("timeline", "mrn:77")[1])

    def test_an_unknown_one_is_not_found(self):
        for name in (["hospital-b/mrn:77"], ["mrn:77", "--publisher", "hospital-b"], ["mrn:78"], ["x/nhs:9990000018"]):
            with self.subTest(name):
                code, out, error = self.one.client("timeline", *name)
                self.assertEqual((code, out), (1, ""))
                self.assertIn("no patient is known by this identifier", error)


class NhsNumbers(OneDaemon):
    def test_a_number_is_read_as_at_the_door(self):
        plain = nhs(5).removeprefix("nhs:")
        spaced = f"{plain[:3]} {plain[3:6]}-{plain[6:]}"
        with self.one.peer("ingest", "lab") as lab:
            lab.publish(person(f"nhs:{spaced}"))
        for name in (nhs(5), f"nhs:{spaced}", f" nhs : {spaced} "):
            with self.subTest(name):
                self.assertEqual(self.one.client("timeline", name)[0], 0)

    def test_what_is_no_identifier_is_bad_usage(self):
        for arguments in (["timeline", "9990000018"], ["explain", "nhs:"], ["alerts", "--patient", "foo"]):
            with self.subTest(arguments):
                code, out, error = self.one.client(*arguments)
                self.assertEqual((code, out), (64, ""))
                self.assertIn("write a patient as SYSTEM:VALUE, as in nhs:9990000018", error)


class MergedRecords(Scratch):
    """One woman with two records, of whom an alert each is open: merged, asked about, killed, and parted again."""

    def setUp(self):
        super().setUp()
        self.one = self.started()
        self.survivor = nhs(9)
        with self.one.peer("ingest", "lab") as lab:
            lab.publish(person(self.survivor), vitamin_d("v1", self.survivor, 18, day(-60)))
            lab.publish(vitamin_d("v2", "mrn:9", 15, day(-50)))
        self.ward = self.one.subscriber("ward")
        self.addCleanup(lambda: self.ward.close())
        alerts = {entry["patient"]: entry["alert"] for entry in self.ward.drain()}
        self.first, self.second = alerts[self.survivor], alerts["lab/mrn:9"]

    def tell(self, *events):
        """The outcomes of events, and what the ward hears of it: transition, alert and patient."""
        with self.one.peer("ingest", "lab") as lab:
            outcomes = lab.publish(*events)
        return outcomes, sorted((entry["transition"], entry["alert"], entry["patient"], entry.get("goes_on_as", ""))
                                for entry in self.ward.drain())

    def merge(self, **more):
        return {"type": "merge", "id": "M-1", "patient": self.survivor, "from": "mrn:9", "at": day(-1), **more}

    def restart(self):
        self.ward.close()
        self.one.kill()
        self.one.start()
        self.ward = self.one.subscriber("ward", "last")

    def open_alerts(self, name):
        return [alert["alert"] for alert in self.one.rows("alerts", "--patient", name)]

    def test_duplicate_alerts_become_one_and_two_again(self):
        self.assertEqual(self.tell(self.merge()),
                         (["applied"], [("resolved", self.second, self.survivor, self.first),
                                        ("updated", self.first, self.survivor, "")]))
        self.assertEqual(self.tell(self.merge()), (["duplicate"], []))
        self.restart()
        for name in (self.survivor, "mrn:9", "lab/mrn:9"):
            with self.subTest(name):
                self.assertEqual(self.open_alerts(name), [self.first])
                for command in ("timeline", "explain"):
                    code, out, error = self.one.client(command, name)
                    self.assertEqual(code, 0, error)
                    self.assertIn(f"the records of mrn:9 were merged into {self.survivor} on {day(-1)}  [lab M-1]", out)
                self.assertIn("18 nmol/L", self.one.client("timeline", name)[1])
                self.assertIn("15 nmol/L", self.one.client("timeline", name)[1])
        self.assertEqual(self.one.rows("status")[0]["patients"], 1)
        undo = {"type": "unmerge", "id": "U-1", "patient": self.survivor, "of": "M-1", "at": day(0)}
        outcomes, heard = self.tell(undo)
        self.assertEqual(outcomes, ["applied"])
        self.assertIn(("raised", self.second, "lab/mrn:9", ""), heard)
        self.assertEqual(self.open_alerts(self.survivor), [self.first])
        self.assertEqual(self.open_alerts("mrn:9"), [self.second])
        self.assertNotIn("15 nmol/L", self.one.client("timeline", self.survivor)[1])
        self.assertEqual(self.one.rows("status")[0]["patients"], 2)
        self.assertEqual(self.tell(self.merge(version=2))[0], ["superseded"], "an unmerge without a version is final")

    def test_a_merge_of_one_with_itself_is_not_used(self):
        with self.one.peer("ingest", "lab") as lab:
            outcome = lab.publish_raw(native(self.merge(**{"from": self.survivor})))["outcomes"][0]
        self.assertEqual((outcome["outcome"], outcome["reason"]), ("not_used", "same_patient"))

    def test_an_acknowledgement_goes_with_its_alert(self):
        self.tell(self.merge())
        code, _out, error = self.one.client("alert", "ack", self.first, "--by", "dr ash")
        self.assertEqual(code, 0, error)
        self.tell({"type": "unmerge", "id": "U-1", "patient": self.survivor, "of": "M-1", "at": day(0)})
        self.assertEqual([alert.get("acknowledged_by") for alert in self.one.rows("alerts", "--state", "open")
                          if alert["alert"] == self.first], ["dr ash"])


class InFiles(OneDaemon):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "file.ndjson"
        self.file.write_bytes(native(vitamin_d("v1", "mrn:1", 11, "2026-01-10"),
                                     vitamin_d("v2", "mrn:1", 12, "2026-01-10", publisher="clinic")))

    def test_a_replay_shows_whose_patient_it_is_where_a_line_says_so(self):
        code, out, error = run_client("replay", self.file, "--output", "ndjson")
        self.assertEqual(code, 0, error)
        self.assertEqual({json.loads(line)["patient"] for line in out.splitlines()}, {"mrn:1", "clinic/mrn:1"})

    def test_the_same_names_mean_the_same(self):
        self.assertIn("12 nmol/L", run_client("timeline", "clinic/mrn:1", "--file", self.file)[1])
        self.assertIn("11 nmol/L", run_client("timeline", "mrn:1", "--publisher", "file", "--file", self.file)[1])
        self.assertEqual(run_client("timeline", "mrn:1", "--file", self.file)[0], 64)


if __name__ == "__main__":
    unittest.main()
