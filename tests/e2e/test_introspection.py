"""Opaque access tokens, whose issuer is asked what they mean (RFC 7662): a real OpenID Provider,
and one that misbehaves."""

import json
import urllib.parse

import pytest

from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.provider import AuthorizationServer, basic
from harness.tokens import bearer
from harness.wait import until

SECRET = "gate way:/+secret"


@pytest.fixture(scope="module")
def provider():
    running = AuthorizationServer()
    yield running
    running.stop()


def closed(upstream, url, path="/", authorize=None, **more):
    part = api(upstream, path, authenticate={"oauth2_introspection": {
        "url": url, "client_id": "gateway", "client_secret": "${env:SECRET}", **more}})
    if authorize:
        part["authorize"] = authorize
    del part["public"]
    return part


def gateway_at(gateway, upstream, provider, **more):
    part = closed(upstream, provider.url + "/token/introspection", issuer=provider.url,
                  claims={"consumer": "client_id"}, **more)
    return gateway({"a": part}, env={"SECRET": SECRET})


def test_a_real_provider_says_who_is_calling(gateway, origin, provider):
    upstream = origin(echo)
    gw = gateway_at(gateway, upstream, provider, audience="urn:orders",
                    authorize=[{"consumers": ["shop"], "scopes": ["orders:read"]}])
    token = provider.token()
    for _ in range(3):
        answer = gw.get("/", [bearer(token)])
        assert answer.status == 200
        assert token not in json.dumps(answer.json()["headers"])
    refused = gw.get("/", [bearer(token + "x")])
    assert_problem(refused, 401, "authenticate.invalid")
    assert refused.headers.one("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert_problem(gw.get("/", [bearer(provider.token("urn:brief"))]), 401, "authenticate.invalid")
    assert_problem(gw.get("/"), 401, "authenticate.missing")
    assert token not in gw.stderr and SECRET not in gw.stderr


def test_what_a_token_may_not_do(gateway, origin, provider):
    gw = gateway_at(gateway, origin(echo), provider, scopes=["orders:write"])
    assert_problem(gw.get("/", [bearer(provider.token())]), 401, "authenticate.invalid")
    assert gw.get("/", [bearer(provider.token(scope="orders:read orders:write"))]).status == 200


def test_a_token_that_is_revoked_or_expires_is_refused(gateway, origin, provider):
    gw = gateway_at(gateway, origin(echo), provider, leeway="0s", cache={"ttl": "0s"})
    token = provider.token()
    assert gw.get("/", [bearer(token)]).status == 200
    provider.revoke(token)
    assert_problem(gw.get("/", [bearer(token)]), 401, "authenticate.invalid")
    remembering = gateway_at(gateway, origin(echo), provider, leeway="0s", cache={"ttl": "1h"})
    brief = provider.token("urn:brief")
    assert remembering.get("/", [bearer(brief)]).status == 200
    until(lambda: remembering.get("/", [bearer(brief)]).status == 401, "the token to expire")


def test_a_wrong_secret_is_told_to_the_operator_alone(gateway, origin, provider):
    part = closed(origin(echo), provider.url + "/token/introspection")
    gw = gateway({"a": part}, env={"SECRET": "wrong-secret"})
    refused = gw.get("/", [bearer(provider.token())])
    assert_problem(refused, 503, "authenticate.unavailable")
    detail = str(gw.log_of(refused))
    assert "client_secret" in detail and "wrong-secret" not in detail


def test_a_provider_that_has_gone(gateway, origin):
    gone = AuthorizationServer()
    gw = gateway_at(gateway, origin(echo), gone)
    known, other = gone.token(), gone.token()
    assert gw.get("/", [bearer(known)]).status == 200
    gone.kill()
    assert gw.get("/", [bearer(known)]).status == 200
    assert_problem(gw.get("/", [bearer(other)]), 503, "authenticate.unavailable")


# ---- an endpoint that misbehaves ----

def answering(value, status=200):
    return lambda call: call.reply_json(value, status)


@pytest.mark.parametrize("answer,code", [
    ({"active": True}, 200), ({"active": False}, 401), ({"active": False, "sub": "root"}, 401),
    ({"active": "true"}, 503), ({"active": 1}, 503), ({"active": None}, 503), ({}, 503), ([], 503),
    (True, 503), ({"active": True, "exp": 1}, 401), ({"active": True, "nbf": 9999999999}, 401),
    ({"active": True, "exp": "soon"}, 401), ({"active": True, "cnf": {"jkt": "x"}}, 401),
    ({"active": True, "cnf": {"x5t#S256": "A" * 43}}, 401), ({"active": True, "cnf": {"?": 1}}, 401),
])
def test_only_what_is_said_plainly_counts(gateway, origin, answer, code):
    endpoint = origin(answering(answer))
    gw = gateway({"a": closed(origin(echo), endpoint.url)}, env={"SECRET": SECRET})
    assert gw.get("/", [bearer("opaque")]).status == code
    asked = endpoint.last
    assert asked.method == "POST" and asked.headers.one("Authorization") == basic("gateway", SECRET)


@pytest.mark.parametrize("respond", [
    lambda call: call.reply(200, body=b'{"active":true'),
    lambda call: call.reply(200, body=b'{"active":false,"active":true}'),
    lambda call: call.reply(200, body=b'{"active":true,"x":"' + b"x" * 70000 + b'"}'),
    answering({"active": True}, 201), answering({"active": True}, 500), lambda call: call.close(),
    lambda call: call.reply(302, [("Location", "/")]), lambda call: call.wait_closed()])
def test_what_is_no_answer_lets_nobody_through(gateway, origin, respond):
    endpoint = origin(respond)
    endpoint.expect_faults = True
    gw = gateway({"a": closed(origin(echo), endpoint.url, timeout="300ms")}, env={"SECRET": SECRET})
    assert_problem(gw.get("/", [bearer("opaque")]), 503, "authenticate.unavailable")


def test_the_token_stays_one_value_of_the_form(gateway, origin):
    asked = []

    def respond(call):
        asked.append(urllib.parse.parse_qs(call.body().decode(), strict_parsing=True))
        call.reply_json({"active": False})

    gw = gateway({"a": closed(origin(echo), origin(respond).url, token_type_hint="access_token")},
                 env={"SECRET": SECRET})
    token = "a&token=b%26+/~=\"'"
    for _ in range(2):  # the second time it is known
        assert gw.get("/", [bearer(token)]).status == 401
    assert asked == [{"token": [token], "token_type_hint": ["access_token"]}]
    for malformed in ("a b", "é", "x" * 20000):
        assert gw.get("/", [("Authorization", "Bearer " + malformed)]).status in (400, 401, 431)
    assert gw.get("/", [bearer("a"), bearer("b")]).status in (400, 401)
    assert len(asked) == 1
