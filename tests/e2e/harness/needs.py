"""Programs of others that some tests need, and machines may lack."""

import os

import pytest


def lacks(why):
    """Skips the test and says why; where nothing may be left out, as in continuous integration
    ($CI or $SALLYPORT_REQUIRE_ALL is set), fails it."""
    if os.environ.get("CI") or os.environ.get("SALLYPORT_REQUIRE_ALL"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
