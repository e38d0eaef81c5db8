"""Callers of the store: API keys and passwords, through the whole gateway and its commands, and
what of them survives damage, an outage and kill -9."""

import base64
import json
import random
import shutil
import sqlite3
import subprocess
import time
import urllib.parse

import pytest

from harness import binary
from harness.gateway import api, assert_problem
from harness.origin import echo
from harness.wait import HANG, until


@pytest.fixture
def closed(gateway, origin):
    """A gateway with one API that is closed by `method`, and state; not started yet."""
    def make(method=None, apis=None, **more):
        upstream = origin(echo)
        part = api(upstream, authenticate=method or {"api_key": {}}, **more)
        del part["public"]
        made = gateway({"a": part, **(apis or {})}, start=False, state={"path": "state"})
        made.upstream = upstream
        made.state = made.folder / "state"
        return made
    return make


def command(gw, *arguments, input=None, status=0):
    done = binary.run(*arguments, "--config", gw.file, cwd=gw.folder, input=input, env=gw.env)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def add(gw, *consumers):
    """Imports consumers; the first key of each."""
    done = command(gw, "state", "import", "-", input="".join(json.dumps(c) + "\n" for c in consumers))
    return [(json.loads(line)["keys"] or [None])[0] for line in done.stdout.splitlines()]


def ada(**key):
    return {"name": "ada", "roles": ["reader"], "keys": [key]}


def with_key(key):
    return [("X-API-Key", key)]


def basic(user, password):
    return [("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())]


def hashed(password):
    done = binary.run("hash-password", input=password + "\n")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def detail_of(gw, response):
    return gw.log_of(response)["sallyport.detail"]


# ---- API keys ----


def test_a_key_opens_the_door_and_stays_outside(closed):
    gw = closed()
    key, = add(gw, ada(scopes=["orders:read"]))
    gw.start()
    assert gw.get("/x", with_key(key)).status == 200
    assert gw.upstream.last.headers.get("X-API-Key") is None
    missing = gw.get("/x")
    assert_problem(missing, 401, "authenticate.missing")
    assert 'name="X-API-Key"' in missing.headers.one("WWW-Authenticate")
    wrong = gw.get("/x", with_key(key[:-1] + ("A" if key[-1] != "A" else "E")))
    assert_problem(wrong, 401, "authenticate.invalid")
    assert key[4:20] in detail_of(gw, wrong)
    assert key not in gw.access_log.read_text() + gw.stderr


def test_a_key_in_the_query_is_in_no_log(closed):
    gw = closed({"api_key": {"query": "k"}})
    key, = add(gw, ada())
    gw.start()
    good = gw.get(f"/x?a=1&k={key}&b=2")
    assert good.status == 200
    assert gw.upstream.last.target == "/x?a=1&b=2"
    assert gw.log_of(good)["url.query"] == "a=1&b=2"
    bad = gw.get(f"/x?a=1&k={key[:-3]}AAE")
    assert_problem(bad, 401, "authenticate.invalid")
    assert gw.log_of(bad)["url.query"] == "a=1&k=***"
    trail = gw.admin(f"/trails/{gw.log_of(bad)['http.request.id']}")
    assert trail.status == 200
    for text in (gw.access_log.read_text(), gw.stderr, trail.text, bad.text):
        assert key[21:-3] not in text


def test_limits_of_a_key_hold(closed, origin):
    other = api(origin(echo), "/other", authenticate={"api_key": {}})
    del other["public"]
    gw = closed(apis={"b": other}, authorize=[{"scopes": ["write"], "methods": ["POST"]},
                                              {"methods": ["GET"]}])
    here, away, writer = add(gw, ada(apis=["a"]), {"name": "bob", "keys": [
        {"networks": ["10.0.0.0/8"]}]}, {"name": "eve", "keys": [{"scopes": ["write"]}]})
    gw.start()
    assert gw.get("/x", with_key(here)).status == 200
    refused = gw.get("/other", with_key(here))
    assert_problem(refused, 401, "authenticate.invalid")
    assert "not for this API" in detail_of(gw, refused)
    assert gw.get("/other", with_key(writer)).status == 200
    refused = gw.get("/x", with_key(away))
    assert_problem(refused, 401, "authenticate.invalid")
    assert "may not be used from this address" in detail_of(gw, refused)
    assert gw.call("POST", "/x", with_key(writer), b"").status == 200
    assert gw.call("POST", "/x", with_key(here), b"").status == 403


def test_a_configuration_without_state_says_so(gateway, origin):
    part = api(origin(echo), authenticate={"api_key": {}})
    gw = gateway({"a": part}, start=False)
    done = binary.run("check", gw.file)
    assert done.returncode == 2
    assert "needs a store of keys" in done.stdout and "state: {path:" in done.stdout


def test_a_key_that_is_revoked_is_refused_by_every_worker(closed):
    gw = closed()
    key, other = add(gw, ada(), {"name": "bob", "keys": [{}]})
    gw.start()
    clients = [gw.client() for _ in range(16)]  # spread over the workers
    try:
        for client in clients:
            assert client.call("GET", "/x", with_key(key)).status == 200
        command(gw, "state", "revoke-key", key[4:20])
        until(lambda: gw.get("/x", with_key(key)).status == 401, "the revocation to be seen")
        for client in clients:
            assert client.call("GET", "/x", with_key(key)).status == 401
            assert client.call("GET", "/x", with_key(other)).status == 200
    finally:
        for client in clients:
            client.close()


def test_a_reload_keeps_the_callers(closed):
    gw = closed()
    key, = add(gw, ada())
    gw.start()
    gw.reload()
    assert gw.get("/x", with_key(key)).status == 200


# ---- passwords ----


def test_users_of_the_configuration_and_of_the_store(closed):
    gw = closed({"basic": {"users": {"root": "${env:ROOT_HASH}"}}})
    gw.env["ROOT_HASH"] = hashed("geheim")
    add(gw, {"name": "ada", "roles": ["reader"], "password_hash": hashed("pässword")})
    gw.start()
    for user, password in (("root", "geheim"), ("ada", "pässword"), ("ada", "pässword")):
        assert gw.get("/x", basic(user, password)).status == 200, user
        assert gw.upstream.last.headers.get("Authorization") is None
    for user, password in (("root", "pässword"), ("ada", "geheim"), ("nobody", "geheim"), ("", "")):
        assert_problem(gw.get("/x", basic(user, password)), 401, "authenticate.invalid")
    missing = gw.get("/x")
    assert_problem(missing, 401, "authenticate.missing")
    assert missing.headers.one("WWW-Authenticate").startswith("Basic realm=")
    assert "geheim" not in gw.stderr + gw.access_log.read_text() + gw.admin("/config").text


def test_many_passwords_at_once_do_not_keep_others_waiting(closed, origin):
    """The hashes of strangers take their time in the background; who is beyond the line is told so,
    and whoever needs no hash is served meanwhile."""
    gw = closed({"basic": {"users": {"root": "${env:ROOT_HASH}"}}}, {"b": api(origin(echo), "/open")})
    gw.env["ROOT_HASH"] = hashed("geheim")
    gw.start()
    clients = [gw.client() for _ in range(48)]
    try:
        for number, client in enumerate(clients):
            client.request("GET", "/x", basic("root", f"guess {number}"))
        assert gw.get("/open").status == 200
        statuses = [client.response().status for client in clients]
    finally:
        for client in clients:
            client.close()
    assert set(statuses) <= {401, 503}, statuses
    assert statuses.count(503) >= 1, statuses
    until(lambda: gw.get("/x", basic("root", "geheim")).status == 200, "the line to be gone")


def test_strangers_of_one_network_leave_places_to_others(closed):
    """A quarter of the line is all that one network gets."""
    gw = closed({"basic": {"users": {"root": "${env:ROOT_HASH}"}, "remember": "0s"}})
    gw.env["ROOT_HASH"] = hashed("geheim")
    gw.start()
    flood = [gw.client(source="127.0.0.1") for _ in range(48)]
    others = [gw.client(source=f"127.0.{number}.1") for number in range(1, 9)]
    try:
        for number, client in enumerate(flood):
            client.request("GET", "/x", basic("root", f"guess {number}"))
        for client in others:
            client.request("GET", "/x", basic("root", "geheim"))
        assert [client.response().status for client in others] == [200] * 8
        statuses = [client.response().status for client in flood]
    finally:
        for client in flood + others:
            client.close()
    assert set(statuses) == {401, 503} and statuses.count(503) >= 1, statuses


def test_a_question_that_waits_outlives_the_configuration_it_was_about(closed):
    gw = closed({"basic": {"users": {"root": "${env:ROOT_HASH}"}}})
    gw.env["ROOT_HASH"] = hashed("geheim")
    gw.start()
    value = urllib.parse.quote(": ".join(basic("root", "geheim")[0]))
    for _ in range(4):
        asked = gw.admin(f"/explain?method=GET&url=/x&header={value}")
        assert asked.status == 200 and "undecided" in asked.text, asked
    gw.reload({"apis": {"b": api(gw.upstream)}, "state": {"path": "state"}})
    for _ in range(20):
        assert gw.get("/x").status == 200
        time.sleep(0.05)


@pytest.mark.parametrize("users, said", [
    ({"a": "plain"}, "a secret must not stand in the file"),
    ({"a": "${env:BAD}"}, "is no hash of a password"),
    ({"a:b": "${env:GOOD}"}, "colon"),
])
def test_users_that_cannot_be(gateway, origin, users, said):
    gw = gateway({"a": api(origin(echo), authenticate={"basic": {"users": users}})}, start=False)
    good = hashed("x")
    done = binary.run("check", gw.file, env={"BAD": "hunter2", "GOOD": good})
    assert done.returncode == 2 and said in done.stdout, done.stdout
    assert "hunter2" not in done.stdout


# ---- denials in the trail ----


def test_denials_are_in_the_trail_once_that_is_wanted(closed):
    gw = closed(authorize=[{"methods": ["GET"], "scopes": "orders:read"}])
    key, = add(gw, ada(scopes=["orders:read"]))
    gw.start()
    assert gw.get("/x").status == 401
    gw.write_text(gw.file.read_text().replace("path: state", "path: state\n  audit_denials: true"))
    gw.reload()
    secret = "spk_AAAAAAAAAAAAAAAA." + "s" * 43
    assert gw.get("/x?token=hidden", with_key(secret)).status == 401
    assert gw.get("/x", with_key(key)).status == 200
    refused = gw.call("POST", "/x", with_key(key))
    assert refused.status == 403
    gw.stop()
    text = command(gw, "audit-log", "export").stdout
    denials = [json.loads(line) for line in text.splitlines() if "request.deny" in line]
    assert [(d["actor"], d["object"]) for d in denials] == [
        ("client/127.0.0.1", "api/a"), ("consumer/ada", "api/a")]
    unknown, forbidden = (json.loads(d["detail"]) for d in denials)
    assert unknown["code"] == "authenticate.invalid" and unknown["path"] == "/x"
    assert forbidden["code"] == "authorize.denied" and forbidden["method"] == "POST"
    assert forbidden["request_id"] == refused.headers.one("X-Request-Id")
    assert "sssss" not in text and "hidden" not in text
    command(gw, "audit-log", "verify")


# ---- the commands ----


def test_the_trail_is_verified_and_exported(closed):
    gw = closed()
    add(gw, ada())
    gw.start()
    done = command(gw, "audit-log", "verify")
    assert done.stdout.startswith("whole")
    gw.stop()
    report = json.loads(command(gw, "audit-log", "verify", "--output", "json").stdout)
    assert report["whole"] and report["not_yet_signed"] == 0
    lines = [json.loads(line) for line in command(gw, "audit-log", "export").stdout.splitlines()]
    actions = [line["action"] for line in lines if "head" not in line and not line["action"].startswith("admin")]
    assert actions == ["consumer.create", "api_key.issue", "gateway.start", "gateway.stop"]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    # An auditor without the master key, with a copy.
    public = json.loads(command(gw, "state", "show", "--output", "json").stdout)["audit_public_key"]
    copy = gw.folder / "copy.jsonl"
    copy.write_text(command(gw, "audit-log", "export").stdout)
    assert binary.run("audit-log", "verify", copy, "--key", public).returncode == 0
    trail = gw.state / "audit" / "trail.jsonl"
    text = trail.read_text()
    trail.write_text(text.replace("consumer.create", "consumer.creatE", 1))
    edited = command(gw, "audit-log", "verify", status=1)
    assert "edited" in edited.stdout and "not whole" in edited.stdout
    trail.write_text("".join(text.splitlines(True)[:-2]))
    assert "shortened" in command(gw, "audit-log", "verify", status=1).stdout
    shutil.rmtree(gw.state / "audit")
    command(gw, "audit-log", "verify", status=2)


@pytest.mark.parametrize("line, said", [
    ("[]", "line 1: is no object"),
    ("{", "line 1:"),
    ('{"name":"a","nam":"b"}', "`nam` is no member"),
    ('{"name":1}', "`name` is not a string"),
    ('{"name":""}', "`name` is empty"),
    ('{"name":"a","keys":[{"networks":["10.0.0.1/8"]}]}', "10.0.0.1/8"),
    ('{"name":"a","keys":[{"expires_in":-1}]}', "`expires_in` is not a number of seconds"),
    ('{"name":"a","password_hash":"hunter2"}', "is no hash of a password"),
    ('{"name":"a"}\n{"name":"a"}', "a consumer named a already"),
])
def test_an_import_is_taken_whole_or_not_at_all(closed, line, said):
    gw = closed()
    done = command(gw, "state", "import", "-", input='{"name":"first"}\n' + line + "\n", status=2)
    said = said.replace("line 1", "line 2")
    assert said in done.stderr and "hunter2" not in done.stderr, done.stderr
    assert add(gw, {"name": "first"}) == [None]


def test_hash_password_takes_one_line(closed):
    assert hashed("x") != hashed("x")
    for text in ("", "\n", "a\nb\n", "a\tb\n"):
        assert binary.run("hash-password", input=text).returncode == 2


# ---- drills ----


def test_kill_in_the_midst_of_writes_loses_nothing_that_was_acknowledged(closed):
    gw = closed()
    kept = add(gw, ada())
    gw.start()
    random.seed(7)
    for number in range(20):
        process = subprocess.Popen(
            [binary.binary(), "state", "import", "-", "--config", gw.file], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=binary.environment())
        process.stdin.write("".join(
            json.dumps({"name": f"c{number}-{i}", "keys": [{}]}) + "\n" for i in range(50)).encode())
        process.stdin.close()
        time.sleep(random.random() * 0.6)
        process.kill()
        for line in process.stdout.read().splitlines(True):
            if line.endswith(b"\n"):
                kept.extend(json.loads(line)["keys"])
        process.wait(HANG)
        if number % 5 == 4:
            gw.kill()
            gw.start()
    for key in kept:
        until(lambda: gw.get("/x", with_key(key)).status == 200, "an acknowledged key")
    gw.stop()
    command(gw, "audit-log", "verify")


def test_a_database_that_is_locked_or_gone_refuses_nobody_who_was_known(closed):
    gw = closed()
    key, = add(gw, ada())
    gw.start()
    database, away = gw.state / "sallyport.db", gw.folder / "away.db"
    database.rename(away)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 0, "the store to be down")
    assert gw.get("/x", with_key(key)).status == 200
    assert_problem(gw.get("/x", with_key(key[:-3] + "AAE")), 401, "authenticate.invalid")
    assert "the store of callers is down" in gw.admin("/ready").json()["notes"][0]
    away.rename(database)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 1, "the store to be up")
    lock = sqlite3.connect(database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    until(lambda: gw.metrics().sum("sallyport_store_up") == 0, "the lock to be noticed")
    assert gw.get("/x", with_key(key)).status == 200
    lock.execute("ROLLBACK")
    lock.close()
    until(lambda: gw.metrics().sum("sallyport_store_up") == 1, "the store to be up again")
    assert gw.admin("/ready").json()["notes"] == []
