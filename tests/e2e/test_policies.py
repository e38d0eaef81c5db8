"""Each policy from end to end, and what the pipeline does for all of them."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from harness import websocket
from harness.gateway import OFF, api, assert_problem, request_id_of
from harness.origin import always, echo, in_chunks
from harness.wire import chunked


@pytest.fixture
def behind(gateway, origin):
    """A gateway with these policies before an upstream."""
    def make(script=None, routes=None, top=None, **policies):
        upstream = origin(script or echo)
        more = {"routes": routes} if routes else {}
        return gateway({"a": api(upstream, **more, **policies)}, **(top or {})), upstream
    return make


# ---- ip_allow ----


@pytest.mark.parametrize("rules, status", [
    ({"allow": ["127.0.0.0/8"]}, 200),
    ({"allow": ["127.0.0.1"]}, 200),
    ({"allow": ["10.0.0.0/8", "2001:db8::/32"]}, 403),
    ({"allow": ["127.0.0.0/8"], "deny": ["127.0.0.1"]}, 403),
    ({"deny": ["127.0.0.1"]}, 403),
    ({"deny": ["10.0.0.0/8"]}, 200),
])
def test_ip_allow(behind, rules, status):
    gw, upstream = behind(ip_allow=rules)
    response = gw.get("/")
    assert response.status == status
    if status == 403:
        problem = assert_problem(response, 403, "ip_allow.not_allowed")
        assert "127.0.0.1" not in json.dumps(problem), "details are for operators"
        assert upstream.requests == []
        record = gw.log_of(response)
        assert record["event.reason"] == "ip_allow.not_allowed"
        assert "127.0.0.1" in record["sallyport.detail"]


def test_an_inner_policy_replaces_the_outer_one_whole(behind):
    gw, _ = behind(ip_allow={"deny": ["127.0.0.1"]}, routes=[
        {"path": "/open", "ip_allow": {"deny": ["10.0.0.0/8"]}},
        {"path": "/off", "ip_allow": OFF},
        {"path": "/same"},
    ])
    assert gw.get("/open").status == 200
    assert gw.get("/off").status == 200
    assert gw.get("/same").status == 403
    assert gw.get("/").status == 403


def test_a_policy_at_the_top_holds_for_every_api(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream, "/a"), "b": api(upstream, "/b", ip_allow=OFF)},
                 ip_allow={"deny": ["127.0.0.1"]})
    assert gw.get("/a").status == 403
    assert gw.get("/b").status == 200


# ---- authorize ----


AUTHORIZE = [
    {"anyone": True, "deny": True, "path": "/closed/*"},
    {"anyone": True, "methods": ["GET"], "when": "query.limit in ['10', '50'] or path.id == '7'"},
    {"methods": ["PUT"], "scopes": ["write"]},
]


@pytest.mark.parametrize("method, target, status", [
    ("GET", "/?limit=10", 200),
    ("GET", "/?limit=11", 401),
    ("GET", "/?limit=10&limit=50", 401),
    ("GET", "/orders/7", 200),
    ("GET", "/orders/8", 401),
    ("GET", "/closed/7?limit=10", 403),
    ("PUT", "/orders/7", 401),
])
def test_authorize(behind, method, target, status):
    gw, upstream = behind(authorize=AUTHORIZE, routes=[{"path": "/orders/{id}"}])
    response = gw.call(method, target)
    assert response.status == status
    if status == 200:
        return
    assert upstream.requests == []
    code = "authorize.unauthenticated" if status == 401 else "authorize.denied"
    assert_problem(response, status, code)
    challenge = "Bearer" if status == 401 else None
    assert response.headers.get("WWW-Authenticate") == challenge


# ---- authenticate ----

SECRET = "a secret of more than sixty-four bytes, as HS256, HS384 and HS512 want it to be"


def token(secret=SECRET, alg="HS256", **claims):
    """A token signed with a shared secret (RFC 7515)."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    payload = {"iss": "https://login", "aud": "orders", "sub": "u-1", "exp": int(time.time()) + 3600}
    payload.update(claims)
    text = ".".join(part(json.dumps(each).encode()) for each in ({"alg": alg}, payload))
    return text + "." + part(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


@pytest.fixture
def closed(gateway, origin):
    """A gateway whose API is for callers with a token; without `public`."""
    upstream = origin(echo)
    jwt = {"issuer": "https://login", "audience": "orders", "keys": {"secret": "${env:TOKEN_SECRET}"}}
    part = api(upstream, authenticate={"jwt": jwt}, authorize=[
        {"methods": ["GET"], "scopes": ["orders:read"]},
        {"path": "/mine/{owner}", "when": "claims.sub == path.owner"},
    ], routes=[{"path": "/mine/{owner}"}])
    del part["public"]
    return gateway({"a": part}, env={"TOKEN_SECRET": SECRET}), upstream


def bearer(text):
    return [("Authorization", "Bearer " + text)]


def test_a_token_opens_what_its_claims_allow(closed):
    gw, upstream = closed
    assert gw.get("/", bearer(token(scope="orders:read"))).status == 200
    assert "authorization" not in {name.lower() for name, _ in upstream.requests[-1].headers}
    refused = gw.call("POST", "/", bearer(token(scope="orders:read")))
    assert_problem(refused, 403, "authorize.denied")
    short = gw.get("/", bearer(token(scope="other")))
    assert_problem(short, 403, "authorize.insufficient_scope")
    assert short.headers.one("WWW-Authenticate") == (
        'Bearer error="insufficient_scope", scope="orders:read"')
    assert gw.call("PUT", "/mine/u-1", bearer(token())).status == 200
    assert gw.call("PUT", "/mine/u-2", bearer(token())).status == 403


@pytest.mark.parametrize("text, why", [
    (token(exp=1), "expired"),
    (token(iss="https://evil"), "wrong_issuer"),
    (token(aud=["invoices"]), "wrong_audience"),
    (token(secret="another secret that is just as long as the one that is shared, or longer"),
     "bad_signature"),
    (token(alg="none"), "algorithm_not_allowed"),
    (token(alg="HS384"), "bad_signature"),
    (token(nbf=4102444800), "not_yet_valid"),
    ("nonsense", "malformed"),
])
def test_what_proves_nothing_is_refused(closed, text, why):
    gw, upstream = closed
    response = gw.get("/", bearer(text))
    problem = assert_problem(response, 401, "authenticate.invalid")
    assert why not in json.dumps(problem), "details are for operators"
    assert response.headers.one("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert gw.log_of(response)["sallyport.detail"].startswith(why)
    assert upstream.requests == []


def test_without_a_token_nobody_comes_in(closed):
    gw, upstream = closed
    response = gw.get("/")
    assert_problem(response, 401, "authenticate.missing")
    assert response.headers.one("WWW-Authenticate") == "Bearer"
    assert upstream.requests == []


def test_authorize_counts_what_shadow_rules_would_decide(behind):
    gw, _ = behind(authorize={"rules": [{"anyone": True, "methods": ["GET"]}],
                              "shadow": [{"anyone": True, "path": "/new"}]})
    assert gw.get("/new").status == 200
    refused_by_shadow = gw.get("/old")
    assert refused_by_shadow.status == 200
    assert gw.call("PUT", "/new").status == 401
    record = gw.log_of(refused_by_shadow)
    assert record["sallyport.monitored"] == "authorize.unauthenticated"
    counted = gw.metrics()
    for result in ("same", "would_allow", "would_refuse"):
        assert counted.sum("sallyport_authorize_shadow_total", result=result) == 1


# ---- cors ----

APP = "https://app.example.com"
CORS = {"allow_origins": [APP, "https://*.partner.example"], "allow_credentials": True,
        "expose_headers": ["X-Total"], "max_age": "5m"}


def preflight(gw, page, method="PUT", target="/"):
    return gw.call("OPTIONS", target, [("Origin", page), ("Access-Control-Request-Method", method),
                                       ("Access-Control-Request-Headers", "authorization")])


def test_cors_answers_a_preflight_itself(behind):
    gw, upstream = behind(cors=CORS)
    response = preflight(gw, APP)
    assert response.status == 204
    assert response.headers.one("Access-Control-Allow-Origin") == APP
    assert "PUT" in response.headers.one("Access-Control-Allow-Methods")
    assert "Authorization" in response.headers.one("Access-Control-Allow-Headers")
    assert response.headers.one("Access-Control-Allow-Credentials") == "true"
    assert response.headers.one("Access-Control-Max-Age") == "300"
    assert "Origin" in response.headers.one("Vary")
    assert upstream.requests == []


@pytest.mark.parametrize("page", ["https://evil.example", "null", "https://app.example.com.evil",
                                  "http://app.example.com", "https://partner.example"])
def test_cors_refuses_other_pages(behind, page):
    gw, upstream = behind(cors=CORS)
    response = preflight(gw, page)
    assert_problem(response, 403, "cors.origin_refused")
    assert "Access-Control-Allow-Origin" not in response.headers
    response = gw.get("/", [("Origin", page)])
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in ", ".join(response.headers.all("Vary"))


def test_cors_on_a_real_request_replaces_what_the_upstream_says(behind):
    gw, _ = behind(always(200, [("Access-Control-Allow-Origin", "*"), ("Vary", "Accept")]),
                   cors=CORS)
    response = gw.get("/", [("Origin", "https://shop.partner.example")])
    assert response.headers.one("Access-Control-Allow-Origin") == "https://shop.partner.example"
    assert response.headers.one("Access-Control-Expose-Headers") == "X-Total"
    assert {"Accept", "Origin"} <= {
        name.strip() for value in response.headers.all("Vary") for name in value.split(",")}


def test_cors_reaches_refusals(behind):
    """A page must be able to read why it was refused."""
    gw, _ = behind(cors=CORS, ip_allow={"deny": ["127.0.0.1"]})
    response = gw.get("/", [("Origin", APP)])
    assert_problem(response, 403)
    assert response.headers.one("Access-Control-Allow-Origin") == APP


def test_a_preflight_is_routed_by_the_method_it_asks_about(behind):
    gw, _ = behind(cors=CORS, methods=["GET"], routes=[
        {"path": "/put", "methods": ["PUT"], "cors": {"allow_origins": ["https://put.example"]}}])
    assert preflight(gw, "https://put.example", "PUT", "/put").status == 204
    assert preflight(gw, APP, "PUT", "/put").status == 403
    assert preflight(gw, APP, "DELETE", "/").status in (204, 405)


def test_options_without_cors_go_upstream(behind):
    gw, upstream = behind()
    assert preflight(gw, APP).status == 200
    assert upstream.last.method == "OPTIONS"


# ---- security_headers ----

CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_security_headers_are_on_by_default(behind):
    gw, _ = behind(always(200, [("Server", "secret/1.0"), ("X-Powered-By", "magic"),
                                ("Via", "1.1 inner")]))
    response = gw.get("/")
    for name, value in CAREFUL.items():
        assert response.headers.one(name) == value
    for name in ("Server", "X-Powered-By", "Via", "Strict-Transport-Security"):
        assert name not in response.headers


@pytest.mark.parametrize("ask", [
    lambda gw: gw.get("/nowhere", host="unknown.test"),
    lambda gw: gw.call("GET", "/%2f"),
])
def test_refusals_name_no_software(behind, ask):
    gw, _ = behind(hosts=["gw.test"])
    response = ask(gw)
    assert response.status in (400, 404)
    assert "Server" not in response.headers


def test_security_headers_reach_refusals(behind):
    gw, _ = behind(ip_allow={"deny": ["127.0.0.1"]})
    response = gw.get("/")
    for name, value in CAREFUL.items():
        assert response.headers.one(name) == value


def test_the_upstream_may_know_better(behind):
    script = always(200, [("X-Frame-Options", "SAMEORIGIN")])
    gw, _ = behind(script)
    assert gw.get("/").headers.one("X-Frame-Options") == "SAMEORIGIN"
    gw, _ = behind(script, security_headers={"override": True, "referrer_policy": "origin",
                                             "content_security_policy": "off"})
    response = gw.get("/")
    assert response.headers.one("X-Frame-Options") == "DENY"
    assert response.headers.one("Referrer-Policy") == "origin"
    assert "Content-Security-Policy" not in response.headers


def test_security_headers_can_be_switched_off(behind):
    gw, _ = behind(always(200, [("Server", "s/1")]), security_headers=OFF)
    response = gw.get("/")
    assert response.headers.one("Server") == "s/1"
    assert not set(CAREFUL) & {name for name, _ in response.headers}


# ---- request_limits ----


@pytest.mark.parametrize("limits, target, headers, status, code", [
    ({"request_line": 100}, "/" + "x" * 200, [], 414, "request_limits.request_line_too_long"),
    ({"request_line": 300}, "/" + "x" * 200, [], 200, None),
    ({"header_count": 3}, "/", [(f"X-{i}", "1") for i in range(4)], 431,
     "request_limits.too_many_headers"),
    ({"header_count": 5}, "/", [(f"X-{i}", "1") for i in range(4)], 200, None),
    ({"header_bytes": 200}, "/", [("X-A", "v" * 300)], 431, "request_limits.headers_too_large"),
])
def test_limits_on_heads(behind, limits, target, headers, status, code):
    gw, upstream = behind(request_limits=limits)
    response = gw.get(target, headers)
    assert response.status == status
    if code:
        assert_problem(response, status, code)
        assert upstream.requests == []


@pytest.mark.parametrize("size, status", [(1000, 200), (1001, 413), (100_000, 413)])
@pytest.mark.parametrize("framed", ["length", "chunked"])
def test_limit_on_bodies(behind, size, status, framed):
    gw, upstream = behind(request_limits={"body": 1000})
    with gw.client() as client:
        if framed == "length":
            client.request("POST", "/", body=b"x" * size)
        else:
            client.request("POST", "/", [("Transfer-Encoding", "chunked")],
                           chunked(*[b"x" * 100] * (size // 100), b"x" * (size % 100)))
        response = client.response("POST")
    assert response.status == status
    if status == 413:
        assert_problem(response, 413, "request_limits.body_too_large")
        assert upstream.complete == [], "a refused body must not look whole to the upstream"


def nested(depth):
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("body, content_type, status", [
    (nested(10), "application/json", 200),
    (nested(11), "application/json", 400),
    (nested(11), "application/problem+json; charset=utf-8", 400),
    (nested(11), "text/plain", 200),
    (b'"' + nested(50) + b'"', "application/json", 200),
    (b'{"a":' * 11 + b"1" + b"}" * 11, "application/json", 400),
])
def test_limit_on_json_depth(behind, body, content_type, status):
    gw, _ = behind(request_limits={"json_depth": 10})
    response = gw.call("POST", "/", [("Content-Type", content_type)], body)
    assert response.status == status
    if status == 400:
        assert_problem(response, 400, "request_limits.json_too_deep")


# ---- headers ----


def test_headers_are_renamed_then_removed_then_set(behind):
    gw, upstream = behind(
        always(200, [("X-Internal-Id", "7"), ("X-Drop", "1"), ("X-Old", "a")]),
        headers={
            "request": {"set": {"X-Client": "{client.address}", "X-Plain": "{not a word}"},
                        "remove": ["X-Debug"], "rename": {"X-Token": "X-Api-Token"}},
            "response": {"rename": {"X-Internal-Id": "X-Order-Id"}, "remove": "X-Drop",
                         "set": {"X-Old": "b"}},
        })
    response = gw.get("/", [("X-Debug", "1"), ("X-Token", "t"), ("X-Api-Token", "forged"),
                            ("X-Client", "forged")])
    sent = upstream.last.headers
    assert sent.one("X-Client") == "127.0.0.1"
    assert sent.one("X-Plain") == "{not a word}"
    assert sent.one("X-Api-Token") == "t"
    assert "X-Debug" not in sent and "X-Token" not in sent
    assert response.headers.one("X-Order-Id") == "7"
    assert response.headers.one("X-Old") == "b"
    assert "X-Drop" not in response.headers and "X-Internal-Id" not in response.headers


def test_a_placeholder_for_the_request_id(behind):
    gw, upstream = behind(headers={"request": {"set": {"X-Trace": "id={request.id}"}}})
    response = gw.get("/")
    assert upstream.last.headers.one("X-Trace") == f"id={request_id_of(response)}"


# ---- the pipeline ----


def test_monitor_mode_records_and_lets_pass(behind):
    gw, upstream = behind(ip_allow={"deny": ["127.0.0.1"], "mode": "monitor"})
    response = gw.get("/")
    assert response.status == 200
    assert len(upstream.requests) == 1
    record = gw.log_of(response)
    assert record["sallyport.monitored"] == "ip_allow.not_allowed"
    assert record["event.outcome"] == "success"
    assert gw.metrics().sum("sallyport_policy_verdicts_total", policy="ip_allow",
                            outcome="monitored") == 1


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
def test_monitor_mode_on_a_body_that_streams(behind, mode):
    gw, upstream = behind(request_limits={"body": 100, "mode": mode})
    with gw.client() as client:
        client.request("POST", "/", [("Transfer-Encoding", "chunked")],
                       chunked(*[b"x" * 50] * 10))
        response = client.response("POST")
    if mode == "enforce":
        assert_problem(response, 413)
    else:
        assert response.json()["body"] == "x" * 500
        record = gw.log_of(response)
        assert record["sallyport.monitored"] == "request_limits.body_too_large"


def test_policies_run_on_websocket_handshakes(behind):
    gw, upstream = behind(websocket.echo, ip_allow={"deny": ["127.0.0.1"]})
    assert_problem(gw.get("/", websocket.HANDSHAKE), 403)
    assert upstream.requests == []


def test_response_policies_run_on_streamed_responses(behind):
    gw, _ = behind(in_chunks(b"a", b"b"), headers={"response": {"set": {"X-Seen": "yes"}}})
    response = gw.get("/")
    assert (response.headers.one("X-Seen"), response.body) == ("yes", b"ab")
