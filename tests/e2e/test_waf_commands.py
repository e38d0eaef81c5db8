"""`sallyport waf`: rules tried and tested without a gateway, and a gateway tested with the Core Rule
Set's own regression tests."""

import base64
import json

import pytest

from conftest import CORPORA
from harness import binary
from harness.binary import run
from harness.gateway import api

RULES = """
SecRule ARGS "@contains attack" "id:1001,phase:2,deny,log,msg:'found',severity:2,tag:'paranoia-level/1'"
SecRule RESPONSE_BODY "@contains secret" "id:1002,phase:4,deny,log,msg:'leak',tag:'paranoia-level/2'"
"""

TESTS = """
rule_id: 1001
tests:
  - test_id: 1
    stages:
      - input: {method: POST, uri: /, headers: {Host: localhost}, data: "a=an attack"}
        output: {log: {expect_ids: [1001], no_expect_ids: [1002]}}
  - test_id: 2
    stages:
      - input:
          method: POST
          uri: /reflect
          headers: {Host: localhost, Content-Type: application/json}
          data: '{"status": 201, "body": "a secret"}'
        output: {status: 201, log: {expect_ids: [1002]}}
      - input: {uri: /, headers: {Host: localhost}}
        output: {log: {no_expect_ids: [1001, 1002]}}
  - test_id: 3
    stages:
      - input: {method: " GET", uri: "/?a=attack", headers: {Host: localhost}}
        output: {status: 400}
"""

OVERRIDES = binary.ROOT / "tests" / "crs"
SUITE = CORPORA / "crs-tests" / "tests"
CRS = CORPORA / "crs"
SUITE_TESTS = 3518  # fewer must not pass for all

# What the Core Rule Set's own continuous integration sets.
SETTINGS = ('SecAction "id:199000,phase:1,pass,nolog,t:none,setvar:tx.reporting_level=4,'
            'setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=6400,'
            'setvar:tx.max_num_args=255,setvar:tx.max_file_size=64100,'
            'setvar:tx.combined_file_sizes=65535"\n')

needs_crs = pytest.mark.skipif(not (SUITE.is_dir() and CRS.is_dir()),
                               reason="no Core Rule Set among the corpora")


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "own.conf"
    path.write_text(RULES)
    return path


@pytest.fixture
def suite(tmp_path):
    folder = tmp_path / "tests" / "OWN-RULES"
    folder.mkdir(parents=True)
    (folder / "1001.yaml").write_text(TESTS)
    (folder / "1002.yml").write_text("")
    return folder.parent


def reflect(call):
    """The backend that the regression tests want."""
    body = call.body()
    if call.request.method != "POST" or not call.request.path.startswith("/reflect"):
        return call.reply(200)
    try:
        want = json.loads(body)
    except ValueError:
        return call.reply(400)
    data = want.get("body", "").encode() or base64.b64decode(want.get("encodedBody", ""))
    headers = list(want.get("headers", {}).items())
    if data and not any(name.lower() == "content-type" for name, _ in headers):
        html = data.lstrip().startswith(b"<")
        headers.append(("Content-Type", "text/html" if html else "text/plain"))
    return call.reply(want.get("status", 200), headers, data)


def test_a_request_is_tried(rules):
    done = run("waf", "test", "--rules", rules, "-d", "q=attack", "http://api.example.com/search")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ARGS:q = attack" in done.stdout
    assert "refused with 403 by rule 1001: found" in done.stdout
    done = run("waf", "test", "--rules", rules, "--output", "json", "--request", "-",
               input="GET /?b=1 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["verdict"] == "passes"


def test_rules_are_counted(rules):
    listed = json.loads(run("waf", "rules", "--rules", rules, "--output", "json").stdout)
    own = listed["files"][str(rules)]
    assert own["rules"] == 2
    assert own["phases"] == {"1": 0, "2": 1, "3": 0, "4": 1, "5": 0}
    assert own["paranoia_levels"] == {"any": 0, "1": 1, "2": 1, "3": 0, "4": 0}


def test_regression_tests_run_in_the_process(rules, suite):
    done = run("waf", "ftw", "--rules", rules, suite)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(run("waf", "ftw", "--rules", rules, "-o", "json", suite).stdout)
    assert (report["total"], report["passed"], report["files"]) == (3, 3, 2)
    (suite / "OWN-RULES" / "1001.yaml").write_text(TESTS.replace("an attack", "nothing"))
    done = run("waf", "ftw", "--rules", rules, suite)
    assert done.returncode == 1
    assert "1001-1" in done.stdout and "did not match: 1001" in done.stdout


def test_regression_tests_run_against_a_gateway(rules, suite, gateway, origin):
    gw = gateway({"a": api(origin(reflect), waf={"rules": [str(rules)], "responses": "on"})})
    done = run("waf", "ftw", "--url", f"http://127.0.0.1:{gw.port}", "--log", gw.access_log, suite)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_crs
def test_the_core_rule_set_passes_its_tests_in_the_process():
    done = run("waf", "ftw", "--rules", CRS, "--overrides", OVERRIDES / "engine_overrides.yaml",
               "--output", "json", SUITE, timeout=600)
    report = json.loads(done.stdout)
    assert not report["failures"], report["failures"]
    assert report["passed"] >= SUITE_TESTS


@needs_crs
def test_the_core_rule_set_passes_its_tests_in_a_gateway(gateway, origin, tmp_path):
    settings = tmp_path / "settings.conf"
    settings.write_text(SETTINGS)
    gw = gateway({"a": api(origin(reflect), waf={"rules": [str(settings), str(CRS)], "paranoia": 4,
                                                 "responses": "on"})})
    done = run("waf", "ftw", "--url", f"http://127.0.0.1:{gw.port}", "--log", gw.access_log,
               "--overrides", OVERRIDES / "engine_overrides.yaml",
               "--overrides", OVERRIDES / "gateway_overrides.yaml",
               "--output", "json", SUITE, timeout=600)
    report = json.loads(done.stdout)
    assert not report["failures"], report["failures"]
    assert report["passed"] >= SUITE_TESTS
