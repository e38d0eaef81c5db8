"""Callers who sign with a shared secret: webhooks as others send them, and a canonical request."""

import hashlib
import hmac
import json
import os
import time

import pytest

from harness import binary
from harness.gateway import api, assert_problem
from harness.origin import echo

SECRET, OLD = "the secret of the shop, 2026", "the secret of the shop, 2025"
IDENTITY = {"headers": {"consumer": "X-Consumer", "strength": "X-Strength"}}


def mac(text, secret=SECRET, algorithm=hashlib.sha256):
    text = text if isinstance(text, bytes) else text.encode()
    return hmac.new(secret.encode(), text, algorithm).hexdigest()


def closed(upstream, path, **settings):
    settings = {"keys": {"shop": {"secret": "${env:SHOP_SECRET}"}}, **settings}
    part = api(upstream, path, authenticate={"identity": IDENTITY, "hmac": settings})
    del part["public"]
    return part


@pytest.fixture
def protected(gateway, origin):
    """A gateway with one API of those settings, and what is behind it."""
    def make(path="/", **settings):
        upstream = origin(echo)
        gw = gateway({"a": closed(upstream, path, **settings)},
                     env={"SHOP_SECRET": SECRET, "OLD_SECRET": OLD})
        gw.upstream = upstream
        return gw
    return make


def seen(response, name):
    return [value for field, value in response.json()["headers"] if field.lower() == name.lower()]


def github(body, secret=SECRET, begin="sha256="):
    return [("X-Hub-Signature-256", begin + mac(body, secret)), ("X-GitHub-Event", "push")]


def stripe(body, at=None, secret=SECRET, more=""):
    at = int(time.time()) if at is None else at
    return [("Stripe-Signature", f"t={at},v1={mac(f'{at}.'.encode() + body, secret)}{more}")]


def test_github_signs_the_body(protected):
    gw = protected(preset="github", replay="allowed")
    body = json.dumps({"zen": "Design for failure.", "filler": "x" * 100_000}).encode()
    response = gw.call("POST", "/hooks", github(body), body=body)
    assert response.status == 200 and response.json()["body"] == body.decode()
    assert seen(response, "X-Consumer") == ["shop"] and seen(response, "X-Strength") == ["key"]
    assert seen(response, "X-Hub-Signature-256") == []
    sent = len(gw.upstream.requests)
    for headers in (github(body[:-1] + b"]"), github(body, OLD), github(body, begin="sha1="),
                    github(body, begin=""), github(body) + github(body),
                    [("X-Hub-Signature-256", "sha256=")],
                    [("X-Hub-Signature-256", "sha256=" + mac(body)[:-2])],
                    [("X-Hub-Signature-256", "sha256=" + mac(body) + "00")]):
        assert_problem(gw.call("POST", "/hooks", headers, body=body), 401, "authenticate.invalid")
    assert_problem(gw.call("POST", "/hooks", body=body), 401, "authenticate.missing")
    assert_problem(gw.get("/hooks", github(b"")), 401, "authenticate.invalid")
    assert len(gw.upstream.requests) == sent


def test_a_stripe_event_is_good_once_and_not_for_long(protected):
    gw = protected(preset="stripe", keys={
        "shop": {"secret": ["${env:SHOP_SECRET}", "${env:OLD_SECRET}"]}})
    body = b'{"id": "evt_1"}'
    headers = stripe(body, more=",v0=" + "0" * 64)
    assert gw.call("POST", "/", headers, body=body).status == 200
    again = gw.call("POST", "/", headers, body=body)
    assert_problem(again, 401, "authenticate.invalid")
    assert "sent before" in gw.log_of(again)["sallyport.detail"]
    gw.reload()
    assert_problem(gw.call("POST", "/", headers, body=body), 401, "authenticate.invalid")
    # The same event, signed with the other secret, is the same event.
    at = int(headers[0][1].split(",")[0][2:])
    assert_problem(gw.call("POST", "/", stripe(body, at, OLD), body=body), 401,
                   "authenticate.invalid")
    assert gw.call("POST", "/", stripe(b"2", secret=OLD), body=b"2").status == 200
    for at in (time.time() - 400, time.time() + 400):
        assert_problem(gw.call("POST", "/", stripe(body, int(at)), body=body), 401,
                       "authenticate.invalid")
    # A digit of the time cannot become one of the body.
    now = str(int(time.time()))
    shifted = [("Stripe-Signature", f"t={now[:-1]},v1={mac(now + '.x')}")]
    assert_problem(gw.call("POST", "/", shifted, body=(now[-1] + ".x").encode()), 401,
                   "authenticate.invalid")


CANONICAL = {
    "keys": {"shop-1": {"secret": ["${env:SHOP_SECRET}", "${env:OLD_SECRET}"], "consumer": "shop"}},
    "key_id": "X-Key-Id", "timestamp": "X-Timestamp", "nonce": "X-Nonce",
    "signature": {"header": "X-Signature", "prefix": "v1="}, "algorithm": "sha512",
    "sign": ["method", "target", "host", "timestamp", "nonce", "header:X-Tenant", "body_sha256"],
}


def canonical(method, target, body=b"", host="gw.test", at=None, nonce=None, secret=SECRET):
    at = str(int(time.time()) if at is None else at)
    nonce = nonce or os.urandom(8).hex()
    text = "\n".join([method, target, host, at, nonce, "t-1", hashlib.sha256(body).hexdigest()])
    return [("X-Key-Id", "shop-1"), ("X-Timestamp", at), ("X-Nonce", nonce), ("X-Tenant", "t-1"),
            ("X-Signature", "v1=" + mac(text, secret, hashlib.sha512))]


def test_a_canonical_request_is_signed_as_a_whole(protected):
    gw = protected(**CANONICAL)

    def host():
        return f"gw.test:{gw.port}"

    def call(method, target, headers, body=None):
        return gw.call(method, target, headers, body=body, host=host())

    good = canonical("PUT", "/orders/1?a=b%20c", b"{}", host())
    response = call("PUT", "/orders/1?a=b%20c", good, b"{}")
    assert response.status == 200 and seen(response, "X-Consumer") == ["shop"]
    assert seen(response, "X-Strength") == ["certificate"]
    assert_problem(call("PUT", "/orders/1?a=b%20c", good, b"{}"), 401, "authenticate.invalid")
    assert call("GET", "/orders", canonical("GET", "/orders", host=host())).status == 200
    assert call("GET", "/", canonical("GET", "/", host=host(), secret=OLD)).status == 200

    def fresh():
        return canonical("PUT", "/orders/1?a=b", b"{}", host())

    for method, target, headers, body in (
            ("POST", "/orders/1?a=b", fresh(), b"{}"), ("PUT", "/orders/2?a=b", fresh(), b"{}"),
            ("PUT", "/orders/1?a=c", fresh(), b"{}"), ("PUT", "/orders/1", fresh(), b"{}"),
            ("PUT", "/orders/1?a=b&a=c", fresh(), b"{}"), ("PUT", "/orders/1?a=b", fresh(), b"[]"),
            ("PUT", "/orders/1?a=b", fresh(), b""),
            ("PUT", "/orders/./1?a=b", fresh(), b"{}"),
            ("PUT", "/orders/1?a=b", [(n, "t-2" if n == "X-Tenant" else v) for n, v in fresh()],
             b"{}"),
            ("PUT", "/orders/1?a=b", [(n, "x" if n == "X-Nonce" else v) for n, v in fresh()],
             b"{}"),
            ("PUT", "/orders/1?a=b", [(n, "other" if n == "X-Key-Id" else v) for n, v in fresh()],
             b"{}"),
            ("PUT", "/orders/1?a=b", [*fresh(), ("X-Tenant", "t-1")], b"{}"),
            ("PUT", "/orders/1?a=b", [*fresh(), ("X-Signature", "v1=" + "0" * 128)], b"{}")):
        assert_problem(call(method, target, headers, body), 401, "authenticate.invalid")
    other_host = gw.call("GET", "/", canonical("GET", "/", host=host()), host="other.test")
    assert_problem(other_host, 401, "authenticate.invalid")
    # A nonce is used once, whatever else is signed with it.
    nonce = os.urandom(8).hex()
    assert call("GET", "/a", canonical("GET", "/a", host=host(), nonce=nonce)).status == 200
    assert_problem(call("GET", "/b", canonical("GET", "/b", host=host(), nonce=nonce)), 401,
                   "authenticate.invalid")


@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_a_body_is_held_up_to_its_limit(protected, coding):
    gw = protected(preset="github", replay="allowed", body_limit="64KiB")

    def post(body):
        headers = github(body)
        with gw.client() as client:
            if coding == "length":
                return client.call("POST", "/", headers, body)
            head = "".join(f"{name}: {value}\r\n" for name, value in headers)
            client.send(f"POST / HTTP/1.1\r\nHost: gw.test\r\n{head}"
                        "Transfer-Encoding: chunked\r\n\r\n".encode())
            client.send(*(b"%x\r\n%s\r\n" % (len(part), part)
                          for part in (body[:1], body[1:]) if part), b"0\r\n\r\n")
            return client.response("POST")

    assert post(b"x" * 65536).status == 200
    refused = post(b"x" * 65537)
    assert_problem(refused, 413, "authenticate.body_too_large")
    assert len(gw.upstream.complete) == 1


def test_another_way_is_open_beside_it(gateway, origin):
    upstream = origin(echo)
    part = api(upstream, authenticate={"identity": IDENTITY, "any": [
        {"hmac": {"preset": "github", "replay": "allowed", "body_limit": 16,
                  "keys": {"shop": {"secret": "${env:SHOP_SECRET}"}}}},
        {"basic": {"users": {"ada": "${env:HASH}"}}}]})
    del part["public"]
    gw = gateway({"a": part}, env={
        "SHOP_SECRET": SECRET,
        "HASH": "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    assert gw.call("POST", "/", github(b"x"), body=b"x").status == 200
    wrong = [*github(b"y"), ("Authorization", "Basic YWRhOng=")]
    assert_problem(gw.call("POST", "/", wrong, body=b"x"), 401, "authenticate.invalid")
    long = b"x" * 17
    assert_problem(gw.call("POST", "/", github(long), body=long), 413,
                   "authenticate.body_too_large")


def test_a_configuration_with_a_gap_does_not_load(gateway, origin):
    upstream = origin(echo)
    for settings, why in (
            ({"preset": "github"}, "could be sent again"),
            ({"preset": "stripe", "keys": {"a": {"secret": "${env:SHORT}"}}}, "5 bytes"),
            ({"signature": "S", "timestamp": "T", "sign": ["timestamp", "path"]}, "method"),
            ({"signature": "S", "timestamp": "T", "separator": "",
              "sign": ["timestamp", "body"]}, "separator")):
        gw = gateway({"a": closed(upstream, "/", **settings)}, start=False)
        done = binary.run("check", str(gw.file), env={"SHOP_SECRET": SECRET, "SHORT": "abcde"})
        assert done.returncode == 2
        said = done.stdout + done.stderr
        assert why in said and "abcde" not in said
