"""Where the data are and where the generator is."""

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import generate, reals


def samples(experiment: Experiment, state: State, rng: Rng, *, n: int = 1000) -> Arrays:
    """`generated` [n, dim] and `real` [n, dim], in data units.

    The latents are a function of rng alone, so under one rng every generated sample moves on its own path. They are
    of the generator's moving average where the experiment keeps one (ema > 0).
    """
    generated = generate(experiment, state, n, rng)
    return {"generated": generated.cpu().numpy(), "real": reals(experiment, n, rng).numpy()}


PROBES.add(Probe("samples", "real and generated samples", samples), rank=0)
