"""The daemon and the client as the tests drive them: the real programs, real sockets, a temporary folder each.

BONEWATCHD and BONEWATCH name the programs, BONEWATCH_CONFIG the folder of the shipped tables; CMake sets them.
"""
import base64
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import zmq

BONEWATCHD = os.environ["BONEWATCHD"]
BONEWATCH = os.environ["BONEWATCH"]
CONFIG = pathlib.Path(os.environ["BONEWATCH_CONFIG"])

HELLO, WELCOME, PUBLISH, RESULT = b"\x01", b"\x02", b"\x10", b"\x11"
SUBSCRIBE, EVENT, COMMIT, CREDIT = b"\x20", b"\x21", b"\x22", b"\x23"
PING, PONG, ERROR, QUERY, COMMAND = b"\x30", b"\x31", b"\x3f", b"\x40", b"\x41"

PATIENCE = 30  # Seconds until a test gives up on an answer: many of them share one machine.


def nhs(number):
    """The patient with this number, below a million, as an NHS number with its check digit."""
    for tail in range(1000 * number, 1000 * number + 1000):
        nine = f"{900_000_000 + tail % 100_000_000:09d}"
        check = (11 - sum((10 - i) * int(digit) for i, digit in enumerate(nine)) % 11) % 11
        if check != 10:
            return f"nhs:{nine}{check}"
    raise AssertionError("there is one in any thousand")


TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def day(offset):
    """A date as days from today."""
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


def person(patient, sex="female", born="1955-03-01"):
    return {"type": "patient", "patient": patient, "sex": sex, "born": born, "registered": "2010-01-01"}


def result(fact, patient, code, value, unit, at, **more):
    return {"type": "result", "id": fact, "patient": patient, "code": code, "value": value, "unit": unit,
            "at": at, **more}


def supply(fact, patient, drug, daily_dose, at, days, **more):
    return {"type": "supply", "id": fact, "patient": patient, "drug": drug, "route": "oral",
            "daily_dose": daily_dose, "at": at, "days": days, **more}


def vitamin_d(fact, patient, value, at, **more):
    return result(fact, patient, "vitd25", value, "nmol/L", at, **more)


def native(*events):
    """Events as the text of one message, an object a line."""
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def run_client(*arguments, stdin=None):
    """Runs `bonewatch`; gives its exit code, standard output and standard error."""
    done = subprocess.run([BONEWATCH, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          timeout=4 * PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def simulated(folder, **options):
    """Path of a file that `bonewatch simulate` wrote."""
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    path = pathlib.Path(folder) / "simulated.ndjson"
    with open(path, "wb") as out:
        subprocess.run([BONEWATCH, "simulate", *arguments], stdout=out, stderr=subprocess.DEVNULL, check=True)
    return path


class Scratch(unittest.TestCase):
    """A test with a folder of its own, short enough for the path of a socket."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bw-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def daemon(self, name="d", **settings):
        """A daemon that is made but not started, and is gone when the test is over."""
        daemon = Daemon(self.folder / name, **settings)
        self.addCleanup(daemon.close)
        return daemon

    def started(self, name="d", **settings):
        daemon = self.daemon(name, **settings)
        daemon.start()
        return daemon


class OneDaemon(Scratch):
    """Tests that share one running daemon, `self.one`, and keep to patients of their own."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        shared = pathlib.Path(tempfile.mkdtemp(prefix="bw-"))
        cls.addClassCleanup(shutil.rmtree, shared, ignore_errors=True)
        cls.one = Daemon(shared, **cls.settings)
        cls.addClassCleanup(cls.one.close)
        cls.one.start()


class Daemon:
    """One bonewatchd with a settings file and a store in `folder`."""

    def __init__(self, folder, store=None, doors="tcp://127.0.0.1:0", monitors=CONFIG / "monitors", more="",
                 settle_minutes=0, command_prefix=(), before_exec=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.config = folder / "bonewatch.toml"
        self.log = folder / "log"
        self.command_prefix = list(command_prefix)
        self.before_exec = before_exec
        self.process = None
        self.ready_line = ""
        self.endpoints = {}
        ports = {door: f"ipc://{folder}/{door}" if doors == "ipc" else doors for door in ("ingest", "feed", "command")}
        self.config.write_text(f"""
[store]
folder = "{store or folder / 'store'}"
cache_mib = 16
[tables]
vocabulary = "{CONFIG / 'vocabulary'}"
monitors = "{monitors}"
[backfill]
settle_minutes = {settle_minutes}
[doors]
""" + "".join(f'{door} = "{endpoint}"\n' for door, endpoint in ports.items()) + more)

    def launch(self, *arguments):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command_prefix, BONEWATCHD, "--config", str(self.config), *arguments],
                stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=self.before_exec)

    def start(self):
        """Starts it, and waits for the line that says it is ready."""
        self.launch()
        self.ready_line = self.process.stdout.readline().rstrip("\n")
        if not self.ready_line.startswith("ready "):
            raise AssertionError(f"the daemon is not ready: {self.ready_line!r}\n{self.log.read_text()}")
        self.endpoints = dict(word.split("=", 1) for word in self.ready_line.split()[1:])

    def run(self, *arguments):
        """Runs it to its end; exit code, standard output, standard error."""
        done = subprocess.run([*self.command_prefix, BONEWATCHD, "--config", str(self.config), *arguments],
                              capture_output=True, text=True, timeout=4 * PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def kill(self):
        self.process.kill()
        return self.ended()

    def ended(self):
        """Waits for the end, and gives the exit code."""
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code

    def close(self):
        if self.process is not None:
            self.kill()

    def client(self, *arguments, stdin=None):
        """`bonewatch` connected to the door that the command needs."""
        door = {"publish": "ingest", "feed": "feed"}.get(arguments[0], "command")
        return run_client(*arguments, "--connect", self.endpoints[door], stdin=stdin)

    def rows(self, *arguments):
        """What the client prints with `--output ndjson`, which must succeed."""
        code, out, error = self.client(*arguments, "--output", "ndjson")
        assert code == 0, error
        return [json.loads(line) for line in out.splitlines()]

    def peer(self, door, publisher=None):
        return Peer(self.endpoints[door], publisher)

    def subscriber(self, consumer="test", start="earliest"):
        return Subscriber(self.endpoints["feed"], consumer, start)


class Peer:
    """A connection to one door, frame by frame, as ingest/README.md has them."""

    def __init__(self, endpoint, publisher=None, kind=zmq.DEALER, keys=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        if keys is not None:
            keys.use(self.socket)
        self.socket.connect(endpoint)
        self.count = 0
        self.welcome = None
        if publisher is not None:
            command, self.welcome, _bodies = self.ask(HELLO, {"client": "test", "publisher": publisher})
            assert command == WELCOME, self.welcome

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        self.socket.close()
        self.context.term()

    def send(self, command, request_id, meta, *bodies):
        self.socket.send_multipart([b"BWP1", command, request_id, json.dumps(meta).encode(), *bodies])

    def receive(self, seconds=PATIENCE):
        """Command, request id, meta, bodies; None where nothing comes in time."""
        if not self.socket.poll(1000 * seconds):
            return None
        _version, command, request_id, meta, *bodies = self.socket.recv_multipart()
        return command, request_id, json.loads(meta), bodies

    def ask(self, command, meta, *bodies):
        """The answer to one frame: command, meta, bodies."""
        self.count += 1
        request_id = b"q%d" % self.count
        self.send(command, request_id, meta, *bodies)
        return self.answer(request_id)

    def answer(self, request_id):
        while True:
            answer = self.receive()
            assert answer is not None, "no answer came"
            if answer[1] == request_id:
                return answer[0], answer[2], answer[3]

    def ask_raw(self, *parts):
        """The answer to parts that may be no frame at all."""
        self.socket.send_multipart(list(parts))
        answer = self.receive()
        assert answer is not None, "no answer came"
        return answer[0], answer[2]

    def publish(self, *events, **meta):
        """Publishes events as one message, which must be stored; gives their outcomes."""
        answer = self.publish_raw(native(*events), **meta)
        assert answer["status"] == "stored", answer
        return [outcome["outcome"] for outcome in answer["outcomes"]]

    def publish_raw(self, body, **meta):
        command, answer, _bodies = self.ask(PUBLISH, {"format": "native", **meta}, body)
        assert command == RESULT, answer
        return answer["results"][0]

    def query(self, what, **meta):
        command, answer, bodies = self.ask(QUERY, {"what": what, **meta})
        assert command == RESULT, answer
        return [body.decode() for body in bodies]


def positions_of(cursor):
    """Partition → position of the last entry that a cursor covers: store/README.md, "Cursor text"."""
    assert cursor.startswith("bw1-"), cursor
    text = cursor[4:]
    numbers, value, shift = [], 0, 0
    for byte in base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return dict(zip(numbers[1::2], numbers[2::2]))


class Subscriber(Peer):
    """A subscriber that keeps its own cursor beside what it has received, and commits it to the daemon too."""

    def __init__(self, endpoint, consumer, start, keys=None):
        super().__init__(endpoint, keys=keys)
        self.consumer = consumer
        self.entries = []  # (position, body as bytes), in the order of their coming.
        self.committed = ""  # Last cursor that the daemon acknowledged.
        command, welcome, _bodies = self.ask(SUBSCRIBE, {"consumer": consumer, "from": start, "credit": 1000})
        assert command == WELCOME, welcome
        self.cursor = welcome["cursor"]
        self.reached = positions_of(self.cursor)
        self.subscribed_at = dict(self.reached)

    def take(self, frame):
        """Deals with one frame; gives the entry where it brings one."""
        command, _request_id, meta, bodies = frame
        if command == EVENT:
            partition, position = map(int, meta["position"].split(":"))
            self.reached[partition] = position
            self.cursor = meta["cursor"]
            self.entries.append((meta["position"], bodies[0]))
            self.send(COMMIT, b"commit", {"cursor": self.cursor})
            self.send(CREDIT, b"credit", {"n": 1})
            return json.loads(bodies[0])
        if command == RESULT:
            self.committed = meta["cursor"]
        assert command != ERROR, meta
        return None

    def drain(self):
        """All entries that the daemon has for it by now."""
        new = []
        self.send(PING, b"ping", {})
        wanted = None
        deadline = time.monotonic() + PATIENCE
        while wanted is None or any(self.reached.get(p, 0) < n for p, n in wanted.items()):
            frame = self.receive(max(0, deadline - time.monotonic()))
            assert frame is not None, f"the feed stopped at {self.reached}, and the daemon has {wanted}"
            if frame[0] == PONG and frame[1] == b"ping":
                wanted = positions_of(frame[2]["latest"])
            entry = self.take(frame)
            if entry is not None:
                new.append(entry)
        return new


def brief(entry):
    """An entry as one line of a test's expectation."""
    return f"{entry['patient']} {entry['monitor']} {entry['transition']} {entry['severity']}"
