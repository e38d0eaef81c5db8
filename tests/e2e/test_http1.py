"""HTTP/1.1 on both sides: connections, framing, streaming, and upstreams that misbehave."""

import fcntl
import ipaddress
import pathlib
import random
import select
import socket
import struct
import termios
import threading
import zlib

import pytest

from harness import binary, websocket
from harness.gateway import api, assert_problem, request_id_of
from harness.origin import (always, by_path, close_at_once, echo, gated, in_chunks, informational,
                            promise, raw, silent)
from harness.wait import HANG, until
from harness.wire import Truncated, WireError, chunked, chunks, request_bytes

MIB = 1 << 20


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin()


@pytest.fixture(scope="module")
def plain(shared_gateway, upstream):
    """A gateway with nothing special, before an upstream that echoes."""
    return shared_gateway({"a": api(upstream)})


@pytest.fixture
def behind(gateway, origin):
    """A gateway of one's own before an upstream with this script."""
    def make(script, api_timeouts=None, **config):
        upstream = origin(script)
        more = {"timeouts": api_timeouts} if api_timeouts else {}
        return gateway({"a": api(upstream, **more)}, **config), upstream
    return make


# ---- connections ----


def test_a_connection_serves_many_requests(plain):
    with plain.client() as client:
        for number in range(20):
            assert client.get(f"/{number}").json()["target"] == f"/{number}"


def test_pipelined_requests_are_answered_in_order(plain):
    with plain.client() as client:
        client.send(b"".join(request_bytes("GET", f"/{number}") for number in range(30)))
        for number in range(30):
            assert client.response().json()["target"] == f"/{number}"


def test_pipelined_requests_with_bodies_stay_apart(plain):
    with plain.client() as client:
        parts = []
        for number in range(10):
            body = b"%d" % number * 50
            parts.append(request_bytes("POST", "/p", body=body))
            parts.append(request_bytes("POST", "/p", [("Transfer-Encoding", "chunked")],
                                       chunked(body[:7], body[7:])))
        client.send(b"".join(parts))
        for number in range(20):
            assert client.response("POST").json()["body"] == str(number // 2) * 50


def test_a_request_may_arrive_byte_by_byte(plain):
    data = request_bytes("POST", "/slow", [("Transfer-Encoding", "chunked")], chunked(b"hello"))
    with plain.client() as client:
        for byte in data:
            client.send(bytes([byte]))
        assert client.response("POST").json()["body"] == "hello"


@pytest.mark.parametrize("connection", ["close", "Close", "keep-alive, close"])
def test_close_is_honoured_and_announced(plain, connection):
    with plain.client() as client:
        response = client.get("/", [("Connection", connection)])
        assert response.status == 200
        assert response.headers.get("Connection", "").lower() == "close"
        client.assert_closed()


def test_http_1_0_closes_unless_asked_to_stay(plain):
    with plain.client() as client:
        client.request("GET", "/", version="1.0")
        assert client.response().status == 200
        client.assert_closed()
    with plain.client() as client:
        client.request("GET", "/", [("Connection", "keep-alive")], version="1.0")
        response = client.response()
        assert response.headers.get("Connection", "").lower() == "keep-alive"
        client.assert_open()


def test_http_1_0_gets_no_chunks(behind):
    gw, _ = behind(in_chunks(b"one", b"two"))
    with gw.client() as client:
        client.request("GET", "/", version="1.0")
        response = client.response()
        assert "Transfer-Encoding" not in response.headers
        assert response.body == b"onetwo"
        client.assert_closed()


def test_upstream_connections_are_kept(plain, upstream):
    with plain.client() as client:
        client.get("/first")
        first = upstream.last.connection
        for _ in range(5):
            client.get("/again")
            assert upstream.last.connection is first


def test_hop_by_hop_fields_stay_here(plain):
    headers = [("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"),
               ("Proxy-Connection", "keep-alive"), ("TE", "trailers"), ("X-End", "2"),
               ("Proxy-Authorization", "Basic eDp5")]
    got = {name.lower() for name, _ in plain.get("/", headers).json()["headers"]}
    assert not got & {"connection", "x-hop", "keep-alive", "proxy-connection", "te",
                      "proxy-authorization"}
    assert "x-end" in got


def test_hop_by_hop_fields_of_the_upstream_stay_there(behind):
    gw, _ = behind(always(200, [("Connection", "X-Hop"), ("X-Hop", "1"), ("X-End", "2"),
                                ("Keep-Alive", "timeout=5"), ("Proxy-Authenticate", "Basic")]))
    response = gw.get("/")
    assert "X-End" in response.headers
    for name in ("X-Hop", "Keep-Alive", "Proxy-Authenticate"):
        assert name not in response.headers


# ---- messages ----


def test_head_has_no_body_and_the_length_of_get(behind):
    gw, upstream = behind(always(200, body=b"twelve bytes"))
    with gw.client() as client:
        response = client.call("HEAD", "/")
        assert response.headers.one("Content-Length") == "12"
        assert response.body == b""
        assert client.get("/").body == b"twelve bytes"
    assert [request.method for request in upstream.requests] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_without_body_ends_at_its_head(behind, status):
    gw, _ = behind(by_path({"/none": always(status, [("ETag", '"x"')])}))
    with gw.client() as client:
        client.request("GET", "/none")
        client.request("GET", "/next")
        response = client.response()
        assert (response.status, response.body) == (status, b"")
        assert client.response().json()["target"] == "/next"


def test_chunks_and_trailers_reach_the_upstream(plain, upstream):
    trailers = [("X-Checksum", "abc"), ("Server-Timing", "db;dur=1")]
    with plain.client() as client:
        headers = [("Transfer-Encoding", "chunked"), ("Trailer", "X-Checksum, Server-Timing")]
        client.request("POST", "/t", headers, chunked(b"hello ", b"world", trailers=trailers))
        echoed = client.response("POST").json()
    assert echoed["body"] == "hello world"
    assert upstream.last.headers.get("Transfer-Encoding") == "chunked"
    assert upstream.last.trailers.get("X-Checksum") == "abc"


def test_chunks_and_trailers_reach_the_client(behind):
    gw, _ = behind(in_chunks(b"hello ", b"world", trailers=[("X-Checksum", "abc")]))
    with gw.client() as client:
        response = client.get("/", [("TE", "trailers")])
        assert response.body == b"hello world"
        assert response.headers.one("Transfer-Encoding") == "chunked"
        assert response.trailers.get("X-Checksum") == "abc"
        client.assert_open()


def test_a_body_that_ends_with_the_upstreams_connection(behind):
    gw, _ = behind(raw(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"))
    with gw.client() as client:
        response = client.get("/")
        assert response.body == b"until the end"
        assert "Transfer-Encoding" in response.headers
        client.assert_open()


def test_100_continue_comes_before_the_body_and_once(plain):
    with plain.client() as client:
        client.request("POST", "/", [("Expect", "100-continue"), ("Content-Length", "5")])
        assert client.head().status == 100
        client.send(b"hello")
        response = client.response("POST")
        assert (response.informational, response.json()["body"]) == ([], "hello")
        assert "Expect" not in [name for name, _ in response.json()["headers"]]


def test_100_continue_is_not_sent_for_a_refused_request(plain):
    with plain.client() as client:
        client.request("POST", "/", [("Expect", "100-continue"), ("Content-Length", "5"),
                                     ("Content-Length", "6")])
        response = client.response("POST")
        assert (response.status, response.informational) == (400, [])
        client.assert_closed()


def test_informational_responses_of_the_upstream(behind):
    """103 may be passed on; 100 is the gateway's own business; both end with the real answer."""
    gw, _ = behind(informational(100, 103))
    with gw.client() as client:
        response = client.get("/early")
        assert response.status == 200
        assert all(hint.status == 103 for hint in response.informational)
        client.assert_open()


def test_a_stray_101_of_the_upstream_opens_no_tunnel(behind):
    gw, _ = behind(raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                       b"Connection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))
    with gw.client() as client:
        assert_problem(client.get("/"), 502)


def test_huge_headers_of_the_upstream_are_refused(behind):
    gw, _ = behind(always(200, [(f"X-{i}", "v" * 1000) for i in range(200)]))
    assert_problem(gw.get("/"), 502)


def test_every_response_has_a_request_id_the_upstream_knows(plain, upstream):
    first, second = plain.get("/"), plain.get("/")
    assert request_id_of(first) != request_id_of(second)
    assert upstream.last.headers.one("X-Request-Id") == request_id_of(second)


def test_a_client_cannot_choose_the_request_id(plain):
    response = plain.get("/", [("X-Request-Id", "mine")])
    assert request_id_of(response) != "mine"


# ---- refusals ----


@pytest.mark.parametrize("head, code", [
    (b"GET / HTTP/1.1\r\n\r\n", "http.missing_host"),
    (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "http.bad_host"),
    (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "http.bad_target_character"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", "http.space_before_colon"),
    (b"GET / HTTP/1.1\r\nHost: a\r\n X: 1\r\n\r\n", "http.folded_field"),
    (b"GET / HTTP/1.1\nHost: a\r\n\r\n", "http.bad_line_end"),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
     "http.conflicting_framing"),
    (b"GET /%2fetc HTTP/1.1\r\nHost: a\r\n\r\n", "http.encoded_separator"),
    (b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "http.encoded_control"),
    (b"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n", "http.path_above_root"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "http.tls_on_plain_port"),
])
def test_what_two_parsers_could_read_differently_is_refused(plain, upstream, head, code):
    before = len(upstream.requests)
    with plain.client() as client:
        client.send(head + request_bytes("GET", "/smuggled"))
        assert_problem(client.response(), 400, code)
        client.assert_closed()
    assert len(upstream.requests) == before


@pytest.mark.parametrize("sent, seen", [
    ("/a/./b", "/a/b"),
    ("/a/b/../c", "/a/c"),
    ("/%61%62", "/ab"),
    ("/a%2e%2e/b", "/a../b"),
    ("/a%c3%a9?x=%2f", "/a%C3%A9?x=%2f"),
    ("/a//b", "/a//b"),
    ("/a?", "/a?"),
    ("http://GW.test/abs", "/abs"),
])
def test_the_path_is_normalised_once_and_sent_as_matched(plain, sent, seen):
    assert plain.get(sent).json()["target"] == seen


def test_duplicate_slashes_merge_by_choice(behind):
    gw, upstream = behind(echo, http={"merge_slashes": True})
    gw.get("//a///b")
    assert upstream.last.target == "/a/b"


@pytest.mark.parametrize("method", ["CONNECT", "TRACE"])
def test_tunnels_and_traces_are_not_served(plain, upstream, method):
    before = len(upstream.requests)
    with plain.client() as client:
        client.request(method, "gw.test:80" if method == "CONNECT" else "/")
        assert client.response().status in (400, 405, 501)
    assert len(upstream.requests) == before


# ---- streaming ----


class Flow:
    """A long body of one repeated block: its length and checksum, without ever being whole."""

    def __init__(self, mib):
        self.block = bytes(range(256)) * (MIB // 256)
        self.mib = mib

    def blocks(self):
        return (self.block for _ in range(self.mib))

    def check(self, pieces):
        """Whether these pieces are the body."""
        size, checksum = 0, 0
        for piece in pieces:
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
        expected = 0
        for block in self.blocks():
            expected = zlib.crc32(block, expected)
        return (size, checksum) == (self.mib * MIB, expected)


# Freed memory that a sanitizer holds back would look like growth.
SMALL_QUARANTINE = {"ASAN_OPTIONS": "quarantine_size_mb=4", "TSAN_OPTIONS": "history_size=0"}
ALLOWANCE_KIB = (64 if binary.binary().exists() and binary.sanitized() else 8) * 1024


@pytest.mark.parametrize("framed", ["length", "chunked"])
def test_a_large_download_streams_in_constant_memory(gateway, origin, framed):
    flow = Flow(300)

    def serve(call):
        call.body()
        if call.request.path != "/large":
            call.reply(200)
            return
        if framed == "length":
            call.head(headers=[("Content-Length", str(flow.mib * MIB))])
            for block in flow.blocks():
                call.send(block)
        else:
            call.head(headers=[("Transfer-Encoding", "chunked")])
            for block in flow.blocks():
                call.send(b"%x\r\n" % len(block), block, b"\r\n")
            call.send(b"0\r\n\r\n")

    gw = gateway({"a": api(origin(serve))}, env=SMALL_QUARANTINE)
    gw.get("/warm")
    before = gw.resident_kib()
    with gw.client() as client:
        client.request("GET", "/large")
        head = client.head()
        assert flow.check(client.body(head))
        assert gw.resident_kib() - before < ALLOWANCE_KIB
        client.assert_open()


@pytest.mark.parametrize("framed", ["length", "chunked"])
def test_a_large_upload_streams_in_constant_memory(gateway, origin, framed):
    flow = Flow(300)
    results = []

    def take(call):
        if call.request.path == "/large":
            results.append(flow.check(call.pieces()))
        call.reply(200)

    gw = gateway({"a": api(origin(take))}, env=SMALL_QUARANTINE)
    gw.get("/warm")
    before = gw.resident_kib()
    with gw.client() as client:
        if framed == "length":
            client.request("PUT", "/large", [("Content-Length", str(flow.mib * MIB))])
            for block in flow.blocks():
                client.send(block)
        else:
            client.request("PUT", "/large", [("Transfer-Encoding", "chunked")])
            for block in flow.blocks():
                client.send(b"%x\r\n" % len(block), block, b"\r\n")
            client.send(b"0\r\n\r\n")
        assert client.response("PUT").status == 200
        assert results == [True]
        assert gw.resident_kib() - before < ALLOWANCE_KIB


def test_a_client_that_does_not_read_holds_back_the_upstream(gateway, origin):
    """With pressure passed on, the upstream can send only what fits the sockets' buffers."""
    total = 256
    sent = []
    block = b"x" * MIB

    def serve(call):
        call.body()
        call.head(headers=[("Content-Length", str(total * MIB))])
        for _ in range(total):
            call.send(block)
            sent.append(MIB)

    gw = gateway({"a": api(origin(serve))}, env=SMALL_QUARANTINE)
    with gw.client(receive_buffer=65536) as client:
        client.request("GET", "/")
        head = client.head()
        # Give the upstream every chance to finish; blocked for good, it stays where it is.
        seen = -1
        pause = threading.Event()
        while len(sent) != seen and len(sent) < total:
            seen = len(sent)
            pause.wait(1)
        assert len(sent) < total / 2
        assert sum(map(len, client.body(head))) == total * MIB


def taken_by_the_kernel(client):
    """Bytes for this client that the gateway has got rid of, read or not."""
    local, remote = (f"{socket.htonl(int(ipaddress.ip_address(host))):08X}:{port:04X}"
                     for host, port in (client.sock.getpeername(), client.sock.getsockname()))
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1:3] == [local, remote]:
            unread = fcntl.ioctl(client.sock.fileno(), termios.FIONREAD, b"\0\0\0\0")
            return int(fields[4].partition(":")[0], 16) + struct.unpack("i", unread)[0]
    raise AssertionError(f"no connection {local} {remote}")


def test_a_body_that_comes_while_its_head_is_still_sent_stays_as_it_is(gateway, origin):
    """All connections of a thread are read into one buffer: what another one gets must not end up
    in an answer that still waits behind its head."""
    piece = bytes(range(251)) * 200
    filler = [(f"X-Filler-{number}", "h" * 7500) for number in range(8)]
    head_is_stuck, piece_sent = threading.Event(), threading.Event()

    def serve(call):
        call.body()
        if call.request.path != "/slow":
            call.reply(body=b"y" * 60_000)
            return
        call.head(headers=[*filler, ("Content-Length", str(2 * len(piece)))])
        assert head_is_stuck.wait(HANG)
        call.send(piece)
        piece_sent.set()
        call.send(piece)

    gw = gateway({"a": api(origin(serve))}, workers=1)
    # The kernel remembers of an address how large a buffer did it good: one it does not know.
    stranger = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
    with gw.client(receive_buffer=2048, segment=536, source=stranger) as slow, \
            gw.client() as other:
        slow.request("GET", "/slow")
        assert select.select([slow.sock], [], [], HANG)[0]
        head_is_stuck.set()
        assert piece_sent.wait(HANG)
        for _ in range(3):  # each in a later turn of the thread than the piece
            assert other.post("/other", b"x" * 60_000).status == 200
        assert taken_by_the_kernel(slow) < sum(len(value) for _, value in filler), (
            "the head went out at once, so nothing was tested")
        assert slow.response().body == 2 * piece


def test_server_sent_events_arrive_as_they_are_sent(behind):
    gate = threading.Semaphore(0)

    def events(call):
        call.body()
        call.head(headers=[("Content-Type", "text/event-stream"),
                           ("Transfer-Encoding", "chunked")])
        for number in range(5):
            assert gate.acquire(timeout=HANG)
            event = b"data: %d\n\n" % number
            call.send(b"%x\r\n%b\r\n" % (len(event), event))
        call.send(b"0\r\n\r\n")

    gw, _ = behind(events)
    with gw.client() as client:
        client.request("GET", "/")
        head = client.head()
        pieces = client.body(head)
        for number in range(5):
            gate.release()  # the next event is sent only now, after the last one was received
            assert next(pieces) == b"data: %d\n\n" % number
        assert list(pieces) == []


def test_upload_arrives_as_it_is_sent(behind):
    """A body is forwarded piece by piece: the upstream has the first before the second is sent."""
    arrived = threading.Semaphore(0)
    seen = []

    def take(call):
        for piece in call.pieces():
            seen.append(piece)
            arrived.release()
        call.reply(200)

    gw, _ = behind(take)
    with gw.client() as client:
        client.request("POST", "/", [("Transfer-Encoding", "chunked")])
        for number in range(5):
            client.send(b"3\r\n=%d=\r\n" % number)
            assert arrived.acquire(timeout=HANG), "the upstream got nothing"
        client.send(b"0\r\n\r\n")
        assert client.response("POST").status == 200
    assert b"".join(seen) == b"=0==1==2==3==4="


def test_an_early_answer_during_an_upload(behind):
    """The upstream answers 413 without reading on: the client gets the answer, then the end."""
    def refuse(call):
        call.reply(413, body=b"too much")
        call.close()

    gw, _ = behind(refuse)
    with gw.client() as client:
        client.request("POST", "/", [("Content-Length", str(64 * MIB))])
        client.send(b"x" * MIB)
        response = client.response("POST")
        assert (response.status, response.body) == (413, b"too much")
        assert response.headers.get("Connection", "").lower() == "close"


# ---- WebSocket ----


def test_websocket_handshake_and_frames(behind):
    gw, upstream = behind(websocket.echo)
    with gw.client() as client:
        response = client.get("/chat", websocket.HANDSHAKE)
        assert response.status == 101
        assert response.headers.one("Sec-WebSocket-Accept") == websocket.accept_of(websocket.KEY)
        assert response.headers.get("Upgrade", "").lower() == "websocket"
        request_id_of(response)
        for payload in (b"hello", b"x" * 1000, b"y" * 200_000):
            client.send(websocket.frame(payload, masked=True))
            assert websocket.read_frame(client.reader) == (websocket.TEXT, payload)
        client.send(websocket.frame(b"", websocket.CLOSE, masked=True))
        assert websocket.read_frame(client.reader)[0] == websocket.CLOSE
        client.assert_closed()
    assert upstream.last.headers.get("Upgrade", "").lower() == "websocket"
    assert "upgrade" in upstream.last.headers.get("Connection", "").lower()


def test_bytes_sent_with_the_handshake_reach_the_tunnel(behind):
    gw, _ = behind(websocket.echo)
    with gw.client() as client:
        client.send(request_bytes("GET", "/", websocket.HANDSHAKE)
                    + websocket.frame(b"early", masked=True))
        assert client.response().status == 101
        assert websocket.read_frame(client.reader) == (websocket.TEXT, b"early")


def test_a_refused_websocket_leaves_plain_http(behind):
    gw, _ = behind(always(403, body=b"no"))
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status == 403
        client.assert_open()


def test_an_idle_websocket_ends(behind):
    gw, upstream = behind(websocket.echo, timeouts={"tunnel_idle": "300ms"})
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status == 101
        client.rest()
    until(lambda: upstream.connections[0].closed, "the upstream's side to end")


def test_a_websocket_ends_at_its_lifetime_even_when_busy(behind):
    gw, _ = behind(websocket.echo, timeouts={"tunnel_lifetime": "500ms"})
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status == 101
        with pytest.raises(WireError):
            while True:
                client.send(websocket.frame(b"still here", masked=True))
                websocket.read_frame(client.reader)


@pytest.mark.parametrize("leaver", ["client", "upstream"])
def test_either_end_ends_the_tunnel(behind, leaver):
    gw, upstream = behind(websocket.echo)
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status == 101
        if leaver == "upstream":
            upstream.drop_connections()
            client.rest()
    until(lambda: upstream.connections[0].closed, "the upstream's side to end")


def test_websocket_can_be_switched_off(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream, websocket=False)})
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status != 101
    assert all("Upgrade" not in request.headers for request in upstream.requests)


# ---- clients that leave ----


def test_a_client_that_closes_its_side_still_gets_the_answer(plain):
    with plain.client() as client:
        client.request("GET", "/half")
        client.finish()
        assert client.response().status == 200
        client.assert_closed()


@pytest.mark.parametrize("how", ["close", "abort"])
def test_a_client_that_leaves_cancels_its_request(behind, how):
    gw, upstream = behind(silent, timeouts={"half_closed": "100ms"})
    client = gw.client()
    client.request("GET", "/")
    until(lambda: upstream.complete, "the request to arrive")
    client.close() if how == "close" else client.abort()
    until(lambda: upstream.connections[0].closed_by_peer, "the gateway to close the upstream's side")


def test_a_client_that_leaves_within_its_body_leaves_no_whole_request(behind):
    gw, upstream = behind(echo)
    with gw.client() as client:
        client.request("POST", "/", [("Content-Length", "100000")])
        client.send(b"x" * 50_000)
        until(lambda: upstream.requests, "the request to begin")
    until(lambda: upstream.connections[0].closed, "the upstream's side to end")
    assert upstream.complete == []


def test_a_client_that_leaves_within_a_download_cancels_it(behind):
    gone = threading.Event()

    def endless(call):
        call.body()
        call.head(headers=[("Transfer-Encoding", "chunked")])
        try:
            while True:
                call.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            gone.set()
            raise

    gw, _ = behind(endless)
    with gw.client() as client:
        client.request("GET", "/")
        client.reader.exactly(200_000)
        client.abort()
    assert gone.wait(HANG)


# ---- upstreams that misbehave ----


@pytest.mark.parametrize("answer", [
    b"garbage\r\n\r\n",
    b"\x00\x01\x02\x03",
    b"HTTP/1.1 2x0 OK\r\n\r\n",
    b"HTTP/3.0 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Le",
])
def test_nonsense_of_the_upstream_is_a_502(behind, answer):
    gw, _ = behind(raw(answer))
    with gw.client() as client:
        problem = assert_problem(client.get("/"), 502)
        assert "127.0.0.1" not in str(problem)
        client.get("/again")  # the client's connection is none the worse


def test_an_upstream_that_closes_without_answer_is_a_502(behind):
    gw, upstream = behind(close_at_once)
    assert_problem(gw.call("POST", "/", body=b"x"), 502)
    assert len(upstream.requests) == 1, "a POST must not be sent twice"


def test_an_upstream_that_is_down_is_a_502_or_503(gateway, origin):
    upstream = origin()
    upstream.stop()
    gw = gateway({"a": api(upstream)})
    response = gw.get("/")
    assert response.status in (502, 503), response
    assert_problem(response, response.status)


def test_an_upstream_that_does_not_answer_is_a_504(behind):
    gw, upstream = behind(silent, api_timeouts={"response": "200ms"})
    assert_problem(gw.get("/"), 504)
    until(lambda: upstream.connections[0].closed, "the gateway to give up the connection")


def test_a_request_that_takes_too_long_as_a_whole_is_a_504(behind):
    gw, _ = behind(silent, api_timeouts={"request": "200ms"})
    assert_problem(gw.get("/"), 504, "http.request_timeout")


def test_a_head_that_never_ends_is_a_504(behind):
    def dribble(call):
        call.body()
        call.send(b"HTTP/1.1 200 OK\r\nX-A: ")
        call.wait_closed()
        call.close()

    gw, _ = behind(dribble, api_timeouts={"response": "200ms"})
    assert_problem(gw.get("/"), 504)


def cut_off(gw, expected):
    """What came of a response that must not look whole."""
    with gw.client() as client:
        client.request("GET", "/")
        with pytest.raises(Truncated) as cut:
            client.response()
        assert cut.value.response.status == 200
        assert expected.startswith(cut.value.body)
        assert client.reader.ended, "a connection must not go on behind half a response"


def test_a_body_shorter_than_promised_is_never_whole(behind):
    gw, _ = behind(promise(100_000, send=60_000))
    cut_off(gw, b"x" * 100_000)


def test_chunks_without_end_are_never_whole(behind):
    gw, _ = behind(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"))
    cut_off(gw, b"hello")


@pytest.mark.parametrize("broken", [b"zz\r\nhello\r\n", b"5\r\nhelloX\r\n0\r\n\r\n",
                                    b"-5\r\nhello\r\n", b"0\r\nContent-Length: 3\r\n\r\n"])
def test_broken_chunks_are_never_whole(behind, broken):
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n" + broken
    gw, _ = behind(raw(answer))
    with gw.client() as client:
        client.request("GET", "/")
        try:
            response = client.response()
            assert response.status == 502  # seen before anything was sent
        except Truncated as cut:
            assert not cut.body or b"first".startswith(cut.body[:5])


def test_a_body_that_stalls_is_never_whole(gateway, origin):
    def stall(call):
        call.body()
        call.head(headers=[("Content-Length", "10")])
        call.send(b"half")
        call.wait_closed()
        call.close()

    gw = gateway({"a": api("slow")}, upstreams={
        "slow": {"endpoints": [origin(stall).url], "timeouts": {"idle": "200ms"}}})
    cut_off(gw, b"half")


def test_a_reset_within_the_body_is_never_whole(behind):
    gw, _ = behind(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\npart", then="reset"))
    with gw.client() as client:
        client.request("GET", "/")
        with pytest.raises(Truncated):
            response = client.response()
            if response.status == 502:  # the reset overtook the head
                raise Truncated("refused as a whole")


def test_bytes_behind_the_response_are_nobodys(behind):
    """A response smuggled behind a response must not answer the next request."""
    gw, upstream = behind(by_path({"/first": raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
        b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled", then="keep")}))
    with gw.client() as client:
        assert client.get("/first").body == b"first"
        assert client.get("/second").json()["target"] == "/second"
    assert upstream.requests[0].connection is not upstream.requests[1].connection


def test_a_dead_kept_connection_is_replaced_in_silence(behind):
    """The upstream closes an idle connection: the next request goes out on a new one."""
    gw, upstream = behind(echo)
    with gw.client() as client:
        for number in range(5):
            assert client.get(f"/{number}").status == 200
            upstream.drop_connections()


def test_slow_answers_do_not_hold_up_others(behind):
    gate = threading.Event()
    gw, _ = behind(by_path({"/slow": gated(gate)}))
    with gw.client() as slow:
        slow.request("GET", "/slow")
        for number in range(20):
            assert gw.get(f"/{number}").status == 200
        gate.set()
        assert slow.response().status == 200


def test_chunk_sizes_do_not_matter(behind):
    """One byte chunks in, any chunks out, the same body."""
    body = bytes(range(256)) * 4
    gw, _ = behind(in_chunks(*(body[i:i + 1] for i in range(len(body)))))
    with gw.client() as client:
        client.request("GET", "/")
        client.head()
        assert b"".join(chunks(client.reader)) == body


def test_an_upstream_that_closes_during_an_upload_is_the_upstreams_fault(behind):
    """The client still owes bytes, so it is there to be told: 502, not a silent reset."""
    def hang_up(call):
        call.close()
    gw, _ = behind(hang_up)
    with gw.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n" + b"x" * 20000)
        assert client.response().status == 502
