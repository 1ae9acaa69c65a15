#!/usr/bin/python3
"""A full disk: the daemon stops, says why, ends with 75, and has acknowledged nothing that is lost."""
import resource
import signal
import subprocess
import unittest

from under_test import PUBLISH, RESULT, Scratch, day, native, nhs, vitamin_d


def small_disk(test, megabytes):
    """A file system of that size on the test's folder `disk`, seen only by what runs with the prefix that is given
    back; and a way to make it larger. It vanishes with its holder. None where this may not be done."""
    place = test.folder / "disk"
    place.mkdir()
    holder = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c",
         f"mount -t tmpfs -o size={megabytes}m tmpfs {place} && echo ready && exec cat"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def release():
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
    test.addCleanup(release)
    if holder.stdout.readline() != "ready\n":
        return None
    prefix = ["nsenter", "--mount", "--target", str(holder.pid), "--"]

    def enlarge(to):
        subprocess.run([*prefix, "mount", "-o", f"remount,size={to}m", str(place)], check=True)
    return prefix, enlarge


class FullDisk(Scratch):
    def publish_until_it_stops(self, daemon):
        """Publishes until the daemon has ended; the results that it acknowledged, and its exit code."""
        stored = []
        with daemon.peer("ingest", "lab") as lab:
            sent = answered = 0
            while daemon.process.poll() is None and sent < 400_000:
                while sent - answered < 64:
                    padding = f"{sent:08d}" * 30
                    event = vitamin_d(f"v{sent}", nhs(sent % 500), 80, day(-sent % 300), attributes={"device": padding})
                    lab.send(PUBLISH, b"%d" % sent, {"format": "native"}, native(event))
                    sent += 1
                if (answer := lab.receive(1)) is None:
                    continue
                self.assertEqual((answer[0], answer[2]["results"][0]["status"]), (RESULT, "stored"), answer[2])
                self.assertEqual(answer[2]["results"][0]["outcomes"][0]["outcome"], "applied", answer[2])
                stored.append(int(answer[1]))
                answered += 1
            while (answer := lab.receive(0.5)) is not None:
                stored.append(int(answer[1]))
        return stored, daemon.ended()

    def check(self, daemon, mend, refused=lambda: None):
        daemon.start()
        stored, code = self.publish_until_it_stops(daemon)
        log = daemon.log.read_text()
        self.assertEqual(code, 75, log)
        critical = [line for line in log.splitlines() if "critical event=store_failed" in line]
        self.assertEqual(len(critical), 1, log)
        self.assertRegex(critical[0], r'message=".*(No space left on device|File too large)')
        self.assertIn("nothing acknowledged is lost; mend the disk and start again", critical[0])
        self.assertGreater(len(stored), 64, "it worked before")

        refused()
        mend()
        daemon.start()
        known = set()
        with daemon.peer("command") as client:
            for number in range(500):
                known |= {line.rsplit(" ", 1)[1].rstrip("]") for line in self.timeline(client, nhs(number))}
        self.assertEqual([number for number in stored if f"v{number}" not in known], [])
        self.assertEqual(daemon.stop(), 0)

    def timeline(self, client, patient):
        command, _meta, bodies = client.ask(b"\x40", {"what": "timeline", "patient": patient})
        return bodies[0].decode().splitlines() if command == RESULT else []

    def test_no_space_left_on_the_device(self):
        disk = small_disk(self, 96)
        if disk is None:
            self.skipTest("a file system cannot be mounted here; the limit on a file's size is tested instead")
        prefix, enlarge = disk
        daemon = self.daemon("d", store=self.folder / "disk" / "store", command_prefix=prefix)

        def refused():
            code, out, message = daemon.run()
            self.assertEqual((code, out), (75, ""), message)
            self.assertRegex(message, r"^bonewatchd: the disk is full: .* make room and start again\n$")
        self.check(daemon, lambda: enlarge(400), refused)

    def test_a_limit_on_the_size_of_files(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # A write fails instead.
            resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, resource.RLIM_INFINITY))
        daemon = self.daemon(before_exec=limit)

        def mend():
            daemon.before_exec = None
        self.check(daemon, mend)


if __name__ == "__main__":
    unittest.main()
