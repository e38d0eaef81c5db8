"""Fixtures of the end-to-end tests. Every gateway and upstream is of the test's own making.

`gateway` and `origin` live for one test; `shared_gateway` and `shared_origin` for one module. All
gateways are stopped with SIGTERM and must end with 0 and without a sanitizer's report; whatever an
upstream received that was not framed unambiguously fails the test too.
"""

import itertools
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import binary, certs  # noqa: E402
from harness.gateway import Gateway, Gateways  # noqa: E402
from harness.origin import Origin  # noqa: E402

CORPORA = pathlib.Path(os.environ.get("SALLYPORT_CORPORA")
                       or binary.ROOT.parent / "shared" / "corpora")


def pytest_collection_modifyitems(items):
    assert binary.binary().exists(), (
        f"no gateway at {binary.binary()}: build it, or name one with SALLYPORT_BINARY")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for gateway in Gateway.running:
            report.sections.append(
                (f"gateway {gateway.file}", gateway.file.read_text()[:6000]))
            report.sections.append((f"stderr of {gateway.file}", gateway.stderr[-12000:]))


@pytest.fixture(autouse=True)
def gateways_stay_up():
    """A gateway that ends by itself fails the test during which it did, and no other: one that is
    shared is started anew."""
    yield
    ended = []
    for gateway in list(Gateway.running):
        code = gateway.process.poll()
        if code is not None and not gateway.replaced:
            ended.append(f"the gateway ended by itself with {code}:\n{gateway.stderr[-12000:]}")
            gateway.restart()
    assert not ended, "\n".join(ended)


def _gateways(folder):
    gateways = Gateways(folder)
    yield gateways
    gateways.stop()


def _origins():
    made = []

    def make(respond=None, **named):
        origin = Origin(**({"respond": respond} if respond else {}), **named)
        made.append(origin)
        return origin

    yield make
    for origin in made:
        origin.stop()
    faults = list(itertools.chain.from_iterable(o.faults for o in made if not o.expect_faults))
    assert not faults, f"what the gateway forwarded is not strictly HTTP/1.1: {faults}"


@pytest.fixture
def origin(request):
    """Makes upstreams: origin(script)."""
    yield from _origins()


@pytest.fixture(scope="module")
def shared_origin():
    yield from _origins()


@pytest.fixture
def gateway(tmp_path, origin):
    """Makes gateways: gateway({"a": api(upstream)}, workers=1)."""
    yield from _gateways(tmp_path)


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory, shared_origin):
    yield from _gateways(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority; certificates are made once per session."""
    return certs.Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory):
    return certs.Authority(tmp_path_factory.mktemp("other-ca"), "other")


def corpus(name):
    """The folder of a corpus; the test is skipped, with its name, where it is absent."""
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder} (set SALLYPORT_CORPORA)")
    return folder


@pytest.fixture(scope="session")
def corpora():
    return corpus
