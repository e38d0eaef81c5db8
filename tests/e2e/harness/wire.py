"""HTTP/1.1 as bytes: strict reading for both sides, and a client that sends exactly what it is told.

Nothing here repairs anything. What RFC 9112 does not allow raises WireError, and an end of stream
where more was promised raises Truncated with what had arrived.
"""

import json
import re
import socket
import ssl

from harness.wait import HANG

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
CHUNK = 1 << 16


class WireError(AssertionError):
    """The peer sent something the protocol does not allow."""


class Truncated(WireError):
    """The stream ended early. `response` is what is known of it, `body` what arrived."""

    def __init__(self, message, body=b"", response=None):
        super().__init__(message)
        self.body = body
        self.response = response


class Fields(list):
    """Header or trailer fields in order, as (name, value) text."""

    def all(self, name):
        return [value for key, value in self if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def __contains__(self, name):
        return bool(self.all(name))

    def one(self, name):
        """The value of a field that must stand exactly once."""
        values = self.all(name)
        assert len(values) == 1, f"{name}: {values} in {list(self)}"
        return values[0]


class Response:
    """A response as it came. `informational` holds the 1xx responses before it."""

    def __init__(self, version, status, reason, headers):
        self.version, self.status, self.reason, self.headers = version, status, reason, headers
        self.body = b""
        self.trailers = Fields()
        self.informational = []

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {list(self.headers)} {self.body[:300]!r}>"


class Reader:
    """Buffered reading from a socket."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.ended = False
        self.reset = False
        self.waiting = False  # inside recv, for whoever watches from another thread

    def fill(self):
        """Reads once. False at the end of the stream; a reset is an end too, and noted."""
        if self.ended:
            return False
        self.waiting = True
        try:
            data = self.sock.recv(CHUNK)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError, BrokenPipeError) as error:
            self.reset = isinstance(error, ConnectionError)
            data = b""
        finally:
            self.waiting = False
        if not data:
            self.ended = True
            return False
        self.buffer += data
        return True

    def take(self, count):
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def line(self, limit=1 << 20):
        """A line without its CRLF. A bare CR or LF is an error."""
        while b"\n" not in self.buffer:
            if len(self.buffer) > limit:
                raise WireError(f"a line longer than {limit} bytes")
            if not self.fill():
                raise Truncated("ended within a line", self.buffer)
        line = self.take(self.buffer.index(b"\n") + 1)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise WireError(f"a line not ended by CRLF alone: {line[:200]!r}")
        return line[:-2]

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise Truncated(f"{count} bytes were promised", self.buffer)
        return self.take(count)

    def pieces(self, count):
        """The next `count` bytes as they come, without collecting them."""
        while count > 0:
            if not self.buffer and not self.fill():
                raise Truncated(f"{count} more bytes were promised")
            piece = self.take(min(count, len(self.buffer)))
            count -= len(piece)
            yield piece

    def until_end(self):
        while self.fill():
            pass
        return self.take(len(self.buffer))


def read_fields(reader):
    """Field lines up to and including the empty line."""
    fields = Fields()
    while line := reader.line():
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name):
            raise WireError(f"a malformed field line: {line[:200]!r}")
        value = value.strip(b" \t")
        if any(byte < 0x20 and byte != 0x09 or byte == 0x7F for byte in value):
            raise WireError(f"a control character in a field: {line[:200]!r}")
        fields.append((name.decode(), value.decode("latin-1")))
    return fields


def framing(fields):
    """("chunked", None), ("length", n) or (None, None). Anything two readers could read in
    different ways is an error."""
    codings, lengths = fields.all("Transfer-Encoding"), fields.all("Content-Length")
    if codings and lengths:
        raise WireError(f"framed in two ways: {list(fields)}")
    if codings:
        if codings != ["chunked"]:
            raise WireError(f"Transfer-Encoding {codings}")
        return "chunked", None
    if lengths:
        if len(lengths) != 1 or not re.fullmatch(r"0|[1-9][0-9]*", lengths[0]):
            raise WireError(f"Content-Length {lengths}")
        return "length", int(lengths[0])
    return None, None


def chunks(reader):
    """The data of each chunk, as it comes; the trailers are left to the caller."""
    while True:
        size = reader.line()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
            raise WireError(f"a chunk size of {size[:100]!r}")
        count = int(size, 16)
        if count == 0:
            return
        yield from reader.pieces(count)
        if reader.exactly(2) != b"\r\n":
            raise WireError("chunk data is not followed by CRLF")


class RawClient:
    """One client connection. Bytes leave as given; responses are read strictly."""

    def __init__(self, port, *, host="127.0.0.1", tls=None, server_name=None, source=None,
                 receive_buffer=None, segment=None, default_host="gw.test"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family)
        self.default_host = default_host
        try:
            self.sock.settimeout(HANG)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if receive_buffer:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if segment:  # small ones make the gateway's send buffer small too
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
            if source:
                self.sock.bind((source, 0))
            self.sock.connect((host, port))
            if tls:
                self.sock = tls.wrap_socket(self.sock, server_hostname=server_name)
        except BaseException:
            self.sock.close()
            raise
        self.reader = Reader(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def abort(self):
        """Closes with a reset instead of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def finish(self):
        """Closes the sending side: end of stream for the gateway, which may still answer."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side was faster

    def send(self, *parts):
        """Sends what the other side still takes; a closed connection shows when reading."""
        try:
            self.sock.sendall(b"".join(parts))
            return True
        except (ConnectionError, ssl.SSLError):
            return False

    def request(self, method, target, headers=(), body=None, host=None, version="1.1"):
        self.send(request_bytes(method, target, headers, body, host or self.default_host, version))

    def call(self, method, target, headers=(), body=None, host=None):
        """A request and its response."""
        self.request(method, target, headers, body, host)
        return self.response(method)

    def get(self, target, headers=(), host=None):
        return self.call("GET", target, headers, host=host)

    def post(self, target, body, headers=(), host=None):
        return self.call("POST", target, headers, body, host)

    def head(self):
        """Status line and fields of the next message, 1xx included."""
        line = self.reader.line()
        match = re.fullmatch(rb"HTTP/(1\.[01]) ([1-9][0-9]{2}) ([^\x00-\x08\x0a-\x1f\x7f]*)", line)
        if not match:
            raise WireError(f"a status line of {line[:200]!r}")
        return Response(match[1].decode(), int(match[2]), match[3].decode("latin-1"),
                        read_fields(self.reader))

    def response(self, to="GET"):
        """The next final response, whole. Truncated carries what came of it."""
        informational = []
        while True:
            response = self.head()
            if response.status >= 200 or response.status == 101:
                break
            informational.append(response)
        response.informational = informational
        pieces = []
        try:
            pieces.extend(self.body(response, to))
        except Truncated as cut:
            raise Truncated(str(cut), b"".join(pieces), response) from cut
        response.body = b"".join(pieces)
        return response

    def body(self, response, to="GET"):
        """The pieces of the body behind a head, as they come, checked for correct framing."""
        kind, length = framing(response.headers)
        if response.status in (101, 204, 304) or to == "HEAD":
            if response.status in (101, 204) and kind:
                raise WireError(f"a {response.status} with {kind}")
        elif kind == "chunked":
            yield from chunks(self.reader)
            response.trailers = read_fields(self.reader)
        elif kind == "length":
            yield from self.reader.pieces(length)
        else:
            yield self.reader.until_end()

    def rest(self):
        """Everything up to the end of the stream."""
        return self.reader.until_end()

    def assert_closed(self):
        """The gateway closes, and says nothing more."""
        rest = self.rest()
        assert rest == b"", f"expected the end of the connection, got {rest[:300]!r}"

    def assert_open(self):
        """The connection still serves requests."""
        response = self.get("/still-open")
        assert response.status < 500, response


def request_bytes(method, target, headers=(), body=None, host="gw.test", version="1.1"):
    """A well-formed request; a body gets a Content-Length unless the headers frame it."""
    fields = [("Host", host)] if host and not any(n.lower() == "host" for n, _ in headers) else []
    fields += list(headers)
    framed = any(n.lower() in ("content-length", "transfer-encoding") for n, _ in fields)
    if body is not None and not framed:
        fields.append(("Content-Length", str(len(body))))
    lines = [f"{method} {target} HTTP/{version}"] + [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


def chunked(*pieces, trailers=()):
    """A chunked body of these pieces."""
    data = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
    return data + b"0\r\n" + b"".join(f"{n}: {v}\r\n".encode() for n, v in trailers) + b"\r\n"
