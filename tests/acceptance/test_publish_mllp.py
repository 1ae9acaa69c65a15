#!/usr/bin/python3
"""`bonewatch publish --mllp`: files over MLLP, to the daemon's door and to receivers that behave otherwise."""
import json
import pathlib
import shutil
import socket
import tempfile
import threading
import unittest

from mllp_peer import END, START, block
from test_mllp import DOOR, oru, results_of, tsh
from test_mllp_tls import Authority, settings_of
from under_test import Daemon, OneDaemon, Scratch, nhs, run_client


def publish(receiver, *arguments, stdin=None):
    return run_client("publish", "--mllp", receiver.removeprefix("tcp://").replace("0.0.0.0", "127.0.0.1"), *arguments,
                      stdin=stdin)


def counts(error):
    found = json.loads(error.splitlines()[-1])
    del found["seconds"]
    return found


def summary(messages, stored, put_off=0, rejected=0):
    return {"messages": messages, "stored": stored, "put_off": put_off, "rejected": rejected}


class ToTheDaemon(OneDaemon):
    settings = {"more": DOOR}

    def setUp(self):
        super().setUp()
        self.door = self.one.endpoints["mllp.lab"]

    def file(self, name, *parts):
        path = self.folder / name
        path.write_bytes(b"".join(parts))
        return path

    def test_each_message_of_each_file_is_answered(self):
        one = self.file("one.hl7", tsh("P1", nhs(1)).replace(b"\r", b"\n"))
        bad = oru("P3", nhs(1), ("3016-3", "5", "stadion"))
        batch = self.file("batch.hl7", b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r", tsh("P2", nhs(1)), bad, b"BTS|2\rFTS|1\r")
        code, out, error = publish(self.door, one, batch)
        self.assertEqual((code, counts(error)), (0, summary(3, 3)), error)
        lines = out.splitlines()
        self.assertEqual(lines[:3], ["AA  P1", "AA  P2", "AA  P3"])
        self.assertTrue(lines[3].startswith("    W  OBX^1^6  unknown_unit  Thyrotropin (TSH) 5 stadion: "), lines[3])
        self.assertEqual(len(lines), 4)
        self.assertEqual(len(results_of(self.one, nhs(1))), 2)

    def test_as_lines_for_a_program(self):
        path = self.file("two.hl7", tsh("P4", nhs(2)), oru("P5", nhs(2), ("3016-3", "5", "stadion")))
        code, out, error = publish(self.door, path, "--output", "ndjson")
        self.assertEqual(code, 0, error)
        one, two = map(json.loads, out.splitlines())
        self.assertEqual(one, {"control_id": "P4", "answer": "AA", "text": "", "errors": []})
        self.assertEqual((two["control_id"], two["answer"]), ("P5", "AA"))
        (told,) = two["errors"]
        self.assertEqual((told["severity"], told["place"], told["code"], told["reason"]),
                         ("W", "OBX^1^6", "103 Table value not found", "unknown_unit"))

    def test_what_is_refused_does_not_stop_what_follows(self):
        path = self.file("three.hl7", tsh("P6", nhs(3)), tsh("P7", nhs(3)).replace(b"|P|2.5.1", b"|T|2.5.1"),
                         tsh("P8", nhs(3)))
        code, out, error = publish(self.door, path)
        self.assertEqual((code, counts(error)), (65, summary(3, 2, rejected=1)), error)
        self.assertEqual([line for line in out.splitlines() if not line.startswith(" ")],
                         ["AA  P6", "AR  P7", "AA  P8"])
        self.assertIn("    E  MSH^1^11  test_message  ", out)

    def test_an_incomplete_batch_is_said(self):
        path = self.file("cut.hl7", b"BHS|^~\\&|LAB\r", tsh("P9", nhs(4)), b"BTS|2\r")
        code, out, error = publish(self.door, path)
        self.assertEqual((code, out, counts(error)), (65, "AA  P9\n", summary(1, 1, rejected=1)))
        self.assertIn(f"rejected: batch_incomplete: {path}, BTS-1: ", error)

    def test_the_enhanced_mode(self):
        path = self.file("enhanced.hl7", tsh("P10", nhs(5), asked="AL|AL"), tsh("P11", nhs(5), asked="AL|NE"),
                         tsh("P12", nhs(5), asked="NE|AL"))
        code, out, error = publish(self.door, path)
        self.assertEqual((code, out, counts(error)), (0, "CA  P10\nAA  P10\nCA  P11\nAA  P12\n", summary(3, 3)))
        for asked in ("NE|NE", "ER|SU", "AL|ER"):
            code, out, error = publish(self.door, self.file("silent.hl7", tsh("P13", nhs(6), asked=asked)))
            self.assertEqual((code, out), (65, ""))
            self.assertIn("it is not sent", error)
        self.assertEqual(results_of(self.one, nhs(6)), [])

    def test_what_cannot_be_sent_is_not(self):
        for name, content, why in [
                ("native.ndjson", b'{"type":"patient","patient":"nhs:9990000018"}\n', "it is no HL7 v2"),
                ("framed.hl7", tsh("P14", nhs(7)).replace(b"TEST^ALEX", b"TEST^\x0bALEX"), "an octet 0B or 1C")]:
            code, out, error = publish(self.door, self.file(name, content))
            self.assertEqual((code, out), (65, ""))
            self.assertIn(why, error)
        self.assertEqual(publish(self.door, self.file("blank.hl7", b"\n"))[0], 0)
        self.assertEqual(results_of(self.one, nhs(7)), [])

    def test_a_file_in_utf_16_is_sent_in_utf_8(self):
        text = tsh("P16", nhs(9)).decode().replace("ALEX", "山田")
        for codec in ("utf-16", "utf-16-le", "utf-16-be"):
            code, out, error = publish(self.door, self.file("utf16.hl7", text.encode(codec)))
            self.assertEqual((code, out), (0, "AA  P16\n"), error)
        self.assertEqual(len(results_of(self.one, nhs(9))), 1)
        code, out, error = publish(self.door, self.file("cut.hl7", text.encode("utf-16")[:-1]))
        self.assertEqual((code, out), (65, ""))
        self.assertIn("cut.hl7: it begins in UTF-16, and 1 octets of it are no characters of that", error)

    def test_its_arguments(self):
        path = self.file("a.hl7", tsh("P15", nhs(8)))
        for arguments in ([self.door], ["nowhere", path], ["host:99999", path], ["::1:2575", path],
                          [self.door, path, "--publisher", "lab"], [self.door, path, "--backfill"],
                          [self.door, path, "--certificate", "a.pem"], [self.door, path, "--wait", "0"],
                          [self.door, path, "--authority", "a.pem", "--certificate", "a.pem"]):
            self.assertEqual(publish(*map(str, arguments))[0], 64, arguments)
        code, _out, error = publish(self.door, path, "--authority", self.folder / "missing.pem")
        self.assertEqual(code, 78)
        self.assertIn("missing.pem: the server's authority cannot be used: No such file", error)


class Fake:
    """A receiver that takes a block, and then does what a test says; `answers` are callables of (socket, message)."""

    def __init__(self, *answers):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.receiver = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.answers = list(answers)
        self.messages = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.listener.close()

    def serve(self):
        while self.answers:
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return
            with peer:
                self.converse(peer)

    def converse(self, peer):
        received = b""
        while self.answers:
            while END not in received:
                more = peer.recv(65536)
                if not more:
                    return
                received += more
            message, _, received = received.partition(END)
            self.messages.append(message.removeprefix(START))
            if self.answers.pop(0)(peer, self.messages[-1]) is closing:
                return


closing = object()


def ack(code, control_id=None, more=b""):
    """Answers with this code; to the message that came, or to another."""
    def answer(peer, message):
        its_id = message.split(b"\r")[0].split(b"|")[9] if control_id is None else control_id
        peer.sendall(block(b"MSH|^~\\&|X|Y|||1||ACK|1|P|2.5.1\rMSA|" + code + b"|" + its_id + b"\r" + more))
    return answer


def sends(octets):
    return lambda peer, _message: peer.sendall(octets)


def closes(_peer, _message):
    return closing


def waits_for_the_end(peer, _message):
    peer.recv(1)
    return closing


def then(*steps):
    def answer(peer, message):
        return [step(peer, message) for step in steps][-1]
    return answer


class ToOthers(Scratch):
    def sent(self, *answers, messages=1):
        """Exit code, output, errors, and what the receiver got."""
        path = self.folder / "m.hl7"
        path.write_bytes(b"".join(tsh(f"F{number}", nhs(number)) for number in range(1, messages + 1)))
        with Fake(*answers) as fake:
            code, out, error = publish(fake.receiver, path, "--wait", 1)
            return code, out, error, [message.split(b"|")[9].decode() for message in fake.messages]

    def test_put_off_is_to_be_tried_again(self):
        code, out, error, got = self.sent(ack(b"AE", more=b"ERR|||207^internal|E|||disk full"), ack(b"AR"), ack(b"AA"),
                                          messages=3)
        self.assertEqual((code, counts(error)), (75, summary(3, 1, 1, 1)))
        self.assertEqual(out, "AE  F1\n    E  207 internal  disk full\nAR  F2\nAA  F3\n")
        self.assertEqual(got, ["F1", "F2", "F3"])

    def test_a_receiver_that_closes_after_each_answer(self):
        once = then(ack(b"AA"), closes)
        code, out, error, got = self.sent(once, once, once, messages=3)
        self.assertEqual((code, out), (0, "AA  F1\nAA  F2\nAA  F3\n"), error)
        self.assertEqual(got, ["F1", "F2", "F3"])

    def test_no_answer(self):
        whole = START + b"MSH|^~\\&|X|Y|||1||ACK|1|P|2.5.1\rMSA|AA|F1\r"
        for answer, why in [
                (waits_for_the_end, "did not answer in 1 seconds\n"),
                (then(sends(whole), waits_for_the_end), "did not answer in 1 seconds; half a block came\n"),
                (then(sends(b"220 welcome\r\n"), waits_for_the_end), "; 13 bytes came that belong to no block\n"),
                (closes, "closed the connection without an answer; so does a door that asks for TLS: --authority\n"),
                (then(sends(b"bye"), closes), "without an answer; 3 bytes came that belong to no block\n"),
                (then(sends(whole), closes), "closed the connection within its answer\n")]:
            code, out, error, got = self.sent(answer, messages=2)
            self.assertEqual((code, out, got), (75, "", ["F1"]), error)
            self.assertIn("m.hl7, message 1 (F1): 127.0.0.1:", error)
            self.assertIn(why, error)
            self.assertEqual(counts(error), summary(1, 0))

    def test_an_answer_that_is_none(self):
        for answer, why in [
                (sends(block(b"hello")), "what came is no answer: a message begins with the segment MSH"),
                (sends(block(b"MSH|^~\\&|X|Y|||1||ACK|1|P|2.5.1\r")), "what came is no answer: it has no MSA"),
                (ack(b"OK"), "MSA-1 'OK' is none of"),
                (ack(b"AA", b"F2"), "what came answers another message, 'F2'"),
                (sends(START + b"x" * (1 << 20) + b"x" + END), "it has more than 1 MiB")]:
            code, out, error, got = self.sent(answer, messages=2)
            self.assertEqual((code, out, got), (65, "", ["F1"]), error)
            self.assertIn(why, error)

    def test_an_answer_may_come_in_pieces_with_noise_around(self):
        def in_pieces(peer, _message):
            for octet in b"noise" + START + b"MSH|^~\\&|X|Y|||1||ACK|1|P|2.5.1\rMSA|AA|F1\x1c":
                peer.sendall(bytes([octet]))
        self.assertEqual(self.sent(in_pieces)[:2], (0, "AA  F1\n"))

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            receiver = f"127.0.0.1:{listener.getsockname()[1]}"
        path = self.folder / "m.hl7"
        path.write_bytes(tsh("F1", nhs(1)))
        for nobody in (receiver, "no.such.host.invalid:2575"):
            code, out, error = publish(nobody, path)
            self.assertEqual((code, out), (69, ""), error)
            self.assertIn(f"{nobody} cannot be reached: ", error)


class OverTls(Scratch):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bw-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.ours, cls.theirs = Authority(folder, "ours"), Authority(folder, "theirs")
        server, key = cls.ours.certify("bonewatch", "DNS:bonewatch.example.org")
        cls.one = Daemon(folder / "d", more=settings_of(folder, server, key, cls.ours.path(".pem")) + DOOR.replace(
            "mllp.lab", "mllp.plain"))
        cls.addClassCleanup(cls.one.close)
        cls.one.start()
        cls.message = folder / "m.hl7"
        cls.message.write_bytes(tsh("T1", nhs(1)))
        cls.lis = cls.ours.certify("whoever", "DNS:lis.example.org")

    def sent(self, *more, door="lab", authority=None, name="bonewatch.example.org", client=None):
        certificate = ["--certificate", client[0], "--private-key", client[1]] if client else []
        named = ["--server-name", name] if name else []
        return publish(self.one.endpoints[f"mllp.{door}"], self.message, "--authority",
                       authority or self.ours.path(".pem"), *named, *certificate, *more)

    def test_who_is_set_up_is_let_in(self):
        code, out, error = self.sent(client=self.lis)
        self.assertEqual((code, out), (0, "AA  T1\n"), error)

    def test_who_is_not_is_told_so(self):
        stranger = self.ours.certify("stranger", "DNS:stranger.example.org")
        code, out, _error = self.sent(client=stranger)
        self.assertEqual(code, 65)
        self.assertIn("nobody with the certificate of stranger.example.org may send here", out)

    def test_refused_by_the_door(self):
        for client in (None, self.theirs.certify("lis", "DNS:lis.example.org"),
                       self.ours.certify("late", "DNS:lis.example.org", days=-1)):
            code, out, error = self.sent(client=client)
            self.assertEqual((code, out), (77, ""), error)
            self.assertIn("failed in the handshake of TLS: ", error)

    def test_refused_by_us(self):
        for authority, name, why in [
                (self.theirs.path(".pem"), "bonewatch.example.org", "self-signed certificate|unable to get"),
                (None, "other.example.org", "hostname mismatch"), (None, None, "IP address mismatch")]:
            code, out, error = self.sent(client=self.lis, authority=authority, name=name)
            self.assertEqual((code, out), (77, ""), error)
            self.assertRegex(error, f"is not to be trusted as .*: .*({why})")

    def test_a_door_of_the_other_kind(self):
        code, out, error = publish(self.one.endpoints["mllp.lab"], self.message)
        self.assertEqual((code, out), (75, ""), error)
        self.assertIn("so does a door that asks for TLS: --authority", error)
        with Fake(then(sends(b"\x15\x03\x01\x00\x02\x02\x46"), closes)) as fake:
            code, out, error = publish(fake.receiver, self.message)
        self.assertEqual((code, out), (77, ""), error)
        self.assertIn("asks for TLS: give --authority", error)
        for words in (b"", b"HTTP/1.1 400 Bad Request\r\n"):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                def says(words=words, listener=listener):
                    with listener.accept()[0] as peer:
                        peer.recv(65536)
                        peer.sendall(words)
                thread = threading.Thread(target=says)
                thread.start()
                code, out, error = publish(f"127.0.0.1:{listener.getsockname()[1]}", self.message, "--authority",
                                           self.ours.path(".pem"))
                thread.join()
            self.assertEqual((code, out), (77, ""), error)
            self.assertIn("in the handshake of TLS", error)


if __name__ == "__main__":
    unittest.main()
