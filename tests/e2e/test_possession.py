"""Callers who show that they hold a private key: certificates, tokens bound to one, DPoP."""

import base64
import hashlib
import os
import time
import urllib.parse

import pytest

from harness import provider
from harness.certs import Certificate, client_context, openssl
from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.tokens import EcKey, bearer, encoded


@pytest.fixture
def key():
    return EcKey()


def closed(upstream, path, authenticate, **more):
    part = api(upstream, path, authenticate=authenticate, **more)
    del part["public"]
    return part


def seen(response, name):
    return [value for field, value in response.json()["headers"] if field.lower() == name.lower()]


IDENTITY = {"headers": {"consumer": "X-Consumer", "strength": "X-Strength"}}


class Secure:
    """A gateway with a TLS listener that asks clients for certificates of `authority`."""

    def __init__(self, gateway, authority, apis, **tls):
        server = authority.issue("gw.test", "gw.test")
        gw = gateway(apis, start=False)
        self.config = {"apis": apis, "listen": [{
            "address": f"127.0.0.1:{gw.port}",
            "tls": {"certificates": [{"cert": server.cert, "key": server.key}],
                    "client_ca": authority.cert, "client_certificate": "request", **tls}}]}
        gw.write(self.config)
        self.gateway = gw.start()

    def get(self, target, headers=(), certificate=None):
        tls = client_context(certificate=certificate)
        with self.gateway.client(tls=tls, server_name="gw.test") as client:
            return client.call("GET", target, headers)


def uri_certificate(authority, name, uri):
    """A client certificate with a URI in place of DNS names."""
    made = authority.issue(name, client=True)
    extensions = made.cert + ".ext"
    with open(extensions, "w") as file:
        file.write(f"basicConstraints=critical,CA:FALSE\nsubjectAltName=URI:{uri}\n")
    openssl("x509", "-req", "-in", made.cert[:-4] + ".csr", "-CA", authority.cert, "-CAkey",
            authority._key, "-set_serial", "77", "-days", "30", "-extfile", extensions,
            "-out", made.cert)
    return Certificate(made.cert, made.key)


def test_consumers_are_known_by_their_certificates(gateway, origin, authority, other_authority):
    upstream = origin(echo)
    shop = authority.issue("shop", "shop.example", client=True)
    pinned = authority.issue("pinned", client=True)
    workload = uri_certificate(authority, "workload", "spiffe://example/workload")
    nobody = authority.issue("nobody", "nobody.example", client=True)
    secure = Secure(gateway, authority, {
        "named": closed(upstream, "/named", {"identity": IDENTITY, "mtls": {"consumers": {
            "the-shop": {"san_dns": "shop.example"},
            "the-pinned": {"fingerprint": pinned.fingerprint()},
            "the-workload": {"san_uri": "spiffe://example/workload"}}}}),
        "subject": closed(upstream, "/subject",
                          {"identity": IDENTITY, "mtls": {"consumer": "subject"}}),
        "spiffe": closed(upstream, "/spiffe",
                         {"identity": IDENTITY, "mtls": {"consumer": "spiffe"}}),
        "open": api(upstream, "/open"),
    })
    for certificate, name in ((shop, "the-shop"), (pinned, "the-pinned"),
                              (workload, "the-workload")):
        response = secure.get("/named", certificate=certificate)
        assert response.status == 200, name
        assert seen(response, "X-Consumer") == [name]
        assert seen(response, "X-Strength") == ["certificate"]
    assert seen(secure.get("/subject", certificate=nobody), "X-Consumer") == ["CN=nobody"]
    assert seen(secure.get("/spiffe", certificate=workload), "X-Consumer") \
        == ["spiffe://example/workload"]
    assert_problem(secure.get("/spiffe", certificate=shop), 401, "authenticate.invalid")
    assert_problem(secure.get("/named", certificate=nobody), 401, "authenticate.invalid")
    # Without a certificate the other APIs are there.
    assert_problem(secure.get("/named"), 401, "authenticate.missing")
    assert secure.get("/open").status == 200
    # One that nobody vouches for does not come to a request.
    stranger = other_authority.issue("shop", "shop.example", client=True)
    with pytest.raises((OSError, AssertionError)):
        secure.get("/open", certificate=stranger)


def test_a_revoked_certificate_is_refused_after_a_reload(gateway, origin, authority, tmp_path):
    upstream = origin(echo)
    shop = authority.issue("revoked-shop", "revoked.example", client=True)
    other = authority.issue("other-shop", "other.example", client=True)
    crl = tmp_path / "clients.crl"
    crl.write_text(open(authority.crl()).read())
    secure = Secure(gateway, authority,
                    {"a": closed(upstream, "/", {"mtls": {"consumer": "san_dns"}})},
                    client_crl=str(crl))
    assert secure.get("/", certificate=shop).status == 200
    authority.revoke(shop)
    crl.write_text(open(authority.crl()).read())
    secure.gateway.reload()
    with pytest.raises((OSError, AssertionError)):
        secure.get("/", certificate=shop)
    assert secure.get("/", certificate=other).status == 200
    broken = crl.read_text()
    crl.write_text("nonsense")
    assert secure.gateway.admin("/reload", "POST").status != 200
    assert secure.get("/", certificate=other).status == 200
    crl.write_text(broken)


def test_a_session_that_is_resumed_has_its_certificate(gateway, origin, authority):
    upstream = origin(echo)
    shop = authority.issue("resuming", "resuming.example", client=True)
    secure = Secure(gateway, authority,
                    {"a": closed(upstream, "/", {"mtls": {"consumer": "san_dns"},
                                                 "identity": IDENTITY})})
    tls, session = client_context(certificate=shop), None
    for _ in range(2):
        with secure.gateway.client() as client:
            client.sock = tls.wrap_socket(client.sock, server_hostname="gw.test", session=session)
            client.reader.sock = client.sock
            response = client.call("GET", "/")
            assert seen(response, "X-Consumer") == ["resuming.example"]
            reused, session = client.sock.session_reused, client.sock.session
    assert reused


def test_a_token_and_a_certificate_together(gateway, origin, authority, key):
    upstream = origin(echo)
    shop = authority.issue("both", "both.example", client=True)
    secure = Secure(gateway, authority, {"a": closed(
        upstream, "/", {"all": [{"mtls": {}}, {"jwt": key.accepting()}], "identity": IDENTITY})})
    response = secure.get("/", [bearer(key.token())], shop)
    assert seen(response, "X-Consumer") == ["u-1"] and seen(response, "X-Strength") == \
        ["certificate"]
    assert_problem(secure.get("/", [bearer(key.token())]), 401, "authenticate.missing")
    assert_problem(secure.get("/", [], shop), 401, "authenticate.missing")


def test_a_token_is_good_only_with_the_certificate_it_is_bound_to(gateway, origin, authority, key):
    upstream = origin(echo)
    shop = authority.issue("bound", client=True)
    thief = authority.issue("thief", client=True)
    secure = Secure(gateway, authority, {
        "a": closed(upstream, "/", {"jwt": key.accepting(), "identity": IDENTITY}),
        "b": closed(upstream, "/bound", {"jwt": key.accepting(bound="certificate")})})
    token = key.token(cnf={"x5t#S256": encoded(bytes.fromhex(shop.fingerprint()))})
    response = secure.get("/", [bearer(token)], shop)
    assert response.status == 200 and seen(response, "X-Strength") == ["bound"]
    assert_problem(secure.get("/", [bearer(token)], thief), 401, "authenticate.invalid")
    assert_problem(secure.get("/", [bearer(token)]), 401, "authenticate.invalid")
    assert secure.get("/bound", [bearer(token)], shop).status == 200
    assert_problem(secure.get("/bound", [bearer(key.token())], shop), 401, "authenticate.invalid")


# ---- DPoP ----

class Holder:
    """A client with a key of its own."""

    def __init__(self, gateway, issuer):
        self.key, self.gateway = EcKey(), gateway
        self.token = issuer.token(cnf={"jkt": self.key.thumbprint}, scope="a")

    def proof(self, target="/", method="GET", token=None, host="gw.test", scheme="http", **claims):
        token = token or self.token
        return self.key.sign({
            "jti": encoded(os.urandom(12)), "htm": method, "htu": f"{scheme}://{host}{target}",
            "iat": int(time.time()), "ath": encoded(hashlib.sha256(token.encode()).digest()),
            **claims}, typ="dpop+jwt", jwk=self.key.public)

    def get(self, target="/", proof=None, scheme="DPoP"):
        proof = self.proof(target.partition("?")[0]) if proof is None else proof
        return self.gateway.get(target, [("Authorization", f"{scheme} {self.token}"),
                                         ("DPoP", proof)])


@pytest.fixture
def holder(gateway, origin, key):
    return Holder(gateway({"a": closed(origin(echo), "/", {
        "jwt": key.accepting(dpop="required"), "identity": IDENTITY, "realm": "orders"},
        authorize=[{"scopes": ["a"], "methods": ["GET"]}, {"scopes": ["b"]}])}), key)


def test_a_proof_lets_its_holder_in(holder):
    response = holder.get("/orders?a=b")
    assert response.status == 200
    assert seen(response, "X-Strength") == ["bound"]
    assert seen(response, "DPoP") == seen(response, "Authorization") == []


def test_a_proof_is_good_once_over_reloads_and_workers(holder):
    proof = holder.proof()
    assert holder.get(proof=proof).status == 200
    for _ in range(5):
        assert_problem(holder.get(proof=proof), 401, "authenticate.invalid")
    holder.gateway.reload()
    refused = holder.get(proof=proof)
    assert_problem(refused, 401, "authenticate.invalid")
    assert "used before" in holder.gateway.log_of(refused)["sallyport.detail"]
    challenge, = refused.headers.all("WWW-Authenticate")
    assert challenge.startswith('DPoP algs="ES256')
    assert 'error="invalid_dpop_proof"' in challenge and 'realm="orders"' in challenge


def explained(gateway, target, fields):
    """What would become of that request."""
    asked = [("method", "GET"), ("url", "http://gw.test" + target),
             *(("header", f"{name}: {value}") for name, value in fields)]
    response = gateway.admin("/explain?" + urllib.parse.urlencode(asked))
    assert response.status == 200, response
    return response.json()["outcome"]


def test_explaining_uses_no_proof_up(holder):
    proof = holder.proof()
    fields = [("Authorization", f"DPoP {holder.token}"), ("DPoP", proof)]
    for _ in range(3):
        assert explained(holder.gateway, "/", fields) == "forwarded"
    assert holder.get(proof=proof).status == 200
    assert explained(holder.gateway, "/", fields) == "refused"


def test_a_bound_token_without_its_key_is_worth_nothing(holder, key):
    thief = Holder(holder.gateway, key)
    thief.token = holder.token
    for response in (holder.get(scheme="Bearer"), thief.get(), holder.get(proof="")):
        assert_problem(response, 401, "authenticate.invalid")
    assert_problem(holder.gateway.get("/", [bearer(key.token())]), 401, "authenticate.invalid")


def test_a_proof_for_something_else_proves_nothing(holder, key):
    wrong = [{"htm": "POST"}, {"htu": "http://gw.test/other"}, {"htu": "https://gw.test/"},
             {"iat": int(time.time()) - 120}, {"iat": int(time.time()) + 60}, {"jti": ""},
             {"ath": "AAAA"}, {"htu": None}, {"jti": 7}]
    for claims in wrong:
        assert_problem(holder.get(proof=holder.proof(**claims)), 401, "authenticate.invalid")
    assert holder.get().status == 200


def test_two_proofs_prove_nothing(holder):
    response = holder.gateway.get("/", [("Authorization", "DPoP " + holder.token),
                                        ("DPoP", holder.proof()), ("DPoP", holder.proof())])
    assert_problem(response, 401, "authenticate.invalid")


def test_a_lack_of_scope_is_said_in_the_scheme_that_was_used(holder):
    proof = holder.proof(method="PUT")
    response = holder.gateway.call("PUT", "/", [("Authorization", "DPoP " + holder.token),
                                                ("DPoP", proof)])
    assert_problem(response, 403, "authorize.insufficient_scope")
    assert response.headers.all("WWW-Authenticate") == [
        'DPoP error="insufficient_scope", scope="b", realm="orders"']


# ---- nonces for proofs ----

@pytest.fixture
def nonce_holder(gateway, origin, key):
    part = closed(origin(echo), "/", {
        "jwt": key.accepting(dpop="required", dpop_nonce="required"), "identity": IDENTITY})
    return Holder(gateway({"a": part}), key)


def test_a_proof_needs_a_nonce_of_the_gateways(nonce_holder):
    refused = nonce_holder.get()
    assert_problem(refused, 401, "authenticate.invalid")
    challenge, = refused.headers.all("WWW-Authenticate")
    assert challenge.startswith("DPoP ") and 'error="use_dpop_nonce"' in challenge
    assert refused.headers.all("Cache-Control") == ["no-store"]
    nonce, = refused.headers.all("DPoP-Nonce")
    assert nonce_holder.get(proof=nonce_holder.proof(nonce=nonce)).status == 200
    # Still good with the next configuration, and for the next proof.
    nonce_holder.gateway.reload()
    proof = nonce_holder.proof(nonce=nonce)
    assert nonce_holder.get(proof=proof).status == 200
    again = nonce_holder.get(proof=proof)
    assert_problem(again, 401, "authenticate.invalid")
    assert 'error="invalid_dpop_proof"' in again.headers.all("WWW-Authenticate")[0]
    for other in (nonce[:-1] + ("A" if nonce[-1] != "A" else "E"), nonce * 2, "A" * 27, "", 7, None,
                  [nonce]):
        refused = nonce_holder.get(proof=nonce_holder.proof(nonce=other))
        assert_problem(refused, 401, "authenticate.invalid")
        assert 'error="use_dpop_nonce"' in refused.headers.all("WWW-Authenticate")[0]
        assert len(refused.headers.all("DPoP-Nonce")) == 1


def test_a_bad_proof_is_told_no_nonce(nonce_holder, key):
    thief = Holder(nonce_holder.gateway, key)
    thief.token = nonce_holder.token
    for refused in (thief.get(), nonce_holder.get(proof="x"),
                    nonce_holder.get(proof=nonce_holder.proof(htm="POST"))):
        assert_problem(refused, 401, "authenticate.invalid")
        assert refused.headers.all("DPoP-Nonce") == []


def test_gateways_of_one_master_key_take_each_others_nonces(gateway, origin, key, tmp_path):
    upstream, master = origin(echo), os.urandom(32).hex()

    def node(**more):
        part = closed(upstream, "/", {"jwt": key.accepting(dpop="required", dpop_nonce="required")})
        return Holder(gateway({"a": part}, **more), key)

    first, second = (node(state={"path": str(tmp_path / name), "master_key": {"env": "THE_KEY"}},
                          env={"THE_KEY": master}) for name in ("one", "two"))
    alone = node()
    nonce, = first.get().headers.all("DPoP-Nonce")
    assert second.get(proof=second.proof(nonce=nonce)).status == 200
    refused = alone.get(proof=alone.proof(nonce=nonce))
    assert 'error="use_dpop_nonce"' in refused.headers.all("WWW-Authenticate")[0]


@pytest.mark.parametrize("library", ["openid-client", "oauth4webapi"])
@pytest.mark.parametrize("needed", ["off", "required"])
def test_real_clients_take_the_nonce_they_are_told(gateway, origin, key, library, needed):
    gw = gateway({"a": closed(origin(echo), "/", {
        "jwt": key.accepting(dpop="required", dpop_nonce=needed)})})
    holder = EcKey()
    done = provider.client(
        "resource_client.mjs", library=library, url=f"http://127.0.0.1:{gw.port}/orders?a=b",
        token=key.token(cnf={"jkt": holder.thumbprint}), jwk=holder.private_jwk,
        issuer="https://login", requests=3)
    assert done == {"statuses": [200] * 3, "sent": 3 if needed == "off" else 4}


# ---- signed requests ----

class Signer:
    """A client that signs its requests with a key that the gateway knows as "shop-1"."""

    INPUT = '("@method" "@authority" "@path" "@query"{more});created={created};keyid="shop-1"'

    def __init__(self, gateway, key, host="gw.test"):
        self.gateway, self.key, self.host = gateway, key, host

    def fields(self, method, target, body=None, nonce=None, created=None):
        path, _, query = target.partition("?")
        values = {"@method": method, "@authority": self.host, "@path": path, "@query": "?" + query}
        headers = []
        if body is not None:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            values["content-digest"] = f"sha-256=:{digest}:"
            headers.append(("Content-Digest", values["content-digest"]))
        more = ' "content-digest"' if body is not None else ""
        text = self.INPUT.format(more=more, created=created or int(time.time()))
        text += f';nonce="{nonce or encoded(os.urandom(9))}"'
        base = "".join(f'"{name}": {value}\n' for name, value in values.items())
        signature = self.key.sign_bytes(f'{base}"@signature-params": {text}'.encode())
        return [*headers, ("Signature-Input", "sig=" + text),
                ("Signature", f"sig=:{base64.b64encode(signature).decode()}:")]


@pytest.fixture
def signer(gateway, origin, key, tmp_path):
    file = tmp_path / "shop.pem"
    file.write_text(key.public_pem)
    upstream = origin(echo)
    gw = gateway({"a": closed(upstream, "/", {"identity": IDENTITY, "http_signature": {"keys": {
        "shop-1": {"algorithm": "ecdsa-p256-sha256", "pem": str(file), "consumer": "shop"}}}})})
    made = Signer(gw, key)
    made.upstream = upstream
    return made


def test_a_signed_request_is_let_in_once(signer):
    fields = signer.fields("GET", "/orders?a=b")
    response = signer.gateway.get("/orders?a=b", fields)
    assert response.status == 200 and seen(response, "X-Consumer") == ["shop"]
    assert seen(response, "Signature") == seen(response, "Signature-Input") == []
    assert_problem(signer.gateway.get("/orders?a=b", fields), 401, "authenticate.invalid")
    signer.gateway.reload()
    again = signer.gateway.get("/orders?a=b", fields)
    assert "sent before" in signer.gateway.log_of(again)["sallyport.detail"]


def test_explaining_uses_no_signature_up(signer):
    fields = signer.fields("GET", "/orders?a=b")
    for _ in range(3):
        assert explained(signer.gateway, "/orders?a=b", fields) == "forwarded"
    assert signer.gateway.get("/orders?a=b", fields).status == 200
    assert explained(signer.gateway, "/orders?a=b", fields) == "refused"


def test_a_signature_is_for_one_request(signer):
    gw = signer.gateway
    for method, target, host in (("GET", "/orders?a=c", None), ("GET", "/other?a=b", None),
                                 ("DELETE", "/orders?a=b", None), ("GET", "/orders", None),
                                 ("GET", "/orders?a=b", "other.test")):
        response = gw.call(method, target, signer.fields("GET", "/orders?a=b"), host=host)
        assert_problem(response, 401, "authenticate.invalid")
    old = signer.fields("GET", "/", created=int(time.time()) - 120)
    assert_problem(gw.get("/", old), 401, "authenticate.invalid")
    assert_problem(gw.get("/"), 401, "authenticate.missing")


@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_a_body_is_the_one_that_was_signed(signer, coding):
    gw = signer.gateway
    body = b"x" * 200_000 + b"the end"

    def post(sent, fields):
        with gw.client() as client:
            if coding == "length":
                return client.call("POST", "/orders", fields, sent)
            head = "".join(f"{name}: {value}\r\n" for name, value in fields)
            client.send(f"POST /orders HTTP/1.1\r\nHost: gw.test\r\n{head}"
                        "Transfer-Encoding: chunked\r\n\r\n".encode())
            client.send(*(b"%x\r\n%s\r\n" % (len(part), part)
                          for part in (sent[:1], sent[1:70_000], sent[70_000:])), b"0\r\n\r\n")
            return client.response("POST")

    response = post(body, signer.fields("POST", "/orders", body))
    assert response.status == 200 and response.json()["body"] == body.decode()
    signer.upstream.expect_faults = True
    whole = len(signer.upstream.complete)
    for other in (body[:-1] + b"!", b"!" + body[1:], b"y"):
        refused = post(other, signer.fields("POST", "/orders", body))
        assert_problem(refused, 400, "authenticate.digest_mismatch")
    assert len(signer.upstream.complete) == whole
    unsigned = [field for field in signer.fields("POST", "/orders")]
    assert_problem(post(body, unsigned), 401, "authenticate.invalid")
