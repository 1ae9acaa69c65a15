#!/usr/bin/python3
"""History published with --backfill tells nobody until the settling time is over, then once; also over a restart."""
import time
import unittest

from under_test import Scratch, day, native, nhs, person, vitamin_d


class Backfill(Scratch):
    def test_history_is_told_once_after_the_settling_time(self):
        daemon = self.started(settle_minutes=1)
        file = self.folder / "history.ndjson"
        file.write_bytes(native(person(nhs(1)), vitamin_d("v1", nhs(1), 12, day(-300)),
                                vitamin_d("v2", nhs(1), 78, day(-200)),
                                vitamin_d("v3", nhs(1), 18, day(-60)), vitamin_d("v4", nhs(1), 15, day(-20))))
        code, _out, error = daemon.client("publish", file, "--backfill", "--publisher", "lab")
        loaded = time.monotonic()
        self.assertEqual(code, 0, error)
        with daemon.subscriber("ward") as ward, daemon.peer("ingest", "lab") as lab:
            self.assertEqual(ward.drain(), [])
            self.assertIn("[lab v4]", daemon.client("timeline", nhs(1))[1], "it is stored at once")
            self.assertEqual(lab.publish(vitamin_d("v5", nhs(1), 14, day(-1))), ["applied"])
            self.assertEqual(ward.drain(), [], "also a new result waits while the patient is loading")
            lab.publish(person(nhs(2)), vitamin_d("w1", nhs(2), 18, day(-60)))
            self.assertEqual([entry["patient"] for entry in ward.drain()], [nhs(2)], "others are told as ever")

        self.assertEqual(daemon.kill(), -9)
        daemon.start()
        with daemon.subscriber("ward", start="last") as ward:
            told = []
            while not told and time.monotonic() < loaded + 90:
                time.sleep(0.5)
                told += [entry for entry in ward.drain() if entry["patient"] == nhs(1)]
            waited = time.monotonic() - loaded
            self.assertEqual([(entry["transition"], entry["evidence"]) for entry in told], [("raised", ["v5"])])
            self.assertGreater(waited, 59)
            time.sleep(1)
            self.assertEqual(ward.drain(), [])
        self.assertEqual(len(daemon.rows("alerts", "--patient", nhs(1), "--state", "all")), 1)


if __name__ == "__main__":
    unittest.main()
