"""Reading the corpora, and playing a case of raw bytes against the gateway."""

import base64
import json

from harness.wire import RawClient, Truncated, WireError


def read(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def raw_of(case):
    return base64.b64decode(case["raw"])


def bodies_of(case):
    return [base64.b64decode(body) for body in case.get("bodies", [])]


class Outcome:
    """What a client got for its bytes, and what reached the upstreams meanwhile."""

    def __init__(self):
        self.responses = []
        self.closed = False     # the gateway closed the connection, or ended its side
        self.early_close = False  # it did so before the client had ended its side
        self.fault = None       # the gateway's own bytes were not HTTP
        self.requests = []      # all that began to reach an upstream

    @property
    def complete(self):
        return [request for request in self.requests if request.complete]

    @property
    def statuses(self):
        return [response.status for response in self.responses]

    @property
    def all_statuses(self):
        return [r.status for final in self.responses for r in (*final.informational, final)]

    def __repr__(self):
        return (f"statuses {self.all_statuses}, {'closed' if self.closed else 'open'}"
                f"{', fault ' + self.fault if self.fault else ''}; upstream {self.requests}")


def play(gateway, origins, data, expected, end_at_once=False):
    """Sends `data`, reads `expected` responses, ends the sending side, and reads on to the end of
    the stream: no waiting for time to pass. Behind a refusal the gateway has to close by itself.
    With `end_at_once` the sending side ends with the data, which is part of some cases."""
    outcome = Outcome()
    before = [len(origin.requests) for origin in origins]
    with RawClient(gateway.port) as client:
        client.send(data)
        ended = end_at_once
        if end_at_once:
            client.finish()
        # Only of a whole head can the gateway know that its answer has no body.
        method = "HEAD" if data.startswith(b"HEAD ") and b"\r\n\r\n" in data else "GET"
        try:
            while True:
                refused = any(status >= 400 for status in outcome.statuses)
                if len(outcome.responses) == expected and not ended and not refused:
                    client.finish()
                    ended = True
                if not client.reader.buffer and not client.reader.fill():
                    break
                response = client.response(method)
                method = "GET"
                outcome.responses.append(response)
            outcome.closed = True
            outcome.early_close = not ended
        except Truncated as cut:
            outcome.fault = f"truncated: {cut} {cut.body[:200]!r}"
        except WireError as error:
            outcome.fault = str(error)
        except TimeoutError:
            outcome.fault = "no answer, and the connection stays open"
    for origin, count in zip(origins, before):
        origin.settle()
        outcome.requests += origin.requests[count:]
    return outcome
