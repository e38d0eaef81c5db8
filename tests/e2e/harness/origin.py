"""An upstream of raw sockets that records what it gets and answers as a script tells it.

Requests are read as strictly as a client reads responses: whatever the gateway forwards must be
framed by exactly one unambiguous method, and anything else lands in `faults`, which the fixture
turns into a failure. Every connection has its own thread, so scripts are plain functions that may
wait.
"""

import collections
import fcntl
import json
import re
import socket
import ssl
import struct
import termios
import threading

from harness.ports import free_port
from harness.wait import HANG, until
from harness.wire import Fields, Reader, Truncated, WireError, chunked, chunks, framing, read_fields


class Received:
    """A request as it arrived, from its first byte on."""

    def __init__(self, connection):
        self.connection = connection
        self.method = self.target = self.version = ""
        self.headers = Fields()
        self.trailers = Fields()
        self.body = b""            # unless read in pieces
        self.head_complete = False
        self.complete = False      # head, body and trailers have all arrived

    @property
    def path(self):
        return self.target.partition("?")[0]

    def __repr__(self):
        state = "" if self.complete else " incomplete"
        return f"<{self.method} {self.target}{state} {list(self.headers)} {self.body[:100]!r}>"


class Connection:
    """A connection the gateway made."""

    def __init__(self, sock, number):
        self.sock, self.number = sock, number
        self.reader = None
        self.closed = False        # by either side
        self.closed_by_peer = False
        self.server_name = None    # SNI
        self.peer_certificate = None


class Call:
    """One request, for the script that answers it. The body is only read when asked for."""

    def __init__(self, origin, connection, request):
        self.origin, self.connection, self.request = origin, connection, request
        self.sock = connection.sock
        self._body_read = False

    def pieces(self):
        """The body as it comes; the request is complete at its end."""
        self._body_read = True
        kind, length = framing(self.request.headers)
        if kind == "chunked":
            yield from chunks(self.connection.reader)
            self.request.trailers = read_fields(self.connection.reader)
        elif kind == "length":
            yield from self.connection.reader.pieces(length)
        self.request.complete = True

    def body(self):
        if not self._body_read:
            parts = []
            try:
                for piece in self.pieces():
                    parts.append(piece)
            finally:
                self.request.body = b"".join(parts)
        return self.request.body

    def send(self, *parts):
        self.sock.sendall(b"".join(parts))

    def head(self, status=200, headers=(), reason="OK"):
        lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in headers]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def reply(self, status=200, headers=(), body=b"", reason="OK"):
        """A whole response; with a Content-Length unless the headers frame it or it has none."""
        headers = list(headers)
        framed = any(n.lower() in ("content-length", "transfer-encoding") for n, _ in headers)
        if not framed and status not in (204, 304):
            headers.append(("Content-Length", str(len(body))))
        lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in headers]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.send(head + (b"" if self.request.method == "HEAD" else body))

    def reply_json(self, value, status=200, headers=()):
        self.reply(status, [("Content-Type", "application/json"), *headers],
                   json.dumps(value).encode())

    def close(self):
        self.connection.closed = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.closed = True
        self.sock.close()

    def wait_closed(self):
        """Reads until the gateway closes."""
        self.connection.reader.until_end()
        self.connection.closed_by_peer = True


def echo(call):
    """Answers with what arrived: {"origin", "method", "target", "headers", "body", "trailers"}."""
    body = call.body()
    request = call.request
    call.reply_json({
        "origin": call.origin.name,
        "method": request.method,
        "target": request.target,
        "headers": [list(field) for field in request.headers],
        "trailers": [list(field) for field in request.trailers],
        "body": body.decode("latin-1"),
    })


class Origin:
    """A server on a port of its own. `respond(call)` may be replaced at any time."""

    def __init__(self, respond=echo, name="origin", tls=None, port=None, address="127.0.0.1"):
        self.respond, self.name, self.tls, self.address = respond, name, tls, address
        self.port = port or free_port(address)
        self.requests = []
        self.connections = []
        self.faults = []
        self.expect_faults = False
        self._listener = None
        self.start()

    @property
    def url(self):
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def endpoint(self):
        return f"{self.address}:{self.port}"

    @property
    def complete(self):
        """The requests that arrived whole."""
        return [request for request in self.requests if request.complete]

    @property
    def last(self):
        assert self.requests, f"{self.name} was never asked"
        return self.requests[-1]

    def count(self, path):
        return sum(request.path == path for request in self.requests)

    def start(self):
        self._listener = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self.address, self.port))
        self._listener.listen(1024)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self):
        """Refuses connections and closes those there are."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        try:
            listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        listener.close()
        self.drop_connections()

    def drop_connections(self):
        for connection in self.connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def settle(self):
        """Returns once every thread is done or waiting, with no byte of the gateway's unread."""
        for _ in range(2):  # a thread may be between its recv and noting that it returned
            until(lambda: all(self._quiet(c) for c in list(self.connections)),
                  f"{self.name} to settle")

    @staticmethod
    def _quiet(connection):
        if connection.closed:
            return True
        if connection.reader is None or not connection.reader.waiting:
            return False
        try:
            unread = fcntl.ioctl(connection.sock.fileno(), termios.FIONREAD, b"\0\0\0\0")
        except (OSError, ValueError):
            return True
        return struct.unpack("i", unread)[0] == 0

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(sock, len(self.connections))
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.sock.settimeout(4 * HANG)
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                self._handshake(connection)
            connection.reader = Reader(connection.sock)
            while not connection.closed and self._one(connection):
                pass
        except (OSError, ValueError):
            pass  # the connection is gone, which the records show
        finally:
            connection.closed = True
            connection.sock.close()

    def _handshake(self, connection):
        def note(sock, server_name, _context):
            connection.server_name = server_name

        self.tls.sni_callback = note
        connection.sock = self.tls.wrap_socket(connection.sock, server_side=True)
        connection.peer_certificate = connection.sock.getpeercert()

    def _one(self, connection):
        """One request and its answer. False when the connection is over."""
        reader = connection.reader
        if not reader.buffer and not reader.fill():
            connection.closed_by_peer = True
            return False
        request = Received(connection)
        self.requests.append(request)
        try:
            self._read_head(reader, request)
            call = Call(self, connection, request)
            self.respond(call)
            if connection.closed:
                return False
            collections.deque(call.pieces() if not call._body_read else (), maxlen=0)
            return request.complete
        except Truncated:
            connection.closed_by_peer = reader.ended
            return False
        except WireError as error:
            self.faults.append(f"{error} in {request!r}")
            return False

    def _read_head(self, reader, request):
        line = reader.line()
        match = re.fullmatch(rb"([!-~]+) ([!-~]+) HTTP/(1\.1)", line)
        if not match:
            raise WireError(f"a request line of {line[:200]!r}")
        request.method, request.target, request.version = (part.decode() for part in match.groups())
        request.headers = read_fields(reader)
        if len(request.headers.all("Host")) != 1:
            raise WireError(f"Host {request.headers.all('Host')}")
        kind, length = framing(request.headers)
        request.head_complete = True
        request.complete = kind is None or length == 0


# ---- scripts ----


def always(*arguments, **named):
    """The same response to every request, after reading it whole."""
    def respond(call):
        call.body()
        call.reply(*arguments, **named)
    return respond


def raw(data, then="close"):
    """These bytes for an answer; then the connection is closed, reset or kept."""
    def respond(call):
        call.body()
        call.send(data)
        if then == "close":
            call.close()
        elif then == "reset":
            call.reset()
    return respond


def by_path(scripts, otherwise=echo):
    """A script for each path."""
    def respond(call):
        scripts.get(call.request.path, otherwise)(call)
    return respond


def close_at_once(call):
    """Reads the request and closes without a byte."""
    call.body()
    call.close()


def silent(call):
    """Reads the request and never answers."""
    call.body()
    call.wait_closed()
    call.close()


def promise(length, send):
    """Promises `length` bytes of body, sends `send` of them and closes."""
    def respond(call):
        call.body()
        call.head(headers=[("Content-Length", str(length))])
        call.send(b"x" * send)
        call.close()
    return respond


def informational(*statuses):
    """1xx responses, then an echo."""
    def respond(call):
        for status in statuses:
            call.send(f"HTTP/1.1 {status} Info\r\nLink: </style.css>\r\n\r\n".encode())
        echo(call)
    return respond


def in_chunks(*pieces, trailers=(), headers=()):
    def respond(call):
        call.body()
        announced = [("Trailer", ", ".join(name for name, _ in trailers))] if trailers else []
        call.head(headers=[("Transfer-Encoding", "chunked"), *announced, *headers])
        call.send(chunked(*pieces, trailers=trailers))
    return respond


def gated(gate, then=echo):
    """Reads the request, then waits for the test to set `gate`, a threading.Event."""
    def respond(call):
        call.body()
        assert gate.wait(HANG), "the test never opened the gate"
        then(call)
    return respond


def server_context(certificate, client_ca=None):
    """The TLS side of an origin: a certificate of harness.certs, and whose clients it requires."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context
