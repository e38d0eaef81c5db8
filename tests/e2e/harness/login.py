"""An OpenID Provider (oidc-provider), and a browser without a screen or scripts."""

import html
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import time
import urllib.parse
import uuid

from harness.needs import lacks
from harness.ports import free_port
from harness.provider import installed
from harness.tokens import EcKey, encoded

def private_jwk(key):
    number = key._key.private_numbers().private_value.to_bytes(32, "big")
    return {**key.public, "kid": key.kid, "use": "sig", "alg": "ES256", "d": encoded(number)}


class Provider:
    """A process with one client, `gw`, whose pages are at `base`."""

    def __init__(self, base, *, ca, key=None, ttl=3600, port=None, secret="gw-secret",
                 groups=None, **client):
        """`groups`: by name of a user, where it is another than staff."""
        self._folder = installed()
        self.port, self.key, self.secret = port or free_port(), key or EcKey("one"), secret
        self.url = f"http://127.0.0.1:{self.port}"
        self._client = {
            "client_id": "gw",
            "redirect_uris": [base + "/.sallyport/callback"],
            "post_logout_redirect_uris": [base + "/.sallyport/logout"],
            "backchannel_logout_uri": base + "/.sallyport/backchannel",
            "backchannel_logout_session_required": True,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "id_token_signed_response_alg": "ES256",
            **({"client_secret": secret} if secret else {"token_endpoint_auth_method": "none"}),
            **client,
        }
        self._ca, self._ttl, self._groups, self.process = ca, ttl, groups or {}, None
        self.start()

    def start(self, key=None):
        self.key = key or self.key
        config = {"port": self.port, "ttl": self._ttl, "client": self._client,
                  "groups": self._groups,
                  "jwks": {"keys": [private_jwk(self.key)]}}
        self.process = subprocess.Popen(
            ["node", "login.mjs", json.dumps(config)], cwd=self._folder,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": self._ca, "NODE_ENV": "test"})
        for line in self.process.stdout:
            if line.strip() == "ready":
                return self
        raise AssertionError("the provider did not start")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def seen(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/seen")
        return json.loads(connection.getresponse().read())

    def logout_token(self, key=None, typ="logout+jwt", **claims):
        """As it would send one; None leaves a claim out."""
        now = int(time.time())
        full = {"iss": self.url, "aud": "gw", "iat": now, "exp": now + 120,
                "jti": str(uuid.uuid4()), "sub": "alice",
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **claims}
        return (key or self.key).sign({n: v for n, v in full.items() if v is not None}, typ=typ)


class Page:
    """An answer, and where it came from."""

    def __init__(self, url, response, body):
        self.url, self.status, self.body = url, response.status, body
        self.fields = response.getheaders()
        self.location = response.getheader("Location")

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)

    def cookies_set(self):
        return [value for name, value in self.fields if name.lower() == "set-cookie"]

    def __repr__(self):
        return f"<{self.status} {self.url} {self.text[:300]!r}>"


NAVIGATION = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate",
              "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


class Browser:
    """Keeps cookies by host and port, follows redirects. Whatever it is told to send it sends."""

    def __init__(self):
        self.cookies = {}
        self._tls = ssl.create_default_context()
        self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    def jar(self, url):
        return self.cookies.setdefault(urllib.parse.urlsplit(url).netloc, {})

    def send(self, url, method="GET", body=None, headers=None, navigate=True, cookies=None):
        parts = urllib.parse.urlsplit(url)
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        more = {"context": self._tls} if parts.scheme == "https" else {}
        connection = make(parts.hostname, parts.port, timeout=60, **more)
        jar = self.jar(url) if cookies is None else cookies
        sent = {**(NAVIGATION if navigate else {}), **(headers or {})}
        if jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target or "/", body, {n: v for n, v in sent.items() if v})
        response = connection.getresponse()
        page = Page(url, response, response.read())
        connection.close()
        if cookies is None:
            self._keep(url, page)
        return page

    def _keep(self, url, page):
        for text in page.cookies_set():
            pair, *attributes = text.split("; ")
            name, _, value = pair.partition("=")
            lower = [a.lower() for a in attributes]
            if "max-age=0" in lower or any(a.startswith("expires=thu, 01 jan 1970") for a in lower):
                self.jar(url).pop(name, None)
            else:
                self.jar(url)[name] = value

    def follow(self, page, stop=lambda url: False):
        for _ in range(15):
            if page.status not in (301, 302, 303, 307) or not page.location:
                return page
            url = urllib.parse.urljoin(page.url, page.location)
            if stop(url):
                return page
            page = self.send(url, headers={"Sec-Fetch-Site": "cross-site"})
        raise AssertionError(f"redirected for ever: {page}")

    def go(self, url, **named):
        return self.follow(self.send(url), **named)

    def submit(self, page, name="alice", stop=lambda url: False):
        """Logs in on the provider's page."""
        action = html.unescape(re.search(r'<form[^>]*action="([^"]+)"', page.text)[1])
        sent = self.send(urllib.parse.urljoin(page.url, action), "POST",
                         {"prompt": "login", "login": name, "password": "any"})
        return self.follow(sent, stop)

    def login(self, url, name="alice"):
        """Goes there, logs in, and returns the page at the end."""
        page = self.go(url)
        known = urllib.parse.urlsplit(page.url).netloc == urllib.parse.urlsplit(url).netloc
        return page if known else self.submit(page, name)  # the provider may know him already

    def to_callback(self, url, name="alice"):
        """The same up to the redirect to the callback, whose URL is returned."""
        stop = lambda target: "/.sallyport/callback" in target  # noqa: E731
        page = self.go(url, stop=stop)
        if "/.sallyport/callback" not in (page.location or ""):
            page = self.submit(page, name, stop)
        return page.location


def chromium(config):
    """What Chromium saw, where it runs."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if not executable:
        lacks("NOT TESTED WITH A BROWSER: there is no chromium; "
              "`tools/bootstrap test` installs it")
    probe = subprocess.run([executable, "--headless", "--no-sandbox", "--disable-gpu",
                            "--dump-dom", "data:text/html,<p>runs"],
                           capture_output=True, text=True, timeout=120)
    if "runs" not in probe.stdout:
        lacks(f"NOT TESTED WITH A BROWSER: chromium does not run here: {probe.stderr[-300:]}")
    done = subprocess.run(
        ["node", "browser.mjs", json.dumps({"executable": executable, **config})],
        cwd=installed(), capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])
