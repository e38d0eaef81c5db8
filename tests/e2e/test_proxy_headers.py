"""Who the client is: the peer, or what a trusted proxy vouches for, and nobody else."""

import ipaddress
import struct

import pytest

from harness.gateway import api, assert_problem
from harness.ports import free_port
from harness.wait import until
from harness.wire import request_bytes

TRUST_LOOPBACK = ["127.0.0.0/8", "10.0.0.0/8"]


def seen(gw, headers=(), **named):
    """(the client of the log record, the headers the upstream got)."""
    response = gw.get("/", headers, **named)
    return gw.log_of(response)["client.ip"], response.json()["headers"]


def values(headers, name):
    return [value for key, value in headers if key.lower() == name.lower()]


@pytest.fixture(scope="module")
def untrusting(shared_gateway, shared_origin):
    return shared_gateway({"a": api(shared_origin())})


@pytest.fixture(scope="module")
def trusting(shared_gateway, shared_origin):
    return shared_gateway({"a": api(shared_origin())}, trusted_proxies=TRUST_LOOPBACK)


@pytest.fixture(scope="module")
def forwarded(shared_gateway, shared_origin):
    return shared_gateway({"a": api(shared_origin())}, trusted_proxies=TRUST_LOOPBACK,
                          client_address="forwarded")


@pytest.mark.parametrize("header", [
    ("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.1"), ("X-Real-IP", "192.0.2.1")])
def test_nobody_is_believed_unless_trusted(untrusting, header):
    client, headers = seen(untrusting, [header])
    assert client == "127.0.0.1"
    assert "192.0.2.1" not in str(values(headers, "X-Forwarded-For")), (
        "what an untrusted peer claims must not reach the upstream as truth")


def test_the_upstream_learns_the_client(untrusting):
    _, headers = seen(untrusting)
    assert values(headers, "X-Forwarded-For") == ["127.0.0.1"]
    assert values(headers, "X-Forwarded-Proto") == ["http"]


@pytest.mark.parametrize("sent, client", [
    (["192.0.2.1"], "192.0.2.1"),
    (["192.0.2.1, 10.1.1.1"], "192.0.2.1"),
    (["198.51.100.7, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),
    (["198.51.100.7", "192.0.2.1", "10.1.1.1"], "192.0.2.1"),
    (["2001:db8::1"], "2001:db8::1"),
    (["192.0.2.1, unknown"], "127.0.0.1"),
    (["192.0.2.1, not an address, 10.1.1.1"], "10.1.1.1"),
    ([""], "127.0.0.1"),
    (["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
])
def test_x_forwarded_for_is_read_from_the_right(trusting, sent, client):
    assert seen(trusting, [("X-Forwarded-For", value) for value in sent])[0] == client


def test_a_trusted_proxys_list_is_continued(trusting):
    _, headers = seen(trusting, [("X-Forwarded-For", "192.0.2.1")])
    assert ", ".join(values(headers, "X-Forwarded-For")) == "192.0.2.1, 127.0.0.1"


@pytest.mark.parametrize("sent, client", [
    ("for=192.0.2.1", "192.0.2.1"),
    ("for=192.0.2.1;proto=https, for=10.1.1.1", "192.0.2.1"),
    ('for="[2001:db8::1]:4711"', "2001:db8::1"),
    ('For="192.0.2.1:80"', "192.0.2.1"),
    ("for=192.0.2.1, for=_hidden", "127.0.0.1"),
    ("for=unknown", "127.0.0.1"),
    ("by=10.0.0.1", "127.0.0.1"),
])
def test_forwarded(forwarded, sent, client):
    assert seen(forwarded, [("Forwarded", sent)])[0] == client


def test_only_the_chosen_header_counts(forwarded, trusting):
    assert seen(forwarded, [("X-Forwarded-For", "192.0.2.1")])[0] == "127.0.0.1"
    assert seen(trusting, [("Forwarded", "for=192.0.2.1")])[0] == "127.0.0.1"


def test_policies_see_the_vouched_client(gateway, origin):
    gw = gateway({"a": api(origin(), ip_allow={"allow": ["192.0.2.0/24"]})},
                 trusted_proxies=TRUST_LOOPBACK)
    assert gw.get("/", [("X-Forwarded-For", "192.0.2.9")]).status == 200
    assert_problem(gw.get("/", [("X-Forwarded-For", "198.51.100.9")]), 403, "ip_allow.not_allowed")
    assert_problem(gw.get("/"), 403, "ip_allow.not_allowed")


# ---- PROXY protocol ----


def v1(source="192.0.2.1", destination="192.0.2.2"):
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {destination} 4711 443\r\n".encode()


def v2(source="192.0.2.1", destination="192.0.2.2", command=1, tlvs=b""):
    addresses = [ipaddress.ip_address(text) for text in (source, destination)]
    body = b"".join(a.packed for a in addresses) + struct.pack(">HH", 4711, 443) + tlvs
    family = 0x11 if addresses[0].version == 4 else 0x21
    return (b"\r\n\r\n\x00\r\nQUIT\n" + bytes([0x20 | command, family])
            + struct.pack(">H", len(body)) + body)


@pytest.fixture(scope="module")
def behind_balancer(shared_gateway, shared_origin):
    port = free_port()
    gw = shared_gateway({"a": api(shared_origin())}, trusted_proxies=["127.0.0.0/8"],
                        listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": True}])
    gw.port = port
    return gw


@pytest.mark.parametrize("prefix, client", [
    (v1(), "192.0.2.1"),
    (v1("2001:db8::1", "2001:db8::2"), "2001:db8::1"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (v2(), "192.0.2.1"),
    (v2("2001:db8::1", "2001:db8::2"), "2001:db8::1"),
    (v2(command=0), "127.0.0.1"),
    (v2(tlvs=b"\x04\x00\x03abc"), "192.0.2.1"),
    (v2(tlvs=b"\x20\x0f\xf1" + b"t" * 4081), "192.0.2.1"),
], ids=["v1", "v1-ipv6", "v1-unknown", "v2", "v2-ipv6", "v2-local", "v2-tlv", "v2-longest"])
@pytest.mark.parametrize("pieces", [1, 0], ids=["at once", "byte by byte"])
def test_proxy_protocol(behind_balancer, prefix, client, pieces):
    with behind_balancer.client() as connection:
        data = prefix + request_bytes("GET", "/")
        for part in [data] if pieces else [bytes([byte]) for byte in data]:
            connection.send(part)
        response = connection.response()
        assert response.status == 200
        assert behind_balancer.log_of(response)["client.ip"] == client
        assert connection.get("/again").status == 200, "it stands once, at the beginning"


@pytest.mark.parametrize("prefix", [
    b"", b"PROXY\r\n", b"PROXY TCP4 192.0.2.1\r\n", b"PROXY TCP4 999.0.2.1 192.0.2.2 1 2\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 99999\r\n", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n",
    b"PROXY " + b"x" * 200 + b"\r\n", v2()[:12] + b"\x31" + v2()[13:], v1() + v1(),
    v2(tlvs=b"t" * 4085),
], ids=range(10))
def test_a_connection_without_a_good_header_is_refused(behind_balancer, prefix):
    with behind_balancer.client() as client:
        client.send(prefix + request_bytes("GET", "/"))
        rest = client.rest()
        assert b" 200 " not in rest, rest


def test_only_trusted_peers_may_speak_the_proxy_protocol(gateway, origin):
    port = free_port()
    gw = gateway({"a": api(origin())}, trusted_proxies=["10.0.0.0/8"],
                 listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": True}])
    with gw.client(port=port) as client:
        client.send(v1() + request_bytes("GET", "/"))
        assert b" 200 " not in client.rest()


def refused(gw):
    return gw.metrics().sum("sallyport_connections_refused_total", cause="proxy_header")


@pytest.mark.parametrize("trusted, sent, why", [
    ("127.0.0.0/8", b"GET / HTTP/1.1\r\n", "no PROXY header: neither version's signature"),
    ("127.0.0.0/8", v1()[:20], "the connection ended within its PROXY header"),
    ("10.0.0.0/8", v1(), "trusted_proxies does not name it"),
], ids=["another protocol", "a part", "not trusted"])
def test_what_is_refused_for_its_proxy_header_is_counted_and_told(gateway, origin, trusted, sent,
                                                                  why):
    port = free_port()
    gw = gateway({"a": api(origin())}, trusted_proxies=[trusted], workers=1,
                 listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": True}])
    for number in range(1, 4):
        with gw.client(port=port) as client:
            client.send(sent)
            client.finish()
            assert client.rest() == b""
        until(lambda: refused(gw) == number, "the connection to be counted")
    told = [line for line in gw.stderr.splitlines() if why in line]
    assert len(told) == 1, f"one line a minute:\n{gw.stderr}"
    assert f"closed a connection from 127.0.0.1 to port {port}: " in told[0]
    assert " warning: " in told[0]


def test_a_proxy_header_that_does_not_come_is_counted(gateway, origin):
    port = free_port()
    gw = gateway({"a": api(origin())}, trusted_proxies=["127.0.0.0/8"],
                 timeouts={"handshake": "100ms"},
                 listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": True}])
    with gw.client(port=port) as client:
        client.send(v1()[:20])
        assert client.rest() == b""
    until(lambda: refused(gw) == 1, "the connection to be counted")
    assert "no PROXY header came within timeouts.handshake" in gw.stderr


def test_a_balancer_that_only_looks_is_not_counted(gateway, origin):
    port = free_port()
    gw = gateway({"a": api(origin())}, trusted_proxies=["127.0.0.0/8"], workers=1,
                 listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": True}])
    with gw.client(port=port) as client:
        client.finish()
        client.assert_closed()
    with gw.client(port=port) as client:
        client.send(b"?")
        client.rest()
    until(lambda: refused(gw) >= 1, "the second connection to be counted")
    assert refused(gw) == 1
