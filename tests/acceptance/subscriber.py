#!/usr/bin/python3
"""Prints COUNT entries of the feed: subscriber.py ENDPOINT CONSUMER FROM COUNT. Protocol: alerts/README.md."""
import json
import sys

import zmq

EVENT, SUBSCRIBE, COMMIT, CREDIT, PING, PONG = b"\x21", b"\x20", b"\x22", b"\x23", b"\x30", b"\x31"
endpoint, consumer, cursor, count = sys.argv[1:]
door = zmq.Context().socket(zmq.DEALER)
door.setsockopt(zmq.LINGER, 0)
door.connect(endpoint)


def send(command, request_id, meta):
    door.send_multipart([b"BWP1", command, request_id, json.dumps(meta).encode()])


def receive():
    if not door.poll(5_000):
        send(PING, b"ping", {})
        if not door.poll(5_000):
            sys.exit("the daemon does not answer")
    _version, command, request_id, meta, *bodies = door.recv_multipart()
    meta = json.loads(meta)
    if "reason" in meta:
        sys.exit(meta["message"])
    if command == PONG and not meta.get("subscribed", True):
        subscribe()
    return command, request_id, meta, bodies


def subscribe():
    send(SUBSCRIBE, b"feed", {"consumer": consumer, "from": cursor, "credit": 10})


subscribe()
for _ in range(int(count)):
    while True:
        command, _, meta, bodies = receive()
        if command == EVENT:
            break
    print(meta["position"], bodies[0].decode(), flush=True)
    cursor = meta["cursor"]
    send(COMMIT, meta["position"].encode(), {"cursor": cursor})
    send(CREDIT, b"credit", {"n": 1})
    last = meta["position"].encode()
while receive()[1] != last:
    pass
