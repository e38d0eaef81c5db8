"""Bounds on what clients may take: connections, time and size; and that others stay served."""

import threading

import pytest

from harness import certs
from harness.gateway import api, assert_problem
from harness.origin import echo, silent
from harness.ports import free_port
from harness.wait import until
from harness.wire import Truncated, request_bytes


@pytest.fixture
def limited(gateway, origin):
    def make(script=echo, **config):
        upstream = origin(script)
        return gateway({"a": api(upstream)}, **config), upstream
    return make


def turned_away(client):
    """Whether the gateway closes this connection without serving it."""
    client.request("GET", "/")
    return b" 200 " not in client.rest()


# ---- connections ----


def test_connections_above_the_limit_are_turned_away_and_come_back(limited):
    gw, _ = limited(workers=1, limits={"connections": 5, "connections_per_client": 5})
    clients = [gw.client() for _ in range(5)]
    for client in clients:
        assert client.get("/").status == 200
    with gw.client() as late:
        assert turned_away(late)
    for client in clients:
        assert client.get("/").status == 200, "those inside are none the worse"
    clients.pop().close()

    def served():
        with gw.client() as client:
            client.request("GET", "/")
            return client.reader.fill() and b" 200 " in client.reader.take(20)
    until(served, "a place to become free")
    assert gw.metrics().sum("sallyport_connections_refused_total") >= 1
    for client in clients:
        client.close()


def test_one_client_cannot_take_every_connection(limited):
    gw, _ = limited(workers=2, limits={"connections": 100, "connections_per_client": 3})
    mine = [gw.client(source="127.0.0.2") for _ in range(3)]
    for client in mine:
        assert client.get("/").status == 200
    with gw.client(source="127.0.0.2") as late:
        assert turned_away(late)
    with gw.client(source="127.0.0.3") as other:
        assert other.get("/").status == 200
    for client in mine:
        client.close()


def test_the_admin_listener_is_not_bound_by_the_limit(limited):
    gw, _ = limited(workers=1, limits={"connections": 1, "connections_per_client": 1})
    with gw.client() as client:
        assert client.get("/").status == 200
        assert gw.admin("/health").status == 200


# ---- time ----


def test_a_head_that_never_ends(limited):
    gw, upstream = limited(timeouts={"header": "200ms"})
    with gw.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: gw.test\r\nX-Slow: ")
        assert_problem(client.response(), 408, "http.header_timeout")
        client.assert_closed()
    assert upstream.requests == []


def test_trickling_bytes_buy_no_time_for_a_head(limited):
    gw, upstream = limited(timeouts={"header": "500ms"})
    stop = threading.Event()
    with gw.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: gw.test\r\nX-Slow: ")

        def trickle():
            while not stop.wait(0.02):
                client.send(b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            assert client.response().status == 408
        finally:
            stop.set()
            thread.join()
    assert upstream.requests == []


def test_a_body_that_stops(limited):
    gw, upstream = limited(timeouts={"body": "200ms"})
    with gw.client() as client:
        client.request("POST", "/", [("Content-Length", "100")])
        client.send(b"half")
        assert_problem(client.response("POST"), 408, "http.body_timeout")
        client.assert_closed()
    assert upstream.complete == []


def test_a_body_that_crawls(limited):
    gw, _ = limited(timeouts={"body": "300ms", "min_body_rate": 100_000})
    stop = threading.Event()
    with gw.client() as client:
        client.request("POST", "/", [("Content-Length", "1000000")])

        def crawl():
            while not stop.wait(0.05):
                client.send(b"x")

        thread = threading.Thread(target=crawl)
        thread.start()
        try:
            assert_problem(client.response("POST"), 408, "http.body_too_slow")
        finally:
            stop.set()
            thread.join()


def test_an_idle_connection_is_closed_without_a_word(limited):
    gw, _ = limited(timeouts={"idle": "200ms"})
    with gw.client() as client:
        assert client.get("/").status == 200
        client.assert_closed()
    with gw.client() as client:
        client.assert_closed()


def test_a_client_that_stops_reading(limited):
    """The gateway gives up; the upstream's connection is freed."""
    def large(call):
        call.body()
        block = b"x" * (1 << 20)
        call.head(headers=[("Content-Length", str(len(block) * 64))])
        for _ in range(64):
            call.send(block)

    gw, upstream = limited(large, timeouts={"send": "300ms"})
    with gw.client(receive_buffer=4096) as client:
        client.request("GET", "/")
        until(lambda: upstream.requests and upstream.connections[0].closed,
              "the gateway to give up")
        with pytest.raises(Truncated):
            client.response()


# ---- size ----


@pytest.mark.parametrize("limits, request_data, status", [
    ({"request_line": 256}, request_bytes("GET", "/" + "x" * 300), 414),
    ({"header_field": 256}, request_bytes("GET", "/", [("X", "v" * 300)]), 431),
    ({"header_bytes": 2048}, request_bytes("GET", "/", [(f"X{i}", "v" * 200) for i in range(20)]),
     431),
    ({"header_count": 10}, request_bytes("GET", "/", [(f"X{i}", "v") for i in range(20)]), 431),
])
def test_what_the_listener_accepts_at_all(limited, limits, request_data, status):
    gw, upstream = limited(limits=limits)
    with gw.client() as client:
        client.send(request_data)
        assert_problem(client.response(), status)
        client.assert_closed()
    assert upstream.requests == []


# ---- attackers and others ----


ATTACKS = {
    "slow head": lambda number: b"GET / HTTP/1.1\r\nHost: gw.test\r\nX-%d: " % number,
    "slow body": lambda number: request_bytes("POST", "/", [("Content-Length", "1000000")]) + b"x",
    "silence": lambda number: b"",
    "half a TLS record": lambda number: b"\x16\x03\x01",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda name: name.replace(" ", "-"))
def test_slow_clients_leave_others_served(limited, attack):
    gw, _ = limited(workers=1)
    attackers = [gw.client(source=f"127.0.1.{number % 50 + 1}") for number in range(200)]
    try:
        for number, client in enumerate(attackers):
            client.send(ATTACKS[attack](number))
        with gw.client() as kept:
            for number in range(50):
                assert kept.get("/").status == 200
                assert gw.get("/").status == 200
    finally:
        for client in attackers:
            client.close()


def test_slow_readers_leave_others_served(limited):
    def sized(call):
        call.body()
        call.reply(200, body=b"x" * (1 << 20 if call.request.path == "/large" else 10))

    gw, _ = limited(sized, workers=1)
    readers = [gw.client(receive_buffer=2048) for _ in range(40)]
    try:
        for client in readers:
            client.request("GET", "/large")
        for _ in range(50):
            assert gw.get("/").status == 200
    finally:
        for client in readers:
            client.close()


def test_hanging_handshakes_leave_others_served(gateway, origin, authority):
    certificate = authority.issue("limits.example", "127.0.0.1")
    port = free_port()
    gw = gateway({"a": api(origin())}, workers=1, listen=[{
        "address": f"127.0.0.1:{port}",
        "tls": {"certificates": [{"cert": certificate.cert, "key": certificate.key}]}}])
    hanging = [gw.client(port=port) for _ in range(200)]
    try:
        for client in hanging:
            client.send(b"\x16\x03\x01\x02\x00\x01")
        for _ in range(10):
            with gw.client(port=port, tls=certs.client_context()) as client:
                assert client.get("/").status == 200
    finally:
        for client in hanging:
            client.close()


def test_waiting_requests_do_not_pile_up_descriptors(limited):
    """Every connection that ended has given back what it took."""
    gw, upstream = limited(silent, timeouts={"half_closed": "100ms"})
    before = gw.open_files()
    clients = [gw.client() for _ in range(50)]
    for client in clients:
        client.request("GET", "/")
    until(lambda: len(upstream.complete) == 50, "all requests to arrive")
    for client in clients:
        client.close()
    until(lambda: gw.open_files() <= before + 2, "the descriptors to be given back")


def test_many_short_connections(limited):
    gw, _ = limited()
    before = None
    for number in range(300):
        assert gw.get("/", [("Connection", "close")]).status == 200
        if number == 50:
            before = gw.open_files()
    until(lambda: gw.open_files() <= before + 8, "the descriptors to be given back")
