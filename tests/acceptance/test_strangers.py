#!/usr/bin/python3
"""publisher.py and subscriber.py, written from the READMEs alone, against the daemon itself."""
import json
import pathlib
import resource
import socket
import subprocess
import sys
import time
import unittest

from under_test import PATIENCE, Scratch, day, native, nhs, person, vitamin_d

HERE = pathlib.Path(__file__).parent


def run(program, *arguments, stdin=b""):
    done = subprocess.run([sys.executable, HERE / program, *arguments], input=stdin, capture_output=True,
                          timeout=4 * PATIENCE, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Strangers(Scratch):
    def test_what_one_publishes_the_other_hears_once(self):
        daemon = self.started()
        events = [event for number in range(1, 6)
                  for event in (person(nhs(number)), vitamin_d(f"v{number}", nhs(number), 18, day(-40)))]
        code, out, error = run("publisher.py", daemon.endpoints["ingest"], "lab", stdin=native(*events))
        self.assertEqual((code, error), (0, ""))
        answers = [json.loads(line.split(" ", 1)[1]) for line in out.splitlines()]
        self.assertEqual([answer["outcomes"][0]["outcome"] for answer in answers], ["applied"] * 10)

        told = []
        for count in (2, 3):
            code, out, error = run("subscriber.py", daemon.endpoints["feed"], "ward", "last", str(count))
            self.assertEqual((code, error), (0, ""))
            told += [line.split(" ", 1) for line in out.splitlines()]
        self.assertEqual(len({position for position, _entry in told}), 5)
        self.assertEqual({json.loads(entry)["patient"] for _position, entry in told}, {nhs(n) for n in range(1, 6)})

        code, out, _error = run("publisher.py", daemon.endpoints["ingest"], "lab", stdin=native(*events))
        self.assertEqual([json.loads(line.split(" ", 1)[1])["outcomes"][0]["outcome"] for line in out.splitlines()],
                         ["duplicate"] * 10)

    def test_connections_leave_the_store_its_descriptors(self):
        """Also at doors without keys, of each kind: who is in goes on, and the store gets all that it needs."""
        few = 512
        for door in ("ingest", "feed", "command", "tail"):
            with self.subTest(door):
                daemon = self.daemon(f"few-{door}", more='tail = "tcp://127.0.0.1:0"\n',
                                     before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
                daemon.start()
                address, port = daemon.endpoints[door].removeprefix("tcp://").rsplit(":", 1)
                crowd = [socket.socket() for _ in range(2 * few)]
                with daemon.peer("ingest", "lab") as lab:
                    for one in crowd:
                        one.setblocking(False)
                        one.connect_ex((address, int(port)))
                    for n in range(50):
                        events = [vitamin_d(f"v{n}-{k}", nhs(n), 18 + k, day(-20 - k)) for k in range(50)]
                        self.assertEqual(set(lab.publish(person(nhs(n)), *events)), {"applied"})
                    deadline = time.monotonic() + PATIENCE
                    while f"event=access door={door} what=turned_away" not in daemon.log.read_text():
                        self.assertLess(time.monotonic(), deadline, "nobody was turned away")
                        time.sleep(0.1)
                    self.assertLess(len(list(pathlib.Path(f"/proc/{daemon.process.pid}/fd").iterdir())), few - 100)
                    self.assertEqual(lab.publish(person(nhs(0))), ["duplicate"])
                for one in crowd:
                    one.close()
                self.assertNotIn("Too many open files", daemon.log.read_text())
                self.assertEqual(daemon.stop(), 0)

    def test_refusals_end_them_with_the_doors_words(self):
        daemon = self.started()
        code, _out, error = run("publisher.py", daemon.endpoints["ingest"], "two words")
        self.assertEqual(code, 1)
        self.assertIn("publisher", error)
        code, _out, error = run("subscriber.py", daemon.endpoints["feed"], "ward", "yesterday", "1")
        self.assertEqual(code, 1)
        self.assertRegex(error, r"\S")
        code, out, _error = run("publisher.py", daemon.endpoints["ingest"], "lab", stdin=b"{nonsense}\n")
        self.assertEqual(code, 1)
        self.assertIn('"rejected"', out)


if __name__ == "__main__":
    unittest.main()
