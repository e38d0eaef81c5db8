"""Starting, stopping and being replaced, without a client noticing."""

import signal
import socket
import threading

import pytest

from harness import websocket
from harness.gateway import api
from harness.load import Load
from harness.origin import always, by_path, echo, gated, silent
from harness.ports import free_port
from harness.wait import HANG, until


@pytest.fixture
def serving(gateway, origin):
    def make(script=echo, **config):
        upstream = origin(script)
        return gateway({"a": api(upstream)}, **config), upstream
    return make


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# ---- stopping ----


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_requests_finish(serving, number):
    gate = threading.Event()
    gw, upstream = serving(by_path({"/slow": gated(gate, always(200, body=b"done"))}))
    with gw.client() as busy, gw.client() as idle:
        assert idle.get("/").status == 200
        busy.request("GET", "/slow")
        until(lambda: upstream.count("/slow"), "the request to arrive")
        gw.signal(number)
        until(lambda: not listening(gw.port), "no more connections to be taken")
        idle.assert_closed()
        assert gw.process.poll() is None, "it waits for the request"
        gate.set()
        response = busy.response()
        assert response.body == b"done"
        assert response.headers.get("Connection", "").lower() == "close"
        busy.assert_closed()
    assert gw.process.wait(HANG) == 0
    gw.stop()


def test_a_stop_has_a_deadline(serving):
    gw, upstream = serving(silent, drain="300ms")
    with gw.client() as client:
        client.request("GET", "/")
        until(lambda: upstream.complete, "the request to arrive")
        gw.signal(signal.SIGTERM)
        client.rest()
    assert gw.process.wait(HANG) == 0
    gw.stop()


def test_readiness_ends_before_service_does(serving):
    """A balancer that asks /ready turns away while what is in flight finishes."""
    gate = threading.Event()
    gw, upstream = serving(gated(gate))
    with gw.client() as client:
        client.request("GET", "/")
        until(lambda: upstream.complete, "the request to arrive")
        gw.signal(signal.SIGTERM)

        def not_ready():
            try:
                return gw.admin("/ready").status == 503
            except OSError:
                return True
        until(not_ready, "readiness to end")
        gate.set()
        assert client.response().status == 200
    gw.stop()


def test_a_stop_ends_websockets(serving):
    gw, _ = serving(websocket.echo, drain="300ms")
    with gw.client() as client:
        assert client.get("/", websocket.HANDSHAKE).status == 101
        gw.signal(signal.SIGTERM)
        client.rest()
    assert gw.process.wait(HANG) == 0
    gw.stop()


def test_a_second_signal_stops_at_once(serving):
    gw, upstream = serving(silent, drain="10m")
    with gw.client() as client:
        client.request("GET", "/")
        until(lambda: upstream.complete, "the request to arrive")
        gw.signal(signal.SIGTERM)
        until(lambda: not listening(gw.port), "the drain to begin")
        gw.signal(signal.SIGTERM)
        gw.process.wait(HANG)
    gw.stop()


def test_stopping_under_load_drops_nothing_that_was_begun(gateway, origin):
    """A request that was sent on a connection that is served gets its answer; what comes later is
    told so by a close."""
    upstream = origin()
    for _ in range(3):
        gw = gateway({"a": api(upstream)})
        cut = []

        def one(gw=gw, cut=cut):
            try:
                with gw.client() as client:
                    while True:
                        client.request("GET", "/")
                        if not client.reader.buffer and not client.reader.fill():
                            return  # closed between two requests
                        response = client.response()
                        if response.headers.get("Connection", "").lower() == "close":
                            return
            except ConnectionRefusedError:
                return
            except AssertionError as error:
                cut.append(error)

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        seen = len(upstream.requests)
        until(lambda: len(upstream.requests) > seen + 50, "load")
        gw.stop()
        for thread in threads:
            thread.join(HANG)
        assert cut == []


# ---- starting ----


def test_a_port_that_is_taken_is_a_clear_error(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream)}, listen=[f"127.0.0.1:{upstream.port}"], start=False)
    gw.start(wait=False)
    code = gw.process.wait(HANG)
    assert code != 0
    assert str(upstream.port) in gw.stderr
    gw.stop(expect=code)


def test_it_starts_again_after_being_killed(serving):
    gw, _ = serving()
    assert gw.get("/").status == 200
    gw.kill()
    gw.start()
    assert gw.get("/").status == 200


def test_port_zero_is_picked_at_run_time(gateway, origin):
    gw = gateway({"a": api(origin())}, listen=["127.0.0.1:0"])
    assert gw.admin("/ready").status == 200


def test_signals_that_mean_nothing_change_nothing(serving):
    gw, _ = serving()
    gw.signal(signal.SIGPIPE)
    gw.signal(signal.SIGUSR1)
    gw.signal(signal.SIGWINCH)
    assert gw.get("/").status == 200


# ---- the upgrade of the binary ----


def test_an_upgrade_hands_the_sockets_over(serving):
    gw, _ = serving()
    old = gw.pid
    with gw.client() as kept:
        assert kept.get("/").status == 200
        new = gw.upgrade()
        assert new.pid != old
        kept.assert_closed()
    assert gw.get("/").status == 200


def test_an_upgrade_lets_requests_of_the_old_process_finish(serving):
    gate = threading.Event()
    gw, upstream = serving(by_path({"/slow": gated(gate, always(200, body=b"done"))}))
    with gw.client() as busy:
        busy.request("GET", "/slow")
        until(lambda: upstream.count("/slow"), "the request to arrive")
        finish = gw.begin_upgrade()
        for _ in range(5):
            assert gw.get("/").status == 200, "service goes on"
        gate.set()
        assert busy.response().body == b"done"
        finish()


def test_an_upgrade_under_load_fails_nothing(serving):
    gw, _ = serving()
    with Load(gw.port, clients=3) as kept, Load(gw.port, clients=3, per_connection=1) as fresh:
        kept.wait_for(50)
        for _ in range(3):
            gw.upgrade()
            kept.wait_for(50)
            fresh.wait_for(50)
    assert kept.failures == [] and fresh.failures == []


def test_an_upgrade_with_a_bad_file_keeps_the_old_process(serving):
    gw, _ = serving()
    good = gw.file.read_text()
    gw.write_text("apiz: {}\n")
    gw.signal(signal.SIGUSR2)
    until(lambda: "apiz" in gw.stderr, "the complaint")
    for _ in range(10):
        assert gw.get("/").status == 200
    assert gw.process.poll() is None
    gw.write_text(good)
    gw.upgrade()
    assert gw.get("/").status == 200


def test_a_log_goes_on_over_an_upgrade(serving):
    gw, _ = serving()
    gw.get("/before")
    gw.upgrade()
    gw.get("/after")
    paths = [record["url.path"] for record in gw.log(2)]
    assert paths == ["/before", "/after"]


def test_a_listener_of_another_address_is_opened_by_the_new_process(serving):
    gw, upstream = serving()
    extra = free_port()
    gw.write({"listen": [f"127.0.0.1:{gw.port}", f"127.0.0.1:{extra}"],
              "apis": {"a": api(upstream)}})
    gw.upgrade()
    assert gw.get("/", port=extra).status == 200
    assert gw.get("/").status == 200
