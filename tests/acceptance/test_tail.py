#!/usr/bin/python3
"""The feed's tail: for those who only look, a ZeroMQ SUB or `bonewatch feed look`."""
import json
import subprocess
import unittest

import zmq

from under_test import BONEWATCH, PATIENCE, Scratch, day, nhs, person, result, vitamin_d


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

    def publish_until_heard(self, socket):
        """A looker is only sure to be connected once it has heard something."""
        with self.daemon_.peer("ingest", "first") as lab:
            for n in range(900, 1000):
                lab.publish(person(nhs(n)), vitamin_d("v", nhs(n), 18, day(-20)))
                if socket.poll(100):
                    while socket.poll(100):
                        socket.recv_multipart()
                    return
        self.fail("the tail says nothing")

    def test_it_sends_the_same_bytes_as_the_feed_to_those_who_ask_for_the_monitor(self):
        every, other = self.looking(b"BWP1 "), self.looking(b"BWP1 tsh-")
        self.publish_until_heard(every)
        with self.daemon_.subscriber("ward", start="now") as ward, self.daemon_.peer("ingest", "lab") as lab:
            lab.publish(person(nhs(1)), vitamin_d("v1", nhs(1), 18, day(-20)))
            lab.publish(*(result(f"t{n}", nhs(1), "tsh", 0.02, "mU/L", day(at)) for n, at in enumerate((-200, -30))))
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
                     "--monitor", "vitamin", "--until-idle", "2"]
        with subprocess.Popen([BONEWATCH, *arguments], stdout=subprocess.PIPE, text=True) as looking:
            self.publish_until_heard(self.looking(b"BWP1 vitamin"))
            lines = [json.loads(line) for line in looking.stdout]
        self.assertEqual(looking.returncode, 0)
        self.assertEqual({line["monitor"] for line in lines}, {"vitamin-d-deficient"})

    def test_without_the_setting_there_is_none(self):
        self.assertEqual(sorted(self.started("other").endpoints), ["command", "feed", "ingest"])


if __name__ == "__main__":
    unittest.main()
