"""Changing the configuration of a running gateway: swapped whole, or not at all."""

import os
import signal
import threading

import pytest

from harness import websocket
from harness.gateway import api, to_yaml
from harness.origin import always, by_path, echo, gated
from harness.ports import free_port
from harness.wait import HANG, until
from harness.load import Load


@pytest.fixture
def two(origin):
    """Two upstreams that can be told apart."""
    return origin(always(200, body=b"old")), origin(always(200, body=b"new"))


def serves(gw, body):
    return gw.get("/").body == body


@pytest.mark.parametrize("how", ["signal", "file", "admin"])
def test_a_new_configuration_is_taken(gateway, two, how):
    old, new = two
    gw = gateway({"a": api(old)})
    assert serves(gw, b"old")
    gw.write({"apis": {"a": api(new)}})
    if how == "signal":
        gw.signal(signal.SIGHUP)
    elif how == "admin":
        response = gw.admin("/reload", "POST")
        assert response.status == 200, response
        assert serves(gw, b"new"), "it must be in force once the request is answered"
    until(lambda: serves(gw, b"new"), "the new configuration")


BAD_FILES = {
    "unknown key": lambda gw, new: "apiz: {}\n",
    "syntax": lambda gw, new: "apis: {a: [\n",
    "empty": lambda gw, new: "",
    "not public": lambda gw, new: to_yaml({
        "listen": [f"127.0.0.1:{gw.port}"], "apis": {"a": {"path": "/", "upstream": new.url}}}),
    "missing secret": lambda gw, new: to_yaml({
        "listen": [f"127.0.0.1:{gw.port}"], "apis": {"a": api("${env:SURELY_NOT_SET}")}}),
    "missing certificate": lambda gw, new: to_yaml({
        "listen": [{"address": f"127.0.0.1:{gw.port}",
                    "tls": {"certificates": [{"cert": "no.pem", "key": "no.key"}]}}],
        "apis": {"a": api(new)}}),
}


@pytest.mark.parametrize("bad", BAD_FILES, ids=lambda name: name.replace(" ", "-"))
def test_a_bad_file_keeps_the_old_configuration(gateway, two, bad):
    old, new = two
    gw = gateway({"a": api(old)})
    before = gw.admin("/config").body
    with gw.client() as client:
        assert client.get("/").body == b"old"
        gw.write_text(BAD_FILES[bad](gw, new))
        response = gw.admin("/reload", "POST")
        assert 400 <= response.status < 600 and response.status != 404, response
        assert "sallyport.yaml" in response.text, "the answer says where the fault is"
        assert client.get("/").body == b"old"
    assert gw.admin("/config").body == before
    assert "sallyport.yaml" in gw.stderr
    gw.write({"apis": {"a": api(new)}})
    gw.reload()
    assert serves(gw, b"new"), "a good file is taken after a bad one"


def test_a_file_that_is_gone_keeps_the_old_configuration(gateway, two):
    gw = gateway({"a": api(two[0])})
    os.rename(gw.file, gw.folder / "elsewhere.yaml")
    assert gw.admin("/reload", "POST").status != 200
    assert serves(gw, b"old")
    os.rename(gw.folder / "elsewhere.yaml", gw.file)


def test_a_request_finishes_on_the_configuration_it_began_with(gateway, origin, two):
    gate = threading.Event()
    slow = origin(gated(gate, always(200, body=b"slow")))
    add = {"headers": {"response": {"set": {"X-Config": "before"}}}}
    gw = gateway({"a": api(slow, **add)})
    with gw.client() as client:
        client.request("GET", "/")
        until(lambda: slow.complete, "the request to arrive")
        gw.reload({"apis": {"a": api(two[1])}})
        assert serves(gw, b"new")
        gate.set()
        response = client.response()
        assert response.body == b"slow"
        assert response.headers.get("X-Config") == "before"
        assert client.get("/").body == b"new", "the connection survives and uses the new one"


def test_connections_and_tunnels_survive(gateway, origin):
    upstream = origin(by_path({"/chat": websocket.echo}))
    gw = gateway({"a": api(upstream)})
    with gw.client() as client, gw.client() as tunnel:
        assert client.get("/").status == 200
        assert tunnel.get("/chat", websocket.HANDSHAKE).status == 101
        for _ in range(3):
            gw.reload({"apis": {"a": api(upstream)}})
            assert client.get("/").status == 200
            tunnel.send(websocket.frame(b"still", masked=True))
            assert websocket.read_frame(tunnel.reader) == (websocket.TEXT, b"still")


def test_listeners_come_and_go(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream)})
    extra = free_port()
    both = [f"127.0.0.1:{gw.port}", f"127.0.0.1:{extra}"]
    with gw.client() as kept:
        assert kept.get("/").status == 200
        gw.reload({"listen": both, "apis": {"a": api(upstream)}})
        assert gw.get("/", port=extra).status == 200
        with gw.client(port=extra) as on_extra:
            assert on_extra.get("/").status == 200
            gw.reload({"apis": {"a": api(upstream)}})

            def refused():
                try:
                    with gw.client(port=extra) as late:
                        late.request("GET", "/")
                        return late.rest() == b""
                except OSError:
                    return True
            until(refused, "the removed listener to close")
            assert on_extra.get("/").status == 200, "a connection made through it lives on"
        assert kept.get("/").status == 200


def test_a_listener_that_cannot_be_opened_keeps_the_old_configuration(gateway, origin, two):
    gw = gateway({"a": api(two[0])})
    taken = two[1].port
    gw.write({"listen": [f"127.0.0.1:{gw.port}", f"127.0.0.1:{taken}"], "apis": {"a": api(two[1])}})
    assert gw.admin("/reload", "POST").status != 200
    assert serves(gw, b"old")


def test_the_revision_counts_up_and_is_logged(gateway, two):
    gw = gateway({"a": api(two[0])})
    first = gw.log_of(gw.get("/"))["sallyport.revision"]
    gw.reload({"apis": {"a": api(two[1])}})
    assert gw.log_of(gw.get("/"))["sallyport.revision"] == first + 1


def test_a_secret_file_that_changes_is_taken(gateway, origin, tmp_path):
    upstream = origin()
    secret = tmp_path / "secret.txt"
    secret.write_text("first\n")
    gw = gateway({"a": api(upstream, headers={
        "request": {"set": {"X-Secret": f"${{file:{secret}}}"}}})})
    gw.get("/")
    assert upstream.last.headers.get("X-Secret") == "first"
    secret.write_text("second, and longer\n")

    def changed():
        gw.get("/")
        return upstream.last.headers.get("X-Secret") == "second, and longer"
    until(changed, "the changed secret")


def test_a_hundred_reloads_under_load_fail_nothing(gateway, origin, two):
    upstream = origin(echo)
    gw = gateway({"a": api(upstream)})
    with Load(gw.port, clients=4) as kept, Load(gw.port, clients=2, per_connection=3) as fresh:
        for number in range(100):
            gw.reload({"apis": {
                "a": api(upstream, headers={"response": {"set": {"X-Round": str(number)}}}),
                f"b{number}": api(two[1], f"/b{number}"),
            }})
        kept.wait_for(20)
        fresh.wait_for(20)
    assert kept.failures == [] and fresh.failures == []
    assert kept.served > 100


def test_reloads_are_counted(gateway, two):
    gw = gateway({"a": api(two[0])})
    gw.reload({"apis": {"a": api(two[1])}})
    gw.write_text("nonsense: 1\n")
    gw.admin("/reload", "POST")
    metrics = gw.metrics()
    assert metrics.sum("sallyport_config_reloads_total", outcome="ok") == 2, "with the first one"
    assert metrics.sum("sallyport_config_reloads_total", outcome="refused") == 1
    assert metrics.sum("sallyport_config_last_reload_ok") == 0


def test_half_a_file_is_not_taken(gateway, two):
    """A file that is being written is left alone until it is whole."""
    old, new = two
    gw = gateway({"a": api(old)})
    text = to_yaml({"listen": [f"127.0.0.1:{gw.port}"],
                    "admin": {"address": f"127.0.0.1:{gw.admin_port}"},
                    "apis": {"a": api(new)}})
    with open(gw.file, "w") as file:
        for position in range(0, len(text), 40):
            file.write(text[position:position + 40])
            file.flush()
            assert gw.get("/").status == 200
    until(lambda: serves(gw, b"new"), "the whole file")


def test_the_gateway_refuses_to_start_on_a_bad_file(gateway):
    gw = gateway(text="listen: ['127.0.0.1:@PORT@']\napiz: {}\n", start=False)
    gw.start(wait=False)
    assert gw.process.wait(HANG) == 2
    assert "sallyport.yaml:2:1" in gw.stderr
    assert "apis" in gw.stderr, "it names the nearest key"
    gw.stop(expect=2)


def test_a_request_whose_body_is_awaited_survives_reloads(gateway, two):
    """Its way to the upstream belongs to a configuration that is long gone when the body comes."""
    old, new = two
    gw = gateway({"a": api(old)})
    with gw.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\n")
        for upstream in (new, old, new):
            gw.write({"apis": {"a": api(upstream)}})
            assert gw.admin("/reload", "POST").status == 200
        assert serves(gw, b"new")
        client.send(b"body")
        response = client.response()
        assert response.status == 200
        assert response.body == b"old"
