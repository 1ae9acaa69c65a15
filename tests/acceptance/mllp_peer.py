"""The other end of MLLP as the tests need it: a sender that may send any octets."""
import socket

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
