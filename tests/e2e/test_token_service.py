"""Tokens that the gateway issues: to clients of other people's making, and to attackers."""

import base64
import concurrent.futures
import json
import sqlite3
import time
import urllib.parse

import pytest
from harness import binary, provider
from harness.callers import Callers
from harness.certs import client_context
from harness.gateway import api
from harness.origin import echo
from harness.tokens import EcKey, bearer, decoded
from harness.wait import until

FORM = ("Content-Type", "application/x-www-form-urlencoded")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ORDERS, STOCK = "https://api.example.com/orders", "https://api.example.com/stock"


def quoted(text):
    return urllib.parse.quote(text, safe="")


def basic(client, secret):
    pair = f"{quoted(client)}:{quoted(secret)}".encode()
    return ("Authorization", "Basic " + base64.b64encode(pair).decode())


def claims_of(token):
    return json.loads(decoded(token.split(".")[1]))


def header_of(token):
    return json.loads(decoded(token.split(".")[0]))


class Service:
    """A gateway with a token service, an API that takes its tokens, and two clients."""

    def __init__(self, gateway, upstream, **settings):
        self.gw = gateway({"a": api(upstream)}, start=False)
        self.issuer = f"http://127.0.0.1:{self.gw.port}"
        self.settings = {"issuer": self.issuer, "audiences": [ORDERS, STOCK], **settings}
        self.upstream = upstream
        self.gw.write(self.config())
        self.gw.start()
        self.callers = Callers(self.gw)
        self.consumer = self.callers.consumer("shop", groups=["partners"], roles=["buyer"])
        self.secret = self.callers.client("web", self.consumer, scopes=["read", "write"])
        self.key = EcKey("k1")
        self.callers.client("signer", self.consumer, jwk=json.loads(self.key.jwks),
                            scopes=["read"])

    def config(self, **more):
        orders = api(self.upstream, path="/orders", public=False,
                     authenticate={"jwt": {"issuer": self.issuer, "audience": ORDERS}})
        return {"apis": {"orders": orders}, "state": "state", "token_service": self.settings,
                **more}

    def post(self, path, fields, headers=(), body=None):
        """A form; `fields` is a map, or pairs where a name may come twice."""
        text = urllib.parse.urlencode(fields) if body is None else body
        names = [name.lower() for name, _ in headers]
        if "content-type" not in names:
            headers = [FORM, *headers]
        return self.gw.call("POST", path, headers, text.encode(), host=self.host)

    @property
    def host(self):
        return f"127.0.0.1:{self.gw.port}"

    def ask(self, client="web", secret=None, **fields):
        return self.post("/oauth/token", {"grant_type": "client_credentials", **fields},
                         [basic(client, self.secret if secret is None else secret)])

    def assertion(self, client="signer", key=None, header=None, **claims):
        now = int(time.time())
        payload = {"iss": client, "sub": client, "aud": self.issuer, "iat": now, "exp": now + 60,
                   "jti": base64.b16encode(time.time_ns().to_bytes(8, "big")).decode(), **claims}
        payload = {name: value for name, value in payload.items() if value is not None}
        return (key or self.key).sign(payload, **{"typ": "JWT", **(header or {})})

    def ask_signed(self, assertion=None, **fields):
        return self.post("/oauth/token", {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(), **fields})

    def token(self, **fields):
        response = self.ask(**fields)
        assert response.status == 200, response.text
        return response.json()["access_token"]

    def revoke(self, token, client="web", secret=None, **fields):
        return self.post("/oauth/revoke", {"token": token, **fields},
                         [basic(client, self.secret if secret is None else secret)])

    def use(self, token):
        return self.gw.get("/orders", [bearer(token)], host=self.host)

    def get(self, path):
        return self.gw.get(path, host=self.host)

    def keys(self):
        return self.get("/oauth/jwks").json()["keys"]

    def events(self, action):
        text = (self.gw.folder / "state" / "audit" / "trail.jsonl").read_text()
        lines = text.split("\n")[:-1]  # the last may be half written
        return [event for event in map(json.loads, lines) if event.get("action") == action]


@pytest.fixture(scope="module")
def service(shared_gateway, shared_origin):
    return Service(shared_gateway, shared_origin(echo))


@pytest.fixture
def own(gateway, origin):
    """A service of the test's own, with settings."""
    return lambda **settings: Service(gateway, origin(echo), **settings)


def assert_error(response, status, error):
    """RFC 6749 section 5.2."""
    assert response.status == status, (response, response.text)
    assert response.headers.one("Content-Type") == "application/json"
    assert response.headers.one("Cache-Control") == "no-store"
    assert response.headers.one("Pragma") == "no-cache"
    found = response.json()
    assert set(found) == {"error", "error_description"}, found
    assert found["error"] == error, found
    if status == 401:
        assert response.headers.one("WWW-Authenticate").startswith("Basic ")


def other_address(gw, number):
    """A client at another loopback address, whose failures are counted apart."""
    return gw.client(source=f"127.0.{number >> 8 & 255 | 1}.{number & 255}")


# ---- what it gives ----

def test_a_token_says_what_rfc_9068_wants(service):
    response = service.ask(scope="read")
    assert response.status == 200, response.text
    assert response.headers.one("Cache-Control") == "no-store"
    assert response.headers.one("Content-Type") == "application/json"
    body = response.json()
    assert body["token_type"] == "Bearer" and body["expires_in"] == 3600
    assert body["scope"] == "read"
    assert header_of(body["access_token"])["typ"] == "at+jwt"
    claims = claims_of(body["access_token"])
    assert claims["iss"] == service.issuer and claims["aud"] == ORDERS
    assert claims["sub"] == claims["client_id"] == "web"
    assert claims["scope"] == "read" and claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 60 and len(claims["jti"]) == 22
    assert set(claims) == {"iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti"}


def test_a_token_opens_an_api_of_the_same_gateway(service):
    answer = service.use(service.token())
    assert answer.status == 200
    assert service.gw.get("/orders", host=service.host).status == 401


def test_a_token_for_another_audience_does_not(service):
    assert service.use(service.token(resource=STOCK)).status == 401


def test_what_no_endpoint_claims_is_left_to_apis(service):
    assert service.get("/oauth/nothing").status == 404
    assert service.get("/oauth/token").status == 405
    assert service.gw.get("/oauth/jwks", host="other.example").status == 404


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server",
                                  "/.well-known/openid-configuration"])
def test_discovery_names_every_endpoint(service, path):
    found = service.get(path).json()
    assert found["issuer"] == service.issuer
    for name, end in (("token_endpoint", "/oauth/token"), ("jwks_uri", "/oauth/jwks"),
                      ("revocation_endpoint", "/oauth/revoke")):
        assert found[name] == service.issuer + end
    assert found["grant_types_supported"] == ["client_credentials"]
    assert "none" not in found["token_endpoint_auth_signing_alg_values_supported"]
    assert not any(name.startswith("HS")
                   for name in found["token_endpoint_auth_signing_alg_values_supported"])


def test_published_keys_are_public(service):
    for key in service.keys():
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}, key
        assert key["alg"] == "ES256" and key["use"] == "sig"


# ---- other people's clients ----

def library(service, name, way, **more):
    key = service.key
    jwk = {**key.private_jwk, "kid": key.kid, "alg": "ES256"}
    client = "signer" if way == "private_key_jwt" else "web"
    return provider.client(library=name, issuer=service.issuer, client=client, way=way,
                           secret=service.secret, jwk=jwk, audience=ORDERS, **more)


@pytest.mark.parametrize("name", ["openid-client", "oauth4webapi"])
@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
@pytest.mark.parametrize("algorithm", ["oauth2", "oidc"])
def test_client_libraries_get_a_token_and_use_it(service, name, way, algorithm):
    done = library(service, name, way, algorithm=algorithm, scope="read", resource=ORDERS)
    assert "error" not in done, done
    assert done["server"]["issuer"] == service.issuer
    token = done["tokens"]["access_token"]
    assert service.use(token).status == 200
    if name == "oauth4webapi":
        assert done["claims"]["client_id"] == claims_of(token)["sub"]


@pytest.mark.parametrize("name", ["openid-client", "oauth4webapi"])
def test_client_libraries_give_a_token_back(service, name):
    done = library(service, name, "client_secret_basic", revoke=True)
    assert "error" not in done, done
    assert service.use(done["tokens"]["access_token"]).status == 401


@pytest.mark.parametrize("name", ["openid-client", "oauth4webapi"])
def test_client_libraries_understand_a_refusal(service, name):
    done = library(service, name, "client_secret_basic", scope="admin")
    assert done["error"] == "invalid_scope", done


# ---- revocation ----

def test_a_revoked_token_is_refused_at_once_by_every_worker(service):
    token = service.token()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        # Into the token cache, by connections that the kernel spreads over the workers.
        assert {r.status for r in pool.map(service.use, [token] * 32)} == {200}
        assert service.revoke(token).status == 200
        assert {r.status for r in pool.map(service.use, [token] * 32)} == {401}
    assert service.use(service.token()).status == 200
    found = until(lambda: [event for event in service.events("token.revoke")
                           if event["object"] == "token/" + claims_of(token)["jti"]],
                  "the revocation to be recorded")
    assert found[0]["actor"] == "client/web"


def test_what_an_operator_revokes_is_refused_at_once(service):
    token = service.token()
    assert service.use(token).status == 200
    service.callers.revoke("token", claims_of(token)["jti"])
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert {r.status for r in pool.map(service.use, [token] * 32)} == {401}


@pytest.mark.parametrize("kind", ["subject", "client"])
def test_revoking_a_subject_or_a_client_ends_all_its_tokens(own, kind):
    service = own()
    tokens = [service.token() for _ in range(3)]
    other = service.ask_signed().json()["access_token"]
    assert [service.use(token).status for token in tokens] == [200] * 3
    service.callers.revoke(kind, "web")
    assert {service.use(token).status for token in tokens} == {401}
    assert service.use(other).status == 200
    # Tokens of a later second are good.
    until(lambda: service.use(service.token()).status == 200, "a new token")
    assert service.use(tokens[0]).status == 401


@pytest.mark.parametrize("table", ["clients", "consumers"])
def test_who_is_disabled_is_refused_with_tokens_he_has(own, table):
    service = own()
    token = service.token()
    assert service.use(token).status == 200
    name = "web" if table == "clients" else service.consumer
    service.callers.change(table, name, disabled=True)
    assert service.use(token).status == 401
    assert_error(service.ask(), 401, "invalid_client")
    service.callers.change(table, name, disabled=False)
    assert service.use(token).status == 200


def test_revoking_twice_or_nonsense_is_no_error(service):
    token = service.token()
    assert service.revoke(token).status == 200
    assert service.revoke(token).status == 200
    for text in ("nonsense", "a.b.c", "." * 8000, token[:-4] + "AAAA"):
        answer = service.revoke(text, token_type_hint="refresh_token")
        assert answer.status == 200 and answer.body == b"", text


def test_a_token_of_another_issuer_is_not_revoked_here(service):
    stranger = EcKey("k1")
    known = claims_of(service.token())
    forged = stranger.sign(known, kid=service.keys()[0]["kid"])
    assert service.revoke(forged).status == 200
    assert service.callers.query("SELECT count(*) FROM revocations WHERE value = ?",
                                 known["jti"]) == [(0,)]


def test_a_token_of_another_client_is_not_revoked(service):
    token = service.ask_signed().json()["access_token"]
    assert_error(service.revoke(token), 400, "unauthorized_client")
    assert service.use(token).status == 200


def test_revocation_wants_a_client(own):
    service = own()
    token = service.token()
    assert_error(service.post("/oauth/revoke", {"token": token}), 401, "invalid_client")
    assert_error(service.revoke(token, secret="wrong"), 401, "invalid_client")
    assert_error(service.revoke(""), 400, "invalid_request")
    assert service.use(token).status == 200


# ---- forms ----

SMUGGLED = [
    ("grant twice", "grant_type=client_credentials&grant_type=client_credentials"),
    ("scope twice", "grant_type=client_credentials&scope=read&scope=write"),
    ("scope twice, encoded", "grant_type=client_credentials&scope=read&%73cope=write"),
    ("unknown twice", "grant_type=client_credentials&x=1&x=2"),
    ("resource twice", f"grant_type=client_credentials&resource={quoted(ORDERS)}"
                       f"&resource={quoted(STOCK)}"),
    ("broken escape", "grant_type=client_credentials&scope=%zz"),
    ("cut escape", "grant_type=client_credentials&scope=%2"),
    ("null byte", "grant_type=client_credentials%00"),
    ("line feed", "grant_type=client_credentials&scope=read%0awrite"),
    ("no grant", "scope=read"),
    ("empty", ""),
    ("empty grant", "grant_type="),
    ("too many", "grant_type=client_credentials&" + "&".join(f"p{i}=1" for i in range(40))),
    ("long name", "grant_type=client_credentials&" + "n" * 100 + "=1"),
    ("long value", "grant_type=client_credentials&scope=" + "s" * 9000),
    ("secret in two places", "grant_type=client_credentials&client_id=web&client_secret=x"),
    ("another client_id", "grant_type=client_credentials&client_id=signer"),
    ("assertion beside", "grant_type=client_credentials&client_assertion=a.b.c"
                         f"&client_assertion_type={quoted(ASSERTION)}"),
]


@pytest.mark.parametrize("body", [body for _, body in SMUGGLED],
                         ids=[name for name, _ in SMUGGLED])
def test_smuggled_forms_are_refused(service, body):
    answer = service.post("/oauth/token", {}, [basic("web", service.secret)], body)
    assert_error(answer, 400, "invalid_request")


def test_other_media_types_are_refused(service):
    proof = basic("web", service.secret)
    text = "grant_type=client_credentials"
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        body = json.dumps({"grant_type": "client_credentials"}) if "json" in kind else text
        answer = service.post("/oauth/token", {}, [proof, ("Content-Type", kind)], body)
        assert_error(answer, 400, "invalid_request")
    compressed = [proof, FORM, ("Content-Encoding", "gzip")]
    assert_error(service.post("/oauth/token", {}, compressed, text), 400, "invalid_request")
    assert service.post("/oauth/token", {}, [
        proof, ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")],
        text).status == 200


def test_credentials_in_the_url_are_refused(service):
    target = f"/oauth/token?client_id=web&client_secret={service.secret}"
    answer = service.post(target, {"grant_type": "client_credentials"})
    assert_error(answer, 400, "invalid_request")
    record = service.gw.log_of(answer)
    assert service.secret not in json.dumps(record)


def test_a_body_beyond_the_limit_is_refused(service):
    answer = service.post("/oauth/token", {}, [basic("web", service.secret)], "a" * 20000)
    assert answer.status == 413


def test_other_grants_are_refused(service):
    for grant in ("password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS",
                  "client_credentials "):
        assert_error(service.post("/oauth/token", {"grant_type": grant},
                                  [basic("web", service.secret)]), 400, "unsupported_grant_type")


# ---- scopes and resources ----

def test_a_client_gets_the_scopes_it_may_have_and_no_others(service):
    assert claims_of(service.token())["scope"] == "read write"
    assert claims_of(service.token(scope="write read write"))["scope"] == "write read"
    assert claims_of(service.token(scope=""))["scope"] == "read write"
    for scope in ("admin", "read admin", "READ", "read,write", "read\twrite"):
        answer = service.ask(scope=scope)
        assert answer.status == 400, scope
    for scope in (" read", "read ", "read  write", 'a"b', "read\\", "ünicode"):
        assert_error(service.ask(scope=scope), 400, "invalid_scope")
    assert_error(service.ask(scope="read " + " ".join(f"s{i}" for i in range(1500))), 400,
                 "invalid_scope")


def test_tokens_are_for_configured_resources_only(service):
    assert claims_of(service.token(resource=STOCK))["aud"] == STOCK
    assert claims_of(service.token(audience=STOCK))["aud"] == STOCK
    for resource in ("https://evil.example", ORDERS + "/", ORDERS.upper(), "orders"):
        assert_error(service.ask(resource=resource), 400, "invalid_target")
    assert_error(service.ask(resource=ORDERS, audience=STOCK), 400, "invalid_target")


def test_a_clients_own_lifetime_counts_where_it_is_shorter(own):
    service = own(lifetime="10m")
    assert service.ask().json()["expires_in"] == 600
    service.callers.change("clients", "web", grant_seconds=60)
    assert service.ask().json()["expires_in"] == 60


# ---- who asks ----

def test_wrong_and_unknown_clients_hear_the_same(own):
    service = own()
    wrong, unknown = service.ask(secret="wrong"), service.ask(client="nobody", secret="wrong")
    assert_error(wrong, 401, "invalid_client")
    assert_error(unknown, 401, "invalid_client")
    assert wrong.body == unknown.body
    assert_error(service.ask(client="signer", secret=""), 401, "invalid_client")
    assert_error(service.ask(client="signer", secret="x"), 401, "invalid_client")


def raw(text):
    return ("Authorization", "Basic " + base64.b64encode(text).decode())


def test_basic_is_read_as_rfc_6749_writes_it(own):
    service = own()
    form = {"grant_type": "client_credentials"}
    good = f"web:{service.secret}".encode()
    for spelt in (good, good.replace(b"web", b"%77%65%62"), good.replace(b"w", b"%77")):
        assert service.post("/oauth/token", form, [raw(spelt)]).status == 200
    refused = [
        raw(good.replace(b"web", b"w+eb")), raw(good.replace(b"web", b"web%20")),
        raw(good + b"\n"), raw(b"\0" + good), raw(b"web"), raw(b":" + good), raw(b""),
        raw(good.replace(b"web", b"%77%65%6")),          # a broken escape
        raw(b"web%00:" + service.secret.encode()),
        ("Authorization", raw(good)[1].rstrip("=") + "===="),
        ("Authorization", "Basic  " + raw(good)[1][6:]),
        ("Authorization", "Bearer " + raw(good)[1][6:]),
        ("Authorization", "Basic"),
    ]
    for number, header in enumerate(refused):
        with other_address(service.gw, 300 + number) as client:
            body = urllib.parse.urlencode(form).encode()
            answer = client.call("POST", "/oauth/token", [FORM, header], body, service.host)
        assert_error(answer, 401, "invalid_client")


def test_two_authorization_headers_are_refused(service):
    answer = service.post("/oauth/token", {"grant_type": "client_credentials"},
                          [basic("web", service.secret), basic("web", service.secret)])
    assert answer.status == 400


# ---- assertions ----

def hs256(service):
    """Signed with the public key as if it were a secret."""
    import hashlib
    import hmac
    parts = service.assertion().split(".")[:2]
    header = {"alg": "HS256", "kid": "k1", "typ": "JWT"}
    parts[0] = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    text = ".".join(parts)
    mac = hmac.new(service.key.public_pem.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def without_signature(service):
    parts = service.assertion().split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{parts[1]}."


def embedded_key(service):
    attacker = EcKey("evil")
    return service.assertion(key=attacker, header={"jwk": attacker.public, "kid": "k1"})


NOW = time.time
ASSERTIONS = {
    "for another audience": lambda s: s.assertion(aud="https://evil.example"),
    "for us and others": lambda s: s.assertion(aud=[s.issuer, "https://evil.example"]),
    "for an endpoint that is not ours": lambda s: s.assertion(aud=s.issuer + "/oauth/revoke"),
    "for the issuer with a slash": lambda s: s.assertion(aud=s.issuer + "/"),
    "without audience": lambda s: s.assertion(aud=None),
    "expired": lambda s: s.assertion(exp=int(NOW()) - 120),
    "without expiry": lambda s: s.assertion(exp=None),
    "good for a day": lambda s: s.assertion(exp=int(NOW()) + 86400),
    "of the future": lambda s: s.assertion(iat=int(NOW()) + 600, exp=int(NOW()) + 660),
    "not yet": lambda s: s.assertion(nbf=int(NOW()) + 600),
    "without jti": lambda s: s.assertion(jti=None),
    "with an empty jti": lambda s: s.assertion(jti=""),
    "with a jti that is a number": lambda s: s.assertion(jti=7),
    "with a long jti": lambda s: s.assertion(jti="x" * 300),
    "of another subject": lambda s: s.assertion(sub="web"),
    "of another issuer": lambda s: s.assertion(iss="web"),
    "of a client with a secret only": lambda s: s.assertion(client="web"),
    "of nobody": lambda s: s.assertion(client="nobody"),
    "by another key": lambda s: s.assertion(key=EcKey("k1")),
    "with its own key in it": embedded_key,
    "with the public key as secret": hs256,
    "without signature": without_signature,
    "critical": lambda s: s.assertion(header={"crit": ["b64"], "b64": True}),
    "of another type": lambda s: s.assertion(header={"typ": "at+jwt"}),
    "a token of ours": lambda s: s.token(),
    "no token": lambda s: "nonsense",
    "huge": lambda s: s.assertion(x="x" * 7000),
}


@pytest.fixture(scope="module")
def judged(service):
    """Answers to all of these, each from an address of its own."""
    answers = {}
    for number, (name, make) in enumerate(ASSERTIONS.items()):
        body = urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION,
            "client_assertion": make(service)}).encode()
        with other_address(service.gw, 600 + number) as client:
            answers[name] = client.call("POST", "/oauth/token", [FORM], body, service.host)
    return answers


@pytest.mark.parametrize("name", ASSERTIONS)
def test_assertions_that_prove_nothing_are_refused(judged, name):
    if name == "huge":
        assert judged[name].status in (400, 401)
        return
    assert_error(judged[name], 401, "invalid_client")


def test_an_assertion_counts_once(service):
    assertion = service.assertion()
    assert service.ask_signed(assertion).status == 200
    assert_error(service.ask_signed(assertion), 401, "invalid_client")
    # Neither for the other endpoint, nor with another claim beside the same jti.
    again = service.post("/oauth/revoke", {
        "token": "x", "client_assertion_type": ASSERTION, "client_assertion": assertion})
    assert_error(again, 401, "invalid_client")
    twin = service.assertion(jti=claims_of(assertion)["jti"], nonce="other")
    assert_error(service.ask_signed(twin), 401, "invalid_client")


def test_an_assertion_is_not_replayed_after_a_reload(service):
    assertion = service.assertion()
    assert service.ask_signed(assertion).status == 200
    service.gw.reload()
    assert_error(service.ask_signed(assertion), 401, "invalid_client")


def test_audiences_of_assertions_that_clients_use(service):
    for audience in (service.issuer, service.issuer + "/oauth/token",
                     [service.issuer, service.issuer + "/oauth/token"]):
        assert service.ask_signed(service.assertion(aud=audience)).status == 200


def test_client_id_beside_an_assertion_has_to_be_the_same(service):
    assert service.ask_signed(client_id="signer").status == 200
    assert_error(service.ask_signed(client_id="web"), 401, "invalid_client")
    assert_error(service.post("/oauth/token", {
        "grant_type": "client_credentials", "client_assertion_type": "urn:other",
        "client_assertion": service.assertion()}), 400, "invalid_request")


# ---- failures ----

def test_failures_are_limited_for_who_makes_them_alone(own):
    service = own(audit_failures=True)
    refused = [service.ask(secret=f"guess{i}") for i in range(15)]
    assert [r.status for r in refused[:10]] == [401] * 10
    assert refused[-1].status == 429
    assert refused[-1].headers.one("Retry-After")
    assert refused[-1].json()["error"] == "invalid_client"
    # Even with the right secret, from there; but not from elsewhere, and not another client.
    assert service.ask().status == 429
    assert service.ask_signed().status == 200
    with other_address(service.gw, 999) as client:
        answer = client.call("POST", "/oauth/token", [FORM, basic("web", service.secret)],
                             b"grant_type=client_credentials", service.host)
    assert answer.status == 200
    recorded = until(lambda: service.events("client.sign_in_failed"), "failures to be recorded")
    assert recorded[0]["actor"] == "client/web"
    assert service.secret not in json.dumps(recorded)
    # Names that are invented do not help.
    statuses = [service.ask(client=f"c{i}", secret="x").status for i in range(60)]
    assert statuses[-1] == 429 and statuses.count(401) <= 50


def test_failures_are_not_recorded_unless_that_is_wanted(own):
    service = own()
    assert_error(service.ask(secret="wrong"), 401, "invalid_client")
    token = service.token()
    service.revoke(token)
    until(lambda: service.events("token.revoke"), "the revocation to be recorded")
    assert service.events("client.sign_in_failed") == []


# ---- signing keys ----

@pytest.mark.parametrize("algorithm, members", [
    ("RS256", {"kty", "n", "e", "kid", "use", "alg"}),
    ("EdDSA", {"kty", "crv", "x", "kid", "use", "alg"})])
def test_other_algorithms_by_choice(own, algorithm, members):
    service = own(keys={"algorithm": algorithm})
    assert [set(key) for key in service.keys()] == [members]
    token = service.token()
    assert header_of(token)["alg"] == algorithm
    assert service.use(token).status == 200
    done = library(service, "oauth4webapi", "client_secret_basic")
    assert "error" not in done, done


def test_keys_are_made_once_and_survive_kill_9(own):
    service = own()
    keys, token = service.keys(), service.token()
    assert len(keys) == 1
    service.gw.kill()
    service.gw.start()
    assert service.keys() == keys
    assert service.use(token).status == 200
    until(lambda: service.events("signing_key.create"), "the key to be recorded")
    assert len(service.events("signing_key.create")) == 1


def test_keys_are_rotated_with_overlap(own):
    service = own(keys={"rotation": "10s"}, lifetime="20s")
    first = service.token()
    assert service.use(first).status == 200
    seen = {header_of(first)["kid"]}
    until(lambda: len(service.keys()) > 1, "the next key to be published")
    published = {key["kid"] for key in service.keys()}
    # Before it signs.
    assert header_of(service.token())["kid"] in seen
    until(lambda: header_of(service.token())["kid"] not in seen, "the next key to sign")
    assert header_of(service.token())["kid"] in published
    # What the former one signed is good, here and for those who fetch the keys.
    assert service.use(first).status == 200
    assert seen <= {key["kid"] for key in service.keys()}
    until(lambda: service.events("signing_key.retire"), "the former key to be retired")


def signing_keys(service, *arguments, status=0):
    done = binary.run("signing-keys", *arguments, "--config", service.gw.file,
                      cwd=service.gw.folder,
                      env={"SALLYPORT_ADMIN_TOKEN": service.gw.admin_token})
    assert done.returncode == status, (done.returncode, done.stdout + done.stderr)
    return done


def listed_keys(service):
    return json.loads(signing_keys(service, "list", "--output", "json").stdout)


def test_a_key_made_by_command_is_published_before_it_signs(own):
    service = own()
    first = header_of(service.token())["kid"]
    out = signing_keys(service, "rotate", "--in", "15s", "--output", "json")
    made = json.loads(out.stdout)
    assert made["state"] == "coming" and made["algorithm"] == "ES256" and made["kid"] != first
    assert "PRIVATE" not in out.stdout
    until(lambda: made["kid"] in {key["kid"] for key in service.keys()}, "it to be published")
    assert {key["kid"]: key["state"] for key in listed_keys(service)}[first] == "signing"
    # One is under way; another one would only push it aside.
    assert made["kid"] in signing_keys(service, "rotate", status=2).stderr
    token = service.token()
    until(lambda: header_of(service.token())["kid"] == made["kid"], "it to sign")
    until(lambda: {key["kid"]: key["state"] for key in listed_keys(service)} == {
        made["kid"]: "signing", first: "retired"}, "the former one to be retired")
    assert service.use(token).status == 200
    created = [e for e in service.events("signing_key.create") if e["actor"].startswith("token/")]
    assert [e["object"] for e in created] == ["signing_key/" + made["kid"]]


def test_a_key_signs_at_once_where_that_is_wanted(own):
    service = own()
    first = service.token()
    made = json.loads(signing_keys(service, "rotate", "--in", "0s", "--output", "json").stdout)
    until(lambda: header_of(service.token())["kid"] == made["kid"], "it to sign")
    assert service.use(first).status == 200 and service.use(service.token()).status == 200


def test_a_retired_key_signs_no_more_and_still_verifies(own):
    service = own()
    token = service.token()
    kid = header_of(token)["kid"]
    assert "retired" in signing_keys(service, "retire", kid).stdout
    until(lambda: header_of(service.token())["kid"] != kid, "another key to sign")
    assert service.use(token).status == 200
    signing_keys(service, "retire", kid)  # twice is no error
    until(lambda: service.events("signing_key.retire"), "it to be recorded")
    assert len(service.events("signing_key.retire")) == 1
    assert "no signing key" in signing_keys(service, "retire", "nonsense", status=2).stderr


def test_what_a_removed_key_signed_is_refused(own):
    service = own()
    token = service.token()
    kid = header_of(token)["kid"]
    signing_keys(service, "remove", kid)
    until(lambda: service.use(token).status == 401, "it to be refused")
    until(lambda: service.ask().status == 200 and service.use(service.token()).status == 200,
          "another key")
    assert kid not in {key["kid"] for key in service.keys()}
    assert "no signing key" in signing_keys(service, "remove", kid, status=2).stderr


def test_few_may_change_keys_and_few_keys_there_are(own):
    service = own()
    kid = header_of(service.token())["kid"]
    headers = [("Content-Type", "application/json")]

    def ask(method, path, body=None, token=True):
        body = None if body is None else json.dumps(body).encode()
        return service.gw.admin("/v1/signing-keys" + path, method, body, headers, token=token)
    for role, seen in (("viewer", 200), ("operator", 200)):
        made = service.gw.admin("/v1/admin-tokens", "POST",
                                json.dumps({"name": role, "role": role}).encode(), headers)
        token = made.json()["token"]
        assert ask("GET", "", token=token).status == seen
        for method, path in (("POST", "/rotate"), ("POST", f"/{kid}/retire"), ("DELETE", f"/{kid}")):
            assert ask(method, path, token=token).status == 403, (role, path)
    for body in ({"in_seconds": -1}, {"in_seconds": 604801}, {"in_seconds": "1"}, {"in": 1}, []):
        assert ask("POST", "/rotate", body).status == 422, body
    until(lambda: ask("POST", "/rotate", {"in_seconds": 0}).status == 409, "the bound on keys")
    assert len(ask("GET", "").json()["items"]) == 32
    assert "PRIVATE" not in ask("GET", "").text


def test_private_keys_are_sealed(own):
    service = own()
    rows = service.callers.query("SELECT sealed FROM signing_keys")
    assert len(rows) == 1 and b"PRIVATE" not in rows[0][0]
    assert b"PRIVATE KEY" not in (service.gw.folder / "state" / "sallyport.db").read_bytes()


def test_two_processes_share_the_keys(own, gateway):
    service = own()
    token = service.token()
    second = gateway({"a": api(service.upstream)}, start=False)
    config = service.config()
    config["state"] = str(service.gw.folder / "state")
    second.write(config)
    second._admin_token = service.gw.admin_token  # of the state that both have
    second.start()
    answer = second.get("/orders", [bearer(token)], host=service.host)
    assert answer.status == 200
    assert second.get("/oauth/jwks", host=service.host).json()["keys"] == service.keys()
    assert service.revoke(token).status == 200
    until(lambda: second.get("/orders", [bearer(token)], host=service.host).status == 401,
          "the other process to refuse it")


def test_a_store_that_is_away_keeps_tokens_coming_and_says_so_of_revocations(own):
    service = own()
    token = service.token()
    blocker = sqlite3.connect(service.gw.folder / "state" / "sallyport.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        assert service.use(token).status == 200
        assert service.use(service.token()).status == 200
        answer = service.revoke(token)
        assert_error(answer, 503, "temporarily_unavailable")
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    until(lambda: service.revoke(token).status == 200, "the store to be back")
    assert service.use(token).status == 401


# ---- configuration ----

@pytest.mark.parametrize("change, message", [
    ({"issuer": "http://api.example.com"}, "has to begin with https://"),
    ({"issuer": "https://api.example.com/"}, "no slash at the end"),
    ({"issuer": "https://API.example.com"}, "in lower case"),
    ({"issuer": "https://user@api.example.com"}, "has to begin with https://"),
    ({"issuer": "https://api.example.com/a?b"}, "no query"),
    ({"audiences": []}, "audiences"),
    ({"lifetime": "2d"}, "lifetime"),
    ({"keys": {"rotation": "10s"}}, "keys.rotation"),
    ({"path": "oauth"}, "path"),
    ({"keys": {"algorithm": "HS256"}}, "HS256"),
    ({"keys": {"algorithm": "none"}}, "none"),
])
def test_wrong_settings_are_refused(gateway, origin, change, message):
    gw = gateway({"a": api(origin(echo))}, start=False)
    gw.write({"apis": {"a": api("http://127.0.0.1:9")}, "state": "state", "token_service": {
        "issuer": "https://api.example.com", "audiences": [ORDERS], **change}})
    done = refused_by_check(gw)
    assert message in done, done


def refused_by_check(gw):
    done = binary.run("check", str(gw.file), cwd=gw.folder)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_needs_a_store(gateway, origin):
    gw = gateway({"a": api(origin(echo))}, start=False)
    gw.write({"apis": {"a": api("http://127.0.0.1:9")}, "token_service": {
        "issuer": "https://api.example.com", "audiences": [ORDERS]}})
    assert "state: /var/lib/sallyport" in refused_by_check(gw)


def test_with_an_https_issuer_plain_requests_are_refused(gateway, origin):
    gw = gateway({"a": api(origin(echo))}, start=False)
    settings = {"issuer": "https://api.example.com", "audiences": [ORDERS]}
    gw.write({"apis": {"a": api(origin(echo))}, "state": "state", "token_service": settings})
    gw.start()
    ask = [FORM, basic("web", "x")], b"grant_type=client_credentials", "api.example.com"
    assert_error(gw.call("POST", "/oauth/token", *ask), 400, "invalid_request")
    gw.reload({"apis": {"a": api(origin(echo))}, "state": "state", "token_service": settings,
               "trusted_proxies": ["127.0.0.1"]})
    assert_error(gw.call("POST", "/oauth/token", *ask), 401, "invalid_client")


def test_a_client_may_prove_itself_with_its_certificate(gateway, origin, authority):
    gw = gateway({"a": api(origin(echo))}, start=False)
    server = authority.issue("gw", "api.example.com")
    gw.write({"listen": [{"address": f"127.0.0.1:{gw.port}", "tls": {
                  "certificates": [{"cert": server.cert, "key": server.key}],
                  "client_ca": authority.cert, "client_certificate": "request"}}],
              "apis": {"a": api("http://127.0.0.1:9")}, "state": "state", "token_service": {
                  "issuer": "https://api.example.com", "audiences": [ORDERS]}})
    gw.start()
    callers = Callers(gw)
    plant = callers.consumer("plant")
    callers.client("machine", plant, mtls_subject="CN=machine")
    callers.client("other", plant)

    def ask(client, certificate=None):
        context = client_context(certificate=certificate)
        with gw.client(tls=context, server_name="api.example.com") as connection:
            return connection.call("POST", "/oauth/token", [FORM], urllib.parse.urlencode(
                {"grant_type": "client_credentials", "client_id": client}).encode(),
                "api.example.com")

    machine = authority.issue("machine", client=True)
    answer = ask("machine", machine)
    assert answer.status == 200, answer.text
    assert claims_of(answer.json()["access_token"])["client_id"] == "machine"
    assert_error(ask("machine"), 401, "invalid_client")
    assert_error(ask("other", machine), 401, "invalid_client")
    assert_error(ask("machine", authority.issue("machine2", client=True)), 401, "invalid_client")


def test_an_issuer_with_a_path_is_found_where_both_standards_look(gateway, origin):
    gw = gateway({"a": api(origin(echo))}, start=False)
    issuer = f"http://127.0.0.1:{gw.port}/tenant/one"
    gw.write({"apis": {"a": api("http://127.0.0.1:9")}, "state": "state",
              "token_service": {"issuer": issuer, "audiences": [ORDERS], "path": "/t"}})
    gw.start()
    host = f"127.0.0.1:{gw.port}"
    for path in ("/.well-known/oauth-authorization-server/tenant/one",
                 "/tenant/one/.well-known/openid-configuration"):
        found = gw.get(path, host=host).json()
        assert found["issuer"] == issuer
        assert found["token_endpoint"] == f"http://{host}/t/token"


def test_a_reload_may_add_it_and_take_it_away(own):
    service = own()
    token = service.token()
    plain = service.config()
    del plain["token_service"]
    plain["apis"]["orders"]["authenticate"]["jwt"]["keys"] = {
        "inline": json.dumps({"keys": service.keys()})}
    service.gw.reload(plain)
    assert service.get("/oauth/jwks").status == 404
    service.gw.reload(service.config())
    assert service.use(token).status == 200
    assert service.ask().status == 200


def test_policies_about_callers_do_not_stand_before_it(own):
    service = own()
    config = service.config(authenticate={"jwt": {"issuer": service.issuer, "audience": ORDERS}})
    service.gw.reload(config)
    assert service.ask().status == 200
    service.gw.reload({**config, "ip_allow": {"allow": ["192.0.2.1"]}})
    assert service.ask().status == 403
