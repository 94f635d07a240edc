"""A headless run: what it leaves, and that going on is what an unbroken run would have done, bit for bit."""

import dataclasses
import json
import math
import os
import shutil
import signal
import time

import pytest
import torch

from gandyn.core.types import Schedule
from gandyn.live.run import Run
from gandyn.presets import preset
from gandyn.records import log
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import digest
from gandyn.training import train
from gandyn.training.begin import begin, begin_replay
from gandyn.training.train import Broken, Training

SMALL = {"generator.widths": "8,8", "critic.widths": "8", "batch_size": 16, "latent_size": 4, "lr_d": 1e-3}
STEPS = 30


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def small(**controls):
    experiment = preset("collapse", **{**SMALL, "steps": STEPS, **controls})
    return dataclasses.replace(experiment, schedule=Schedule(samples=experiment.steps))


def after(steps):
    """A `stopped` that stops after so many steps."""
    left = iter([False] * steps)
    return lambda: next(left, True)


def run(directory, **options):
    training = Training(directory)
    training.start()
    return training.run(**options)


def rows(directory):
    """metrics.jsonl without the time on the clock."""
    logged = log.read(directory.metrics)
    return [{name: value for name, value in row.items() if name != "wall"} for row in logged]


def held(path):
    return RunDirectory.existing(path).last().state


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An unbroken run, which is only read."""
    directory = begin(tmp_path_factory.mktemp("run") / "whole", small())
    run(directory)
    return directory


def test_what_a_run_leaves(whole):
    config, summary = whole.read("config.json"), whole.read("summary.json")
    assert config["preset"] == "collapse" and config["steps"] == STEPS and config["controls"]["lr_d"] == 1e-3
    assert [row["step"] for row in rows(whole)] == list(range(1, STEPS + 1))
    assert {"step", "critic_loss", "generator_loss", "gap"} <= rows(whole)[0].keys()
    walls = [row["wall"] for row in log.read(whole.metrics)]
    assert walls == sorted(walls) and walls[0] > 0
    assert summary["step"] == STEPS and summary["finished"] and summary["metrics"] == log.read(whole.metrics)[-1]
    assert {"steps_per_second", "versions", "threads", "device"} <= summary.keys()
    assert sorted(path.name for path in whole.samples.iterdir())[0] == "000000.png"
    assert (whole.samples / f"{STEPS:06d}.png").exists()
    assert whole.read("trace.json")["stop"] == STEPS


def test_its_seconds_are_those_of_a_clock(tmp_path, monkeypatch):
    """Of all that it does, pictures included, and of all sittings, but not of the time between them."""
    frame, slow = train.frame, 0.1
    monkeypatch.setattr(train, "frame", lambda *args: (time.sleep(slow), frame(*args))[1])
    part, start = begin(tmp_path / "run", small()), time.monotonic()
    first = run(part, stopped=after(3)).summary["seconds"]
    between = time.monotonic()
    assert 4 * slow < first < between - start
    time.sleep(5 * slow)
    again, begun = Training(RunDirectory.existing(part.path)), time.monotonic()
    again.resume()
    summary = again.run().summary
    elapsed = between - start + time.monotonic() - begun
    assert len(list(part.frames.iterdir())) * slow < summary["seconds"] < elapsed + slow
    assert summary["steps_per_second"] == pytest.approx(STEPS / summary["seconds"], rel=0.01)
    walls = [row["wall"] for row in log.read(part.metrics)]
    assert walls == sorted(walls) and walls[2] <= first and walls[-1] <= summary["seconds"]


def test_it_is_what_a_run_in_memory_does(whole):
    live = Run(small())
    live.advance(STEPS)
    assert digest(live.state) == digest(held(whole.path)) == whole.read("summary.json")["sha256"]


@pytest.mark.parametrize("at", [1, 13, 29])
def test_going_on_is_bit_for_bit_what_an_unbroken_run_does(whole, tmp_path, at):
    part = begin(tmp_path / "part", small())
    result = run(part, stopped=after(at))
    assert not result.finished and result.summary["step"] == at
    again = Training(RunDirectory.existing(part.path))
    again.resume()
    assert again.run().finished
    assert digest(held(part.path)) == digest(held(whole.path))
    assert rows(part) == rows(whole)
    assert part.read("trace.json")["events"] == whole.read("trace.json")["events"]
    assert sorted(p.name for p in part.frames.iterdir()) == sorted(p.name for p in whole.frames.iterdir())


def test_a_short_run_made_longer_is_the_long_one(whole, tmp_path):
    part = begin(tmp_path / "part", small(steps=STEPS // 2))
    run(part)
    again = Training(RunDirectory.existing(part.path))
    again.resume(STEPS)
    assert again.run().finished
    assert digest(held(part.path)) == digest(held(whole.path)) and rows(part) == rows(whole)
    assert part.read("config.json")["steps"] == STEPS


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run with checkpoints of steps 19 and 20, to be copied."""
    directory = begin(tmp_path_factory.mktemp("run") / "stopped", small())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "SAVE_EVERY", 0.0)
        run(directory, stopped=after(20))
    return directory


@pytest.mark.parametrize("name", ["state.pt", "trace.json", "run.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_checkpoint_is_passed_over(whole, stopped, tmp_path, caplog, name, damage):
    part = RunDirectory.existing(shutil.copytree(stopped.path, tmp_path / "part"))
    newest = sorted(part.checkpoints.iterdir())[-1] / name
    data = bytearray(newest.read_bytes())
    if damage == "flip":
        data[len(data) // 3] ^= 1
    newest.unlink() if damage == "remove" else newest.write_bytes(data if damage == "flip" else data[: len(data) // 2])
    again = Training(RunDirectory.existing(part.path))
    state = again.resume()
    assert state.step == 19 and str(newest.parent) in caplog.text
    again.run()
    assert digest(held(part.path)) == digest(held(whole.path)) and rows(part) == rows(whole)


def saves_every_step(path, line):
    """Train in a process of its own; every step is sent through `line`."""
    train.SAVE_EVERY = train.CALL = 0.0
    training = Training(RunDirectory.existing(path))
    training.start()
    training.run(lambda rows: line.send(rows[-1]["step"]))


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.11])
def test_after_kill_9_it_goes_on_bit_for_bit(tmp_path, forks, seconds):
    """Every step is saved, so the signal comes in the middle of a write."""
    steps = 300
    part, unbroken = begin(tmp_path / "part", small(steps=steps)), begin(tmp_path / "unbroken", small(steps=steps))
    run(unbroken)
    ours, theirs = forks.Pipe()
    process = forks.Process(target=saves_every_step, args=(part.path, theirs))
    process.start()
    theirs.close()
    while ours.recv() < 5:
        pass
    time.sleep(seconds)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    again = Training(RunDirectory.existing(part.path))
    state = again.resume()
    assert 4 <= state.step < steps
    again.run()
    assert digest(held(part.path)) == digest(held(unbroken.path)) and rows(part) == rows(unbroken)


def test_only_the_last_two_checkpoints_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "SAVE_EVERY", 0.0)
    directory = begin(tmp_path / "run", small())
    run(directory)
    assert [path.name for path in sorted(directory.checkpoints.iterdir())] == ["000000029", "000000030"]


def test_a_run_that_breaks_says_so_and_keeps_its_last_good_state(tmp_path):
    directory = begin(tmp_path / "run", small(steps=5000, optimizer_d="sgd", lr_d=100, objective="least-squares"))
    with pytest.raises(Broken, match=r"the checkpoint of step 0 in .* is good"):
        run(directory)
    state = held(directory.path)
    assert bool(torch.isfinite(state.g).all() and torch.isfinite(state.d).all())
    assert all(math.isfinite(value) for row in rows(directory) for value in row.values() if value is not None)


def test_a_recorded_session_is_done_again_bit_for_bit(tmp_path):
    live = Run(small(), seed=4)
    live.advance(7)
    live.set(objective="wasserstein", clip=0.05, **{"target.radius": 1.2})
    live.advance(6)
    live.advance(1, freeze="critic")
    live.set(unroll=2, clip=0.0)
    live.advance(5)
    trace = json.loads(json.dumps(live.trace()))
    directory = begin_replay(tmp_path / "again", trace)
    result = run(directory)
    assert result.summary["sha256"] == trace["sha256"] == digest(live.state)
    assert directory.read("trace.json")["events"] == trace["events"]


def test_a_replay_that_was_interrupted_goes_on(tmp_path):
    live = Run(small())
    live.advance(7)
    live.set(unroll=2)
    live.advance(9)
    directory = begin_replay(tmp_path / "again", live.trace())
    run(directory, stopped=after(3))
    again = Training(RunDirectory.existing(directory.path))
    again.resume()
    assert again.run().summary["sha256"] == digest(live.state)


def test_images_are_trained_and_resumed_as_well(tmp_path):
    experiment = preset("mnist-mlp", steps=6, batch_size=8, **{"generator.widths": 16, "critic.widths": 16})
    whole, part = begin(tmp_path / "whole", experiment), begin(tmp_path / "part", experiment)
    assert "10,000 digits" in whole.read("config.json")["data"]["digits"]
    run(whole)
    run(part, stopped=after(3))
    again = Training(RunDirectory.existing(part.path))
    again.resume()
    again.run()
    assert digest(held(part.path)) == digest(held(whole.path)) and rows(part) == rows(whole)


def test_other_digits_are_refused(tmp_path):
    directory = begin(tmp_path / "run", preset("mnist-mlp", steps=2))
    config = directory.read("config.json")
    directory.write("config.json", config | {"data": config["data"] | {"sha256": "0"}})
    with pytest.raises(ValueError, match="--data-dir"):
        Training(RunDirectory.existing(directory.path))


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty"):
        begin(tmp_path, small())
    assert os.listdir(tmp_path) == ["notes.txt"]
    with pytest.raises(ValueError, match="holds no run"):
        RunDirectory.existing(tmp_path)
