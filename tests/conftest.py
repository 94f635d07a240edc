"""What every test shares: one torch thread, the embedded digits unless marked, one way to find Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.chromium import ADVICE, find

FULL = "GANDYN_FULL_DATA"  # what GANDYN_DATA was when the tests began


# Test processes with a thread pool each get in each other's way. Set here, before a conftest of a folder below imports
# torch, and inherited by the servers and interpreters that tests start.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# The kernels for CUDA run in Triton's interpreter where there is no device; it looks when it is imported.
if not os.path.exists("/dev/nvidiactl"):
    os.environ.setdefault("TRITON_INTERPRET", "1")
# The digits that come with gandyn, whatever lies on this machine; kept for the processes of pytest-xdist too.
os.environ.setdefault(FULL, os.environ.get("GANDYN_DATA", ""))
os.environ["GANDYN_DATA"] = "embedded"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, help="of each parametrised test, run so many cases spread over all of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if most := config.getoption("--cases"):
        by_test: dict[str, list[pytest.Item]] = {}
        for item in items:
            by_test.setdefault(item.nodeid.partition("[")[0], []).append(item)
        kept = {id(one) for cases in by_test.values() for one in cases[:: -(-len(cases) // most)]}
        config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
        items[:] = [item for item in items if id(item) in kept]
    if not os.environ.get(FULL):
        absent = pytest.mark.skip(reason="GANDYN_DATA names no folder with the MNIST files")
        for item in items:
            if item.get_closest_marker("mnist_full"):
                item.add_marker(absent)


@pytest.fixture(autouse=True)
def full_mnist(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests marked mnist_full see the folder with the MNIST files, all others the embedded digits."""
    if request.node.get_closest_marker("mnist_full"):
        monkeypatch.setenv("GANDYN_DATA", os.environ[FULL])


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty folder; torch's threads are put back."""
    import torch

    monkeypatch.chdir(tmp_path)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that tests drive (playwright's executable_path)."""
    path = find()
    assert path, f"No Chromium found: {ADVICE}."
    return path


@pytest.fixture
def digits_as_if_new(monkeypatch):
    """No digits are in memory, and no folder of them was named, before and after the test."""
    from gandyn.targets import mnist_files

    monkeypatch.setattr(mnist_files, "_given", (None, False))
    mnist_files._digits.cache_clear()
    yield
    mnist_files._digits.cache_clear()
