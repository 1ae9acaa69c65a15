#!/usr/bin/python3
"""HL7 v2 over the ingest door and from files: a result, its corrections and withdrawal, as a laboratory sends them."""
import json
import unittest

from under_test import PUBLISH, RESULT, OneDaemon, day, nhs, run_client


def plain(date):
    return date.replace("-", "")


def vitamin_d(patient, status, value, change, collected=-30, order="V1"):
    """An ORU of one vitamin D, as its status stood `change` days from today."""
    changed = plain(day(change)) + "1200"
    return (f"MSH|^~\\&|LAB|RX1|||{changed}||ORU^R01^ORU_R01|{order}{status}{change}|P|2.5.1\r"
            f"PID|1||{patient.split(':')[1]}^^^NHS^NH||X^Y||19550301|F\r"
            f"OBR|1||{order}^LAB|VITD^Vitamin D^L|||{plain(day(collected))}0830|||||||||||||||{changed}|||{status}\r"
            f"OBX|1|NM|1989-3^Vitamin D^LN||{value}|nmol/L^^UCUM|50-150||||{status}\r").encode()


def numbered(patient):
    return f"{patient.split(':')[1]}^^^NHS^NH"


def update(patient, change, birth="", sex="", rest=""):
    """An ADT that says this of a person, `change` days from today."""
    at = plain(day(change)) + "1200"
    return (f"MSH|^~\\&|PAS|RX1|||{at}||ADT^A08|U{change}|P|2.5.1\rEVN|A08|{at}\r"
            f"PID|1||{numbered(patient)}||X^Y||{plain(birth)}|{sex}{rest}\r").encode()


def esr(patient, change, value):
    """An ORU of one ESR, of a person of whom it says nothing."""
    at = plain(day(change)) + "1200"
    return (f"MSH|^~\\&|LAB|RX1|||{at}||ORU^R01|E{change}|P|2.5.1\rPID|1||{numbered(patient)}||X^Y\r"
            f"OBR|1||E{patient[4:]}{change}^LAB|ESR^ESR^L|||{at}|||||||||||||||{at}|||F\r"
            f"OBX|1|NM|4537-7^ESR^LN||{value}|mm/h^^UCUM|||||F\r").encode()


class Hl7(OneDaemon):
    patients = iter(range(700, 800))

    def setUp(self):
        super().setUp()
        self.who, self.other = nhs(next(self.patients)), nhs(next(self.patients))
        self.order = "V" + self.who[4:]
        self.lab = self.one.peer("ingest", "lab")
        self.addCleanup(self.lab.close)
        self.ward = self.one.subscriber("ward-" + self.order, "last")
        self.addCleanup(self.ward.close)

    def take(self, message):
        """Outcomes of what is not said of persons."""
        command, answer, _bodies = self.lab.ask(PUBLISH, {"format": "hl7v2"}, message)
        self.assertEqual(command, RESULT, answer)
        return [outcome for outcome in answer["results"][0]["outcomes"] if outcome["type"] != "patient"]

    def words(self, message):
        return [outcome["outcome"] for outcome in self.take(message)]

    def said(self):
        return [(entry["transition"], entry["patient"], entry["alert"]) for entry in self.ward.drain()
                if entry["monitor"] == "vitamin-d-deficient" and entry["patient"] in (self.who, self.other)]

    def of(self, status, value, change, patient=None):
        return vitamin_d(patient or self.who, status, value, change, order=self.order)

    def test_a_result_posted_to_the_wrong_patient_is_withdrawn_and_told_of_the_right_one(self):
        self.assertEqual(self.words(self.of("F", "12", -20)), ["applied"])
        (transition, patient, alert), = self.said()
        self.assertEqual((transition, patient), ("raised", self.who))
        self.assertEqual(self.words(self.of("W", "", -10)), ["applied"])
        self.assertEqual(self.said(), [("withdrawn", self.who, alert)])
        entry, = self.one.rows("alert", "show", alert)
        self.assertRegex(entry["reason"], r"^[-\w ()]+ of \d{4}-\d\d-\d\d was reported for the wrong patient$")
        self.assertIn("reported for the wrong patient: ", entry["headline"])
        self.assertNotIn("no longer in the record", entry["headline"])
        self.assertEqual(self.words(self.of("W", "", -10)), ["duplicate"])
        self.assertEqual(self.words(self.of("F", "12", -20)), ["duplicate"])
        self.assertEqual(self.said(), [])
        self.assertEqual(self.words(self.of("F", "12", -5, self.other)), ["applied"])
        (transition, patient, _alert), = self.said()
        self.assertEqual((transition, patient), ("raised", self.other))

    def test_a_correction_may_come_first(self):
        self.assertEqual(self.words(self.of("C", "82", -10)), ["applied"])
        self.assertEqual(self.words(self.of("F", "12", -20)), ["superseded"])
        self.assertEqual(self.said(), [])

    def test_what_was_preliminary_counts_once_it_is_said_to_be_final(self):
        self.assertEqual(self.words(self.of("U", "", -10)), ["quarantined"])
        self.assertEqual(self.words(self.of("P", "12", -20)), ["applied"])
        self.assertEqual(self.said(), [])
        self.assertEqual(self.words(self.of("U", "", -10)), ["applied"])
        (transition, _patient, alert), = self.said()
        self.assertEqual(transition, "raised")
        self.assertEqual(self.words(self.of("D", "", -5)), ["applied"])
        self.assertEqual(self.said(), [("withdrawn", self.who, alert)])

    def rde(self, control, change, drug=""):
        sent = plain(day(change)) + "1200"
        return (f"MSH|^~\\&|PH|RX1|||{sent}||RDE^O11^RDE_O11|{control}{change}|P|2.5.1\r"
                f"PID|1||{self.who.split(':')[1]}^^^NHS^NH\r"
                f"ORC|{control}|{self.order}^PH|||||||{sent}\r{drug}").encode()

    def test_an_order_cancelled_by_its_number_alone_never_was_whichever_comes_first(self):
        drug = f"TQ1|1||QD|||28^d|{plain(day(-30))}\rRXE||8638^prednisolone^RXNORM|5||mg\rRXR|PO\r"
        self.assertEqual(self.words(self.rde("OC", -10)), ["not_used"])
        self.assertEqual(self.words(self.rde("NW", -20, drug)), ["superseded"])
        self.assertNotIn("prednisolone", self.one.client("timeline", self.who)[1])
        self.assertEqual(self.words(self.rde("NW", -5, drug)), ["applied"])
        self.assertIn("prednisolone", self.one.client("timeline", self.who)[1])
        self.assertEqual(self.words(self.rde("OC", -2)), ["applied"])
        self.assertNotIn("prednisolone", self.one.client("timeline", self.who)[1])

    def test_one_bad_result_sinks_no_other(self):
        message = self.of("F", "12", -20) + b"OBX|2|NM|3016-3^TSH^LN||1|furlong|||||F\r"
        good, bad = self.take(message)
        self.assertEqual((good["outcome"], bad["outcome"]), ("applied", "quarantined"))
        self.assertEqual((bad["reason"], bad["place"]), ("unknown_unit", "OBX[2]-6"))

    def test_what_an_update_leaves_empty_is_as_it_was_and_null_deletes_it(self):
        """An ESR of 33 is above the limit of a man of 61 (30.5), within that of a woman (35.5)."""
        def told():
            return [(entry["transition"], entry["alert"]) for entry in self.ward.drain()
                    if entry["monitor"] == "esr-sustained-high" and entry["patient"] == self.who]

        for change in (-120, -75, -20):
            self.assertEqual(self.words(esr(self.who, change, "33")), ["applied"])
        self.assertEqual(told(), [], "the limit depends on age and sex")
        self.take(update(self.who, -19, birth=day(-22500), sex="M"))
        (transition, alert), = told()
        self.assertEqual(transition, "raised")
        self.take(update(self.who, -18, birth=day(-22500)))
        self.take(update(self.who, -17, rest="|||1 New Street"))
        self.assertEqual(told(), [], "an empty field takes nothing back")
        self.take(update(self.who, -16, sex='""'))
        self.assertEqual(told(), [("withdrawn", alert)])
        self.take(update(self.who, -15, sex="M"))
        (transition, _alert), = told()
        self.assertEqual(transition, "raised")
        self.take(update(self.who, -14, sex="F"))
        self.assertEqual([transition for transition, _alert in told()], ["withdrawn"])
        self.assertEqual(self.one.client("timeline", self.who)[1].splitlines()[:2],
                         [f"            patient         born {day(-22500)}  [lab born {self.who}]",
                          f"            patient         female  [lab sex {self.who}]"])

    def test_a_file_is_published_message_by_message_and_a_loss_is_said_aloud(self):
        path = self.folder / "batch.hl7"
        path.write_bytes(b"BHS|^~\\&|LAB\r" + self.of("F", "12", -20) + self.of("C", "11", -10) + b"BTS|3\r")
        code, out, error = self.one.client("publish", path, "--publisher", "lab", "--output", "ndjson")
        self.assertEqual(code, 65, error)
        self.assertIn("BTS-1: the batch is incomplete: it is said to hold 3 messages, and holds 2", error)
        kept = [line for line in map(json.loads, out.splitlines()) if line["type"] == "result"]
        self.assertEqual([line["outcome"] for line in kept], ["applied", "applied"])
        self.assertIn("11 nmol/L", self.one.client("timeline", self.who)[1])

    def test_the_client_knows_the_format_and_replays_it_alone(self):
        path = self.folder / "one.hl7"
        path.write_bytes(self.of("F", "12", -20))
        code, out, error = self.one.client("publish", path, "--publisher", "lab", "--format", "hl7v2")
        self.assertEqual(code, 0, error)
        code, out, error = run_client("replay", path, "--output", "ndjson")
        self.assertEqual(code, 0, error)
        entries = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(entry["transition"], entry["recorded_at"]) for entry in entries
                          if entry["monitor"] == "vitamin-d-deficient"],
                         [("raised", f"{day(-20)}T12:00:00Z")])


if __name__ == "__main__":
    unittest.main()
