#!/usr/bin/python3
"""Publishes native lines from standard input: publisher.py ENDPOINT PUBLISHER [NAME.secret SERVER.pub].
Protocol: ingest/README.md."""
import json
import sys
import tomllib

import zmq

HELLO, WELCOME, PUBLISH, RESULT = b"\x01", b"\x02", b"\x10", b"\x11"
endpoint, publisher, *key_files = sys.argv[1:]
door = zmq.Context().socket(zmq.DEALER)
door.setsockopt(zmq.LINGER, 0)
door.setsockopt(zmq.RCVTIMEO, 10_000)
if key_files:
    own, server = (tomllib.load(open(path, "rb")) for path in key_files)
    door.curve_publickey, door.curve_secretkey = own["public_key"].encode(), own["secret_key"].encode()
    door.curve_serverkey = server["public_key"].encode()
door.connect(endpoint)
unanswered, is_all_stored = {}, True


def send(command, request_id, meta, *bodies):
    door.send_multipart([b"BWP1", command, request_id, json.dumps(meta).encode(), *bodies])


def receive():
    _version, command, request_id, meta, *_bodies = door.recv_multipart()
    return command, request_id, json.loads(meta)


def take_results(left):
    global is_all_stored
    while len(unanswered) > left:
        command, request_id, meta = receive()
        if unanswered.pop(request_id, None) is None:
            continue
        result = meta["results"][0] if command == RESULT else meta
        is_all_stored &= result.get("status") == "stored"
        print(request_id.decode(), json.dumps(result))


send(HELLO, b"hello", {"client": "publisher.py", "publisher": publisher})
command, _, welcome = receive()
if command != WELCOME:
    sys.exit(welcome["message"])
for number, line in enumerate(sys.stdin.buffer, 1):
    take_results(welcome["credit"] - 1)
    request_id = b"%d" % number
    unanswered[request_id] = line
    send(PUBLISH, request_id, {"format": "native"}, line)
take_results(0)
sys.exit(0 if is_all_stored else 1)
