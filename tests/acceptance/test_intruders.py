#!/usr/bin/python3
"""Those who must not get in: nobody does, the service goes on, and log and counts say so."""
import ctypes
import datetime
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest

from guarded import Guarded, publish_one, ran
from under_test import BONEWATCH, ERROR, PATIENCE, RESULT, Peer, day, native, nhs, person, run_client, vitamin_d


WALL = 0x40000000  # To wait for a thread: __WALL.


class Intruders(Guarded):
    def setUp(self):
        super().setUp()
        self.lab = self.known("lab", "publisher", more=["--source", "north-lab"])
        self.ops = self.known("ops", "operator", "clinician")
        self.ward = self.known("ward", "subscriber", more=["--consumer", "ward-7", "--consumer", "ward-8"])
        self.one.start()
        self.address = self.one.endpoints["ingest"].removeprefix("tcp://").rsplit(":", 1)

    def count(self, what, door="ingest"):
        return self.counts(self.ops)["since_start"].get(door, {}).get(what, 0)

    def assert_serves(self, seconds=PATIENCE):
        """A good client is served, on a new connection too."""
        began = time.monotonic()
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        took = time.monotonic() - began
        self.assertLess(took, seconds)
        return took

    def publish(self, keys, *more):
        file = self.folder / "events"
        file.write_bytes(native(person(nhs(1))))
        options = keys.options if keys is not None else []
        return run_client("publish", file, "--publisher", "north-lab", "--connect", self.one.endpoints["ingest"],
                          *options, *more)

    def test_an_unknown_key(self):
        bad = self.made("bad")
        for door in ("ingest", "feed", "command"):
            self.assert_refused(door, bad)
            self.eventually(lambda door=door: self.count("unknown_key", door) == 1, "it was not counted")
        self.eventually_logged(f"what=unknown_key count=1 since_start=1 last: fingerprint={bad.fingerprint} "
                               "from=127.0.0.1")
        code, out, error = self.publish(bad)
        self.assertEqual((code, out), (77, ""))
        self.assertIn(f"refused this key (fingerprint {bad.fingerprint})", error)
        self.assertIn("`bonewatch key add`", error)
        # Nothing that it sent came in.
        with self.peer("command", self.ops) as ops:
            self.assertIn('"messages":0', ops.query("status")[0])
        self.assert_serves()

    def test_a_good_key_with_another_server_s_key(self):
        self.lab.server = self.ops.public
        code, _out, error = self.publish(self.lab)
        self.assertEqual(code, 77)
        self.assertIn("is not the server with the key that --server-key names", error)
        self.assertGreater(self.count("handshake_broken"), 0)

    def test_a_plain_client(self):
        code, _out, error = self.publish(None)
        self.assertEqual(code, 77)
        self.assertIn("takes the owners of known keys only", error)
        # Where the daemon closes before the client has read that it asks for keys, libzmq gives no detail.
        self.assertIn(self.handshake("ingest", None), ("HANDSHAKE_FAILED_PROTOCOL", "HANDSHAKE_FAILED_NO_DETAIL"))
        # Whichever side sees first that they do not agree closes: where that is the client, it left.
        self.eventually(lambda: self.count("handshake_broken") + self.count("handshake_unfinished") >= 2,
                        "it was not counted")
        self.assert_serves()

    def test_a_key_at_a_door_that_takes_none(self):
        plain = self.started("plain")
        file = self.folder / "events"
        file.write_bytes(native(person(nhs(1))))
        code, _out, error = run_client("publish", file, "--connect", plain.endpoints["ingest"], *self.lab.options)
        self.assertEqual(code, 77)
        self.assertIn("takes no keys", error)

    def test_a_key_revoked_while_connected(self):
        arguments = ["feed", "tail", "--consumer", "ward-8", "--connect", self.one.endpoints["feed"],
                     *self.ward.options]
        tail = subprocess.Popen([BONEWATCH, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        self.addCleanup(tail.communicate)
        self.addCleanup(tail.kill)
        with self.peer("ingest", self.lab, "north-lab") as lab, self.subscriber(self.ward, "ward-7") as ward:
            publish_one(lab, person(nhs(1)))
            for name in ("ward", "lab"):
                ran("key", "revoke", name, "--keys", self.keys)
            answers = []

            def is_refused():
                answers.append(publish_one(lab, person(nhs(2)), vitamin_d("v", nhs(2), 18, day(-20))))
                return answers[-1][0] == ERROR
            self.eventually(is_refused, "the revoked key is served")
            self.assertEqual(answers[-1][1]["reason"], "key_revoked")
            for door in ("ingest", "feed"):
                self.eventually(lambda door=door: self.count("connection_closed", door) >= 1, f"{door} is not closed")
            # Whoever subscribed hears that, and nothing else.
            frame = ward.receive()
            while frame[0] != ERROR:
                frame = ward.receive()
            self.assertEqual(frame[2]["reason"], "key_revoked")
            self.assertIsNone(ward.receive(1))
        self.assertEqual(tail.wait(PATIENCE), 77)
        self.assertIn("key", tail.stderr.read())
        for door, keys in (("ingest", self.lab), ("feed", self.ward)):
            self.assert_refused(door, keys)
            self.eventually(lambda door=door: self.count("key_revoked", door) >= 1, "it was not counted")
        self.eventually_logged("what=key_revoked")
        code, _out, error = self.publish(self.lab)
        self.assertEqual(code, 77)
        self.assertIn("refused this key", error)

    def test_a_publisher_whose_key_is_revoked_in_the_midst(self):
        """Our own client says so, and ends; what was stored before stays."""
        clinic = self.folder / "clinic"
        with open(clinic, "wb") as out:
            subprocess.run([BONEWATCH, "simulate", "--patients", "2000", "--years", "3", "--seed", "1"], stdout=out,
                           check=True)
        publishing = subprocess.Popen([BONEWATCH, "publish", str(clinic), "--publisher", "north-lab", "--connect",
                                       self.one.endpoints["ingest"], *map(str, self.lab.options)],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(publishing.communicate)
        self.addCleanup(publishing.kill)
        time.sleep(0.3)
        (self.keys / "lab.pub").unlink()
        code = publishing.wait(2 * PATIENCE)
        if code == 0:
            self.skipTest("this machine publishes faster than a key is taken away")
        self.assertEqual(code, 77, publishing.stderr.read())

    def test_an_expired_key(self):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        late = self.known("late", "publisher", more=["--not-after", "2020-01-01"])
        self.known("brief", "publisher", more=["--not-after", soon.strftime("%Y-%m-%dT%H:%M:%SZ")])
        brief = type(late)(self.folder / "brief.secret", self.server)
        self.eventually(lambda: self.handshake("ingest", brief) == "HANDSHAKE_SUCCEEDED", "the key is not taken")
        with self.peer("ingest", brief, "brief") as lab:
            self.eventually(lambda: publish_one(lab, person(nhs(3)))[1].get("reason") == "key_expired",
                            "it is served though its time is over")
            self.eventually(lambda: self.count("connection_closed") == 1, "its connection is not closed")
        for keys in (late, brief):
            self.assert_refused("ingest", keys)
        self.eventually(lambda: self.count("key_expired") >= 3, "it was not counted")
        self.assert_serves()

    def test_the_right_key_for_another_laboratory(self):
        self.assertEqual(self.greeting(self.lab, "south-lab"), "other_publisher")
        file = self.folder / "events"
        file.write_bytes(native(person(nhs(1))))
        code, _out, error = run_client("publish", file, "--publisher", "south-lab", "--connect",
                                       self.one.endpoints["ingest"], *self.lab.options)
        self.assertEqual(code, 77)
        self.assertIn("The key of 'lab' does not speak for the publisher 'south-lab'", error)
        with self.peer("ingest", self.lab, "north-lab") as lab:
            _command, answer = publish_one(lab, {**person(nhs(1)), "publisher": "south-lab"})
            outcome = answer["results"][0]["outcomes"][0]
            self.assertEqual((outcome["outcome"], outcome["reason"]), ("quarantined", "other_publisher"))
            # A refused greeting leaves the one before it as it was.
            self.assertEqual(lab.ask(b"\x01", {"publisher": "south-lab"})[0], ERROR)
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        self.assertEqual(self.count("other_publisher"), 3)
        self.eventually_logged("what=other_publisher count=")
        self.eventually_logged(f"fingerprint={self.lab.fingerprint} key=lab")

    def test_garbage_and_connections_that_say_nothing(self):
        chance = random.Random(7)
        rude = [socket.create_connection(self.address, PATIENCE) for _ in range(1000)]
        for one in rude:
            self.addCleanup(one.close)
        took = self.assert_serves(5)
        for n, one in enumerate(rude[:300]):
            greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\x00" + bytes(31)
            one.sendall((greeting if n % 2 else b"") + chance.randbytes(chance.randrange(1, 400)))
        self.assert_serves(5)
        self.eventually(lambda: self.count("accepted") >= 1000, "connections were not counted")
        self.eventually_logged("what=accepted count=")
        self.eventually(lambda: self.count("handshake_broken") >= 50, "garbage was not counted")
        # Who says nothing is sent away after ten seconds.
        self.eventually(lambda: self.count("handshake_unfinished") >= 600, "they are not sent away")
        self.assert_serves(5)
        for one in rude[300:]:
            one.settimeout(PATIENCE)
            while one.recv(100):
                pass
        print(f"served within {1000 * took:.0f} ms beside a thousand half-open connections", end=" ", flush=True)
        # A line a second for each kind, however many they were.
        lines = [line for line in self.one.log.read_text().splitlines() if "handshake_" in line]
        self.assertLess(len(lines), 60)

    def test_more_connections_than_there_are_descriptors(self):
        """Whoever is in goes on, and the store gets all that it needs."""
        few = 512
        self.one.stop()
        self.one.before_exec = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))
        self.one.start()
        address = self.one.endpoints["ingest"].removeprefix("tcp://").rsplit(":", 1)
        with self.peer("ingest", self.lab, "north-lab") as lab:
            for _ in range(2 * few):
                one = socket.socket()
                self.addCleanup(one.close)
                one.setblocking(False)
                one.connect_ex((address[0], int(address[1])))
            for n in range(100):
                events = [vitamin_d(f"v{k}", nhs(n), 18 + k, day(-20 - k)) for k in range(100)]
                self.assertEqual(publish_one(lab, person(nhs(n)), *events)[0], RESULT)
            self.eventually(lambda: "what=turned_away" in self.one.log.read_text(), "nobody was turned away")
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
        self.eventually(lambda: self.handshake("ingest", self.lab, 1) == "HANDSHAKE_SUCCEEDED", "nobody gets in later")
        self.assertNotIn("Too many open files", self.one.log.read_text())

    def test_a_recorded_handshake_is_worth_nothing(self):
        """What a good client sent is sent again, byte by byte, many times over."""
        recorded = self.record_one_client()
        self.assertGreater(len(recorded), 400)
        before = self.count("handshake_broken")
        for _ in range(200):
            with socket.create_connection(self.address, PATIENCE) as again:
                again.settimeout(0.5)
                try:
                    again.sendall(recorded)
                    while again.recv(4096):
                        pass
                except OSError:
                    pass
        self.eventually(lambda: self.count("handshake_broken") >= before + 200, "replays were not counted")
        with self.peer("command", self.ops) as ops:
            self.assertIn('"messages":1,', ops.query("status")[0])
        self.assert_serves(5)

    def record_one_client(self):
        """All bytes that a good client sends for a HELLO and a PUBLISH."""
        listening = socket.create_server(("127.0.0.1", 0))
        recorded = bytearray()

        def pass_on(source, target, copy):
            try:
                while data := source.recv(4096):
                    copy.extend(data)
                    target.sendall(data)
            except OSError:
                pass
            target.close()

        def serve():
            client, _ = listening.accept()
            server = socket.create_connection(self.address, PATIENCE)
            threading.Thread(target=pass_on, args=(server, client, bytearray()), daemon=True).start()
            pass_on(client, server, recorded)

        proxy = threading.Thread(target=serve, daemon=True)
        proxy.start()
        with Peer(f"tcp://127.0.0.1:{listening.getsockname()[1]}", "north-lab", keys=self.lab) as lab:
            self.assertEqual(publish_one(lab, person(nhs(9)))[0], RESULT)
        proxy.join(PATIENCE)
        listening.close()
        return bytes(recorded)

    def test_many_strangers_at_once(self):
        """Whole handshakes with keys that nobody knows, for some seconds, while a good client goes on."""
        bad = self.made("bad")
        until = time.monotonic() + 4
        tries = []

        def knock():
            while time.monotonic() < until:
                tries.append(self.handshake("ingest", bad))
        strangers = [threading.Thread(target=knock) for _ in range(4)]
        for stranger in strangers:
            stranger.start()
        slowest = max(self.assert_serves(5) for _ in range(20))
        for stranger in strangers:
            stranger.join()
        self.assertEqual(set(tries), {"HANDSHAKE_FAILED_AUTH"})
        self.eventually(lambda: self.count("unknown_key") == len(tries), "they were not all counted")
        lines = [line for line in self.one.log.read_text().splitlines() if "what=unknown_key" in line]
        self.assertLess(len(lines), 15)
        print(f"{len(tries)} strangers in 4 s; the slowest good client took {1000 * slowest:.0f} ms", end=" ",
              flush=True)

    def test_the_answerer_stands_still(self):
        """Nobody gets in, whoever is in goes on, and the daemon notices and stops."""
        with self.peer("ingest", self.lab, "north-lab") as lab:
            self.assertEqual(publish_one(lab, person(nhs(1)))[0], RESULT)
            thread = thread_of(self.one.process.pid, "keys-answerer")
            with stopped(thread):
                self.assertIsNone(self.handshake("ingest", self.lab, 1))
                self.assertIsNone(self.handshake("ingest", self.made("bad"), 1))
                self.assertEqual(publish_one(lab, person(nhs(2)))[0], RESULT)
                # A hangup has the doors tried at once, as happens each minute.
                self.one.process.send_signal(signal.SIGHUP)
                self.eventually_logged("event=doors_unguarded reason=nobody_answers")
                os.waitpid(thread, WALL)  # Who traces a thread takes leave of it.
                self.assertEqual(self.one.ended(), 75)
        # What was acknowledged is there.
        self.one.start()
        with self.peer("command", self.ops) as ops:
            self.assertEqual(len(ops.query("timeline", patient=nhs(2))), 1)


def thread_of(process, name):
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise AssertionError(f"there is no thread {name}")


class stopped:
    """One thread of a child stands still: ptrace, as a debugger does."""
    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17

    def __init__(self, thread):
        self.thread = thread
        self.ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        self.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def __enter__(self):
        for request in (self.SEIZE, self.INTERRUPT):
            if self.ptrace(request, self.thread, None, None) != 0:
                raise unittest.SkipTest(f"ptrace is not allowed: {os.strerror(ctypes.get_errno())}")
        os.waitpid(self.thread, WALL)

    def __exit__(self, *_error):
        self.ptrace(self.DETACH, self.thread, None, None)


if __name__ == "__main__":
    unittest.main()
