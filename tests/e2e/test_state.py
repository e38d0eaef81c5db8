"""What the gateway keeps on the disk: the store of callers and the audit trail, through starts,
reloads, upgrades, damage and kill -9."""

import json
import os
import shutil
import signal
import subprocess

import pytest

from harness import binary
from harness.gateway import api
from harness.origin import always
from harness.wait import HANG, until

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
OTHER = "ff" + KEY[2:]


@pytest.fixture(scope="module")
def upstream(shared_origin):
    return shared_origin(always(200))


@pytest.fixture
def kept(gateway, upstream):
    """A gateway with state in a folder of its own, not started yet."""
    def make(env=None, **state):
        made = gateway({"a": api(upstream)}, start=False, env=env, state={"path": "state", **state})
        made.state = made.folder / "state"
        return made
    return make


def events(gw):
    """What the gateway recorded of itself, oldest first, and what it says in detail: without who
    came to administer it."""
    found = []
    for line in (gw.state / "audit" / "trail.jsonl").read_text().splitlines():
        event = json.loads(line)
        if "head" not in event and not event["action"].startswith("admin"):
            event["detail"] = json.loads(event["detail"])
            found.append(event)
    return found


def by_token(gw, action):
    """Those of one kind that somebody with an admin token asked for."""
    return [e for e in events(gw) if e["action"] == action and e["actor"].startswith("token/")]


def refused(gw):
    """Starts it in vain; what it said."""
    done = subprocess.run([str(binary.binary()), "run", "--config", str(gw.file)], cwd=gw.folder,
                          env=binary.environment(**gw.env), capture_output=True, text=True,
                          timeout=HANG)
    assert done.returncode == 2, done.stderr
    assert not binary.REPORT.search(done.stderr), done.stderr
    lines = [line for line in done.stderr.splitlines() if " error: " in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


def notes(gw):
    return gw.admin("/ready").json()["notes"]


def test_the_first_start_makes_everything_and_says_so_once(kept):
    gw = kept().start()
    assert (gw.state.stat().st_mode & 0o777) == 0o700
    assert ((gw.state / "master.key").stat().st_mode & 0o777) == 0o600
    assert gw.stderr.count("back it up") == 1
    assert notes(gw) == []
    metrics = gw.metrics()
    assert metrics.sum("sallyport_store_up") == 1
    assert metrics.sum("sallyport_audit_up") == 1
    until(lambda: gw.metrics().sum("sallyport_audit_seq") >= 1, "the start to be recorded")
    gw.stop()
    gw.start()
    assert gw.stderr.count("back it up") == 1
    gw.stop()
    assert [event["action"] for event in events(gw)] == [
        "gateway.start", "gateway.stop", "gateway.start", "gateway.stop"]
    assert events(gw)[0]["actor"] == "sallyport"
    assert events(gw)[1]["actor"] == "signal"
    assert events(gw)[1]["detail"]["why"] == "SIGTERM"


def test_without_state_nothing_is_written(gateway, upstream):
    gw = gateway({"a": api(upstream)})
    assert not (gw.folder / "state").exists()
    assert "sallyport_store_up" not in gw.metrics().names()


def test_loads_and_refusals_are_recorded_with_what_changed(kept, upstream):
    gw = kept(env={"WORD": "hush-hush"}).start()
    changed = {"a": api(upstream, headers={"request": {"set": {"X-Word": "${env:WORD}"}}})}
    gw.reload({"apis": changed, "drain": "3s", "state": {"path": "state"}})
    gw.write_text("apis: {a: {path: nonsense}}\n")
    assert gw.admin("/reload", "POST").status == 422
    gw.stop()
    loads = by_token(gw, "config.load")
    changes = {c["path"]: c for e in loads for c in e["detail"]["diff"]["changes"]}
    assert changes["drain"] == {"path": "drain", "before": '"30s"', "after": '"3s"'}
    assert "${env:WORD}" in json.dumps(changes)
    refusals = by_token(gw, "config.refuse")
    assert any("listen" in error["message"] for error in refusals[-1]["detail"]["errors"]), refusals
    assert refusals[-1]["detail"]["in_force"] == loads[-1]["detail"]["revision"]
    everything = b"".join(f.read_bytes() for f in gw.state.rglob("*") if f.is_file())
    assert b"hush-hush" not in everything


def test_another_folder_takes_a_restart(kept, upstream):
    gw = kept().start()
    gw.write({"apis": {"a": api(upstream)}, "state": {"path": "elsewhere"}})
    response = gw.admin("/reload", "POST")
    assert response.status == 422 and "restart" in response.text, response
    assert not (gw.folder / "elsewhere").exists()
    gw.write({"apis": {"a": api(upstream)}})
    assert gw.admin("/reload", "POST").status == 422
    assert gw.get("/").status == 200


def test_a_key_from_the_environment_survives_an_upgrade(kept):
    gw = kept(env={"THE_KEY": KEY}, master_key={"env": "THE_KEY"}).start()
    assert not (gw.state / "master.key").exists()
    with open(f"/proc/{gw.pid}/environ", "rb") as file:
        assert KEY.encode() not in file.read()
    gw.upgrade()
    assert gw.get("/").status == 200
    with open(f"/proc/{gw.pid}/environ", "rb") as file:
        assert KEY.encode() not in file.read()
    assert KEY not in gw.stderr + gw.admin("/config").text + gw.admin("/metrics").text
    gw.stop()
    assert [e["action"] for e in events(gw)].count("gateway.start") == 2


def test_another_master_key_is_refused(kept):
    gw = kept(env={"THE_KEY": KEY}, master_key={"env": "THE_KEY"})
    gw.start().stop()
    gw.env["THE_KEY"] = OTHER
    assert "master key" in refused(gw)
    assert OTHER not in refused(gw)
    del gw.env["THE_KEY"]
    assert "THE_KEY is not set" in refused(gw)
    gw.env["THE_KEY"] = KEY
    gw.start()


def test_a_missing_own_key_is_refused_and_not_made_anew(kept):
    gw = kept()
    gw.start().stop()
    (gw.state / "master.key").unlink()
    assert "master.key is gone" in refused(gw)
    assert not (gw.state / "master.key").exists()


@pytest.mark.parametrize("damage, said", [
    (lambda state: (state / "sallyport.db").write_bytes(b"x" * 8192), "is damaged"),
    (lambda state: os.truncate(state / "sallyport.db", 5000), "is damaged"),
    (lambda state: state.chmod(0o755), "open to other users"),
    (lambda state: (state / "master.key").chmod(0o644), "open to every user"),
    (lambda state: (state / "audit" / "trail.jsonl").write_text("nonsense\n"),
     "does not end with a line of a trail"),
    (lambda state: (shutil.rmtree(state / "audit"), (state / "audit").write_text("")),
     "is no folder"),
])
def test_what_is_broken_is_refused_in_one_line(kept, damage, said):
    gw = kept()
    gw.start().stop()
    damage(gw.state)
    before = {f: f.read_bytes() for f in gw.state.rglob("*") if f.is_file()}
    assert said in refused(gw)
    for file, content in before.items():
        assert file.read_bytes() == content, file


def test_check_makes_nothing(kept):
    gw = kept()
    done = binary.run("check", str(gw.file))
    assert done.returncode == 0, done.stdout
    assert not gw.state.exists()


def test_a_database_that_goes_away_is_told_and_comes_back(kept):
    gw = kept().start()
    database, away = gw.state / "sallyport.db", gw.folder / "away.db"
    database.rename(away)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 0, "the store to be down")
    ready = gw.admin("/ready")
    assert ready.status == 200
    assert "the store of callers is down since" in ready.json()["notes"][0]
    assert gw.get("/").status == 200
    away.rename(database)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 1, "the store to be up again")
    assert notes(gw) == []


def test_a_kill_leaves_a_trail_that_goes_on(kept):
    gw = kept().start()
    until(lambda: gw.metrics().sum("sallyport_audit_seq") >= 2, "the start to be recorded")
    gw.kill()
    gw.start().stop()
    assert [e["action"] for e in events(gw)] == ["gateway.start", "gateway.start", "gateway.stop"]


def test_two_starts_at_once_agree_on_one_key(kept, gateway, upstream):
    one = kept().start(wait=False)
    two = gateway({"a": api(upstream)}, start=False, state={"path": str(one.state)}).start()
    until(one._ready, "the first one")
    one.signal(signal.SIGHUP)
    assert (one.stderr + two.stderr).count("back it up") == 1
