"""People at the admin listener: TLS, client certificates, and tokens of a real OpenID Provider."""

import base64
import hashlib
import json
import secrets
import socket
import ssl
import subprocess
import time
import urllib.parse

import pytest

from harness import binary
from harness.certs import client_context
from harness.gateway import api, to_yaml
from harness.login import Browser, Provider
from harness.needs import lacks
from harness.origin import always, server_context
from harness.tokens import EcKey, encoded
from harness.wait import HANG, until
from harness.wire import Truncated

NAME = "admin.test"
ROLES = {"claim": "groups", "viewer": ["staff"], "operator": "duty", "security": "security team",
         "admin": ["platform"]}


@pytest.fixture(scope="module")
def server(authority):
    return authority.issue(NAME, NAME, "127.0.0.1")


@pytest.fixture(scope="module")
def people(authority):
    return {name: authority.issue(name, f"{name}.test", client=True)
            for name in ("ada", "vera", "eve")}


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin(always(200))


class Listener:
    """A gateway whose admin listener speaks TLS."""

    def __init__(self, make, upstream, authority, server, tls=None, state=True, host="127.0.0.1",
                 **admin):
        self.authority = authority
        self.gw = make({"a": api(upstream)}, start=False)
        self.folder = self.gw.folder
        self._state, self._upstream = state, upstream
        self._tls = {"certificates": [{"cert": server.cert, "key": server.key}], **(tls or {})}
        self._address = f"{host}:{self.gw.admin_port}"
        self.gw.admin_connection = {"tls": client_context(ca=authority.cert), "server_name": NAME}
        self.write(**admin)

    def write(self, tls=None, **admin):
        self.gw.write({
            "apis": {"a": api(self._upstream)},
            "admin": {"address": self._address, "tls": {**self._tls, **(tls or {})}, **admin},
            **({"state": {"path": "state"}} if self._state else {})})

    def start(self):
        self.gw.start()
        return self

    def ask(self, path="/v1/whoami", method="GET", body=None, token=None, certificate=None,
            headers=(), **named):
        """With a token, a certificate, or neither; never with the bootstrap token."""
        tls = client_context(ca=self.authority.cert, certificate=certificate)
        fields = [("Connection", "close"), *headers]
        if token:
            fields.append(("Authorization", f"Bearer {token}"))
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            fields.append(("Content-Type", "application/json"))
        with self.gw.admin_client(tls=tls, **named) as client:
            return client.call(method, path, fields, body)

    def who(self, **named):
        response = self.ask(**named)
        assert response.status == 200, response
        return response.json()

    def refused(self, status, code, **named):
        response = self.ask(**named)
        assert (response.status, response.json()["code"]) == (status, code), response
        return response

    def events(self, action=None):
        found = []
        for line in (self.folder / "state" / "audit" / "trail.jsonl").read_text().splitlines():
            event = json.loads(line)
            if "head" not in event and action in (None, event["action"]):
                event["detail"] = json.loads(event["detail"])
                found.append(event)
        return found

    def event(self, action, **wanted):
        """Waits for one such event: sign-ins are written behind the answer."""
        def found():
            return next((e for e in self.events(action)
                         if all(e[name] == value for name, value in wanted.items())), None)
        return until(found, f"{action} {wanted} in {self.events()}")

    def cli(self, *arguments, **named):
        return binary.run(*arguments, "--admin", f"https://localhost:{self.gw.admin_port}",
                          cwd=self.folder, **named)


@pytest.fixture
def listener(gateway, upstream, authority, server):
    def make(**named):
        return Listener(gateway, upstream, authority, server, **named)
    return make


def curl(listener, path, *arguments):
    """Status and body as curl has them; None: it did not get an answer."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", str(HANG), "--write-out",
         "\n%{http_code}", "--resolve", f"{NAME}:{listener.gw.admin_port}:127.0.0.1",
         *map(str, arguments), f"https://{NAME}:{listener.gw.admin_port}{path}"],
        capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def address_for_others():
    """One of this machine's by which others reach it."""
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    address = next((each for each in found if ":" not in each), None)
    if address is None:
        lacks("this machine has no IPv4 address but its loopback")
    return address


# ---- TLS ----

def test_the_listener_speaks_tls_and_nothing_else(listener, authority, other_authority):
    admin = listener().start()
    assert curl(admin, "/health", "--cacert", authority.cert)[0] == 200
    token = ("--header", f"Authorization: Bearer {admin.gw.admin_token}")
    status, body = curl(admin, "/v1/whoami", "--cacert", authority.cert, *token)
    assert (status, json.loads(body)["method"], json.loads(body)["role"]) == (200, "token", "admin")
    assert curl(admin, "/health", "--cacert", other_authority.cert)[0] is None
    with admin.gw.admin_client(tls=None, server_name=None) as plain:
        plain.sock.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"HTTP/" not in plain.sock.recv(4096)
    # Names of the certificate are its own; others are not.
    assert admin.ask("/health", default_host=NAME).status == 200
    assert admin.ask("/health", default_host="evil.test").status == 421
    own = f"https://{NAME}:{admin.gw.admin_port}"
    for origin, status in ((own, 200), (own.replace("https", "http"), 403), ("null", 403)):
        response = admin.ask("/reload", "POST", token=admin.gw.admin_token,
                             headers=[("Origin", origin)], default_host=own[8:])
        assert response.status == status, origin
    metric = next(line for line in admin.ask("/metrics").text.splitlines()
                  if "certificate_expiry" in line and '"admin"' in line)
    assert float(metric.split()[-1]) > time.time()


def test_a_reload_changes_the_certificate(listener, authority, server):
    admin = listener().start()

    def shown():
        with admin.gw.admin_client() as client:
            return client.sock.getpeercert(True)
    first = shown()
    renewed = authority.issue("renewed", NAME, "127.0.0.1")
    admin.write(tls={"certificates": [{"cert": renewed.cert, "key": renewed.key}]})
    admin.gw.reload()
    assert shown() != first
    assert hashlib.sha256(shown()).hexdigest() == renewed.fingerprint()


def test_a_public_address_needs_tls_and_somebody_who_may_sign_in(tmp_path, upstream, server,
                                                                 authority):
    def check(**top):
        file = tmp_path / "sallyport.yaml"
        file.write_text(to_yaml({"listen": ["127.0.0.1:8080"], "apis": {"a": api(upstream)},
                                 **top}))
        done = binary.run("check", file)
        return done.returncode, done.stdout + done.stderr
    tls = {"certificates": [{"cert": server.cert, "key": server.key}]}
    oidc = {"issuer": "https://login.test", "audience": "x", "roles": ROLES}
    mine = {"admin": {"subject": "CN=ada"}}
    for address in ("0.0.0.0:9901", ":9901", "192.0.2.1:9901", "[::]:9901"):
        code, text = check(admin=address, state="state")
        assert code != 0 and "needs TLS" in text, text
        code, text = check(admin={"address": address, "tls": tls})
        assert code != 0 and "somebody who may sign in" in text, text
        code, text = check(admin={"address": address, "tls": {}}, state="state")
        assert code != 0 and "no certificate" in text, text
        for more in ({"admin": {"address": address, "tls": tls}, "state": "state"},
                     {"admin": {"address": address, "tls": tls, "oidc": oidc}},
                     {"admin": {"address": address, "certificates": mine,
                                "tls": {**tls, "client_ca": authority.cert}}}):
            assert check(**more)[0] == 0, check(**more)


@pytest.mark.parametrize("admin, said", [
    ({"certificates": {"admin": {"subject": "CN=ada"}}}, "client_ca"),
    ({"certificates": {}}, "nobody's certificate has a role"),
    ({"certificates": {"admin": {"subject": "CN=a"}, "viewer": {"subject": "CN=a"}}},
     "stands for another one too"),
    ({"oidc": {"issuer": "https://login.test", "roles": ROLES}}, "audience"),
    ({"oidc": {"issuer": "http://login.test", "audience": "x", "roles": ROLES}}, "https://"),
    ({"oidc": {"issuer": "https://login.test", "audience": [], "roles": ROLES}}, "audience"),
    ({"oidc": {"issuer": "https://login.test", "audience": "x"}}, "roles"),
    ({"oidc": {"issuer": "https://login.test", "audience": "x", "roles": {"claim": "groups"}}},
     "no value of the claim"),
    ({"oidc": {"issuer": "https://login.test", "audience": "x",
               "roles": {"claim": "g", "viewer": "a", "admin": ["a"]}}}, "gives two roles"),
    ({"oidc": {"issuer": "https://login.test", "audience": "x",
               "roles": {"claim": "g", "root": "a"}}}, "root"),
    ({"rate_limit": "0/s"}, "rate_limit"),
])
def test_what_cannot_be_meant_is_refused_by_name(admin, said, tmp_path, upstream, server):
    file = tmp_path / "sallyport.yaml"
    file.write_text(to_yaml({
        "listen": ["127.0.0.1:8080"], "apis": {"a": api(upstream)},
        "admin": {"address": "127.0.0.1:9901",
                  "tls": {"certificates": [{"cert": server.cert, "key": server.key}]}, **admin}}))
    done = binary.run("check", file)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


def test_other_machines_are_told_little_unasked(listener, people, authority):
    address = address_for_others()
    admin = listener(host="0.0.0.0", certificates={"viewer": {"subject": "CN=vera"}},
                     tls={"client_ca": authority.cert, "client_certificate": "request"}).start()
    from_afar = {"host": address, "default_host": f"{address}:{admin.gw.admin_port}"}
    assert admin.ask("/health", **from_afar).status == 200
    database, away = admin.folder / "state" / "sallyport.db", admin.folder / "away.db"
    database.rename(away)
    until(lambda: admin.ask("/ready").json()["notes"], "a note that the store is down")
    ready = admin.ask("/ready", **from_afar)
    assert (ready.status, ready.json()["notes"]) == (200, [])
    assert admin.ask("/ready").json()["notes"] != []
    away.rename(database)
    admin.refused(401, "admin.unauthenticated", path="/metrics", **from_afar)
    assert admin.ask("/metrics", certificate=people["vera"], **from_afar).status == 200
    assert admin.ask("/metrics").status == 200


# ---- certificates ----

def test_certificates_have_roles(listener, people, authority, other_authority):
    admin = listener(
        tls={"client_ca": authority.cert, "client_certificate": "request"},
        certificates={"admin": {"subject": "CN=ada"}, "viewer": {"san_dns": "vera.test"}}).start()
    ada = admin.who(certificate=people["ada"])
    assert (ada["method"], ada["role"], ada["id"]) == ("certificate", "admin", "CN=ada")
    assert ada["fingerprint"] == people["ada"].fingerprint()
    assert admin.who(certificate=people["vera"])["role"] == "viewer"
    admin.refused(403, "admin.forbidden", path="/reload", method="POST",
                  certificate=people["vera"])
    admin.refused(403, "admin.no_role", certificate=people["eve"])
    admin.refused(401, "admin.unauthenticated")
    stranger = other_authority.issue("ada", client=True)
    with pytest.raises((OSError, AssertionError)):
        admin.ask(certificate=stranger)
    # Admin tokens go on working beside, and count before the certificate.
    assert admin.who(token=admin.gw.admin_token, certificate=people["vera"])["method"] == "token"
    admin.refused(401, "admin.unauthenticated", token="spa_wrong", certificate=people["ada"])
    made = admin.ask("/v1/consumers", "POST", {"name": "acme"}, certificate=people["ada"])
    assert made.status == 201
    assert admin.event("consumer.create")["actor"] == "certificate/CN=ada"
    signed_in = admin.event("admin.sign_in", actor="certificate/CN=ada")
    assert signed_in["detail"]["fingerprint"] == people["ada"].fingerprint()
    assert signed_in["detail"]["role"] == "admin"
    failed = admin.event("admin.sign_in_failed", object="certificate/CN=eve")
    assert failed["detail"]["change"]["reason"] == "no_role"
    assert admin.event("admin.refused", actor="certificate/CN=vera")
    # curl, as a person would.
    status, body = curl(admin, "/v1/whoami", "--cacert", authority.cert, "--cert",
                        people["ada"].cert, "--key", people["ada"].key)
    assert (status, json.loads(body)["role"]) == (200, "admin")


def test_without_a_certificate_there_may_be_no_connection(listener, people, authority):
    admin = listener(tls={"client_ca": authority.cert},
                     certificates={"viewer": {"subject": ["CN=ada", "CN=vera"]}})
    admin.gw.admin_connection["tls"] = client_context(ca=authority.cert,
                                                      certificate=people["vera"])
    admin.start()
    with pytest.raises((OSError, AssertionError)):
        admin.ask("/health")
    assert admin.ask("/health", certificate=people["eve"]).status == 200
    assert admin.who(certificate=people["vera"])["role"] == "viewer"


def test_roles_and_revocations_count_at_once_after_a_reload(listener, people, authority, tmp_path):
    crl = tmp_path / "people.crl"
    crl.write_text(open(authority.crl()).read())
    tls = {"client_ca": authority.cert, "client_certificate": "request", "client_crl": str(crl)}
    admin = listener(tls=tls, certificates={"admin": {"subject": ["CN=ada", "CN=mallory"]}}).start()
    mallory = authority.issue("mallory", client=True)
    token = admin.gw.admin_token
    context = client_context(ca=authority.cert, certificate=mallory)
    with admin.gw.admin_client(tls=context) as kept:
        assert kept.call("GET", "/v1/whoami").json()["role"] == "admin"
        admin.write(tls=tls, certificates={"admin": {"subject": "CN=ada"},
                                           "viewer": {"subject": "CN=mallory"}})
        assert admin.ask("/reload", "POST", token=token).status == 200
        assert admin.who(certificate=mallory)["role"] == "viewer"
        # What was verified before does not count any more.
        try:
            response = kept.call("GET", "/v1/whoami")
        except (OSError, Truncated):
            response = None  # it was closed already
        if response is not None:
            assert (response.status, response.json()["code"]) == (
                421, "admin.outdated_connection")
        with pytest.raises((OSError, AssertionError)):
            kept.call("GET", "/v1/whoami")
    # A connection that has shown none goes on, and a reload by certificate is answered.
    with admin.gw.admin_client() as other:
        bearer = [("Authorization", f"Bearer {token}")]
        assert other.call("GET", "/v1/whoami", bearer).status == 200
        assert admin.ask("/reload", "POST", certificate=people["ada"]).status == 200
        assert other.call("GET", "/v1/whoami", bearer).status == 200
    authority.revoke(mallory)
    crl.write_text(open(authority.crl()).read())
    assert admin.ask("/reload", "POST", token=token).status == 200
    with pytest.raises((OSError, AssertionError)):
        admin.ask(certificate=mallory)
    assert admin.who(certificate=people["ada"])["role"] == "admin"


# ---- OpenID Connect ----

GROUPS = {"ada": ["platform", "staff"], "vera": ["staff"], "otto": ["duty"],
          "sue": ["security team"], "eve": ["guests"]}


@pytest.fixture(scope="module")
def provider(authority):
    made = Provider("https://app.test", ca=authority.cert, key=EcKey("one"), groups=GROUPS)
    yield made
    made.stop()


def id_token(provider, name):
    """What a person's own client gets: the authorization code flow with PKCE, in a browser."""
    browser, verifier = Browser(), secrets.token_urlsafe(32)
    redirect = "https://app.test/.sallyport/callback"
    query = urllib.parse.urlencode({
        "client_id": "gw", "response_type": "code", "scope": "openid profile",
        "redirect_uri": redirect, "state": "s", "code_challenge_method": "S256",
        "code_challenge": encoded(hashlib.sha256(verifier.encode()).digest())})
    stop = lambda url: url.startswith(redirect)  # noqa: E731
    page = browser.go(f"{provider.url}/auth?{query}", stop=stop)
    page = browser.submit(page, name, stop)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(page.location).query)["code"][0]
    secret = base64.b64encode(f"gw:{provider.secret}".encode()).decode()
    answer = browser.send(provider.url + "/token", "POST",
                          {"grant_type": "authorization_code", "code": code,
                           "redirect_uri": redirect, "code_verifier": verifier},
                          {"Authorization": f"Basic {secret}"}, navigate=False)
    return answer.json()["id_token"]


def oidc(provider, **more):
    return {"oidc": {"issuer": provider.url, "audience": ["gw", "other"], "roles": ROLES, **more}}


@pytest.fixture(scope="module")
def tokens(provider):
    return {name: id_token(provider, name) for name in GROUPS}


def test_people_sign_in_with_tokens_of_their_provider(listener, provider, tokens, authority):
    admin = listener(**oidc(provider)).start()
    for name, role in (("ada", "admin"), ("vera", "viewer"), ("otto", "operator"),
                       ("sue", "security")):
        who = admin.who(token=tokens[name])
        assert (who["method"], who["role"], who["id"], who["issuer"]) == (
            "oidc", role, name, provider.url)
    admin.refused(403, "admin.no_role", token=tokens["eve"])
    assert admin.who(token=admin.gw.admin_token)["method"] == "token"
    made = admin.ask("/v1/consumers", "POST", {"name": "acme"}, token=tokens["otto"])
    assert made.status == 201
    place = "/v1/consumers/" + made.json()["id"]
    admin.refused(403, "admin.forbidden", path=place, method="PATCH", body={"roles": ["root"]},
                  token=tokens["otto"])
    assert admin.ask(place, "PATCH", {"roles": ["reader"]}, token=tokens["sue"]).status == 200
    admin.refused(403, "admin.forbidden", path="/v1/admin-tokens", method="POST",
                  body={"name": "x", "role": "viewer"}, token=tokens["sue"])
    event = admin.event("consumer.update")
    assert event["actor"] == f"oidc/{provider.url}#sue"
    assert event["detail"]["issuer"] == provider.url and event["detail"]["subject"] == "sue"
    assert admin.event("admin.refused", actor=f"oidc/{provider.url}#otto")
    failed = admin.event("admin.sign_in_failed")
    assert failed["object"] == f"oidc/{provider.url}#eve"
    assert failed["detail"]["change"]["reason"] == "no_role"
    everything = admin.gw.stderr + (admin.folder / "state" / "audit" / "trail.jsonl").read_text()
    for token in tokens.values():
        assert token not in everything and token.rpartition(".")[2] not in everything
    status, body = curl(admin, "/v1/whoami", "--cacert", authority.cert, "--oauth2-bearer",
                        tokens["ada"])
    assert (status, json.loads(body)["role"]) == (200, "admin")


def claims_of(provider, **more):
    now = int(time.time())
    claims = {"iss": provider.url, "aud": "gw", "sub": "ada", "iat": now, "exp": now + 300,
              "groups": ["platform"], **more}
    return {name: value for name, value in claims.items() if value is not None}


def test_tokens_that_do_not_hold_are_refused_recorded_and_limited(listener, provider):
    admin = listener(**oidc(provider)).start()
    sign = provider.key.sign
    assert admin.who(token=sign(claims_of(provider), typ="JWT"))["role"] == "admin"
    now = int(time.time())
    header, payload, signature = sign(claims_of(provider)).split(".")
    confused = encoded(json.dumps({"alg": "HS256", "kid": provider.key.kid}).encode())
    none = encoded(json.dumps({"alg": "none"}).encode())
    evil = EcKey(provider.key.kid)
    bad = [
        sign(claims_of(provider, aud="orders")), sign(claims_of(provider, aud=None)),
        sign(claims_of(provider, iss="https://evil.test")),
        sign(claims_of(provider, exp=now - 120)), sign(claims_of(provider, exp=None)),
        sign(claims_of(provider, iat=now - 90_000)), sign(claims_of(provider, iat=now + 600)),
        sign(claims_of(provider, nbf=now + 600)), sign(claims_of(provider), typ="logout+jwt"),
        sign(claims_of(provider, sub="")), sign(claims_of(provider, sub="a\nb")),
        sign(claims_of(provider, cnf={"jkt": "x"})),
        evil.sign(claims_of(provider)),
        evil.sign(claims_of(provider), jwk={**evil.public}, jku="http://127.0.0.1:1/jwks"),
        f"{none}.{payload}.", f"{confused}.{payload}.{signature}", f"{header}.{payload}.",
        f"{header}.{payload}", "a.b.c", "e30.e30.e30", "x" * 7000,
    ]
    statuses = []
    for token in bad:
        response = admin.ask(token=token)
        statuses.append((response.status, response.json()["code"]))
        if response.status == 401:
            assert 'error="invalid_token"' in response.headers.one("WWW-Authenticate")
    assert set(statuses[:10]) == {(401, "admin.unauthenticated")}, statuses
    assert set(statuses[10:]) <= {(401, "admin.unauthenticated"),
                                  (429, "admin.too_many_failures")}, statuses
    assert statuses[-1][0] == 429
    assert admin.who(token=sign(claims_of(provider)))["role"] == "admin"
    reasons = [e["detail"]["change"]["reason"] for e in admin.events("admin.sign_in_failed")]
    assert reasons[:7] == ["wrong_audience", "missing_claim", "wrong_issuer", "expired",
                           "missing_claim", "too_old", "issued_in_future"], reasons


def test_a_role_change_counts_from_the_reload_on(listener, provider, tokens):
    admin = listener(**oidc(provider)).start()
    bearer = [("Authorization", f"Bearer {tokens['ada']}")]
    with admin.gw.admin_client() as kept:
        assert kept.call("GET", "/v1/whoami", bearer).json()["role"] == "admin"
        admin.write(**oidc(provider, roles={"claim": "groups", "viewer": "platform"}))
        assert admin.ask("/reload", "POST", token=tokens["ada"]).status == 200
        assert kept.call("GET", "/v1/whoami", bearer).json()["role"] == "viewer"
    admin.write()
    assert admin.ask("/reload", "POST", token=admin.gw.admin_token).status == 200
    admin.refused(401, "admin.unauthenticated", token=tokens["ada"])


def test_keys_may_rotate_and_their_server_be_away(listener, authority):
    provider = Provider("https://app.test", ca=authority.cert, key=EcKey("one"), groups=GROUPS)
    try:
        admin = listener(state=False, **oidc(provider))
        provider.stop()
        admin.start()
        first = provider.key.sign(claims_of(provider))
        admin.refused(503, "admin.issuer_unavailable", token=first)
        admin.refused(401, "admin.unauthenticated", path="/config")
        assert admin.ask("/health").status == 200
        provider.start()
        # It is not asked again at once, whoever asks.
        until(lambda: admin.ask(token=first).status == 200, "the keys to be fetched")
        provider.stop()
        provider.start(key=EcKey("two"))
        second = provider.key.sign(claims_of(provider))
        until(lambda: admin.ask(token=second).status == 200, "the new key to be fetched")
        assert admin.ask(token=first).status in (401, 429)
        provider.stop()
        assert admin.who(token=second)["role"] == "admin"
        # Without a store there is nothing to administer in it.
        assert admin.ask("/config", token=second).status == 200
        admin.refused(404, "admin.no_state", path="/v1/consumers", token=second)
    finally:
        provider.stop()


def test_a_stop_does_not_wait_for_a_provider_that_hangs(listener):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        admin = listener(oidc={"issuer": url, "audience": "x", "roles": ROLES}).start()
        token = EcKey().sign({"iss": url, "aud": "x", "sub": "a"})
        with admin.gw.admin_client() as waiting:
            waiting.sock.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                 b"Authorization: Bearer " + token.encode() + b"\r\n\r\n")
            silent.settimeout(HANG)
            asked, _ = silent.accept()
            with asked:
                assert admin.ask("/health").status == 200
                admin.gw.stop()


def test_somebody_may_not_ask_without_end(listener, provider, tokens):
    admin = listener(rate_limit="1/s", **oidc(provider)).start()
    statuses = [admin.ask(token=tokens["vera"]).status for _ in range(40)]
    assert statuses[:10] == [200] * 10
    limited = statuses.index(429)
    response = admin.ask(token=tokens["vera"])
    while response.status == 200:
        response = admin.ask(token=tokens["vera"])
    assert response.json()["code"] == "admin.too_many_requests"
    assert response.headers.one("Retry-After") == "1"
    assert limited >= 10
    assert admin.who(token=tokens["otto"])["role"] == "operator"
    assert admin.ask("/health").status == 200


# ---- commands ----

@pytest.fixture
def secret_file(tmp_path):
    def make(name, text):
        file = tmp_path / name
        file.touch(0o600)
        file.write_text(text + "\n")
        return file
    return make


def test_commands_speak_tls(listener, authority, other_authority, people, provider, tokens,
                            secret_file, server, origin):
    admin = listener(tls={"client_ca": authority.cert, "client_certificate": "request"},
                     certificates={"admin": {"subject": "CN=ada"}}, **oidc(provider)).start()
    # "localhost" is none of the certificate's names, "127.0.0.1" is.
    url = f"https://127.0.0.1:{admin.gw.admin_port}"
    trust = ["--admin", url, "--ca", authority.cert]

    def run(*arguments):
        done = binary.run(*arguments, cwd=admin.folder)
        return done.returncode, done.stdout, done.stderr
    bootstrap = secret_file("bootstrap", admin.gw.admin_token)
    assert run("consumers", "list", *trust, "--token-file", bootstrap)[0] == 0
    operator = secret_file("operator", tokens["otto"])
    code, out, err = run("consumers", "create", "acme", *trust, "--token-file", operator)
    assert code == 0, err
    assert admin.event("consumer.create")["actor"] == f"oidc/{provider.url}#otto"
    mine = ["--cert", people["ada"].cert, "--key", people["ada"].key]
    code, out, err = run("consumers", "list", *trust, *mine)
    assert code == 0 and "acme" in out, err
    assert run("reload", *trust, *mine)[0] == 0
    code, out, err = run("consumers", "list", *trust)
    assert code != 0 and "credential" in err

    # Nobody is told a token who does not show a certificate that holds.
    silent = origin(always(200), tls=server_context(server))  # with the gateway's certificate
    bearer = ["--token-file", bootstrap]
    assert run("consumers", "list", "--admin", silent.url, "--ca", authority.cert, *bearer)[0] != 0
    assert silent.last.headers.one("Authorization") == f"Bearer {admin.gw.admin_token}"
    asked = len(silent.requests)
    for host, ca, said in (("127.0.0.1", other_authority, "SSL certificate problem"),
                           ("localhost", authority, "subject name")):
        for port in (admin.gw.admin_port, silent.port):
            place = f"https://{host}:{port}"
            code, out, err = run("consumers", "list", "--admin", place, "--ca", ca.cert, *bearer)
            assert code != 0 and f"no gateway answers at {place}: " in err, err
            assert said in err and "--ca" in err, err
            assert admin.gw.admin_token not in err
    until(lambda: len(silent.connections) == asked + 2 and all(
        each.closed for each in silent.connections), "the connections to be over")
    assert len(silent.requests) == asked
    # From the configuration alone the commands know that it is https.
    code, out, err = run("consumers", "list", "--config", admin.gw.file, "--ca", authority.cert,
                         "--token-file", bootstrap)
    assert code == 0 and "acme" in out, err
    for arguments, said in (
            (["--admin", f"http://127.0.0.1:{admin.gw.admin_port}", "--ca", authority.cert],
             "https://"),
            (["--admin", "http://192.0.2.77:9901", "--token-file", bootstrap], "https://"),
            (["--admin", url, "--ca", "nowhere.pem"], "cannot be read"),
            (["--admin", url, "--cert", people["ada"].cert], "--key")):
        code, out, err = run("consumers", "list", *arguments)
        assert code != 0 and said in err, (arguments, err)


def test_a_token_is_not_sent_in_clear_to_another_machine(secret_file, tmp_path):
    address = address_for_others()
    with socket.create_server((address, 0)) as listening:
        listening.settimeout(0.5)
        done = binary.run("consumers", "list", "--admin",
                          f"http://{address}:{listening.getsockname()[1]}", "--token-file",
                          secret_file("token", "spa_secret"), cwd=tmp_path)
        assert done.returncode != 0 and "another machine" in done.stderr
        with pytest.raises(TimeoutError):
            listening.accept()


def test_requests_that_do_not_end_keep_nobody_out(listener):
    admin = listener().start()
    slow = [admin.gw.admin_client(tls=client_context()) for _ in range(64)]
    try:
        for each in slow:
            each.send(b"GET /health HTTP/1.1\r\nHost: ad")
        for _ in range(5):
            assert admin.who(token=admin.gw.admin_token)["role"] == "admin"
    finally:
        for each in slow:
            each.close()


def test_handshakes_that_do_not_end_keep_nobody_out(listener):
    admin = listener().start()
    idle = [socket.create_connection(("127.0.0.1", admin.gw.admin_port)) for _ in range(80)]
    try:
        assert admin.who(token=admin.gw.admin_token)["role"] == "admin"
        for each in idle[-5:]:
            each.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert admin.who(token=admin.gw.admin_token)["role"] == "admin"
        with pytest.raises(ssl.SSLError):
            with admin.gw.admin_client(tls=client_context(maximum=ssl.TLSVersion.TLSv1_1)):
                pass
    finally:
        for each in idle:
            each.close()
