"""What happens to tests on machines that lack what they need."""

import shutil

import pytest

from harness import provider
from harness.needs import lacks

SETTINGS = ("CI", "SALLYPORT_REQUIRE_ALL")


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def test_they_are_skipped_and_say_why():
    with pytest.raises(pytest.skip.Exception, match="there is no such program"):
        lacks("there is no such program")


@pytest.mark.parametrize("name", SETTINGS)
def test_where_nothing_may_be_left_out_they_fail(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(pytest.fail.Exception, match="NOT TESTED AGAINST A REAL PROVIDER"):
        provider.installed()
