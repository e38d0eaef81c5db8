"""The machine: which core does what, and what a process has used of it.

Core 0 belongs to the proxy under test, core 1 to the origin and whoever makes load. CPU time comes
from the scheduler's own count in nanoseconds (schedstat), of every thread of a process tree.
"""

import os
import re
import resource
import socket
import sys
import time

PROXY_CORE, LOAD_CORE = 0, 1
FILES = 65536
SPARE_FILES = 200  # of the limit, for what is not a client's connection
_TICK = os.sysconf("SC_CLK_TCK")


def raise_file_limit(wanted=FILES):
    """As far as may be; returns what it became."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((wanted, max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            return limit[0]
        except (ValueError, OSError):
            continue
    return soft


def pinned(core):
    """For subprocess: run on this core."""
    def prepare():
        os.sched_setaffinity(0, {core})
    return prepare


def go_first():
    """Puts this run into a scheduling group of its own, before whatever else the machine does."""
    try:
        os.setsid()
    except OSError:
        pass  # it leads a session already
    try:
        with open("/proc/self/autogroup", "w") as file:
            file.write("-15")
    except OSError:
        pass  # not root, or no such groups here: then like anybody else


def tree(pid):
    """The process and all below it."""
    below = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        below.setdefault(parent, []).append(int(name))
    found = [pid]
    for process in found:
        found += below.get(process, [])
    return found


def cpu_ns(pids):
    """Nanoseconds of CPU time of all threads."""
    total = 0
    for pid in pids:
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
        except OSError:
            continue
    return total


def busy_ns():
    """Nanoseconds that both cores were busy with anything."""
    total = 0
    with open("/proc/stat") as file:
        for line in file:
            if re.match(rf"cpu[{PROXY_CORE}{LOAD_CORE}] ", line):
                user, nice, system, _, _, irq, soft = map(int, line.split()[1:8])
                total += (user + nice + system + irq + soft) * 1_000_000_000 // _TICK
    return total


def proportional_kib(pids):
    """Resident memory, shared pages counted by their share."""
    return sum(_rollup(pid, "Pss") for pid in pids)


def resident_kib(pids):
    return sum(_rollup(pid, "Rss") for pid in pids)


def _rollup(pid, key):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return int(re.search(rf"^{key}:\s+(\d+)", file.read(), re.M)[1])


def free_ports(count, start=21000):
    """The first `count` ports from `start` that nobody listens on."""
    found, port = [], start
    while len(found) < count:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                pass
        port += 1
        if port > 31000:
            sys.exit("bench: no free ports between 21000 and 31000")
    return found


def wait_for_port(port, process, name, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        code = process.poll()
        if code is not None:
            sys.exit(f"bench: {name} ended with {code}\n{_end_of(log)}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"bench: {name} does not listen on {port}\n{_end_of(log)}")


def _end_of(log):
    try:
        with open(log, errors="replace") as file:
            return file.read()[-3000:]
    except OSError:
        return ""
