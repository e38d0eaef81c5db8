"""The admin API and the commands that use it, on a real gateway with its real store and trail."""

import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from harness import binary
from harness.gateway import api
from harness.origin import always
from harness.wait import HANG, until
from harness.wire import RawClient

JSON = ("Content-Type", "application/json")


class Admin:
    """Asks the admin API of a gateway as the holder of one token."""

    def __init__(self, gw, token=True):
        self.gw, self.token = gw, token

    def __call__(self, method, path, body=None, headers=(), expect=None):
        fields = list(headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.append(JSON)
        response = self.gw.admin(path, method, body, fields, self.token)
        if expect is not None:
            assert response.status == expect, (response, response.text)
        return response

    def create(self, path, **members):
        return self("POST", path, members, expect=201).json()

    def consumer(self, name, **members):
        return self.create("/v1/consumers", name=name, **members)

    def all(self, path):
        """Every record of a list, page by page."""
        found, cursor = [], None
        while True:
            page = self("GET", path + (f"&cursor={cursor}" if cursor else ""), expect=200).json()
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                return found


def events(gw):
    """The events of the trail, oldest first, and what they say in detail."""
    found = []
    for line in (gw.folder / "state" / "audit" / "trail.jsonl").read_text().splitlines():
        event = json.loads(line)
        if "head" not in event:
            event["detail"] = json.loads(event["detail"])
            found.append(event)
    return found


def code(response):
    assert response.headers.get("Content-Type") == "application/problem+json", response
    return response.json()["code"]


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin(always(200))


@pytest.fixture(scope="module")
def shared(shared_gateway, upstream):
    """One gateway with state for the tests that do not stop it."""
    return shared_gateway({"a": api(upstream)}, state={"path": "state"})


@pytest.fixture
def admin(shared):
    return Admin(shared)


@pytest.fixture
def own(gateway, upstream):
    return gateway({"a": api(upstream)}, state={"path": "state"})


_numbers = itertools.count()


@pytest.fixture
def name():
    return f"consumer-{next(_numbers)}"


def with_role(shared, admin, role):
    made = admin.create("/v1/admin-tokens", name="test", role=role)
    return Admin(shared, made["token"])


# ---- who may ask ----

def test_the_first_token_is_printed_once(own):
    token = own.admin_token
    assert own.stderr.count(token) == 1
    assert Admin(own)("GET", "/v1/whoami").json()["role"] == "admin"
    own.stop()
    kept = b"".join(p.read_bytes() for p in (own.folder / "state").rglob("*") if p.is_file())
    assert token.split(".")[1].encode() not in kept
    own.start()
    assert own.stderr.count("spa_") == 1
    assert Admin(own, token)("GET", "/v1/whoami").status == 200


def test_without_a_token_only_probes_scrapers_and_the_document_are_answered(shared):
    for path in ("/health", "/ready", "/metrics", "/v1/openapi.json"):
        assert shared.admin(path, token=None).status == 200, path
    for path in ("/config", "/trails/x", "/explain?method=GET&url=/", "/v1/consumers", "/v1/keys",
                 "/v1/clients", "/v1/revocations?kind=token", "/v1/admin-tokens", "/v1/whoami"):
        response = shared.admin(path, token=None)
        assert code(response) == "admin.unauthenticated", path
        assert response.headers.one("WWW-Authenticate").startswith("Bearer")
    assert shared.admin("/reload", "POST", token=None).status == 401


def test_wrong_tokens_are_refused_recorded_and_limited(own):
    wrong = own.admin_token[:-1] + ("A" if own.admin_token[-1] != "A" else "E")
    others = ["x", "spk_" + own.admin_token[4:], own.admin_token.lower(), wrong]
    for token in others:
        assert code(own.admin("/v1/consumers", token=token)) == "admin.unauthenticated"
    basic = [("Authorization", "Basic YWRtaW46YWRtaW4=")]
    assert own.admin("/v1/consumers", headers=basic, token=None).status == 401
    twice = [("Authorization", f"Bearer {own.admin_token}")] * 2
    assert code(own.admin("/v1/consumers", headers=twice, token=None)) == "http.duplicate_field"
    answers = [own.admin("/v1/consumers", token="wrong").status for _ in range(20)]
    assert answers[0] == 401 and answers[-1] == 429
    assert Admin(own)("GET", "/v1/consumers").status == 200
    Admin(own).consumer("marker")
    failed = [e for e in events(own) if e["action"] == "admin.sign_in_failed"]
    assert 1 <= len(failed) <= 12
    assert failed[-1]["detail"]["from"] == "127.0.0.1"
    trail = (own.folder / "state" / "audit" / "trail.jsonl").read_text()
    assert wrong not in trail and own.admin_token not in trail
    assert own.admin_token.split(".")[1] not in own.stderr.replace(own.admin_token, "")


def test_too_little_role_is_refused_and_recorded(shared, admin, name):
    viewer = with_role(shared, admin, "viewer")
    assert viewer("GET", "/v1/consumers").status == 200
    for method, path in (("POST", "/v1/consumers"), ("POST", "/reload"), ("POST", "/v1/keys"),
                         ("GET", "/v1/admin-tokens")):
        assert code(viewer(method, path, {} if method == "POST" else None)) == "admin.forbidden"
    operator = with_role(shared, admin, "operator")
    consumer = operator.consumer(name)
    assert operator("DELETE", f"/v1/consumers/{consumer['id']}").status == 403
    assert operator("POST", "/v1/keys", {"consumer": consumer["id"]}).status == 403
    security = with_role(shared, admin, "security")
    security.create("/v1/keys", consumer=consumer["id"])
    assert security("POST", "/v1/admin-tokens", {"name": "x", "role": "viewer"}).status == 403
    assert any(e["action"] == "admin.refused" for e in events(shared))


def test_tokens_end_by_revocation_and_in_time(shared, admin):
    made = admin.create("/v1/admin-tokens", name="brief", role="viewer",
                        expires=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2)))
    brief = Admin(shared, made["token"])
    assert brief("GET", "/v1/whoami").status == 200
    until(lambda: brief("GET", "/v1/whoami").status in (401, 429), "the token to expire")
    lasting = with_role(shared, admin, "admin")
    own_id = lasting("GET", "/v1/whoami").json()["id"]
    assert lasting("POST", f"/v1/admin-tokens/{own_id}/revoke").status == 200
    assert lasting("GET", "/v1/whoami").status in (401, 429)


def test_pages_of_other_sites_change_nothing(shared, admin, name):
    for headers in ([("Origin", "https://evil.example")], [("Sec-Fetch-Site", "cross-site")],
                    [("Origin", "null")]):
        assert code(admin("POST", "/v1/consumers", {"name": name}, headers)) == "admin.cross_site"
    with RawClient(shared.admin_port, default_host="evil.example") as client:
        response = client.call("GET", "/v1/consumers",
                               [("Authorization", f"Bearer {shared.admin_token}")])
        assert code(response) == "admin.wrong_host"


def test_without_state_there_is_nothing_to_manage_and_no_token_is_asked_for(gateway, upstream):
    gw = gateway({"a": api(upstream)})
    assert gw.admin("/config").status == 200
    response = gw.admin("/v1/consumers")
    assert code(response) == "admin.no_state"
    assert "state" in response.json()["detail"]


# ---- what is asked ----

def test_bodies_are_read_strictly(admin, name):
    cases = [
        (b"{", [JSON], 400, "admin.bad_json"),
        (b'{"name":"a","name":"b"}', [JSON], 400, "admin.bad_json"),
        (b'{"name":"\xff"}', [JSON], 400, "admin.bad_json"),
        (b"[" * 2000, [JSON], 400, "admin.bad_json"),
        (b'{"nome":"a"}', [JSON], 422, "admin.invalid"),
        (b'{"name":"a","id":"b"}', [JSON], 422, "admin.invalid"),
        (b'{"name":"a\\u0000"}', [JSON], 422, "admin.invalid"),
        (b"name=a", [("Content-Type", "application/x-www-form-urlencoded")], 415,
         "admin.media_type"),
        (b"{}", [], 415, "admin.media_type"),
    ]
    for body, headers, status, expected in cases:
        response = admin("POST", "/v1/consumers", body, headers)
        assert (response.status, code(response)) == (status, expected), body[:40]
    answer = admin("POST", "/v1/consumers", {"name": name, "plann": "x"})
    assert "`plann`" in answer.json()["detail"] and "`plan`" in answer.json()["detail"]
    assert admin("PUT", "/v1/consumers", b"{}", [JSON]).headers.one("Allow") == "GET, HEAD, POST"


def test_bodies_are_bounded(shared, admin):
    with RawClient(shared.admin_port, default_host=f"127.0.0.1:{shared.admin_port}") as client:
        client.send(b"POST /v1/consumers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                    b"\r\nContent-Length: 1073741824\r\nAuthorization: Bearer "
                    + shared.admin_token.encode() + b"\r\n\r\n")
        assert code(client.response("POST")) == "admin.body_too_large"
    with RawClient(shared.admin_port, default_host=f"127.0.0.1:{shared.admin_port}") as client:
        client.send(b"POST /v1/consumers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                    b"\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer "
                    + shared.admin_token.encode() + b"\r\n\r\n")
        try:
            for _ in range(40):
                client.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except OSError:
            pass  # it has said enough
        assert code(client.response("POST")) == "admin.body_too_large"
    # Nobody's body is read.
    with RawClient(shared.admin_port, default_host=f"127.0.0.1:{shared.admin_port}") as client:
        client.send(b"POST /v1/consumers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        assert client.response("POST").status == 401


def test_the_document_describes_every_route_and_answers_fit_it(shared, admin, name):
    document = shared.admin("/v1/openapi.json", token=None).json()
    assert document["openapi"] == "3.1.0"
    operations = [(method.upper(), path, operation)
                  for path, of_path in document["paths"].items()
                  for method, operation in of_path.items()]
    assert len(operations) > 30
    nobody = Admin(shared, None)
    for method, path, operation in operations:
        target = re.sub(r"{[^}]*}", "x", path)
        response = nobody(method, target)
        assert response.status == (401 if operation["security"] and {} not in operation["security"] else 200), (method, path)
    unknown = admin("DELETE", "/v1/whoami")
    assert unknown.status == 405 and unknown.headers.one("Allow") == "GET, HEAD"

    def fits(schema, value, where):
        if "$ref" in schema:
            return fits(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], value,
                        where)
        if "enum" in schema:
            assert value in schema["enum"], where
            return None
        if "type" not in schema:  # any value
            return None
        kinds = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict,
                 "null": type(None)}
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert type(value) in [kinds[each] for each in types], (where, value)
        if isinstance(value, dict):
            assert set(schema.get("required", [])) <= set(value), where
            if schema.get("additionalProperties") is False:
                assert set(value) <= set(schema["properties"]), where
            for key, each in value.items():
                if key in schema.get("properties", {}):
                    fits(schema["properties"][key], each, f"{where}.{key}")
        if isinstance(value, list) and "items" in schema:
            for each in value:
                fits(schema["items"], each, where)
        return None

    def answer(operation_id, response):
        operation = next(o for _, _, o in operations if o["operationId"] == operation_id)
        content = operation["responses"][str(response.status)]["content"]
        fits(content["application/json"]["schema"], response.json(), operation_id)
        return response.json()

    consumer = answer("create_consumer", admin("POST", "/v1/consumers", {"name": name}))
    answer("get_consumer", admin("GET", f"/v1/consumers/{consumer['id']}"))
    answer("list_consumers", admin("GET", "/v1/consumers"))
    key = answer("issue_key", admin("POST", "/v1/keys", {"consumer": consumer["id"]}))
    answer("rotate_key", admin("POST", f"/v1/keys/{key['id']}/rotate", {}))
    answer("revoke_key", admin("POST", f"/v1/keys/{key['id']}/revoke"))
    answer("list_keys", admin("GET", f"/v1/keys?consumer={consumer['id']}"))
    client = answer("create_client", admin("POST", "/v1/clients", {"consumer": consumer["id"]}))
    answer("get_client", admin("GET", f"/v1/clients/{client['id']}"))
    answer("issue_client_secret", admin("POST", f"/v1/clients/{client['id']}/secret"))
    answer("list_clients", admin("GET", "/v1/clients"))
    answer("revoke_tokens", admin("POST", "/v1/revocations", {
        "kind": "token", "value": name, "until": "2096-01-01T00:00:00Z"}))
    answer("list_revocations", admin("GET", "/v1/revocations?kind=token"))
    answer("create_admin_token", admin("POST", "/v1/admin-tokens", {"name": "x", "role": "viewer"}))
    answer("list_admin_tokens", admin("GET", "/v1/admin-tokens"))
    answer("whoami", admin("GET", "/v1/whoami"))
    answer("ready", admin("GET", "/ready"))
    answer("health", admin("GET", "/health"))
    answer("get_config", admin("GET", "/config"))


def test_lists_come_page_by_page(admin, name):
    lines = "".join(json.dumps({"name": f"{name}-{i:03}"}) + "\n" for i in range(250))
    answer = admin("POST", "/v1/consumers/import", lines.encode(),
                   [("Content-Type", "application/jsonl")])
    assert answer.json() == {"imported": 250, "skipped": 0}
    found = [each["name"] for each in admin.all("/v1/consumers?limit=37")]
    assert found == sorted(found)
    assert [n for n in found if n.startswith(name + "-")] == [f"{name}-{i:03}" for i in range(250)]
    for query in ("limit=0", "limit=1001", "limit=1&limit=2", "cursor=%20", "nothing=1"):
        assert code(admin("GET", f"/v1/consumers?{query}")) == "admin.bad_query", query


# ---- what is changed ----

def test_a_record_is_changed_only_as_it_was_read(admin, name):
    place = f"/v1/consumers/{admin.consumer(name)['id']}"
    tag = admin("GET", place).headers.one("ETag")
    assert admin("PATCH", place, {"plan": "gold"}, [("If-Match", tag)]).status == 200
    assert code(admin("PATCH", place, {"plan": "x"}, [("If-Match", tag)])) == \
        "admin.changed_meanwhile"
    assert code(admin("PATCH", place, {"plan": "x"}, [("If-Match", tag)] * 2)) == \
        "admin.changed_meanwhile"
    assert admin("GET", place).json()["plan"] == "gold"


def test_every_change_is_in_the_trail_when_it_is_acknowledged(shared, admin, name):
    consumer = admin.consumer(name)
    key = admin.create("/v1/keys", consumer=consumer["id"], label="ci")
    admin("PATCH", f"/v1/keys/{key['id']}", {"label": "cd"}, expect=200)
    fresh = admin("POST", f"/v1/keys/{key['id']}/rotate", {"overlap_seconds": 60}, expect=201).json()
    admin("POST", f"/v1/keys/{fresh['id']}/revoke", expect=200)
    admin("DELETE", f"/v1/consumers/{consumer['id']}", expect=204)
    trail = events(shared)  # without waiting
    mine = [e for e in trail if consumer["id"] in e["object"] or key["id"] in e["object"]
            or fresh["id"] in e["object"]]
    assert [e["action"] for e in mine] == [
        "consumer.create", "api_key.issue", "api_key.update", "api_key.rotate", "api_key.revoke",
        "consumer.remove"]
    who = admin("GET", "/v1/whoami").json()["id"]
    for event in mine:
        assert event["actor"] == f"token/{who}"
        assert event["detail"]["from"] == "127.0.0.1" and event["detail"]["role"] == "admin"
    assert mine[2]["detail"]["change"] == {"label": {"from": "ci", "to": "cd"}}
    text = (shared.folder / "state" / "audit" / "trail.jsonl").read_text()
    for secret in (key["key"], fresh["key"]):
        assert secret.split(".")[1] not in text
        assert secret.split(".")[1] not in shared.stderr


def test_nothing_acknowledged_is_lost_by_kill_9(own):
    """In the middle of 1,000 writes."""
    acknowledged, lock = set(), threading.Lock()
    token, port = own.admin_token, own.admin_port

    def write(worker):
        for i in range(250):
            wanted = f"w{worker}-{i}"
            body = json.dumps({"name": wanted}).encode()
            try:
                with RawClient(port, default_host=f"127.0.0.1:{port}") as client:
                    response = client.call("POST", "/v1/consumers", [
                        ("Connection", "close"), JSON, ("Authorization", f"Bearer {token}")], body)
            except Exception:  # noqa: BLE001: it was killed
                return
            assert response.status == 201, response
            with lock:
                acknowledged.add(wanted)

    threads = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) > 300, "some writes")
    own.process.send_signal(signal.SIGKILL)
    own.process.wait(HANG)
    for thread in threads:
        thread.join()
    assert 300 < len(acknowledged) < 1000
    own.restart()
    admin = Admin(own, token)
    kept = {each["name"] for each in admin.all("/v1/consumers?limit=1000")}
    assert acknowledged <= kept
    recorded = {e["detail"]["change"]["name"]["to"] for e in events(own)
                if e["action"] == "consumer.create"}
    assert kept <= recorded


# ---- the commands ----

class Commands:
    def __init__(self, gw, token):
        self.gw, self.token = gw, token

    def __call__(self, *arguments, expect=0, input=None, env=None):
        done = binary.run(*arguments, "--admin", f"http://127.0.0.1:{self.gw.admin_port}",
                          input=input,
                          env=env if env is not None else {"SALLYPORT_ADMIN_TOKEN": self.token})
        assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *arguments, **named):
        return json.loads(self(*arguments, "--output", "json", **named).stdout)


@pytest.fixture
def run(shared):
    return Commands(shared, shared.admin_token)


def test_commands_manage_consumers_and_keys(run, name):
    made = run.json("consumers", "create", name, "--group", "eu", "--group", "us", "--plan", "gold",
                    "--metadata", '{"tier":1}')
    assert made["groups"] == ["eu", "us"] and made["metadata"] == {"tier": 1}
    assert name in run("consumers", "list").stdout
    assert run.json("consumers", "show", name) == made
    assert run.json("consumers", "show", made["id"]) == made
    assert run.json("consumers", "change", name, "--disable")["disabled"] is True
    key = run.json("keys", "create", name, "--scope", "a", "--network", "10.0.0.0/8",
                   "--expires", "90d")
    assert key["key"].startswith("spk_") and key["scopes"] == ["a"]
    fresh = run.json("keys", "rotate", key["id"], "--overlap", "1h")
    assert {k["id"] for k in run.json("keys", "list", "--consumer", name)} == \
        {key["id"], fresh["id"]}
    assert run.json("keys", "revoke", key["id"])["revoked"]
    assert "revoked" in run("keys", "show", key["id"]).stdout
    run("keys", "remove", key["id"])
    run("keys", "show", key["id"], expect=2)
    client = run.json("clients", "create", name, "--scope", "a")
    assert len(client["secret"]) == 43
    assert run.json("clients", "rotate", client["id"])["secret"] != client["secret"]
    assert client["id"] in run("clients", "list").stdout
    run("clients", "remove", client["id"])
    run("consumers", "remove", name)
    assert "there is no consumer" in run("consumers", "show", name, expect=2).stderr


def test_commands_revoke_tokens_and_make_admin_tokens(run, name):
    run("tokens", "revoke", "--subject", name, "--until", "1d")
    assert name in run("tokens", "list", "--kind", "subject").stdout
    run("tokens", "restore", "--subject", name)
    assert name not in run("tokens", "list", "--kind", "subject").stdout
    run("tokens", "revoke", "--until", "1d", expect=2)
    made = run.json("admin-tokens", "create", name, "--role", "viewer", "--expires", "1d")
    viewer = Commands(run.gw, made["token"])
    viewer("consumers", "list")
    assert "role operator" in viewer("consumers", "create", "x", expect=2).stderr
    run("admin-tokens", "revoke", made["id"])
    assert "credential" in viewer("consumers", "list", expect=2).stderr


def test_the_token_comes_from_a_file_of_its_owner_only(run, tmp_path):
    file = tmp_path / "token"
    file.write_text(run.token + "\n")
    file.chmod(0o600)
    run("consumers", "list", "--token-file", str(file), env={})
    file.chmod(0o640)
    refused = run("consumers", "list", "--token-file", str(file), env={}, expect=2)
    assert "chmod 600" in refused.stderr and run.token not in refused.stderr
    assert "SALLYPORT_ADMIN_TOKEN" in run("consumers", "list", env={}, expect=2).stderr
    away = binary.run("consumers", "list", "--admin", "http://192.0.2.1:9901",
                      env={"SALLYPORT_ADMIN_TOKEN": run.token})
    assert away.returncode == 2 and "could be read" in away.stderr


def test_reload_and_explain_show_the_token_too(run):
    run("reload")
    assert binary.run("reload", "--admin", f"http://127.0.0.1:{run.gw.admin_port}").returncode == 2
    until(lambda: any(e["action"].startswith("config.") and e["actor"].startswith("token/")
                      for e in events(run.gw)), "the reload to be recorded with its token")


def test_consumers_are_imported_from_csv_and_json_lines(run, name, tmp_path):
    file = tmp_path / "partners.csv"
    file.write_text(f'name,groups,metadata,disabled\n{name}-a,eu;us,"{{""x"": ""a,b""}}",true\n'
                    f'"{name}-b",,,\n')
    assert run.json("consumers", "import", str(file)) == {
        "imported": 2, "skipped": 0, "complete": True}
    first = run.json("consumers", "show", f"{name}-a")
    assert first["groups"] == ["eu", "us"] and first["metadata"] == {"x": "a,b"}
    assert first["disabled"] is True
    lines = "\n".join(json.dumps({"name": f"{name}-{c}"}) for c in "abc")
    refused = run("consumers", "import", "-", input=lines, expect=2)
    assert "lines 1 to 3" in refused.stderr and f"{name}-a" in refused.stderr
    again = run.json("consumers", "import", "--skip-existing", "-", input=lines)
    assert again == {"imported": 1, "skipped": 2, "complete": True}
    for text in ("nome\nx\n", "name,name\nx,y\n", "name\n\"x\n", "name,groups\nx\n", ""):
        run("consumers", "import", "--format", "csv", "-", input=text, expect=2)


def test_a_large_import_arrives_whole(own):
    """Ten thousand here; how long a hundred thousand take is measured, not asserted."""
    run = Commands(own, own.admin_token)
    lines = "\n".join(json.dumps({"name": f"bulk-{i:06}", "groups": ["g"]}) for i in range(10_000))
    assert run.json("consumers", "import", "-", input=lines)["imported"] == 10_000
    assert len(run.json("consumers", "list")) == 10_000
    recorded = [n for e in events(own) if e["action"] == "consumer.import"
                for n in e["detail"]["change"]["consumers"].values()]
    assert sorted(recorded) == [f"bulk-{i:06}" for i in range(10_000)]
