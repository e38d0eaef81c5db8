"""Which API a request belongs to, and what is sent upstream for it."""

import pytest

from harness.gateway import api, assert_problem


@pytest.fixture(scope="module")
def routed(shared_gateway, shared_origin):
    """One gateway with an upstream for every way a route can be chosen."""
    make = {name: shared_origin(name=name) for name in (
        "exact", "wildcard", "anyhost", "orders", "order", "invoice", "special", "methods",
        "rewritten", "stripped", "hosted", "part")}
    return shared_gateway({
        "exact": api(make["exact"], hosts=["api.example.com"]),
        "wildcard": api(make["wildcard"], hosts=["*.example.com"]),
        "anyhost": api(make["anyhost"]),
        "orders": api(make["orders"], "/orders", routes=[
            {"path": "/{id}", "upstream": make["order"].url},
            {"path": "/{id}/invoice", "upstream": make["invoice"].url},
            {"path": "/special", "upstream": make["special"].url},
        ]),
        "methods": api(make["methods"], "/methods", methods=["GET", "POST"], routes=[
            {"path": "/part", "methods": ["DELETE"], "upstream": make["part"].url},
        ]),
        "rewritten": api(make["rewritten"], "/old", rewrite={"prefix": "/new/place"}),
        "stripped": api(make["stripped"], "/strip", rewrite={"prefix": "/"}),
        "hosted": api(make["hosted"], "/hosted", rewrite={"host": "inside.example:8080"}),
    })


@pytest.mark.parametrize("host, target, served_by", [
    ("api.example.com", "/", "exact"),
    ("API.Example.COM", "/", "exact"),
    ("api.example.com:8443", "/", "exact"),
    ("www.example.com", "/", "wildcard"),
    ("deep.www.example.com", "/", "wildcard"),
    ("example.com", "/", "anyhost"),
    ("notexample.com", "/", "anyhost"),
    ("gw.test", "/", "anyhost"),
    ("gw.test", "/orders", "orders"),
    ("gw.test", "/orders/", "orders"),
    ("gw.test", "/orders/7", "order"),
    ("gw.test", "/orders/7/invoice", "invoice"),
    ("gw.test", "/orders/7/lines", "orders"),
    ("gw.test", "/orders/special", "special"),
    ("gw.test", "/orders/%73pecial", "special"),
    ("gw.test", "/orders/x/../special", "special"),
    ("gw.test", "/orders/special?x=/orders/7", "special"),
    ("gw.test", "/ordersx", "anyhost"),
    ("gw.test", "/Orders", "anyhost"),
    ("gw.test", "http://api.example.com/", None),
])
def test_the_most_specific_route_wins(routed, host, target, served_by):
    response = routed.get(target, host=host)
    if served_by is None:
        assert response.status in (200, 400)  # a Host that differs from the target is refused
    else:
        assert response.json()["origin"] == served_by


def test_what_no_route_claims_is_404(gateway, origin):
    upstream = origin()
    gw = gateway({"a": api(upstream, "/only", hosts=["gw.test"])})
    assert_problem(gw.get("/other"), 404)
    assert_problem(gw.get("/only", host="elsewhere.test"), 404)
    assert_problem(gw.get("/onlyx"), 404)
    assert gw.get("/only").status == 200
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("method, target, status", [
    ("GET", "/methods", 200), ("POST", "/methods", 200), ("HEAD", "/methods", 200),
    ("PUT", "/methods", 405), ("DELETE", "/methods", 405), ("get", "/methods", 400),
    ("DELETE", "/methods/part", 200), ("GET", "/methods/part", 405),
])
def test_methods(routed, method, target, status):
    response = routed.call(method, target)
    assert response.status == status
    if status == 405:
        assert_problem(response, 405)
        allowed = {name.strip() for name in response.headers.one("Allow").split(",")}
        assert allowed == ({"DELETE"} if "part" in target else {"GET", "HEAD", "POST"})


@pytest.mark.parametrize("sent, seen", [
    ("/old", "/new/place"), ("/old/a/b", "/new/place/a/b"), ("/old?q=1", "/new/place?q=1"),
    ("/strip/a", "/a"), ("/strip", "/"), ("/strip?q", "/?q"), ("/hosted/x", "/hosted/x"),
])
def test_rewriting_the_prefix(routed, sent, seen):
    assert routed.get(sent).json()["target"] == seen


def test_rewriting_the_host(routed):
    headers = dict(map(tuple, routed.get("/hosted").json()["headers"]))
    assert headers["Host"] == "inside.example:8080"
    headers = dict(map(tuple, routed.get("/orders", host="gw.test:81").json()["headers"]))
    assert headers["Host"] == "gw.test:81"


def test_ten_thousand_routes(gateway, origin):
    """Each finds its own way, and what is not among them is refused."""
    upstream = origin()
    count = 10_000
    gw = gateway({f"api{number:05}": api("all", f"/api{number:05}/things",
                                         rewrite={"prefix": f"/r{number}"})
                  for number in range(count)},
                 upstreams={"all": {"endpoints": [upstream.url]}})
    with gw.client() as client:
        for number in (0, 1, 4999, 5000, count - 1):
            response = client.get(f"/api{number:05}/things/7")
            assert response.json()["target"] == f"/r{number}/7"
        assert client.get("/api10000/things").status == 404
        assert client.get("/api00001").status == 404
