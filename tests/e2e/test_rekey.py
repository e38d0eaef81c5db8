"""A new master key by command: everything that is sealed opens under it, the former one opens
nothing, and what ends the command in between leaves a store that can be opened."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import time

import pytest

from harness import binary
from harness.callers import Callers
from harness.gateway import api
from harness.origin import always
from harness.wait import HANG

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
NEW = "ff" + KEY[2:]


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin(always(200))


@pytest.fixture
def kept(gateway, upstream):
    """A gateway that has kept a revision, signing keys and an API key, and was stopped."""
    def make(env=None, **state):
        closed = api(upstream, authenticate={"api_key": {}})
        del closed["public"]
        made = gateway({"a": closed}, start=False, env=env, state={"path": "state", **state})
        made.write({"apis": {"a": closed}, "state": {"path": "state", **state},
                    "token_service": {"issuer": f"http://127.0.0.1:{made.port}",
                                      "audiences": ["https://api.example.com"]}})
        made.state = made.folder / "state"
        made.start()
        consumer = Callers(made).consumer("shop")
        response = made.admin("/v1/keys", "POST", json.dumps({"consumer": consumer}).encode(),
                              [("Content-Type", "application/json")])
        made.key = response.json()["key"]
        made.jwks = jwks(made)
        made.stop()
        return made
    return make


def jwks(gw):
    return gw.get("/oauth/jwks", host=f"127.0.0.1:{gw.port}").json()


def command(gw, *arguments, status=0, env=None):
    done = binary.run(*arguments, "--config", gw.file, cwd=gw.folder, env={**gw.env, **(env or {})})
    assert done.returncode == status, (done.returncode, done.stdout + done.stderr)
    return done


def rekey(gw, *arguments, status=0, env=None):
    return command(gw, "state", "rekey", *arguments, status=status, env=env)


def refused(gw):
    done = subprocess.run([str(binary.binary()), "run", "--config", str(gw.file)], cwd=gw.folder,
                          env=binary.environment(**gw.env), capture_output=True, text=True,
                          timeout=HANG)
    assert done.returncode == 2, done.stderr
    assert not binary.REPORT.search(done.stderr), done.stderr
    return done.stderr


def sealed_under(gw):
    """Names of the master keys that anything is sealed under."""
    database = sqlite3.connect(gw.state / "sallyport.db", timeout=30)
    try:
        rows = [row for table in ("secrets", "signing_keys", "config_revisions")
                for row in database.execute(f"SELECT sealed FROM {table}")]
    finally:
        database.close()
    assert len(rows) == 3
    return {bytes(sealed)[1:9].hex() for (sealed,) in rows}


def works(gw):
    gw.start()
    try:
        assert gw.get("/", [("X-API-Key", gw.key)]).status == 200
        assert jwks(gw) == gw.jwks
        listed = gw.admin("/v1/config/revisions").json()["items"]
        assert gw.admin(f"/v1/config/revisions/{listed[-1]['number']}/text").status == 200
    finally:
        gw.stop()


def test_a_key_in_the_folder_is_replaced(kept):
    gw = kept()
    before = (gw.state / "master.key").read_bytes()
    former = sealed_under(gw)
    said = json.loads(rekey(gw, "--output", "json").stdout)
    assert said["secrets"] == 3 and {said["former"]} == former
    assert sealed_under(gw) == {said["current"]}
    after = (gw.state / "master.key").read_bytes()
    assert after != before and (gw.state / "master.key").stat().st_mode & 0o777 == 0o600
    assert not (gw.state / "master.key.next").exists()
    works(gw)
    (gw.state / "master.key").write_bytes(before)
    assert "sealed under the master key" in refused(gw)


def test_a_key_from_elsewhere_is_replaced(kept):
    gw = kept(env={"THE_KEY": KEY}, master_key={"env": "THE_KEY"})
    assert "--new-key-file" in rekey(gw, status=2).stderr
    out = rekey(gw, "--new-key-env", "NEW_KEY", env={"NEW_KEY": NEW})
    assert "3 secrets are sealed anew" in out.stdout
    assert NEW not in out.stdout + out.stderr and KEY not in out.stdout + out.stderr
    assert "master key" in refused(gw)
    gw.env["THE_KEY"] = NEW
    works(gw)


def test_a_key_in_a_file_is_replaced(kept, tmp_path):
    (tmp_path / "one").write_text(KEY)
    (tmp_path / "two").write_text(NEW)
    for file in ("one", "two"):
        (tmp_path / file).chmod(0o600)
    gw = kept(master_key={"file": str(tmp_path / "one")})
    rekey(gw, "--new-key-file", tmp_path / "two")
    # Once more, as after an interruption: there is nothing left to do.
    again = json.loads(rekey(gw, "--new-key-file", tmp_path / "two", "--output", "json").stdout)
    assert again["secrets"] == 0
    os.replace(tmp_path / "two", tmp_path / "one")
    works(gw)


def test_a_trail_with_two_keys_is_whole(kept):
    gw = kept()
    rekey(gw)
    works(gw)
    rekey(gw)
    works(gw)
    said = json.loads(command(gw, "audit-log", "verify", "--output", "json").stdout)
    assert said["whole"] and said["heads"] >= 3, said
    trail = (gw.state / "audit" / "trail.jsonl").read_text()
    assert trail.count('"action":"state.rekey"') == 2
    # The former key vouches for nothing that comes later.
    lines = trail.splitlines()
    at = next(i for i, line in enumerate(lines) if '"state.rekey"' in line)
    (gw.state / "audit" / "trail.jsonl").write_text(
        "".join(line + "\n" for line in lines[:at] + lines[at + 1:]))
    assert command(gw, "audit-log", "verify", status=1)


@pytest.mark.parametrize("text, said", [
    (KEY, "the one that is in use"),
    ("short", "holds no master key"),
    ("", "holds no master key"),
])
def test_a_key_that_will_not_do_changes_nothing(kept, text, said):
    gw = kept(env={"THE_KEY": KEY}, master_key={"env": "THE_KEY"})
    before = (gw.state / "sallyport.db").read_bytes()
    done = rekey(gw, "--new-key-env", "NEW_KEY", status=2, env={"NEW_KEY": text})
    assert said in done.stderr and KEY not in done.stderr
    assert "is not set" in rekey(gw, "--new-key-env", "NONE", status=2).stderr
    assert (gw.state / "sallyport.db").read_bytes() == before
    works(gw)


def test_a_wrong_former_key_changes_nothing(kept):
    gw = kept(env={"THE_KEY": KEY}, master_key={"env": "THE_KEY"})
    gw.env["THE_KEY"] = "aa" * 32
    done = rekey(gw, "--new-key-env", "NEW_KEY", status=2, env={"NEW_KEY": NEW})
    assert "sealed under the master key" in done.stderr
    gw.env["THE_KEY"] = KEY
    works(gw)


def test_it_wants_to_be_alone(kept):
    gw = kept()
    gw.start()
    assert "stop the gateway" in rekey(gw, status=2).stderr
    assert not (gw.state / "master.key.next").exists()
    gw.stop()
    rekey(gw)
    works(gw)


def test_one_secret_that_does_not_open_stops_it_as_a_whole(kept):
    gw = kept()
    database = sqlite3.connect(gw.state / "sallyport.db", timeout=30)
    with database:
        (sealed,), = database.execute("SELECT sealed FROM config_revisions")
        damaged = sealed[:30] + bytes([sealed[30] ^ 1]) + sealed[31:]
        database.execute("UPDATE config_revisions SET sealed = ?", (damaged,))
    database.close()
    former = sealed_under(gw)
    assert "was altered" in rekey(gw, status=2).stderr
    assert sealed_under(gw) == former
    gw.start().stop()
    assert "state rekey` again" in gw.stderr


def test_kill_9_at_any_moment_leaves_a_store_that_opens(kept):
    gw = kept()
    wait = random.Random(2)
    following = gw.state / "master.key.next"
    interrupted = 0
    for turn in range(12):
        process = subprocess.Popen(
            [str(binary.binary()), "state", "rekey", "--config", str(gw.file)], cwd=gw.folder,
            env=binary.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if turn % 2 == 0:  # as soon as it has begun; then while it goes on, at any moment
            while not following.exists() and process.poll() is None:
                pass
        else:
            time.sleep(wait.random() * 0.6)
        process.send_signal(signal.SIGKILL)
        process.wait(HANG)
        if turn % 2 == 0:
            interrupted += following.exists()
        assert len(sealed_under(gw)) == 1
        works(gw)
        if turn % 2 == 1:
            rekey(gw)
            assert not following.exists()
    assert interrupted > 0
    works(gw)
    assert json.loads(command(gw, "audit-log", "verify", "--output", "json").stdout)["whole"]
