"""A folder whose files are published as they come, and a large file that is resumed: killed at any moment."""
import gzip
import json
import os
import select
import shutil
import signal
import subprocess
import time
import unittest

from under_test import BONEWATCH, PATIENCE, Scratch, day, native, nhs, person, result


class Watch(Scratch):
    def setUp(self):
        super().setUp()
        self.inbox = self.folder / "in"
        self.inbox.mkdir()

    def watch(self, endpoint, *arguments):
        watcher = subprocess.Popen([BONEWATCH, "publish", "--watch", self.inbox, "--connect", endpoint, "--publisher",
                                    "lab", "--output", "ndjson", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(watcher.stdout.close)
        self.addCleanup(watcher.stderr.close)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        return watcher

    def lines(self, watcher, count):
        """The next lines on standard output; read byte by byte, so that none is held back in a buffer."""
        out, line = [], b""
        deadline = time.monotonic() + PATIENCE
        while len(out) < count:
            ready, _, _ = select.select([watcher.stdout], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, f"only {out} came")
            byte = os.read(watcher.stdout.fileno(), 1)
            self.assertTrue(byte, f"only {out} came, and it ended")
            line += byte
            if byte == b"\n":
                out.append(json.loads(line))
                line = b""
        return out

    def names(self, folder):
        return sorted(path.name for path in (self.inbox / folder).iterdir() if path.is_file())

    def test_files_are_taken_by_name_and_moved_away(self):
        daemon = self.started()
        good = native(person(nhs(1)), result("a", nhs(1), "tsh", 1, "mU/L", day(-3)))
        (self.inbox / "2.ndjson").write_bytes(good)
        (self.inbox / "1.ndjson.gz").write_bytes(gzip.compress(native(result("b", nhs(1), "tsh", 1, "ell", day(-3)))))
        (self.inbox / "3.ndjson").write_bytes(good + b'{"type":"fax"}\n')
        (self.inbox / "4.txt").write_bytes(b"Dear colleague")
        (self.inbox / ".hidden").write_bytes(good)
        (self.inbox / "5.tmp").write_bytes(good)
        watcher = self.watch(daemon.endpoints["ingest"])
        lines = self.lines(watcher, 4)
        self.assertEqual([(line["file"], line["outcome"]) for line in lines],
                         [("1.ndjson.gz", "archived"), ("2.ndjson", "archived"), ("3.ndjson", "bad"), ("4.txt", "bad")])
        self.assertEqual(lines[0]["counts"]["quarantined"], 1)
        self.assertEqual(lines[1]["counts"]["applied"], 2)
        self.assertEqual(self.names("archive"), ["1.ndjson.gz", "2.ndjson"])
        self.assertEqual(self.names("bad"), ["3.ndjson", "3.ndjson.reason", "4.txt", "4.txt.reason"])
        self.assertRegex((self.inbox / "bad" / "3.ndjson.reason").read_text(),
                         r"^message 1: unknown_type at line 3, \$\.type: .*\nof the rest: .*\"duplicate\":2")
        self.assertIn("unknown_format", (self.inbox / "bad" / "4.txt.reason").read_text())
        self.assertEqual(self.names("."), [".bonewatch.lock", ".hidden", "5.tmp"])

        second = self.watch(daemon.endpoints["ingest"])
        self.assertEqual(second.wait(PATIENCE), 75)
        self.assertIn("is watched already", second.stderr.read())
        # Renamed in, under a name that was there before.
        os.rename(self.inbox / "5.tmp", self.inbox / "2.ndjson")
        self.assertEqual(self.lines(watcher, 1)[0]["counts"]["duplicate"], 2)
        self.assertEqual(self.names("archive"), ["1.ndjson.gz", "2.ndjson", "2.ndjson.1"])
        watcher.send_signal(signal.SIGTERM)
        self.assertEqual(watcher.wait(PATIENCE), 0)

    def test_two_folders_may_share_an_archive(self):
        """Files of one name, over and over: none takes another's place."""
        daemon = self.started()
        archive, other = self.folder / "archive", self.folder / "in2"
        watchers, count = [], 60
        for inbox in (self.inbox, other):
            inbox.mkdir(exist_ok=True)
            for n in range(count):
                (inbox / f"{n:02}.ndjson").write_bytes(native(person(nhs(n))))
        for inbox in (self.inbox, other):
            self.inbox = inbox
            watchers.append(self.watch(daemon.endpoints["ingest"], "--archive", archive))
        for watcher in watchers:
            self.lines(watcher, count)
        self.assertEqual(len(list(archive.iterdir())), 2 * count)
        self.assertEqual(len([path for path in archive.iterdir() if path.name.endswith(".1")]), count)

    def test_an_archive_that_is_removed_is_made_again(self):
        daemon = self.started()
        archive = self.folder / "archive"
        watcher = self.watch(daemon.endpoints["ingest"], "--archive", archive)
        (self.inbox / "a.ndjson").write_bytes(native(person(nhs(1))))
        self.lines(watcher, 1)
        shutil.rmtree(archive)
        (self.inbox / "b.ndjson").write_bytes(native(person(nhs(2))))
        self.assertEqual(self.lines(watcher, 1)[0]["outcome"], "archived")
        self.assertEqual([path.name for path in archive.iterdir()], ["b.ndjson"])
        # Where it cannot be made again nothing is sent that could not be moved away.
        shutil.rmtree(archive)
        archive.write_text("in the way")
        before = daemon.rows("status")[0]["since_start"]["intake"]
        (self.inbox / "c.ndjson").write_bytes(native(person(nhs(3))))
        self.assertEqual(watcher.wait(PATIENCE), 78)
        self.assertIn(str(archive), watcher.stderr.read())
        self.assertEqual(daemon.rows("status")[0]["since_start"]["intake"], before)
        self.assertEqual(self.names("."), [".bonewatch.lock", "c.ndjson"])

    def test_a_file_that_still_grows_is_left_alone(self):
        daemon = self.started()
        watcher = self.watch(daemon.endpoints["ingest"])
        with open(self.inbox / "slow.ndjson", "ab") as slow:
            for n in range(8):
                slow.write(native(result(f"s{n}", nhs(2), "tsh", 1, "mU/L", day(-3 - n))))
                slow.flush()
                time.sleep(0.6)
        self.assertEqual(self.lines(watcher, 1)[0]["counts"]["applied"], 8)

    def test_what_changes_or_goes_while_it_is_sent(self):
        """The daemon stands still meanwhile: it has the file as it was."""
        daemon = self.started()
        (self.inbox / "a.ndjson").write_bytes(native(person(nhs(1))))
        daemon.process.send_signal(signal.SIGSTOP)
        watcher = self.watch(daemon.endpoints["ingest"])
        time.sleep(4)
        with open(self.inbox / "a.ndjson", "ab") as late:
            late.write(native(person(nhs(2))))
        daemon.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.lines(watcher, 1)[0]["counts"]["records"], 2)
        self.assertEqual(self.names("archive"), ["a.ndjson"])
        self.assertEqual(daemon.client("timeline", nhs(2))[0], 0)

        daemon.process.send_signal(signal.SIGSTOP)
        (self.inbox / "b.ndjson").write_bytes(native(person(nhs(3))))
        time.sleep(4.5)
        os.rename(self.inbox / "b.ndjson", self.folder / "elsewhere")
        daemon.process.send_signal(signal.SIGCONT)
        (self.inbox / "c.ndjson").write_bytes(native(person(nhs(4))))
        self.assertEqual(self.lines(watcher, 1)[0]["file"], "c.ndjson")

    def test_the_daemon_may_be_away(self):
        daemon = self.started(doors="ipc")
        endpoint = daemon.endpoints["ingest"]
        self.assertEqual(daemon.stop(), 0)
        (self.inbox / "a.ndjson").write_bytes(native(person(nhs(1))))
        watcher = self.watch(endpoint)
        self.assertIn("waiting", watcher.stderr.readline())
        self.assertEqual(self.names("."), [".bonewatch.lock", "a.ndjson"])
        daemon.start()
        self.assertEqual(self.lines(watcher, 1)[0]["outcome"], "archived")

    def test_killed_at_any_time_nothing_is_lost(self):
        daemon = self.started(doors="ipc")
        files, each = 30, 400
        for n in range(files):
            (self.inbox / f"{n:02}.ndjson").write_bytes(native(*(
                result(f"k{n}-{i}", nhs(i % 50), "tsh", 1, "mU/L", day(-1 - n)) for i in range(each))))
        kills = 0
        while self.names(".") != [".bonewatch.lock"]:
            watcher = self.watch(daemon.endpoints["ingest"])
            if kills < 4:
                self.lines(watcher, 1)
                time.sleep(0.013 * kills)
                watcher.kill()
                kills += 1
            else:
                deadline = time.monotonic() + PATIENCE
                while self.names(".") != [".bonewatch.lock"]:
                    self.assertLess(time.monotonic(), deadline)
                    time.sleep(0.1)
            watcher.kill()
            watcher.wait()
        self.assertEqual(len(self.names("archive")), files)
        self.assertEqual(self.names("bad"), [])
        intake = daemon.rows("status")[0]["since_start"]["intake"]
        self.assertEqual(intake["applied"], files * each)
        print(f"{kills} kills, {intake['duplicate']} duplicates")


class Resume(Scratch):
    def test_a_large_file_goes_on_where_it_was(self):
        daemon = self.started(doors="ipc")
        count = 60_000
        file, state = self.folder / "large.ndjson", self.folder / "state"
        file.write_bytes(b"".join(native(result(f"r{n}", nhs(n % 97), "tsh", 1, "mU/L", day(-1 - n % 900)))
                                  for n in range(count)))
        arguments = [BONEWATCH, "publish", file, "--resume", state, "--connect", daemon.endpoints["ingest"]]
        first = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not state.exists() or json.loads(state.read_text())["answered"] < 40:
            self.assertLess(time.monotonic(), deadline)
            self.assertIsNone(first.poll(), "it is too fast for this test")
            time.sleep(0.02)
        first.kill()
        first.wait()
        kept = json.loads(state.read_text())
        self.assertEqual(kept["messages"], count / 100)
        code, _out, error = daemon.client("publish", file, "--resume", state)
        self.assertEqual(code, 0, error)
        self.assertIn(f"resumed behind message {kept['answered']}\n", error)
        summary = json.loads(error.splitlines()[-1])
        self.assertEqual(summary["messages"], kept["messages"] - kept["answered"])
        self.assertFalse(state.exists())
        self.assertEqual(daemon.rows("status")[0]["since_start"]["intake"]["applied"], count)

        # The state of another file says nothing.
        state.write_text(json.dumps({**kept, "answered": 5}))
        file.write_bytes(native(person(nhs(1)), person(nhs(2))))
        code, _out, error = daemon.client("publish", file, "--resume", state)
        self.assertEqual((code, json.loads(error.splitlines()[-1])["records"]), (0, 2))
        self.assertEqual(daemon.client("publish", "-", "--resume", state)[0], 64)
        self.assertEqual(daemon.client("publish", file, "--resume", file)[0], 64)
        self.assertTrue(file.exists())
        # What is no state is nobody's to remove, and nothing is sent.
        letter = self.folder / "letter.txt"
        letter.write_text("Dear colleague")
        before = daemon.rows("status")[0]["since_start"]["intake"]
        code, out, error = daemon.client("publish", file, "--resume", letter)
        self.assertEqual((code, out), (78, ""))
        self.assertIn("letter.txt: it is there, and does not say how far a file has been published", error)
        self.assertEqual(letter.read_text(), "Dear colleague")
        self.assertEqual(daemon.rows("status")[0]["since_start"]["intake"], before)


if __name__ == "__main__":
    unittest.main()
