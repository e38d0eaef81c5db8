#!/usr/bin/env python3
"""The sample API of the demo: orders kept in memory, JSON over HTTP/1.1 with keep-alive.

    GET    /orders              every order
    POST   /orders              {"item": ..., "quantity": ...} makes one
    GET    /orders/{id}         one order
    DELETE /orders/{id}         forgets it
    GET    /orders/{id}/events  its way to the customer, as server-sent events
    GET    /healthz             whether the service is up

It has no TLS, no authentication and no limits: that is the work of the gateway before it.

    orders.py [--address 127.0.0.1] [--port 9000] [--event-seconds 1.0]
"""

import argparse
import http.server
import itertools
import json
import re
import signal
import sys
import threading
import time

STEPS = ("received", "picked", "packed", "shipped", "delivered")
MAX_BODY = 64 * 1024


class Orders:
    """The orders by id. Every method may be called from any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._ids = itertools.count(1001)
        self._orders = {}
        for item, quantity in (("lantern", 2), ("rope, 30 m", 1), ("portcullis oil", 6)):
            self.add(item, quantity)

    def add(self, item, quantity):
        with self._lock:
            order = {"id": next(self._ids), "item": item, "quantity": quantity, "status": STEPS[0]}
            self._orders[order["id"]] = order
            return order

    def all(self):
        with self._lock:
            return list(self._orders.values())

    def get(self, number):
        with self._lock:
            return self._orders.get(number)

    def remove(self, number):
        with self._lock:
            return self._orders.pop(number, None)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in one segment; without this a keep-alive client waits for delayed ACKs.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def version_string(self):
        return "orders/1"

    def log_message(self, *_):
        """Silent: the gateway writes the access log."""

    def do_GET(self):
        if self.read_body() is None:
            return None
        if self.path == "/healthz":
            return self.answer(200, {"status": "ok"})
        if self.path == "/orders":
            return self.answer(200, {"orders": self.server.orders.all()})
        return self.with_order(lambda order: self.answer(200, order), self.events)

    def do_HEAD(self):
        self.do_GET()

    def do_DELETE(self):
        if self.read_body() is None:
            return
        def remove(order):
            self.server.orders.remove(order["id"])
            self.answer(204)

        self.with_order(remove)

    def do_POST(self):
        body = self.read_body()
        if body is None:
            return None
        if self.path != "/orders":
            return self.answer(404, {"error": "no such resource"})
        try:
            wish = json.loads(body)
            item, quantity = wish["item"], wish.get("quantity", 1)
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.answer(400, {"error": 'send {"item": "...", "quantity": 1}'})
        if not isinstance(item, str) or type(quantity) is not int or quantity < 1:
            return self.answer(400, {"error": "item is text, quantity a whole number above zero"})
        order = self.server.orders.add(item, quantity)
        return self.answer(201, order, {"Location": f"/orders/{order['id']}"})

    def with_order(self, use, use_events=None):
        """Calls `use` with the order the path names, or `use_events` when it ends in /events."""
        match = re.fullmatch(r"/orders/([0-9]{1,12})(/events)?", self.path)
        order = self.server.orders.get(int(match[1])) if match else None
        handler = use_events if match and match[2] else use
        if order is None or handler is None:
            self.answer(404, {"error": "no such resource"})
        else:
            handler(order)

    def events(self, order):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "HEAD":
            return
        for number, step in enumerate(STEPS):
            if number > 0:
                time.sleep(self.server.event_seconds)
            data = json.dumps({"id": order["id"], "status": step})
            self.chunk(f"id: {number}\nevent: status\ndata: {data}\n\n".encode())
        self.chunk(b"")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def read_body(self):
        """The body, or None when it was refused and answered.

        Every method reads it: what stays unread would be taken for the next request.
        """
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = b""
            while size := int(self.rfile.readline(32).split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline(2)
                if len(body) > MAX_BODY:
                    return self.refuse_body()
            while self.rfile.readline(1024).strip():
                pass
            return body
        length = int(self.headers.get("Content-Length", "0"))
        return self.rfile.read(length) if length <= MAX_BODY else self.refuse_body()

    def refuse_body(self):
        self.close_connection = True
        self.answer(413, {"error": "body too large"}, {"Connection": "close"})
        return None

    def answer(self, status, value=None, headers=None):
        body = b"" if value is None else json.dumps(value).encode() + b"\n"
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if value is not None:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """A client that went away is no error of ours; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--event-seconds", type=float, default=1.0, help="pause between two events")
    arguments = parser.parse_args()

    # SIGTERM ends the process like Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server((arguments.address, arguments.port), Handler) as server:
        server.orders = Orders()
        server.event_seconds = arguments.event_seconds
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
