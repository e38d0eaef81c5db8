"""Ports picked at run time.

They come from below the ephemeral range: a port that was free a moment ago is not taken by an
outgoing connection before the gateway binds it.
"""

import random
import socket

_given = set()


def free_port(address="127.0.0.1"):
    """A port nobody listens on, and that this process was not given before."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(1000):
        port = random.randrange(12000, 32000)
        if port in _given:
            continue
        with socket.socket(family) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise AssertionError("no free port found")
