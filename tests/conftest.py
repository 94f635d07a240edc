"""What every test shares: one torch thread, the MNIST files only where they are, one way to find Chromium."""

import os

import pytest

from scripts.chromium import ADVICE, find


def pytest_configure() -> None:
    # Test processes with a thread pool each get in each other's way. Set before anything imports torch, and inherited
    # by the servers and interpreters that tests start.
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("GANDYN_DATA"):
        absent = pytest.mark.skip(reason="GANDYN_DATA names no folder with the MNIST files")
        for item in items:
            if item.get_closest_marker("mnist_full"):
                item.add_marker(absent)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that tests drive (playwright's executable_path)."""
    path = find()
    assert path, f"No Chromium found: {ADVICE}."
    return path
