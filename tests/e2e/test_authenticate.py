"""Keys that are fetched from the issuer: discovery, rotation, and an issuer that is away."""

import base64
import json
import subprocess
import time

import pytest

from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.wait import until


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          capture_output=True).stdout


class Key:
    """An RSA key that signs tokens."""

    def __init__(self, folder, kid):
        self.kid, self.file = kid, str(folder / f"{kid}.pem")
        openssl("genrsa", "-out", self.file, "2048")
        modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().split("=")[1]
        self.jwk = {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "e": "AQAB",
                    "n": encoded(bytes.fromhex(modulus.strip()))}

    def sign(self, issuer, **claims):
        header = {"alg": "RS256", "kid": self.kid, "typ": "at+jwt"}
        payload = {"iss": issuer, "aud": "orders", "sub": "u-1", "exp": int(time.time()) + 300}
        text = ".".join(encoded(json.dumps(each).encode())
                        for each in (header, {**payload, **claims}))
        return text + "." + encoded(openssl("dgst", "-sha256", "-sign", self.file,
                                            data=text.encode()))


class Issuer:
    """What an OpenID provider publishes, and how often somebody asked."""

    def __init__(self, origin, *keys):
        self.keys, self.away, self.asked, self.named = list(keys), False, [], None
        self.server = origin(self._answer)
        self.url = self.server.url

    def _answer(self, call):
        target = call.request.target
        self.asked.append(target)
        if self.away:
            call.reply(500)
        elif target == "/.well-known/openid-configuration":
            call.reply_json({"issuer": self.named or self.url, "jwks_uri": self.url + "/keys"})
        else:
            call.reply_json({"keys": [key.jwk for key in self.keys]})


@pytest.fixture
def key(tmp_path):
    return Key(tmp_path, "one")


def closed(gateway, upstream, issuer, **more):
    part = api(upstream, authenticate={"jwt": {"issuer": issuer.url, "audience": "orders", **more}})
    del part["public"]
    return gateway({"a": part})


def bearer(token):
    return [("Authorization", "Bearer " + token)]


def test_keys_are_found_by_discovery_and_fetched_once(gateway, origin, key):
    issuer, upstream = Issuer(origin, key), origin(echo)
    gw = closed(gateway, upstream, issuer)
    for number in range(5):
        assert gw.get("/", bearer(key.sign(issuer.url, n=number))).status == 200
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_a_new_key_is_fetched_when_a_token_names_it(gateway, origin, key, tmp_path):
    issuer, upstream = Issuer(origin, key), origin(echo)
    gw = closed(gateway, upstream, issuer)
    assert gw.get("/", bearer(key.sign(issuer.url))).status == 200
    new = Key(tmp_path, "two")
    issuer.keys = [new]
    # Not at once: a client that invents key ids must not be able to have them fetched each time.
    until(lambda: gw.get("/", bearer(new.sign(issuer.url))).status == 200, "the new key")
    assert issuer.asked.count("/keys") == 2
    old = gw.get("/", bearer(key.sign(issuer.url)))
    assert_problem(old, 401, "authenticate.invalid")


def test_invented_key_ids_do_not_reach_the_issuer(gateway, origin, key, tmp_path):
    issuer, upstream = Issuer(origin, key), origin(echo)
    gw = closed(gateway, upstream, issuer)
    assert gw.get("/", bearer(key.sign(issuer.url))).status == 200
    stranger = Key(tmp_path, "stranger")
    for number in range(20):
        refused = gw.get("/", bearer(stranger.sign(issuer.url, n=number)))
        assert_problem(refused, 401, "authenticate.invalid")
    assert issuer.asked.count("/keys") == 1


def test_an_issuer_that_is_away_lets_nobody_in_and_nobody_out(gateway, origin, key):
    issuer, upstream = Issuer(origin, key), origin(echo)
    issuer.away = True
    gw = closed(gateway, upstream, issuer)
    refused = gw.get("/", bearer(key.sign(issuer.url)))
    assert_problem(refused, 503, "authenticate.unavailable")
    assert upstream.requests == []
    issuer.away = False
    until(lambda: gw.get("/", bearer(key.sign(issuer.url))).status == 200, "the issuer's return")
    issuer.away = True
    assert gw.get("/", bearer(key.sign(issuer.url, n=1))).status == 200


def test_the_discovery_document_of_another_issuer_is_not_believed(gateway, origin, key):
    issuer, upstream = Issuer(origin, key), origin(echo)
    issuer.named = "https://somebody.else"
    gw = closed(gateway, upstream, issuer)
    refused = gw.get("/", bearer(key.sign(issuer.url)))
    assert_problem(refused, 503, "authenticate.unavailable")


def test_keys_may_be_fetched_from_where_the_configuration_says(gateway, origin, key):
    issuer, upstream = Issuer(origin, key), origin(echo)
    gw = closed(gateway, upstream, issuer, keys={"url": issuer.url + "/keys"})
    assert gw.get("/", bearer(key.sign(issuer.url))).status == 200
    assert issuer.asked == ["/keys"]


def test_a_stop_while_keys_are_being_fetched_is_clean(gateway, origin, key):
    """The issuer never answers; the client has gone, and the drain is over before the fetch is."""
    hanging, upstream = origin(lambda call: call.wait_closed()), origin(echo)
    part = api(upstream, authenticate={"jwt": {
        "issuer": "https://login", "audience": "orders", "keys": {"url": hanging.url + "/keys"}}})
    del part["public"]
    gw = gateway({"a": part}, drain="100ms")
    with gw.client() as client:
        token = key.sign("https://login")
        client.sock.sendall(b"GET / HTTP/1.1\r\nHost: gw.test\r\nAuthorization: Bearer "
                            + token.encode() + b"\r\n\r\n")
        until(lambda: hanging.requests, "the fetch")
        gw.stop()


def test_a_client_that_hangs_up_while_keys_are_fetched_harms_nobody(gateway, origin, key):
    issuer, upstream = Issuer(origin, key), origin(echo)
    hanging = origin(lambda call: call.wait_closed())
    other = api(upstream, "/other", authenticate={"jwt": {
        "issuer": "https://login", "audience": "orders", "keys": {"url": hanging.url + "/keys"}}})
    part = api(upstream, "/", authenticate={"jwt": {"issuer": issuer.url, "audience": "orders"}})
    del part["public"], other["public"]
    gw = gateway({"a": part, "b": other})
    for _ in range(5):
        with gw.client() as client:
            client.sock.sendall(b"GET /other HTTP/1.1\r\nHost: gw.test\r\nAuthorization: Bearer "
                                + key.sign("https://login").encode() + b"\r\n\r\n")
            until(lambda: hanging.requests, "the fetch")
    assert gw.get("/", bearer(key.sign(issuer.url))).status == 200
