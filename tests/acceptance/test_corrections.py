#!/usr/bin/python3
"""Corrections to the end: from a laboratory's own message through its result and its alert to everyone who was told.

Each case runs once for FHIR R4 and once for HL7 v2: what the two say of one result's life must lead to the same.
"""
import datetime
import itertools
import json
import time
import unittest

from under_test import PATIENCE, PUBLISH, RESULT, OneDaemon, day, nhs

SUPPRESSED = "tsh-suppressed"


def stamp(minute):
    """The minute-th minute of today, as milliseconds may order versions."""
    return datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) \
        + datetime.timedelta(minutes=minute)


class Fhir:
    """Observations of one laboratory."""
    name = "fhir"
    statuses = {"P": "preliminary", "F": "final", "C": "corrected", "D": "entered-in-error",
                "W": "entered-in-error", "X": "cancelled"}

    @staticmethod
    def person(who, born):
        return json.dumps({"resourceType": "Patient", "id": "p" + who[4:], "gender": "female", "birthDate": born,
                           "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": who[4:]}]})

    def result(self, fact, who, value, at, status, minute):
        observation = {"resourceType": "Observation", "id": fact, "status": self.statuses[status],
                       "meta": {"lastUpdated": stamp(minute).strftime("%Y-%m-%dT%H:%M:%SZ")},
                       "subject": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": who[4:]}},
                       "code": {"coding": [{"system": "http://loinc.org", "code": "3016-3"}]},
                       "effectiveDateTime": at}
        if value:
            comparator = {"comparator": "<"} if value.startswith("<") else {}
            observation["valueQuantity"] = {"value": float(value.lstrip("<")), **comparator, "unit": "mU/L"}
        return json.dumps(observation)

    @staticmethod
    def shown(fact):
        return f"Observation/{fact}"


class Hl7:
    """ORU^R01 messages of one laboratory."""
    name = "hl7v2"
    count = itertools.count(1)

    def message(self, kind, minute, *segments):
        head = f"MSH|^~\\&|LABSYS|LAB|BONEWATCH|CLINIC|{stamp(minute):%Y%m%d%H%M%S}+0000||{kind}|M{next(self.count)}" \
               "|P|2.5.1||||||UNICODE UTF-8"
        return "\r".join([head, *segments, ""])

    @staticmethod
    def pid(who, born=""):
        return f"PID|1||{who[4:]}^^^NHS^NH||TEST^ALEX||{born.replace('-', '')}|F"

    def person(self, who, born):
        return self.message("ADT^A28^ADT_A05", 0, f"EVN|A28|{stamp(0):%Y%m%d%H%M%S}", self.pid(who, born))

    def result(self, fact, who, value, at, status, minute):
        moment = f"{stamp(minute):%Y%m%d%H%M%S}+0000"
        taken = at.replace("-", "")
        obr = f"OBR|1||{fact}^LABSYS|TFT^Thyroid function^L|||{taken}" + "|" * 15 + moment + "|||" + status
        return self.message("ORU^R01^ORU_R01", minute, self.pid(who), obr,
                            f"OBX|1|ST|3016-3^TSH^LN||{value}|mU/L^^UCUM|||||{status}")

    @staticmethod
    def shown(fact):
        return fact


class Corrections:
    """The cases, of one format."""
    numbers = itertools.count(20_000)
    format = None

    def setUp(self):
        super().setUp()
        self.publisher = f"lab-{next(self.numbers)}"
        self.who = nhs(next(self.numbers))
        self.lab = self.one.peer("ingest", self.publisher)
        self.ward = self.one.subscriber(f"ward-{self.publisher}", start="now")
        self.desk = self.one.subscriber(f"desk-{self.publisher}", start="now")
        for peer in (self.lab, self.ward, self.desk):
            self.addCleanup(peer.close)

    def send(self, text):
        command, answer, _bodies = self.lab.ask(PUBLISH, {"format": self.format.name}, text.encode())
        self.assertEqual(command, RESULT, answer)
        answer = answer["results"][0]
        self.assertEqual(answer["status"], "stored", answer)
        return answer["outcomes"]

    def told(self):
        """What both who listen have been told since, which must be the same for both."""
        entries = [entry for entry in self.ward.drain() if entry["monitor"] == SUPPRESSED]
        self.assertEqual([entry for entry in self.desk.drain() if entry["monitor"] == SUPPRESSED], entries)
        return entries

    def hear(self, text, *outcomes):
        """The transitions that follow a message whose events have these outcomes."""
        found = [outcome["outcome"] for outcome in self.send(text) if outcome["type"] != "patient"]
        self.assertEqual(found, list(outcomes) or ["applied"])
        return self.told()

    def wait_for(self, is_so):
        until = time.monotonic() + PATIENCE
        while not is_so():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)

    def raised(self):
        """A woman with two suppressed results: the alert, which both who listen have."""
        self.send(self.format.person(self.who, "1950-05-05"))
        self.assertEqual(self.hear(self.format.result("r1", self.who, "0.05", day(-200), "F", 1)), [])
        entries = self.hear(self.format.result("r2", self.who, "<0.01", day(-60), "F", 2))
        self.assertEqual([entry["transition"] for entry in entries], ["raised"])
        return entries[0]

    def test_a_correction_withdraws_and_a_further_one_raises_again(self):
        made = self.format
        alert = self.raised()
        withdrawn, = self.hear(made.result("r2", self.who, "0.40", day(-60), "C", 5))
        self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", alert["alert"]))
        self.assertTrue(any(made.shown("r2") in fact for fact in withdrawn["changed"]), withdrawn["changed"])
        self.assertIn("0.4", self.one.client("timeline", self.who)[1])
        again, = self.hear(made.result("r2", self.who, "0.02", day(-60), "C", 6))
        self.assertEqual(again["transition"], "raised")

    def test_an_older_correction_that_comes_late_is_kept_as_superseded(self):
        made = self.format
        alert = self.raised()
        withdrawn, = self.hear(made.result("r2", self.who, "0.90", day(-60), "C", 9))
        self.assertEqual(withdrawn["alert"], alert["alert"])
        self.assertEqual(self.hear(made.result("r2", self.who, "0.03", day(-60), "C", 5), "superseded"), [])
        self.assertIn("0.9", self.one.client("timeline", self.who)[1])

    def test_a_correction_that_comes_before_its_result(self):
        made = self.format
        self.send(made.person(self.who, "1950-05-05"))
        self.hear(made.result("r1", self.who, "0.05", day(-200), "F", 1))
        self.assertEqual(self.hear(made.result("r2", self.who, "0.40", day(-60), "C", 5)), [])
        self.assertEqual(self.hear(made.result("r2", self.who, "0.01", day(-60), "F", 2), "superseded"), [])

    def test_wrong_patient_is_withdrawn_from_all_who_were_told_and_counts_for_the_right_one(self):
        made = self.format
        right = nhs(next(self.numbers))
        alert = self.raised()
        self.send(made.person(right, "1948-01-01"))
        self.assertEqual(self.hear(made.result("r0", right, "0.04", day(-300), "F", 1)), [])
        wrong = made.result("r2", self.who, "", day(-60), "W", 7)
        withdrawn, = self.hear(wrong)
        self.assertEqual((withdrawn["patient"], withdrawn["transition"], withdrawn["alert"]),
                         (self.who, "withdrawn", alert["alert"]))
        self.assertEqual(self.hear(wrong, "duplicate"), [], "sent again it changes nothing")
        raised, = self.hear(made.result("r9", right, "<0.01", day(-60), "F", 8))
        self.assertEqual((raised["patient"], raised["transition"], raised["since"]),
                         (right, "raised", f"{day(-60)}T00:00:00Z"))
        self.assertNotIn(day(-60), self.one.client("timeline", self.who)[1])
        self.assertEqual([row["patient"] for row in self.one.rows("alerts", "--monitor", SUPPRESSED)
                          if row["patient"] in (self.who, right)], [right])

    def test_a_result_that_was_deleted_and_one_that_cannot_be_had(self):
        made = self.format
        alert = self.raised()
        withdrawn, = self.hear(made.result("r2", self.who, "0.01", day(-60), "D", 7))
        self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", alert["alert"]))
        self.assertEqual(self.hear(made.result("r3", self.who, "", day(-50), "X", 7)), [])
        self.assertEqual([row for row in self.one.rows("alerts", "--patient", self.who, "--monitor", SUPPRESSED)],
                         [], "what could not be measured is neither low nor normal")

    def test_a_preliminary_result_counts_once_it_is_final(self):
        made = self.format
        self.send(made.person(self.who, "1950-05-05"))
        self.hear(made.result("r1", self.who, "0.05", day(-200), "F", 1))
        self.assertEqual(self.hear(made.result("r2", self.who, "0.02", day(-60), "P", 2)), [])
        raised, = self.hear(made.result("r2", self.who, "0.02", day(-60), "F", 3))
        self.assertEqual(raised["transition"], "raised")

    def test_the_same_version_with_another_body_is_disputed_and_loud(self):
        made = self.format
        alert = self.raised()
        withdrawn, = self.hear(made.result("r2", self.who, "0.70", day(-60), "F", 2), "disputed")
        self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", alert["alert"]))
        self.assertIn("DISPUTED", self.one.client("timeline", self.who)[1])
        self.wait_for(lambda: f"event=disputed publisher={self.publisher} " in self.one.log.read_text())
        raised, = self.hear(made.result("r2", self.who, "0.02", day(-60), "C", 3))
        self.assertEqual(raised["transition"], "raised", "a greater version settles it")


class FhirCorrections(Corrections, OneDaemon):
    format = Fhir()


class Hl7Corrections(Corrections, OneDaemon):
    format = Hl7()

    def test_the_right_patient_has_it_under_the_same_order_and_at_the_same_time(self):
        made = self.format
        for minute in (7, 2, 9):
            with self.subTest(minute):
                self.who, right = nhs(next(self.numbers)), nhs(next(self.numbers))
                fact = f"order-{minute}"
                for person in (self.who, right):
                    self.send(made.person(person, "1950-05-05"))
                    self.hear(made.result(f"first-{person[4:]}", person, "0.05", day(-200), "F", 1))
                raised, = self.hear(made.result(fact, self.who, "<0.01", day(-60), "F", 2))
                withdrawn, = self.hear(made.result(fact, self.who, "", day(-60), "W", 7))
                self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", raised["alert"]))
                told, = self.hear(made.result(fact, right, "<0.01", day(-60), "F", minute))
                self.assertEqual((told["patient"], told["transition"]), (right, "raised"))
                self.assertNotIn(day(-60), self.one.client("timeline", self.who)[1])

    def test_the_preliminary_value_is_said_to_be_final_without_being_sent(self):
        made = self.format
        self.send(made.person(self.who, "1950-05-05"))
        self.hear(made.result("r1", self.who, "0.05", day(-200), "F", 1))
        self.assertEqual(self.hear(made.result("r2", self.who, "0.02", day(-60), "P", 2)), [])
        raised, = self.hear(made.result("r2", self.who, "", day(-60), "U", 3))
        self.assertEqual(raised["transition"], "raised")
        alone = self.send(made.result("r7", self.who, "", day(-30), "U", 3))
        self.assertIn("quarantined", [outcome["outcome"] for outcome in alone], alone)

    def test_a_correction_meets_its_result_however_its_code_is_written(self):
        local, alert = "T^TSH^L^3016-3^TSH^http://loinc.org", self.raised()
        corrected = self.format.result("r2", self.who, "0.40", day(-60), "C", 5).replace("3016-3^TSH^LN", local)
        withdrawn, = self.hear(corrected)
        self.assertEqual((withdrawn["transition"], withdrawn["alert"]), ("withdrawn", alert["alert"]))
        again, = self.hear(self.format.result("r2", self.who, "0.02", day(-60), "C", 6))
        self.assertEqual(again["transition"], "raised")
        self.hear(self.format.result("r2", self.who, "", day(-60), "D", 7).replace("3016-3^TSH^LN", local))
        self.assertEqual(self.one.rows("alerts", "--patient", self.who, "--monitor", SUPPRESSED), [])

    def test_a_correction_that_may_have_missed_its_result_is_loud(self):
        made = self.format
        self.send(made.person(self.who, "1950-05-05"))
        self.hear(made.result("r1", self.who, "0.05", day(-200), "F", 1).replace("LN||", "LN|1|"))
        outcome, = [each for each in self.send(made.result("r1", self.who, "0.40", day(-200), "C", 5))
                    if each["type"] == "result"]
        self.assertEqual((outcome["outcome"], outcome["place"]), ("applied", "OBX[1]-3"))
        self.assertTrue(any(warning.startswith("correction_unmatched: ") and "r1^LABSYS#3016-3^LN/1" in warning
                            for warning in outcome["warnings"]), outcome)
        self.wait_for(lambda: f"event=correction_unmatched publisher={self.publisher} " in self.one.log.read_text())


if __name__ == "__main__":
    unittest.main()
