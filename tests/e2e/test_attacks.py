"""Attacks on authentication and authorization, one test each, on the real gateway: none of them may
reach the upstream. A good token stands beside them, so that a gateway that refuses everybody fails.
"""

import base64
import hashlib
import hmac
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from harness.gateway import api, assert_problem
from harness.origin import Origin, echo, raw

ISSUER = "https://login.test"
REFUSED = ("authorize.denied", "authorize.insufficient_scope")
SECRET = "a secret that both sides know, long enough for any of the hashes: 64 bytes!!"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Keys:
    """The issuer's keys, and one that is nobody's."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.stranger = ec.generate_private_key(ec.SECP256R1())

    def jwks(self):
        n = self.rsa.public_key().public_numbers()
        e = self.ec.public_key().public_numbers()
        return {"keys": [
            {"kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": number(n.n),
             "e": number(n.e)},
            {"kty": "EC", "kid": "ec", "alg": "ES256", "use": "sig", "crv": "P-256",
             "x": number(e.x, 32), "y": number(e.y, 32)}]}

    def public(self, encoding, form):
        return self.rsa.public_key().public_bytes(encoding, form)


KEYS = Keys()


def es256(key, text, size=32):
    r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def rs256(text):
    return KEYS.rsa.sign(text, padding.PKCS1v15(), hashes.SHA256())


def signed(text, how):
    """`how` makes the signature of the bytes in front of it."""
    return text + "." + b64(how(text.encode()))


def parts(header=None, payload=None):
    """The first two parts: of the good token, changed by what is given; None takes a member away."""
    def merged(base, change):
        return {k: v for k, v in {**base, **(change or {})}.items() if v is not None}
    head = merged({"alg": "ES256", "kid": "ec", "typ": "at+jwt"}, header)
    body = merged({"iss": ISSUER, "aud": "orders", "sub": "alice", "exp": int(time.time()) + 300,
                   "iat": int(time.time()), "scope": "orders:read", "roles": ["clerk"]}, payload)
    return b64(json.dumps(head).encode()) + "." + b64(json.dumps(body).encode())


def own(text):
    return signed(text, lambda data: es256(KEYS.ec, data))


def token(header=None, **payload):
    return own(parts(header, payload))


def raw_token(header=None, payload=None):
    """From the exact text of the JSON."""
    good_head, good_body = (base64.urlsafe_b64decode(p + "==").decode() for p in parts().split("."))
    return own(b64((header or good_head).encode()) + "." + b64((payload or good_body).encode()))


def hs(bits, secret):
    digest = {256: hashlib.sha256, 384: hashlib.sha384, 512: hashlib.sha512}[bits]
    return lambda data: hmac.new(secret, data, digest).digest()


def confused(secret, kid="rsa", bits=256):
    return signed(parts({"alg": f"HS{bits}", "kid": kid}), hs(bits, secret))


def embedded_jwk():
    e = KEYS.stranger.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": number(e.x, 32), "y": number(e.y, 32)}
    return signed(parts({"kid": None, "jwk": jwk}), lambda data: es256(KEYS.stranger, data))


def by_stranger(**header):
    return signed(parts(header), lambda data: es256(KEYS.stranger, data))


def der_signature(data):
    return KEYS.ec.sign(data, ec.ECDSA(hashes.SHA256()))


def now(**delta):
    return int(time.time()) + delta.get("s", 0)


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

TOKENS = {
    # The algorithm is the key's, never the token's.
    "alg none": lambda: parts({"alg": "none"}) + ".",
    "alg none without a key id": lambda: parts({"alg": "none", "kid": None}) + ".",
    "alg None": lambda: parts({"alg": "None"}) + ".",
    "alg nOnE with a signature": lambda: own(parts({"alg": "nOnE"})),
    "alg empty": lambda: own(parts({"alg": ""})),
    "alg absent": lambda: own(parts({"alg": None})),
    "alg null": lambda: raw_token(header='{"alg":null,"kid":"ec"}'),
    "alg a list": lambda: raw_token(header='{"alg":["ES256"],"kid":"ec"}'),
    "alg es256 in small letters": lambda: own(parts({"alg": "es256"})),
    "HS256 with the RSA key in PEM as secret": lambda: confused(KEYS.public(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)),
    "HS256 with the RSA key in PKCS 1 as secret": lambda: confused(KEYS.public(
        serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)),
    "HS256 with the RSA key in DER as secret": lambda: confused(KEYS.public(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)),
    "HS512 with the RSA modulus as secret": lambda: confused(
        number(KEYS.rsa.public_key().public_numbers().n).encode(), bits=512),
    "HS256 with an empty secret": lambda: confused(b"", kid=None),
    "HS256 with the EC key's x as secret": lambda: confused(
        KEYS.ec.public_key().public_numbers().x.to_bytes(32, "big"), kid="ec"),
    "PS256 with a key made for RS256": lambda: signed(
        parts({"alg": "PS256", "kid": "rsa"}), lambda data: KEYS.rsa.sign(data, padding.PSS(
            padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())),
    "RS384 with a key made for RS256": lambda: signed(
        parts({"alg": "RS384", "kid": "rsa"}),
        lambda data: KEYS.rsa.sign(data, padding.PKCS1v15(), hashes.SHA384())),
    "ES256 said of an RSA key": lambda: signed(parts({"kid": "rsa"}), rs256),
    # Keys are the issuer's, never the token's.
    "a key in the header": embedded_jwk,
    "jku to a server of the attacker": lambda: by_stranger(jku="{origin}/jwks"),
    "x5u to a server of the attacker": lambda: by_stranger(x5u="{origin}/cert"),
    "x5c of the attacker": lambda: by_stranger(kid=None, x5c=["MIIB"]),
    "kid of a file": lambda: by_stranger(kid="../../../../dev/null"),
    "kid with SQL": lambda: by_stranger(kid="ec' UNION SELECT 'x"),
    "kid of a URL": lambda: by_stranger(kid="{origin}/key"),
    "kid with a null byte": lambda: by_stranger(kid="ec\u0000"),
    "kid a number": lambda: raw_token(header='{"alg":"ES256","kid":1}'),
    "kid of another key": lambda: signed(parts({"kid": "ec"}), rs256),
    "no kid and a stranger's signature": lambda: by_stranger(kid=None),
    # What is critical and not understood.
    "an unknown critical header": lambda: own(parts({"crit": ["exp"], "exp": 1})),
    "an empty list of critical headers": lambda: own(parts({"crit": []})),
    "an unencoded payload": lambda: own(parts({"b64": False, "crit": ["b64"]})),
    "a compressed payload": lambda: own(parts({"zip": "DEF", "crit": ["zip"]})),
    # Signatures.
    "no signature": lambda: parts() + ".",
    "no third part": parts,
    "a signature of zeros": lambda: signed(parts(), lambda _: bytes(64)),
    "a signature of the group's order": lambda: signed(
        parts(), lambda _: P256_ORDER.to_bytes(32, "big") * 2),
    "a signature in DER": lambda: signed(parts(), der_signature),
    "a signature cut short": lambda: token()[:-4],
    "a signature with a byte more": lambda: signed(
        parts(), lambda data: es256(KEYS.ec, data) + b"\0"),
    "a signature padded to P-384": lambda: signed(
        parts(), lambda data: es256(KEYS.ec, data, 48)),
    "the signature of another token": lambda: parts(payload={"sub": "mallory"}) + "."
    + token().split(".")[2],
    "the payload changed": lambda: ".".join(
        [token().split(".")[0], parts(payload={"roles": ["admin"]}).split(".")[1],
         token().split(".")[2]]),
    "base64 with another alphabet": lambda: token().replace("-", "+").replace("_", "/") + "+",
    "base64 with padding": lambda: token() + "=",
    "a blank in the token": lambda: token().replace(".", ". ", 1),
    "four parts": lambda: token() + ".x",
    "five parts, as of JWE": lambda: token() + ".x.y",
    "a token in the JSON form": lambda: json.dumps(dict(zip(
        ("protected", "payload", "signature"), token().split(".")))),
    # Time.
    "expired": lambda: token(exp=now(s=-120)),
    "no exp": lambda: token(exp=None),
    "exp a text": lambda: token(exp=str(now(s=300))),
    "exp null": lambda: raw_token(payload='{"iss":"%s","aud":"orders","exp":null}' % ISSUER),
    "exp a list": lambda: token(exp=[now(s=300)]),
    "exp negative": lambda: token(exp=-1),
    "exp twice": lambda: raw_token(payload='{"iss":"%s","aud":"orders","exp":1,"exp":%d}' % (
        ISSUER, now(s=300))),
    "not yet valid": lambda: token(nbf=now(s=600)),
    "nbf a text": lambda: token(nbf="0"),
    "issued in the future": lambda: token(iat=now(s=600)),
    # For whom, by whom, what for.
    "another audience": lambda: token(aud="billing"),
    "no audience": lambda: token(aud=None),
    "an audience that begins like ours": lambda: token(aud="orders2"),
    "our audience in capitals": lambda: token(aud="Orders"),
    "a list of other audiences": lambda: token(aud=["billing", "order", "orders/"]),
    "an empty list of audiences": lambda: token(aud=[]),
    "an audience in an object": lambda: token(aud={"orders": "orders"}),
    "another issuer": lambda: token(iss="https://evil.test"),
    "no issuer": lambda: token(iss=None),
    "our issuer with a slash": lambda: token(iss=ISSUER + "/"),
    "our issuer in a list": lambda: token(iss=[ISSUER]),
    "our issuer as the beginning": lambda: token(iss=ISSUER + ".evil.test"),
    "a token of another kind": lambda: own(parts({"typ": "logout+jwt"})),
    "a DPoP proof as a token": lambda: own(parts({"typ": "dpop+jwt"})),
    "typ a number": lambda: raw_token(header='{"alg":"ES256","kid":"ec","typ":1}'),
    # JSON that two parsers read differently.
    "alg twice": lambda: raw_token(header='{"alg":"none","alg":"ES256","kid":"ec"}'),
    "aud twice": lambda: raw_token(
        payload='{"iss":"%s","aud":"orders","aud":"billing","exp":%d}' % (ISSUER, now(s=300))),
    "a payload that is no object": lambda: raw_token(payload='["orders"]'),
    "a payload that is no JSON": lambda: raw_token(payload="orders"),
    "a payload with something behind it": lambda: raw_token(
        payload='{"iss":"%s","aud":"orders","exp":%d}{}' % (ISSUER, now(s=300))),
    "a payload of 1,000 levels": lambda: raw_token(
        payload='{"iss":"%s","aud":"orders","exp":%d,"x":%s}' % (
            ISSUER, now(s=300), "[" * 1_000 + "]" * 1_000)),
}


@pytest.fixture(scope="module")
def guarded(shared_gateway):
    """One gateway for all, and what its upstream and the attacker's server were asked."""
    upstream, evil = Origin(echo), Origin(echo)
    jwt = {"issuer": ISSUER, "audience": "orders", "keys": {"inline": json.dumps(KEYS.jwks())}}
    rules = {"authenticate": {"jwt": jwt}}

    def closed(path, **more):
        part = api(upstream, path, **{**rules, **more})
        del part["public"]
        return part
    authorize = [
        {"deny": True, "path": "/may/admin/*", "claims": {"guest": True}},
        {"path": "/may/orders/{id}", "methods": ["GET"], "when": "claims.sub == path.id"},
        {"path": "/may/write", "methods": ["POST"], "scopes": ["orders:write"]},
        {"path": "/may/admin/*", "roles": ["admin"]},
        {"path": "/may/level", "when": "claims.level >= 5"},
        {"path": "/may/tenant", "claims": {"tenant": "acme"}},
    ]
    gateway = shared_gateway({
        "any": closed("/any"), "may": closed("/may", authorize=authorize),
        "shared": closed("/shared", authenticate={"jwt": {
            "issuer": ISSUER, "audience": "orders", "keys": {"secret": "${env:SHARED}"}}}),
    }, env={"SHARED": SECRET})
    yield gateway, upstream, evil
    upstream.stop()
    evil.stop()


@pytest.fixture
def attack(guarded):
    """Sends a request that must be refused, by that reason, and must reach nobody."""
    gateway, upstream, evil = guarded

    def send(target, headers, status=401, code="authenticate.invalid", method="GET"):
        before = len(upstream.requests)
        answer = gateway.call(method, target, headers)
        assert_problem(answer, status, code)
        assert len(upstream.requests) == before
        assert evil.requests == []
        return answer
    return send


def bearer(text):
    return [("Authorization", "Bearer " + text)]


def test_there_are_enough_attacks():
    assert len(TOKENS) >= 60


def test_a_good_token_is_let_in_and_is_not_passed_on(guarded):
    gateway, upstream, _ = guarded
    assert gateway.get("/any", bearer(token())).status == 200
    assert gateway.get("/any", bearer(signed(parts({"alg": "RS256", "kid": "rsa"}), rs256))).status == 200
    assert gateway.get("/shared", bearer(confused(SECRET.encode(), kid=None))).status == 200
    assert upstream.last.headers.get("Authorization") is None


@pytest.mark.parametrize("name", TOKENS)
def test_token(attack, guarded, name):
    text = TOKENS[name]()
    if "{origin}" in text:
        text = text.replace("{origin}", guarded[2].url)
    answer = attack("/any", bearer(text))
    assert 'error="invalid_token"' in answer.headers.get("WWW-Authenticate")


def test_the_key_of_the_attackers_server_is_not_fetched(attack, guarded):
    for member in ("jku", "x5u"):
        attack("/any", bearer(by_stranger(**{member: guarded[2].url + "/jwks"})))


def test_a_token_that_was_accepted_is_refused_once_it_has_expired(gateway, origin):
    upstream = origin(echo)
    part = api(upstream, authenticate={"jwt": {
        "issuer": ISSUER, "audience": "orders", "leeway": "0s",
        "keys": {"inline": json.dumps(KEYS.jwks())}}})
    del part["public"]
    gw = gateway({"a": part})
    end = int(time.time()) + 3
    short = token(exp=end)
    assert gw.get("/", bearer(short)).status == 200
    while time.time() < end + 1:
        time.sleep(0.1)
    assert_problem(gw.get("/", bearer(short)), 401, "authenticate.invalid")


def test_a_token_of_the_shared_secret_is_nothing_elsewhere(attack):
    attack("/any", bearer(confused(SECRET.encode(), kid=None)))
    attack("/shared", bearer(token()))


# Where the token stands.

def test_no_token(attack):
    answer = attack("/any", [], code="authenticate.missing")
    assert answer.headers.get("WWW-Authenticate").startswith("Bearer")
    assert "error" not in answer.headers.get("WWW-Authenticate")


@pytest.mark.parametrize("headers", [
    [("Authorization", "")],
    [("Authorization", "Bearer")],
    [("Authorization", "Bearer ")],
    [("Authorization", "Basic {token}")],
    [("Authorization", "{token}")],
    [("Authorization", "Token {token}")],
    [("Proxy-Authorization", "Bearer {token}")],
    [("X-Authorization", "Bearer {token}")],
    [("X-Forwarded-Authorization", "Bearer {token}")],
    [("Cookie", "Authorization=Bearer {token}; token={token}")],
], ids=lambda headers: ": ".join(headers[0])[:40])
def test_a_token_in_another_place(attack, headers):
    filled = [(name, value.replace("{token}", token())) for name, value in headers]
    attack("/any", filled, code=("authenticate.missing", "authenticate.invalid"))


@pytest.mark.parametrize("query", ["access_token", "token", "jwt", "Authorization"])
def test_a_token_in_the_query(attack, query):
    attack(f"/any?{query}={token()}", [], code="authenticate.missing")


def test_two_tokens(attack):
    for pair in (token(), by_stranger()), (by_stranger(), token()), (token(), token()):
        attack("/any", bearer(pair[0]) + bearer(pair[1]), 400, "http.duplicate_field")


def test_two_tokens_in_one_header(attack):
    attack("/any", [("Authorization", f"Bearer {token()}, Bearer {token()}")])


def test_a_token_of_100_kilobytes(guarded):
    gateway, upstream, _ = guarded
    before = len(upstream.requests)
    answer = gateway.get("/any", bearer(token(padding="x" * 100_000)))
    assert answer.status in (401, 431)
    assert len(upstream.requests) == before


# Who may do what.

def refused(attack, target, method="GET", **claims):
    attack(target, bearer(token(**claims)), 403, REFUSED, method)


def test_the_rules_let_in_whom_they_name(guarded):
    gateway, _, _ = guarded
    for method, target, claims in (
            ("GET", "/may/orders/alice", {}), ("POST", "/may/write", {"scope": "a orders:write b"}),
            ("GET", "/may/admin/users", {"roles": ["admin"]}), ("GET", "/may/level", {"level": 5}),
            ("GET", "/may/tenant", {"tenant": ["other", "acme"]})):
        answer = gateway.call(method, target, bearer(token(**claims)))
        assert answer.status == 200, (method, target, answer)


@pytest.mark.parametrize("target", [
    "/may/orders/bob", "/may/orders/alice/", "/may/orders/Alice", "/may/orders/alice;bob",
    "/may/orders/bob?id=alice", "/may/orders/", "/may", "/may/unknown"])
def test_somebody_elses_object(attack, target):
    attack(target, bearer(token()), 403, REFUSED)


@pytest.mark.parametrize("target", [
    "/may/orders/../admin/users", "/may/orders/%2e%2e/admin/users", "/may//admin/users",
    "/may/./admin/users", "/may/orders/..%2fadmin%2fusers", "/may/%61dmin/users",
    "/MAY/admin/users", "/may/Admin/users", "/may\\admin\\users"])
def test_no_spelling_of_a_path_leads_past_its_rule(guarded, target):
    gateway, upstream, _ = guarded
    before = len(upstream.requests)
    answer = gateway.get(target, bearer(token()))
    assert answer.status in (400, 403, 404), answer
    assert len(upstream.requests) == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_in_a_header_is_no_method(attack, header):
    attack("/may/write", bearer(token(scope="orders:write")) + [(header, "POST")], 403,
           REFUSED)


@pytest.mark.parametrize("scope", [
    "orders:writ", "orders:write2", "xorders:write", "orders:write,admin", "orders:*", "ORDERS:WRITE",
    "orders:read\torders:write", "", "*"])
def test_a_scope_that_is_almost_the_one(attack, scope):
    refused(attack, "/may/write", "POST", scope=scope)


@pytest.mark.parametrize("roles", [
    "administrator", ["Admin"], ["admin "], [["admin"]], {"admin": True}, "user,admin", [None], 1,
    ["admi", "n"]], ids=str)
def test_a_role_that_is_almost_the_one(attack, roles):
    refused(attack, "/may/admin/users", roles=roles)


@pytest.mark.parametrize("level", ["5", "9", [9], None, True, {"level": 9}, 4.999, -5], ids=str)
def test_a_claim_of_another_type_or_too_small(attack, level):
    refused(attack, "/may/level", level=level)


@pytest.mark.parametrize("tenant", ["ACME", "acme2", {"tenant": "acme"}, ["acm", "e"], "", 0], ids=str)
def test_a_claim_that_is_almost_the_one(attack, tenant):
    refused(attack, "/may/tenant", tenant=tenant)


def test_a_denial_comes_before_the_permission_behind_it(attack):
    refused(attack, "/may/admin/users", roles=["admin"], guest=True)


@pytest.mark.parametrize("header", ["X-Consumer", "X-User", "X-Roles", "X-Scopes", "X-Forwarded-User"])
def test_an_identity_in_a_header_is_none(attack, header):
    attack("/may/admin/users", bearer(token()) + [(header, "admin")], 403,
           REFUSED)
    attack("/any", [(header, "admin")], code="authenticate.missing")


# Credentials that a caller brings along.

def without_public(part):
    del part["public"]
    return part


def accepting(**more):
    return {"jwt": {"issuer": ISSUER, "audience": "orders",
                    "keys": {"inline": json.dumps(KEYS.jwks())}, **more}}


IN_COOKIE = {"from": {"cookie": "session"}}


def test_a_good_credential_that_nobody_needed_does_not_reach_the_upstream(gateway, origin):
    upstream = origin(echo)
    gw = gateway({
        "a": without_public(api(upstream, "/two", authenticate=[
            accepting(), accepting(**IN_COOKIE), {"http_signature": {"keys": {
                "k": {"algorithm": "hmac-sha256", "secret": "${env:SHARED}"}}}}])),
        "b": without_public(api(upstream, "/told", authenticate=[
            accepting(**IN_COOKIE), {"external_auth": {"url": origin(echo).url + "/"}}])),
        "c": without_public(api(upstream, "/forward", authenticate=[
            accepting(forward=True), accepting(audience="billing")])),
    }, env={"SHARED": SECRET})
    header, cookie = bearer(token()), [("Cookie", f"session={token()}; a=1")]
    signature = [("Signature-Input", 'x=("@method");keyid="other"'), ("Signature", "x=:AA==:")]
    assert gw.get("/two", header + cookie + signature).status == 200
    got = upstream.last.headers
    assert got.get("Authorization") is None and got.get("Cookie") == "a=1", got
    assert got.get("Signature") is None and got.get("Signature-Input") is None, got
    # A second one that is bad is none of the upstream's business either.
    assert gw.get("/two", header + [("Cookie", "session=nonsense")]).status == 200
    assert upstream.last.headers.get("Cookie") is None
    # What an authorizer would have been told.
    assert gw.get("/told", cookie + [("Authorization", "Basic YTpi")]).status == 200
    assert upstream.last.headers.get("Authorization") is None
    # What is forwarded on purpose stays, whoever else would read it.
    assert gw.get("/forward", header).status == 200
    assert upstream.last.headers.get("Authorization") == header[0][1]


@pytest.mark.parametrize("headers", [
    [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
    [("Sec-Fetch-Site", "same-site"), ("Origin", "http://127.0.0.1:1")],
    [("Origin", "null")], [("Origin", "https://evil.example")], [],
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
], ids=str)
def test_a_page_of_another_site_changes_nothing_by_a_token_in_a_cookie(gateway, origin, headers):
    upstream = origin(echo)
    gw = gateway({"a": without_public(api(upstream, authenticate=accepting(**IN_COOKIE)))})
    cookie = [("Cookie", "session=" + token())]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert_problem(gw.call(method, "/", cookie + headers), 403, "authenticate.cross_site")
    assert upstream.requests == []
    assert gw.call("POST", "/", cookie + [("Sec-Fetch-Site", "same-origin")]).status == 200
    assert gw.get("/", cookie + headers).status == 200


def test_tokens_of_two_people_are_not_one_caller(gateway, origin):
    """Both of the same application, which is the consumer."""
    upstream, by_app = origin(echo), {"claims": {"consumer": "client_id"}}
    gw = gateway({"a": without_public(api(upstream, authenticate={"all": [
        accepting(**by_app), accepting(**by_app, **IN_COOKIE)]}))})

    def ask(one, other):
        return gw.get("/", bearer(token(client_id="app", sub=one)) +
                      [("Cookie", "session=" + token(client_id="app", sub=other))])
    assert ask("alice", "alice").status == 200
    refused_now = ask("alice", "bob")
    assert_problem(refused_now, 401, "authenticate.invalid")
    assert "different subjects" in gw.log_of(refused_now)["sallyport.detail"]
    assert len(upstream.requests) == 1


def test_a_trailer_of_an_authorizer_is_no_header_of_its(gateway, origin):
    """Though it looks like the first line of another answer."""
    upstream, authorizer = origin(echo), origin(raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-User: alice\r\n\r\n0\r\n"
        b"HTTP/1.1 200 OK: x\r\nX-User: admin\r\n\r\n"))
    gw = gateway({"a": without_public(api(upstream, authenticate={"external_auth": {
        "url": authorizer.url + "/", "take_headers": ["X-User"]}}))})
    assert gw.get("/").status == 200
    assert upstream.last.headers.get("X-User") == "alice"
