"""Load: the workloads, and one measured sample of a peer under one of them."""

import json
import os
import resource
import subprocess
import time

from measure import machine
from measure.peers import HERE

# Of the gateway alone, with the same requests: to a route that asks who calls, and to one that does
# not look at the token.
GUARDED = dict(path="/guarded/1k", connections=64, tokens="tokens.txt")
UNGUARDED = dict(path="/1k", connections=64, tokens="tokens.txt")
WORKLOADS = {
    "get1k": dict(path="/1k", connections=64),
    "get1k-c4": dict(path="/1k", connections=4),
    "get1k-c512": dict(path="/1k", connections=512),
    "post10k": dict(path="/echo", connections=64, body=10 * 1024),
    "get64k": dict(path="/64k", connections=64),
    "close1k": dict(path="/1k", connections=64, close=True),
    "tls-get1k": dict(path="/1k", connections=64, tls=True),
    "tls-get64k": dict(path="/64k", connections=64, tls=True),
    "tls-handshake": dict(path="/100", connections=64, tls=True, close=True),
}


def json_of(size):
    """A JSON document of exactly so many bytes, with objects, lists, numbers and text."""
    orders = []
    while len(json.dumps({"orders": orders, "pad": ""})) < size - 200:
        number = len(orders)
        orders.append({"id": 1000 + number, "item": f"lantern {number}", "quantity": number % 7,
                       "price": number * 1.25, "paid": number % 2 == 0, "tags": ["iron", "oil"]})
    text = json.dumps({"orders": orders, "pad": ""})
    return (text[:-2] + "x" * (size - len(text)) + text[-2:]).encode()


def wrk(peer, workload, seconds, folder, connections=None):
    """Runs wrk on the load's core; its own count of what happened."""
    env = dict(os.environ, LOAD_METHOD="", LOAD_BODY="", LOAD_CLOSE="", LOAD_TOKENS="")
    if "body" in workload:
        body = folder / f"body-{workload['body']}.json"
        if not body.exists():
            body.write_bytes(json_of(workload["body"]))
        env.update(LOAD_METHOD="POST", LOAD_BODY=str(body))
    if workload.get("close"):
        env["LOAD_CLOSE"] = "1"
    if "tokens" in workload:
        env["LOAD_TOKENS"] = str(peer.run / workload["tokens"])
    scheme, port = ("https", peer.tls_port) if workload.get("tls") else ("http", peer.port)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections or workload['connections']}", f"-d{seconds}s",
         "--timeout", "10s", "-s", str(HERE / "measure" / "load.lua"),
         f"{scheme}://127.0.0.1:{port}{workload['path']}"],
        env=env, capture_output=True, text=True, timeout=seconds + 60,
        preexec_fn=machine.pinned(machine.LOAD_CORE))
    for line in reversed(done.stderr.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    raise RuntimeError(f"wrk against {peer.name}: {done.stdout[-500:]}{done.stderr[-500:]}")


def failures(result, workload):
    """Requests that failed. With a new connection per request wrk takes the close for an error of
    reading, which it is not."""
    counted = ["connect", "write", "status", "timeout"]
    if not workload.get("close"):
        counted.append("read")
    return sum(result[name] for name in counted)


def sample(peer, workload, seconds, bench, most_foreign=0.03, tries=6):
    """CPU per request and the rest, of one run; repeated while others take too much of the machine,
    and then the quietest of them."""
    quietest = None
    for _ in range(tries):
        one = _sample(peer, workload, seconds, bench)
        if quietest is None or one["foreign"] < quietest["foreign"]:
            quietest = one
        if quietest["foreign"] <= most_foreign:
            break
    return quietest


def _sample(peer, workload, seconds, bench):
    wrk(peer, workload, 1, bench.folder)
    _settle(peer)
    origin = machine.tree(bench.origin.pid)
    pids = peer.pids
    before = (machine.cpu_ns(pids), machine.cpu_ns(origin), _children_ns(), machine.busy_ns(),
              time.monotonic_ns())
    result = wrk(peer, workload, seconds, bench.folder)
    after = (machine.cpu_ns(pids), machine.cpu_ns(origin), _children_ns(), machine.busy_ns(),
             time.monotonic_ns())
    cpu, by_origin, by_load, busy, elapsed = (b - a for a, b in zip(before, after))
    requests = max(1, result["requests"])
    return {
        "cpu": cpu / requests / 1000,  # microseconds
        "rate": requests / (result["microseconds"] / 1e6),
        "p50": result["p50"], "p99": result["p99"],
        "errors": failures(result, workload),
        "requests": requests,
        "core": cpu / elapsed,
        "foreign": max(0.0, (busy - cpu - by_origin - by_load) / (2 * elapsed)),
    }


def _children_ns():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((used.ru_utime + used.ru_stime) * 1e9)


def _settle(peer):
    """Until the proxy has done what the last run left to do."""
    for _ in range(50):
        before = machine.cpu_ns(peer.pids)
        time.sleep(0.1)
        if machine.cpu_ns(peer.pids) - before < 5_000_000:
            return
