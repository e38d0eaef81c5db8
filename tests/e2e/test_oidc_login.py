"""Logins of people with browsers: a real OpenID Provider, and Chromium where it runs."""

import base64
import concurrent.futures
import http.client
import json
import secrets
import sqlite3
import time
import urllib.parse

import pytest

from harness.gateway import api, assert_problem
from harness.login import Browser, Provider, chromium
from harness.origin import echo, server_context
from harness.ports import free_port
from harness.tokens import EcKey
from harness.wait import until

COOKIE = "__Host-sallyport"


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.issue("127.0.0.1", "127.0.0.1")


class Site:
    """A gateway with one API that people log in to, and its provider."""

    def __init__(self, gateway, upstream, provider, port, certificate, more, top):
        self.provider, self.port = provider, port
        self.base = f"https://127.0.0.1:{port}"
        self.page = self.base + "/orders?id=7"
        self.env = {"GW_SECRET": provider.secret or "", "COOKIES": secrets.token_hex(32),
                    "OTHER": secrets.token_hex(32), **top.pop("env", {})}
        self._listen = [{"address": f"127.0.0.1:{port}", "tls": {
            "certificates": [{"cert": certificate.cert, "key": certificate.key}]}}]
        self._upstream, self._top = upstream, top
        self.gw = gateway(start=False, env=self.env)
        self.gw.write(self.config(**more))
        self.gw.start()

    def config(self, apis=None, **more):
        login = {"issuer": self.provider.url, "client_id": "gw",
                 "client_secret": "${env:GW_SECRET}",
                 "backchannel_logout": "/.sallyport/backchannel",
                 "cookie": {"secret": "${env:COOKIES}"}, **more}
        login = {name: value for name, value in login.items() if value is not None}
        told = {"subject": "X-Subject", "method": "X-Method", "strength": "X-Strength",
                "scopes": "X-Scopes", "roles": "X-Roles", "groups": "X-Groups",
                "claims": {"name": "X-Name"}}
        one = api(self._upstream,
                  authenticate={"oidc_login": login, "identity": {"headers": told}})
        del one["public"]
        return {"listen": self._listen, "apis": {"a": one, **(apis or {})}, **self._top}

    def use(self, browser, method="GET", **named):
        """A page's own request."""
        named.setdefault("headers", {"Sec-Fetch-Site": "same-origin"})
        return browser.send(self.page, method, navigate=False, **named)

    def jar(self, browser):
        return browser.jar(self.base)


@pytest.fixture
def site(gateway, origin, certificate, authority, request):
    """Makes one: site(ttl=5, scopes=[...])."""
    providers = []

    def make(ttl=3600, client=None, top=None, **more):
        port = free_port()
        provider = Provider(f"https://127.0.0.1:{port}", ca=authority.cert, ttl=ttl,
                            **(client or {}))
        providers.append(provider)
        return Site(gateway, origin(echo), provider, port, certificate, more, top or {})

    yield make
    for provider in providers:
        provider.stop()


def problem(page, status, code):
    assert page.status == status, page
    assert page.json()["code"] == code, page
    return page


def query_of(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def flipped(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


def test_a_browser_logs_in_and_uses_the_api(site):
    s, browser = site(), Browser()
    problem(s.use(browser), 401, "authenticate.missing")
    sent = browser.send(s.page)
    assert sent.status == 302 and sent.location.startswith(s.provider.url + "/auth?"), sent
    asked = query_of(sent.location)
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == s.base + "/.sallyport/callback"
    assert asked["scope"] == "openid profile"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert min(len(asked[n]) for n in ("state", "nonce", "code_challenge")) == 43
    page = browser.login(s.page)
    assert page.status == 200 and page.url == s.page, page
    assert page.json()["target"] == "/orders?id=7"
    used = s.use(browser)
    assert used.status == 200, used
    assert not [n for n, _ in used.json()["headers"] if n.lower() == "cookie"], used
    assert ("Cache-Control", "private") in used.fields, used.fields
    # Other cookies go on.
    mixed = s.use(browser, headers={"Sec-Fetch-Site": "same-origin"},
                  cookies={"a": "1", **s.jar(browser), "b": "2"})
    assert ["Cookie", "a=1; b=2"] in mixed.json()["headers"], mixed
    told = {n: urllib.parse.unquote(v) for n, v in used.json()["headers"] if n.startswith("X-")}
    expected = {"X-Subject": "alice", "X-Method": "oidc_login", "X-Strength": "token",
                "X-Scopes": "openid,profile", "X-Roles": "reader", "X-Groups": "staff",
                "X-Name": "Name of alice"}
    assert expected.items() <= told.items(), told


def test_cookies_are_kept_from_scripts_other_hosts_and_plain_connections(site):
    s, browser = site(), Browser()
    begun = browser.send(s.page)
    back = browser.to_callback(s.page)
    done = browser.send(back, headers={"Sec-Fetch-Site": "cross-site"})
    assert done.status == 303 and done.location == s.page, done
    assert done.fields and ("Cache-Control", "no-store") in done.fields
    set_now = begun.cookies_set() + done.cookies_set()
    assert len([c for c in set_now if c.startswith(COOKIE + "=")]) == 1
    for text in set_now:
        assert text.startswith(COOKIE), text
        assert "; Path=/; Secure; HttpOnly; SameSite=Lax" in text and "Domain" not in text, text
        assert "alice" not in text and "ey" != text.split("=", 1)[1][:2], text


def test_a_new_login_gives_a_new_session(site):
    s, browser = site(), Browser()
    browser.login(s.page)
    first = dict(s.jar(browser))
    s.jar(browser).clear()
    browser.login(s.page)
    assert first[COOKIE] != s.jar(browser)[COOKIE]


def test_a_public_client_logs_in_without_a_secret(site):
    s, browser = site(client={"secret": None}, client_secret=None), Browser()
    assert browser.login(s.page).status == 200


def test_several_tabs_log_in_at_once(site):
    s, browser = site(), Browser()
    begun = [browser.send(s.base + f"/tab/{n}") for n in range(3)]
    assert len([n for n in s.jar(browser) if ".login." in n]) == 3
    for number, page in enumerate(begun):
        at = browser.follow(page)
        done = at if at.url.startswith(s.base) else browser.submit(at)
        assert done.status == 200 and done.json()["target"] == f"/tab/{number}", done
    assert not [n for n in s.jar(browser) if ".login." in n]


def test_logins_that_nobody_finishes_do_not_pile_up(site):
    s, browser = site(), Browser()
    for number in range(12):
        browser.send(s.base + f"/{number}")
        assert len([n for n in s.jar(browser) if ".login." in n]) <= 4
    assert browser.login(s.page).status == 200


def test_tokens_are_refreshed_once_for_concurrent_requests(site):
    s, browser = site(ttl=5), Browser()
    browser.login(s.page)
    before = dict(s.jar(browser))
    time.sleep(4.3)  # refreshed a fifth of their life before they expire
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: s.use(Browser(), cookies=before), range(16)))
    assert [page.status for page in pages] == [200] * 16, pages
    assert s.provider.seen()["grants"].count("refresh_token") == 1
    assert all(page.cookies_set() for page in pages)
    # Who still has the old cookie gets the new one, and no other refresh.
    assert s.use(browser).cookies_set() and s.jar(browser)[COOKIE] != before[COOKIE]
    assert s.provider.seen()["grants"].count("refresh_token") == 1
    # The new one is refreshed in its turn.
    until(lambda: s.use(browser).status == 200 and
          s.provider.seen()["grants"].count("refresh_token") >= 2, "another refresh")
    assert "invalid_grant" not in s.provider.seen()["grants"]


def test_a_session_that_the_provider_does_not_refresh_is_over(site):
    s, browser = site(ttl=5), Browser()
    browser.login(s.page)
    s.provider.stop()
    s.provider.start()  # it has forgotten everything
    page = until(lambda: (lambda p: p if p.status != 200 else None)(s.use(browser)), "the refresh")
    problem(page, 401, "authenticate.invalid")
    assert COOKIE not in s.jar(browser)
    assert browser.login(s.page).status == 200


def test_while_the_provider_is_away_sessions_last_as_long_as_their_tokens(site):
    s, browser = site(ttl=6), Browser()
    browser.login(s.page)
    s.provider.stop()
    assert s.use(browser).status == 200
    page = until(lambda: (lambda p: p if p.status != 200 else None)(s.use(browser)), "the expiry")
    problem(page, 503, "authenticate.unavailable")
    problem(browser.send(s.base + "/.sallyport/callback?state=none"), 400,
            "authenticate.login_failed")


def test_a_provider_that_was_never_there_is_no_way_in(site):
    s, browser = site(), Browser()
    s.provider.stop()
    problem(browser.send(s.page), 503, "authenticate.unavailable")
    problem(s.use(browser), 401, "authenticate.missing")


def test_a_callback_while_the_provider_is_away_logs_nobody_in(site):
    s, browser = site(), Browser()
    back = browser.to_callback(s.page)
    s.provider.stop()
    problem(browser.send(back), 503, "authenticate.unavailable")
    assert COOKIE not in s.jar(browser)


def test_keys_of_the_provider_are_fetched_anew_when_they_change(site):
    s, browser = site(), Browser()
    browser.login(s.page)
    s.provider.stop()
    s.provider.start(EcKey("two"))
    assert s.use(browser).status == 200  # what was believed before stays
    time.sleep(10)  # so long from one fetch to the next
    assert Browser().login(s.page).status == 200


def test_altered_and_foreign_cookies_prove_nothing(site):
    s, other, browser = site(), site(), Browser()
    browser.login(s.page)
    good = s.jar(browser)[COOKIE]
    assert s.use(Browser(), cookies={COOKIE: good}).status == 200
    elsewhere = Browser()
    elsewhere.login(other.page)
    begun = Browser()
    begun.send(s.page)
    login = next(v for n, v in s.jar(begun).items() if ".login." in n)
    bad = {
        "a bit of the format": flipped(good, 2), "of the key": flipped(good, 8),
        "of the nonce": flipped(good, 20), "of the text": flipped(good, len(good) // 2),
        "of the tag": flipped(good, len(good) - 3), "the number of pieces": "2" + good[1:],
        "more pieces": "9" + good[1:], "no number": good[2:], "half": good[:len(good) // 2],
        "empty": "", "only a number": "1.", "no base64": "1.****", "padding": good + "=",
        "another gateway's": other.jar(elsewhere)[COOKIE],
        "a login that has begun": "1." + login, "long": "1." + "A" * 7000,
        "many zeros": "1." + "A" * 400,
    }
    for name, value in bad.items():
        page = s.use(Browser(), cookies={COOKIE: value})
        assert page.status == 401, (name, page)
        assert page.json()["code"] == "authenticate.invalid", (name, page)
        sent = Browser().send(s.page, cookies={COOKIE: value})
        assert sent.status == 302, (name, sent)
    # A piece that the first does not count is not looked at; without the first there is nothing.
    assert s.use(Browser(), cookies={COOKIE: good, COOKIE + ".1": good}).status == 200
    problem(s.use(Browser(), cookies={COOKIE + ".1": good}), 401, "authenticate.invalid")
    twice = f"{COOKIE}={good}; {COOKIE}={good}"
    connection = http.client.HTTPSConnection("127.0.0.1", s.port, context=Browser()._tls)
    connection.request("GET", "/orders", headers={"Cookie": twice})
    answer = connection.getresponse()
    assert answer.status == 401 and json.loads(answer.read())["code"] == "authenticate.invalid"
    connection.close()


def test_a_large_session_is_kept_in_pieces_and_one_too_large_is_refused(site):
    s, browser = site(), Browser()
    browser.login(s.page, "a" * 900)
    pieces = {n: v for n, v in s.jar(browser).items() if n.startswith(COOKIE)}
    assert set(pieces) == {COOKIE, COOKIE + ".1"}, pieces
    assert all(len(n) + len(v) < 4096 for n, v in pieces.items())
    used = s.use(browser)
    assert used.status == 200 and not [n for n, _ in used.json()["headers"] if n == "Cookie"], used
    problem(s.use(Browser(), cookies={COOKIE: pieces[COOKIE]}), 401, "authenticate.invalid")
    # The next one is small, and what is left over goes.
    s.jar(browser).pop(COOKIE)
    for jar in browser.cookies.values():
        for name in [n for n in jar if not n.startswith(COOKIE)]:
            jar.pop(name)
    browser.login(s.page, "bob")
    assert COOKIE + ".1" not in s.jar(browser)
    assert s.use(browser).status == 200
    huge = Browser()
    page = huge.login(s.page, "a" * 2500)
    problem(page, 400, "authenticate.login_failed")
    assert COOKIE not in s.jar(huge)


def test_a_callback_that_does_not_fit_a_login_of_this_browser_is_refused(site):
    s, browser, victim = site(), Browser(), Browser()
    back = browser.to_callback(s.page)
    asked = query_of(back)
    callback = s.base + "/.sallyport/callback?"

    def with_query(**changed):
        full = {n: v for n, v in {**asked, **changed}.items() if v is not None}
        return callback + urllib.parse.urlencode(full)

    # Before anything else: a login that somebody else has begun is not finished here.
    victim.send(s.page)
    problem(victim.send(back), 400, "authenticate.login_failed")
    problem(browser.send(with_query(state=flipped(asked["state"], 30))), 400,
            "authenticate.login_failed")
    problem(browser.send(with_query(state=None)), 400, "authenticate.login_failed")
    problem(browser.send(callback), 400, "authenticate.login_failed")
    problem(browser.send(back + "&state=" + asked["state"]), 400, "authenticate.login_failed")
    problem(browser.send(callback + "state=%zz"), 400, "http.bad_percent_escape")
    kept = dict(s.jar(browser))
    done = browser.send(back)
    assert done.status == 303, done
    # With the cookies from before, as an attacker could have kept them.
    replayed = Browser().send(back, cookies=kept)
    problem(replayed, 400, "authenticate.login_failed")
    assert not [c for c in replayed.cookies_set() if c.startswith(COOKIE + "=")]


@pytest.mark.parametrize("changed", [
    {"iss": "https://evil.example"}, {"iss": None}, {"code": "guessed"}, {"code": None},
    {"code": None, "error": "access_denied", "error_description": "<script>"},
])
def test_a_callback_that_is_not_the_providers_is_refused(site, changed):
    s, browser = site(), Browser()
    back = browser.to_callback(s.page)
    full = {n: v for n, v in {**query_of(back), **changed}.items() if v is not None}
    page = browser.send(s.base + "/.sallyport/callback?" + urllib.parse.urlencode(full))
    problem(page, 400, "authenticate.login_failed")
    assert "script" not in page.text
    assert not [c for c in page.cookies_set() if c.startswith(COOKIE + "=")]


@pytest.mark.parametrize("path", [
    "//evil.example/x", "///evil.example", "/x?to=https://evil.example", "/@evil.example",
    "/.evil.example", "/x?%0d%0aSet-Cookie:%20a=1",
])
def test_browsers_only_come_back_to_this_host(site, path):
    s, browser = site(), Browser()
    page = browser.login(s.base + path)
    assert page.status == 200 and page.url == s.base + path, page
    assert page.json()["target"] == path, page


@pytest.mark.parametrize("path, code", [
    ("/%2f%2fevil.example", "http.encoded_separator"), ("/..//evil.example", "http.path_above_root"),
    ("/%0d%0aevil.example", "http.encoded_control"),
])
def test_paths_that_could_be_read_in_two_ways_begin_no_login(site, path, code):
    s, browser = site(), Browser()
    page = problem(browser.send(s.base + path), 400, code)
    assert not page.cookies_set()


def test_what_changes_something_has_to_come_from_a_page_of_the_api(site):
    s, browser = site(trusted_origins="https://app.example.com"), Browser()
    browser.login(s.page)
    origin = s.base
    good = [{"Sec-Fetch-Site": "same-origin", "Origin": origin}, {"Sec-Fetch-Site": "none"},
            {"Origin": origin},
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example.com"}]
    bad = [{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
           {"Sec-Fetch-Site": "same-site", "Origin": "https://127.0.0.1:1"},
           {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {"Origin": "https://evil.example"},
           {"Origin": origin + ".evil.example"}, {"Origin": origin.replace("https", "http")}, {},
           {"Sec-Fetch-Site": "Same-Origin"}, {"Sec-Fetch-Site": "cross-site", "Origin": origin}]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for headers in good:
            assert s.use(browser, method, headers=headers, body="x").status == 200, headers
        for headers in bad:
            problem(s.use(browser, method, headers=headers, body="x"), 403,
                    "authenticate.cross_site")
    # Reading is for whoever may read.
    assert s.use(browser, headers={"Sec-Fetch-Site": "cross-site"}).status == 200
    # Without a session there is nothing to protect.
    problem(s.use(Browser(), "POST", headers=bad[0], body="x"), 401, "authenticate.missing")
    websocket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode()}
    problem(s.use(browser, headers={**websocket, "Origin": "https://evil.example"}), 403,
            "authenticate.cross_site")


def test_logging_out_ends_the_session_here_and_at_the_provider(site):
    s, browser = site(), Browser()
    browser.login(s.page)
    kept = dict(s.jar(browser))
    url = s.base + "/.sallyport/logout"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                    {"Sec-Fetch-Site": None}):
        problem(browser.send(url, headers=headers), 403, "authenticate.cross_site")
    assert s.use(browser).status == 200
    out = browser.send(url, headers={"Sec-Fetch-Site": "same-origin"})
    assert out.status == 303 and out.location.startswith(s.provider.url + "/session/end?"), out
    asked = query_of(out.location)
    assert asked["post_logout_redirect_uri"] == url and asked["id_token_hint"].count(".") == 2
    assert COOKIE not in s.jar(browser)
    # Whoever kept the cookie has nothing of it.
    problem(s.use(Browser(), cookies=kept), 401, "authenticate.invalid")
    page = browser.follow(out)
    xsrf = page.text.split('name="xsrf" value="')[1].split('"')[0]
    end = browser.send(s.provider.url + "/session/end/confirm", "POST",
                       {"xsrf": xsrf, "logout": "yes"})
    done = browser.follow(end)
    assert done.status == 200 and done.url == url and done.text == "You are logged out.\n", done
    # The provider asks again.
    assert browser.go(s.page).url.startswith(s.provider.url)


def post_logout_token(s, token, **more):
    return Browser().send(s.base + "/.sallyport/backchannel", "POST",
                          {"logout_token": token, **more}, navigate=False)


def test_the_provider_ends_sessions_behind_the_browsers_back(site):
    s, browser, other = site(), Browser(), Browser()
    browser.login(s.page)
    other.login(s.page)
    assert s.use(browser).status == s.use(other).status == 200
    # At the provider itself, in the same browser.
    page = browser.send(s.provider.url + "/session/end")
    xsrf = page.text.split('name="xsrf" value="')[1].split('"')[0]
    browser.send(s.provider.url + "/session/end/confirm", "POST", {"xsrf": xsrf, "logout": "yes"})
    until(lambda: s.provider.seen()["backchannel"], "the provider's logout token")
    assert s.provider.seen()["backchannel"] == ["ok"]
    problem(s.use(browser), 401, "authenticate.invalid")
    assert s.use(other).status == 200  # another session of the same user
    assert post_logout_token(s, s.provider.logout_token()).status == 200  # all of the user's
    problem(s.use(other), 401, "authenticate.invalid")
    third = Browser()
    assert third.login(s.page).status == 200  # he may come again
    assert s.use(third).status == 200


def test_only_logout_tokens_of_the_provider_end_sessions(site):
    s, browser = site(), Browser()
    browser.login(s.page)
    make, now = s.provider.logout_token, int(time.time())
    once = make(sub="somebody else")
    assert post_logout_token(s, once).status == 200
    bad = {
        "replayed": once, "another's key": make(key=EcKey("one")),
        "unknown key": make(key=EcKey("x")),
        "another client's": make(aud="other"), "another issuer's": make(iss="https://evil.example"),
        "expired": make(exp=now - 300, iat=now - 400), "no expiry": make(exp=None),
        "of the future": make(iat=now + 4000, exp=now + 5000), "no id": make(jti=None),
        "empty id": make(jti=""), "no events": make(events=None),
        "other events": make(events={"a": {}}),
        "an event that is none": make(events={
            "http://schemas.openid.net/event/backchannel-logout": True}),
        "an ID token": make(nonce="n"), "about nobody": make(sub=None),
        "an access token": make(typ="at+jwt"),
        "unsigned": make().rsplit(".", 1)[0] + ".", "nothing": "", "noise": "a.b.c",
    }
    for name, token in bad.items():
        page = post_logout_token(s, token)
        assert page.status == 400, (name, page)
        assert page.json()["code"] == "authenticate.logout_token", (name, page)
    path = s.base + "/.sallyport/backchannel"
    for body in ("", "x" * 40000, "logout_token=%zz", "a=b",
                 f"logout_token={make()}&logout_token=x"):
        problem(browser.send(path, "POST", body, navigate=False), 400, "authenticate.logout_token")
    problem(browser.send(path, navigate=False), 405, "gateway.method_not_allowed")
    assert s.use(browser).status == 200


def test_a_logout_token_that_could_not_be_kept_may_come_again(site, tmp_path):
    s, browser = site(top={"state": {"path": str(tmp_path / "state")}}), Browser()
    browser.login(s.page)
    token = s.provider.logout_token()
    # Another process is writing, and does not come to an end.
    database = sqlite3.connect(tmp_path / "state" / "sallyport.db", timeout=30,
                               isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    problem(post_logout_token(s, token), 503, "authenticate.unavailable")
    database.execute("ROLLBACK")
    database.close()
    until(lambda: post_logout_token(s, token).status == 200, "the store to be back")
    problem(s.use(browser), 401, "authenticate.invalid")
    problem(post_logout_token(s, token), 400, "authenticate.logout_token")


def test_sessions_and_their_end_outlast_a_restart_where_state_is_kept(site, tmp_path):
    s = site(top={"state": {"path": str(tmp_path / "state")}}, cookie=None)
    stays, ended, gone = Browser(), Browser(), Browser()
    for browser in (stays, ended, gone):
        browser.login(s.page, "bob" if browser is gone else "alice")
    kept = dict(s.jar(ended))
    ended.send(s.base + "/.sallyport/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert post_logout_token(s, s.provider.logout_token(sub="bob")).status == 200
    s.gw.stop()
    s.gw.start()
    assert s.use(stays).status == 200
    problem(s.use(Browser(), cookies=kept), 401, "authenticate.invalid")
    problem(s.use(gone), 401, "authenticate.invalid")


def test_keys_of_cookies_are_rotated(site):
    s, old, new = site(), Browser(), Browser()
    old.login(s.page)
    s.gw.reload(s.config(cookie={"secret": ["${env:OTHER}", "${env:COOKIES}"]}))
    assert s.use(old).status == 200
    new.login(s.page)
    s.gw.reload(s.config(cookie={"secret": "${env:OTHER}"}))
    assert s.use(new).status == 200
    problem(s.use(old), 401, "authenticate.invalid")


def test_sessions_end_when_they_are_not_used_and_after_their_lifetime(site):
    browser = Browser()
    s = site(cookie={"secret": "${env:COOKIES}", "idle": "10s", "lifetime": "20s"})
    browser.login(s.page)
    first = s.jar(browser)[COOKIE]
    time.sleep(2)  # an eighth of the time without use is when the cookie is written again
    assert s.use(browser).status == 200
    assert s.jar(browser)[COOKIE] != first
    page = until(lambda: (lambda p: p if p.status != 200 else None)(s.use(browser)), "the end")
    problem(page, 401, "authenticate.invalid")
    problem(s.use(Browser(), cookies={COOKIE: first}), 401, "authenticate.invalid")


def test_apis_of_one_host_share_a_login_and_other_ways_stay_open(site, origin):
    key = EcKey("own")
    s = site()
    login = {"oidc_login": s.config()["apis"]["a"]["authenticate"]["oidc_login"]}
    both = {"any": [{"jwt": key.accepting()}, login]}
    apis = {}
    for name in ("b", "c"):
        apis[name] = api(origin(echo), path=f"/{name}", authenticate=both)
        del apis[name]["public"]
    apis["open"] = api(origin(echo), path="/open")
    s.gw.reload(s.config(apis=apis))
    browser = Browser()
    assert browser.login(s.base + "/b/x").status == 200
    assert browser.send(s.base + "/c/x").status == 200 and s.use(browser).status == 200
    token = {"Authorization": "Bearer " + key.token()}
    # A cookie that proves nothing is in nobody's way, and goes to no upstream.
    page = Browser().send(s.base + "/b/x", "POST", "x", headers=token, navigate=False,
                          cookies={COOKIE: "1.AAAA"})
    assert page.status == 200 and not [n for n, _ in page.json()["headers"] if n == "Cookie"], page
    # Not even to that of an API that anybody may use.
    page = browser.send(s.base + "/open")
    assert page.status == 200 and not [n for n, _ in page.json()["headers"] if n == "Cookie"], page
    # The gateway's own paths are nobody else's, whoever asks.
    page = Browser().send(s.base + "/.sallyport/callback", headers=token, navigate=False)
    problem(page, 400, "authenticate.login_failed")


def test_a_session_serves_only_apis_whose_login_asks_for_no_more(site, origin):
    s = site()
    login = s.config()["apis"]["a"]["authenticate"]["oidc_login"]
    apis = {}
    for name, more in (("more", {"scopes": ["openid", "offline_access"], "prompt": "consent"}),
                       ("again", {"prompt": "login"}), ("less", {"scopes": ["openid"]})):
        apis[name] = api(origin(echo), path=f"/{name}",
                         authenticate={"oidc_login": {**login, **more}})
        del apis[name]["public"]
    s.gw.reload(s.config(apis=apis))
    browser = Browser()
    browser.login(s.page)
    assert browser.send(s.base + "/less/x").status == 200
    # A page's own request is refused; where a browser goes there, it logs in again.
    refused = browser.send(s.base + "/again/x", navigate=False)
    problem(refused, 401, "authenticate.invalid")
    sent = browser.send(s.base + "/again/x")
    assert sent.status == 302 and query_of(sent.location)["prompt"] == "login", sent
    page = browser.submit(browser.follow(sent))
    assert page.status == 200 and page.json()["target"] == "/again/x", page
    # That session is the others', too; what it asked for is asked for again by who needs more.
    assert s.use(browser).status == 200
    sent = browser.send(s.base + "/more/x")
    asked = query_of(sent.location)
    assert set(asked["scope"].split()) == {"openid", "profile", "offline_access"}, asked
    assert set(asked["prompt"].split()) == {"login", "consent"}, asked
    # Nobody gets there with a callback of another API's login.
    other = Browser()
    other.login(s.page)
    problem(other.send(s.base + "/more/x", navigate=False), 401, "authenticate.invalid")


def test_a_strict_cookie_is_found_by_a_page_that_leads_on(site):
    s, browser = site(cookie={"secret": "${env:COOKIES}", "same_site": "strict"}), Browser()
    done = browser.send(browser.to_callback(s.base + "/x?a=1&b=%22"))
    assert done.status == 200 and not done.location, done
    assert f'url={s.base}/x?a=1&amp;b=%22"' in done.text, done
    assert [c for c in done.cookies_set() if "SameSite=Strict" in c], done
    assert s.use(browser).status == 200


def test_without_https_nobody_is_sent_to_log_in(gateway, origin):
    one = api(origin(echo), authenticate={"oidc_login": {
        "issuer": "https://login.example.com", "client_id": "gw",
        "cookie": {"secret": "${env:COOKIES}"}}})
    del one["public"]
    gw = gateway({"a": one}, env={"COOKIES": secrets.token_hex(32)})
    assert_problem(gw.get("/", [("Accept", "text/html")]), 401, "authenticate.invalid")


def test_chromium_logs_in_uses_the_api_and_logs_out(site, origin, certificate):
    s = site()

    def page(call):
        call.body()
        call.reply(200, [("Content-Type", "text/html")], b"<!doctype html><title>elsewhere</title>")

    same_site = origin(page, tls=server_context(certificate))
    other_site = origin(page)
    saw = chromium({"start": s.page, "logout": s.base + "/.sallyport/logout",
                    "other": {"same_site": same_site.url + "/",
                              "cross_site": f"http://localhost:{other_site.port}/"}})
    assert saw["asked"].startswith(s.provider.url)
    assert saw["arrived"]["target"] == "/orders?id=7"
    assert [c["name"] for c in saw["cookies"]] == [COOKIE] and saw["visible"] == ""
    assert saw["cookies"][0]["httpOnly"] and saw["cookies"][0]["secure"]
    assert saw["own"] == 200
    assert json.loads(saw["same_site"])["code"] == "authenticate.cross_site"
    assert json.loads(saw["same_site_logout"])["code"] == "authenticate.cross_site"
    # The browser itself keeps a lax cookie from what another site sends.
    assert json.loads(saw["cross_site"])["code"] == "authenticate.missing"
    assert json.loads(saw["cross_site_logout"])["code"] == "authenticate.cross_site"
    assert saw["still"] == "/orders?id=7"
    assert saw["at_provider"] == s.provider.url + "/session/end"
    assert saw["logged_out"].strip() == "You are logged out." and saw["left"] == []
    assert saw["again"].startswith(s.provider.url)
