#!/usr/bin/python3
"""The daemon under load, killed with -9 twenty times at random moments, everything unanswered sent again: nothing
acknowledged is lost, nothing is told twice to a subscriber that keeps its cursor, and no alert is lost."""
import collections
import json
import random
import time
import unittest

import zmq

from under_test import (PUBLISH, RESULT, PATIENCE, Peer, Scratch, Subscriber, brief, day, native, nhs, person,
                        positions_of, simulated, vitamin_d)

KILLS = 20
WINDOW = 100  # Messages that may be unanswered.
BUSY = 400  # Patients, beside those of the simulated clinic, of whom something is told again and again.


def busy_lives():
    """For each busy patient, events in order: raised, withdrawn, raised, updated and resolved, or part of it."""
    lives = []
    for number in range(BUSY):
        who = nhs(20_000 + number)
        events = [person(who),
                  vitamin_d(f"{number}-a", who, 18, day(-90)),
                  vitamin_d(f"{number}-a", who, 80, day(-90), version=2),
                  vitamin_d(f"{number}-a", who, 16, day(-90), version=3),
                  vitamin_d(f"{number}-b", who, 12, day(-40)),
                  vitamin_d(f"{number}-b", nhs(20_000 + (number + 7) % BUSY), 12, day(-40), version=2),
                  vitamin_d(f"{number}-c", who, 77, day(-3)),
                  {"type": "retraction", "id": f"{number}-r", "patient": who, "of": f"{number}-c", "at": day(-1)}]
        lives.append([native(event) for event in events[:2 + number % (len(events) - 1)]])
    return lives


def interleaved(dice, clinic, lives):
    """One list of messages, each line of the clinic and of each life in its order."""
    queues = [collections.deque(life) for life in lives]
    order = [index for index, life in enumerate(lives) for _event in life] + [len(lives)] * len(clinic)
    dice.shuffle(order)
    queues.append(collections.deque(clinic))
    return [queues[index].popleft() for index in order]


class Publisher(Peer):
    """Sends all messages in their order, each under its number as request id, and keeps what it was answered."""

    def __init__(self, daemon, messages, answered):
        super().__init__(daemon.endpoints["ingest"], "clinic")
        self.messages = messages
        self.answered = answered  # Number → result; goes on with what is not in it.
        self.waiting = collections.deque(number for number in range(len(messages)) if number not in answered)
        self.under_way = 0

    def fill(self):
        while self.waiting and self.under_way < WINDOW:
            number = self.waiting.popleft()
            self.send(PUBLISH, b"%d" % number, {"format": "native"}, self.messages[number])
            self.under_way += 1

    def take(self, frame):
        command, request_id, meta, _bodies = frame
        assert command == RESULT and meta["results"][0]["status"] == "stored", meta
        self.answered[int(request_id)] = meta["results"][0]
        self.under_way -= 1


class Ledger:
    """What one consumer was told, over all its connections."""

    def __init__(self, name, is_keeping):
        self.name = name
        self.is_keeping = is_keeping  # Goes on from its own cursor, rather than from what the daemon has of it.
        self.cursor = "earliest"
        self.bodies = {}  # Position → bytes, in the order in which each came first.
        self.repeated = 0

    def connect(self, daemon):
        self.peer = Subscriber(daemon.endpoints["feed"], self.name, self.cursor if self.is_keeping else "last")

    def close(self):
        self.peer.close()
        for position, body in self.peer.entries:
            if position in self.bodies:
                assert self.bodies[position] == body, f"{position} has other bytes than before"
                self.repeated += 1
            self.bodies[position] = body
        self.cursor = self.peer.cursor

    def per_patient(self):
        """Patient → what was said, in order, without times of recording."""
        out = collections.defaultdict(list)
        for body in self.bodies.values():
            entry = json.loads(body)
            out[entry["patient"]].append((brief(entry), entry["since"], entry["headline"], tuple(entry["evidence"]),
                                          entry["alert"]))
        return out


def run_until(daemon, publisher, ledgers, is_over):
    poller = zmq.Poller()
    peers = {peer.socket: peer for peer in (publisher, *(ledger.peer for ledger in ledgers))}
    for socket in peers:
        poller.register(socket, zmq.POLLIN)
    deadline = time.monotonic() + 4 * PATIENCE
    while not is_over():
        assert time.monotonic() < deadline and daemon.process.poll() is None, daemon.log.read_text()
        publisher.fill()
        for socket, _event in poller.poll(20):
            for _frame in range(200):
                frame = peers[socket].receive(0)
                if frame is None:
                    break
                peers[socket].take(frame)


class Kill(Scratch):
    def run_undisturbed(self, messages):
        daemon = self.started("calm", doors="ipc")
        ledger = Ledger("calm", True)
        ledger.connect(daemon)
        answered = {}
        with Publisher(daemon, messages, answered) as publisher:
            run_until(daemon, publisher, [ledger], lambda: len(answered) == len(messages))
        ledger.peer.drain()
        ledger.close()
        return daemon, ledger, answered

    def run_killed(self, messages, dice):
        daemon = self.started("killed", doors="ipc")
        ledgers = [Ledger("keeps", True), Ledger("leaves", False)]
        answered = {}
        kills = 0
        while True:
            for ledger in ledgers:
                ledger.connect(daemon)
            # A store has all of its history by the 20th kill, and each kill falls at any phase of a round.
            goal = len(messages) if kills == KILLS else (kills + dice.random()) * len(messages) / (KILLS + 1)
            moment = time.monotonic() + dice.uniform(0, 0.03)
            with Publisher(daemon, messages, answered) as publisher:
                run_until(daemon, publisher, ledgers, lambda: len(answered) >= goal and
                          (kills == KILLS or time.monotonic() >= moment))
                if kills < KILLS:
                    self.assertEqual(daemon.kill(), -9)
            if kills == KILLS:
                break
            kills += 1
            for ledger in ledgers:
                ledger.close()
            daemon.start()
            for ledger in ledgers:
                self.check_committed(daemon, ledger)
        for ledger in ledgers:
            ledger.peer.drain()
            ledger.close()
        return daemon, ledgers, answered

    def check_committed(self, daemon, ledger):
        """Where the daemon goes on for a name is no earlier than what it acknowledged."""
        if not ledger.peer.committed:
            return
        with Subscriber(daemon.endpoints["feed"], ledger.name, "last") as again:
            for partition, position in positions_of(ledger.peer.committed).items():
                self.assertGreaterEqual(again.subscribed_at.get(partition, 0), position)

    def test_nothing_acknowledged_is_lost_and_nothing_told_twice(self):
        dice = random.Random(7)
        clinic = simulated(self.folder, patients=200, years=3, seed=7,
                           until=day(-2)).read_bytes().splitlines(keepends=True)
        messages = interleaved(dice, clinic, busy_lives())
        calm, calm_ledger, calm_answered = self.run_undisturbed(messages)
        daemon, (keeps, leaves), answered = self.run_killed(messages, random.Random())

        resent = self.duplicates(answered) - self.duplicates(calm_answered)
        print(f"{len(messages)} messages, {resent} of them durable but unanswered when it was killed; "
              f"{len(keeps.bodies)} entries, {leaves.repeated} of them again to a name whose cursor the daemon keeps")
        self.assertGreater(resent, KILLS)
        self.assertEqual(len(answered), len(messages))
        self.assertGreater(len(keeps.bodies), 500)

        self.assertEqual(keeps.repeated, 0, "told twice to a subscriber that keeps its cursor")
        self.assertEqual(keeps.bodies.keys(), leaves.bodies.keys())
        self.assertEqual(keeps.bodies, leaves.bodies)
        self.assert_contiguous(keeps)
        calmly = calm_ledger.per_patient()
        told = keeps.per_patient()
        self.assertEqual(told.keys(), calmly.keys())
        for patient, entries in told.items():
            self.assertEqual(entries, calmly[patient])

        alerts = daemon.rows("alerts", "--state", "all")
        self.assertEqual(self.by_alert(alerts), self.by_alert(map(json.loads, keeps.bodies.values())))
        self.assertEqual(sorted(self.open_alert(row) for row in daemon.rows("alerts")),
                         sorted(self.open_alert(row) for row in calm.rows("alerts")))
        patients = sorted({json.loads(message)["patient"] for message in messages})
        with daemon.peer("command") as here, calm.peer("command") as there:
            for patient in patients:
                self.assertEqual(here.query("timeline", patient=patient), there.query("timeline", patient=patient))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(calm.stop(), 0)

    def duplicates(self, answered):
        return sum(result["outcomes"][0]["outcome"] == "duplicate" for result in answered.values())

    def assert_contiguous(self, ledger):
        reached = collections.Counter()
        for position in ledger.bodies:
            partition, number = map(int, position.split(":"))
            reached[partition] += 1
            self.assertEqual(number, reached[partition], "entries of a partition come in order, none left out")

    def by_alert(self, entries):
        """The last word on each alert. What waits in quarantine is said in answers alone."""
        return {entry["alert"]: {name: value for name, value in entry.items() if name != "waiting"}
                for entry in entries}

    def open_alert(self, row):
        return row["patient"], row["monitor"], row["severity"], row["since"]


if __name__ == "__main__":
    unittest.main()
