"""TLS on both sides: certificates by name, profiles, client certificates, rotation, upstreams."""

import os
import re
import shutil
import socket
import ssl
import subprocess

import pytest

from harness import binary
from harness.certs import Authority, client_context
from harness.gateway import api, assert_problem
from harness.origin import echo, server_context
from harness.ports import free_port
from harness.wait import HANG, until


@pytest.fixture(scope="module")
def api_certificate(authority):
    return authority.issue("api.example.com", "api.example.com", "127.0.0.1")


@pytest.fixture(scope="module")
def wildcard_certificate(authority):
    return authority.issue("*.example.com", "*.example.com")


@pytest.fixture(scope="module")
def rsa_certificate(authority):
    return authority.issue("rsa.example.org", "rsa.example.org", kind="rsa")


def pair(certificate):
    return {"cert": certificate.cert, "key": certificate.key}


def listen_tls(port, *certificates, **tls):
    return {"address": f"127.0.0.1:{port}",
            "tls": {"certificates": [pair(c) for c in certificates], **tls}}


@pytest.fixture
def secured(gateway, origin):
    """A gateway with a TLS listener; the port is `gw.port`."""
    def make(*certificates, apis=None, top=None, **tls):
        port = free_port()
        gw = gateway(apis or {"a": api(origin())}, listen=[listen_tls(port, *certificates, **tls)],
                     **(top or {}))
        gw.port = port
        return gw
    return make


def connect(gw, authority=None, name="api.example.com", **context):
    return gw.client(tls=client_context(authority.cert if authority else None, **context),
                     server_name=name)


def shown(gw, name):
    """The common name of the certificate a client that asks for `name` is shown."""
    with gw.client(tls=client_context(), server_name=name) as client:
        der = client.sock.getpeercert(binary_form=True)
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], input=der,
                          capture_output=True, check=True).stdout.decode()
    return text.rpartition("CN = ")[2].strip()


def s_client(port, *arguments):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments],
                          input="", capture_output=True, text=True, timeout=HANG)
    return done.stdout + done.stderr


def test_a_request_over_tls(secured, api_certificate, authority):
    gw = secured(api_certificate)
    with connect(gw, authority) as client:
        response = client.get("/")
        assert response.status == 200
        assert response.headers.one("Strict-Transport-Security").startswith("max-age=")
        assert client.sock.version() == "TLSv1.3"
        assert client.sock.selected_alpn_protocol() in (None, "http/1.1")
        assert dict(map(tuple, response.json()["headers"]))["X-Forwarded-Proto"] == "https"
        record = gw.log_of(response)
    assert record["tls.version"] == "1.3"
    assert record["tls.cipher"].startswith("TLS_")


@pytest.mark.parametrize("name, expected", [
    ("api.example.com", "api.example.com"),
    ("API.example.com", "api.example.com"),
    ("www.example.com", "*.example.com"),
    ("deep.www.example.com", "rsa.example.org"),
    ("rsa.example.org", "rsa.example.org"),
    ("unknown.test", "rsa.example.org"),
    (None, "rsa.example.org"),
])
def test_certificates_by_server_name(secured, rsa_certificate, api_certificate,
                                     wildcard_certificate, name, expected):
    gw = secured(rsa_certificate, api_certificate, wildcard_certificate)
    assert shown(gw, name) == expected


@pytest.mark.parametrize("profile, versions", [
    ("modern", {"-tls1_2": True, "-tls1_3": True, "-tls1_1": False, "-tls1": False}),
    ("strict", {"-tls1_2": False, "-tls1_3": True, "-tls1_1": False}),
])
def test_profiles(secured, api_certificate, profile, versions):
    gw = secured(api_certificate, profile=profile)
    for version, accepted in versions.items():
        # @SECLEVEL=0 lets the client offer what the gateway has to refuse.
        said = s_client(gw.port, version, "-cipher", "ALL:@SECLEVEL=0")
        assert ("Cipher is (NONE)" not in said and "Cipher    : 0000" not in said) == accepted, said


@pytest.mark.parametrize("cipher", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA",
                                    "DHE-RSA-AES128-GCM-SHA256", "NULL", "aNULL", "3DES"])
def test_weak_ciphers_are_refused(secured, api_certificate, rsa_certificate, cipher):
    gw = secured(api_certificate, rsa_certificate)
    said = s_client(gw.port, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0", "-servername",
                    "rsa.example.org")
    assert "Cipher is ECDHE" not in said and "Cipher is A" not in said, said
    assert re.search(r"Cipher is \(NONE\)|no cipher match|no ciphers available", said), said


def test_alpn_names_http_1_1(secured, api_certificate):
    gw = secured(api_certificate)
    assert "ALPN protocol: http/1.1" in s_client(gw.port, "-alpn", "h2,http/1.1")


def test_sessions_resume(secured, api_certificate):
    gw = secured(api_certificate)
    context = client_context(maximum=ssl.TLSVersion.TLSv1_2)
    with gw.client(tls=context) as first:
        assert first.get("/").status == 200
        session = first.sock.session
    plain = socket.create_connection(("127.0.0.1", gw.port), HANG)
    with context.wrap_socket(plain, session=session) as again:
        assert again.session_reused


def test_sessions_resume_over_a_reload(secured, api_certificate):
    gw = secured(api_certificate)
    context = client_context(maximum=ssl.TLSVersion.TLSv1_2)
    with gw.client(tls=context) as first:
        session = first.sock.session
    assert gw.admin("/reload", "POST").status == 200
    with context.wrap_socket(socket.create_connection(("127.0.0.1", gw.port), HANG),
                             session=session) as again:
        assert again.session_reused


def test_plain_http_on_the_tls_port(secured, api_certificate):
    gw = secured(api_certificate)
    with gw.client() as client:
        client.request("GET", "/")
        assert b" 200 " not in client.rest()
    assert shown(gw, "api.example.com") == "api.example.com", "others are served"


def test_a_handshake_that_never_comes(secured, api_certificate):
    gw = secured(api_certificate, top={"timeouts": {"handshake": "200ms"}})
    with gw.client() as client:
        client.send(b"\x16\x03\x01")
        client.rest()


# ---- client certificates ----


def test_client_certificates_are_required(secured, api_certificate, authority, other_authority):
    gw = secured(api_certificate, client_ca=authority.cert)
    good = authority.issue("client", client=True)
    bad = other_authority.issue("stranger", client=True)
    with connect(gw, authority, certificate=good) as client:
        response = client.get("/")
        assert response.status == 200
        assert "client" in gw.log_of(response)["tls.client.subject"]
    assert refused(gw)
    assert refused(gw, bad)


def refused(gw, certificate=None):
    try:
        with gw.client(tls=client_context(certificate=certificate)) as client:
            client.sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return client.sock.recv(65536) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_client_certificates_are_requested(secured, api_certificate, authority, other_authority):
    gw = secured(api_certificate, client_ca=authority.cert, client_certificate="request")
    with connect(gw, authority) as client:
        assert "tls.client.subject" not in gw.log_of(client.get("/"))
    assert refused(gw, other_authority.issue("stranger2", client=True))


def test_revoked_client_certificates_are_refused(secured, api_certificate, tmp_path):
    clients = Authority(tmp_path / "clients", "clients")
    good, revoked = clients.issue("good", client=True), clients.issue("revoked", client=True)
    clients.revoke(revoked)
    gw = secured(api_certificate, client_ca=clients.cert, client_crl=clients.crl())
    with gw.client(tls=client_context(certificate=good)) as client:
        assert client.get("/").status == 200
    assert refused(gw, revoked)


# ---- files that change, files that are wrong ----


def test_a_changed_certificate_is_taken_without_dropping_a_connection(secured, authority, tmp_path):
    first = authority.issue("rotating", "api.example.com", "127.0.0.1")
    second = authority.issue("rotated", "api.example.com", "127.0.0.1")
    cert, key = str(tmp_path / "live.crt"), str(tmp_path / "live.key")
    shutil.copy(first.cert, cert)
    shutil.copy(first.key, key)
    live = type(first)(cert, key)
    gw = secured(live)
    assert shown(gw, "api.example.com") == "rotating"
    with connect(gw, authority) as kept:
        assert kept.get("/").status == 200
        for source, target in ((second.key, key), (second.cert, cert)):
            shutil.copy(source, target + ".new")
            os.replace(target + ".new", target)
        until(lambda: shown(gw, "api.example.com") == "rotated", "the new certificate")
        assert kept.get("/").status == 200, "the connection made with the old one lives on"


def test_a_certificate_that_changes_for_the_worse_is_not_taken(secured, authority, tmp_path):
    first = authority.issue("staying", "api.example.com")
    cert, key = str(tmp_path / "live.crt"), str(tmp_path / "live.key")
    shutil.copy(first.cert, cert)
    shutil.copy(first.key, key)
    gw = secured(type(first)(cert, key))
    with open(cert, "w") as file:
        file.write("not a certificate\n")
    assert gw.admin("/reload", "POST").status != 200
    assert shown(gw, "api.example.com") == "staying"


@pytest.mark.parametrize("fault", ["missing", "not pem", "other key", "expired", "unreadable"])
def test_a_bad_certificate_is_a_clear_error_at_start(gateway, origin, authority, api_certificate,
                                                     wildcard_certificate, tmp_path, fault):
    cert, key = api_certificate.cert, api_certificate.key
    if fault == "missing":
        cert = str(tmp_path / "nowhere.crt")
    elif fault == "not pem":
        cert = str(tmp_path / "text.crt")
        open(cert, "w").write("hello\n")
    elif fault == "other key":
        key = wildcard_certificate.key
    elif fault == "expired":
        expired = authority.issue("expired", "api.example.com", expired=True)
        cert, key = expired.cert, expired.key
    elif fault == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root reads every file")
        key = str(tmp_path / "secret.key")
        shutil.copy(api_certificate.key, key)
        os.chmod(key, 0)
    port = free_port()
    gw = gateway({"a": api(origin())}, start=False, listen=[
        {"address": f"127.0.0.1:{port}", "tls": {"certificates": [{"cert": cert, "key": key}]}}])
    gw.start(wait=False)
    assert gw.process.wait(HANG) == 2
    culprit = key if fault in ("other key", "unreadable") else cert
    assert os.path.basename(culprit) in gw.stderr, gw.stderr
    assert re.search(r"sallyport\.yaml:\d+:\d+: error", gw.stderr), gw.stderr
    if fault == "expired":
        assert "expired" in gw.stderr
    gw.stop(expect=2)


def test_without_a_certificate_one_is_made_for_loopback_and_said(gateway, origin):
    port = free_port()
    gw = gateway({"a": api(origin())}, listen=[{"address": f"127.0.0.1:{port}", "tls": {}}])
    with gw.client(port=port, tls=client_context(), server_name="localhost") as client:
        assert client.get("/").status == 200
    assert "development certificate" in gw.stderr


def test_without_a_certificate_nothing_public_is_served(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("listen: [{address: ':18443', tls: {}}]\n"
                    "apis: {a: {path: /, upstream: 'http://127.0.0.1:9', public: true}}\n")
    done = binary.run("check", file)
    assert done.returncode == 2 and "loopback" in done.stdout + done.stderr


# ---- redirect ----


@pytest.mark.parametrize("target, method", [("/a?b=c", "GET"), ("/a", "POST"), ("/", "HEAD")])
def test_plain_http_is_redirected(gateway, origin, api_certificate, target, method):
    upstream = origin()
    secure, plain = free_port(), free_port()
    gw = gateway({"a": api(upstream)}, listen=[
        listen_tls(secure, api_certificate),
        {"address": f"127.0.0.1:{plain}", "redirect_to_https": True}])
    response = gw.call(method, target, host="api.example.com", port=plain)
    assert response.status == 308
    assert response.headers.one("Location") == f"https://api.example.com:{secure}{target}"
    response = gw.get("/", host="127.0.0.1:80", port=plain)
    assert response.headers.one("Location") == f"https://127.0.0.1:{secure}/"
    assert upstream.requests == []


@pytest.mark.parametrize("host", ["evil.test/x", "a b", "a@b"])
def test_a_redirect_cannot_be_bent(gateway, origin, api_certificate, host):
    plain = free_port()
    gw = gateway({"a": api(origin())}, listen=[
        listen_tls(free_port(), api_certificate),
        {"address": f"127.0.0.1:{plain}", "redirect_to_https": True}])
    with gw.client(port=plain) as client:
        client.request("GET", "/", host=host)
        assert client.response().status == 400


# ---- to upstreams ----


@pytest.fixture
def tls_upstream(origin, authority):
    """An upstream that speaks TLS as upstream.example, and its entry for `upstreams`."""
    def make(certificate, client_ca=None, **tls):
        upstream = origin(echo, tls=server_context(certificate, client_ca))
        settings = {"endpoints": [upstream.url], "tls": tls} if tls else {
            "endpoints": [upstream.url]}
        return upstream, {"secure": settings}
    return make


def test_an_upstream_is_verified_and_asked_for_by_name(gateway, authority, tls_upstream):
    certificate = authority.issue("upstream.example", "upstream.example")
    upstream, upstreams = tls_upstream(certificate, ca=authority.cert,
                                       server_name="upstream.example")
    gw = gateway({"a": api("secure")}, upstreams=upstreams)
    with gw.client() as client:
        for _ in range(3):
            assert client.get("/").status == 200
    assert upstream.last.connection.server_name == "upstream.example"
    assert len({id(request.connection) for request in upstream.requests}) == 1


@pytest.mark.parametrize("fault", ["unknown authority", "other name", "expired", "system store"])
def test_an_upstream_that_cannot_prove_itself_gets_no_request(gateway, authority, other_authority,
                                                              tls_upstream, fault):
    issuer = other_authority if fault == "unknown authority" else authority
    certificate = issuer.issue(f"bad-{fault.replace(' ', '-')}", "upstream.example",
                               expired=fault == "expired")
    settings = {"server_name": "upstream.example"}
    if fault != "system store":
        settings["ca"] = authority.cert
    if fault == "other name":
        settings["server_name"] = "elsewhere.example"
    upstream, upstreams = tls_upstream(certificate, **settings)
    gw = gateway({"a": api("secure")}, upstreams=upstreams)
    response = gw.get("/")
    assert_problem(response, 502, "upstream.tls_failed")
    assert gw.log_of(response)["sallyport.detail"]
    assert upstream.requests == []


def test_verification_of_an_upstream_can_be_switched_off(gateway, other_authority, tls_upstream):
    upstream, upstreams = tls_upstream(other_authority.issue("whoever", "whoever"), verify=False)
    gw = gateway({"a": api("secure")}, upstreams=upstreams)
    assert gw.get("/").status == 200


def test_the_gateway_shows_its_certificate_to_an_upstream(gateway, authority, tls_upstream):
    own = authority.issue("gateway", client=True)
    certificate = authority.issue("strict-upstream", "upstream.example")
    upstream, upstreams = tls_upstream(certificate, client_ca=authority.cert, ca=authority.cert,
                                       server_name="upstream.example", cert=own.cert, key=own.key)
    gw = gateway({"a": api("secure")}, upstreams=upstreams)
    assert gw.get("/").status == 200
    assert "gateway" in str(upstream.last.connection.peer_certificate["subject"])


def test_a_plain_upstream_behind_https_is_a_502(gateway, origin):
    upstream = origin()
    upstream.expect_faults = True
    gw = gateway({"a": api(upstream.url.replace("http:", "https:"))})
    assert_problem(gw.get("/"), 502)


def test_big_bodies_over_tls_both_ways(gateway, authority, tls_upstream, api_certificate):
    upstream, upstreams = tls_upstream(authority.issue("big", "upstream.example"),
                                       ca=authority.cert, server_name="upstream.example")
    port = free_port()
    gw = gateway({"a": api("secure")}, upstreams=upstreams,
                 listen=[listen_tls(port, api_certificate)])
    gw.port = port
    body = bytes(range(256)) * 20_000
    with connect(gw, authority) as client:
        for _ in range(3):
            echoed = client.post("/", body).json()["body"]
            assert echoed.encode("latin-1") == body
