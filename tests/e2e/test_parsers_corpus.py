"""Requests from the test suites of two other HTTP/1.1 servers: the corpus `http1-parsers`.

Where their strict mode reports an error, the gateway must refuse. Where it does not, the gateway
may still refuse, but must neither hang nor crash, and what it serves must reach the upstream as
exactly the requests it answered.
"""

import collections

import pytest

from harness import corpus
from harness.gateway import api
from harness.origin import always

TALLY = collections.Counter()

# The parser stops where another protocol begins, which is no error of the message; and it knows
# methods of RTSP and ICE, which for a gateway are methods like any other.
PAUSE_ON_UPGRADE = 22
INVALID_METHOD_FOR_PROTOCOL = "Invalid method for HTTP/x.x request"


@pytest.fixture(scope="module")
def world(shared_gateway, shared_origin):
    recorder = shared_origin(always(200, body=b"served"))
    # The cases end their sending side at once: the answer is waited for all the same.
    return shared_gateway({"all": api(recorder)}, timeouts={"half_closed": "60s"}), recorder


def cases(name):
    from conftest import CORPORA
    file = CORPORA / "http1-parsers" / name
    return corpus.read(file) if file.exists() else []


def with_host(data):
    """The request with a Host field behind its first line."""
    line, end, rest = data.partition(b"\r\n")
    if not line:  # an empty line before the request
        return end + with_host(rest)
    return line + end + b"Host: gw.test\r\n" + rest


def assert_refused(outcome):
    """Nothing served, nothing whole upstream, and the connection ended."""
    assert outcome.fault is None, outcome
    assert outcome.closed, outcome
    assert all(400 <= status < 600 and status != 500 for status in outcome.statuses), outcome
    assert len(outcome.statuses) <= 1, outcome
    assert outcome.complete == [], outcome


def assert_consistent(outcome):
    """Each answer that looks served stands for one request the upstream got whole."""
    assert outcome.fault is None, outcome
    assert outcome.closed, outcome
    served = [status for status in outcome.statuses if status == 200]
    assert len(served) == len(outcome.complete), outcome
    assert all(status == 200 for status in outcome.statuses[:-1]), outcome


def is_about_another_protocol(case):
    error = case.get("error", {})
    return (error.get("code") == PAUSE_ON_UPGRADE
            or error.get("reason") == INVALID_METHOD_FOR_PROTOCOL)


LLHTTP = [case for case in cases("llhttp.jsonl") if case["type"] == "request"]


@pytest.mark.parametrize("case", LLHTTP, ids=lambda case: case["id"].rpartition(" / ")[2])
def test_llhttp(case, world):
    gateway, recorder = world
    TALLY["llhttp"] += 1
    data = corpus.raw_of(case)
    variants = [data, with_host(data)] if case.get("lacks_host") else [data]
    for variant in variants:
        outcome = corpus.play(gateway, [recorder], variant, None, end_at_once=True)
        if case["verdict"] == "error" and not is_about_another_protocol(case):
            assert_refused(outcome)
        else:
            assert_consistent(outcome)
    TALLY["llhttp refused" if not outcome.complete else "llhttp served"] += 1


GUNICORN = cases("gunicorn.jsonl")


@pytest.mark.parametrize("case", GUNICORN, ids=lambda case: case["id"])
def test_gunicorn(case, world):
    gateway, recorder = world
    TALLY["gunicorn"] += 1
    data = corpus.raw_of(case)
    if case.get("lacks_host"):
        data = with_host(data)
    outcome = corpus.play(gateway, [recorder], data, None, end_at_once=True)
    if case["verdict"] == "reject" and "settings" not in case:
        assert_refused(outcome)
        return
    assert_consistent(outcome)
    if "settings" in case:
        return
    served = outcome.complete
    TALLY["gunicorn accepted and served"] += bool(served)
    for expected, got in zip(case.get("expect", []), served):
        assert got.method == expected["method"], outcome
        assert got.body == body_of(expected), outcome


def body_of(expected):
    body = expected.get("body", "")
    return body.encode("latin-1") if isinstance(body, str) else bytes(body)


def test_every_case_ran(world, corpora, capsys):
    folder = corpora("http1-parsers")
    llhttp = sum(1 for case in corpus.read(folder / "llhttp.jsonl") if case["type"] == "request")
    gunicorn = len(corpus.read(folder / "gunicorn.jsonl"))
    with capsys.disabled():
        print(f"\nhttp1-parsers: {TALLY['llhttp']} of {llhttp} strict requests of llhttp "
              f"({TALLY['llhttp served']} served, {TALLY['llhttp refused']} refused), "
              f"{TALLY['gunicorn']} of {gunicorn} of gunicorn "
              f"({TALLY['gunicorn accepted and served']} of its good ones served)")
    assert TALLY["llhttp"] == llhttp
    assert TALLY["gunicorn"] == gunicorn
