"""Another service decides who is calling: external authorizers, asked while a request waits."""

import resource
import ssl
import threading

import pytest

from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.wait import HANG, until

USER = [("X-User", "ann"), ("X-Roles", "clerk, admin"), ("X-Other", "secret")]


def closed(upstream, external, path="/", **more):
    part = api(upstream, path, authenticate={"external_auth": external}, **more)
    del part["public"]
    return part


def allowing(headers=(), status=200):
    return lambda call: call.reply(status, headers)


def seen(response, name):
    """Values that reached the upstream under any spelling of `name`."""
    plain = name.lower().replace("_", "-")
    return [value for field, value in response.json()["headers"]
            if field.lower().replace("_", "-") == plain]


def questions(service):
    return [(request.method, request.target) for request in service.requests]


def test_forward_auth_is_told_about_the_request(gateway, origin):
    upstream, service = origin(echo), origin(allowing(USER))
    gw = gateway({"a": closed(upstream, {
        "url": service.url + "/verify?mode=1", "headers": ["Authorization", "X-Tenant"],
        "take_headers": ["X-User"], "identity": {"consumer": "X-User", "roles": "X-Roles"}},
        authorize=[{"consumers": ["ann"], "roles": ["admin"]}])})
    answer = gw.call("POST", "/orders/7?q=%20x", [
        ("Authorization", "Bearer secret"), ("X-Tenant", "t1"), ("X-Tenant", "t2"),
        ("X-User", "root"), ("x_user", "root"), ("X-Forwarded-Uri", "/admin"),
        ("X-Forwarded-Method", "TRACE")], b"body")
    assert answer.status == 200
    assert seen(answer, "X-User") == ["ann"]
    assert seen(answer, "X-Other") == seen(answer, "Authorization") == []
    assert answer.json()["body"] == "body"
    asked = service.last
    assert (asked.method, asked.target, asked.body) == ("GET", "/verify?mode=1", b"")
    for name, value in [("X-Forwarded-Method", "POST"), ("X-Forwarded-Uri", "/orders/7?q=%20x"),
                        ("X-Forwarded-Host", "gw.test"), ("X-Forwarded-Proto", "http"),
                        ("X-Forwarded-For", "127.0.0.1"), ("Authorization", "Bearer secret")]:
        assert asked.headers.all(name) == [value], name
    assert asked.headers.all("X-Tenant") == ["t1", "t2"]
    assert "X-User" not in asked.headers and "Content-Length" not in asked.headers


def test_ext_authz_is_asked_at_the_path_of_the_request(gateway, origin):
    upstream, service = origin(echo), origin(allowing(USER))
    gw = gateway({"a": closed(upstream, {
        "url": service.url + "/check/", "contract": "ext_authz", "take_headers": ["X-User"]})})
    assert gw.call("PUT", "/a//b/../c?d=e", [("Cookie", "s=1")], b"x").status == 200
    asked = service.last
    assert (asked.method, asked.target) == ("PUT", "/check" + upstream.last.target)
    assert asked.headers.all("Host") == ["gw.test"]
    assert asked.headers.all("Cookie") == ["s=1"]
    assert gw.call("HEAD", "/x").status == 200
    assert service.last.method == "HEAD"


@pytest.mark.parametrize("contract,status,passes", [
    ("forward_auth", 200, True), ("forward_auth", 204, True), ("forward_auth", 299, True),
    ("forward_auth", 302, False), ("forward_auth", 401, False), ("forward_auth", 498, False),
    ("ext_authz", 200, True), ("ext_authz", 201, False), ("ext_authz", 204, False),
    ("ext_authz", 304, False), ("ext_authz", 403, False)])
def test_what_the_service_does_not_allow_it_answers_itself(gateway, origin, contract, status,
                                                           passes):
    body = b"" if status in (204, 304) else b"<p>no</p>"
    upstream = origin(echo)
    service = origin(lambda call: call.reply(
        status, [("Content-Type", "text/html"), ("Location", "https://login/"), ("X-In", "no"),
                 ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("WWW-Authenticate", "Basic")],
        body))
    gw = gateway({"a": closed(upstream, {"url": service.url, "contract": contract})})
    answer = gw.get("/")
    if passes:
        assert answer.status == 200 and len(upstream.requests) == 1
        return
    assert answer.status == status and upstream.requests == []
    assert answer.body == body
    assert answer.headers.all("Content-Type") == ["text/html"]
    assert answer.headers.all("Location") == ["https://login/"]
    assert answer.headers.all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers.all("WWW-Authenticate") == ["Basic"]
    assert answer.headers.all("X-In") == []
    record = gw.log_of(answer)
    assert "authenticate.refused" in str(record)


def hanging(call):
    call.wait_closed()


def garbage(call):
    call.send(b"HTTP/1.1 200 OK\r\nX-User: ann\r\n smuggled: yes\r\nContent-Length: 0\r\n\r\n")


def cut(call):
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    call.close()


@pytest.mark.parametrize("respond", [
    hanging, garbage, cut, lambda call: call.close(), lambda call: call.send(b"SSH-2.0\r\n"),
    lambda call: call.reply(500), lambda call: call.reply(503), lambda call: call.reply(599), lambda call: call.reply(499),
    lambda call: call.reply(200, body=b"x" * 2000),
    lambda call: call.reply(403, body=b"x" * 2000),
    lambda call: call.reply(200, [("X", "y" * 70000)])])
def test_a_service_that_does_not_work_lets_nobody_through(gateway, origin, respond):
    upstream, service = origin(echo), origin(respond)
    service.expect_faults = True
    gw = gateway({"a": closed(upstream, {"url": service.url, "timeout": "300ms",
                                         "max_answer": "1KiB"})})
    for _ in range(2):
        problem = assert_problem(gw.get("/", [("Authorization", "Bearer secret")]), 503,
                                 "authenticate.unavailable")
        assert service.url not in str(problem)
    assert upstream.requests == []
    assert "secret" not in gw.stderr


def test_nobody_at_the_other_end(gateway, origin):
    upstream, service = origin(echo), origin(allowing())
    service.stop()
    gw = gateway({"a": closed(upstream, {"url": service.url})})
    assert_problem(gw.get("/"), 503, "authenticate.unavailable")
    service.start()
    assert gw.get("/").status == 200


def test_what_the_service_does_not_say_nobody_says(gateway, origin):
    """Without X-User in the answer, and where another way let the caller in."""
    upstream, service = origin(echo), origin(allowing())
    external = {"url": service.url, "take_headers": ["X-User", "Authorization"]}
    gw = gateway({"a": closed(upstream, external, "/a"),
                  "b": api(upstream, "/b"),
                  "c": api(upstream, "/c", authenticate={"external_auth": external,
                                                         "mode": "monitor"})})
    service.respond = allowing()
    for path in ("/a", "/b", "/c"):
        for name in ("X-User", "x-user", "X_User", "X.User"):
            answer = gw.get(path, [(name, "root")])
            assert answer.status == 200 and seen(answer, "X-User") == [], (path, name)
            assert seen(answer, "X.User") == []
    service.respond = allowing([("Authorization", "Bearer internal")])
    answer = gw.get("/a", [("Authorization", "Bearer client")])
    assert seen(answer, "Authorization") == ["Bearer internal"]
    service.respond = lambda call: call.reply(403)
    answer = gw.get("/c", [("X-User", "root")])
    assert answer.status == 200 and seen(answer, "X-User") == []


def test_answers_are_remembered_by_all_that_was_told(gateway, origin):
    upstream, service = origin(echo), origin(allowing(USER))
    gw = gateway({"a": closed(upstream, {
        "url": service.url, "take_headers": ["X-User"], "cache": {"ttl": "1h"}})})
    variants = [("GET", "/a", "t1"), ("GET", "/a?", "t1"), ("GET", "/b", "t1"),
                ("POST", "/a", "t1"), ("GET", "/a", "t2"), ("GET", "/a", None)]
    for _ in range(3):
        for method, target, token in variants:
            headers = [("Authorization", token)] if token else []
            answer = gw.call(method, target, [*headers, ("X-Any", "1")])
            assert answer.status == 200 and seen(answer, "X-User") == ["ann"]
            assert seen(answer, "Authorization") == []
    assert len(service.requests) == len(variants)


def test_refusals_are_remembered_and_failures_are_not(gateway, origin):
    upstream, service = origin(echo), origin(lambda call: call.reply(403, body=b"no"))
    gw = gateway({"a": closed(upstream, {
        "url": service.url, "timeout": "300ms",
        "cache": {"ttl": "1h", "key": ["Authorization"]}})})
    for path in ("/a", "/b"):
        answer = gw.get(path, [("Authorization", "bad")])
        assert (answer.status, answer.body) == (403, b"no")
    assert len(service.requests) == 1
    service.respond = lambda call: call.reply(500)
    assert gw.get("/", [("Authorization", "good")]).status == 503
    service.respond = allowing()
    assert gw.get("/", [("Authorization", "good")]).status == 200
    # What is empty or not there cannot be taken for another request's.
    for headers in ([("Authorization", "ba")], [("Authorization", "")], []):
        before = len(service.requests)
        assert gw.get("/", headers).status == 200, headers
        assert len(service.requests) == before + 1, headers


def test_the_body_is_told_where_that_is_wanted(gateway, origin):
    upstream = origin(echo)
    service = origin(lambda call: call.reply(200 if call.body() == b"please" else 403))
    gw = gateway({"a": closed(upstream, {"url": service.url, "method": "POST",
                                         "body": {"max": "10B"}})})
    for chunked in (False, True):
        with gw.client() as client:
            head = "POST / HTTP/1.1\r\nHost: gw.test\r\nContent-Type: text/x\r\n"
            client.send((head + ("Transfer-Encoding: chunked\r\n\r\n6\r\nplease\r\n0\r\n\r\n"
                                 if chunked else "Content-Length: 6\r\n\r\nplease")).encode())
            answer = client.response("POST")
        assert answer.status == 200 and answer.json()["body"] == "please"
        assert service.last.headers.all("Content-Type") == ["text/x"]
    assert gw.call("POST", "/", body=b"now").status == 403
    before = len(service.requests)
    assert gw.call("POST", "/", body=b"p" * 11).status == 413
    assert len(service.requests) == before


def test_the_service_proves_who_it_is_and_learns_who_asks(gateway, origin, authority, other_authority):
    names = authority.issue("authz", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(names.cert, names.key)
    context.load_verify_locations(authority.cert)
    context.verify_mode = ssl.CERT_REQUIRED
    upstream, service = origin(echo), origin(allowing(), tls=context)
    service.expect_faults = True
    own = authority.issue("gateway", client=True)
    url = f"https://localhost:{service.port}/"
    shown = {"certificate": own.cert, "key": own.key}

    def asked(**more):
        gw = gateway({"a": closed(upstream, {"url": url, "timeout": "10s", **more})})
        return gw.get("/")

    assert asked(ca=authority.cert, **shown).status == 200
    assert service.connections[-1].peer_certificate["subject"] == ((("commonName", "gateway"),),)
    for wrong in ({"ca": authority.cert}, {"ca": other_authority.cert, **shown}, shown,
                  {"ca": authority.cert, **shown, "url": f"https://127.0.0.1:{service.port}/"}):
        assert_problem(asked(**wrong), 503, "authenticate.unavailable")


def test_a_dead_authorizer_holds_up_nobody_else(gateway, origin):
    """200 requests wait for it; the other API goes on being served by every worker."""
    upstream, service = origin(echo), origin(hanging)
    gw = gateway({"a": closed(upstream, {"url": service.url, "timeout": "60s"}, "/closed"),
                  "b": api(upstream, "/open")}, timeouts={"request": "120s"})
    clients = [gw.client() for _ in range(200)]
    try:
        for client in clients:
            client.send(b"GET /closed HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        until(lambda: len(service.requests) == 200, "all questions")
        for i in range(300):
            assert gw.get(f"/open/{i}").status == 200
        assert len(service.requests) == 200 and upstream.count("/closed") == 0
        service.stop()  # now they all learn that there is nobody
        for client in clients:
            assert_problem(client.response(), 503, "authenticate.unavailable")
    finally:
        for client in clients:
            client.close()


def test_questions_beyond_the_bound_fail_at_once(gateway, origin):
    upstream, service = origin(echo), origin(hanging)
    gw = gateway({"a": closed(upstream, {"url": service.url, "timeout": "60s"}),
                  "b": api(upstream, "/open")}, workers=1, timeouts={"request": "120s"})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    clients = [gw.client() for _ in range(520)]
    try:
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        refused = gw.log(8, where=lambda record: "512 requests wait for it" in str(record))
        assert len(refused) == 8
        assert gw.get("/open").status == 200
        service.stop()
    finally:
        for client in clients:
            client.close()


def test_a_reload_in_mid_question_changes_nothing_for_it(gateway, origin):
    upstream = origin(echo)
    go = threading.Event()

    def slow(call):
        go.wait(30)
        call.reply(200, USER)

    service = origin(slow)
    config = {"url": service.url, "timeout": "30s", "take_headers": ["X-User"]}
    gw = gateway({"a": closed(upstream, config)})
    with gw.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        until(lambda: service.requests, "the question")
        for _ in range(3):
            gw.reload({"apis": {"b": api(upstream, "/other")}})
        go.set()
        answer = client.response()
        assert answer.status == 200 and seen(answer, "X-User") == ["ann"]
    assert gw.get("/").status == 404


@pytest.mark.parametrize("leaves", [False, True])
def test_a_stop_in_mid_question_is_clean(gateway, origin, leaves):
    upstream, service = origin(echo), origin(hanging)
    gw = gateway({"a": closed(upstream, {"url": service.url, "timeout": "60s"}),
                  "b": closed(upstream, {"url": "http://no-such-host.invalid/", "timeout": "60s",
                                         "insecure_http": True}, "/b")}, drain="100ms")
    with gw.client() as client, gw.client() as other:
        client.send(b"GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        other.send(b"GET /b HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        until(lambda: service.requests, "the question")
        if leaves:
            client.abort()
        gw.stop()


@pytest.mark.parametrize("external,says", [
    ({}, "url"),
    ({"url": "http://192.0.2.1/"}, "insecure_http"),
    ({"url": "ftp://127.0.0.1/"}, "https://"),
    ({"url": "https://user:pass@authz/"}, "https://"),
    ({"url": "https://a/", "timeout": "0s"}, "timeout"),
    ({"url": "https://a/", "headers": ["Content-Length"]}, "only the gateway itself sets"),
    ({"url": "https://a/", "headers": ["X-Forwarded-For"]}, "only the gateway itself sets"),
    ({"url": "https://a/", "headers": ["a b"]}, "not a name"),
    ({"url": "https://a/", "take_headers": ["Host"]}, "only the gateway itself sets"),
    ({"url": "https://a/", "take_headers": ["Cookie"]}, "the upstream could not tell"),
    ({"url": "https://a/", "take_response_headers": ["Transfer-Encoding"]}, "only the gateway"),
    ({"url": "https://a/", "cache": {"key": [":body"]}}, ":method"),
    ({"url": "https://a/", "cache": {"key": ["X-Key"]}}, "not told"),
    ({"url": "https://a/", "cache": {}, "body": {}}, "do not go together"),
    ({"url": "https://a/", "certificate": "x.pem"}, "need each other"),
    ({"url": "https://a/", "ca": "no-such.pem"}, "no-such.pem"),
    ({"url": "https://a/", "contract": "grpc"}, "ext_authz"),
])
def test_what_is_wrong_with_a_configuration_is_said(gateway, origin, external, says):
    gw = gateway({"a": closed(origin(echo), external)}, start=False)
    gw.start(wait=False)
    assert gw.process.wait(HANG) == 2
    assert says in gw.stderr
    gw.stop(expect=2)
