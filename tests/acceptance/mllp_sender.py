#!/usr/bin/python3
"""A sender of HL7 v2 over MLLP, written from ingest/README.md alone: mllp_sender.py ADDRESS:PORT FILE…

Sends each file as one message, its lines as segments, waits for the answer before the next, and prints both. Ends with
1 where one was not accepted.
"""
import pathlib
import socket
import sys

START, END = b"\x0b", b"\x1c\r"


def block(message):
    return START + message + END


class Sender:
    """A connection; `tls` wraps its socket where the door asks for it."""

    def __init__(self, address, port, seconds=30, tls=None):
        self.socket = socket.create_connection((address, port), timeout=seconds)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=address)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def ask(self, message):
        """The answer to a message."""
        self.socket.sendall(block(message))
        return self.answer()

    def answer(self):
        """The next answer, without what frames it; None where the connection is over."""
        while END not in self.received:
            more = self.socket.recv(65536)
            if not more:
                return None
            self.received += more
        answer, _, self.received = self.received.partition(END)
        if not answer.startswith(START):
            raise ValueError(f"an answer begins with 0B: {answer!r}")
        return answer[1:]


def segments(answer):
    """Fields by segment, as lists: MSA-1 is `segments(answer)[1][1]`."""
    return [segment.split("|") for segment in answer.decode().rstrip("\r").split("\r")]


def main():
    address, port = sys.argv[1].rsplit(":", 1)
    all_accepted = True
    with Sender(address.strip("[]"), int(port)) as sender:
        for path in sys.argv[2:]:
            message = pathlib.Path(path).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r")
            answer = sender.ask(message)
            if answer is None:
                sys.exit("the connection was closed without an answer: send the message again later")
            print(answer.decode(errors="replace").replace("\r", "\n").rstrip("\n"))
            all_accepted = all_accepted and segments(answer)[1][1] in ("AA", "CA")
    return 0 if all_accepted else 1


if __name__ == "__main__":
    sys.exit(main())
