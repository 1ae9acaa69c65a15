#!/usr/bin/python3
"""How much one message may hold, and that nobody waits long for somebody else's."""
import gzip
import pathlib
import time
import unittest

from under_test import (ERROR, PING, PONG, PUBLISH, QUERY, RESULT, OneDaemon, Scratch, day, native, nhs, vitamin_d)


def results(count, patients=50, prefix="r"):
    """So many results of a few patients, none of which is worth an alert."""
    return [vitamin_d(f"{prefix}{n}", nhs(n % patients), 80, day(-1 - n % 900)) for n in range(count)]


class EventsOfAMessage(OneDaemon):
    def test_a_message_of_as_many_as_a_commit_holds_is_stored_and_one_more_is_refused_whole(self):
        with self.one.peer("ingest", "lab") as lab:
            events_max = lab.welcome["limits"]["events"]
            self.assertEqual(events_max, 4096)
            answer = lab.publish_raw(native(*results(events_max + 1)))
            self.assertEqual((answer["status"], answer["reason"], answer["retry"], answer["outcomes"]),
                             ("rejected", "too_many_events", False, []))
            self.assertEqual(answer["message"],
                             "The message holds 4097 events; one may hold 4096. Send it in several messages.")
            self.assertEqual(lab.publish(*results(events_max)), ["applied"] * events_max)

    def test_what_inflates_past_the_limit_is_refused_before_it_is_read(self):
        with self.one.peer("ingest", "lab") as lab:
            self.assertEqual(lab.welcome["limits"]["inflated_bytes"], 16 << 20)
            one = native(*results(1000))
            answer = lab.publish_raw(gzip.compress(one * (1 + (17 << 20) // len(one))), encoding="gzip")
            self.assertEqual((answer["status"], answer["reason"]), ("rejected", "inflated_too_large"))


class Limits(Scratch):
    def test_batch_max_bounds_a_message(self):
        daemon = self.started(more="[limits]\nbatch_max = 10\n")
        with daemon.peer("ingest", "lab") as lab:
            self.assertEqual(lab.welcome["limits"]["events"], 10)
            self.assertEqual(lab.publish_raw(native(*results(11)))["reason"], "too_many_events")
            self.assertEqual(lab.publish(*results(10)), ["applied"] * 10)
            bundle = native(*results(10, prefix="s")) + b'{"type":"result","code":{"system":"x","code":"y"}}\n'
            self.assertEqual(lab.publish_raw(bundle)["reason"], "too_many_events")

    def test_queue_max_makes_the_door_wait_and_loses_nothing(self):
        daemon = self.started(more="[limits]\nqueue_max = 1\nbatch_max = 2\n")
        with daemon.peer("ingest", "lab") as lab:
            for n in range(40):
                lab.send(PUBLISH, b"%d" % n, {"format": "native"}, native(*results(2, prefix=f"m{n}-")))
            answers = [lab.receive() for _ in range(40)]
            self.assertEqual([answer[1] for answer in answers], [b"%d" % n for n in range(40)])
            self.assertEqual({answer[2]["results"][0]["status"] for answer in answers}, {"stored"})


class OthersMeanwhile(Scratch):
    def test_everybody_is_answered_while_a_large_message_is_under_way(self):
        daemon = self.started()
        bodies = [native(*results(3000, prefix=f"b{n}-")) for n in range(30)]
        with daemon.peer("ingest", "lab") as lab, daemon.peer("ingest", "other") as other, \
                daemon.peer("command") as client:
            lab.send(PUBLISH, b"large", {"format": "native"}, *bodies)
            time.sleep(0.3)
            other.send(PING, b"ping", {})
            client.send(QUERY, b"status", {"what": "status"})
            self.assertEqual(other.receive()[0], PONG)
            self.assertEqual(client.receive()[0], RESULT)
            self.assertEqual(other.publish(vitamin_d("quick", nhs(1), 80, day(-9))), ["applied"])
            self.assertIsNone(lab.receive(0), "the large message is still under way")
            command, _id, meta, _bodies = lab.receive(120)
            self.assertNotEqual(command, ERROR)
            self.assertEqual({(one["status"], len(one["outcomes"])) for one in meta["results"]}, {("stored", 3000)})
            resident_kib = next(int(line.split()[1]) for line in
                                pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines()
                                if line.startswith("VmHWM"))
            self.assertLess(resident_kib, 512 << 10)


class LongHistories(OneDaemon):
    def test_a_timeline_of_20000_facts_comes_at_once(self):
        with self.one.peer("ingest", "lab") as lab:
            for n in range(5):
                lab.publish(*results(4000, patients=1, prefix=f"h{n}-"))
            started = time.monotonic()
            answer = self.one.client("timeline", nhs(0))
            seconds = time.monotonic() - started
        self.assertEqual((answer[0], len(answer[1].splitlines())), (0, 20_000))
        self.assertLess(seconds, 3)


if __name__ == "__main__":
    unittest.main()
