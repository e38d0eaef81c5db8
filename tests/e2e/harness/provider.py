"""A real OpenID Provider and real OAuth clients, from npm, installed once into the build folder."""

import base64
import json
import shutil
import subprocess
import urllib.parse
import urllib.request

from harness import binary
from harness.needs import lacks
from harness.wait import HANG

SOURCE = binary.ROOT / "tests" / "e2e" / "provider"
INSTALLED = binary.ROOT / "build" / "e2e-provider"


def basic(client, secret):
    """RFC 6749 section 2.3.1: both are form-encoded first."""
    pair = f"{urllib.parse.quote(client, '')}:{urllib.parse.quote(secret, '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def installed():
    """The folder with the provider and what it needs, where there is Node."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            lacks(f"NOT TESTED AGAINST A REAL PROVIDER: there is no {program}; "
                  "`tools/bootstrap test` installs it")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    lock = (SOURCE / "package-lock.json").read_text()
    done = INSTALLED / "installed"
    for file in SOURCE.iterdir():
        shutil.copy(file, INSTALLED / file.name)
    if not done.exists() or done.read_text() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=INSTALLED,
                       check=True, timeout=5 * HANG)
        done.write_text(lock)
    return INSTALLED


def client(script="oauth_client.mjs", **what):
    """What a client of other people's making does, as the script of provider/ says."""
    done = subprocess.run(["node", script, json.dumps(what)], cwd=installed(),
                          capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


class AuthorizationServer:
    """oidc-provider with clients that are programs: tokens and introspection. Runs until `stop`."""

    def __init__(self):
        self._process = subprocess.Popen(["node", "provider.mjs"], cwd=installed(),
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://"), "the provider did not start"

    def stop(self):
        self._process.stdin.close()
        self._process.wait(HANG)

    def kill(self):
        self._process.kill()
        self._process.wait(HANG)

    def post(self, path, client, secret, **form):
        request = urllib.request.Request(
            self.url + path, urllib.parse.urlencode(form).encode(),
            {"Authorization": basic(client, secret)})
        with urllib.request.urlopen(request, timeout=HANG) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def token(self, resource="urn:orders", scope="orders:read"):
        """An access token for the client `shop`."""
        return self.post("/token", "shop", "shop-secret", grant_type="client_credentials",
                         resource=resource, scope=scope)["access_token"]

    def revoke(self, token):
        self.post("/token/revocation", "shop", "shop-secret", token=token)
