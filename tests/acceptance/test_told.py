#!/usr/bin/python3
"""What subscribers are told, a case for each row of the design's table, through the sockets of the real daemon."""
import json
import unittest

from under_test import COMMAND, RESULT, OneDaemon, day, nhs, person, result, supply, vitamin_d

DEFICIENT = "vitamin-d-deficient"


class Told(OneDaemon):
    patients = iter(range(1, 1000))

    def setUp(self):
        super().setUp()
        number = next(self.patients)
        self.who = nhs(number)
        self.publisher = f"lab-{number}"  # Facts of two publishers are never the same one.
        self.lab = self.one.peer("ingest", self.publisher)
        self.addCleanup(self.lab.close)
        self.ward = self.one.subscriber("ward", start="now")
        self.addCleanup(self.ward.close)

    def heard(self, *events):
        """The entries that follow when these events are published as one message."""
        self.lab.publish(*events)
        return self.ward.drain()

    def say(self, entries):
        return [f"{entry['transition']} {entry['severity']}" for entry in entries]

    def raise_deficiency(self, fact="v1", at=-60):
        """A woman whose vitamin D is low; the alert."""
        entries = self.heard(person(self.who), vitamin_d(fact, self.who, 18, day(at)))
        self.assertEqual(self.say(entries), ["raised warning"])
        return entries[0]

    def test_raised_says_what_why_and_what_to_do(self):
        entry = self.raise_deficiency()
        self.assertEqual(list(entry)[:9], ["at", "recorded_at", "patient", "monitor", "transition", "severity", "alert",
                                           "headline", "evidence"])
        self.assertEqual((entry["patient"], entry["monitor"], entry["evidence"]), (self.who, DEFICIENT, ["v1"]))
        self.assertEqual((entry["state"], entry["since"], entry["at"]), ("open", f"{day(-60)}T00:00:00Z",
                                                                         f"{day(-60)}T00:00:00Z"))
        self.assertIn("18 nmol/L", entry["headline"])
        self.assertIn(day(-60), entry["headline"])
        self.assertEqual(entry["facts"][0]["publisher"], self.publisher)
        self.assertRegex(entry["advice"], r"Load, then maintain")
        self.assertIn("50 nmol/L or more", entry["clears_when"])
        self.assertEqual(entry["thresholds"]["deficient"], "25 nmol/L")
        self.assertEqual(entry["clinical_sign_off"], "none")
        self.assertRegex(entry["revision"], r"^[0-9a-f]{32}$")

    def test_new_evidence_is_an_update_once(self):
        alert = self.raise_deficiency()
        entries = self.heard(vitamin_d("v2", self.who, 15, day(-20)))
        self.assertEqual(self.say(entries), ["updated warning"])
        self.assertEqual((entries[0]["alert"], entries[0]["evidence"]), (alert["alert"], ["v2"]))
        self.assertEqual(self.heard(vitamin_d("v2", self.who, 15, day(-20))), [], "a repeated message tells nobody")

    def test_rising_severity_escalates(self):
        condition = {"type": "condition", "id": "c1", "patient": self.who, "code": "osteoporosis", "at": day(-900)}
        entries = [entry for entry in self.heard(person(self.who), condition, vitamin_d("v1", self.who, 40, day(-60)))
                   if entry["monitor"] == DEFICIENT]
        self.assertEqual(self.say(entries), ["raised info"])
        alert = entries[0]["alert"]
        entries = self.heard(vitamin_d("v2", self.who, 18, day(-20)))
        self.assertEqual(self.say(entries), ["escalated warning"])
        self.assertEqual((entries[0]["alert"], entries[0]["at"]), (alert, f"{day(-20)}T00:00:00Z"))

    def test_resolved_when_it_is_over_and_raised_again_with_the_same_id(self):
        alert = self.raise_deficiency()
        entries = self.heard(vitamin_d("v2", self.who, 78, day(-5)))
        self.assertEqual(self.say(entries), ["resolved warning"])
        self.assertEqual((entries[0]["alert"], entries[0]["state"], entries[0]["at"]),
                         (alert["alert"], "resolved", f"{day(-5)}T00:00:00Z"))
        entries = self.heard(vitamin_d("v2", self.who, 12, day(-5), version=2))
        self.assertEqual(self.say(entries), ["raised warning"], "the good result was a mistake")
        self.assertEqual((entries[0]["alert"], entries[0]["state"]), (alert["alert"], "open"))

    def test_a_correction_withdraws_and_names_the_fact(self):
        alert = self.raise_deficiency()
        entries = self.heard(vitamin_d("v1", self.who, 81, day(-60), version=2))
        self.assertEqual(self.say(entries), ["withdrawn warning"])
        self.assertEqual((entries[0]["alert"], entries[0]["state"]), (alert["alert"], "withdrawn"))
        self.assertIn("v1", json.dumps(entries[0]["changed"]))
        self.assertEqual(self.one.rows("alerts", "--patient", self.who), [])
        self.assertEqual(self.one.rows("alerts", "--patient", self.who, "--state", "all"), entries)

    def order(self, status, version, drug="Prednisolone 5mg tablets"):
        """What becomes of a version of an order for 120 days, 100 days ago, and what is heard of it."""
        order = {"resourceType": "MedicationRequest", "id": "m", "status": status, "intent": "order",
                 "meta": {"lastUpdated": f"{day(version - 10)}T00:00:00Z"}, "authoredOn": day(-100),
                 "subject": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": self.who[4:]}},
                 "medicationCodeableConcept": {"text": drug},
                 "dosageInstruction": [{"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                                        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}],
                 "dispenseRequest": {"expectedSupplyDuration": {"value": 120, "code": "d"}}}
        answer = self.lab.publish_raw(json.dumps(order).encode(), format="fhir")
        return answer["outcomes"][0]["outcome"], self.say(self.ward.drain())

    def test_a_cancelled_order_withdraws_what_it_raised(self):
        self.heard(person(self.who))
        outcome, said = self.order("active", 1)
        self.assertEqual(outcome, "applied")
        self.assertIn("raised", {words.split()[0] for words in said})
        outcome, withdrawn = self.order("cancelled", 2)
        self.assertEqual((outcome, len(withdrawn), {words.split()[0] for words in withdrawn}),
                         ("applied", len(said), {"withdrawn"}))
        self.assertEqual(self.one.rows("alerts", "--patient", self.who), [])
        self.assertEqual(self.order("cancelled", 2), ("duplicate", []))
        self.assertEqual(self.order("active", 1), ("duplicate", []))
        outcome, again = self.order("active", 3)
        self.assertEqual((outcome, {words.split()[0] for words in again}), ("applied", {"raised"}))
        outcome, withdrawn = self.order("active", 4, "Paracetamol 500mg tablets")
        self.assertEqual((outcome, len(withdrawn)), ("applied", len(again)))

    def test_an_order_that_nobody_had_is_not_used_and_its_cancellation_remembered(self):
        self.heard(person(self.who))
        self.assertEqual(self.order("cancelled", 2), ("not_used", []))
        self.assertEqual(self.order("active", 1), ("superseded", []))

    def test_a_retraction_withdraws_also_what_was_resolved(self):
        alert = self.raise_deficiency()
        self.assertEqual(self.say(self.heard(vitamin_d("v2", self.who, 78, day(-5)))), ["resolved warning"])
        entries = self.heard({"type": "retraction", "id": "r1", "patient": self.who, "of": "v1", "at": day(-1)})
        self.assertEqual(self.say(entries), ["withdrawn warning"])
        self.assertEqual(entries[0]["alert"], alert["alert"])
        self.assertEqual(self.heard(vitamin_d("v1", self.who, 10, day(-60), version=9)), [], "a retraction is final")

    def test_what_was_over_when_first_learnt_is_not_told(self):
        self.assertEqual(self.heard(person(self.who), vitamin_d("v1", self.who, 18, day(-200)),
                                    vitamin_d("v2", self.who, 78, day(-100))), [])
        self.assertEqual(self.one.rows("alerts", "--patient", self.who, "--state", "all"), [])

    def test_what_was_stale_when_first_learnt_is_told_once_a_new_fact_supports_it(self):
        self.assertEqual(self.heard(person(self.who), vitamin_d("v1", self.who, 18, day(-900))), [])
        self.assertEqual(self.one.rows("alerts", "--patient", self.who, "--state", "all"), [])
        entries = self.heard(vitamin_d("v2", self.who, 17, day(-5)))
        self.assertEqual(self.say(entries), ["raised warning"])
        self.assertEqual((entries[0]["since"], entries[0]["at"], entries[0]["evidence"]),
                         (f"{day(-900)}T00:00:00Z", f"{day(-5)}T00:00:00Z", ["v2"]))

    def test_excluded_when_it_no_longer_applies(self):
        entries = self.heard(person(self.who), result("t1", self.who, "tsh", 0.05, "mU/L", day(-200)),
                             result("t2", self.who, "tsh", 0.04, "mU/L", day(-60)))
        self.assertEqual([(entry["monitor"], entry["transition"]) for entry in entries],
                         [("tsh-suppressed", "raised")])
        alert = entries[0]["alert"]
        entries = self.heard({"type": "condition", "id": "c1", "patient": self.who, "code": "thyroid-cancer",
                              "at": day(-10)})
        entries = [entry for entry in entries if entry["monitor"] == "tsh-suppressed"]
        self.assertEqual([(entry["transition"], entry["state"], entry["reason"], entry["alert"], entry["at"])
                          for entry in entries],
                         [("resolved", "resolved", "no longer applies", alert, f"{day(-10)}T00:00:00Z")])
        self.assertIn("no longer applies", entries[0]["headline"])
        self.assertEqual(self.one.rows("alerts", "--patient", self.who, "--monitor", "tsh-suppressed"), [])

    def test_facts_that_move_an_open_alert_tell_its_new_dates_and_keep_its_owner(self):
        arthritis = {"type": "condition", "id": "c1", "patient": self.who, "code": "rheumatoid-arthritis",
                     "at": "2015-01-01"}
        raised, = self.heard(person(self.who), arthritis)
        self.assertIn("no bone assessment from 2013-01-01 to 2016-01-01", raised["headline"])
        self.assertEqual(self.one.client("alert", "ack", raised["alert"], "--by", "dr-ash")[0], 0)
        self.ward.drain()
        scan = {"type": "procedure", "id": "d1", "patient": self.who, "code": "dxa", "at": "2020-06-01"}
        moved, = self.heard(scan)
        self.assertIn("no bone assessment from 2020-06-02 to 2023-06-02", moved["headline"])
        back, = self.heard({"type": "retraction", "id": "r1", "patient": self.who, "of": "d1", "at": day(-1)})
        self.assertEqual(back["headline"], raised["headline"])
        for entry, since in (moved, "2023-06-02"), (back, "2016-01-01"):
            self.assertEqual((entry["transition"], entry["since"], entry["alert"], entry["acknowledged_by"]),
                             ("updated", f"{since}T00:00:00Z", raised["alert"], "dr-ash"))
        self.assertEqual(self.one.rows("alerts", "--patient", self.who), [back])

    def test_all_results_in_june_tell_the_same_as_one_by_one(self):
        def results(name, who):
            return [{"type": "result", "id": f"{name}{n}", "patient": who, "code": "tsh", "value": value,
                     "unit": "mU/L", "at": day(at)}
                    for n, (at, value) in enumerate([(-150, 0.05), (-60, 0.05), (-20, 0.2)])]
        at_once = self.heard(person(self.who), *results("t", self.who))
        other = nhs(next(self.patients))
        one_by_one = self.heard(person(other))
        for event in results("u", other):
            one_by_one += self.heard(event)
        self.assertEqual([(entry["monitor"], entry["transition"], entry["severity"],
                           entry["since"]) for entry in at_once],
                         [("tsh-suppressed", "raised", "urgent", f"{day(-60)}T00:00:00Z")])
        self.assertEqual([entry["monitor"] for entry in one_by_one if entry["transition"] == "raised"],
                         ["tsh-suppressed"])
        self.assertEqual({entry["since"] for entry in one_by_one}, {at_once[0]["since"]})

    def test_acknowledging_names_the_owner_in_the_feed(self):
        alert = self.raise_deficiency()
        code, out, _error = self.one.client("alert", "ack", alert["alert"], "--by", "dr-ash", "--note", "will call")
        self.assertEqual((code, out), (0, "acknowledged by dr-ash\n"))
        entries = self.ward.drain()
        self.assertEqual(self.say(entries), ["acknowledged warning"])
        self.assertEqual((entries[0]["alert"], entries[0]["acknowledged_by"], entries[0]["state"]), (alert["alert"],
                                                                                                     "dr-ash", "open"))
        for member in ("headline", "evidence", "facts", "why"):
            self.assertEqual(entries[0][member], alert[member], "it still says why")
        code, shown, _error = self.one.client("alert", "show", alert["alert"])
        self.assertEqual(code, 0)
        self.assertRegex(shown, r"owner +dr-ash")
        code, _out, error = self.one.client("alert", "ack", "0" * 32, "--by", "dr-ash")
        self.assertEqual(code, 1)
        self.assertIn("no open alert has the id", error)
        entries = self.heard(vitamin_d("v2", self.who, 15, day(-20)))
        self.assertEqual(entries[0]["acknowledged_by"], "dr-ash", "the owner stays")

    def test_acknowledging_sent_again_changes_nothing(self):
        alert = self.raise_deficiency()["alert"]
        command = {"action": "acknowledge", "alert": alert, "actor": "dr-ash", "note": "will call"}
        with self.one.peer("command") as desk:
            self.assertEqual(desk.ask(COMMAND, command)[:2], (RESULT, {}))
            records = self.one.rows("status")[0]["since_start"]["journal_records"]
            for _ in range(2):
                self.assertEqual(desk.ask(COMMAND, command)[:2], (RESULT, {}))
            self.assertEqual(self.one.rows("status")[0]["since_start"]["journal_records"], records)
            self.assertEqual(self.say(self.ward.drain()), ["acknowledged warning"])
            self.assertEqual(desk.ask(COMMAND, {**command, "note": "called"})[:2],
                             (RESULT, {"actor_before": "dr-ash", "note_before": "will call"}))
        self.assertEqual([entry["note"] for entry in self.ward.drain()], ["called"], "another note is news")

    def test_a_result_moved_to_another_patient_withdraws_here_and_raises_there(self):
        alert = self.raise_deficiency()
        other = nhs(next(self.patients))
        self.assertEqual(self.heard(person(other)), [])
        entries = self.heard(vitamin_d("v1", other, 18, day(-60), version=2))
        self.assertEqual({(entry["patient"], entry["transition"]) for entry in entries},
                         {(self.who, "withdrawn"), (other, "raised")})
        self.assertEqual(len(entries), 2)
        self.assertEqual([entry["alert"] for entry in entries if entry["transition"] == "withdrawn"], [alert["alert"]])
        self.assertNotIn("v1", self.one.client("timeline", self.who)[1])
        self.assertIn(f"[{self.publisher} v1]", self.one.client("timeline", other)[1])

    def test_two_contents_of_one_version_are_disputed_and_withdraw(self):
        self.raise_deficiency()
        self.assertEqual(self.lab.publish(vitamin_d("v1", self.who, 90, day(-60))), ["disputed"])
        self.assertEqual(self.say(self.ward.drain()), ["withdrawn warning"])
        self.assertIn("DISPUTED", self.one.client("timeline", self.who)[1])
        self.assertEqual(self.say(self.heard(vitamin_d("v1", self.who, 18, day(-60), version=2))), ["raised warning"])

    def test_an_exposure_that_passed_its_day_is_told_when_learnt(self):
        entries = self.heard(person(self.who),
                             *[supply(f"s{n}", self.who, "prednisolone", "5 mg", day(-100 + 28 * n), 28)
                                                 for n in range(4)])
        self.assertEqual([(entry["monitor"], entry["transition"], entry["since"]) for entry in entries],
                         [("steroid-5mg-90d", "raised", f"{day(-10)}T00:00:00Z")])
        entries = self.heard(*[{"type": "retraction", "id": f"r{n}", "patient": self.who, "of": f"s{n}", "at": day(-1)}
                               for n in (1, 2)])
        self.assertEqual(self.say(entries), ["withdrawn warning"], "two supplies were never given")


if __name__ == "__main__":
    unittest.main()
