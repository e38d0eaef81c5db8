"""Waiting for something to become true. Deadlines here only guard against hanging; no test measures."""

import os
import time

# How long anything may take before the test gives up. Never an assertion about speed.
HANG = float(os.environ.get("SALLYPORT_HANG_GUARD", "60"))


def until(condition, what, seconds=None):
    """Returns the first true value of `condition()`; fails with `what` when it never comes."""
    deadline = time.monotonic() + (seconds or HANG)
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up waiting: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
