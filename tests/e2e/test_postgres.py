"""Several gateways that share one PostgreSQL server: what each knows of the other's callers, and what
becomes of them when the server, or a gateway, is killed."""

import concurrent.futures
import json
import signal
import subprocess
import threading

import pytest

from harness import binary, postgres
from harness.callers import JSON, Callers
from harness.gateway import api
from harness.load import Load
from harness.origin import echo
from harness.wait import HANG, until
from harness.wire import RawClient

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
OTHER = "ff" + KEY[2:]


@pytest.fixture(scope="module")
def shared_server():
    server = postgres.Server()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server):
    """With nothing of an earlier test in it."""
    shared_server.sql("DROP SCHEMA IF EXISTS sallyport CASCADE", "sallyport")
    return shared_server


@pytest.fixture
def node(gateway, origin, server):
    """Makes gateways that share the server, not started yet."""
    upstream = origin(echo)

    def make(state=None, env=None, **more):
        part = api(upstream, authenticate={"api_key": {}})
        del part["public"]
        made = gateway({"a": part}, start=False, state=state or server.state(),
                       env={"THE_KEY": KEY, "DB_PASSWORD": postgres.PASSWORD, **(env or {})}, **more)
        made.state, made.apis = made.folder / "state", {"a": part}
        return made
    return make


@pytest.fixture
def two(node):
    """Two that run. Only the first has a token that it told."""
    first = node().start()
    second = node().start()
    return first, second


def with_key(key):
    return [("X-API-Key", key)]


def status(gw, key):
    return gw.get("/x", with_key(key)).status


def issue(gw, consumer, **members):
    """A new key, as id and text."""
    answer = gw.admin("/v1/keys", "POST", json.dumps({"consumer": consumer, **members}).encode(), JSON)
    assert answer.status == 201, answer.text
    return answer.json()["id"], answer.json()["key"]


def revoke(gw, key_id):
    answer = gw.admin(f"/v1/keys/{key_id}/revoke", "POST")
    assert answer.status == 200, answer.text


def notes(gw, token=True):
    return gw.admin("/ready", token=token).json()["notes"]


def up(gw):
    return gw.metrics().sum("sallyport_store_up") == 1


def command(gw, *arguments, input=None, status=0):
    done = binary.run(*arguments, "--config", gw.file, cwd=gw.folder, input=input, env=gw.env)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def checked(gw, status):
    done = binary.run("check", gw.file, env=gw.env)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def refused(gw):
    """Starts it in vain; what it said."""
    done = subprocess.run([str(binary.binary()), "run", "--config", str(gw.file)], cwd=gw.folder,
                          env=binary.environment(**gw.env), capture_output=True, text=True,
                          timeout=HANG)
    assert done.returncode == 2, done.stderr
    assert not binary.REPORT.search(done.stderr), done.stderr
    assert postgres.PASSWORD not in done.stderr and KEY not in done.stderr
    lines = [line for line in done.stderr.splitlines() if " error: " in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_the_first_token_is_made_once_for_all_nodes(two):
    first, second = two
    assert first.admin_token is not None
    assert second.admin_token is None
    until(lambda: second.admin("/v1/consumers", token=first.admin_token).status == 200,
          "the token to be known to the second")


def test_nodes_that_start_at_once_agree(node, server):
    made = [node().start(wait=False) for _ in range(4)]
    for each in made:
        until(each._ready, "it to be ready")
    assert len([each for each in made if each.admin_token]) == 1
    assert server.sql("SELECT count(*) FROM sallyport.admin_tokens", "sallyport") == "1"
    assert server.sql("SELECT count(*) FROM sallyport.secrets", "sallyport") == "1"


def test_what_one_node_changes_the_other_knows(two):
    first, second = two
    callers = Callers(first)
    ada = callers.consumer("ada", roles=["reader"])
    key_id, key = issue(first, ada)
    until(lambda: status(second, key) == 200, "the key to be known to the second")
    assert status(first, key) == 200
    revoke(first, key_id)
    assert status(first, key) == 401
    until(lambda: status(second, key) == 401, "the revocation to be known to the second")
    other_id, other = issue(first, ada)
    until(lambda: status(second, other) == 200, "the second key")
    assert first.admin(f"/v1/consumers/{ada}", "DELETE").status == 204
    until(lambda: status(second, other) == 401, "the consumer to be gone")


def test_the_second_node_changes_things_too(two):
    first, second = two
    ada = Callers(first).consumer("ada")
    token = first.admin_token
    until(lambda: second.admin(f"/v1/consumers/{ada}", token=token).status == 200, "the token")
    answer = second.admin("/v1/keys", "POST", json.dumps({"consumer": ada}).encode(), JSON, token)
    assert answer.status == 201, answer.text
    until(lambda: status(first, answer.json()["key"]) == 200, "the key to be known to the first")


def test_an_import_is_seen_by_the_other(two):
    first, second = two
    lines = "".join(json.dumps({"name": f"c{i}"}) + "\n" for i in range(3000)).encode()
    answer = first.admin("/v1/consumers/import", "POST", lines,
                         [("Content-Type", "application/jsonl")])
    assert answer.status == 200, answer.text
    until(lambda: second.metrics().sum("sallyport_store_consumers") == 3000, "all of them")


def test_uses_of_keys_are_written_by_both_and_make_nobody_read_anew(two, server):
    first, second = two
    key_id, key = issue(first, Callers(first).consumer("ada"))
    until(lambda: status(second, key) == 200, "the key to be known")
    before = server.sql("SELECT max(seq) FROM sallyport.changes", "sallyport")
    second.stop()  # which writes them down
    used = server.sql(f"SELECT last_used FROM sallyport.api_keys WHERE id = '{key_id}'", "sallyport")
    assert used != ""
    assert server.sql("SELECT max(seq) FROM sallyport.changes", "sallyport") == before


def test_a_server_that_is_killed_under_load_refuses_nobody_who_was_known(two, server):
    first, second = two
    key_id, key = issue(first, Callers(first).consumer("ada"))
    until(lambda: status(second, key) == 200, "the key to be known")
    headers = with_key(key)

    class Client(RawClient):
        def call(self, method, target, *rest, **named):
            return super().call(method, target, headers)

    with Load(first.port, clients=2, open_client=lambda: Client(first.port)) as one, \
            Load(second.port, clients=2, open_client=lambda: Client(second.port)) as other:
        server.kill()
        for gw in two:
            until(lambda: not up(gw), "the store to be down")
            answer = gw.admin("/ready")
            assert answer.status == 200
            assert "the store of callers is down since" in answer.json()["notes"][0]
        answer = first.admin(f"/v1/keys/{key_id}/revoke", "POST")
        assert answer.status == 503, answer.text
        assert status(first, key) == status(second, key) == 200
        server.start()
        for gw in two:
            until(lambda: up(gw), "the store to be up again")
            assert notes(gw) == []
    assert one.failures == [] and one.served > 0
    assert other.failures == [] and other.served > 0
    revoke(first, key_id)
    until(lambda: status(second, key) == 401, "the revocation after the outage")
    assert postgres.PASSWORD not in first.stderr + second.stderr


def test_a_node_that_is_killed_in_the_midst_of_writes_loses_none_that_was_acknowledged(node):
    gw = node().start()
    token = gw.admin_token
    acknowledged, lock = [], threading.Lock()

    def write(number):
        try:
            answer = gw.admin("/v1/consumers", "POST", json.dumps({"name": f"c{number}"}).encode(),
                              JSON, token)
        except (OSError, AssertionError):
            return
        if answer.status == 201:
            with lock:
                acknowledged.append(f"c{number}")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = [pool.submit(write, number) for number in range(1000)]
        until(lambda: len(acknowledged) >= 300, "some writes to be acknowledged")
        gw.process.kill()
        concurrent.futures.wait(done)
    gw.kill()
    assert 300 <= len(acknowledged) < 1000
    other = node().start()
    found = set()
    cursor = ""
    while cursor is not None:
        page = other.admin("/v1/consumers?limit=1000" + (f"&cursor={cursor}" if cursor else ""),
                           token=token).json()
        found.update(each["name"] for each in page["items"])
        cursor = page["next"]
    assert set(acknowledged) <= found
    command(gw, "audit-log", "verify")


def test_a_write_outwaits_another_that_takes_long(two, server):
    first, _ = two
    callers = Callers(first)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        with server.transaction(
                "SELECT pg_advisory_xact_lock(1936749428, hashtext('sallyport'))",
                "sallyport"):
            made = pool.submit(callers.consumer, "ada")
            until(lambda: attempts(server) != "", "the write to wait")
            before = attempts(server)
            # One attempt has ended, and the next one waits.
            until(lambda: attempts(server) not in ("", before), "a second attempt")
        assert made.result(HANG)


def attempts(server):
    """When whoever waits for the lock began to."""
    return server.sql("SELECT query_start FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                      "wait_event = 'advisory'")


def test_a_node_that_stands_still_in_a_transaction_does_not_hold_up_the_others_for_ever(two, server):
    """It is stopped while its write waits for a table: behind it the write has the lock of all
    writers, and nobody to end the transaction."""
    first, second = two
    Callers(first).consumer("ada")
    token = first.admin_token
    sessions = ("SELECT count(*) FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE "
                "locktype = 'advisory' AND granted AND ")

    def write(gw, name):
        return gw.admin("/v1/consumers", "POST", json.dumps({"name": name}).encode(), JSON, token)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        with server.transaction("LOCK TABLE sallyport.consumers IN EXCLUSIVE MODE", "sallyport"):
            stuck = pool.submit(write, first, "stuck")
            until(lambda: server.sql(sessions + "wait_event = 'relation'") == "1",
                  "the write to wait for the table")
            first.signal(signal.SIGSTOP)
        try:
            until(lambda: server.sql(sessions + "state LIKE 'idle in transaction%'") == "1",
                  "the transaction to stand still")
            made = write(second, "eve")
            assert made.status == 201, made.text
            assert not stuck.done()
        finally:
            first.signal(signal.SIGCONT)
        assert stuck.result(HANG).status == 503
    until(lambda: up(first), "the first to be up again")
    assert write(first, "stuck").status == 201, "it had been kept"
    until(lambda: notes(first) == [], "nothing to be wrong any more")


@pytest.mark.parametrize("change, said", [
    ({"env": {"DB_PASSWORD": "wrong"}}, "password authentication failed"),
    ({"database": "nowhere"}, 'database "nowhere" does not exist'),
    ({"host": "127.0.0.1", "port": 1}, "refused"),
    ({"user": "nobody-known"}, "password authentication failed"),
    ({"host": "127.0.0.1", "sslmode": "require"}, "does not support SSL"),
])
def test_what_is_wrong_with_the_connection_is_one_line(node, server, change, said):
    env = change.pop("env", None)
    assert said in refused(node(state=server.state(**change), env=env))


def test_another_master_key_is_refused(node):
    node().start().stop()
    wrong = node(env={"THE_KEY": OTHER})
    assert "sealed under the master key" in refused(wrong)
    assert OTHER not in refused(wrong)
    node().start()


def test_tables_of_others_and_of_newer_programs_are_refused(node, server):
    server.sql("CREATE SCHEMA sallyport AUTHORIZATION sallyport", "sallyport")
    server.sql("CREATE TABLE sallyport.bookmarks (a TEXT)", "sallyport")
    assert "tables of another program in the schema sallyport" in refused(node())
    gw = node(state=server.state(schema="another"))
    gw.start().stop()
    version = server.sql("SELECT version FROM another.schema_version", "sallyport")
    server.sql("UPDATE another.schema_version SET version = 99", "sallyport")
    assert "of version 99" in refused(gw)
    server.sql(f"UPDATE another.schema_version SET version = {version}; DROP TABLE another.api_keys",
               "sallyport")
    assert "restore them from a backup" in refused(gw)
    server.sql("DROP SCHEMA another CASCADE", "sallyport")


def test_the_environment_of_other_programs_does_not_matter(node):
    gw = node(env={"PGHOST": "nowhere.invalid", "PGPASSWORD": "wrong", "PGSERVICE": "nowhere",
                   "PGOPTIONS": "-c search_path=elsewhere", "PGSSLMODE": "verify-full"})
    gw.start()
    assert notes(gw) == []


def test_the_password_is_told_to_nobody(node):
    gw = node().start()
    told = gw.stderr + gw.admin("/config").text + gw.admin("/metrics").text
    assert postgres.PASSWORD not in told
    assert "${env:DB_PASSWORD}" in gw.admin("/config").text
    gw.stop()
    for file in gw.state.rglob("*"):
        assert not file.is_file() or postgres.PASSWORD.encode() not in file.read_bytes()


def test_another_database_takes_a_restart(node, server):
    gw = node().start()
    gw.reload({"apis": gw.apis, "drain": "3s", "state": server.state()})
    gw.write({"apis": gw.apis, "state": server.state(schema="elsewhere")})
    answer = gw.admin("/reload", "POST")
    assert answer.status == 422 and "restart" in answer.text, answer.text


def test_commands_beside_the_gateway(node, server):
    gw = node()
    key = json.loads(command(gw, "state", "import", "-",
                             input='{"name":"ada","keys":[{}]}\n').stdout)["keys"][0]
    gw.start()
    assert status(gw, key) == 200
    shown = json.loads(command(gw, "state", "show", "--output", "json").stdout)
    assert shown["consumers"] == 1
    assert shown["database"] == f"sallyport at {server.folder}"
    command(gw, "state", "revoke-key", key[4:20])
    until(lambda: status(gw, key) == 401, "the revocation")
    command(gw, "audit-log", "verify")
    assert not (gw.state / "sallyport.db").exists()


def test_a_store_moves_from_its_file_to_the_server(node, server):
    alone = server.state()
    del alone["postgres"]
    gw = node(state=alone)
    key, = (json.loads(command(gw, "state", "import", "-",
                               input='{"name":"ada","keys":[{}]}\n').stdout)["keys"])
    gw.start()
    token = gw.admin_token
    assert status(gw, key) == 200
    gw.stop()
    assert "names no state.postgres" in command(gw, "state", "copy", status=2).stderr
    gw.write({"apis": gw.apis, "state": server.state()})
    assert "records copied to sallyport at" in command(gw, "state", "copy").stdout
    assert "already" in command(gw, "state", "copy", status=2).stderr
    (gw.state / "sallyport.db").rename(gw.folder / "kept.db")
    gw.start()
    assert status(gw, key) == 200
    assert gw.admin("/v1/consumers", token=token).json()["items"][0]["name"] == "ada"
    gw.stop()
    command(gw, "audit-log", "verify")
    assert '"state.copy"' in (gw.state / "audit" / "trail.jsonl").read_text()


@pytest.fixture(scope="module")
def tls_server(authority):
    server = postgres.Server(authority.issue("postgres", "localhost", "db.example"))
    yield server
    server.stop()


@pytest.mark.parametrize("sslmode, host, ca, said", [
    ("verify-full", "localhost", "authority", None),
    ("verify-full", "127.0.0.1", "authority", "does not match host name"),
    ("verify-ca", "127.0.0.1", "authority", None),
    ("verify-full", "localhost", "other_authority", "certificate verify failed"),
    ("require", "127.0.0.1", None, None),
    (None, "127.0.0.1", None, None),
    ("disable", "127.0.0.1", None, "no encryption"),
])
def test_the_server_proves_who_it_is(node, tls_server, request, sslmode, host, ca, said):
    more = {"host": host}
    if sslmode:
        more["sslmode"] = sslmode
    if ca:
        more["ca"] = request.getfixturevalue(ca).cert
    gw = node(state=tls_server.state(**more))
    if said:
        assert said in refused(gw)
        return
    gw.start()
    assert tls_server.sql("SELECT count(*) FROM pg_stat_ssl WHERE ssl", "sallyport") == "1"


@pytest.mark.parametrize("postgres_part, status, said", [
    ({"host": "db.example"}, 2, "cannot be verified without `ca`"),
    ({"host": ["127.0.0.1", "db.example"]}, 2, "cannot be verified without `ca`"),
    ({"host": "db.example", "sslmode": "disable"}, 0, "in the clear"),
    ({"host": "db.example", "sslmode": "require"}, 0, "whoever answers is believed"),
    ({"host": "127.0.0.1"}, 0, None),
    ({"host": "127.0.0.1", "sslmode": "prefer"}, 2, "verify-full"),
    ({"host": "127.0.0.1", "schema": 'a"b'}, 2, "small letters"),
    ({"host": "127.0.0.1", "password": "plain"}, 2, "${env:NAME}"),
    ({"host": "a b"}, 2, "is not one host"),
    ({"host": []}, 2, "host"),
    ({"port": 5432}, 2, "host"),
])
def test_the_configuration_is_checked(node, server, postgres_part, status, said):
    state = server.state()
    state["postgres"] = postgres_part
    gw = node(state=state)
    done = checked(gw, status)
    assert said is None or said in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_shared_database_needs_a_shared_key(node, server):
    state = server.state()
    del state["master_key"]
    done = checked(node(state=state), 2)
    assert "several gateways can share a database only with one key" in done.stdout + done.stderr
