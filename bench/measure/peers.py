"""Peers: the proxies that are compared, each described by a folder with a `peer.json`.

    about      one line
    templates  files copied into the run folder with @NAMES@ replaced, and `.in` dropped
    build      optional command, run before the start (the run folder is @RUN@)
    start      the command: one worker, in the foreground
    env        optional environment
    features   "http", "tls"

Names: RUN PORT TLS_PORT UPSTREAM_PORT CERT KEY PEM BENCH PEER. The admin listener of a gateway that
has one is on PORT + 5 by agreement.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from measure import machine

HERE = pathlib.Path(__file__).resolve().parents[1]
ROOT = HERE.parent


class Peer:
    """One proxy, started and stopped."""

    def __init__(self, folder, run, port, upstream_port, certificate, proxy_core=True):
        self.folder, self.name = pathlib.Path(folder).resolve(), pathlib.Path(folder).name
        self.run = pathlib.Path(run) / self.name
        self.run.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "peer.json") as file:
            self.description = json.load(file)
        self.port, self.tls_port, self.admin_port = port, port + 1, port + 5
        self.proxy_core = proxy_core
        self.process = None
        self._names = {
            "RUN": self.run, "PORT": port, "TLS_PORT": self.tls_port, "BENCH": HERE,
            "UPSTREAM_PORT": upstream_port, "PEER": self.folder, **certificate}

    def fill(self, text):
        for name, value in self._names.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    @property
    def program(self):
        return self.fill(self.description["start"][0])

    @property
    def pids(self):
        return machine.tree(self.process.pid)

    def start(self, wrapper=(), program=None):
        """`wrapper` is put before the command; `program` takes the place of the one it names."""
        for template in self.description.get("templates", ()):
            target = self.run / template.removesuffix(".in")
            target.write_text(self.fill((self.folder / template).read_text()))
        if "build" in self.description:
            subprocess.run([self.fill(word) for word in self.description["build"]], check=True)
        log = self.run / "output.log"
        settings = {name: self.fill(value)
                    for name, value in self.description.get("env", {}).items()}
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [*wrapper, program or self.program, *map(self.fill, self.description["start"][1:])],
                cwd=self.run, env={**os.environ, **settings},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                preexec_fn=machine.pinned(machine.PROXY_CORE) if self.proxy_core else None)
        machine.wait_for_port(self.port, self.process, self.name, log)
        machine.wait_for_port(self.tls_port, self.process, self.name, log)
        return self

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        pids = self.pids
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            self.process.wait()


class Bench:
    """A run folder, the origin, a certificate, and peers; all gone when the block ends."""

    def __init__(self, proxy_core=True):
        self.proxy_core = proxy_core
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-bench."))
        self.folder.chmod(0o755)
        self.started = []
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: terminated"))
        self.certificate = self._make_certificate()
        self.origin_port = machine.free_ports(1)[0]
        self._next_port = self.origin_port + 20
        self.origin = self._start_origin()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in reversed(self.started):
            if isinstance(one, Peer):
                one.stop()
            else:
                one.terminate()
                one.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def peer(self, name, start=True):
        """A peer by the name of its folder beside this one, or by a path; started unless told."""
        folder = pathlib.Path(name) if "/" in name else HERE / "peers" / name
        port = machine.free_ports(10, self._next_port)[0]
        self._next_port = port + 20
        peer = Peer(folder, self.folder, port, self.origin_port, self.certificate,
                    self.proxy_core)
        self.started.append(peer)
        return peer.start() if start else peer

    def _make_certificate(self):
        cert, key, both = (self.folder / name for name in ("cert.pem", "key.pem", "both.pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, capture_output=True)
        both.write_text(cert.read_text() + key.read_text())
        return {"CERT": cert, "KEY": key, "PEM": both}

    def _start_origin(self):
        program = build_origin()
        log = self.folder / "origin.log"
        with open(log, "wb") as output:
            process = subprocess.Popen([program, str(self.origin_port)], stdout=output,
                                       stderr=output,
                                       preexec_fn=machine.pinned(machine.LOAD_CORE))
        self.started.append(process)
        machine.wait_for_port(self.origin_port, process, "origin", log)
        return process


def build_origin():
    """build/bench/origin, compiled anew when its source is newer."""
    source, program = HERE / "origin.cc", ROOT / "build" / "bench" / "origin"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang++-19", "-std=c++23", "-O2", "-o", program, source], check=True)
    return program


def require(*programs, gateway=True):
    """Ends with a sentence when something this needs is not there."""
    missing = [name for name in programs
               if not shutil.which(name) and not os.path.exists(f"/usr/sbin/{name}")]
    if missing:
        sys.exit(f"bench: not installed: {', '.join(missing)} (tools/bootstrap bench)")
    program = ROOT / "build" / "release" / "sallyport"
    if gateway and not program.exists():
        sys.exit(f"bench: no gateway at {program} (make release)")
