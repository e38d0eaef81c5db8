"""Open Policy Agent decides what callers may do. A stand-in that speaks its REST API takes its
place here, as the agent itself comes neither from Debian nor from npm. That the stand-in answers as
the agent does, and that the gateway asks as others do, is held against the agent's own client."""

import json

import pytest

from harness import provider
from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.tokens import EcKey, bearer


def closed(upstream, agent, key, path="/", **more):
    part = api(upstream, path, authenticate={"jwt": key.accepting()},
               authorize={"opa": {"url": agent.url, "decision": "httpapi/authz/allow", **more}})
    del part["public"]
    return part


@pytest.fixture
def key():
    return EcKey()


def agent_of(decide):
    """POST /v1/data/PATH with {"input": ...}; without a decision there is no `result`."""
    def respond(call):
        value = decide(json.loads(call.body())["input"])
        call.reply_json({} if value is None else {"result": value})
    return respond


def test_it_decides_by_request_and_identity(gateway, origin, key):
    def decide(about):
        request, identity = about["request"], about["identity"]
        return (request["method"] == "GET" and request["segments"][:1] == ["users"]
                and request["segments"][1] == identity["claims"]["sub"]
                and "read" in identity["scopes"])

    agent = origin(agent_of(decide))
    gw = gateway({"a": closed(origin(echo), agent, key, headers=["X-Tenant"])})
    mine = [bearer(key.token(scope="read write")), ("X-Tenant", "t1"), ("X-Tenant", "t2")]
    assert gw.get("/users/u-1?x=y", mine).status == 200
    assert (agent.last.method, agent.last.target) == ("POST", "/v1/data/httpapi/authz/allow")
    about = json.loads(agent.last.body)["input"]
    assert about["request"] == {
        "method": "GET", "scheme": "http", "host": "gw.test", "path": "/users/u-1",
        "segments": ["users", "u-1"], "query": "x=y", "address": "127.0.0.1",
        "headers": {"x-tenant": "t1, t2"}}
    assert about["identity"]["subject"] == "u-1" and about["identity"]["scopes"] == ["read", "write"]
    assert_problem(gw.get("/users/u-2", mine), 403, "authorize.denied")
    assert_problem(gw.call("DELETE", "/users/u-1", mine), 403, "authorize.denied")


def test_the_gateway_asks_as_the_agents_own_client_does(gateway, origin, key):
    agent = origin(agent_of(lambda about: about["request"]["method"] == "GET"))
    gw = gateway({"a": closed(origin(echo), agent, key)})
    assert gw.get("/users/u-1", [bearer(key.token())]).status == 200
    ours = agent.last
    about = json.loads(ours.body)["input"]
    for method, allowed in (("GET", True), ("PUT", False)):
        about["request"]["method"] = method
        done = provider.client("opa_client.mjs", url=agent.url, decision="httpapi/authz/allow",
                               input=about)
        assert done == {"result": allowed}
        theirs = agent.last
        assert (theirs.method, theirs.target) == (ours.method, ours.target)
        assert json.loads(theirs.body) == {"input": about}
        assert theirs.headers.all("Content-Type") == ours.headers.all("Content-Type")


@pytest.mark.parametrize("answer,status", [
    ({"result": True}, 200), ({"result": {"allow": True, "why": "x"}}, 200),
    ({"result": False}, 403), ({"result": {"allow": False}}, 403), ({}, 403),
    ({"result": {}}, 403), ({"decision_id": "1"}, 403),
    ({"result": "true"}, 503), ({"result": 1}, 503), ({"result": None}, 503),
    ({"result": {"allow": "yes"}}, 503), ({"result": [True]}, 503), ([], 503), (True, 503)])
def test_only_what_is_said_plainly_is_a_permission(gateway, origin, key, answer, status):
    upstream, agent = origin(echo), origin(lambda call: call.reply_json(answer))
    gw = gateway({"a": closed(upstream, agent, key)})
    assert gw.get("/", [bearer(key.token())]).status == status
    assert len(upstream.requests) == (status == 200)


@pytest.mark.parametrize("respond", [
    lambda call: call.reply_json({"result": True}, 500), lambda call: call.close(),
    lambda call: call.reply(200, body=b'{"result":true'), lambda call: call.wait_closed(),
    lambda call: call.reply(200, body=b'{"result":false,"result":true}')])
def test_an_agent_that_does_not_work_permits_nothing(gateway, origin, key, respond):
    upstream, agent = origin(echo), origin(respond)
    agent.expect_faults = True
    gw = gateway({"a": closed(upstream, agent, key, timeout="300ms")})
    assert_problem(gw.get("/", [bearer(key.token())]), 503, "authorize.unavailable")
    assert upstream.requests == []


def test_decisions_about_the_same_are_remembered(gateway, origin, key):
    agent = origin(agent_of(lambda about: about["request"]["path"] != "/no"))
    gw = gateway({"a": closed(origin(echo), agent, key, cache="1h")})
    token = key.token()
    for _ in range(3):
        assert gw.get("/yes", [bearer(token)]).status == 200
        assert gw.get("/no", [bearer(token)]).status == 403
        assert gw.get("/yes?x", [bearer(token)]).status == 200
    assert len(agent.requests) == 3
