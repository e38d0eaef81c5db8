"""A PostgreSQL server of the test's own: Debian's programs, in a folder that goes away, as a user
without rights."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness.needs import lacks
from harness.ports import free_port
from harness.wait import HANG, until

USER = "nobody" if os.geteuid() == 0 else None  # the server refuses to be root
PASSWORD = "s3cret-of-the-database"


def programs():
    """The folder with `initdb`; the test is skipped where there is none, unless all have to run."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        lacks("PostgreSQL is not installed: run tools/bootstrap test")
    return found[-1].parent


class Server:
    def __init__(self, certificate=None):
        """`certificate`: TLS is offered, and on TCP demanded."""
        self._programs = programs()
        # Short, for the name of a socket has at most 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sallyport-pg-"))
        self.port = free_port()
        self._data = self.folder / "data"
        self._process = None
        self._own(self.folder)
        self._run("initdb", "-D", self._data, "-U", "admin", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync")
        settings = [f"port = {self.port}", f"unix_socket_directories = '{self.folder}'",
                    "listen_addresses = '127.0.0.1'", "max_connections = 40"]
        if certificate:
            for name, source in (("server.crt", certificate.cert), ("server.key", certificate.key)):
                shutil.copyfile(source, self._data / name)
                (self._data / name).chmod(0o600)
                self._own(self._data / name)
            settings.append("ssl = on")
        with open(self._data / "postgresql.conf", "a") as file:
            file.write("\n".join(settings) + "\n")
        (self._data / "pg_hba.conf").write_text(
            "local all admin trust\nlocal all all scram-sha-256\n"
            f"{'hostssl' if certificate else 'host'} all all 127.0.0.1/32 scram-sha-256\n")
        self.start()
        self.sql(f"CREATE ROLE sallyport LOGIN PASSWORD '{PASSWORD}'")
        self.sql("CREATE DATABASE sallyport OWNER sallyport")

    def _own(self, path):
        if USER:
            shutil.chown(path, USER)

    def _run(self, program, *arguments):
        done = subprocess.run([self._programs / program, *map(str, arguments)], user=USER,
                              cwd=self.folder, capture_output=True, text=True, timeout=HANG)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data], user=USER, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._answers, f"the database server to answer: {self.folder}/log")

    def _answers(self):
        assert self._process.poll() is None, (self.folder / "log").read_text()[-4000:]
        return subprocess.run([self._programs / "pg_isready", "-q", "-h", self.folder, "-p",
                               str(self.port)], timeout=HANG).returncode == 0

    def kill(self):
        """kill -9 of the server and of everything it has started."""
        pid = self._process.pid
        children = [int(entry.parent.name) for entry in pathlib.Path("/proc").glob("[0-9]*/stat")
                    if _parent_of(entry) == pid]
        for each in (pid, *children):
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait(HANG)

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # without waiting for clients
            self._process.wait(HANG)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _psql(self, database):
        """The command with which the server's administrator gives it statements."""
        return [str(self._programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                str(self.folder), "-p", str(self.port), "-U", "admin", "-d", database]

    def sql(self, statement, database="postgres"):
        """What it writes, rows as lines and columns with |."""
        return self._run(*self._psql(database), "-c", statement).strip()

    @contextlib.contextmanager
    def transaction(self, statement, database):
        """One that has begun with the statement, and is undone at the end."""
        session = subprocess.Popen(self._psql(database), user=USER, cwd=self.folder, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with session:  # which closes its input, and waits for it
            session.stdin.write(f"BEGIN; {statement};\n\\echo begun\n")
            session.stdin.flush()
            assert "begun\n" in iter(session.stdout.readline, ""), "the server refused it"
            yield

    def state(self, path="state", **more):
        """`state` of a gateway that uses it, by its Unix socket. The environment holds the key
        (THE_KEY) and the password (DB_PASSWORD)."""
        return {"path": path, "master_key": {"env": "THE_KEY"},
                "postgres": {"host": str(self.folder), "port": self.port,
                             "password": "${env:DB_PASSWORD}", **more}}


def _parent_of(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
