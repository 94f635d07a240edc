"""Memory, files and clocks that give out while a run is made."""

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from gandyn.cli import main
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import digest
from gandyn.training import train

pytestmark = pytest.mark.usefixtures("elsewhere")

TINY = ["--set", "generator.widths=8", "critic.widths=8", "batch_size=8", "latent_size=2"]
TRAIN = ["train", "collapse", "--out", "run", "--quiet", *TINY]


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\n(a hint)"),
        MemoryError(),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=["device", "Python", "machine"],
)
def test_exhausted_memory_is_one_line_and_the_run_goes_on_when_there_is_some(capsys, monkeypatch, error):
    take = train.Timeline.take

    def failing(self, most):
        if self.step >= 3:
            raise error
        return take(self, 1)

    monkeypatch.setattr(train.Timeline, "take", failing)
    assert main([*TRAIN, "--steps", "6"]) == 1
    stderr = capsys.readouterr().err
    assert "there is not memory enough for step 4 on cpu" in stderr and len(stderr.splitlines()) == 1
    monkeypatch.setattr(train.Timeline, "take", take)
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    assert RunDirectory.existing(Path("run")).last().state.step == 6


def test_an_error_of_ours_is_not_taken_for_a_lack_of_memory(monkeypatch):
    def failing(self, most):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(train.Timeline, "take", failing)
    with pytest.raises(RuntimeError, match="a mistake"):
        main([*TRAIN, "--steps", "6"])


def test_a_limit_of_the_size_of_files_is_one_line_and_the_run_goes_on_without_it():
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "gandyn", *TRAIN, "--steps", "500"]
    ended = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=100, check=False)  # noqa: PLW1509
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    line = ended.stderr.splitlines()[-1]
    assert "File too large" in line and line.endswith("then gandyn train --resume run")
    assert main(["train", "--resume", "run", "--quiet"]) == 0
    rows = [json.loads(line)["step"] for line in Path("run/metrics.jsonl").read_text().splitlines()]
    assert rows == list(range(1, 501))


def test_a_jump_of_the_clock_changes_nothing(monkeypatch):
    jumps = itertools.cycle([0.0, 4e9, 1e9])
    monkeypatch.setattr(time, "time", lambda: next(jumps))
    assert main([*TRAIN, "--steps", "50"]) == 0
    walls = [json.loads(line)["wall"] for line in Path("run/metrics.jsonl").read_text().splitlines()]
    assert walls == sorted(walls) and walls[-1] < 60


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="which file a handle is of is told by Linux alone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_amid_a_write_leaves_a_run_that_goes_on(monkeypatch, number):
    """It comes when the bytes of a checkpoint are written and not yet on the disk, nor under their name."""
    sync, written = os.fsync, []

    def interrupted(handle):
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        written.append(name)
        if name == "state.pt.part" and written.count(name) == 2:  # of the checkpoint after the first
            signal.raise_signal(number)
        sync(handle)

    monkeypatch.setattr(os, "fsync", interrupted)
    monkeypatch.setattr(train, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(train, "CALL", 0.0)
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        assert main([*TRAIN, "--steps", "100000"]) == 130
        state = RunDirectory.existing(Path("run")).last().state
        assert 0 < state.step < 100_000 and not list(Path("run").rglob("*.part"))
        steps = str(state.step + 5)
        assert main(["train", "--resume", "run", "--steps", steps, "--quiet"]) == 0
        assert main(["train", "collapse", "--out", "whole", "--quiet", *TINY, "--steps", steps]) == 0
        ends = [digest(RunDirectory.existing(Path(name)).last().state) for name in ("run", "whole")]
        assert ends[0] == ends[1]
    finally:
        signal.signal(signal.SIGHUP, before)
