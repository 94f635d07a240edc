"""The distance that the critic sees between real and generated samples, beside the exact one."""

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.penalties.norms import norms
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import aside, critic_of, generate, judge, reals
from gandyn.probes.transport import wasserstein


def critic_distance(experiment: Experiment, state: State, rng: Rng, *, n: int = 500) -> Arrays:
    """The critic's estimate of W1 on n real and n generated samples, the exact W1 of the same, and why they differ.

    0-d, W1 in units of the data:
      estimate     E d(x) - E d(G(z)), in the critic's units: what a Wasserstein critic maximises
      lipschitz    the largest |grad d| found at the samples and on lines between them: a lower bound of the Lipschitz
                   constant, `at` says where: real, generated or between
      scaled       estimate / lipschitz: what the critic would see of W1 if that were the constant; NaN where it is 0
      w1           the exact distance, by the best pairing
      share        scaled / w1: near 1 for a critic that is as good as its slope allows; NaN where either is 0
    By Kantorovich and Rubinstein, estimate <= Lipschitz constant times w1: a share above 1 says that a steeper place
    was missed. Raises ValueError for samples that are not finite.
    Ref: Arjovsky et al. 2017 (1701.07875), section 3; Mallasto et al. 2019 (1910.03875) for how far both may differ.
    """
    real, fake = reals(experiment, n, rng).to(state.g), generate(experiment, state, n, rng)
    if not bool(fake.isfinite().all()):
        raise ValueError("the generated samples are not finite, so they have no distance")
    estimate = float(judge(experiment, state, real).mean() - judge(experiment, state, fake).mean())
    steepest = slopes(experiment, state, real, fake, rng)
    at = max(steepest, key=lambda name: steepest[name])
    w1, _ = wasserstein(real.flatten(1).cpu(), fake.flatten(1).cpu())
    scaled = estimate / steepest[at] if steepest[at] > 0 else np.nan
    share = scaled / w1 if w1 > 0 else np.nan
    numbers = {"estimate": estimate, "lipschitz": steepest[at], "at": at, "scaled": scaled, "w1": w1, "share": share}
    return {name: np.array(value) for name, value in numbers.items()}


def slopes(experiment: Experiment, state: State, real: Tensor, fake: Tensor, rng: Rng) -> dict[str, float]:
    """The largest |grad d| at `real` and generated samples [n, *x] and at points `between` them, in units of d by x."""
    mix = aside(rng).uniform("mix", len(real), *(1,) * (real.ndim - 1)).to(real)
    critic = critic_of(experiment, state)
    places = {"real": real, "generated": fake, "between": real + mix * (fake - real)}
    with torch.enable_grad():
        return {name: float(norms(critic, x).detach().max()) for name, x in places.items()}


PROBES.add(Probe("critic_distance", "the critic's estimate of W1 beside the exact distance", critic_distance), rank=9)
