"""gandyn train: begin a run or go on with one."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gandyn.cli.options import Data, Output, Wanted, given
from gandyn.cli.progress import Progress, duration
from gandyn.cli.settings import as_toml, resolve
from gandyn.cli.streams import say
from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.target import Target
from gandyn.records import strict_json as plain_json
from gandyn.records import tensorboard as tensorboard_files
from gandyn.records.again import as_before
from gandyn.records.compilation import COMPILING, first_compilation
from gandyn.records.config import to_config
from gandyn.records.disk import going_on
from gandyn.records.engine import MOST_THREADS
from gandyn.records.lock import exclusive
from gandyn.records.pictures import draw
from gandyn.records.plan import Plan
from gandyn.records.rundir import RunDirectory
from gandyn.records.signals import Interrupt
from gandyn.records.trace import plain_name
from gandyn.targets import mnist_files
from gandyn.targets.mnist import Mnist
from gandyn.training.begin import begin
from gandyn.training.train import Tell, Training

RUNS = Path("runs")


def train(
    preset: str | None,
    wanted: Wanted,
    data: Data,
    *,
    out: Path | None,
    resume: Path | None,
    dry_run: bool,
    output: Output,
    tensorboard: bool,
    anyway: bool,
) -> int:
    """Exit status; ValueError for wrong usage."""
    if resume is not None:
        if fixed := given(replace(wanted, steps=None), out=out, dry_run=dry_run):
            raise ValueError(f"--resume goes on with the run as it was begun: leave out {', '.join(fixed)}")
    elif anyway:
        raise ValueError("--anyway is for a run that is gone on with: give it by --resume DIR")
    resolved = resolve(preset, wanted) if resume is None else None
    if wanted.threads is not None:
        checks.integer("--threads", wanted.threads, 1, MOST_THREADS)
    if dry_run and resolved is not None:
        print(plain_json.dumps(to_config(resolved.experiment)) if output.json else as_toml(resolved.experiment))
        return 0
    if tensorboard:
        tensorboard_files.check()
    prepare(data)
    if resolved is None:
        assert resume is not None
        directory = RunDirectory.existing(resume)
        _check_preset(preset, directory)
    else:
        experiment, events, lanes, stored = resolved
        engine = as_before(stored, experiment, wanted.threads)
        path = out or next_free(experiment.name)
        directory = begin(path, experiment, events=events, lanes=lanes, engine=engine)
    say_unused(data, directory.first().target)
    if resolved is not None and not resolved.events:
        say_idle(resolved.experiment, [text.partition("=")[0].strip() for text in wanted.settings or ()])
    new, steps = resume is None, wanted.steps
    return carry_out(directory, output, new=new, steps=steps, tensorboard=tensorboard, anyway=anyway)


def prepare(data: Data) -> None:
    """Say where data come from, and let warnings be lines."""
    logging.basicConfig(format="gandyn: %(message)s", level=logging.WARNING)
    logging.getLogger("gandyn").setLevel(logging.INFO)
    mnist_files.use(data.data_dir, data.offline)


def say_unused(data: Data, target: Target) -> None:
    """A line for options about data files that a run of points never reads."""
    if not isinstance(target, Mnist) and (unused := given(data)):
        say(f"gandyn: without effect: {', '.join(unused)} (target {target.name!r} reads no files)")


def say_idle(experiment: Experiment, names: Iterable[str]) -> None:
    """A line for each of these controls that has no effect."""
    for name in names:
        if why := experiment.idle(name):
            say(f"gandyn: without effect: {name} ({why})")


def carry_out(
    directory: RunDirectory,
    output: Output,
    *,
    new: bool,
    steps: int | None = None,
    tensorboard: bool = False,
    recorded: str | None = None,
    anyway: bool = False,
) -> int:
    """Run what is in the directory to its last step, or until a signal; say what came of it.

    `recorded`: the sha256 that the last state ought to have.
    """
    path, plan = directory.path, Plan(**directory.config()["plan"])
    go_on = f"gandyn train --resume {path}"
    with exclusive(path), Interrupt(go_on) as stopped, going_on(lambda: go_on):
        training = Training(directory, anyway=anyway)
        paper = sys.stderr if output.json else sys.stdout
        with (
            Progress(plan=plan, quiet=output.quiet, paper=paper) as progress,
            first_compilation(lambda: progress.say(COMPILING)),
        ):
            state = training.start() if new else training.resume(steps)
            if new or state.step < training.steps:
                progress.say(f"{'begins' if new else 'goes on'}: {path}, step {state.step:,} of {training.steps:,}")
            else:
                more = f"{go_on} --steps N, with a larger N, makes more"
                progress.say(f"{path} has all of its {training.steps:,} steps: {more}")
            progress.begin(training.steps, state.step)
            tell = _telling(progress, directory, state.step, tensorboard)
            result = training.run(tell, lambda: stopped() or progress.is_unread)
        if result.finished:
            draw(directory)
    summary = result.summary
    if output.json:
        print(plain_json.dumps(summary))
    if not result.finished:
        say(f"gandyn: stopped at step {summary['step']:,}; go on: {go_on}")
        return 130
    if recorded is not None and summary["sha256"] != recorded:
        say("gandyn: the last state is not the recorded one: another machine, torch, numbers or number of threads?")
    elif recorded is not None:
        progress.say("the last state is the recorded one, bit for bit")
    took = duration(training.seconds)
    if summary["diagnosis"]:
        progress.say(summary["diagnosis"])
    progress.say(f"done: {summary['step']:,} steps in {took}; look into {path}, or gandyn evaluate {path}")
    return 0


def _telling(progress: Progress, directory: RunDirectory, step: int, tensorboard: bool) -> Tell:
    if not tensorboard:
        return progress
    write = tensorboard_files.scalars(directory.path / "tensorboard", step)

    def tell(rows: list[dict[str, Any]]) -> None:
        progress(rows)
        write(rows)

    return tell


def next_free(name: str, runs: Path = RUNS) -> Path:
    """runs/0007-NAME, the number above all that are there; of the name, what is no path."""
    numbers = [int(path.name[:4]) for path in runs.glob("[0-9][0-9][0-9][0-9]-*")]
    return runs / f"{max(numbers, default=-1) + 1:04d}-{plain_name(name)}"


def _check_preset(wanted: str | None, directory: RunDirectory) -> None:
    preset = directory.config()["preset"]
    if wanted not in (None, preset):
        raise ValueError(f"{directory.path} is a run of preset {preset!r}, not {wanted!r}")
