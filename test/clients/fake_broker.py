#!/usr/bin/env python3
"""A message broker's HTTP interface in memory, as far as the test of rabbitmqadmin needs it.

usage: fake_broker.py PORT_FILE     listens on a free port of 127.0.0.1, writes its number there

Objects that are put (PUT /api/KIND/VHOST/NAME, or all at once by POST /api/definitions) are kept
and listed (GET /api/KIND[/VHOST]).
"""
import http.server
import json
import os
import sys
import urllib.parse

stored = {}  # (kind, virtual host, name) -> object


def queue_state(item):
    """A queue as a broker shows it: what was declared, and how it is doing."""
    number = sum(item["name"].encode())
    return item | {"node": "rabbit@host", "state": "running", "type": "classic",
                   "memory": number * 10, "consumers": number % 7, "messages": number,
                   "messages_ready": number, "messages_unacknowledged": 0,
                   "message_bytes": number * 100}


def describe(kind, vhost, item):
    item = dict(item, vhost=vhost)
    return queue_state(item) if kind == "queues" else item


def listing(kind, vhost):
    return [describe(kind, key[1], item) for key, item in stored.items()
            if key[0] == kind and vhost in (None, key[1])]


class Broker(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def parts(self):
        path = urllib.parse.urlsplit(self.path).path
        return [urllib.parse.unquote(part) for part in path.split("/")[2:]]

    def body(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return json.loads(text) if text else {}

    def answer(self, code, value=None):
        text = b"" if value is None else json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        kind, *rest = self.parts()
        if len(rest) == 2:
            item = stored.get((kind, *rest))
            self.answer(200 if item else 404, describe(kind, rest[0], item) if item else {})
        elif kind == "definitions":
            self.answer(200, {name: listing(name, None) for name in
                              ("users", "vhosts", "queues", "exchanges", "bindings", "policies")})
        else:
            self.answer(200, listing(kind, rest[0] if rest else None))

    def do_PUT(self):
        kind, *rest = self.parts()
        key = (kind, *(rest if len(rest) == 2 else ["/", rest[0]]))
        stored[key] = self.body() | {"name": key[2]}
        self.answer(201)

    def do_POST(self):
        body = self.body()
        if self.parts()[0] == "definitions":
            for kind, items in body.items():
                for item in items if isinstance(items, list) else []:
                    stored[(kind, item.get("vhost", "/"), item["name"])] = item
            self.answer(204)
        else:
            self.answer(200, {"routed": True})

    def do_DELETE(self):
        kind, *rest = self.parts()
        gone = stored.pop((kind, *rest), None) if len(rest) == 2 else None
        self.answer(204 if gone else 404)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broker)
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.server_port))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
