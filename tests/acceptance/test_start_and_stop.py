#!/usr/bin/python3
"""The daemon starts, says so, stops without loss, starts again without replaying, and refuses what it must."""
import json
import re
import shutil
import unittest

from under_test import CONFIG, Peer, Scratch, day, nhs, person, vitamin_d


class StartAndStop(Scratch):
    def publish_two_alerts(self, daemon):
        with daemon.peer("ingest", "lab") as lab:
            for number in (1, 2):
                lab.publish(person(nhs(number)), vitamin_d(f"v{number}", nhs(number), 18, day(-40)))

    def test_ready_names_the_doors_and_sigterm_ends_with_0(self):
        daemon = self.started()
        door = r"tcp://127\.0\.0\.1:\d+"
        self.assertRegex(daemon.ready_line, f"^ready ingest={door} feed={door} command={door}$")
        self.assertEqual(daemon.stop(), 0)
        log = daemon.log.read_text()
        self.assertRegex(log, r"info event=ready ingest=tcp://")
        self.assertRegex(log, r"info event=stopped")

    def test_restart_is_ready_without_replaying_and_serves_the_same(self):
        daemon = self.started()
        self.publish_two_alerts(daemon)
        with daemon.subscriber("ward") as ward:
            told = ward.drain()
            while ward.committed != ward.cursor:
                ward.take(ward.receive())
        alerts = daemon.client("alerts", "--state", "all", "--output", "ndjson")
        timeline = daemon.client("timeline", nhs(1))
        self.assertEqual(len(told), 2)
        self.assertEqual(len(alerts[1].splitlines()), 2)
        self.assertEqual(daemon.stop(), 0)

        daemon.start()
        self.assertEqual(daemon.rows("status")[0]["since_start"]["journal_records"], 0)
        self.assertEqual(daemon.client("alerts", "--state", "all", "--output", "ndjson"), alerts)
        self.assertEqual(daemon.client("timeline", nhs(1)), timeline)
        with daemon.subscriber("ward", start="last") as ward:
            self.assertEqual(ward.drain(), [])
        with daemon.subscriber("other") as other:
            self.assertEqual(other.drain(), told)

    def test_what_is_under_way_at_sigterm_is_answered_or_can_be_sent_again(self):
        daemon = self.started()
        with daemon.peer("ingest", "lab") as lab:
            for number in range(300):
                lab.send(b"\x10", b"%d" % number, {"format": "native"},
                         (json.dumps(vitamin_d(f"v{number}", nhs(number), 80, day(-9))) + "\n").encode())
            first = lab.receive()
            self.assertEqual(daemon.stop(), 0)
            stored = {first[1]}
            while (answer := lab.receive(0.2)) is not None:
                self.assertEqual(answer[2]["results"][0]["status"], "stored")
                stored.add(answer[1])
        daemon.start()
        with daemon.peer("ingest", "lab") as lab:
            for number in range(300):
                outcome = lab.publish(vitamin_d(f"v{number}", nhs(number), 80, day(-9)))
                if b"%d" % number in stored:
                    self.assertEqual(outcome, ["duplicate"], number)

    def test_sigint_ends_it_likewise(self):
        daemon = self.started()
        daemon.process.send_signal(2)
        self.assertEqual(daemon.ended(), 0)

    def test_check_config_says_what_is_good(self):
        code, out, error = self.daemon().run("--check-config")
        self.assertEqual((code, error), (0, ""))
        self.assertRegex(out, r"^configuration is good: revision [0-9a-f]{32}, \d+ monitors, \d+ analytes")
        self.assertFalse((self.folder / "d" / "store").exists(), "a check makes no store")

    def test_check_config_names_file_and_line(self):
        daemon = self.daemon(more="\n[limits]\npeers_maxx = 3\n")
        line = daemon.config.read_text().splitlines().index("peers_maxx = 3") + 1
        code, _out, error = daemon.run("--check-config")
        self.assertEqual(code, 1)
        self.assertIn(f"bonewatchd: {daemon.config}:{line}:1: ", error)
        self.assertIn("did you mean 'peers_max'?", error)
        self.assertEqual(daemon.run()[0], 78, "it does not start with it either")

    def test_a_monitor_with_a_typing_error_names_place_and_nearest_word(self):
        monitors = self.folder / "monitors"
        shutil.copytree(CONFIG / "monitors", monitors)
        file = monitors / "malabsorption" / "vitamin-d-deficient.toml"
        file.write_text(file.read_text().replace("latest(vitd25) < deficient or", "latest(vitd52) < deficient or"))
        daemon = self.daemon(monitors=monitors)
        code, _out, error = daemon.run("--check-config")
        self.assertEqual(code, 1)
        self.assertRegex(error, r"malabsorption/vitamin-d-deficient\.toml:3:\d+: .*vitd52.*did you mean 'vitd25'\?")
        column = int(re.search(r"\.toml:3:(\d+)", error)[1])
        line = file.read_text().splitlines()[2]
        self.assertEqual(line[column - 1:column + 5], "vitd52")
        self.assertEqual(daemon.run()[0], 78)

    def test_a_store_keeps_its_revision_and_the_log_says_so(self):
        monitors = self.folder / "monitors"
        shutil.copytree(CONFIG / "monitors", monitors)
        daemon = self.started(monitors=monitors)
        self.publish_two_alerts(daemon)
        revision = daemon.rows("status")[0]["revision"]
        self.assertEqual(daemon.stop(), 0)
        file = monitors / "malabsorption" / "vitamin-d-deficient.toml"
        file.write_text(file.read_text().replace('default = "25 nmol/L"', 'default = "24 nmol/L"'))
        daemon.start()
        self.assertEqual(daemon.rows("status")[0]["revision"], revision)
        self.assertRegex(daemon.log.read_text(), rf"warning event=revision_kept store={revision} files=[0-9a-f]{{32}} ")

    def test_a_second_daemon_on_the_same_store_is_refused(self):
        first = self.started()
        second = self.daemon("e", store=self.folder / "d" / "store")
        code, out, error = second.run()
        self.assertEqual((code, out), (78, ""))
        self.assertIn("another process holds the store", error)
        self.assertIn(str(self.folder / "d" / "store"), error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertEqual(first.client("status")[0], 0)

    def test_a_door_that_other_machines_could_reach_is_refused(self):
        code, out, error = self.daemon(doors="tcp://0.0.0.0:0").run()
        self.assertEqual((code, out), (78, ""))
        self.assertIn("'tcp://0.0.0.0:0' can be reached from other machines", error)
        self.assertIn("tcp://127.0.0.1:PORT", error)

    def test_a_port_that_is_taken_says_so(self):
        first = self.started()
        second = self.daemon("e")
        second.config.write_text(second.config.read_text().replace('feed = "tcp://127.0.0.1:0"',
                                                                   f'feed = "{first.endpoints["feed"]}"'))
        code, _out, error = second.run()
        self.assertEqual(code, 75)
        self.assertIn(f"cannot listen at {first.endpoints['feed']}: Address already in use", error)

    def test_usage(self):
        self.assertEqual(self.daemon().run("--frobnicate")[0], 64)
        code, _out, error = self.daemon().run("--help")
        self.assertEqual((code, error), (0, ""))

    def test_doors_may_be_sockets_in_the_file_system(self):
        daemon = self.started(doors="ipc")
        self.assertEqual(daemon.endpoints["ingest"], f"ipc://{self.folder}/d/ingest")
        with Peer(daemon.endpoints["ingest"], "lab") as lab:
            self.assertEqual(lab.publish(person(nhs(1))), ["applied"])


if __name__ == "__main__":
    unittest.main()
