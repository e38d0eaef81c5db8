"""Load from threads of this process: every response is checked, every failure kept."""

import threading
import time

from harness.wire import RawClient, WireError


class Load:
    """Clients that send requests as fast as they are answered, until the block ends.

        with Load(port, clients=8) as load: ...
        assert load.failures == [] and load.served > 0
    """

    def __init__(self, port, clients=4, target="/load", per_connection=None, open_client=None,
                 pause=0):
        self.port, self.target, self.pause = port, target, pause
        self.per_connection = per_connection
        self.open_client = open_client or (lambda: RawClient(port))
        self.failures = []
        self.served = 0
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count):
        """Returns when `count` more requests have been answered, or one has failed."""
        from harness.wait import until
        goal = self.served + count
        until(lambda: self.served >= goal or self.failures, f"{count} more requests to be served")

    def _run(self):
        while not self._ending.is_set():
            try:
                with self.open_client() as client:
                    self._requests(client)
            except (OSError, WireError) as error:
                self.failures.append(repr(error))

    def _requests(self, client):
        done = 0
        while not self._ending.is_set() and (self.per_connection is None
                                             or done < self.per_connection):
            response = client.get(self.target)
            if response.status != 200:
                self.failures.append(repr(response))
            with self._lock:
                self.served += 1
            done += 1
            if response.headers.get("Connection", "").lower() == "close":
                return  # said beforehand: nothing failed
            if self.pause:
                time.sleep(self.pause)
