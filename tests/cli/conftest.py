"""What every test of the command line stands on."""

import signal

import pytest

from gandyn.sweep import pool
from gandyn.sweep.work import carry_out


@pytest.fixture(autouse=True)
def in_an_empty_folder(elsewhere):
    """Nothing is left in the folder of the tests."""


@pytest.fixture
def no_pictures(monkeypatch):
    """None are drawn when a run ends."""
    monkeypatch.setattr("gandyn.cli.training.draw", lambda directory: None)


@pytest.fixture
def one_process(monkeypatch):
    """A sweep's tasks are done here, one after another; the workers of test_sweep_pool and test_signals are real."""

    def run(tasks, workers, deliver, on_steps, stopped, on_compilation):
        for task in tasks:
            if stopped():
                return
            deliver(carry_out(task, on_steps))

    monkeypatch.setattr(pool, "run", run)


@pytest.fixture(autouse=True)
def hangups():
    """SIGHUP is not ignored, also where the tests were begun by nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
