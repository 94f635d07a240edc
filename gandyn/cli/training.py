"""gandyn train: begin a run or go on with one."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from gandyn.cli.progress import Progress, duration
from gandyn.cli.settings import Wanted, as_toml, resolve
from gandyn.core import checks
from gandyn.records import strict_json as plain_json
from gandyn.records import tensorboard as tensorboard_files
from gandyn.records.again import as_before
from gandyn.records.begin import begin
from gandyn.records.compilation import COMPILING, first_compilation
from gandyn.records.config import to_config
from gandyn.records.engine import MOST_THREADS
from gandyn.records.lock import exclusive
from gandyn.records.pictures import draw
from gandyn.records.plan import Plan
from gandyn.records.rundir import RunDirectory
from gandyn.records.signals import Interrupt
from gandyn.records.train import Tell, Training
from gandyn.targets import mnist_files

RUNS = Path("runs")


def train(
    wanted: Wanted,
    *,
    out: Path | None,
    data_dir: Path | None,
    offline: bool,
    resume: Path | None,
    dry_run: bool,
    quiet: bool,
    json: bool,
    tensorboard: bool,
    anyway: bool = False,
) -> int:
    """Exit status; ValueError for wrong usage."""
    if resume is not None:
        _check_resume(wanted, out, dry_run)
    elif anyway:
        raise ValueError("--anyway is for a run that is gone on with: give it by --resume DIR")
    resolved = resolve(wanted) if resume is None else None
    if wanted.threads is not None:
        checks.integer("--threads", wanted.threads, 1, MOST_THREADS)
    if dry_run and resolved is not None:
        print(plain_json.dumps(to_config(resolved.experiment)) if json else as_toml(resolved.experiment))
        return 0
    if tensorboard:
        tensorboard_files.check()
    prepare(data_dir, offline)
    if resolved is None:
        assert resume is not None
        directory = RunDirectory.existing(resume)
        _check_preset(wanted, directory)
    else:
        experiment, events, lanes, stored = resolved
        engine = as_before(stored, experiment, wanted.threads)
        path = out or next_free(experiment.name)
        directory = begin(path, experiment, events=events, lanes=lanes, engine=engine)
    how = {"quiet": quiet, "json": json, "tensorboard": tensorboard, "anyway": anyway}
    return carry_out(directory, new=resume is None, steps=wanted.steps, **how)


def prepare(data_dir: Path | None, offline: bool) -> None:
    """Say where data come from, and let warnings be lines."""
    logging.basicConfig(format="gandyn: %(message)s", level=logging.WARNING)
    logging.getLogger("gandyn").setLevel(logging.INFO)
    mnist_files.use(data_dir, offline)


def carry_out(
    directory: RunDirectory,
    *,
    new: bool,
    steps: int | None,
    quiet: bool,
    json: bool,
    tensorboard: bool = False,
    recorded: str | None = None,
    anyway: bool = False,
) -> int:
    """Run what is in the directory to its last step, or until a signal; say what came of it.

    `recorded`: the sha256 that the last state ought to have.
    """
    path, plan = directory.path, Plan(**directory.config()["plan"])
    go_on = f"gandyn train --resume {path}"
    with exclusive(path), Interrupt(go_on) as stopped:
        training = Training(directory, anyway=anyway)
        paper = sys.stderr if json else sys.stdout
        with (
            Progress(plan=plan, quiet=quiet, paper=paper) as progress,
            first_compilation(lambda: progress.say(COMPILING)),
        ):
            state = training.start() if new else training.resume(steps)
            progress.say(f"{'begins' if new else 'goes on'}: {path}, step {state.step:,} of {training.steps:,}")
            progress.begin(training.steps, state.step)
            result = training.run(state, _telling(progress, directory, state.step, tensorboard), stopped)
        if result.finished:
            draw(directory)
    summary = result.summary
    if json:
        print(plain_json.dumps(summary))
    if not result.finished:
        _say(f"gandyn: stopped at step {summary['step']:,}; go on: {go_on}")
        return 130
    if recorded is not None and summary["sha256"] != recorded:
        _say("gandyn: the last state is not the recorded one: another machine, torch, numbers or number of threads?")
    elif recorded is not None:
        progress.say("the last state is the recorded one, bit for bit")
    took = duration(summary["seconds"])
    progress.say(f"done: {summary['step']:,} steps in {took}; look into {path}, or gandyn evaluate {path}")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _telling(progress: Progress, directory: RunDirectory, step: int, tensorboard: bool) -> Tell:
    if not tensorboard:
        return progress
    write = tensorboard_files.scalars(directory.path / "tensorboard", step)

    def tell(rows: list[dict[str, Any]]) -> None:
        progress(rows)
        write(rows)

    return tell


def next_free(name: str, runs: Path = RUNS) -> Path:
    """runs/0007-NAME, the number above all that are there."""
    taken = [int(path.name[:4]) for path in runs.glob("[0-9][0-9][0-9][0-9]-*")]
    return runs / f"{max(taken, default=-1) + 1:04d}-{name}"


def _check_resume(wanted: Wanted, out: Path | None, dry_run: bool) -> None:
    fixed = {
        "--seed": wanted.seed, "--device": wanted.device, "--set": wanted.settings or None, "--config": wanted.config,
        "--threads": wanted.threads, "--out": out, "--dry-run": dry_run or None,
    }  # fmt: skip
    given = [name for name, value in fixed.items() if value is not None]
    if given:
        raise ValueError(f"--resume goes on with the run as it was begun: leave out {', '.join(given)}")


def _check_preset(wanted: Wanted, directory: RunDirectory) -> None:
    preset = directory.config()["preset"]
    if wanted.preset not in (None, preset):
        raise ValueError(f"{directory.path} is a run of preset {preset!r}, not {wanted.preset!r}")
