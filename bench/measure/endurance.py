"""What must stay flat or must not fail: memory while bytes and requests pass, reloads and upgrades
under load, many connections held."""

import os
import selectors
import signal
import socket
import ssl
import subprocess
import threading
import time

from measure import load, machine

REQUEST = b"GET /100 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n"
MIB = 1 << 20


def connect(port, tls=None, source=None):
    sock = socket.socket()
    sock.settimeout(30)
    if source:
        sock.bind((source, 0))
    sock.connect(("127.0.0.1", port))
    return tls.wrap_socket(sock) if tls else sock


def client_tls():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def served(sock):
    """One small request; whether it was answered with 200."""
    sock.sendall(REQUEST)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(4096)
        if not piece:
            return False
        data += piece
    length = int(data.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    left = length - len(data.partition(b"\r\n\r\n")[2])
    while left > 0:
        piece = sock.recv(left)
        if not piece:
            return False
        left -= len(piece)
    return data.startswith(b"HTTP/1.1 200")


def idle_memory(peer, count, tls):
    """KiB of memory per connection that has carried a request and waits for the next."""
    context = client_tls() if tls else None
    port = peer.tls_port if tls else peer.port
    warm = [connect(port, context) for _ in range(50)]
    for sock in warm:
        served(sock)
        sock.close()
    time.sleep(1)
    before = machine.proportional_kib(peer.pids)
    socks = []
    try:
        for _ in range(count):
            sock = connect(port, context)
            if not served(sock):
                raise RuntimeError(f"{peer.name}: an idle connection was not served")
            socks.append(sock)
        time.sleep(1)
        return (machine.proportional_kib(peer.pids) - before) / count
    finally:
        for sock in socks:
            sock.close()


def download_growth(peer, gib):
    """(GiB received, MiB by which the resident memory grew at most on the way)."""
    with connect(peer.port) as sock:
        served(sock)
        before = machine.resident_kib(peer.pids)
        sock.sendall(b"GET /%dg HTTP/1.1\r\nHost: localhost\r\n\r\n" % gib)
        buffer = bytearray(MIB)
        received, most, look = 0, before, 0
        goal = gib << 30
        while received < goal:
            count = sock.recv_into(buffer)
            if count == 0:
                break
            received += count
            if received > look:
                most = max(most, machine.resident_kib(peer.pids))
                look = received + goal // 50
    return received / (1 << 30), (most - before) / 1024


def upload_growth(peer, gib):
    with connect(peer.port) as sock:
        served(sock)
        before = machine.resident_kib(peer.pids)
        sock.sendall(b"PUT /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                     % (gib << 30))
        block = bytes(MIB)
        most = before
        for number in range(gib << 10):
            sock.sendall(block)
            if number % (gib * 20) == 0:
                most = max(most, machine.resident_kib(peer.pids))
        most = max(most, machine.resident_kib(peer.pids))
        answered = sock.recv(65536).startswith(b"HTTP/1.1 200")
    return gib if answered else 0, (most - before) / 1024


def requests_growth(peer, bench, requests):
    """(requests served, MiB of growth after the first tenth)."""
    workload = load.WORKLOADS["get1k"]
    done = load.wrk(peer, workload, 5, bench.folder)["requests"]
    while done < requests // 10:
        done += load.wrk(peer, workload, 5, bench.folder)["requests"]
    before = machine.resident_kib(peer.pids)
    most = before
    while done < requests:
        done += load.wrk(peer, workload, 5, bench.folder)["requests"]
        most = max(most, machine.resident_kib(peer.pids))
    return done, (most - before) / 1024


class Background:
    """wrk, running while the block does; `result` once it has ended."""

    def __init__(self, peer, bench, connections, seconds):
        self.arguments = (peer, load.WORKLOADS["get1k"], seconds, bench.folder, connections)
        self.result = None

    def __enter__(self):
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._thread.join()

    def _run(self):
        self.result = load.wrk(*self.arguments)


def admin(peer, method, path):
    with socket.create_connection(("127.0.0.1", peer.admin_port), 30) as sock:
        sock.settimeout(60)
        sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{peer.admin_port}\r\n"
                     "Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while piece := sock.recv(65536):
            data += piece
    return int(data.split(b" ", 2)[1]), data.partition(b"\r\n\r\n")[2]


def reloads_under_load(peer, bench, count=100, seconds=30):
    """(requests, failures, reloads that were taken) at full rate."""
    with Background(peer, bench, 64, seconds) as run:
        time.sleep(1)
        taken = 0
        for _ in range(count):
            taken += admin(peer, "POST", "/reload")[0] == 200
    return run.result["requests"], load.failures(run.result, {}), taken


def upgrades_under_load(peer, bench, count=3, seconds=20):
    """(requests, failures, upgrades that happened) at full rate."""
    happened = 0
    with Background(peer, bench, 64, seconds) as run:
        time.sleep(1)
        for _ in range(count):
            old = peer.process.pid
            peer.process.send_signal(signal.SIGUSR2)
            code = peer.process.wait(60)
            successor = find_successor(peer, old)
            if code != 0 or successor is None:
                break
            peer.process = Successor(successor)
            happened += 1
    return run.result["requests"], load.failures(run.result, {}), happened


class Successor:
    """A process started by its predecessor: what a peer needs of subprocess.Popen."""

    def __init__(self, pid):
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def poll(self):
        with selectors.DefaultSelector() as ready:
            ready.register(self._handle, selectors.EVENT_READ)
            return 0 if ready.select(0) else None

    def wait(self, timeout=None):
        with selectors.DefaultSelector() as ready:
            ready.register(self._handle, selectors.EVENT_READ)
            if not ready.select(timeout):
                raise subprocess.TimeoutExpired("sallyport", timeout)
        return 0

    def send_signal(self, number):
        signal.pidfd_send_signal(self._handle, number)


def find_successor(peer, old):
    """The process that runs with the peer's configuration, but for the old one."""
    wanted = str(peer.run / "sallyport.yaml").encode()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if wanted in words and int(name) != old:
            return int(name)
    return None


def hold(peer, count, seconds, report=lambda line: None):
    """Opens `count` connections, holds them for `seconds` while others are served, and asks each
    again. Everything that did not work is counted."""
    result = {"opened": 0, "refused": 0, "probes": 0, "probes_failed": 0, "still_served": 0}
    held = []
    try:
        for number in range(count):
            # Several source addresses: one has not ports enough for every run in a row.
            source = f"127.0.0.{number % 20 + 2}"
            try:
                sock = connect(peer.port, source=source)
                held.append(sock)
                result["opened"] += served(sock)
            except OSError:
                result["refused"] += 1
            if (number + 1) % 5000 == 0:
                report(f"{number + 1} connections")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            probe(peer, result)
        for sock in held:
            try:
                result["still_served"] += served(sock)
            except OSError:
                pass
    finally:
        for sock in held:
            sock.close()
    return result


def probe(peer, result):
    """One request on a connection of its own."""
    result["probes"] += 1
    try:
        with connect(peer.port) as sock:
            result["probes_failed"] += not served(sock)
    except OSError:
        result["probes_failed"] += 1
    time.sleep(0.01)
