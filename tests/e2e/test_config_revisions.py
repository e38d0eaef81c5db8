"""Configurations that were in force: kept, shown without secrets, compared, brought back, and
nothing of them lost, whatever ends the gateway in between."""

import json
import os
import random
import signal
import socket
import sqlite3
import threading
import time

import pytest

from harness import binary
from harness.gateway import api, to_yaml
from harness.origin import always
from harness.ports import free_port
from harness.wait import until

PLACE = "/v1/config/revisions"


@pytest.fixture(scope="module")
def upstreams(shared_origin):
    return [shared_origin(always(200, body=name)) for name in (b"old", b"new")]


@pytest.fixture
def kept(gateway, upstreams):
    def make(start=True, **more):
        made = gateway({"a": api(upstreams[0])}, start=False, state="state", **more)
        made.upstreams = upstreams
        made.state = made.folder / "state"
        return made.start() if start else made
    return make


def change(gw, number=1, **more):
    """Another configuration in force: its text."""
    gw.reload({"apis": {"a": api(gw.upstreams[number])}, "state": "state", **more})
    return gw.file.read_text()


def revisions(gw):
    response = gw.admin(PLACE)
    assert response.status == 200, response
    return response.json()["items"]


def numbers(gw):
    return [each["number"] for each in revisions(gw)]


def in_force(gw):
    return gw.admin("/config").json()["revision"]


def text_of(gw, number):
    response = gw.admin(f"{PLACE}/{number}/text")
    assert response.status == 200, response
    return response.text


def roll_back(gw, number, query=""):
    return gw.admin(f"{PLACE}/{number}/rollback{query}", "POST")


def problem(response, status, code):
    assert response.status == status, (response, response.text)
    assert response.json()["code"] == code, response.text
    return response.json()


def serves(gw):
    return gw.get("/").body.decode()


def events(gw, *actions):
    found = []
    for line in (gw.state / "audit" / "trail.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event.get("action") in actions:
            event["detail"] = json.loads(event["detail"])
            found.append(event)
    return found


def command(gw, *arguments, status=0, token=True):
    env = {"SALLYPORT_ADMIN_TOKEN": gw.admin_token} if token and gw.admin_token else {}
    done = binary.run(*arguments, "--config", gw.file, cwd=gw.folder, env={**gw.env, **env})
    assert done.returncode == status, (done.returncode, done.stdout + done.stderr)
    return done


def token_of(gw, role):
    response = gw.admin("/v1/admin-tokens", "POST",
                        json.dumps({"name": role, "role": role}).encode(),
                        [("Content-Type", "application/json")])
    return response.json()["token"]


# ---- what is kept ----


def test_each_that_comes_into_force_is_a_revision(kept):
    gw = kept()
    first = gw.file.read_text()
    second = change(gw)
    listed = revisions(gw)
    assert [each["number"] for each in listed] == [2, 1]
    assert [each["in_force"] for each in listed] == [True, False]
    assert listed[1]["actor"] == "sallyport" and listed[1]["why"] == "start"
    assert listed[0]["actor"].startswith("token/")
    assert listed[0]["fingerprint"] == gw.admin("/config").json()["fingerprint"]
    assert listed[0]["size"] == len(second.encode())
    assert (text_of(gw, 1), text_of(gw, 2)) == (first, second)
    assert gw.admin(PLACE).json()["kept"] is True


def test_the_trail_and_the_log_name_the_revision(kept):
    gw = kept()
    change(gw)
    assert gw.log_of(gw.get("/"))["sallyport.revision"] == 2
    gw.stop()
    loads = events(gw, "config.load")
    assert [each["detail"]["revision"] for each in loads] == [2]


def test_the_same_text_is_the_same_revision(kept):
    gw = kept()
    gw.reload()
    gw.stop()
    gw.start()
    assert numbers(gw) == [1] and in_force(gw) == 1
    change(gw)
    gw.kill()
    gw.start()
    assert numbers(gw) == [2, 1] and in_force(gw) == 2
    gw.stop()
    gw.write({"apis": {"a": api(gw.upstreams[0])}, "state": "state"})
    gw.start()
    assert numbers(gw) == [3, 2, 1] and in_force(gw) == 3, "an older text is not the newest one"


def test_an_upgrade_goes_on_counting(kept):
    gw = kept()
    change(gw)
    gw.upgrade()
    assert numbers(gw) == [2, 1] and in_force(gw) == 2
    change(gw, 0)
    assert numbers(gw) == [3, 2, 1]


def test_what_is_refused_is_none(kept):
    gw = kept()
    gw.write_text("apis: {a: {path: nonsense}}\n")
    assert gw.admin("/reload", "POST").status == 422
    assert numbers(gw) == [1]


def test_fifty_are_kept_and_the_one_in_force(kept):
    gw = kept()
    for number in range(55):
        change(gw, drain=f"{number + 1}s")
    assert numbers(gw) == list(range(56, 6, -1))
    problem(gw.admin(f"{PLACE}/6"), 404, "admin.no_such_record")
    page = gw.admin(f"{PLACE}?limit=20").json()
    assert [each["number"] for each in page["items"]] == list(range(56, 36, -1))
    rest = gw.admin(f"{PLACE}?limit=1000&cursor={page['next']}").json()
    assert [each["number"] for each in rest["items"]] == list(range(36, 6, -1))
    assert rest["next"] is None


def test_without_state_they_are_in_memory_and_nothing_more(gateway, upstreams):
    gw = gateway({"a": api(upstreams[0])})
    gw.reload({"apis": {"a": api(upstreams[1])}})
    page = gw.admin(PLACE).json()
    assert page["kept"] is False
    assert [each["number"] for each in page["items"]] == [2, 1]
    assert gw.admin(f"{PLACE}/1").json()["configuration"]["apis"]
    assert "upstream" in gw.admin(f"{PLACE}/1/diff/2").json()["diff"]
    # Whoever reaches the listener may do what a reload does, and not more.
    before = gw.file.read_text()
    problem(gw.admin(f"{PLACE}/1/text"), 404, "admin.no_state")
    problem(roll_back(gw, 1), 404, "admin.no_state")
    assert gw.file.read_text() == before and serves(gw) == "new"
    gw.stop()
    gw.start()
    assert numbers(gw) == [1]


def test_a_store_that_is_away_gets_them_later(kept):
    gw = kept()
    database, away = gw.state / "sallyport.db", gw.folder / "away.db"
    database.rename(away)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 0, "the store to be down")
    change(gw)
    assert in_force(gw) == 2 and serves(gw) == "new"
    assert "kept in memory only" in gw.stderr
    assert gw.admin(PLACE).status == 503
    away.rename(database)
    until(lambda: gw.metrics().sum("sallyport_store_up") == 1, "the store to be up again")
    until(lambda: numbers(gw) == [2, 1], "the revision to be listed")
    until(lambda: "are kept again" in gw.stderr, "the revision to be kept")
    gw.kill()
    gw.start()
    assert numbers(gw) == [2, 1]


# ---- what is shown ----


def test_secrets_and_comments_are_for_admins_only(kept):
    gw = kept(start=False)
    gw.env["WORD"] = "hush-hush"
    headers = {"request": {"set": {"X-Word": "${env:WORD}"}}}
    gw.write_text("# the door code is 4711\n" + gw.file.read_text())
    gw.start()
    gw.reload({"apis": {"a": api(gw.upstreams[0], headers=headers)}, "state": "state"})
    viewer = token_of(gw, "viewer")
    for path in ("", "/1", "/2", "/1/diff/2", "/2/diff/1"):
        response = gw.admin(PLACE + path, token=viewer)
        assert response.status == 200, response
        assert "hush-hush" not in response.text and "4711" not in response.text, path
    assert "${env:WORD}" in gw.admin(f"{PLACE}/2").text
    assert "4711" in text_of(gw, 1)
    assert "${env:WORD}" in text_of(gw, 2) and "hush-hush" not in text_of(gw, 2)
    for role in ("viewer", "operator", "security"):
        token = token_of(gw, role)
        problem(gw.admin(f"{PLACE}/1/text", token=token), 403, "admin.forbidden")
        problem(gw.admin(f"{PLACE}/1/rollback", "POST", token=token), 403, "admin.forbidden")
    problem(gw.admin(PLACE, token=False), 401, "admin.unauthenticated")
    gw.stop()
    everything = b"".join(f.read_bytes() for f in gw.state.rglob("*") if f.is_file())
    assert b"4711" not in everything and b"hush-hush" not in everything


def test_a_configuration_is_shown_as_it_was(kept):
    gw = kept()
    before = gw.admin("/config").json()
    change(gw)
    shown = gw.admin(f"{PLACE}/1").json()
    assert shown["configuration"] == before["configuration"]
    assert shown["fingerprint"] == before["fingerprint"] and shown["in_force"] is False
    assert "text" not in shown


def test_a_diff_says_what_changed_in_words_and_lines(kept):
    gw = kept()
    change(gw, 0, drain="3s")
    compared = gw.admin(f"{PLACE}/1/diff/2").json()
    assert (compared["before"]["number"], compared["after"]["number"]) == (1, 2)
    assert compared["summary"] == {
        "changes": [{"path": "drain", "before": '"30s"', "after": '"3s"'}], "more": 0}
    assert compared["diff"].startswith("--- revision 1\n+++ revision 2\n@@ -")
    assert "\n+drain: 3s\n" in compared["diff"]
    back = gw.admin(f"{PLACE}/2/diff/1").json()
    assert "\n-drain: 3s\n" in back["diff"]
    assert gw.admin(f"{PLACE}/2/diff/2").json()["diff"] == ""


def test_what_is_no_revision_is_not_found(kept):
    gw = kept()
    for path in ("/9", "/0", "/-1", "/x", "/1/diff/9", "/1/diff/x", "/9/text", "/1%00", "/1/diff",
                 "/99999999999999999999", "/%2e%2e/1", "/01x", "/1'--", "/1/text/x"):
        response = gw.admin(PLACE + path)
        assert response.status in (400, 404), (path, response)
    for path in ("/9/rollback", "/x/rollback", "/0/rollback?force=true"):
        problem(gw.admin(PLACE + path, "POST"), 404, "admin.no_such_record")
    problem(roll_back(gw, 1, "?force=1"), 400, "admin.bad_query")
    assert gw.admin(f"{PLACE}/1/rollback").status == 405
    assert numbers(gw) == [1]


# ---- back ----


def test_a_roll_back_brings_file_and_gateway_back(kept):
    gw = kept()
    first = gw.file.read_text()
    second = change(gw)
    os.chmod(gw.file, 0o640)
    response = roll_back(gw, 1)
    assert response.status == 200 and response.json()["revision"] == 3, response
    assert serves(gw) == "old" and gw.file.read_text() == first
    assert gw.file.stat().st_mode & 0o777 == 0o640
    assert (gw.folder / "sallyport.yaml.replaced").read_text() == second
    assert numbers(gw) == [3, 2, 1]
    newest = revisions(gw)[0]
    assert newest["why"] == "roll back to revision 1" and newest["actor"].startswith("token/")
    assert text_of(gw, 3) == first and text_of(gw, 2) == second
    gw.stop()
    gw.start()
    assert serves(gw) == "old" and in_force(gw) == 3
    assert [p for p in gw.folder.iterdir() if ".rollback." in p.name] == []
    done = events(gw, "config.roll_back", "config.load")
    assert [e["action"] for e in done][:3] == ["config.load", "config.roll_back", "config.load"]
    assert done[1]["detail"] == {"revision": 1, "force": False}
    assert done[2]["detail"]["revision"] == 3 and done[2]["detail"]["why"].startswith("roll back")


def test_a_file_that_was_changed_is_left_alone_unless_forced(kept):
    gw = kept()
    change(gw)
    edited = "apis: {half: an edit\n"
    gw.write_text(edited)
    detail = problem(roll_back(gw, 1), 409, "admin.config_differs")["detail"]
    assert "sallyport.yaml was changed" in detail
    assert gw.file.read_text() == edited and serves(gw) == "new"
    assert roll_back(gw, 1, "?force=true").status == 200
    assert serves(gw) == "old" and text_of(gw, 1) == gw.file.read_text()
    assert (gw.folder / "sallyport.yaml.replaced").read_text() == edited


def test_a_revision_that_loads_no_more_is_refused_with_its_errors(kept, tmp_path):
    secret = tmp_path / "word"
    secret.write_text("first")
    gw = kept(start=False)
    headers = {"request": {"set": {"X-Word": f"${{file:{secret}}}"}}}
    gw.write({"apis": {"a": api(gw.upstreams[0], headers=headers)}, "state": "state"})
    gw.start()
    second = change(gw)
    secret.unlink()
    refused = problem(roll_back(gw, 1), 422, "admin.reload_refused")
    assert "does not exist" in json.dumps(refused["findings"])
    assert refused["revision"] == 2
    assert serves(gw) == "new" and gw.file.read_text() == second and numbers(gw) == [2, 1]
    assert not (gw.folder / "sallyport.yaml.replaced").exists()
    gw.stop()
    assert events(gw, "config.refuse")[-1]["detail"]["why"] == "roll back to revision 1"


def test_what_only_shows_when_it_comes_into_force_leaves_the_file_too(kept):
    """A port that another process has taken meanwhile."""
    gw = kept(start=False)
    extra = free_port()
    first = {"listen": [f"127.0.0.1:{gw.port}", f"127.0.0.1:{extra}"],
             "apis": {"a": api(gw.upstreams[0])}, "state": "state"}
    gw.write(first)
    gw.start()
    second = change(gw)
    with socket.socket() as blocker:
        blocker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        until(lambda: bound(blocker, extra), "the port to be free")
        blocker.listen()
        refused = problem(roll_back(gw, 1), 422, "admin.reload_refused")
        assert str(extra) in refused["detail"], refused
    assert gw.file.read_text() == second and serves(gw) == "new"
    assert numbers(gw) == [2, 1]
    assert [p for p in gw.folder.iterdir() if ".rollback." in p.name or "replaced" in p.name] == []


def bound(sock, port):
    try:
        sock.bind(("127.0.0.1", port))
        return True
    except OSError:
        return False


def test_a_file_that_cannot_be_written_is_left_and_it_says_how(kept):
    gw = kept()
    second = change(gw)
    in_the_way = gw.folder / f"sallyport.yaml.rollback.{gw.pid}"
    in_the_way.mkdir()
    detail = problem(roll_back(gw, 1), 409, "admin.config_not_writable")["detail"]
    assert "no file can be made" in detail and "sallyport config show 1 >" in detail
    assert gw.file.read_text() == second and serves(gw) == "new" and numbers(gw) == [2, 1]
    in_the_way.rmdir()
    assert roll_back(gw, 1).status == 200


def test_a_file_that_cannot_be_replaced_at_the_end_is_told_loudly(kept):
    gw = kept()
    second = change(gw)
    in_the_way = gw.folder / "sallyport.yaml.replaced"
    in_the_way.mkdir()
    os.utime(in_the_way, (0, 0))
    where_it_would_go = gw.folder / "sallyport.yaml.replaced.1970-01-01T00:00:00.000Z"
    where_it_would_go.mkdir()
    (where_it_would_go / "something").touch()
    detail = problem(roll_back(gw, 1), 500, "admin.config_not_written")["detail"]
    assert "is in the way" in detail and "sallyport config show 1 >" in detail
    assert serves(gw) == "old" and gw.file.read_text() == second
    assert "the next start would not have it" in gw.stderr
    assert [p for p in gw.folder.iterdir() if ".rollback." in p.name] == []


def test_what_was_replaced_by_force_outlives_the_next_roll_back(kept):
    gw = kept()
    change(gw)
    edited = gw.file.read_text() + "# an edit that nobody loaded\n"
    gw.write_text(edited)
    assert roll_back(gw, 1, "?force=true").status == 200
    assert roll_back(gw, 2).status == 200
    texts = [path.read_text() for path in gw.folder.glob("sallyport.yaml.replaced*")]
    assert edited in texts and len(texts) == 2


def test_a_configuration_that_is_no_regular_file_any_more_holds_nothing_up(kept):
    gw = kept()
    change(gw)
    text = gw.file.read_text()
    gw.file.unlink()
    os.mkfifo(gw.file)
    problem(roll_back(gw, 1), 409, "admin.config_differs")
    gw.file.unlink()
    gw.write_text(text)
    assert roll_back(gw, 1).status == 200


def test_another_folder_of_state_takes_a_restart_here_too(kept):
    gw = kept()
    first = gw.file.read_text()
    gw.stop()
    gw.write({"apis": {"a": api(gw.upstreams[1])},
              "state": {"path": "state", "master_key": {"file": "state/master.key"}}})
    gw.start()
    assert "restart" in problem(roll_back(gw, 1), 422, "admin.reload_refused")["detail"]
    assert serves(gw) == "new" and gw.file.read_text() != first


def test_roll_backs_and_reloads_at_once_leave_one_whole_configuration(kept):
    gw = kept()
    texts = {gw.file.read_text(), change(gw)}
    answers = []

    def ask(number):
        for _ in range(5):
            answers.append(roll_back(gw, number, "?force=true").status)
            gw.signal(signal.SIGHUP)
    threads = [threading.Thread(target=ask, args=(n,)) for n in (1, 2, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}, answers
    assert gw.file.read_text() in texts
    gw.reload()
    assert text_of(gw, in_force(gw)) == gw.file.read_text()


def test_kill_9_in_the_middle_loses_neither_text(kept):
    gw = kept()
    texts = [gw.file.read_text(), change(gw)]
    wait = random.Random(4)
    interrupted = 0
    for turn in range(8):
        target = next(each["number"] for each in revisions(gw)
                      if text_of(gw, each["number"]) != gw.file.read_text())
        def ask():
            try:
                roll_back(gw, target)
            except (OSError, AssertionError, ValueError):
                pass  # it was killed before it answered
        asking = threading.Thread(target=ask)
        aside = gw.folder / f"sallyport.yaml.rollback.{gw.pid}"
        asking.start()
        if turn % 2 == 0:  # as soon as the text lies beside the file, else at any moment
            while not aside.exists() and asking.is_alive():
                pass
        else:
            time.sleep(wait.random() * 0.25)
        gw.kill()
        asking.join()
        interrupted += aside.exists()
        assert gw.file.read_text() in texts
        gw.start()
        assert serves(gw) in ("old", "new")
        assert text_of(gw, in_force(gw)) == gw.file.read_text()
        assert {text_of(gw, n) for n in numbers(gw)} == set(texts)
    assert interrupted > 0


def test_a_trail_that_cannot_be_written_stops_it(kept):
    gw = kept()
    second = change(gw)
    trail = gw.state / "audit"
    until(lambda: gw.metrics().sum("sallyport_audit_seq") > 2, "the trail to be written")
    trail.rename(gw.folder / "away")
    problem(roll_back(gw, 1), 503, "admin.audit_unavailable")
    assert gw.file.read_text() == second and serves(gw) == "new"
    (gw.folder / "away").rename(trail)
    assert roll_back(gw, 1).status == 200


# ---- damage ----


def test_texts_that_were_exchanged_in_the_database_do_not_open(kept):
    gw = kept()
    change(gw)
    database = sqlite3.connect(gw.state / "sallyport.db", timeout=30)
    with database:
        database.execute("UPDATE config_revisions SET sealed = (SELECT sealed FROM "
                         "config_revisions WHERE number = 2) WHERE number = 1")
    database.close()
    response = gw.admin(f"{PLACE}/1/text")
    assert response.status == 503 and "belongs to another record" in response.text, response
    assert roll_back(gw, 1).status == 503
    assert serves(gw) == "new"
    # One damaged record does not take the store down.
    assert gw.metrics().sum("sallyport_store_up") == 1
    assert "store of callers is down" not in gw.stderr


# ---- commands ----


def test_the_commands_do_the_same(kept):
    gw = kept()
    first = gw.file.read_text()
    change(gw, drain="3s")
    table = command(gw, "config", "revisions").stdout.splitlines()
    assert table[0].split()[:3] == ["number", "loaded", "in_force"]
    assert [line.split()[0] for line in table[1:]] == ["2", "1"]
    listed = json.loads(command(gw, "config", "revisions", "--output", "json").stdout)
    assert [each["number"] for each in listed] == [2, 1]
    assert command(gw, "config", "show", "1").stdout == first
    shown = json.loads(command(gw, "config", "show", "1", "--output", "json").stdout)
    assert shown["configuration"]["drain"] == "30s"
    diff = command(gw, "config", "diff", "1").stdout
    assert "+drain: 3s" in diff.splitlines()
    assert json.loads(command(gw, "config", "diff", "2", "1", "--output", "json").stdout)["summary"]
    assert command(gw, "config", "rollback", "1").stdout == "revision 3 is in force\n"
    assert gw.file.read_text() == first and serves(gw) == "old"
    assert "There is no revision 77" in command(
        gw, "config", "show", "77", status=2).stderr.replace("there is", "There is")
    gw.write_text(first + "# an edit\n")
    refused = command(gw, "config", "rollback", "2", status=2).stderr
    assert "was changed, and that is not in force" in refused
    assert command(gw, "config", "rollback", "2", "--force").stdout == "revision 4 is in force\n"


def test_a_revision_with_literal_text_of_every_kind_comes_back_byte_by_byte(kept):
    gw = kept()
    odd = "# \u00e4\u00f6 \u2713 \"quoted\" \\ back\tslash\r\n" + to_yaml(
        {"listen": [f"127.0.0.1:{gw.port}"], "admin": {"address": f"127.0.0.1:{gw.admin_port}"},
         "workers": 2, "log": {"access": str(gw.access_log)}, "state": "state",
         "apis": {"a": api(gw.upstreams[1])}}) + "# no line end"
    gw.file.write_bytes(odd.encode())
    gw.reload()
    change(gw, 0)
    assert roll_back(gw, 2).status == 200
    assert gw.file.read_bytes() == odd.encode()
