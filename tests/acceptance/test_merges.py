#!/usr/bin/python3
"""Two records become one patient and part again, as FHIR and HL7 v2 say it: Patient.link, ADT^A40, A24 and A37."""
import itertools
import json
import unittest

from under_test import PUBLISH, RESULT, OneDaemon, day
from test_corrections import Hl7, stamp


class FhirRecords:
    """A hospital's own Patient ids."""
    name = "fhir"

    @staticmethod
    def shown(record):
        return f"Patient:{record}"

    @staticmethod
    def person(record, minute, link=None):
        resource = {"resourceType": "Patient", "id": record, "gender": "female", "birthDate": "1950-05-05",
                    "meta": {"lastUpdated": stamp(minute).strftime("%Y-%m-%dT%H:%M:%SZ")}}
        if link:
            resource["link"] = [{"other": {"reference": f"Patient/{link}"}, "type": "replaced-by"}]
        return json.dumps(resource)

    def merged(self, gone, survivor, minute):
        return self.person(gone, minute, survivor)

    def parted(self, gone, _survivor, minute):
        return self.person(gone, minute)

    @staticmethod
    def result(fact, record, loinc, value, unit, at):
        return json.dumps({"resourceType": "Observation", "id": fact, "status": "final", "effectiveDateTime": at,
                           "subject": {"reference": f"Patient/{record}"},
                           "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
                           "valueQuantity": {"value": float(value), "unit": unit}})


class Hl7Records(Hl7):
    """The same of a laboratory's numbers."""

    @staticmethod
    def shown(record):
        return f"rx1:{record}"

    @staticmethod
    def numbered(record):
        return f"PID|1||{record}^^^RX1^MR||TEST^ALEX||19500505|F"

    def event(self, kind, structure, minute, *segments):
        moment = f"{stamp(minute):%Y%m%d%H%M%S}+0000"
        return self.message(f"ADT^{kind}^{structure}", minute, f"EVN|{kind}|{moment}", *segments)

    def person(self, record, minute):
        return self.event("A28", "ADT_A05", minute, self.numbered(record))

    def merged(self, gone, survivor, minute):
        return self.event("A40", "ADT_A39", minute, self.numbered(survivor), f"MRG|{gone}^^^RX1^MR")

    def parted(self, gone, survivor, minute):
        return self.event("A37", "ADT_A37", minute, self.numbered(survivor), self.numbered(gone))

    def result(self, fact, record, loinc, value, unit, at):
        return self.message("ORU^R01^ORU_R01", 1, self.numbered(record),
                            f"OBR|1||{fact}^LABSYS|T^Test^L|||{at.replace('-', '')}" + "|" * 15
                            + f"{stamp(1):%Y%m%d%H%M%S}+0000|||F",
                            f"OBX|1|NM|{loinc}^^LN||{value}|{unit}|||||F")


class Merges:
    """The cases, of one format."""
    numbers = itertools.count(30_000)
    records = None

    def setUp(self):
        super().setUp()
        self.publisher = f"hospital-{next(self.numbers)}"
        self.lab = self.one.peer("ingest", self.publisher)
        self.ward = self.one.subscriber(f"ward-{self.publisher}", start="now")
        for peer in (self.lab, self.ward):
            self.addCleanup(peer.close)

    def hear(self, text, monitor):
        """The entries of a monitor that follow a message, none of which may be refused or kept in quarantine."""
        command, answer, _bodies = self.lab.ask(PUBLISH, {"format": self.records.name}, text.encode())
        self.assertEqual(command, RESULT, answer)
        outcomes = {outcome["outcome"] for outcome in answer["results"][0]["outcomes"]}
        self.assertLessEqual(outcomes, {"applied", "duplicate", "superseded", "not_used"}, answer)
        return [entry for entry in self.ward.drain() if entry["monitor"] == monitor]

    def answer(self, what, record, *more):
        code, out, error = self.one.client(what, self.records.shown(record), *more, "--publisher", self.publisher)
        self.assertEqual(code, 0, error)
        return out

    def test_two_halves_of_a_pattern_meet_and_part(self):
        monitor = "tsh-suppressed"
        for record in ("a1", "b1"):
            self.hear(self.records.person(record, 1), monitor)
        self.hear(self.records.result("r1", "a1", "3016-3", "0.05", "mU/L", day(-200)), monitor)
        self.assertEqual(self.hear(self.records.result("r2", "b1", "3016-3", "0.02", "mU/L", day(-60)), monitor), [])
        before = {record: self.answer("timeline", record) for record in ("a1", "b1")}
        raised, = self.hear(self.records.merged("b1", "a1", 5), monitor)
        self.assertEqual((raised["transition"], raised["since"]), ("raised", f"{day(-60)}T00:00:00Z"))
        self.assertTrue(raised["patient"].endswith(self.records.shown("a1")), raised["patient"])
        self.assertEqual(self.hear(self.records.merged("b1", "a1", 5), monitor), [], "sent again it changes nothing")
        for record in ("a1", "b1"):
            self.assertIn(day(-200), self.answer("timeline", record))
            self.assertIn(day(-60), self.answer("timeline", record))
        withdrawn, = self.hear(self.records.parted("b1", "a1", 9), monitor)
        self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", raised["alert"]))
        for record in ("a1", "b1"):
            self.assertEqual(self.answer("timeline", record), before[record], "all of it is undone")
        again, = self.hear(self.records.merged("b1", "a1", 12), monitor)
        self.assertEqual(again["transition"], "raised", "and may be said again")

    def test_of_two_alerts_of_one_thing_one_goes_on(self):
        monitor = "vitamin-d-deficient"
        alerts = {}
        for record, fact, at in (("a2", "v1", -60), ("b2", "v2", -30)):
            self.hear(self.records.person(record, 1), monitor)
            raised, = self.hear(self.records.result(fact, record, "1989-3", "12", "nmol/L", day(at)), monitor)
            alerts[record] = raised["alert"]
        entries = self.hear(self.records.merged("b2", "a2", 5), monitor)
        over, = [entry for entry in entries if entry["transition"] == "resolved"]
        self.assertEqual((over["alert"], over["goes_on_as"]), (alerts["b2"], alerts["a2"]))
        shown = self.one.rows("alerts", "--monitor", monitor)
        self.assertEqual([row["alert"] for row in shown if row["alert"] in alerts.values()], [alerts["a2"]])
        self.hear(self.records.parted("b2", "a2", 9), monitor)
        shown = self.one.rows("alerts", "--monitor", monitor)
        self.assertEqual(sorted(row["alert"] for row in shown if row["alert"] in alerts.values()),
                         sorted(alerts.values()), "each has its own again, under the ids that were told")


class FhirMerges(Merges, OneDaemon):
    records = FhirRecords()


class Hl7Merges(Merges, OneDaemon):
    records = Hl7Records()


if __name__ == "__main__":
    unittest.main()
