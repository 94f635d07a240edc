"""Each file of a run truncated, flipped, swapped or removed: it is told, and the run ends as an unbroken one does."""

import json
import shutil

import pytest
import torch

from gandyn.cli import main
from gandyn.presets import preset
from gandyn.records import log
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import digest
from gandyn.training import train
from gandyn.training.begin import begin
from gandyn.training.train import Training

SMALL = {"generator.widths": "8,8", "critic.widths": "8", "batch_size": 16, "latent_size": 4, "steps": 30}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def after(steps):
    """A `stopped` that stops after so many steps."""
    left = iter([False] * steps)
    return lambda: next(left, True)


def rows(directory):
    return [{name: value for name, value in row.items() if name != "wall"} for row in log.read(directory.metrics)]


def trained(path, stopped=lambda: False, **controls):
    directory = begin(path, preset("collapse", **{**SMALL, **controls}))
    training = Training(directory)
    training.start()
    training.run(stopped=stopped)
    return directory


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run") / "whole")


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run with checkpoints of steps 19 and 20."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "SAVE_EVERY", 0.0)
        return trained(tmp_path_factory.mktemp("run") / "stopped", after(20))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """The files of another run."""
    return trained(tmp_path_factory.mktemp("run") / "stranger", after(20), seed=7)


def damage(path, how, stranger):
    data = bytearray(path.read_bytes())
    match how:
        case "removed":
            path.unlink()
        case "emptied":
            path.write_bytes(b"")
        case "truncated":
            path.write_bytes(data[: len(data) // 2])
        case "flipped":
            data[len(data) // 3] ^= 1
            path.write_bytes(data)
        case "swapped":
            path.write_bytes(stranger.read_bytes())


def contents(folder):
    """The bytes of all files, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def goes_on(path):
    again = Training(RunDirectory.existing(path))
    again.resume()
    assert again.run().finished


FACTS = ["metrics.jsonl", "frames/000000.npy", "frames/000010.npy"]
WAYS = ["removed", "emptied", "truncated", "flipped", "swapped"]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("name", FACTS)
def test_a_damaged_fact_is_told_and_computed_again(whole, stopped, stranger, tmp_path, caplog, name, how):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    damage(part.path / name, how, stranger.path / name)
    goes_on(part.path)
    assert f"{part.path / name} is missing or not as it was written" in caplog.text
    assert "what is lost is computed again" in caplog.text
    assert rows(part) == rows(whole) and digest(part.last().state) == digest(whole.last().state)
    assert contents(part.frames) == contents(whole.frames)


def test_what_is_lost_after_the_checkpoint_before_is_computed_again_from_there(whole, stopped, tmp_path, caplog):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    lines = part.metrics.read_text().splitlines(keepends=True)
    part.metrics.write_text("".join(lines[:19]) + "damaged\n")
    again = Training(RunDirectory.existing(part.path))
    assert again.resume().step == 19
    again.run()
    assert rows(part) == rows(whole)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("name", ["state.pt", "trace.json", "run.json"])
def test_without_a_whole_checkpoint_it_begins_at_its_first_step(whole, stopped, stranger, tmp_path, caplog, name, how):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    other = sorted(stranger.checkpoints.iterdir())[-1]
    for place in part.checkpoints.iterdir():
        damage(place / name, how, other / name)
    goes_on(part.path)
    assert "trying the checkpoint before it" in caplog.text
    assert rows(part) == rows(whole) and digest(part.last().state) == digest(whole.last().state)


@pytest.mark.parametrize("folder", ["frames", "samples", "checkpoints"])
def test_a_folder_that_is_removed_is_made_again(whole, stopped, tmp_path, folder):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    shutil.rmtree(part.path / folder)
    goes_on(part.path)
    assert rows(part) == rows(whole) and digest(part.last().state) == digest(whole.last().state)
    assert contents(part.samples) == contents(whole.samples) != {}
    assert contents(part.frames) == contents(whole.frames) != {}


@pytest.mark.parametrize("how", [*WAYS, "edited"])
def test_another_config_is_refused_in_a_line(stopped, stranger, tmp_path, capsys, how):
    part = shutil.copytree(stopped.path, tmp_path / "part")
    config = part / "config.json"
    if how == "edited":
        edited = json.loads(config.read_text())
        edited["controls"]["lr_d"] = 0.5
        config.write_text(json.dumps(edited))
    else:
        damage(config, how, stranger.path / "config.json")
    before = contents(part)
    assert main(["train", "--resume", str(part), "--quiet"]) == 2
    stderr = capsys.readouterr().err
    assert len(stderr.splitlines()) == 1 and f"{part}" in stderr and "config.json" in stderr
    assert contents(part) == before


def test_more_steps_and_another_layout_are_no_edit(stopped, tmp_path):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    config = part.path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()), indent=4))
    again = Training(part)
    assert again.resume(25).step == 20
    again.run()
    assert Training(RunDirectory.existing(part.path)).resume(30).step == 25


def test_going_on_after_the_last_step_keeps_its_metrics(whole, tmp_path):
    part = RunDirectory.existing(shutil.copytree(whole.path, tmp_path / "part"))
    goes_on(part.path)
    assert part.read("summary.json")["metrics"] == whole.read("summary.json")["metrics"] != {}
    assert rows(part) == rows(whole)


def test_a_folder_that_is_removed_on_the_way_is_told(tmp_path, capsys, monkeypatch):
    take = train.Timeline.take

    def removing(self, most):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        return take(self, most)

    monkeypatch.setattr(train.Timeline, "take", removing)
    wanted = ["--steps", "5", "--set", "generator.widths=8", "critic.widths=8", "batch_size=8"]
    assert main(["train", "collapse", *wanted, "--out", str(tmp_path / "run"), "--quiet"]) == 1
    (stderr,) = capsys.readouterr().err.splitlines()
    assert stderr.startswith(f"gandyn: {tmp_path / 'run'}/") and "No such file or directory" in stderr
