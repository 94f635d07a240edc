"""Moments of runs that go well and badly, as evidence: made once, kept in moments.npz, and labelled by hand.

Of each of the moments that test the signs a picture was looked at: its samples over the modes, and the curves of the
readings, without what the signs say of it. labels.txt has what a person would say: of the samples O (outside of
the window), R (rotating), C (collapsed), B (between the modes, or at none), S (spreading), L (losing), H (healed),
F (at the sampling floor), A (all or so many modes are covered: nothing goes on), D (a distance, no modes); of the
players s (the critic is saturated), c (weights at the clip), p (the penalty does not hold), w (the critic's loss is
negative and growing), - (nothing). Several letters: each may be said.

`python -m tests.diagnosis.moments tests FILE` makes those that test the signs, `... tuning FILE` those by which their
bounds were set, of other seeds. The numbers are kept because a run is not the same in its last bits on every processor.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

import gandyn
from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.diagnosis import Evidence
from gandyn.diagnosis.moment import SAMPLES, judged, of_samples
from gandyn.probes.inputs import generate
from gandyn.probes.window import half_width
from gandyn.timeline.readings import READ

#: preset, what is set, and the step up to which moments are taken
RECIPES: list[tuple[str, dict[str, Any], int]] = [
    ("collapse", {}, 6000),
    ("collapse", {"unroll": 5, "lr_d": 1e-3}, 9000),
    ("collapse", {"unroll": 1}, 5000),
    ("collapse", {"lr_d": 1e-2}, 3000),
    ("collapse", {"lr_g": 1e-4, "lr_d": 3e-3}, 6000),
    ("collapse", {"objective": "non-saturating"}, 6000),
    ("collapse", {"objective": "non-saturating", "penalty": "r1", "penalty_weight": 1.0}, 8000),
    ("collapse", {"objective": "hinge"}, 5000),
    ("collapse", {"objective": "least-squares", "update_rule": "extragradient"}, 3000),
    ("collapse", {"target": "grid"}, 6000),
    ("collapse", {"objective": "non-saturating", "target": "two-moons"}, 6000),
    ("collapse", {"objective": "wasserstein", "clip": 0.5}, 5000),
    ("rotation", {}, 8000),
    ("ring-wgan-clip", {}, 2500),
    ("ring-wgan-clip", {"clip": 0.3}, 2500),
    ("ring-wgan-clip", {"clip": 0.03}, 2500),
    ("ring-wgan-gp", {}, 2500),
    ("ring-wgan-gp", {"penalty_weight": 1e-3}, 2500),
    ("ring-wgan-gp", {"penalty": "one-sided", "penalty_weight": 1.0}, 2500),
    ("wgan-gp-toy-25", {}, 250),
    ("wgan-gp-toy-swiss-roll", {}, 250),
    ("unrolled-ring", {}, 5000),
    ("unrolled-ring", {"unroll": 0}, 5000),
    ("unrolled-notebook", {}, 4000),
    ("unrolled-notebook", {"unroll": 0}, 4000),
    ("collapse", {"lr_g": 1e-5, "lr_d": 1e-2}, 3000),
    ("ring-wgan-gp", {"objective": "minimax", "penalty": "none", "lr_g": 1e-5}, 1500),
    ("collapse", {"lr_g": 0.03, "lr_d": 0.03}, 2000),
]
FIRST_STEP = 20
SEEDS = {"tests": (101, 102), "tuning": (1,)}
MOMENTS = {"tests": 6, "tuning": 4}  # of a run


def steps_of(recipe: int, seed: int, moments: int) -> list[int]:
    """So many steps up to the recipe's last, spread evenly in their logarithm, and then moved at random."""
    last = RECIPES[recipe][2]
    places = (np.arange(moments) + np.random.default_rng([recipe, seed]).random(moments)) / moments
    return [round(FIRST_STEP * (last / FIRST_STEP) ** place) for place in places]


def experiment(recipe: int, seed: int) -> Experiment:
    name, controls, _ = RECIPES[recipe]
    return gandyn.preset(name).replace(seed=seed, **controls)


def evidence(run: gandyn.Run) -> Evidence:
    """What is known of the run where it stands."""
    e, state = run.experiment, run.state
    samples = generate(e, state, SAMPLES, Rng(e.seed))
    at, rows = run.readings()
    past = dict(zip(READ, rows[..., 0].T, strict=True))
    return of_samples(e, state.step, judged(e.target, samples, half_width(e.target)), at, past)


def simulated(which: str) -> Iterator[tuple[int, int, Evidence]]:
    """(recipe, seed, evidence) of every moment, from running them."""
    for recipe in range(len(RECIPES)):
        for seed in SEEDS[which]:
            run = gandyn.Run(experiment(recipe, seed), measured=True)
            for step in steps_of(recipe, seed, MOMENTS[which]):
                run.advance(step - run.state.step)
                yield recipe, seed, evidence(run)


def save(path: Path, which: str) -> None:
    """The moments as arrays: those of number i have names that begin with `i.`"""
    arrays: dict[str, np.ndarray] = {}
    for i, (recipe, seed, of) in enumerate(simulated(which)):
        arrays[f"{i}.of"] = np.array([recipe, seed, of.step])
        values = [np.nan if value is None else value for value in of.measures.values()]
        arrays[f"{i}.measures"] = np.array(values, np.float32)
        arrays[f"{i}.names"] = np.array(list(of.measures))
        arrays[f"{i}.shares"] = of.shares.astype(np.float32)
        arrays[f"{i}.at"] = of.at.astype(np.int32)
        arrays[f"{i}.past"] = np.stack(list(of.past.values())).astype(np.float32)
        arrays[f"{i}.outside"] = np.array(of.outside)
        arrays[f"{i}.reached"] = np.array(np.nan if of.reached is None else of.reached)
        print(i, RECIPES[recipe], seed, of.step, flush=True)
    np.savez_compressed(path, **arrays)


def load(path: Path) -> list[Evidence]:
    """What `save` wrote."""
    with np.load(path) as stored:
        arrays = dict(stored)
    moments = []
    for i in range(sum(name.endswith(".of") for name in arrays)):
        recipe, seed, step = map(int, arrays[f"{i}.of"])
        measures = {
            str(name): None if np.isnan(value) else float(value)
            for name, value in zip(arrays[f"{i}.names"], arrays[f"{i}.measures"], strict=True)
        }
        past = dict(zip(READ, arrays[f"{i}.past"].astype(np.float64), strict=True))
        shares, at = arrays[f"{i}.shares"].astype(np.float64), arrays[f"{i}.at"]
        gone, reach = (float(arrays[f"{i}.{name}"]) for name in ("outside", "reached"))
        known = None if np.isnan(reach) else reach
        moments.append(Evidence(experiment(recipe, seed), step, measures, shares, at, past, gone, known))
    return moments


if __name__ == "__main__":
    torch.set_num_threads(1)
    save(Path(sys.argv[2]), sys.argv[1])
