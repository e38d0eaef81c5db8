"""A running gateway: started from a configuration, watched, and judged when it stops.

A stop is clean when SIGTERM ends it with exit code 0 and no sanitizer had anything to say.
"""

import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess

import yaml

from harness import binary, metrics
from harness.ports import free_port
from harness.wait import HANG, until
from harness.wire import RawClient


class _Plain(yaml.SafeDumper):
    """YAML without anchors, which the configuration language does not have."""

    def ignore_aliases(self, data):
        return True


class _Off:
    """The word `off`, which in quotes would be text."""


OFF = _Off()
_Plain.add_representer(
    _Off, lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:bool", "off"))


def to_yaml(config):
    return yaml.dump(config, Dumper=_Plain, sort_keys=False, width=200)


def api(upstream, path="/", **more):
    """One entry of `apis`. `upstream` is an Origin, a URL, or the name of an upstream."""
    return {"path": path, "upstream": getattr(upstream, "url", upstream), "public": True, **more}


class _Adopted:
    """A process that somebody else started: as much of subprocess.Popen as is needed."""

    def __init__(self, pid):
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def poll(self):
        """None while it runs. The exit code of another's child is not ours to know: 0."""
        return 0 if select.select([self._handle], [], [], 0)[0] else None

    def wait(self, timeout):
        if not select.select([self._handle], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("sallyport", timeout)
        return 0

    def send_signal(self, number):
        signal.pidfd_send_signal(self._handle, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class Gateway:
    """The process and what is needed to talk to it."""

    running = []  # every gateway that has been started and not stopped

    def __init__(self, folder, config=None, text=None, env=None, wrapper=()):
        """`config` is completed with a listener, the admin listener, two workers and an access log;
        `text` is taken as it is, with @PORT@ and @ADMIN@ replaced."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port = free_port(), free_port()
        self.file = self.folder / "sallyport.yaml"
        self.access_log = self.folder / "access.log"
        self.stderr_file = self.folder / "stderr.log"
        self.stdout_file = self.folder / "stdout.log"
        self.env, self.wrapper = env or {}, list(wrapper)
        self.admin_connection = {}  # what RawClient is told besides: tls, server_name, host
        self.process = None
        self._admin_token = None
        self.replaced = False  # a newer process serves on; this one has left by itself
        if text is not None:
            self.file.write_text(
                text.replace("@PORT@", str(self.port)).replace("@ADMIN@", str(self.admin_port)))
        else:
            self.write(config or {})

    def write(self, config):
        """Puts a configuration into the file, as a whole: what is read is never half of it."""
        complete = {
            "listen": [f"127.0.0.1:{self.port}"],
            "admin": {"address": f"127.0.0.1:{self.admin_port}"},
            "workers": 2,
            "log": {"access": str(self.access_log)},
            **config,
        }
        self.write_text(to_yaml(complete))

    def write_text(self, text):
        new = self.file.with_suffix(".new")
        new.write_text(text)
        os.replace(new, self.file)

    def start(self, wait=True):
        with open(self.stderr_file, "ab") as err, open(self.stdout_file, "ab") as out:
            self.process = subprocess.Popen(
                [*self.wrapper, str(binary.binary()), "run", "--config", str(self.file)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=binary.environment(**self.env))
        Gateway.running.append(self)
        if wait:
            until(self._ready, f"the gateway to be ready\n{self.stderr}")
        return self

    def _ready(self):
        code = self.process.poll()
        assert code is None, f"the gateway ended with {code} before it was ready:\n{self.stderr}"
        try:
            return self.admin("/ready").status == 200
        except OSError:
            return False

    def stop(self, expect=0):
        """Asks it to stop and judges how it did."""
        if self not in Gateway.running:
            return
        Gateway.running.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(HANG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM did not stop it:\n{self.stderr}") from None
        report = binary.REPORT.search(self.stderr)
        assert not report, f"a sanitizer reported:\n{self.stderr}"
        assert code == expect, f"exit code {code}, expected {expect}:\n{self.stderr}"

    def kill(self):
        """SIGKILL, also to what an upgrade has started; nothing is judged."""
        if self in Gateway.running:
            Gateway.running.remove(self)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(HANG)
        for pid in self._successors(0):
            os.kill(pid, signal.SIGKILL)

    def restart(self):
        """Starts it again after it has ended, with nothing of what it said before."""
        Gateway.running.remove(self)
        self.stderr_file.unlink()
        self.start()

    def signal(self, number):
        self.process.send_signal(number)

    def upgrade(self):
        """SIGUSR2: returns once a new process has taken over and the old one has left with 0."""
        self.begin_upgrade()()
        return self.process

    def begin_upgrade(self):
        """The same up to where a new process is there; the rest is done by calling the result."""
        old = self.process
        self.replaced = True
        old.send_signal(signal.SIGUSR2)
        until(lambda: self._successors(old.pid), f"a new process\n{self.stderr}")

        def finish():
            code = old.wait(HANG)
            assert code == 0, f"the old process ended with {code}:\n{self.stderr}"
            self.process = _Adopted(self._successors(old.pid)[0])
            self.replaced = False
            until(self._ready, f"the new process to be ready\n{self.stderr}")
        return finish

    def _successors(self, old):
        """Processes that serve this configuration, but for `old`."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self.file).encode() in arguments and int(entry.name) != old:
                found.append(int(entry.name))
        return found

    @property
    def pid(self):
        return self.process.pid

    @property
    def stderr(self):
        return self.stderr_file.read_text(errors="replace") if self.stderr_file.exists() else ""

    # ---- talking to it ----

    def client(self, port=None, **named):
        return RawClient(port or self.port, **named)

    def get(self, target="/", headers=(), host=None, port=None, **named):
        """One request on a connection of its own."""
        return self.call("GET", target, headers, host=host, port=port, **named)

    def call(self, method, target, headers=(), body=None, host=None, port=None, **named):
        with self.client(port, **named) as client:
            return client.call(method, target, headers, body, host)

    @property
    def admin_token(self):
        """The one that the first start of a gateway with `state` prints; None without."""
        found = re.search(r"spa_[A-Z2-7]{16}\.[\w-]{43}", self.stderr)
        if found:
            self._admin_token = found[0]
        return self._admin_token

    def admin(self, path, method="GET", body=None, headers=(), token=True):
        """Asks the admin listener: with the first token if there is one, or with `token`."""
        fields = [("Connection", "close"), *headers]
        bearer = self.admin_token if token is True else token
        if bearer:
            fields.append(("Authorization", f"Bearer {bearer}"))
        with self.admin_client() as client:
            return client.call(method, path, fields, body)

    def admin_client(self, **named):
        """A connection to the admin listener."""
        named = {"default_host": f"127.0.0.1:{self.admin_port}", **self.admin_connection, **named}
        return RawClient(self.admin_port, **named)

    def metrics(self):
        response = self.admin("/metrics")
        assert response.status == 200, response
        return metrics.parse(response.text)

    def reload(self, config=None):
        """Writes `config`, if given, and returns when the gateway has taken it."""
        if config is not None:
            self.write(config)
        response = self.admin("/reload", "POST")
        assert response.status == 200, response
        return response

    # ---- what it wrote ----

    def log(self, count=1, where=None):
        """At least `count` records of the access log that `where` is true for. They are written in
        batches, so this waits for them."""
        def found():
            records = [r for r in self.log_now() if where is None or where(r)]
            return records if len(records) >= count else None
        return until(found, f"{count} access log records, have\n{self._log_text()}")

    def log_of(self, response):
        """The record of a response, found by its request id."""
        request_id = request_id_of(response)
        return self.log(where=lambda record: record["http.request.id"] == request_id)[0]

    def log_now(self):
        lines = self._log_text().split("\n")
        return [json.loads(line) for line in lines[:-1]]  # the last may be half written

    def _log_text(self):
        return self.access_log.read_text() if self.access_log.exists() else ""

    # ---- what it takes ----

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def request_id_of(response):
    """The id every response carries."""
    value = response.headers.one("X-Request-Id")
    assert re.fullmatch(r"[0-9a-f-]{16,36}", value), value
    return value


def assert_problem(response, status, code=None):
    """RFC 9457, with the stable code and the request id; says nothing of what is inside."""
    assert response.status == status, response
    assert response.headers.get("Content-Type", "").startswith("application/problem+json"), response
    problem = response.json()
    assert problem["status"] == status, problem
    assert problem["title"], problem
    assert re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", problem["code"]), problem
    assert problem["request_id"] == request_id_of(response), problem
    if code is not None:
        codes = (code,) if isinstance(code, str) else code
        assert problem["code"] in codes, problem
    return problem


class Gateways:
    """Starts gateways, each in a folder of its own, and stops them all."""

    def __init__(self, folder):
        self.folder = folder
        self._made = []

    def __call__(self, apis=None, *, start=True, text=None, env=None, wrapper=(), **config):
        if apis is not None:
            config["apis"] = apis
        gateway = Gateway(self.folder / f"gateway-{len(self._made)}", config, text, env, wrapper)
        self._made.append(gateway)
        return gateway.start() if start else gateway

    def stop(self):
        failures = []
        for gateway in self._made:
            try:
                gateway.stop()
            except AssertionError as failure:
                failures.append(str(failure))
            finally:
                gateway.kill()
            shutil.rmtree(gateway.folder, ignore_errors=True) if not failures else None
        assert not failures, "\n".join(failures)
