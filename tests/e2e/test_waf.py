"""The policy `waf` from end to end: with rules of the tests' own, and with the Core Rule Set of the
system where it is installed."""

import json
import pathlib
import threading

import pytest

from harness import binary
from harness.gateway import api, assert_problem, request_id_of
from harness.load import Load
from harness.origin import always, echo, in_chunks
from harness.wait import until
from harness.wire import chunked

SQLI = "/items?id=1%27%20or%20%271%27=%271"
JSON = ("Content-Type", "application/json")

RULES = """
SecRule ARGS "@contains attack" "id:1001,phase:2,deny,log,msg:'attack',severity:2,tag:'own/args'"
SecRule RESPONSE_BODY "@contains stack trace" "id:1002,phase:4,deny,log,msg:'leak'"
SecRule ARGS:token "@contains x" "id:1003,phase:2,pass,log,msg:'token'"
"""


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "own.conf"
    path.write_text(RULES)
    return path


@pytest.fixture
def behind(gateway, origin):
    """A gateway with a waf of these keys before an upstream."""
    def make(script=None, routes=None, **waf):
        upstream = origin(script or echo)
        more = {"routes": routes} if routes else {}
        return gateway({"a": api(upstream, **more, waf=waf)}), upstream
    return make


@pytest.fixture(scope="module")
def crs(shared_gateway, shared_origin):
    """One gateway with the Core Rule Set in each mode, as that takes its time to load."""
    if not pathlib.Path("/usr/share/modsecurity-crs").is_dir():
        pytest.skip("the package modsecurity-crs is not installed")
    upstream = shared_origin()
    gw = shared_gateway({
        "block": api(upstream, "/block", waf={"mode": "block"}),
        "detect": api(upstream, "/detect", waf={}),
        "monitor": api(upstream, "/monitor", waf={"mode": "monitor"}),
        "excluded": api(upstream, "/excluded", waf={"mode": "block", "exclusions": [
            {"tag": "attack-sqli", "target": "ARGS:id", "reason": "tested"}]}),
    })
    return gw, upstream


def waf_of(record):
    return {key.removeprefix("sallyport.waf."): value for key, value in record.items()
            if key.startswith("sallyport.waf.")}


# ---- the Core Rule Set ----


def test_an_injection_is_blocked(crs):
    gw, upstream = crs
    before = len(upstream.requests)
    response = gw.get("/block" + SQLI)
    problem = assert_problem(response, 403, "waf.blocked")
    assert "942100" not in json.dumps(problem), "which rules is for operators"
    assert len(upstream.requests) == before
    record = gw.log_of(response)
    assert record["event.reason"] == "waf.blocked"
    assert 942100 in record["sallyport.waf.rules"]
    assert record["sallyport.waf.mode"] == "block"
    assert record["sallyport.waf.score"] >= 5
    assert "942100 ARGS:id" in record["sallyport.detail"]


def test_ordinary_requests_pass(crs):
    gw, _ = crs
    assert gw.get("/block/items?id=7&sort=name").status == 200
    body = json.dumps({"name": "Ada", "items": [{"id": 1, "note": "two of them, please"}]})
    assert gw.call("POST", "/block/orders", [JSON], body.encode()).status == 200


def test_an_injection_is_only_noted_in_detect_mode(crs):
    gw, _ = crs
    response = gw.get("/detect" + SQLI)
    assert response.status == 200
    record = gw.log_of(response)
    assert 942100 in record["sallyport.waf.rules"]
    assert record["sallyport.waf.mode"] == "detect"
    assert record["sallyport.waf.score"] >= 5
    assert "event.reason" not in record


def test_monitor_mode_records_the_refusal(crs):
    gw, _ = crs
    response = gw.get("/monitor" + SQLI)
    assert response.status == 200
    record = gw.log_of(response)
    assert record["sallyport.monitored"] == "waf.blocked"
    assert 942100 in record["sallyport.waf.rules"]


def test_an_attack_in_a_json_body_is_blocked(crs):
    gw, _ = crs
    body = json.dumps({"user": {"name": "x' union select password from users -- "}}).encode()
    response = gw.call("POST", "/block/login", [JSON], body)
    assert_problem(response, 403, "waf.blocked")
    assert "ARGS:json.user.name" in gw.log_of(response)["sallyport.detail"]


def test_an_exclusion_leaves_out_one_argument(crs):
    gw, _ = crs
    assert gw.get("/excluded" + SQLI).status == 200
    assert gw.get("/excluded" + SQLI.replace("id=", "other=")).status == 403


def test_explain_shows_the_rules(crs):
    gw, _ = crs
    request_id = request_id_of(gw.get("/block" + SQLI))
    done = binary.run("explain", "--config", gw.file, request_id)
    assert done.returncode == 0, done.stderr
    assert "942100" in done.stdout and "ARGS:id" in done.stdout and "waf.blocked" in done.stdout
    trail = json.loads(binary.run("explain", "--config", gw.file, "--output", "json",
                                  request_id).stdout)
    assert 942100 in [finding["rule"] for finding in trail["waf"]["findings"]]
    assert trail["waf"]["score"] >= 5
    done = binary.run("explain", "--config", gw.file, "GET", "http://gw.test/block" + SQLI)
    assert "waf.blocked" in done.stdout, "a request that has not been sent"


def test_matches_are_counted(crs):
    gw, _ = crs
    before = gw.metrics()
    gw.get("/block" + SQLI)
    gw.get("/detect" + SQLI)
    gw.get("/block/items?id=7", [("User-Agent", "test"), ("Accept", "*/*")], host="api.example.com")

    def grown():
        now = gw.metrics()
        inspected = [now.sum("sallyport_waf_inspected_total", outcome=outcome)
                     - before.sum("sallyport_waf_inspected_total", outcome=outcome)
                     for outcome in ("blocked", "detected", "clean")]
        matches = {"rule": "942100"}
        return inspected + [now.sum("sallyport_waf_rule_matches_total", **matches)
                            - before.sum("sallyport_waf_rule_matches_total", **matches)]
    until(lambda: grown() == [1, 1, 1, 2], "each of the three to be counted")


# ---- rules of one's own ----


def test_values_of_secret_arguments_are_masked(behind, rules):
    gw, _ = behind(rules=str(rules))
    record = gw.log_of(gw.get("/?token=xyzzy&note=an%20attack"))
    assert waf_of(record)["rules"] == [1001, 1003]
    assert waf_of(record)["matches"] == "1001 ARGS:note=an attack; 1003 ARGS:token=***"
    assert "xyzzy" not in json.dumps(record)


@pytest.mark.parametrize("mode, beyond, status", [
    ("block", "deny", 413), ("block", "pass", 200), ("detect", "deny", 200)])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_bodies_beyond_the_depth(behind, rules, mode, beyond, status, framing):
    gw, upstream = behind(rules=str(rules), mode=mode, body={"depth": "1KiB", "beyond": beyond})
    body = b"a=1&b=" + b"x" * 300_000 + b"attack"
    form = ("Content-Type", "application/x-www-form-urlencoded")
    if framing == "chunked":
        with gw.client() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                        + f"{form[0]}: {form[1]}\r\n\r\n".encode() + chunked(body))
            response = client.response("POST")
    else:
        response = gw.call("POST", "/", [form], body)
    assert response.status == status
    record = gw.log_of(response)
    assert record["sallyport.waf.cut"] == "request"
    if status == 413:
        assert_problem(response, 413, "waf.body_too_long")
        assert upstream.complete == []
    else:
        assert upstream.last.body == body
        attack = gw.call("POST", "/", [form], b"a=attack&b=" + b"x" * 2000)
        assert attack.status == (403 if mode == "block" else 200), "the beginning is inspected"


def test_a_response_that_leaks_is_held_back(behind, rules):
    gw, _ = behind(always(200, [JSON], b'{"error": "stack trace: ..."}'), rules=str(rules),
                   mode="block", responses="on")
    response = gw.get("/")
    assert_problem(response, 403, "waf.response_blocked")
    assert b"stack trace" not in response.body
    record = gw.log_of(response)
    assert record["event.reason"] == "waf.response_blocked"
    assert record["sallyport.upstream_status"] == 200


def test_responses_of_other_types_are_not_held_back(behind, rules):
    gw, upstream = behind(in_chunks(b"stack trace", headers=[("Content-Type", "image/png")]),
                          rules=str(rules), mode="block", responses="on")
    assert gw.get("/", [("Accept-Encoding", "gzip")]).body == b"stack trace"
    assert upstream.last.headers.get("accept-encoding") == "identity"


def test_a_route_may_have_its_own_rules(behind, rules):
    gw, _ = behind(rules=str(rules), mode="block", routes=[
        {"path": "/notes", "waf": {"rules": str(rules), "mode": "block", "exclusions": [
            {"rule": 1001, "target": "ARGS:note", "reason": "people write about attacks"}]}},
        {"path": "/free", "waf": {"mode": "off"}}])
    assert gw.get("/?note=attack").status == 403
    assert gw.get("/notes?note=attack").status == 200
    assert gw.get("/notes?other=attack").status == 403
    assert gw.get("/free?note=attack").status == 200


def test_an_expired_exclusion_is_warned_of(behind, rules):
    gw, _ = behind(rules=str(rules), mode="block", exclusions=[
        {"rule": 1001, "reason": "a release", "expires": "2020-01-31"}])
    assert "this exclusion was to end on 2020-01-31 (a release) and still holds" in gw.stderr
    assert gw.get("/?a=attack").status == 200


def test_a_bad_rule_file_is_told_with_its_place(tmp_path, rules):
    bad = tmp_path / "bad.conf"
    bad.write_text('# one line\nSecRule ARGS "@nosuch x" "id:1,phase:2,deny"\n')
    file = tmp_path / "sallyport.yaml"
    file.write_text(json.dumps({"listen": "127.0.0.1:1", "apis": {"a": {
        "path": "/", "upstream": "http://127.0.0.1:2", "public": True,
        "waf": {"rules": [str(rules), str(bad)]}}}}))
    done = binary.run("check", file)
    assert done.returncode == 2
    assert f"{bad}:2:" in done.stderr + done.stdout
    assert "nosuch" in done.stderr + done.stdout


def test_changed_rules_come_into_force_and_no_request_fails(behind, rules):
    gw, _ = behind(rules=str(rules), mode="block")
    assert gw.get("/?a=storm").status == 200
    with Load(gw.port, clients=2, target="/?id=7") as load:
        load.wait_for(20)
        rules.write_text(RULES.replace("contains attack", "contains storm"))
        until(lambda: gw.get("/?a=storm").status == 403, "the new rules to be in force")
        load.wait_for(20)
        rules.write_text(RULES.replace("contains attack", "nosuch attack"))
        until(lambda: "nosuch" in gw.stderr, "the wrong rules to be refused")
        load.wait_for(20)
    assert load.failures == []
    assert gw.get("/?a=storm").status == 403, "the old rules stay in force"


def test_the_audit_log_is_modsecuritys(behind, rules, tmp_path):
    log = tmp_path / "audit.json"
    gw, _ = behind(rules=str(rules), mode="block", audit_log=str(log))
    gw.get("/?a=1")
    response = gw.get("/?a=attack", [("Cookie", "session=xyzzy"), ("User-Agent", "test")])
    until(lambda: log.exists() and log.read_text().endswith("\n"), "the audit log")
    lines = log.read_text().splitlines()
    assert len(lines) == 1
    transaction = json.loads(lines[0])["transaction"]
    assert transaction["unique_id"] == request_id_of(response)
    assert transaction["request"]["uri"] == "/?a=attack"
    assert transaction["request"]["headers"]["User-Agent"] == "test"
    assert transaction["response"]["http_code"] == 403
    assert [m["details"]["ruleId"] for m in transaction["messages"]] == ["1001"]
    assert "xyzzy" not in lines[0]


def test_verdicts_are_verified_in_the_background(behind, rules):
    gw, _ = behind(rules=str(rules), mode="block", verify="100%")

    def verified(result):
        return gw.metrics().sum("sallyport_waf_verify_total", result=result)
    for target in ("/?a=1", "/?a=attack", "/?token=x"):
        gw.get(target)
    until(lambda: verified("agreed") == 3, "three verdicts to be verified")
    assert verified("disagreed") == 0
    assert not any("waf" in note for note in json.loads(gw.admin("/ready").body)["notes"])


def test_rules_know_the_address_the_client_connected_to(behind, tmp_path):
    own = tmp_path / "address.conf"
    own.write_text('SecRule SERVER_ADDR "@streq 127.0.0.1" "id:1,phase:1,deny,log"\n')
    log = tmp_path / "audit.json"
    gw, _ = behind(rules=str(own), mode="block", audit_log=str(log))
    assert gw.get("/").status == 403
    until(lambda: log.exists() and log.read_text().endswith("\n"), "the audit log")
    assert json.loads(log.read_text())["transaction"]["host_ip"] == "127.0.0.1"


def test_clients_side_by_side_do_not_see_each_other(behind, rules):
    gw, _ = behind(rules=str(rules), mode="block")
    statuses = {"attack": [], "peace": []}

    def ask(word):
        for _ in range(25):
            statuses[word].append(gw.get(f"/?a={word}").status)
    threads = [threading.Thread(target=ask, args=(word,)) for word in statuses for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses["attack"]) == {403} and set(statuses["peace"]) == {200}
