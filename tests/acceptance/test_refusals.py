#!/usr/bin/python3
"""What the sender, the subscriber and the operator see when something is wrong: in the words that they see."""
import concurrent.futures
import gzip
import json
import unittest

import zmq

from under_test import (ERROR, HELLO, PING, PONG, PUBLISH, QUERY, SUBSCRIBE, OneDaemon, Peer, Scratch, day, native, nhs,
                        person, result, run_client, vitamin_d)


class BadFrames(OneDaemon):
    settings = {"more": "[limits]\nmax_message_bytes = 100000\n"}

    def test_each_bad_frame_has_its_refusal_and_the_door_stays_usable(self):
        cases = [
            ("one part", [b"BWP1"], "too_few_parts", False),
            ("hello", [b"HELO"], "not_bwp1", False),
            ("other protocol", [b"HTTP", b"\x10", b"1", b"{}"], "not_bwp1", False),
            ("other version", [b"BWP9", b"\x10", b"1", b"{}"], "wrong_version", False),
            ("command", [b"BWP1", b"\x77", b"1", b"{}"], "unknown_command", False),
            ("command of two octets", [b"BWP1", b"\x10\x10", b"1", b"{}"], "unknown_command", False),
            ("other door", [b"BWP1", QUERY, b"1", b"{}"], "wrong_door", False),
            ("no request id", [b"BWP1", PUBLISH, b"", b"{}"], "bad_request_id", False),
            ("long request id", [b"BWP1", PUBLISH, b"x" * 33, b"{}"], "bad_request_id", False),
            ("meta of no JSON", [b"BWP1", PUBLISH, b"1", b"{nonsense", b"x"], "meta_not_object", False),
            ("meta of an array", [b"BWP1", PUBLISH, b"1", b"[]", b"x"], "meta_not_object", False),
            ("large meta", [b"BWP1", PUBLISH, b"1", b'{"a":"' + b"x" * 70000 + b'"}', b"x"], "meta_too_large", False),
            ("no bodies", [b"BWP1", PUBLISH, b"1", b'{"format":"native"}'], "no_bodies", False),
            ("many bodies", [b"BWP1", PUBLISH, b"1", b'{"format":"native"}', *[b"x"] * 257], "too_many_bodies", False),
            ("format", [b"BWP1", PUBLISH, b"1", b'{"format":"fax"}', b"x"], "unknown_format", False),
            ("backfill in words", [b"BWP1", PUBLISH, b"1", b'{"format":"native","backfill":"yes"}', b"x"], "bad_member",
             False),
            ("encoding", [b"BWP1", PUBLISH, b"1", b'{"format":"native","encoding":"zip"}', b"x"], "unknown_encoding",
             False),
            ("backfill of 1", [b"BWP1", PUBLISH, b"1", b'{"format":"native","backfill":1}', b"x"], "bad_member",
             False),
            ("publisher of 5", [b"BWP1", HELLO, b"1", b'{"publisher":5}'], "bad_member", False),
            ("oversized", [b"BWP1", PUBLISH, b"1", b'{"format":"native"}', b"x" * 100_001], "too_large", False),
        ]
        with self.one.peer("ingest", "lab") as lab:
            for name, parts, reason, retry in cases:
                with self.subTest(name):
                    command, meta = lab.ask_raw(*parts)
                    self.assertEqual((command, meta["reason"], meta["retry"]), (ERROR, reason, retry))
                    self.assertRegex(meta["message"], r"^[A-Z].{15,}\.$", "a sentence for a person")
            self.assertEqual(lab.publish(person(nhs(10))), ["applied"])
            self.assertEqual(lab.ask(PING, {})[0], PONG)

    def test_an_oversized_message_is_told_the_limit(self):
        with self.one.peer("ingest", "lab") as lab:
            self.assertEqual(lab.welcome["limits"]["message_bytes"], 100_000)
            command, meta, _bodies = lab.ask(PUBLISH, {"format": "native"}, b"x" * 100_001)
            self.assertEqual((command, meta["reason"]), (ERROR, "too_large"))
            self.assertIn("100000", meta["message"])

    def test_a_gigantic_message_drops_its_connection_and_no_other(self):
        with self.one.peer("ingest", "lab") as lab, self.one.peer("ingest", "other") as other:
            lab.send(PUBLISH, b"1", {"format": "native"}, b"x" * 1_000_000)
            self.assertIsNone(lab.receive(0.5))
            self.assertEqual(other.publish(person(nhs(11))), ["applied"])

    def test_publishing_before_hello_is_refused_and_may_be_repeated(self):
        with self.one.peer("ingest") as stranger:
            command, meta, _bodies = stranger.ask(PUBLISH, {"format": "native"}, native(person(nhs(1))))
            self.assertEqual((command, meta["reason"], meta["retry"]), (ERROR, "say_hello_first", True))
            command, meta, _bodies = stranger.ask(HELLO, {"publisher": "two words"})
            self.assertEqual((command, meta["reason"]), (ERROR, "bad_publisher"))

    def test_the_other_doors_refuse_what_is_not_theirs(self):
        with self.one.peer("feed") as ward:
            command, meta, _bodies = ward.ask(PUBLISH, {})
            self.assertEqual((command, meta["reason"]), (ERROR, "wrong_door"))
            command, meta, _bodies = ward.ask(SUBSCRIBE, {"consumer": "w", "from": "bw1-zzz", "credit": 1})
            self.assertEqual((command, meta["reason"]), (ERROR, "cursor_unknown"))
            for reason, question in (("bad_credit", {"consumer": "w", "credit": 10_001}),
                                     ("bad_member", {"consumer": "w", "credit": "5"}),
                                     ("bad_member", {"consumer": 5, "credit": 5})):
                command, meta, _bodies = ward.ask(SUBSCRIBE, question)
                self.assertEqual((command, meta["reason"]), (ERROR, reason))
        with self.one.peer("command") as client:
            command, meta, _bodies = client.ask(QUERY, {"what": "weather"})
            self.assertEqual((command, meta["reason"]), (ERROR, "unknown_query"))
            self.assertIn("'weather' is no query: status, alerts,", meta["message"])
            for reason, question in (("bad_limit", {"what": "alerts", "limit": -5}),
                                     ("bad_limit", {"what": "quarantine", "limit": "all"}),
                                     ("bad_state", {"what": "alerts", "state": "banana"}),
                                     ("unknown_monitor", {"what": "alerts", "monitor": "tsh-lo"}),
                                     ("bad_after", {"what": "alerts", "after": "7"}),
                                     ("bad_number", {"what": "quarantine", "number": "x"}),
                                     ("bad_identifier", {"what": "timeline"}),
                                     ("ahead", {"what": "explain", "patient": nhs(1), "at": day(30)}),
                                     ("ahead", {"what": "timeline", "patient": nhs(1), "as_known_at": day(30)})):
                with self.subTest(reason):
                    command, meta, _bodies = client.ask(QUERY, question)
                    self.assertEqual((command, meta["reason"]), (ERROR, reason))

    def test_a_request_socket_is_answered_too(self):
        peer = Peer(self.one.endpoints["ingest"], kind=zmq.REQ)
        peer.socket.send_multipart([b"BWP1", HELLO, b"1", b'{"publisher":"lab"}'])
        self.assertEqual(peer.receive()[0], b"\x02")
        peer.socket.send_multipart([b"BWP1", PUBLISH, b"2", b'{"format":"native"}', native(person(nhs(1)))])
        self.assertEqual(peer.receive()[2]["results"][0]["status"], "stored")
        peer.close()


class BadEvents(OneDaemon):
    def setUp(self):
        super().setUp()
        self.lab = self.one.peer("ingest", "lab")
        self.addCleanup(self.lab.close)

    def refused(self, body):
        """A body of which nothing is kept."""
        answer = self.lab.publish_raw(body)
        self.assertEqual((answer["status"], answer["retry"]), ("rejected", False), answer)
        self.assertRegex(answer["message"], r".{15,}")
        return answer

    def test_deep_json(self):
        deep = b'{"type":"result","attributes":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
        answer = self.refused(deep)
        self.assertEqual(answer["reason"], "too_deep")
        self.assertIn("nested more than 32 deep", answer["message"])

    def test_wrong_encoding(self):
        latin = native(result("L-1", nhs(1), "tsh", 1, "mU/L", day(-1))).replace(b'"L-1"', b'"\xe9"')
        answer = self.refused(latin)
        self.assertEqual(answer["reason"], "bad_encoding")
        self.assertIn("UTF-8", answer["message"])

    def test_another_encoding_is_named(self):
        lines = native(result("L-1", nhs(1), "tsh", 1, "mU/L", day(-1)))
        for body, word in ((lines.decode().encode("utf-16"), "UTF-16"), (lines.decode().encode("utf-16-le"), "UTF-16"),
                           (gzip.compress(lines), '"encoding":"gzip"')):
            answer = self.refused(body)
            self.assertEqual(answer["reason"], "bad_encoding")
            self.assertIn(word, answer["message"])

    def test_the_nearest_word_reaches_the_publisher(self):
        outcome = self.lab.publish_raw(native(result("L-1", nhs(1), "tsg", 1, "mU/L", day(-1))))["outcomes"][0]
        self.assertEqual((outcome["outcome"], outcome["reason"]), ("quarantined", "unknown_code"))
        self.assertIn("did you mean 'tsh'?", outcome["message"])

    def test_a_line_speaks_for_no_other_publisher(self):
        event = {**result("L-1", nhs(1), "tsh", 1, "mU/L", day(-1)), "publisher": "other"}
        outcome = self.lab.publish_raw(native(event))["outcomes"][0]
        self.assertEqual((outcome["outcome"], outcome["reason"]), ("quarantined", "other_publisher"))

    def test_an_impossible_nhs_number_unites_nobody(self):
        for publisher in ("lab-a", "lab-b"):
            with self.one.peer("ingest", publisher) as lab:
                answer = lab.publish_raw(native(result("L-1", "nhs:unknown", "tsh", 1, "mU/L", day(-1))))
            outcome = answer["outcomes"][0]
            self.assertEqual((outcome["outcome"], outcome["reason"]), ("quarantined", "bad_patient"))

    def test_what_is_not_json(self):
        self.assertEqual(self.refused(b'{"type":"result",\n')["reason"], "bad_json")
        self.assertEqual(self.refused(b'{"type":"result","type":"result"}\n')["reason"], "duplicate_key")
        self.assertEqual(self.refused(b"")["reason"], "empty_body")
        self.assertEqual(self.refused(b'{"type":"fax"}\n')["reason"], "unknown_type")

    def test_gzip_that_is_none(self):
        answer = self.lab.publish_raw(b"no gzip", encoding="gzip")
        self.assertEqual((answer["status"], answer["reason"]), ("rejected", "bad_gzip"))
        answer = self.lab.publish_raw(gzip.compress(b" " * (17 << 20)), encoding="gzip")
        self.assertEqual((answer["status"], answer["reason"]), ("rejected", "inflated_too_large"))
        answer = self.lab.publish_raw(gzip.compress(native(person(nhs(1)))), encoding="gzip")
        self.assertEqual(answer["outcomes"][0]["outcome"], "applied")

    def test_one_bad_line_sinks_no_other(self):
        good = vitamin_d("v-1", nhs(2), 80, day(-9))
        answer = self.lab.publish_raw(native(good) + b"{nonsense}\n" + native({**good, "id": "v-2", "unit": "furlong"}))
        self.assertEqual(answer["status"], "stored")
        self.assertEqual([outcome["outcome"] for outcome in answer["outcomes"]], ["applied", "rejected", "quarantined"])

    def test_nonsense_dates_are_quarantined(self):
        for at, reason in (("2026-02-30", "bad_time"), ("yesterday", "bad_time"), ("1066-10-14", "too_early"),
                           ("2999-01-01", "too_far_ahead"), (None, "missing_time")):
            event = result(f"L-{at}", nhs(1), "tsh", 1.2, "mU/L", at)
            if at is None:
                del event["at"]
            outcome = self.lab.publish_raw(native(event))["outcomes"][0]
            self.assertEqual((outcome["outcome"], outcome["reason"]), ("quarantined", reason), at)
        listed = self.one.rows("quarantine", "list")[-5:]
        self.assertEqual([row["reason"] for row in listed],
                         ["bad_time", "bad_time", "too_early", "too_far_ahead", "missing_time"])
        self.assertIn("2026-02-30", listed[0]["message"])

    def test_the_client_tells_the_publisher_of_a_file_the_same(self):
        file = self.folder / "file.ndjson"
        file.write_bytes(native(vitamin_d("v-1", nhs(3), 80, day(-9)), vitamin_d("v-2", nhs(3), 80,
                                                                                 "never")) + b"{nonsense}\n")
        code, out, error = self.one.client("publish", file)
        self.assertEqual((code, out), (65, ""))
        self.assertIn("quarantined: result v-2: bad_time at ", error)
        self.assertIn("'never' is not a time that exists", error)
        self.assertRegex(error, r"rejected: .*bad_json")
        summary = json.loads(error.splitlines()[-1])
        self.assertEqual({name: summary[name] for name in ("records", "applied", "quarantined", "rejected")},
                         {"records": 3, "applied": 1, "quarantined": 1, "rejected": 1})


class Quarantine(Scratch):
    def test_an_unknown_unit_is_quarantined_and_shown_whole(self):
        event = result("L-7", nhs(1), "tsh", 1.2, "furlong", day(-1))
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab:
            answer = lab.publish_raw(native(event))
        self.assertEqual(answer["status"], "stored")
        outcome = answer["outcomes"][0]
        self.assertEqual((outcome["outcome"], outcome["reason"], outcome["id"]), ("quarantined", "unknown_unit", "L-7"))
        self.assertIn("$.unit", outcome["place"])

        code, listed, _error = daemon.client("quarantine", "list")
        self.assertEqual(code, 0)
        self.assertRegex(listed, r"^1  \S+Z  lab  unknown_unit  result tsh  \S*.*\$\.unit\n")
        self.assertIn("1.2 furlong: nothing is known of this unit", listed)
        shown = daemon.rows("quarantine", "show", "1")[0]
        self.assertEqual(json.loads(shown["raw"]), event)
        self.assertEqual((shown["number"], shown["publisher"], shown["reason"]), (1, "lab", "unknown_unit"))
        code, table, _error = daemon.client("quarantine", "show", "1")
        self.assertIn(json.dumps(event), table)

        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(daemon.rows("quarantine", "show", "1")[0], shown, "it is there after a restart")
        code, _out, error = daemon.client("quarantine", "show", "2")
        self.assertEqual(code, 1)
        self.assertIn("nothing in quarantine has that number", error)


    def test_what_is_sent_again_is_kept_once(self):
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab, daemon.peer("ingest", "other") as other:
            bad, worse = (native(result(fact, nhs(1), "tsh", 1.2, "furlong", day(-1))) for fact in ("L-1", "L-2"))
            first = lab.publish_raw(bad)
            self.assertEqual(lab.publish_raw(bad), first)
            twice = lab.publish_raw(worse + bad + worse)
            self.assertEqual([outcome["outcome"] for outcome in twice["outcomes"]], ["quarantined"] * 3)
            self.assertEqual(len(daemon.rows("quarantine", "list")), 2)
            self.assertEqual(daemon.stop(), 0)
        daemon.start()
        with daemon.peer("ingest", "lab") as lab, daemon.peer("ingest", "other") as other:
            self.assertEqual(lab.publish_raw(bad), first, "the same position, after a restart too")
            self.assertNotEqual(other.publish_raw(bad)["position"], first["position"], "another publisher's is another")
        self.assertEqual([row["number"] for row in daemon.rows("quarantine", "list")], [1, 2, 3])


class Unreachable(Scratch):
    def test_every_online_command_says_that_no_daemon_answers(self):
        file = self.folder / "file.ndjson"
        file.write_bytes(native(person(nhs(1))))
        nowhere = f"ipc://{self.folder}/nowhere"
        commands = (["status"], ["alerts"], ["publish", file], ["feed", "tail", "--consumer", "x"], ["quarantine",
                                                                                                     "list"],
                    ["timeline", nhs(1)], ["explain", nhs(1)], ["alert", "show", "x"], ["alert", "ack", "x", "--by",
                                                                                        "me"])
        with concurrent.futures.ThreadPoolExecutor(len(commands)) as at_once:
            answers = at_once.map(lambda command: run_client(*command, "--connect", nowhere), commands)
        for command, answer in zip(commands, answers):
            with self.subTest(command[0]):
                self.assertEqual(answer, (69, "", f"bonewatch: {nowhere}: No daemon answers at {nowhere}. "
                                                  "Is bonewatchd running, and is this its endpoint?\n"))

    def test_usage(self):
        for command in ([], ["frobnicate"], ["alerts", "--state", "shut"], ["publish"], ["feed", "tail"], ["alert",
                                                                                                           "ack", "x"],
                        ["replay", "x", "--output", "xml"], ["quarantine", "show", "none"], ["status", "--nonsense"]):
            with self.subTest(" ".join(command)):
                code, out, error = run_client(*command)
                self.assertEqual((code, out), (64, ""))
                self.assertRegex(error, r"\S")


if __name__ == "__main__":
    unittest.main()
