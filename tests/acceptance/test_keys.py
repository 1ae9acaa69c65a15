#!/usr/bin/python3
"""Who may connect, and what each key may do: the clients' keys from their making to their end."""
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import unittest

from guarded import Guarded, publish_one, ran
from under_test import (BONEWATCH, COMMAND, ERROR, HELLO, PATIENCE, QUERY, RESULT, SUBSCRIBE, Scratch, day, native, nhs,
                        person, run_client, vitamin_d)


class Roles(Guarded):
    def setUp(self):
        super().setUp()
        self.lab = self.known("lab", "publisher", more=["--source", "north-lab", "--source", "north-lab-2"])
        self.ward = self.known("ward", "subscriber", more=["--consumer", "ward-7"])
        self.doctor = self.known("doctor", "clinician")
        self.ops = self.known("ops", "operator")
        self.one.start()

    def test_each_does_what_its_key_allows_and_nothing_else(self):
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)), vitamin_d("v", nhs(1), 18, day(-20)))[0], RESULT)
        with self.subscriber(self.ward, "ward-7") as ward:
            alert = ward.drain()[0]["alert"]
        with self.peer("command", self.doctor) as doctor:
            self.assertEqual(len(doctor.query("alerts")), 1)
            self.assertEqual(doctor.ask(COMMAND, {"action": "acknowledge", "alert": alert, "actor": "Dr A"})[0], RESULT)
        with self.peer("command", self.ops) as ops:
            self.assertEqual(ops.query("quarantine"), [])
        for door, keys, command, meta, reason in (
                ("ingest", self.ward, HELLO, {"publisher": "ward"}, "not_allowed"),
                ("ingest", self.doctor, HELLO, {"publisher": "doctor"}, "not_allowed"),
                ("feed", self.lab, SUBSCRIBE, {"consumer": "lab", "credit": 1}, "not_allowed"),
                ("feed", self.ward, SUBSCRIBE, {"consumer": "ward-8", "credit": 1}, "other_consumer"),
                ("command", self.lab, QUERY, {"what": "status"}, "not_allowed"),
                ("command", self.ward, QUERY, {"what": "alerts"}, "not_allowed"),
                ("command", self.ops, QUERY, {"what": "timeline", "patient": nhs(1)}, "not_allowed"),
                ("command", self.ops, COMMAND, {"action": "acknowledge", "alert": alert, "actor": "x"}, "not_allowed"),
                ("command", self.doctor, QUERY, {"what": "quarantine"}, "not_allowed")):
            with self.subTest(door=door, key=keys.secret.stem, meta=meta):
                self.assertEqual(self.refusal(door, keys, command, meta), reason)

    def test_the_tail_is_for_subscribers(self):
        self.assert_refused_tail(self.lab)
        arguments = ["feed", "look", "--connect", self.one.endpoints["tail"], "--output", "ndjson", *self.ward.options]
        look = subprocess.Popen([BONEWATCH, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        self.addCleanup(look.communicate)
        self.addCleanup(look.kill)
        patients = iter(range(100, 100_000))
        with self.peer("ingest", self.lab, "north-lab") as lab:
            def is_heard():
                patient = nhs(next(patients))
                publish_one(lab, person(patient), vitamin_d("v", patient, 18, day(-20)))
                return bool(select.select([look.stdout], [], [], 0.1)[0])
            self.eventually(is_heard, "the tail says nothing")
            ran("key", "revoke", "ward", "--keys", self.keys)
            # Its connection is closed, and the next is refused: it says so, and ends.
            self.assertEqual(look.wait(PATIENCE), 77)
        self.assertIn("refused this key", look.stderr.read())
        self.eventually(lambda: self.counts(self.ops)["since_start"]["tail"].get("connection_closed", 0) == 1,
                        "the connection was not closed")

    def assert_refused_tail(self, keys):
        code, out, error = run_client("feed", "look", "--connect", self.one.endpoints["tail"], "--until-idle",
                                      PATIENCE, *keys.options)
        self.assertEqual((code, out), (77, ""))
        self.assertIn(keys.fingerprint, error)
        self.eventually(lambda: self.counts(self.ops)["since_start"]["tail"].get("wrong_role") == 1, "not counted")

    def test_a_role_taken_away_counts_at_once(self):
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
            file = self.keys / "lab.pub"
            file.write_text(file.read_text().replace('"north-lab", ', ""))
            self.eventually(lambda: publish_one(lab, person(nhs(1)))[1].get("reason") == "say_hello_first",
                            "its greeting still counts")
            command, meta, _bodies = lab.ask(HELLO, {"publisher": "north-lab"})
            self.assertEqual((command, meta["reason"]), (ERROR, "other_publisher"))
            self.assertEqual(lab.ask(HELLO, {"publisher": "north-lab-2"})[0], b"\x02")

    def test_a_stranger_s_program_connects_with_a_key(self):
        folder = pathlib.Path(__file__).parent
        done = subprocess.run([sys.executable, "-B", folder / "publisher.py", self.one.endpoints["ingest"], "north-lab",
                               self.lab.secret, self.server], input=native(person(nhs(1))), capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b'"applied"', done.stdout)

    def test_a_half_written_file_changes_nothing_and_is_named(self):
        file = self.keys / "lab.pub"
        whole = file.read_text()
        file.write_text(whole[:whole.index("sources") + 5])
        self.eventually_logged(f"event=key_refused place={file}:")
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        self.assertEqual(self.counts(self.ops)["refused_files"], 1)
        # What is cut before the roles allows nothing more than the whole did: it is no key's file at all.
        file.write_text("")
        time.sleep(1.5)
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        file.write_text(whole.replace("north-lab-2", "north-lab-3"))
        self.eventually(lambda: self.counts(self.ops)["refused_files"] == 0, "it is not read again")
        with self.peer("ingest", self.lab, "north-lab-3"):
            pass

    def test_what_is_no_plain_file_holds_nothing_up(self):
        os.mkfifo(self.keys / "pipe.pub", 0o640)
        (self.keys / "folder.pub").mkdir(mode=0o750)
        self.eventually(lambda: self.counts(self.ops)["refused_files"] == 2, "they are not refused")
        (self.keys / "lab.pub").unlink()
        self.eventually(lambda: self.handshake("ingest", self.lab, 5) == "HANDSHAKE_FAILED_AUTH", "it gets in still")
        self.assertEqual(self.one.stop(), 0)

    def test_a_hangup_reads_the_keys_again_and_ends_nothing(self):
        self.one.process.send_signal(signal.SIGHUP)
        self.eventually_logged("event=keys_read clients=4 refused_files=0")
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)

    def test_nothing_secret_is_logged(self):
        self.assert_refused("ingest", self.made("bad"))
        with self.peer("ingest", self.lab, "north-lab") as lab:
            publish_one(lab, person(nhs(1)))
        self.eventually_logged("what=unknown_key")
        log = self.one.log.read_text()
        for file in self.folder.glob("*.secret"):
            secret = file.read_text().split('secret_key = "')[1].split('"')[0]
            self.assertNotIn(secret, log)

    def test_a_key_rotates_without_a_gap(self):
        new = self.made("lab-next")
        out = ran("key", "rotate", "lab", new.public, "--overlap-days", 1, "--keys", self.keys)
        self.assertIn(new.fingerprint, out)
        self.eventually(lambda: self.handshake("ingest", new) == "HANDSHAKE_SUCCEEDED", "the new key is not taken")
        for keys in (self.lab, new):
            with self.peer("ingest", keys, "north-lab") as lab:
                self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        rows = [json.loads(line) for line in ran("key", "list", "--keys", self.keys, "--output", "ndjson").splitlines()]
        row = next(row for row in rows if row["name"] == "lab")
        self.assertEqual((row["standing"], row["previous_standing"]), ("good", "good"))
        self.assertEqual((row["fingerprint"], row["previous_fingerprint"]), (new.fingerprint, self.lab.fingerprint))
        last = self.made("lab-last")
        ran("key", "rotate", "lab", last.public, "--overlap-days", 0, "--keys", self.keys)
        self.eventually(lambda: self.handshake("ingest", new) == "HANDSHAKE_FAILED_AUTH", "the old key is still taken")
        with self.peer("ingest", last, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)


class Doors(Guarded):
    doors = "tcp://*:0"

    def test_a_door_for_other_machines_takes_keys(self):
        lab = self.known("lab", "publisher")
        self.one.start()
        endpoint = self.one.endpoints["ingest"].replace("0.0.0.0", "127.0.0.1")
        file = self.folder / "events"
        file.write_bytes(native(person(nhs(1))))
        code, _out, error = run_client("publish", file, "--publisher", "lab", "--connect", endpoint, *lab.options)
        self.assertEqual(code, 0, error)

    def test_without_keys_it_is_refused(self):
        config = self.one.config
        config.write_text(config.read_text().replace('keys = "', 'doors = ["feed", "command", "tail"]\nkeys = "'))
        code, _out, error = self.one.run("--check-config")
        self.assertEqual(code, 1)
        self.assertRegex(error, rf"{config}:\d+:\d+: .*'ingest': 'tcp://\*:0' can be reached from other machines")
        self.assertEqual(self.one.run()[0], 78)

    def test_a_door_that_is_left_out_asks_for_no_key(self):
        config = self.one.config
        config.write_text(config.read_text().replace('ingest = "tcp://*:0"', 'ingest = "tcp://127.0.0.1:0"').replace(
            'keys = "', 'doors = ["feed", "command", "tail"]\nkeys = "'))
        self.one.start()
        with self.one.peer("ingest", "lab") as lab:
            self.assertEqual(lab.publish(person(nhs(1))), ["applied"])
        code, _out, error = run_client("publish", self.folder / "events", "--connect", self.one.endpoints["ingest"],
                                       "--key", self.made("lab").secret, "--server-key", self.server)
        self.assertEqual(code, 65, error)  # There is no such file.

    def test_the_daemon_does_not_start_with_keys_that_it_cannot_trust(self):
        self.known("lab", "publisher")
        for what, spoil in (("secret_is_open", lambda: (self.folder / "server.secret").chmod(0o640)),
                            ("its owner may write", lambda: (self.keys / "lab.pub").chmod(0o660)),
                            ("its owner may write", lambda: self.keys.chmod(0o770)),
                            ("roles", lambda: (self.keys / "lab.pub").write_text("public_key = ''\n")),
                            ("No such file", lambda: (self.folder / "server.secret").unlink())):
            with self.subTest(what):
                spoil()
                code, _out, error = self.one.run("--check-config")
                self.assertEqual(code, 1)
                self.assertEqual(self.one.run()[0], 78)
                if what == "secret_is_open":
                    what = "may read or write this secret key"
                self.assertIn(what, error)
                if (self.folder / "server.secret").exists():
                    (self.folder / "server.secret").chmod(0o600)
                (self.keys / "lab.pub").chmod(0o640)
                self.keys.chmod(0o750)


class CommandLine(Scratch):
    def setUp(self):
        super().setUp()
        self.keys = self.folder / "keys"
        self.keys.mkdir(mode=0o750)
        ran("key", "generate", "lab", "--into", self.folder)

    def test_a_pair_is_made_once_and_its_secret_is_its_owner_s(self):
        self.assertEqual((self.folder / "lab.secret").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.folder / "lab.pub").stat().st_mode & 0o777, 0o640)
        self.assertNotIn("secret_key", (self.folder / "lab.pub").read_text())
        before = (self.folder / "lab.secret").read_text()
        code, _out, error = run_client("key", "generate", "lab", "--into", self.folder)
        self.assertEqual(code, 64)
        self.assertIn("is there already", error)
        self.assertEqual((self.folder / "lab.secret").read_text(), before)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["keys", "lab.pub", "lab.secret"])

    def test_adding_listing_and_revoking(self):
        self.assertEqual(ran("key", "list", "--keys", self.keys), "no clients\n")
        out = ran("key", "add", "lab", self.folder / "lab.pub", "--role", "publisher", "--source", "north-lab",
                  "--not-after", "2099-12-31", "--note", "Jo \"North\", ext. 12", "--keys", self.keys)
        fingerprint = ran("key", "fingerprint", self.folder / "lab.pub").strip()
        self.assertIn(fingerprint, out)
        self.assertRegex(fingerprint, r"^([0-9a-f]{4}-){4}[0-9a-f]{4}$")
        self.assertEqual((self.keys / "lab.pub").stat().st_mode & 0o777, 0o640)
        row = json.loads(ran("key", "list", "--keys", self.keys, "--output", "ndjson"))
        self.assertEqual(row, {"name": "lab", "standing": "good", "fingerprint": fingerprint, "roles": ["publisher"],
                               "sources": ["north-lab"], "consumers": ["lab"], "not_after": "2100-01-01T00:00:00Z",
                               "note": "Jo \"North\", ext. 12"})
        ran("key", "revoke", "lab", "--keys", self.keys)
        self.assertEqual(json.loads(ran("key", "list", "--keys", self.keys, "--output", "ndjson"))["standing"],
                         "key_revoked")
        self.assertIn("2100-01-01", (self.keys / "lab.pub").read_text())

    def test_what_cannot_be(self):
        public = self.folder / "lab.pub"
        ran("key", "add", "lab", public, "--role", "publisher", "--keys", self.keys)
        for arguments, code, words in (
                (["add", "lab2", public, "--role", "publisher"], 64, "'lab' has this key already"),
                (["add", "lab", "x" * 40, "--role", "publisher"], 64, "is there already"),
                (["add", "../lab", "x" * 40, "--role", "publisher"], 64, "the file's name has"),
                (["add", "b", "x" * 40, "--role", "publish"], 64, "'publish' is no role"),
                (["add", "b", "x" * 40, "--role", "publisher", "--not-after", "soon"], 64, "--not-after"),
                (["add", "b", self.folder / "none.pub", "--role", "publisher"], 78, "neither a public key"),
                (["add", "b", "x" * 40, "--role", "publisher", "--source", "two words"], 64, "without spaces"),
                (["revoke", "nobody"], 1, "no client 'nobody'"),
                (["rotate", "lab", public], 64, "'lab' has this key already")):
            with self.subTest(arguments[0], words=words):
                answer = run_client("key", *arguments, "--keys", self.keys)
                self.assertEqual((answer[0], answer[1]), (code, ""), answer[2])
                self.assertIn(words, answer[2])
        self.assertEqual([path.name for path in self.keys.iterdir()], ["lab.pub"])

    def test_a_client_needs_both_keys_and_its_secret_to_itself(self):
        code, _out, error = run_client("status", "--key", self.folder / "lab.secret")
        self.assertEqual(code, 64)
        self.assertIn("Keys come in pairs", error)
        (self.folder / "lab.secret").chmod(0o644)
        code, _out, error = run_client("status", "--key", self.folder / "lab.secret", "--server-key",
                                       self.folder / "lab.pub")
        self.assertEqual(code, 78)
        self.assertIn("others than its owner may read", error)


if __name__ == "__main__":
    unittest.main()
