"""The figures and tables of docs/experiments.md, from run directories: python -m scripts.experiments RUNS

RUNS holds one directory a run, as `gandyn train PRESET --out RUNS/NAME` leaves them, named as in DIGITS and RINGS
below; those that are not there are left out, those that are not finished are said to be so. Runs that were not
evaluated yet are (`gandyn evaluate`). The text around the tables is written by hand.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import torch

from gandyn.cli.progress import duration
from gandyn.core.rng import Rng
from gandyn.presets import PRESETS, describe
from gandyn.probes.inputs import reals
from gandyn.probes.window import half_width
from gandyn.records import log
from gandyn.records.album import POINTS, frames, panels
from gandyn.records.colours import LIGHT
from gandyn.records.config import from_config
from gandyn.records.evaluate import evaluate, neighbours
from gandyn.records.figures.canvas import along_steps, dress, figure, save
from gandyn.records.figures.filmstrip import filmstrip
from gandyn.records.pictures import Pictures, draw
from gandyn.records.plan import Plan
from gandyn.records.rundir import RunDirectory
from gandyn.sweep.directory import SweepDirectory
from gandyn.sweep.statistics import median, share
from scripts.classroom_table import table

PAGE = Path("docs/experiments.md")
FIGURES = Path("docs/experiments")
DIGITS = [
    "mnist-edward", "mnist-edward-grey", "mnist-mlp", "mnist-mlp-stable", "mnist-mlp-glorot", "mnist-wgan",
    "mnist-dcgan-lab", "mnist-dcgan-lab-5000", "mnist-wgan-gp",
]  # fmt: skip
RINGS = ["unrolled-notebook", "unrolled-paper"]  # each with -k0 and -k5
GATE = "unrolled-paper-gate"  # with -k0-s0 and so on
COLOURS = ["critic", "generated", "real", "covered", "mark", "text"]
BEGIN, END = "<!-- {}: begin -->", "<!-- {}: end -->"


def opened(runs: Path, name: str) -> RunDirectory | None:
    """The run of that name, if it has come anywhere."""
    path = runs / name
    if not any(path.glob("checkpoints/[0-9]*")):
        return None
    run = RunDirectory.existing(path)
    return run if run.last().state.step else None


def evaluated(run: RunDirectory) -> dict[str, Any]:
    """Its evaluation at its last checkpoint; made if there is none of that step."""
    saved = run.last()
    if (run.path / "evaluation.json").exists():
        evaluation = run.read("evaluation.json")
        if evaluation["step"] == saved.state.step:
            return evaluation
    evaluation = {"preset": saved.experiment.name, "step": saved.state.step, **evaluate(saved.experiment, saved.state)}
    run.write("evaluation.json", evaluation)
    return evaluation


def far(run: RunDirectory) -> str:
    """How many steps were made, of how many."""
    step, steps = run.last().state.step, run.config()["steps"]
    return f"{step:,}" if step == steps else f"{step:,} of {steps:,}"


def device(run: RunDirectory) -> str:
    """What computed it: cpu, or the name of a GPU."""
    return run.config()["engine"]["device"]


def rest_seconds(run: RunDirectory, step: int) -> float:
    """Seconds of so many steps with nothing else running: by the preset's measured pace, not the busy machine's.

    Of a run on a GPU by its own clock, since the pace is a processor's.
    """
    if device(run) != "cpu":
        return next(row["wall"] for row in log.read(run.metrics) if row["step"] == step)
    description = describe(PRESETS[run.config()["preset"]])
    return 60 * description["minutes"] / description["steps"] * step


def digits(runs: Path) -> str:
    """One row a run of digits, and a picture of each."""
    head = [
        "run",
        "steps",
        "seed",
        "time",
        "Fréchet",
        "classes",
        "KL",
        "confident",
        "precision",
        "recall",
        "coverage",
    ]
    lines = []
    for name in DIGITS:
        run = opened(runs, name)
        if run is None:
            continue
        evaluation, config = evaluated(run), run.config()
        shares = [f"{evaluation[key]:.0%}" for key in ("confident", "precision", "recall", "coverage")]
        time = duration(rest_seconds(run, evaluation["step"])) + ("" if device(run) == "cpu" else ", GPU")
        numbers = [f"{evaluation['frechet']:.1f}", evaluation["classes"], f"{evaluation['kl']:.3f}"]
        lines.append([f"`{name}`", far(run), config["controls"]["seed"], time, *numbers, *shares])
        photograph(run, name)
        real = evaluation["real"]
    shares = [f"{real[key]:.0%}" for key in ("confident", "precision", "recall", "coverage")]
    lines.append(["real digits", "", "", "", f"{real['frechet']:.1f}", real["classes"], f"{real['kl']:.3f}", *shares])
    return table(head, lines)


def photograph(run: RunDirectory, name: str) -> None:
    """Its last samples, its nearest neighbours, its interpolation and curves, into the docs."""
    draw(run)
    saved, plan = run.last(), Plan(**run.config()["plan"])
    step, samples = frames(run.frames)[-1]
    Pictures(plan)(saved.experiment, samples, step).save(FIGURES / f"{name}.png", optimize=True)
    neighbours(saved.experiment, saved.state, rows=6).save(FIGURES / f"{name}-neighbours.png", optimize=True)
    for kind in ("curves", "interpolation-linear", "interpolation-spherical"):
        if (run.path / f"{kind}.png").exists():
            shutil.copy(run.path / f"{kind}.png", FIGURES / f"{name}-{kind}.png")


def race(runs: Path) -> None:
    """The Fréchet distance of every run of digits against seconds."""
    drawn = figure(900, 420, scale=1.5)
    axes = drawn.subplots()
    dress(axes)
    for name, token in zip(["mnist-mlp", "mnist-wgan-gp", "mnist-edward", "mnist-wgan"], COLOURS, strict=False):
        run = opened(runs, name)
        rows = [row for row in log.read(run.metrics) if row.get("frechet") is not None] if run else []
        if run and rows:
            seconds = [rest_seconds(run, row["step"]) for row in rows]
            axes.plot(seconds, [row["frechet"] for row in rows], ".-", color=LIGHT[token], label=name)
    label = "seconds with nothing else running"
    axes.set(xscale="log", yscale="log", xlabel=label, ylabel="Fréchet distance, n = 10,000")
    axes.grid(color=LIGHT["grid"], linewidth=0.8)
    axes.legend(frameon=False)
    save(drawn, FIGURES / "frechet.png")


def rings(runs: Path) -> str:
    """One row a run on a ring; a filmstrip and the measures over time of each pair."""
    head = ["run", "k", "steps", "covered", "high quality", "reverse KL, all", "w1"]
    lines = []
    for name in RINGS:
        pair = [(k, run) for k in (0, 5) if (run := opened(runs, f"{name}-k{k}"))]
        for k, run in pair:
            evaluation = evaluated(run)
            numbers = [f"{evaluation['covered']} of {evaluation['centres']}", f"{evaluation['hq']:.1%}"]
            lines.append(
                [f"`{name}`", k, far(run), *numbers, f"{evaluation['reverse_kl_all']:.3f}", f"{evaluation['w1']:.3f}"]
            )
        if pair:
            strip(pair, name)
            over_time(pair, name)
    return table(head, lines)


def strip(pair: list[tuple[int, RunDirectory]], name: str) -> None:
    """The filmstrip, one row a k."""
    rows = []
    for k, run in pair:
        plan = Plan(**run.config()["plan"])
        rows.append((f"k = {k}", panels(run.frames, plan)))
    experiment = from_config(pair[0][1].config())
    real = reals(experiment, POINTS, Rng(0)).numpy()
    window = 3.0 if name == "unrolled-notebook" else half_width(experiment.target)  # the notebook's own
    save(filmstrip(rows, real, window), FIGURES / f"{name}-filmstrip.png")


def over_time(pair: list[tuple[int, RunDirectory]], name: str) -> None:
    """Modes covered and the share of high quality along the steps, one line a k."""
    drawn = figure(900, 420, scale=1.5)
    above, below = drawn.subplots(2, sharex=True)
    for k, run in pair:
        rows = [row for row in log.read(run.metrics) if row.get("covered") is not None]
        steps, colour = [row["step"] for row in rows], LIGHT["generated" if k == 0 else "covered"]
        above.plot(steps, [row["covered"] for row in rows], color=colour, label=f"k = {k}")
        below.plot(steps, [100 * row["hq"] for row in rows], color=colour)
    for axes, label in ((above, "modes covered"), (below, "high quality (%)")):
        dress(axes)
        along_steps(axes)
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
    below.set_xlabel("step")
    above.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1))
    save(drawn, FIGURES / f"{name}-modes.png")


PASSES = {0: ("above 1", lambda kl: kl > 1), 5: ("below 0.05", lambda kl: kl < 0.05)}  # reverse_kl_all at 10,000 steps


def gate(runs: Path) -> str:
    """The gate of every seed that has a run with k = 0 and one with k = 5."""
    lines = []
    for seed in range(3):
        evaluations = {k: evaluated(run) for k in PASSES if (run := opened(runs, f"{GATE}-k{k}-s{seed}"))}
        if len(evaluations) == 2 and all(one["step"] == 10_000 for one in evaluations.values()):
            values = [evaluations[k]["reverse_kl_all"] for k in PASSES]
            passed = all(passes(evaluations[k]["reverse_kl_all"]) for k, (_, passes) in PASSES.items())
            covered = [f"{evaluations[k]['covered']} of 8" for k in PASSES]
            lines.append(
                [seed, f"{values[0]:.3f}", covered[0], f"{values[1]:.4f}", covered[1], "yes" if passed else "no"]
            )
    return table(["seed", "k = 0", "covered", "k = 5", "covered", "passed"], lines)


def gate_of_many(runs: Path) -> str:
    """The same over the seeds of the sweep GATE-seeds: how many pass, with Wilson's interval."""
    rows = SweepDirectory(runs / f"{GATE}-seeds").rows()
    lines = []
    for k, (wanted, passes) in PASSES.items():
        values = [row["reverse_kl_all"] for row in rows if row["unroll"] == k and row["error"] is None]
        rate = share(sum(map(passes, values)), len(values))
        seeds = f"{sum(map(passes, values))} of {len(values)} ({rate.low:.0%} to {rate.high:.0%})"
        lines.append(
            [k, wanted, seeds, *(f"{value:.4f}" for value in (min(values), median(values).value, max(values)))]
        )
    return table(["k", "wanted", "seeds that pass", "lowest", "median", "highest"], lines)


def put(name: str, text: str) -> None:
    """Between the marks of that name in the page."""
    page = PAGE.read_text()
    begin, end = BEGIN.format(name), END.format(name)
    before, after = page[: page.index(begin) + len(begin)], page[page.index(end) :]
    PAGE.write_text(f"{before}\n\n{text}\n\n{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    runs = parser.parse_args().runs
    torch.set_num_threads(1)
    FIGURES.mkdir(exist_ok=True)
    for name, make in (("digits", digits), ("rings", rings), ("gate", gate), ("gate-seeds", gate_of_many)):
        put(name, make(runs))
    race(runs)


if __name__ == "__main__":
    main()
