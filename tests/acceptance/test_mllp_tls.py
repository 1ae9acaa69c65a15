#!/usr/bin/python3
"""HL7 v2 over MLLP and mutual TLS: who is let in, for whom they may speak, and what all others see."""
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest

from mllp_peer import block
from test_mllp import connect, door_status, door_status_once, results_of, tsh, verdict
from under_test import Daemon, Scratch, nhs


class Authority:
    """A certificate authority with its files in a folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", f"/CN={name}", "-keyout", self.path(".key"), "-out", self.path(".pem"))

    def path(self, end):
        return self.folder / (self.name + end)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def certify(self, common_name, *alternatives, days=2):
        """A certificate and its key, as two files."""
        certificate, key, request = (self.path(f"-{common_name}{end}") for end in (".pem", ".key", ".csr"))
        extension = ["-addext", "subjectAltName=" + ",".join(alternatives)] if alternatives else []
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     f"/CN={common_name}", *extension, "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.path(".pem"), "-CAkey", self.path(".key"),
                     "-CAcreateserial", "-days", days, "-copy_extensions", "copy", "-out", certificate)
        return certificate, key


def settings_of(folder, certificate, key, authority, endpoint="tcp://0.0.0.0:0"):
    return f"""
[mllp.lab]
endpoint = "{endpoint}"
senders = [ {{ facility = "RX1", publisher = "lab" }}, {{ facility = "GP7", publisher = "gp" }} ]
[mllp.lab.tls]
certificate = "{certificate}"
key = "{key}"
ca = "{authority}"
clients = [ {{ name = "lis.example.org", publishers = ["lab"] }}, {{ name = "old-lis", publishers = ["lab", "gp"] }} ]
"""


class MutualTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bw-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.ours, cls.theirs = Authority(folder, "ours"), Authority(folder, "theirs")
        server, key = cls.ours.certify("bonewatch", "IP:127.0.0.1")
        cls.one = Daemon(folder / "d", more=settings_of(folder, server, key, cls.ours.path(".pem")))
        cls.addClassCleanup(cls.one.close)
        cls.one.start()
        cls.lis = cls.ours.certify("whoever", "DNS:lis.example.org", "DNS:lis2.example.org")

    def context(self, certificate=None, version=None):
        context = ssl.create_default_context(cafile=self.ours.path(".pem"))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        if version is not None:
            context.maximum_version = version
        return context

    def test_who_is_set_up_is_let_in_and_may_speak_for_its_own(self):
        for number, version in enumerate([ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]):
            with connect(self.one, tls=self.context(self.lis, version)) as sender:
                self.assertEqual(verdict(sender.ask(tsh(f"M{number}", nhs(1)))), ("AA", f"M{number}"))
                answer = sender.ask(tsh("M9", nhs(1), sender="X|GP7"))
                self.assertEqual(verdict(answer), ("AR", "M9"))
                self.assertIn(b"|not_allowed^^L|", answer)
                self.assertIn(b"lis.example.org may not speak for gp", answer)
        self.assertEqual(len(results_of(self.one, nhs(1))), 2)
        self.assertIn('event=connected door=mllp.lab client="lis.example.org"', self.one.log.read_text())

    def test_a_common_name_counts_where_there_is_no_other(self):
        with connect(self.one, tls=self.context(self.ours.certify("old-lis"))) as sender:
            self.assertEqual(verdict(sender.ask(tsh("M2", nhs(2), sender="X|GP7"))), ("AA", "M2"))
        hidden = self.ours.certify("old-lis", "DNS:other.example.org")
        with connect(self.one, tls=self.context(hidden)) as sender:
            self.assertEqual(verdict(sender.ask(tsh("M3", nhs(2), sender="X|GP7"))), ("AR", "M3"))

    def test_who_is_not_set_up_is_told_so(self):
        with connect(self.one, tls=self.context(self.ours.certify("stranger", "DNS:stranger.example.org"))) as sender:
            answer = sender.ask(tsh("M4", nhs(3)))
        self.assertEqual(verdict(answer), ("AR", "M4"))
        self.assertIn(b"nobody with the certificate of stranger.example.org may send here", answer)
        self.assertEqual(results_of(self.one, nhs(3)), [])

    def refused(self, context):
        """What the client sees; its message is neither answered nor stored."""
        with self.assertRaises((ssl.SSLError, OSError)) as raised:
            with connect(self.one, tls=context) as sender:
                # TLS 1.3 tells the client only when it reads.
                if sender.ask(tsh("M5", nhs(4))) is None:
                    raise ConnectionResetError("closed")
        self.assertEqual(results_of(self.one, nhs(4)), [])
        return raised.exception

    def test_without_a_certificate_of_our_authority_nobody_is_let_in(self):
        before = door_status(self.one)["refused_by_reason"].get("tls_refused", 0)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.refused(self.context(None, version))
            self.refused(self.context(self.theirs.certify("lis", "DNS:lis.example.org"), version))
            self.refused(self.context(self.ours.certify("late", "DNS:lis.example.org", days=-1), version))
        status = door_status_once(lambda now: now["refused_by_reason"].get("tls_refused", 0) >= before + 6, self.one)
        self.assertEqual(status["refused_by_reason"]["tls_refused"], before + 6)

    def test_without_tls_nothing_is_said(self):
        with connect(self.one) as sender:
            sender.socket.sendall(block(tsh("M6", nhs(5))))
            try:
                while more := sender.socket.recv(4096):
                    self.assertNotIn(b"MSA", more)
            except ConnectionResetError:
                pass
        self.assertEqual(results_of(self.one, nhs(5)), [])

    def test_the_daemon_shows_who_it_is(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            context = ssl.create_default_context(cafile=self.theirs.path(".pem"))
            context.load_cert_chain(*self.lis)
            connect(self.one, tls=context)


class Files(Scratch):
    def test_certificates_that_cannot_be_used_are_said_at_start(self):
        ours, theirs = Authority(self.folder, "ours"), Authority(self.folder, "theirs")
        certificate, key = ours.certify("bonewatch", "IP:127.0.0.1")
        missing = self.folder / "missing.pem"
        for name, files, culprit, why in [
                ("a", (missing, key, ours.path(".pem")), missing, "No such file or directory"),
                ("b", (certificate, theirs.path(".key"), ours.path(".pem")), theirs.path(".key"), "values mismatch"),
                ("c", (certificate, key, key), key, "cannot be used")]:
            daemon = self.daemon(name, more=settings_of(self.folder, *files))
            for arguments in ([], ["--check-config"]):
                code, out, error = daemon.run(*arguments)
                self.assertEqual((code, out), (1 if arguments else 78, ""), error)
                self.assertIn(f"{culprit}: the ", error)
                self.assertIn(why, error)


if __name__ == "__main__":
    unittest.main()
