"""kill -9 at every moment of a checkpoint: what was there before is there, or what comes after it, and both go on."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from gandyn.records import checkpoint
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import digest
from gandyn.training import train
from gandyn.training.train import Training
from tests.faults.test_run_files import after, one_thread, rows, trained  # noqa: F401  one_thread: for every test here
from tests.records.conftest import forks  # noqa: F401

STEPS = 12
MOMENTS = [
    "half of state.pt", "state.pt", "half of trace.json", "trace.json", "half of run.json", "run.json",
    "the checkpoint has its name", "an old one is half removed",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run") / "whole", steps=STEPS)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run with checkpoints of steps 4 and 5."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "SAVE_EVERY", 0.0)
        return trained(tmp_path_factory.mktemp("run") / "stopped", after(5), steps=STEPS)


def dies(path, moment):
    """Go on with the run in a process of its own, which kills itself at this moment of its first checkpoint."""

    def reached(what):
        if what == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    write, rename, remove = checkpoint.write, Path.rename, shutil.rmtree

    def writing(place, data):
        place.with_name(place.name + ".part").write_bytes(data[: len(data) // 2])
        reached(f"half of {place.name}")
        write(place, data)
        reached(place.name)

    def renaming(place, target):
        rename(place, target)
        reached("the checkpoint has its name")

    def removing(place, **how):
        if place.name.isdigit() and place.exists():
            (place / "run.json").unlink()
            reached("an old one is half removed")
        remove(place, **how)

    checkpoint.write, Path.rename, shutil.rmtree = writing, renaming, removing
    training = Training(RunDirectory.existing(path))
    training.resume()
    training.run(stopped=after(2))


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_checkpoint_is_there_whole_or_not_at_all(whole, stopped, tmp_path, forks, moment):  # noqa: F811
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    process = forks.Process(target=dies, args=(part.path, moment))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    named = MOMENTS.index(moment) >= MOMENTS.index("the checkpoint has its name")
    assert part.last().state.step == (7 if named else 5)
    again = Training(RunDirectory.existing(part.path))
    again.resume()
    assert again.run().finished
    assert digest(part.last().state) == digest(whole.last().state) and rows(part) == rows(whole)
    assert not list(part.path.rglob("*.part"))
