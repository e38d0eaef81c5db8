"""What the gateway tells about itself: log, metrics, health, configuration, decisions, traces."""

import json
import os
import re
import signal
import time

import pytest

from harness import binary, websocket
from harness.gateway import OFF, api, assert_problem, request_id_of
from harness.origin import always, by_path, close_at_once
from harness.wait import until


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin(by_path({"/fail": always(500), "/dies": close_at_once}))


@pytest.fixture(scope="module")
def watched(shared_gateway, upstream):
    return shared_gateway({
        "orders": api(upstream, "/", routes=[{"path": "/orders/{id}", "methods": ["GET", "POST"]}]),
        "guarded": api(upstream, "/guarded", ip_allow={"deny": ["127.0.0.1"]}),
    }, log={"access": "access.log", "mask": {"query": ["color"], "headers": ["User-Agent"]}})


# ---- the access log ----


def test_a_record_says_who_what_and_how(watched, upstream):
    before = time.time()
    response = watched.call("POST", "/orders/7?page=2", [("Referer", "https://x.example/p")],
                            body=b"12345")
    record = watched.log_of(response)
    assert record["http.request.method"] == "POST"
    assert record["url.path"] == "/orders/7"
    assert record["url.query"] == "page=2"
    assert record["url.domain"] == "gw.test"
    assert record["http.version"] == "1.1"
    assert record["http.response.status_code"] == 200
    assert record["client.ip"] == "127.0.0.1"
    assert record["client.port"] > 0
    assert record["sallyport.api"] == "orders"
    assert record["sallyport.route"] == "orders /orders/{id}"
    assert record["destination.address"] == upstream.endpoint
    assert record["event.outcome"] == "success"
    assert record["http.request.referrer"] == "https://x.example/p"
    assert record["http.request.bytes"] > 5
    assert record["http.response.bytes"] > len(response.body)
    assert record["event.duration"] >= record["sallyport.upstream_ns"] > 0
    assert record["sallyport.policies_ns"] >= 0
    assert record["event.dataset"] == "sallyport.access"
    assert re.fullmatch(r"[0-9a-f]{32}", record["trace.id"])
    stamp = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z", record["@timestamp"])
    assert stamp, record["@timestamp"]
    at = time.mktime(time.strptime(stamp[1], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    assert before - 60 < at < time.time() + 60


@pytest.mark.parametrize("target, headers, status, reason, level", [
    ("/guarded/x", [], 403, "ip_allow.not_allowed", "info"),
    ("/dies", [], 502, None, "warn"),
])
def test_a_record_says_why(watched, target, headers, status, reason, level):
    response = watched.call("POST", target, headers, body=b"")
    assert response.status == status
    record = watched.log_of(response)
    assert record["http.response.status_code"] == status
    assert record["event.outcome"] == "failure"
    assert record["event.reason"] == response.json()["code"]
    assert record["event.reason"] == (reason or record["event.reason"])
    assert record["log.level"] == level


def test_what_is_not_http_is_logged_too(watched):
    with watched.client() as client:
        client.send(b"NONSENSE\r\n\r\n")
        response = client.response()
    record = watched.log_of(response)
    assert record["event.reason"] == response.json()["code"]
    assert "http.request.method" not in record


def test_hostile_bytes_make_no_broken_line(watched):
    for value in (b"a\"b\\c", b"\xff\xfe\x80", b"\xe2\x80\xa8", b"</script>", b"\xf0\x9f\x98\x80"):
        with watched.client() as client:
            client.send(b"GET /?q=%22%0a HTTP/1.1\r\nHost: gw.test\r\nReferer: " + value
                        + b"\r\n\r\n")
            response = client.response()
        watched.log_of(response)  # which is parsed as JSON


def test_secrets_are_masked(watched):
    query = "token=s3cret&ok=1&Api-Key=s3cret&password=s3cret&color=s3cret&access%5Ftoken=s3cret"
    headers = [("Authorization", "Bearer s3cret"), ("Cookie", "session=s3cret"),
               ("User-Agent", "s3cret"), ("Referer", "https://u:s3cret@x.example/?token=s3cret#a")]
    response = watched.get(f"/?{query}", headers)
    record = watched.log_of(response)
    assert "s3cret" not in json.dumps(record)
    assert "ok=1" in record["url.query"]
    assert request_target(response) == f"/?{query}", "the upstream gets what was sent"


def request_target(response):
    return response.json()["target"]


def test_every_request_has_one_record(gateway, origin):
    gw = gateway({"a": api(origin())})
    ids = []
    with gw.client() as client:
        for number in range(200):
            ids.append(request_id_of(client.get(f"/{number}")))
    gw.stop()
    logged = [record["http.request.id"] for record in gw.log_now()]
    assert sorted(logged) == sorted(ids), "nothing is lost on a clean stop, nothing written twice"


def test_rotation_by_signal_loses_nothing(gateway, origin):
    gw = gateway({"a": api(origin())})
    ids = []
    with gw.client() as client:
        for number in range(150):
            if number % 50 == 49:
                os.rename(gw.access_log, f"{gw.access_log}.{number}")
                gw.signal(signal.SIGUSR1)
                until(gw.access_log.exists, "the new file")
            ids.append(request_id_of(client.get("/")))
            if number % 50 == 48:
                until(lambda: gw.access_log.exists() and gw.log_now(), "the batch to be written")
    gw.stop()
    logged = []
    for name in sorted(gw.folder.glob("access.log*")):
        logged += [json.loads(line)["http.request.id"] for line in open(name)]
    assert sorted(logged) == sorted(ids)


def test_the_log_on_standard_output(gateway, origin):
    gw = gateway({"a": api(origin())}, log={"access": "-"})
    request_id = request_id_of(gw.get("/"))
    gw.stop()
    records = [json.loads(line) for line in gw.stdout_file.read_text().splitlines()]
    assert [record["http.request.id"] for record in records] == [request_id]


def test_the_log_can_be_switched_off(gateway, origin):
    gw = gateway({"a": api(origin())}, log={"access": OFF})
    assert gw.get("/").status == 200
    gw.stop()
    assert gw.stdout_file.read_text() == ""


def test_a_tunnel_is_logged_once_it_ends(gateway, origin):
    gw = gateway({"a": api(origin(websocket.echo))})
    with gw.client() as client:
        response = client.get("/chat", websocket.HANDSHAKE)
        client.send(websocket.frame(b"x" * 100, masked=True))
        websocket.read_frame(client.reader)
    record = gw.log_of(response)
    assert record["http.response.status_code"] == 101
    assert record["http.response.bytes"] > 100


# ---- trace context ----


def traceparent(headers):
    value = dict((name.lower(), value) for name, value in headers)["traceparent"]
    return re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-9a-f])", value).groups()


def test_a_trace_is_begun(watched):
    response = watched.get("/")
    trace, span, _ = traceparent(response.json()["headers"])
    record = watched.log_of(response)
    assert (record["trace.id"], record["span.id"]) == (trace, span)
    assert set(trace) != {"0"} and set(span) != {"0"}


def test_a_trace_is_continued(watched):
    ours, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    response = watched.get("/", [("traceparent", f"00-{ours}-{parent}-01"),
                                 ("tracestate", "vendor=1")])
    headers = response.json()["headers"]
    trace, span, flags = traceparent(headers)
    assert (trace, flags) == (ours, "01")
    assert span != parent
    assert ["tracestate", "vendor=1"] in [[name.lower(), value] for name, value in headers]
    assert watched.log_of(response)["trace.id"] == ours


@pytest.mark.parametrize("bad", ["00-" + "0" * 32 + "-00f067aa0ba902b7-01", "garbage",
                                 "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                 "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"])
def test_a_malformed_trace_is_dropped_and_a_new_one_begun(watched, bad):
    headers = watched.get("/", [("traceparent", bad), ("tracestate", "vendor=1")]).json()["headers"]
    trace, _, _ = traceparent(headers)
    assert trace not in bad
    assert "tracestate" not in [name.lower() for name, _ in headers]


# ---- the admin listener ----


def test_health_and_readiness(watched):
    assert watched.admin("/health").status == 200
    assert watched.admin("/ready").status == 200
    assert watched.admin("/nothing-here").status == 404
    assert watched.admin("/metrics", "DELETE").status == 405


def test_the_admin_listener_is_on_loopback_only(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("listen: '127.0.0.1:18080'\nadmin: {address: '0.0.0.0:19901'}\n"
                    "apis: {a: {path: /, upstream: 'http://127.0.0.1:9', public: true}}\n")
    done = binary.run("check", file)
    assert done.returncode == 2, done.stdout


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80"])
def test_the_admin_listener_resists_rebinding(watched, host):
    """A page that rebinds its own name to 127.0.0.1 must not read the configuration."""
    with watched.client(port=watched.admin_port) as client:
        client.request("GET", "/config", host=host)
        assert client.response().status >= 400


def test_a_page_cannot_trigger_a_reload(watched):
    with watched.client(port=watched.admin_port) as client:
        client.request("POST", "/reload", [("Origin", "https://evil.example")],
                       host=f"127.0.0.1:{watched.admin_port}", body=b"")
        assert client.response().status >= 400


def test_the_running_configuration_without_its_secrets(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream, headers={
        "request": {"set": {"X-Key": "${env:E2E_SECRET}"}}})}, env={"E2E_SECRET": "s3cret-value"})
    gw.get("/")
    assert upstream.last.headers.one("X-Key") == "s3cret-value"
    response = gw.admin("/config")
    assert response.status == 200
    assert "s3cret-value" not in response.text
    assert "${env:E2E_SECRET}" in response.text
    config = response.json()
    assert "a" in json.dumps(config)
    assert "header" in json.dumps(config), "defaults are part of it"


def test_metrics_count_what_happened(gateway, origin):
    upstream = origin(by_path({"/fail": always(500)}))
    gw = gateway({"orders": api(upstream, "/"),
                  "closed": api(upstream, "/closed", ip_allow={"deny": ["127.0.0.1"]})})
    for _ in range(3):
        gw.get("/")
    gw.get("/fail")
    gw.get("/closed")
    with gw.client() as client:
        client.send(b"NONSENSE\r\n\r\n")
        client.response()

    def counted():
        found = gw.metrics()
        return found if found.sum("sallyport_requests_total") >= 6 else None
    metrics = until(counted, "six requests to be counted")
    assert metrics.sum("sallyport_requests_total", api="orders", status="200") == 3
    assert metrics.sum("sallyport_requests_total", api="orders", status="500") == 1
    assert metrics.sum("sallyport_requests_total", api="closed", status="403") == 1
    assert metrics.sum("sallyport_requests_total", status="400") == 1
    assert metrics.types["sallyport_request_duration_seconds"] == "histogram"
    assert metrics.sum("sallyport_request_duration_seconds_count", api="orders") == 4
    assert metrics.sum("sallyport_policy_verdicts_total", policy="ip_allow",
                       outcome="stopped") == 1
    assert metrics.sum("sallyport_stops_total", reason="ip_allow.not_allowed") == 1
    assert metrics.sum("sallyport_upstream_requests_total") == 4
    assert metrics.sum("sallyport_config_reloads_total", outcome="ok") == 1
    for name in ("sallyport_build_info", "sallyport_connections_open", "process_cpu_seconds_total",
                 "process_resident_memory_bytes"):
        assert name in metrics.names()
    for pattern in ("endpoint", "pool|idle_connections"):
        assert metrics.matching(pattern), f"nothing about {pattern} in {sorted(metrics.names())}"


def test_open_connections_are_counted_up_and_down(gateway, origin):
    gw = gateway({"a": api(origin())})

    def open_now():
        metrics = gw.metrics()
        return metrics.sum("sallyport_connections_open")
    clients = [gw.client() for _ in range(5)]
    for client in clients:
        client.get("/")
    assert open_now() == 5
    for client in clients:
        client.close()
    until(lambda: open_now() == 0, "the gauge to come down")


# ---- explain ----


def explain(gw, *arguments):
    return binary.run("explain", "--config", gw.file, *arguments)


def test_explain_a_request_that_was_not_sent(gateway, origin):
    upstream = origin()
    gw = gateway({
        "orders": api(upstream, "/orders", ip_allow={"allow": ["10.0.0.0/8"]}, routes=[
            {"path": "/{id}/invoice", "methods": ["GET"]}]),
    }, start=False)
    done = explain(gw, "GET", "http://gw.test/orders/7/invoice")
    assert done.returncode == 0, done.stderr
    assert "orders /{id}/invoice" in done.stdout
    assert done.stdout.index("ip_allow") < done.stdout.index("security_headers")
    assert upstream.requests == []
    report = json.loads(explain(gw, "--output", "json", "GET",
                                "http://gw.test/orders/7/invoice").stdout)
    assert "orders /{id}/invoice" in json.dumps(report)
    done = explain(gw, "GET", "http://gw.test/nowhere")
    assert "404" in done.stdout


def test_explain_a_request_that_was_served(watched):
    response = watched.get("/guarded/secret?token=s3cret")
    request_id = request_id_of(response)

    def found():
        done = explain(watched, request_id)
        return done if done.returncode == 0 else None
    text = until(found, "the decision trail").stdout
    assert "ip_allow" in text and "ip_allow.not_allowed" in text
    assert "s3cret" not in text
    record = json.loads(explain(watched, "--output", "json", request_id).stdout)
    assert "ip_allow.not_allowed" in json.dumps(record)


def test_explain_an_id_nobody_knows(watched):
    done = explain(watched, "0" * 32)
    assert done.returncode != 0
    assert "0" * 32 in done.stderr + done.stdout


def test_the_trail_is_bounded(gateway, origin):
    gw = gateway({"a": api(origin())}, workers=1, trail={"records": 10})
    ids = []
    with gw.client() as client:
        for _ in range(30):
            ids.append(request_id_of(client.get("/")))
    until(lambda: explain(gw, ids[-1]).returncode == 0, "the newest trail")
    assert explain(gw, ids[0]).returncode != 0
    assert explain(gw, ids[-5]).returncode == 0


def test_problem_details_carry_what_is_needed_to_ask(watched):
    problem = assert_problem(watched.get("/guarded"), 403, "ip_allow.not_allowed")
    assert set(problem) <= {"type", "title", "status", "detail", "code", "request_id"}
