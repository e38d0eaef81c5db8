"""Request smuggling and framing: every case of the corpus `http1-framing` against the gateway.

A case passes with its `verdict` or with one of `also_ok`; agreement with `verdict` itself, with not
even the beginning of a refused request at the upstream, is counted apart. A refused request may
have begun to stream when its body turned out to be wrong, but it must never arrive whole.
"""

import collections

import pytest

from harness import corpus
from harness.gateway import api
from harness.origin import always
from harness.wire import Fields

TALLY = collections.Counter()
DIFFERENT = []


@pytest.fixture(scope="module")
def world(shared_gateway, shared_origin):
    """The gateway, the recorder behind gw.test, and the one behind other.test."""
    gw = shared_origin(always(200, body=b"served"), name="gw")
    other = shared_origin(always(200, body=b"served"), name="other")
    gateway = shared_gateway({
        "gw": api(gw, hosts=["gw.test"]),
        "other": api(other, hosts=["other.test"]),
    }, timeouts={"half_closed": "60s"})
    return gateway, gw, other


def cases():
    """The corpus, or nothing: then the test that counts says so."""
    from conftest import CORPORA
    file = CORPORA / "http1-framing" / "cases.jsonl"
    return corpus.read(file) if file.exists() else []


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_case(case, world):
    gateway, gw, other = world
    verdicts = [case["verdict"], *case.get("also_ok", [])]
    expected = None  # the gateway is the one that closes
    if "accept" in verdicts:
        expected = len(case.get("bodies", ())) or 1
    outcome = corpus.play(gateway, (gw, other), corpus.raw_of(case), expected,
                          case.get("client_eof", False))
    TALLY["ran"] += 1
    TALLY["requests"] += len(outcome.complete)

    problems = {verdict: judge(verdict, case, outcome, gw) for verdict in verdicts}
    strict = not problems[case["verdict"]]
    if case["verdict"] == "reject-400" and len(outcome.requests) > case["upstream_max"]:
        strict = False
    TALLY["strict"] += strict
    if not strict:
        DIFFERENT.append(f"{case['id']} ({case['verdict']}): {outcome}")
    assert not all(problems.values()), f"{case['note']}\n{problems}\n{outcome}"


def judge(verdict, case, outcome, gw):
    """Why the outcome is not this verdict; empty when it is."""
    if outcome.fault:
        return outcome.fault
    forbidden = set(case.get("must_not_status", ())) & set(outcome.all_statuses)
    if forbidden:
        return f"sent {forbidden}"
    if verdict == "reject-400":
        return judge_refusal(case, outcome)
    if verdict == "must-close-after":
        return judge_close_after(case, outcome) or judge_forwarded(case, outcome, gw)
    return judge_accept(case, outcome) or judge_forwarded(case, outcome, gw)


def judge_refusal(case, outcome):
    statuses = case.get("status_any", [400])
    if case["verdict"] != "reject-400":
        # A lenient verdict of a case whose requests before the refused one may be served.
        served = outcome.statuses[:-1]
        refusal = outcome.statuses[-1:]
        if any(status >= 400 for status in served):
            return f"went on after a refusal: {outcome.statuses}"
    else:
        served, refusal = [], outcome.statuses
    if refusal and (len(refusal) != 1 or refusal[0] not in statuses):
        return f"answered {outcome.statuses}, expected one of {statuses}"
    if not outcome.closed:
        return "the connection stays open"
    limit = case["upstream_max"] if case["verdict"] != "reject-400" else 0
    if len(outcome.complete) > max(limit, len(served)):
        return f"{len(outcome.complete)} requests reached the upstream whole"
    return ""


def judge_close_after(case, outcome):
    served = case["upstream_max"]
    expected = [200] * served
    if case.get("then") == "reject-400":
        if len(outcome.statuses) > served and not 400 <= outcome.statuses[-1] < 500:
            return f"answered {outcome.statuses}, expected a refusal at the end"
        expected = outcome.statuses[:served]
        if expected != [200] * served or len(outcome.statuses) > served + 1:
            return f"answered {outcome.statuses}"
    elif outcome.statuses[:served] != expected:
        return f"answered {outcome.statuses}, expected {served} served"
    elif any(status < 400 for status in outcome.statuses[served:]):
        return f"served more than {served}: {outcome.statuses}"
    if not outcome.early_close:
        return "the gateway did not close the connection by itself"
    if len(outcome.complete) > served:
        return f"{len(outcome.complete)} requests reached the upstream"
    return ""


def judge_accept(case, outcome):
    count = len(case.get("bodies", ())) or case["upstream_max"] or 1
    if outcome.statuses != [200] * count:
        return f"answered {outcome.statuses}, expected {count} served"
    # With a verdict that only also permits serving, upstream_max speaks of the refusal.
    if case["verdict"] == "accept" and len(outcome.requests) > case["upstream_max"]:
        return f"{len(outcome.requests)} requests reached the upstream"
    return ""


def judge_forwarded(case, outcome, gw):
    """What the upstream got: the bodies, the route, and nothing that must stay here."""
    if any(not request.complete for request in outcome.requests):
        return "a request reached the upstream in part"
    bodies = [request.body for request in outcome.requests]
    if "bodies" in case and bodies != corpus.bodies_of(case):
        return f"the upstream got the bodies {bodies}"
    for request in outcome.requests:
        if "authority" in case:
            if request not in gw.requests or request.headers.get("Host") != case["authority"]:
                return f"routed by {request.headers.get('Host')}"
        if "path" in case and request is outcome.requests[0] and request.target != case["path"]:
            return f"the upstream got the path {request.target}"
        in_trailers = case["id"].startswith("trailer-")
        for name in case.get("must_not_forward", ()):
            if name in (request.trailers if in_trailers else request.headers):
                return f"{name} reached the upstream"
        if in_trailers and trailer_in_head(request):
            return f"a trailer was merged into the head: {request}"
    return ""


def trailer_in_head(request):
    """Whether a value that was only sent in trailers stands in the head."""
    return Fields(request.headers).get("Host") != "gw.test" or any(
        name in request.headers for name in ("Authorization", "Cookie"))


def test_every_case_ran(world, corpora, capsys):
    """Counts: fewer cases than the file has lines is a failure, and so is a late request."""
    gateway, gw, other = world
    file = corpora("http1-framing") / "cases.jsonl"
    lines = sum(1 for line in open(file) if line.strip())
    with capsys.disabled():
        print(f"\nhttp1-framing: {TALLY['ran']} of {lines} cases, "
              f"{TALLY['strict']} as strict as the verdict asks")
        for line in DIFFERENT:
            print(f"  differs: {line[:400]}")
    gateway.stop()
    gw.settle()
    other.settle()
    late = len(gw.complete) + len(other.complete) - TALLY["requests"]
    assert late == 0, f"{late} requests reached an upstream after their case had ended"
    assert TALLY["ran"] == lines
