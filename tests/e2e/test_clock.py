"""What happens when somebody sets the clock of the machine: credentials are judged by the time it
says now, nothing used comes back to life, and nothing stops working for good.

The clock that is set is the gateway's alone: a small library that is preloaded moves it."""

import json
import pathlib
import subprocess
import time

import pytest

from harness import binary
from harness.callers import Callers
from harness.gateway import api
from harness.origin import echo
from harness.tokens import EcKey, bearer
from harness.wait import until
from test_possession import Holder
from test_token_service import Service

HOUR, YEAR = 3600, 365 * 86400
SHIM = pathlib.Path(__file__).parent / "harness" / "clock_shim.c"


class Clock:
    """Of gateways that are started with its environment."""

    def __init__(self, folder):
        library = folder / "clock.so"
        subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", library, SHIM], check=True)
        self.file = folder / "moved"
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "TEST_CLOCK": str(self.file)}

    def set(self, seconds):
        """To so long after the real time."""
        with open(self.file, "w") as file:
            file.write(f"{seconds:<20}\n")


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def with_clock(clock, gateway):
    """Makes gateways that live by `clock`."""
    def make(apis, **more):
        return gateway(apis, env=clock.environment, **more)
    return make


def expiring_key(gw, seconds):
    consumer = Callers(gw).consumer("ada")
    until_then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    body = json.dumps({"consumer": consumer, "expires": until_then}).encode()
    made = gw.admin("/v1/keys", "POST", body, [("Content-Type", "application/json")])
    assert made.status == 201, made.text
    return [("X-API-Key", made.json()["key"])]


def test_the_shim_moves_the_gateways_clock(clock, with_clock, origin):
    gw = with_clock({"a": api(origin(echo))})
    before = gw.get("/").headers.one("Date")
    clock.set(YEAR)
    until(lambda: gw.get("/").headers.one("Date")[12:16] != before[12:16], "the year to change")


def test_keys_and_tokens_are_judged_by_the_time_it_is_now(clock, with_clock, origin):
    signer = EcKey()
    upstream = origin(echo)
    gw = with_clock({"keys": api(upstream, "/k", public=False, authenticate={"api_key": {}}),
                     "tokens": api(upstream, "/t", public=False,
                                   authenticate={"jwt": signer.accepting()})}, state="state")
    key = expiring_key(gw, HOUR)
    token = [bearer(signer.token(exp=int(time.time()) + HOUR, iat=int(time.time()),
                                 nbf=int(time.time())))]

    def answers():
        return gw.get("/k", key).status, gw.get("/t", token).status

    assert answers() == (200, 200)
    clock.set(2 * HOUR)  # both were good a moment ago, and are remembered
    assert answers() == (401, 401)
    clock.set(0)
    assert answers() == (200, 200)
    clock.set(-HOUR)  # issued in what is the future now; the key's beginning is no limit of its own
    assert answers() == (200, 401)
    clock.set(0)
    assert answers() == (200, 200)


def test_a_proof_that_was_used_stays_used(clock, with_clock, origin):
    key = EcKey()
    holder = Holder(with_clock({"a": api(origin(echo), public=False, authenticate={
        "jwt": key.accepting(dpop="required")})}), key)
    used = holder.proof()
    assert holder.get(proof=used).status == 200
    assert holder.get(proof=used).status == 401
    for moved in (YEAR, 0, -HOUR, 0):
        clock.set(moved)
        assert holder.get(proof=used).status == 401, moved
    assert holder.get(proof=holder.proof()).status == 200


def test_the_token_service_survives_a_year_forward_and_back(clock, with_clock, origin):
    service = Service(with_clock, origin(echo))
    before = service.token()
    assert service.use(before).status == 200
    clock.set(YEAR)
    assert service.use(before).status == 401
    # Its signing keys are far too old now; new ones are made, and what they sign is good.
    until(lambda: service.use(service.token()).status == 200, "a token that is good")
    clock.set(0)
    until(lambda: service.use(service.token()).status == 200, "a token that is good, back again")
    assert service.gw.get("/orders", host=service.host).status == 401
    assert service.gw.admin("/ready").status == 200
    service.gw.stop()
    done = binary.run("audit-log", "verify", "--config", service.gw.file, cwd=service.gw.folder)
    assert done.returncode == 0 and done.stdout.startswith("whole"), done.stdout + done.stderr
