"""How many threads a run takes: one for small networks, what is faster for large ones, and the stored number later."""

import pytest
import torch

import gandyn
from gandyn.core.fused.backend import PORTABLE, SWITCH, claimed
from gandyn.records import threads
from gandyn.records.begin import begin
from gandyn.records.rundir import RunDirectory
from gandyn.records.threads import fastest
from gandyn.records.trace import digest
from gandyn.records.train import Training
from tests.records.test_train import after

CONVOLUTIONAL = gandyn.preset("mnist-dcgan-lab", batch_size=8, steps=4)


@pytest.fixture(autouse=True)
def put_back():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def clocked(monkeypatch, speedup: float) -> list[int]:
    """A clock by which a pass takes a second on one thread and 1 / speedup on more; returns who was timed."""
    seen, now = [], [0.0]

    def clock() -> float:
        return now[0]

    def grad(*args, **options):
        count = torch.get_num_threads()
        seen.append(count)
        now[0] += 1 if count == 1 else 1 / speedup

    monkeypatch.setattr(threads.time, "perf_counter", clock)
    monkeypatch.setattr(threads.torch.autograd, "grad", grad)
    return seen


@pytest.mark.parametrize(("speedup", "wanted"), [(1.1, 1), (0.5, 1), (1.6, 3)])
def test_more_than_one_thread_must_be_clearly_faster(monkeypatch, speedup, wanted):
    monkeypatch.setattr(threads, "cores", lambda: 3)
    monkeypatch.delenv(SWITCH, raising=False)
    seen = clocked(monkeypatch, speedup)
    torch.set_num_threads(2)
    assert fastest(CONVOLUTIONAL) == wanted and set(seen) == {1, 3}
    assert torch.get_num_threads() == 2, "as before"


def test_small_networks_and_portable_runs_take_one(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 2)
    monkeypatch.delenv(SWITCH, raising=False)
    assert fastest(gandyn.preset("collapse")) == fastest(gandyn.preset("unrolled-notebook")) == 1
    seen = clocked(monkeypatch, 2)
    monkeypatch.setenv(SWITCH, "1")
    assert fastest(CONVOLUTIONAL) == 1 and not seen
    monkeypatch.delenv(SWITCH)
    monkeypatch.setattr(threads, "cores", lambda: 1)
    assert fastest(CONVOLUTIONAL) == 1 and not seen


@claimed()
def test_a_run_of_two_threads_goes_on_bit_for_bit(tmp_path):
    def run(name, stopped=lambda: False):
        directory = begin(tmp_path / name, CONVOLUTIONAL, backend=PORTABLE._replace(threads=2))
        training = Training(directory)
        return training.run(training.start(), stopped=stopped), directory

    whole, there = run("whole")
    _, part = run("part", after(2))
    torch.set_num_threads(1)
    again = Training(RunDirectory.existing(part.path))
    assert again.run(again.resume()).summary["threads"] == torch.get_num_threads() == whole.summary["threads"] == 2
    ends = [RunDirectory.existing(place.path).last().state for place in (there, part)]
    assert digest(ends[0]) == digest(ends[1])
    assert part.read("trace.json")["backend"]["threads"] == 2
