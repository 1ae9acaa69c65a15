#!/usr/bin/python3
"""HL7 v2 over MLLP: what is answered, and what senders do that they should not."""
import re
import resource
import signal
import socket
import time
import unittest

from mllp_peer import END, START, Sender, block, segments
from under_test import PATIENCE, OneDaemon, Scratch, nhs

DOOR = """
[mllp.lab]
endpoint = "tcp://127.0.0.1:0"
publisher = "lab"
"""


def oru(control_id, patient, *results, order=None, version="2.5.1", asked="|", sender="LABSYS|RX1"):
    """A message of results, each (code, value, unit), of one order of 1 March 2026."""
    order = order or "O-" + control_id
    lines = [f"MSH|^~\\&|{sender}|BONES|CLINIC|20260302101500+0000||ORU^R01^ORU_R01|{control_id}|P|{version}|||{asked}",
             f"PID|1||{patient.removeprefix('nhs:')}^^^NHS^NH||TEST^ALEX||19580714|F",
             f"OBR|1||{order}^LABSYS|TFT^Thyroid function^L|||202603010830|||||||||||||||20260302|||F"]
    lines += [f"OBX|{number}|NM|{code}^^LN|{number}|{value}|{unit}|||||F"
              for number, (code, value, unit) in enumerate(results, 1)]
    return "".join(line + "\r" for line in lines).encode()


def tsh(control_id, patient, value="0.04", **more):
    return oru(control_id, patient, ("3016-3", value, "mU/L"), **more)


def connect(daemon, door="lab", **more):
    address, port = daemon.endpoints["mllp." + door].removeprefix("tcp://").rsplit(":", 1)
    return Sender(address.replace("0.0.0.0", "127.0.0.1"), int(port), **more)


def verdict(answer):
    """MSA-1 and MSA-2."""
    msa = segments(answer)[1]
    return msa[1], msa[2]


def results_of(daemon, patient):
    code, out, error = daemon.client("timeline", patient)
    return [line for line in out.splitlines() if "tsh" in line] if code == 0 else []


def door_status(daemon, door="lab"):
    return daemon.rows("status")[0]["mllp"][door]


def door_status_once(is_so, daemon, door="lab"):
    """When it is so, or when patience is over: the door counts beside the sender, perhaps after he has seen it."""
    until = time.monotonic() + PATIENCE
    while not is_so(status := door_status(daemon, door)) and time.monotonic() < until:
        time.sleep(0.02)
    return status


class Answers(OneDaemon):
    settings = {"more": DOOR + """
[mllp.many]
endpoint = "tcp://127.0.0.1:0"
senders = [ { application = "LABSYS", facility = "RX1", publisher = "north" },
            { application = "LABSYS", publisher = "south" } ]

[mllp.small]
endpoint = "tcp://127.0.0.1:0"
publisher = "lab"
max_message_bytes = 4096
connections_max = 2
"""}

    def test_the_answer_byte_for_byte(self):
        with connect(self.one) as sender:
            answer = sender.ask(tsh("M1", nhs(1)))
            self.assertRegex(answer, rb"\AMSH\|\^~\\&\|BONES\|CLINIC\|LABSYS\|RX1\|\d{14}\+0000\|\|ACK\^R01\^ACK\|"
                                     rb"[0-9a-z]+-[0-9a-z]+\|P\|2\.5\.1\rMSA\|AA\|M1\r\Z")
            again = sender.ask(tsh("M1", nhs(1)))
        self.assertEqual(verdict(again), ("AA", "M1"))
        self.assertNotEqual(segments(answer)[0][9], segments(again)[0][9], "each answer has an id of its own")
        self.assertEqual(len(results_of(self.one, nhs(1))), 1, "what is sent again is not doubled")

    def test_one_result_that_cannot_be_used_blocks_nothing(self):
        with connect(self.one) as sender:
            answer = sender.ask(oru("M2", nhs(2), ("3016-3", "0.04", "mU/L"), ("3051-0", "5", "furlong")))
        self.assertEqual(verdict(answer), ("AA", "M2"))
        rows = [segment for segment in segments(answer) if segment[0] == "ERR"]
        self.assertEqual([row[2:6] for row in rows],
                         [["OBX^2^6", "103^Table value not found^HL70357", "W", "unknown_unit^^L"]])
        kept = [row for row in self.one.rows("quarantine", "list") if "furlong" in row["message"]]
        self.assertEqual(len(kept), 1)
        self.assertEqual(len(results_of(self.one, nhs(2))), 1)

    def test_what_stands_above_a_result_is_told_to_who_sent_it_late(self):
        late = tsh("M22", nhs(22), "0.05", order="O-22").replace(b"|20260302|||F", b"|20260301|||F")
        with connect(self.one) as sender:
            self.assertEqual(len(segments(sender.ask(tsh("M21", nhs(22), order="O-22")))), 2)
            superseded, again = sender.ask(late), sender.ask(late)
            disputed = sender.ask(tsh("M23", nhs(22), "0.06", order="O-22"))
        told = "a later version of 'O-22\\S\\LABSYS#3016-3\\S\\LN/1' came before, that of 2026-03-02T00:00:00Z; " \
               "this one is kept, and changes nothing"
        self.assertEqual(verdict(superseded), ("AA", "M22"))
        self.assertEqual([row[2:] for row in segments(superseded) if row[0] == "ERR"],
                         [["OBX^1^3", "207^Application internal error^HL70357", "I", "superseded^^L", "",
                           "superseded OBX[1]-3", told]])
        self.assertEqual(len(segments(again)), 2, "a resend is quiet")
        self.assertEqual([row[2:8] for row in segments(disputed) if row[0] == "ERR"],
                         [["OBX^1^3", "205^Duplicate key identifier^HL70357", "W", "disputed^^L", "",
                           "disputed OBX[1]-3"]])
        code, _out, error = self.one.client("publish", "-", "--publisher", "lab",
                                            stdin=late.decode().replace("0.05", "0.07").replace("M22", "M24"))
        self.assertEqual(code, 0)
        self.assertIn("superseded: result O-22^LABSYS#3016-3^LN/1 at OBX[1]-3: a later version of ", error)

    def test_one_field_of_a_person_that_cannot_be_used_costs_the_others_nothing(self):
        def update(control_id, time, birth, sex):
            return (f"MSH|^~\\&|PAS|RX1|||{time}||ADT^A08|{control_id}|P|2.5.1\rEVN|A08|{time}\r"
                    f"PID|1||{nhs(9).removeprefix('nhs:')}^^^NHS^NH||TEST^ALEX||{birth}|{sex}\r").encode()

        with connect(self.one) as sender:
            bad = sender.ask(update("P1", "20260302101500", "19580714", "X"))
            again = sender.ask(update("P2", "20260302101500", "19850714", ""))
        self.assertEqual([verdict(bad), verdict(again)], [("AA", "P1"), ("AA", "P2")])
        self.assertEqual([row[2:6] for row in segments(bad) if row[0] == "ERR"],
                         [["PID^1^8", "103^Table value not found^HL70357", "W", "bad_sex^^L"]])
        self.assertEqual([row[3:6] for row in segments(again) if row[0] == "ERR"],
                         [["205^Duplicate key identifier^HL70357", "W", "disputed^^L"]])

    def test_a_number_that_is_none_is_told(self):
        with connect(self.one) as sender:
            answer = sender.ask(tsh("M25", nhs(25), "0,05"))
            words = sender.ask(oru("M26", nhs(25), ("3016-3", "Haemolysed", "mU/L")).replace(b"|NM|", b"|ST|"))
        self.assertEqual([row[2:6] for row in segments(answer) if row[0] == "ERR"],
                         [["OBX^1^5", "102^Data type error^HL70357", "W", "value_unreadable^^L"]])
        self.assertEqual([row for row in segments(words) if row[0] == "ERR"], [])

    def test_before_2_5_errors_are_told_in_the_old_form(self):
        with connect(self.one) as sender:
            answer = sender.ask(oru("M3", nhs(3), ("3016-3", "5", "cubit"), version="2.3"))
        self.assertIn(b"\rERR|OBX^1^6^103&Table value not found&HL70357\r", answer)
        self.assertRegex(answer, rb"\rMSA\|AA\|M3\|[^\r]+\r")

    def test_receipt_and_answer_as_the_sender_asks(self):
        with connect(self.one) as sender:
            sender.socket.sendall(block(tsh("M4", nhs(4), asked="AL|AL")))
            self.assertEqual([verdict(sender.answer()), verdict(sender.answer())], [("CA", "M4"), ("AA", "M4")])
            sender.socket.sendall(block(tsh("M5", nhs(4), asked="NE|NE")))
            self.assertEqual(verdict(sender.ask(tsh("M6", nhs(4)))), ("AA", "M6"), "M5 had no answer")
        self.assertEqual(len(results_of(self.one, nhs(4))), 3)

    def test_what_is_not_ours_is_refused_with_reason_and_place(self):
        with connect(self.one) as sender:
            for message, control_id, code, place in [
                    (b"PID|1\r", "", "100", "MSH^1"),
                    (b"", "", "100", "MSH^1"),
                    (b"FHS|^~\\&|A\rMSH|^~\\&|A\r", "", "100", "MSH^1"),
                    (tsh("M12", nhs(5)) + tsh("M13", nhs(5), sender="OTHER|X"), "M12", "100", "MSH^1"),
                    (tsh("M7", nhs(5)).replace(b"|P|", b"|T|"), "M7", "202", "MSH^1^11"),
                    (tsh("M8", nhs(5), version="3.0"), "M8", "203", "MSH^1^12"),
                    (tsh("M9", nhs(5)).replace(b"ORU^R01^ORU_R01", b""), "M9", "100", "MSH^1^9")]:
                answer = sender.ask(message)
                self.assertEqual(verdict(answer), ("AR", control_id), answer)
                error = segments(answer)[2]
                self.assertEqual((error[0], error[2], error[3].split("^")[0], error[4]), ("ERR", place, code, "E"))
        self.assertEqual(results_of(self.one, nhs(5)), [])

    def test_a_kind_of_message_that_nobody_watches_blocks_no_queue(self):
        with connect(self.one) as sender:
            answer = sender.ask(b"MSH|^~\\&|LABSYS|RX1|||20260302||SIU^S12|M10|P|2.5.1\rSCH|1\r")
        self.assertEqual(verdict(answer), ("AA", "M10"))
        self.assertIn(b"\rERR||MSH^1^9|200^Unsupported message type^HL70357|I|", answer)

    def test_the_sender_says_whose_message_it_is(self):
        with connect(self.one, "many") as sender:
            for name, expected in [("LABSYS|RX1", "AA"), ("LABSYS|RX2", "AA"), ("X|RX1", "AR")]:
                message = tsh("M11", nhs(6), order="F1", sender=f"{name}^TESTLAB^L")
                answer = sender.ask(message)
                self.assertEqual(verdict(answer), (expected, "M11"))
        self.assertIn(b"ERR||MSH^1^3|204^Unknown key identifier^HL70357|E|unknown_sender^^L|", answer)
        self.assertEqual(len(results_of(self.one, nhs(6))), 2, "north's order F1 and south's are two")
        self.assertEqual(door_status(self.one, "many")["refused_by_reason"], {"unknown_sender": 1})

    def test_bytes_that_are_no_block_are_passed_over_and_counted(self):
        before = door_status(self.one)
        with connect(self.one) as sender:
            sender.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" + START + tsh("lost", nhs(7))[:50])
            sender.socket.sendall(block(tsh("M12", nhs(7))))
            self.assertEqual(verdict(sender.answer()), ("AA", "M12"))
            sender.socket.sendall(START + tsh("M13", nhs(7)) + END[:1])
            self.assertEqual(verdict(sender.answer()), ("AA", "M13"), "the 0D may be missing")
            sender.socket.sendall(block(tsh("M14", nhs(7))))
            self.assertEqual(verdict(sender.answer()), ("AA", "M14"))
        after = door_status(self.one)
        expected = {"discarded_bytes": 18, "resyncs": 1, "ends_without_return": 1}
        self.assertEqual({key: after[key] - before[key] for key in expected}, expected)
        self.assertEqual(len(results_of(self.one, nhs(7))), 3)

    def test_two_messages_in_one_segment_are_answered_in_order(self):
        with connect(self.one) as sender:
            sender.socket.sendall(b"".join(block(tsh(f"M{n}", nhs(8), order=f"F{n}")) for n in range(20)))
            self.assertEqual([verdict(sender.answer()) for _n in range(20)], [("AA", f"M{n}") for n in range(20)])

    def test_who_sends_no_more_is_answered_still(self):
        with connect(self.one) as sender:
            sender.socket.sendall(block(tsh("M15", nhs(9))))
            sender.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(verdict(sender.answer()), ("AA", "M15"))
            self.assertIsNone(sender.answer(), "and then the connection is closed")

    def test_a_slow_sender_makes_nobody_wait(self):
        message = block(tsh("slow", nhs(10)))
        with connect(self.one) as slow, connect(self.one) as quick:
            for byte in message[:200]:
                slow.socket.sendall(bytes([byte]))
            begun = time.monotonic()
            self.assertEqual(verdict(quick.ask(tsh("quick", nhs(11)))), ("AA", "quick"))
            self.assertLess(time.monotonic() - begun, 5)
            for byte in message[200:]:
                slow.socket.sendall(bytes([byte]))
            self.assertEqual(verdict(slow.answer()), ("AA", "slow"))

    def test_a_message_that_is_too_large_is_refused_and_the_connection_goes_on(self):
        padded = tsh("large", nhs(12)) + b"NTE|1||" + b"x" * 4096 + b"\r"
        with connect(self.one, "small") as sender:
            answer = sender.ask(padded)
            self.assertEqual(verdict(answer), ("AR", "large"))
            self.assertIn(b"more than the 4096 bytes", answer)
            self.assertEqual(verdict(sender.ask(tsh("M16", nhs(12)))), ("AA", "M16"))

    def test_connections_are_bounded(self):
        with connect(self.one, "small") as one, connect(self.one, "small") as two:
            for sender in (one, two):
                self.assertEqual(verdict(sender.ask(tsh("M17", nhs(13)))), ("AA", "M17"))
            with connect(self.one, "small") as three:
                self.assertIsNone(three.answer(), "a third is closed at once")
        self.assertEqual(door_status(self.one, "small")["refused_by_reason"]["too_many_connections"], 1)

    def test_east_asian_sets(self):
        for number, (charset, codec) in enumerate([("ASCII~ISO IR87", "iso2022_jp"), ("GB 18030-2000", "gb18030"),
                                                   ("BIG-5", "big5"), ("KS X 1001", "euc_kr")]):
            name = "洪吉童" if codec == "euc_kr" else "丁五京"
            message = tsh(f"M4{number}", nhs(16), sender=f"{name}|RX1").decode()
            message = message.replace("|2.5.1|", "|2.5.1|" + 5 * "|" + charset, 1).replace("ALEX", name).encode(codec)
            with connect(self.one) as sender:
                answer = sender.ask(message)
            self.assertTrue(answer.startswith(b"MSH|^~\\&|BONES|CLINIC|" + name.encode(codec) + b"|RX1|"), answer)
            self.assertIn(f"\rMSA|AA|M4{number}\r".encode(), answer)
        self.assertEqual(len(results_of(self.one, nhs(16))), 4)

    def test_utf_16_is_refused(self):
        with connect(self.one) as sender:
            answer = sender.ask(tsh("M20", nhs(17)).decode().encode("utf-16"))
        self.assertEqual(verdict(answer)[0], "AR")
        self.assertIn(b"|bad_encoding^^L|", answer)
        self.assertIn(b"the message is in UTF-16", answer)

    def test_the_log_names_no_patient(self):
        with connect(self.one) as sender:
            sender.ask(oru("M19", nhs(15), ("3016-3", "5", "stadion")))
        log = self.one.log.read_text()
        self.assertIn("event=connected door=mllp.lab", log)
        for secret in (nhs(15).removeprefix("nhs:"), "ALEX", "M19"):
            self.assertNotIn(secret, log)


class Lifetimes(Scratch):
    def test_idle_and_half_messages_end_their_connection(self):
        daemon = self.started(more=DOOR + "idle_seconds = 2\nmessage_seconds = 1\n")
        with connect(daemon) as idle, connect(daemon) as half, connect(daemon) as drop_by_drop:
            half.socket.sendall(START + b"MSH|")
            begun = time.monotonic()
            drop_by_drop.socket.sendall(START)
            with self.assertRaises(OSError):
                while time.monotonic() - begun < PATIENCE:
                    drop_by_drop.socket.sendall(b"x")
                    time.sleep(0.1)
            self.assertLess(time.monotonic() - begun, PATIENCE)
            self.assertIsNone(half.answer())
            self.assertIsNone(idle.answer())
        refused = {"idle": 1, "message_time": 2}
        status = door_status_once(lambda now: now["refused_by_reason"] == refused, daemon)
        self.assertEqual(status["refused_by_reason"], refused)

    def test_who_does_not_read_loses_the_connection(self):
        daemon = self.started(more=DOOR + "message_seconds = 1\n")
        message = block(oru("M1", nhs(1), *[("3016-3", str(n), "furlong") for n in range(50)]))
        with connect(daemon) as deaf:
            with self.assertRaises(OSError):
                for _number in range(20_000):  # With ten kilobytes of answer each.
                    deaf.socket.sendall(message)
        self.assertGreaterEqual(door_status_once(lambda now: now["answers_lost"], daemon)["answers_lost"], 1)

    def test_connections_leave_the_store_its_descriptors(self):
        few = 400
        daemon = self.daemon(more=DOOR + "connections_max = 1000\n",
                             before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
        daemon.start()
        address, port = daemon.endpoints["mllp.lab"].removeprefix("tcp://").rsplit(":", 1)
        with connect(daemon) as good:
            for _ in range(2 * few):
                one = socket.socket()
                self.addCleanup(one.close)
                one.setblocking(False)
                one.connect_ex((address, int(port)))
            self.assertEqual(verdict(good.ask(tsh("M1", nhs(1)))), ("AA", "M1"))
            # They are still arriving while this sender is answered: of most the door has yet to hear.
            refused = door_status_once(lambda now: now["refused_by_reason"].get("no_descriptors", 0) > few,
                                       daemon)["refused_by_reason"]
            self.assertGreater(refused["no_descriptors"], few)
            self.assertNotIn("cannot_accept", refused)

    def test_without_a_section_there_is_no_door(self):
        daemon = self.started()
        self.assertNotIn("mllp", daemon.ready_line)
        self.assertNotIn("mllp", daemon.rows("status")[0])

    def test_a_port_that_is_taken_is_said_at_start(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            daemon = self.daemon(more=DOOR.replace(":0", f":{port}"))
            code, out, error = daemon.run()
        self.assertEqual((code, out), (75, ""))
        self.assertRegex(error, rf"The door mllp.lab cannot listen at 127.0.0.1, port {port}: Address already in use")

    def test_it_stops_when_asked_while_senders_are_connected(self):
        daemon = self.started(more=DOOR)
        with connect(daemon) as idle, connect(daemon) as half:
            self.assertEqual(verdict(idle.ask(tsh("M1", nhs(1)))), ("AA", "M1"))
            half.socket.sendall(START + b"MSH|")
            begun = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - begun, 5)
            self.assertIsNone(idle.answer())

    def test_it_stops_though_a_sender_reads_no_answers(self):
        daemon = self.started(more=DOOR)
        message = block(oru("M1", nhs(1), *[("3016-3", str(n), "furlong") for n in range(50)]))
        with connect(daemon, seconds=2) as deaf:
            with self.assertRaises(TimeoutError):
                while True:
                    deaf.socket.sendall(message)
            self.assertEqual(daemon.stop(), 0)

    def test_killed_before_the_answer_and_sent_again_nothing_is_lost_or_doubled(self):
        daemon = self.daemon(more=DOOR)
        messages = [tsh(f"M{n}", nhs(20 + n % 7), value=f"0.{n:03d}", order=f"F{n}") for n in range(1, 400)]
        acknowledged = set()
        at = 0
        for _round in range(6):
            daemon.start()
            with connect(daemon) as sender:
                # Many are on their way when it is killed: some stored, some answered, some neither.
                sender.socket.sendall(b"".join(map(block, messages[at:at + 60])))
                for number in range(at, at + 25):
                    answer = sender.answer()
                    self.assertEqual(verdict(answer), ("AA", f"M{number + 1}"))
                    acknowledged.add(number + 1)
                daemon.kill()
            at += 25
        daemon.start()
        known = [line for number in range(7) for line in results_of(daemon, nhs(20 + number))]
        stored = [int(match.group(1)) for line in known if (match := re.search(r"F(\d+)\b", line))]
        self.assertEqual(len(stored), len(set(stored)), "nothing twice")
        self.assertLessEqual(acknowledged, set(stored), "nothing acknowledged is lost")
        with connect(daemon) as sender:
            for number, message in enumerate(messages, 1):
                self.assertEqual(verdict(sender.ask(message)), ("AA", f"M{number}"))
        known = [line for number in range(7) for line in results_of(daemon, nhs(20 + number))]
        self.assertEqual(len(known), len(messages))

    def test_a_full_disk_closes_connections_without_a_lie(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # A write fails instead.
            resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, resource.RLIM_INFINITY))
        daemon = self.daemon(more=DOOR, before_exec=limit)
        daemon.start()
        acknowledged = 0
        many = [("3016-3", f"0.{number:03d}", "mU/L") for number in range(1, 200)]
        with connect(daemon) as sender:
            try:
                while (answer := sender.ask(oru(f"M{acknowledged}", nhs(acknowledged), *many))) is not None:
                    self.assertEqual(verdict(answer), ("AA", f"M{acknowledged}"))
                    acknowledged += 1
            except OSError:
                pass
        self.assertEqual(daemon.ended(), 75)
        self.assertGreater(acknowledged, 10)
        daemon.before_exec = None
        daemon.start()
        self.assertEqual([n for n in range(acknowledged) if len(results_of(daemon, nhs(n))) != len(many)], [])


if __name__ == "__main__":
    unittest.main()
