"""A daemon whose doors take keys, and the key pairs to knock with."""
import json
import time
import tomllib

import zmq
from zmq.utils.monitor import recv_monitor_message

from under_test import ERROR, HELLO, PATIENCE, PUBLISH, Peer, Scratch, Subscriber, native, run_client

HANDSHAKES = (zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL |
              zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)


class Keys:
    """A key pair in its files, and the key of the server that it knows."""

    def __init__(self, secret, server):
        self.secret, self.server = secret, server

    def use(self, socket):
        """As an integrator would write it."""
        own = tomllib.loads(self.secret.read_text())
        socket.curve_publickey, socket.curve_secretkey = own["public_key"].encode(), own["secret_key"].encode()
        socket.curve_serverkey = tomllib.loads(self.server.read_text())["public_key"].encode()

    @property
    def options(self):
        return ["--key", self.secret, "--server-key", self.server]

    @property
    def public(self):
        return self.secret.with_suffix(".pub")

    @property
    def fingerprint(self):
        return ran("key", "fingerprint", self.public).strip()


def ran(*arguments):
    """What the client prints; it must succeed."""
    code, out, error = run_client(*arguments)
    assert code == 0, (code, out, error)
    return out


class Guarded(Scratch):
    """A test with a daemon of its own, which takes keys at every door."""
    doors = "tcp://127.0.0.1:0"

    def setUp(self):
        super().setUp()
        self.keys = self.folder / "keys"
        self.keys.mkdir(mode=0o750)
        self.server = self.made("server").public
        self.one = self.daemon(doors=self.doors, more=f"""tail = "tcp://127.0.0.1:0"
[curve]
server_key = "{self.folder / 'server.secret'}"
keys = "{self.keys}"
""")

    def made(self, name):
        """A new key pair that nobody knows yet."""
        ran("key", "generate", name, "--into", self.folder)
        return Keys(self.folder / f"{name}.secret", self.folder / "server.pub")

    def known(self, name, *roles, more=()):
        """A new key pair that the daemon is to know."""
        keys = self.made(name)
        ran("key", "add", name, keys.public, "--keys", self.keys, *[word for role in roles for word in
                                                                  ("--role", role)], *more)
        return keys

    def peer(self, door, keys, publisher=None):
        return Peer(self.one.endpoints[door], publisher, keys=keys)

    def subscriber(self, keys, consumer):
        return Subscriber(self.one.endpoints["feed"], consumer, "earliest", keys)

    def handshake(self, door, keys, seconds=PATIENCE):
        """How a handshake ends: `HANDSHAKE_SUCCEEDED`, `HANDSHAKE_FAILED_AUTH`, …; None: not in time."""
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.setsockopt(zmq.LINGER, 0)
            if keys is not None:
                keys.use(socket)
            with socket.get_monitor_socket(HANDSHAKES) as events:
                socket.connect(self.one.endpoints[door])
                said = recv_monitor_message(events)["event"] if events.poll(1000 * seconds) else None
            socket.disable_monitor()
        return None if said is None else zmq.Event(said).name

    def assert_refused(self, door, keys):
        self.assertEqual(self.handshake(door, keys), "HANDSHAKE_FAILED_AUTH")

    def refusal(self, door, keys, command, meta, *bodies):
        """The reason of the ERROR that a frame must have."""
        with self.peer(door, keys) as peer:
            answer = peer.ask(command, meta, *bodies)
        self.assertEqual(answer[0], ERROR, answer)
        return answer[1]["reason"]

    def greeting(self, keys, publisher):
        """The reason why the greeting is refused."""
        return self.refusal("ingest", keys, HELLO, {"publisher": publisher})

    def eventually(self, is_so, what, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                self.fail(f"{what}\n{self.one.log.read_text()}")
            time.sleep(0.1)

    def eventually_logged(self, text):
        self.eventually(lambda: text in self.one.log.read_text(), f"the log does not say '{text}'")

    def counts(self, keys):
        """What `status` has counted at the doors, asked with an operator's key."""
        with self.peer("command", keys) as peer:
            return json.loads(peer.query("status")[0])["keys"]


def publish_one(peer, *events):
    """Command and meta of the answer to one PUBLISH."""
    answer = peer.ask(PUBLISH, {"format": "native"}, native(*events))
    return answer[0], answer[1]
