"""Which endpoint a request goes to, and what happens when endpoints fail."""

import collections
import threading

import pytest

from harness.gateway import OFF, api, assert_problem
from harness.origin import always, by_path, close_at_once, echo, gated, raw
from harness.ports import free_port
from harness.wait import until


@pytest.fixture
def pool(gateway, origin):
    """A gateway with one worker before several endpoints that can be told apart."""
    def make(count=3, script=echo, weights=None, config=None, **settings):
        origins = [origin(script, name=str(number)) for number in range(count)]
        endpoints = [o.url for o in origins]
        if weights:
            endpoints = [{"url": o.url, "weight": w} for o, w in zip(origins, weights)]
        gw = gateway({"a": api("pool")}, upstreams={"pool": {"endpoints": endpoints, **settings}},
                     **{"workers": 1, **(config or {})})
        return gw, origins
    return make


def served_by(gw, count, headers=(), target="/"):
    """How many of `count` requests each endpoint answered."""
    with gw.client() as client:
        return collections.Counter(client.get(target, headers).json()["origin"]
                                   for _ in range(count))


# ---- balancing ----


def test_round_robin_gives_each_its_turn(pool):
    gw, _ = pool()
    assert served_by(gw, 30) == {"0": 10, "1": 10, "2": 10}


def test_weights(pool):
    gw, _ = pool(2, weights=[3, 1])
    assert served_by(gw, 40) == {"0": 30, "1": 10}


def test_least_request_avoids_the_busy_one(pool):
    """Of two choices the idle one: with two endpoints the busy one gets nothing more."""
    gate = threading.Event()
    gw, origins = pool(2, by_path({"/hold": gated(gate)}), balance="least_request")
    holders = []
    try:
        first = gw.client()
        holders.append(first)
        first.request("GET", "/hold")
        until(lambda: any(o.complete for o in origins), "the held request")
        busy = next(o.name for o in origins if o.complete)
        counts = served_by(gw, 40)
        assert counts[busy] == 0, counts
    finally:
        gate.set()
        for holder in holders:
            holder.response()
            holder.close()


@pytest.mark.parametrize("hash_by, same", [
    ({"header": "X-Tenant"}, lambda key: [("X-Tenant", key)]),
    ({"cookie": "session"}, lambda key: [("Cookie", f"a=b; session={key}; c=d")]),
])
def test_consistent_hashing(pool, hash_by, same):
    gw, _ = pool(4, balance="consistent_hash", hash=hash_by)
    homes = {}
    for number in range(40):
        counts = served_by(gw, 3, same(f"key-{number}"))
        assert len(counts) == 1, "one key, one endpoint"
        homes[number] = next(iter(counts))
    assert len(set(homes.values())) == 4, "all endpoints are used"


def test_consistent_hashing_by_address(pool):
    gw, _ = pool(3, balance="consistent_hash")
    assert len(served_by(gw, 20)) == 1


def test_consistent_hashing_moves_little_when_an_endpoint_is_lost(pool):
    gw, origins = pool(4, balance="consistent_hash", hash={"header": "X-K"})
    def homes():
        return {k: next(iter(served_by(gw, 1, [("X-K", f"k{k}")]))) for k in range(30)}
    before = homes()
    endpoints = [o.url for o in origins[:3]]
    gw.reload({"apis": {"a": api("pool")}, "workers": 1, "upstreams": {
        "pool": {"endpoints": endpoints, "balance": "consistent_hash", "hash": {"header": "X-K"}}}})
    after = homes()
    stayed = [k for k in before if before[k] != "3"]
    assert all(after[k] == before[k] for k in stayed)


# ---- failures ----


def test_a_refused_connection_goes_to_another_endpoint(pool):
    gw, origins = pool(2, ejection=OFF)
    origins[0].stop()
    with gw.client() as client:
        for _ in range(20):
            response = client.get("/")
            assert response.status == 200, response
            assert response.json()["origin"] == "1"


def test_all_endpoints_down(pool):
    gw, origins = pool(2)
    for origin in origins:
        origin.stop()
    for _ in range(3):
        response = gw.get("/")
        assert response.status in (502, 503)
        assert_problem(response, response.status)


def test_a_post_is_never_sent_twice(pool):
    gw, origins = pool(2, close_at_once)
    assert gw.call("POST", "/", body=b"once").status == 502
    assert sum(len(origin.requests) for origin in origins) == 1


def test_a_get_is_sent_twice_at_most(pool):
    gw, origins = pool(2, close_at_once)
    assert gw.get("/").status == 502
    assert sum(len(origin.requests) for origin in origins) <= 2


def test_one_safe_retry_on_a_kept_connection_that_died(gateway, origin):
    """The upstream closes as the request arrives: for a GET it is sent again, on a new one."""
    died = threading.Event()

    def die_once(call):
        call.body()
        if call.request.path == "/again" and not died.is_set():
            died.set()
            call.reset()
        else:
            echo(call)

    upstream = origin(die_once)
    gw = gateway({"a": api(upstream)}, workers=1)
    with gw.client() as client:
        assert client.get("/first").status == 200
        response = client.get("/again")
        assert response.status == 200
    assert died.is_set()
    assert upstream.count("/again") == 2
    assert gw.log_of(response)["sallyport.retries"] == 1


def test_no_retry_once_an_answer_has_begun(gateway, origin):
    upstream = origin(by_path({"/half": raw(b"HTTP/1.1 200 OK\r\nContent-Le")}))
    gw = gateway({"a": api(upstream)}, workers=1)
    with gw.client() as client:
        assert client.get("/first").status == 200
        assert client.get("/half").status == 502
    assert upstream.count("/half") == 1


def test_an_endpoint_that_keeps_failing_is_left_alone(pool):
    gw, origins = pool(2, ejection={"consecutive_failures": 3, "base": "60s", "most_percent": 50})
    origins[0].respond = always(503)
    statuses = []
    with gw.client() as client:
        for _ in range(30):
            statuses.append(client.get("/").status)
    assert statuses.count(503) == 3, statuses
    metrics = gw.metrics()
    assert metrics.matching("endpoint|eject"), sorted(metrics.names())


def test_an_ejected_endpoint_comes_back(pool):
    gw, origins = pool(2, ejection={"consecutive_failures": 2, "base": "300ms"})
    origins[0].respond = always(503)
    with gw.client() as client:
        for _ in range(10):
            client.get("/")
    origins[0].respond = echo
    until(lambda: "0" in served_by(gw, 4), "the endpoint to come back")


def test_never_too_many_are_ejected(pool):
    gw, origins = pool(2, always(503),
                       ejection={"consecutive_failures": 1, "base": "60s", "most_percent": 50})
    with gw.client() as client:
        for _ in range(10):
            assert client.get("/").status == 503
    assert sum(len(origin.requests) for origin in origins) == 10, "the last one goes on being asked"


# ---- health checks ----


def test_health_checks_take_out_and_bring_back(pool):
    gw, origins = pool(2, ejection=OFF, health={
        "path": "/healthz", "every": "100ms", "healthy_after": 2, "unhealthy_after": 2})
    until(lambda: all(o.count("/healthz") for o in origins), "every endpoint to be asked")
    origins[0].respond = by_path({"/healthz": always(500)})
    until(lambda: set(served_by(gw, 6)) == {"1"}, "the sick one to be taken out")
    origins[0].respond = echo
    until(lambda: set(served_by(gw, 6)) == {"0", "1"}, "it to be brought back")


def test_health_checks_notice_what_is_gone(pool):
    gw, origins = pool(2, ejection=OFF, health={"every": "100ms", "timeout": "100ms",
                                                "unhealthy_after": 1})
    origins[0].stop()
    until(lambda: set(served_by(gw, 6)) == {"1"}, "the dead one to be taken out")
    origins[1].stop()

    def unavailable():
        return gw.get("/").status == 503
    until(unavailable, "nobody to be left")
    origins[1].start()
    until(lambda: gw.get("/").status == 200, "service to be back")


def test_health_checks_are_not_logged_as_requests(pool):
    gw, origins = pool(1, health={"path": "/healthz", "every": "100ms"})
    until(lambda: origins[0].count("/healthz") >= 3, "some checks")
    gw.stop()
    assert gw.log_now() == []


# ---- connections ----


def test_connections_are_kept_and_bounded(pool):
    gw, origins = pool(1, keep_alive={"connections": 1})
    gate = threading.Event()
    origins[0].respond = gated(gate)
    clients = [gw.client() for _ in range(5)]
    for client in clients:
        client.request("GET", "/")
    until(lambda: len(origins[0].complete) == 5, "all at once")
    gate.set()
    for client in clients:
        assert client.response().status == 200
        client.close()
    until(lambda: sum(not c.closed for c in origins[0].connections) == 1, "all but one to be closed")


def test_an_unused_connection_is_closed(pool):
    gw, origins = pool(1, keep_alive={"idle": "200ms"})
    gw.get("/")
    until(lambda: origins[0].connections[0].closed_by_peer, "the idle connection to be closed")


def test_health_and_connections_survive_a_reload(pool):
    gw, origins = pool(1)
    with gw.client() as client:
        client.get("/")
        gw.reload()
        client.get("/")
    assert len(origins[0].connections) == 1


# ---- names ----


def test_an_upstream_by_name(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(f"http://localhost:{upstream.port}")})
    until(lambda: gw.get("/").status == 200, "the name to be looked up")
    assert upstream.last.headers.one("Host") == "gw.test"


def test_a_name_that_does_not_exist_is_a_503_and_holds_up_nobody(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream, "/a"),
                  "b": api("http://no-such-host.invalid:80", "/b")})
    for _ in range(5):
        assert gw.get("/a").status == 200
    response = gw.get("/b")
    assert response.status in (502, 503)
    assert_problem(response, response.status)


def test_ipv6(gateway, origin):
    try:
        upstream = origin(address="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    port = free_port("::1")
    gw = gateway({"a": api(upstream)}, listen=[f"[::1]:{port}"])
    with gw.client(host="::1", port=port) as client:
        response = client.get("/")
        assert response.status == 200
        assert gw.log_of(response)["client.ip"] == "::1"
