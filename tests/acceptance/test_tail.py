#!/usr/bin/python3
"""The feed's tail: for those who only look, a ZeroMQ SUB or `bonewatch feed look`."""
import json
import select
import subprocess
import unittest

import zmq

from under_test import BONEWATCH, PATIENCE, Scratch, day, nhs, person, result, run_client, vitamin_d


def low_vitamin_d(patient):
    return [vitamin_d("v", patient, 18, day(-20))]


def suppressed_tsh(patient):
    return [result(f"t{n}", patient, "tsh", 0.02, "mU/L", day(at)) for n, at in enumerate((-200, -30))]


class Tail(Scratch):
    def setUp(self):
        super().setUp()
        self.daemon_ = self.started(more='tail = "tcp://127.0.0.1:0"\n')
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def looking(self, topic):
        socket = self.context.socket(zmq.SUB)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.SUBSCRIBE, topic)
        socket.connect(self.daemon_.endpoints["tail"])
        return socket

    patients = iter(range(1000, 1000 + 30 * PATIENCE))

    def publish_until(self, is_heard, events=low_vitamin_d):
        """A looker is only sure to be connected once it has heard something."""
        with self.daemon_.peer("ingest", "first") as lab:
            for n in self.patients:
                lab.publish(person(nhs(n)), *events(nhs(n)))
                if is_heard():
                    return
        self.fail("the tail says nothing")

    def publish_until_heard(self, socket, events):
        self.publish_until(lambda: socket.poll(100), events)
        while socket.poll(100):
            socket.recv_multipart()

    def test_it_sends_the_same_bytes_as_the_feed_to_those_who_ask_for_the_monitor(self):
        every, other = self.looking(b"BWP1 "), self.looking(b"BWP1 tsh-")
        self.publish_until_heard(other, suppressed_tsh)
        self.publish_until_heard(every, low_vitamin_d)
        with self.daemon_.subscriber("ward", start="now") as ward, self.daemon_.peer("ingest", "lab") as lab:
            lab.publish(person(nhs(1)), *low_vitamin_d(nhs(1)))
            lab.publish(*suppressed_tsh(nhs(1)))
            ward.drain()
            self.assertEqual(len(ward.entries), 2)
            heard = []
            while len(heard) < len(ward.entries):
                self.assertTrue(every.poll(1000 * PATIENCE))
                heard.append(every.recv_multipart())
        self.assertEqual([(position.decode(), entry) for _topic, position, entry in heard], ward.entries)
        self.assertEqual([topic for topic, _position, _entry in heard],
                         [b"BWP1 vitamin-d-deficient", b"BWP1 tsh-suppressed"])
        self.assertTrue(other.poll(1000 * PATIENCE))
        self.assertEqual(other.recv_multipart()[0], b"BWP1 tsh-suppressed")
        self.assertFalse(other.poll(100))

    def test_the_client_looks(self):
        arguments = ["feed", "look", "--connect", self.daemon_.endpoints["tail"], "--output", "ndjson",
                     "--monitor", "vitamin", "--until-idle", str(PATIENCE)]
        with subprocess.Popen([BONEWATCH, *arguments], stdout=subprocess.PIPE, text=True) as looking:
            self.publish_until(lambda: select.select([looking.stdout], [], [], 0.1)[0])
            self.assertEqual(json.loads(looking.stdout.readline())["monitor"], "vitamin-d-deficient")
            looking.kill()

    def test_the_client_ends_when_nothing_comes(self):
        code, out, error = run_client("feed", "look", "--connect", self.daemon_.endpoints["tail"], "--until-idle", "1")
        self.assertEqual((code, out, error), (0, "", ""))

    def test_without_the_setting_there_is_none(self):
        self.assertEqual(sorted(self.started("other").endpoints), ["command", "feed", "ingest"])


if __name__ == "__main__":
    unittest.main()
