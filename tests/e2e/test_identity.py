"""Who is calling, told to upstreams and to clients: identity headers, combinations of proofs,
challenges, metadata of the protected resource."""

import time

import pytest

from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.tokens import EcKey, bearer

CONSUMER = {"headers": {"consumer": "X-Consumer", "scopes": "X-Scopes"}}


@pytest.fixture
def key():
    return EcKey()


def closed(upstream, path="/", authenticate=None, **more):
    part = api(upstream, path, authenticate=authenticate, **more)
    del part["public"]
    return part


def seen(response, name):
    """Values that reached the upstream under any spelling of `name`."""
    plain = name.lower().replace("_", "-")
    return [value for field, value in response.json()["headers"]
            if field.lower().replace("_", "-") == plain]


# ---- the identity on its way upstream ----

FORGERIES = [
    [("X-Consumer", "admin")],
    [("x-consumer", "admin"), ("X-CONSUMER", "root")],
    [("X_Consumer", "admin")],
    [("x_consumer", "admin"), ("X-Consumer", "root")],
    [("X.Consumer", "admin")],
    [("X-Consumer", "")],
    [("X-Consumer", "admin"), ("Connection", "X-Consumer")],
    [("Connection", "X-Consumer")],
    [("Connection", "close, x_consumer"), ("X_Consumer", "admin")],
    [("X-Consumer", "u-1, admin")],
]


@pytest.mark.parametrize("underscores", ["drop", "allow"])
def test_only_the_gateway_says_who_is_calling(gateway, origin, key, underscores):
    upstream = origin(echo)
    gw = gateway({
        "closed": closed(upstream, "/closed", {"jwt": key.accepting(), "identity": CONSUMER}),
        "open": api(upstream, "/open"),
    }, http={"underscores": underscores})
    token = key.token(scope="a b")
    for forged in FORGERIES:
        response = gw.get("/closed", [bearer(token), *forged])
        assert response.status == 200, forged
        assert seen(response, "X-Consumer") == ["u-1"], forged
        assert seen(response, "X.Consumer") == [], forged
        assert seen(response, "X-Scopes") == ["a,b"], forged
        public = gw.get("/open", forged)
        assert public.status == 200, forged
        assert seen(public, "X-Consumer") == seen(public, "X.Consumer") == [], forged


@pytest.mark.parametrize("path", ["/closed", "/open"])
def test_trailers_do_not_say_it_either(gateway, origin, key, path):
    upstream = origin(echo)
    gw = gateway({
        "closed": closed(upstream, "/closed", {"jwt": key.accepting(), "identity": CONSUMER}),
        "open": api(upstream, "/open"),
    })
    with gw.client() as client:
        client.send(f"POST {path} HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n"
                    f"Authorization: Bearer {key.token()}\r\nTrailer: X-Consumer, X-Sum\r\n\r\n"
                    "4\r\nbody\r\n0\r\nX-Consumer: admin\r\nX-Sum: 1\r\nx-consumer: root\r\n\r\n"
                    .encode())
        response = client.response("POST")
    assert response.status == 200
    assert response.json()["body"] == "body"
    assert response.json()["trailers"] == [["X-Sum", "1"]]


def test_a_claim_cannot_leave_its_header(gateway, origin, key):
    upstream = origin(echo)
    gw = gateway({"a": closed(upstream, "/", {"jwt": key.accepting(), "identity": CONSUMER})})
    response = gw.get("/", [bearer(key.token(sub="u\r\nX-Scopes: all\0"))])
    assert seen(response, "X-Consumer") == ["u%0D%0AX-Scopes:%20all%00"]
    assert seen(response, "X-Scopes") == []


def test_a_signed_identity_is_verified_by_whoever_has_the_public_key(gateway, origin, key,
                                                                     tmp_path):
    upstream, own = origin(echo), EcKey()
    file = tmp_path / "identity.pem"
    file.write_text(own.private_pem)
    gw = gateway({"orders": closed(upstream, "/", {
        "jwt": key.accepting(), "identity": {"signed": {"key": str(file), "lifetime": "30s"}}})})
    response = gw.get("/", [bearer(key.token(scope="a b")), ("X-Identity", "forged")])
    token, = seen(response, "X-Identity")
    header, claims = own.read(token)
    assert header["alg"] == "ES256"
    assert abs(claims["iat"] - time.time()) < 60 and claims["exp"] == claims["iat"] + 30
    assert {name: claims[name] for name in ("iss", "aud", "sub", "consumer", "scope", "method")} \
        == {"iss": "sallyport", "aud": "orders", "sub": "u-1", "consumer": "u-1", "scope": "a b",
            "method": "jwt"}
    assert seen(response, "Authorization") == []


def test_a_reload_changes_whose_headers_are_stripped(gateway, origin, key):
    upstream = origin(echo)
    before = closed(upstream, "/closed", {"jwt": key.accepting()})
    gw = gateway({"closed": before, "open": api(upstream, "/open")})
    assert seen(gw.get("/open", [("X-Consumer", "me")]), "X-Consumer") == ["me"]
    after = closed(upstream, "/closed", {"jwt": key.accepting(), "identity": CONSUMER})
    gw.reload({"apis": {"closed": after, "open": api(upstream, "/open")}})
    assert seen(gw.get("/open", [("X-Consumer", "me")]), "X-Consumer") == []


# ---- combinations ----

def test_all_has_to_be_proven_and_any_of_several_ways_will_do(gateway, origin, key):
    upstream, other = origin(echo), EcKey("two")
    header = {"jwt": key.accepting()}
    cookie = {"jwt": other.accepting(**{"from": {"cookie": "session"}})}
    gw = gateway({
        "all": closed(upstream, "/all", {"all": [header, cookie]}),
        "any": closed(upstream, "/any", [{"all": [header, cookie]}, cookie]),
    })
    first, second = bearer(key.token()), ("Cookie", "session=" + other.token())
    assert gw.get("/all", [first, second]).status == 200
    assert_problem(gw.get("/all", [first]), 401, "authenticate.missing")
    assert_problem(gw.get("/all", [second]), 401, "authenticate.missing")
    conflict = gw.get("/all", [first, ("Cookie", "session=" + other.token(sub="u-2"))])
    assert_problem(conflict, 401, "authenticate.invalid")
    assert "different consumers" in gw.log_of(conflict)["sallyport.detail"]
    alone = gw.get("/any", [second])
    assert alone.status == 200 and seen(alone, "Cookie") == []
    assert_problem(gw.get("/any", [first]), 401, "authenticate.missing")


# ---- challenges and metadata ----

RESOURCE = {"identifier": "https://api.example.com/orders", "scopes": ["orders:read"]}
METADATA = "https://api.example.com/.well-known/oauth-protected-resource/orders"


def test_refusals_say_what_would_help(gateway, origin, key):
    upstream = origin(echo)
    gw = gateway({"orders": closed(
        upstream, "/orders", {"jwt": key.accepting(), "realm": "orders", "resource": RESOURCE},
        authorize=[{"scopes": ["orders:read"]}])})
    known = f'realm="orders", resource_metadata="{METADATA}"'
    missing = gw.get("/orders")
    assert_problem(missing, 401, "authenticate.missing")
    assert missing.headers.all("WWW-Authenticate") == [f"Bearer {known}"]
    invalid = gw.get("/orders", [bearer("nonsense")])
    assert invalid.headers.all("WWW-Authenticate") == [f'Bearer error="invalid_token", {known}']
    poor = gw.get("/orders", [bearer(key.token(scope="other"))])
    assert_problem(poor, 403, "authorize.insufficient_scope")
    assert poor.headers.all("WWW-Authenticate") == [
        f'Bearer error="insufficient_scope", scope="orders:read", {known}']
    assert gw.get("/orders", [bearer(key.token(scope="orders:read"))]).status == 200


def test_challenges_of_the_upstream_are_its_own(gateway, origin, key):
    upstream = origin(lambda call: call.reply(401, [("WWW-Authenticate", "Bearer")]))
    gw = gateway({"a": closed(upstream, "/", {"jwt": key.accepting(), "realm": "orders"})})
    response = gw.get("/", [bearer(key.token())])
    assert response.headers.all("WWW-Authenticate") == ["Bearer"]


def test_the_metadata_of_the_resource_is_answered_to_anyone(gateway, origin, key):
    upstream = origin(echo)
    gw = gateway({"orders": closed(upstream, "/orders",
                                   {"jwt": key.accepting(), "resource": RESOURCE}),
                  "rest": api(upstream, "/")})
    path = "/.well-known/oauth-protected-resource/orders"
    response = gw.get(path)
    assert response.status == 200
    assert response.headers.one("Content-Type") == "application/json"
    assert response.json() == {
        "resource": RESOURCE["identifier"], "authorization_servers": ["https://login"],
        "scopes_supported": ["orders:read"], "bearer_methods_supported": ["header"]}
    head = gw.call("HEAD", path)
    assert head.status == 200 and head.body == b""
    assert head.headers.one("Content-Length") == str(len(response.body))
    assert gw.call("POST", path, body=b"x").status == 405
    assert upstream.requests == []
    # Not in the name of others.
    assert gw.get(path + "/1").status == 200 and len(upstream.requests) == 1


def test_metadata_of_an_api_that_only_watches_is_not_answered(gateway, origin, key):
    upstream = origin(echo)
    gw = gateway({"orders": api(upstream, "/orders", authenticate={
        "jwt": key.accepting(), "resource": RESOURCE, "mode": "monitor"})})
    assert gw.get("/.well-known/oauth-protected-resource/orders").status == 404


def test_metadata_keeps_to_the_other_policies_of_the_api(gateway, origin, key):
    upstream = origin(echo)
    gw = gateway({"orders": closed(upstream, "/orders",
                                   {"jwt": key.accepting(), "resource": RESOURCE},
                                   ip_allow={"allow": ["192.0.2.0/24"]})})
    refused = gw.get("/.well-known/oauth-protected-resource/orders")
    assert_problem(refused, 403, "ip_allow.not_allowed")
