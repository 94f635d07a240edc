"""How fast two runs part that began side by side: the largest Lyapunov exponent of training."""

import math

import numpy as np
import torch
from torch import Tensor

from gandyn.core.engine import advance, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import stack
from gandyn.core.rng import Rng
from gandyn.core.trees import tree_map
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.ahead import affordable, engine_here
from gandyn.probes.game_point import in_double

STEPS, EVERY = 60, 2


def lyapunov(
    experiment: Experiment,
    state: State,
    *,
    steps: int = 500,
    apart: float = 1e-6,
    every: int = 10,
    seed: int = 0,
    engine: str | None = None,
) -> Arrays:
    """The largest Lyapunov exponent of training: how fast two runs that began `apart` part, on the same batches.

    exponent       0-d, the mean of ln(distance after / before) a step: above 0, near runs part. Of a linear game it is
                   ln of the contraction
    log [steps / every + 1]   ln of how far they would be apart, in units of the start
    Two lanes in float64 by `engine` (default: the run's), of the run's own seed, the second a random direction away;
    after every `every` steps it is drawn back to the distance `apart` along the line between them, its memories with
    it. The run's own State is left alone. Raises ValueError where they stop being finite.
    Ref: Benettin et al. 1980, Meccanica 15.
    """
    first = in_double(state)
    size = len(first.g)
    kick = Rng(seed, index=1).normal("directions", size + len(first.d)).to(first.g)
    kick = apart * kick / kick.norm()
    second = first._replace(g=first.g + kick[:size], d=first.d + kick[size:])
    pair, engine, grown = stack([first, second]), engine or resolve(experiment, state.g.device), [0.0]
    for _ in range(max(1, steps // every)):
        pair, _ = advance(experiment, pair, [experiment.seed] * 2, every, engine)
        between = torch.cat([pair.g[1] - pair.g[0], pair.d[1] - pair.d[0]])
        distance = float(between.norm())
        if distance == 0:
            raise ValueError(f"from step {pair.step:,} on two runs that began {apart:g} apart are the same")
        if not distance < math.inf:
            raise ValueError(f"at step {pair.step:,} the two runs are not finite: they have no exponent")
        grown.append(grown[-1] + math.log(distance / apart))
        pair = tree_map(lambda part, scale=apart / distance: _drawn_back(part, scale), pair)
    log = np.array(grown)
    return {"exponent": np.array(log[-1] / ((len(log) - 1) * every)), "log": log}


def _drawn_back(part: Tensor, scale: float) -> Tensor:
    """The second lane at `scale` times its distance from the first; counts and what lanes share as they are."""
    if not (part.ndim and part.is_floating_point()):
        return part
    return torch.stack([part[0], part[0] + scale * (part[1] - part[0])])


def two_runs(experiment: Experiment, state: State, rng: Rng, *, steps: int = STEPS) -> Arrays:
    """`lyapunov` over the next `steps`, or as many as a view may take (`ahead`), with what it means.

    step [m]         steps ahead
    log10 [m]        log10 of how far they would be apart, in units of the start
    trend [m]        the same at the exponent
    0-d: exponent    a step; `doubling`, a text: in how many steps the distance doubles, or halves
    The random direction is a function of rng alone. Raises ValueError as `lyapunov` and `affordable` do.
    """
    steps = affordable(experiment, steps, 2)
    every = min(EVERY, steps)
    engine = engine_here(experiment, in_double(state))
    growth = lyapunov(experiment, state, steps=steps, every=every, seed=rng.seed, engine=engine)
    exponent, ahead = float(growth["exponent"]), every * np.arange(len(growth["log"]), dtype=float)
    doubling = (
        f"{'doubles' if exponent > 0 else 'halves'} in {math.log(2) / abs(exponent):,.3g} steps" if exponent else ""
    )
    return {
        "step": ahead,
        "log10": growth["log"] / math.log(10),
        "trend": exponent * ahead / math.log(10),
        "exponent": np.array(exponent),
        "doubling": np.array(doubling),
    }


PROBES.add(Probe("lyapunov", "how fast two runs 1e-6 apart part, on the same batches", two_runs), rank=11)
